// Paper: an element takes the place of everything else while it is printed.

let putAway = () => {};

// Browsers propose the title as the name of a file.
export function printPaper(paper, title, style = null) {
  putAway();
  paper.id = "paper";
  // Emptied at the logout.
  paper.dataset.private = "";
  const before = document.title;
  document.title = title;
  document.body.append(paper);
  if (style) document.adoptedStyleSheets = [...document.adoptedStyleSheets, style];
  putAway = () => {
    putAway = () => {};
    paper.remove();
    document.title = before;
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== style);
  };
  // On a telephone the call returns before anything is printed.
  window.addEventListener("afterprint", () => putAway(), { once: true });
  window.print();
}
