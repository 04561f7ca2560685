// Recovery codes. They are shown once, so they can be printed, saved or copied right there.
import { printPaper } from "./paper.js";
import { ask, button, copy, make } from "./ui.js";
import { LOCALE, t } from "./words.js";

const WHAT_FOR = t("Each of them logs you in once, beside your password, if your app or your passkey is lost.");
const TITLE = t("Recovery codes");

// The codes and what can be done with them, for a dialog.
export function codesView(codes) {
  const print = button(t("Print"), () => printPaper(make("div", {}, make("h2", {}, TITLE), make("p", {}, whose()), make("p", {}, WHAT_FOR), list(codes)), TITLE));
  const save = button(t("Save as a file"), () => saveFile("recovery-codes.txt", [TITLE, whose(), WHAT_FOR, "", ...codes, ""].join("\n"), "text/plain"));
  const copying = button(t("Copy"), (pressed) => copy(codes.join("\n"), pressed));
  return [
    make("p", {}, `${WHAT_FOR} ${t("They are shown this one time: keep them where your telephone is not.")}`),
    list(codes),
    make("p", { class: "actions" }, print, save, copying),
  ];
}

// Shows new codes; goes on when somebody says that they are kept.
export function showCodes(codes) {
  return ask(t("Your recovery codes"), (done) => [
    ...codesView(codes),
    make("p", { class: "actions" }, button(t("I have kept them"), () => done(true), { kind: "primary" })),
  ], { mustAnswer: true });
}

// Gives the reader a file.
export function saveFile(name, text, type) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

const whose = () => t("Of an account at {{ host }}, made on {{ day }}.", {
  host: location.host,
  day: new Date().toLocaleDateString(LOCALE, { dateStyle: "medium" }),
});

const list = (codes) => make("ul", { class: "codes" }, ...codes.map((code) => make("li", {}, make("code", {}, code))));
