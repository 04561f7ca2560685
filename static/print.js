// Prints a report: the service makes the page for paper, and records that it was asked for.
import { call } from "./api.js";

// The page comes by the session's token, so it cannot be opened by its address. It takes the place of everything else
// while it is printed; its own style comes with it.
let putAway = () => {};

export async function printReport(id, version) {
  putAway();
  const text = await call("GET", `reports/${encodeURIComponent(id)}/print`, { query: { version }, isPage: true });
  // This page's policy allows no style inside a document, so it is taken out and adopted as a sheet.
  const styles = [];
  const bare = text.replace(/<style>([^]*?)<\/style>/g, (_, rules) => {
    styles.push(rules);
    return "";
  });
  const page = new DOMParser().parseFromString(bare, "text/html");
  const paper = document.importNode(page.querySelector("main") ?? page.body, true);
  paper.id = "paper";
  // Emptied at the logout.
  paper.dataset.private = "";
  paper.lang = page.documentElement.lang;
  const style = new CSSStyleSheet({ media: "print" });
  style.replaceSync(styles.join("\n"));
  const title = document.title;
  // Browsers propose the title as the name of a file; this one has no name of a patient in it.
  document.title = page.title || "Report";
  document.body.append(paper);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, style];
  putAway = () => {
    putAway = () => {};
    paper.remove();
    document.title = title;
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== style);
  };
  // On a telephone the call returns before anything is printed.
  window.addEventListener("afterprint", () => putAway(), { once: true });
  window.print();
}
