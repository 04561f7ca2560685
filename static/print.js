// Prints a report: the service makes the page for paper, and records that it was asked for.
import { call } from "./api.js";
import { printPaper } from "./paper.js";
import { t } from "./words.js";

// The page comes by the session's token, so it cannot be opened by its address. Its own style comes with it.
export async function printReport(id, version) {
  const text = await call("GET", `reports/${encodeURIComponent(id)}/print`, { query: { version }, isPage: true });
  // This page's policy allows no style inside a document, so it is taken out and adopted as a sheet.
  const styles = [];
  const bare = text.replace(/<style>([^]*?)<\/style>/g, (_, rules) => {
    styles.push(rules);
    return "";
  });
  const page = new DOMParser().parseFromString(bare, "text/html");
  const paper = document.importNode(page.querySelector("main") ?? page.body, true);
  paper.lang = page.documentElement.lang;
  const style = new CSSStyleSheet({ media: "print" });
  style.replaceSync(styles.join("\n"));
  // Browsers propose the title as the name of a file; this one has no name of a patient in it.
  printPaper(paper, page.title || t("Report"), style);
}
