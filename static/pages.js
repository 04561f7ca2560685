// The links from one page to the others. The service writes into a page which of them it serves.
import { find, make } from "./ui.js";
import { t } from "./words.js";

const PAGES = [
  { file: "index.html", title: t("Account"), part: "tests" },
  { file: "otp.html", title: t("Codes"), part: "tests" },
  { file: "sessions.html", title: t("My devices"), part: "tests" },
  { file: "account.html", title: t("Security"), part: "", everybody: true },
  { file: "my.html", title: t("My record"), part: "clinic" },
  { file: "clinic.html", title: t("Clinic"), part: "clinic", work: true },
  { file: "admin.html", title: t("Administration"), part: "", work: true },
];

// Patients are not led to the pages of those who work here, except on a developer's machine. On a page for everybody the
// caller says who reads it.
export function linkPages(here, work = PAGES.find(({ file }) => file === here).work) {
  const nav = find("pages");
  const served = new Set(["", ...nav.dataset.served.split(" ")]);
  const isFor = (page) => served.has("tests") || page.everybody || page.work === work;
  const shown = PAGES.filter((page) => served.has(page.part) && isFor(page));
  nav.replaceChildren(...shown.map(({ file, title }) => make("a", { href: new URL(file, import.meta.url).pathname, "aria-current": file === here ? "page" : null }, title)));
  nav.hidden = shown.length < 2;
}
