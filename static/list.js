// A list that comes page by page: filters, loading, empty, failed, previous and next.
import { Refusal, call } from "./api.js";
import { button, fieldsOf, make, onSubmit, say, sayRefusal } from "./ui.js";

// Rows under headings; on a narrow screen each row becomes a card, so the roles are said in so many words.
export function table(caption, columns, rows) {
  const head = columns.map(({ title }) => make("th", { scope: "col", role: "columnheader" }, title));
  const body = rows.map((row) => make("tr", { role: "row" }, ...columns.map(({ title, show }) =>
    make("td", { role: "cell", "data-label": title }, make("div", {}, ...[show(row)].flat())))));
  return make("table", { role: "table", "aria-label": caption },
    make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, ...head)),
    make("tbody", { role: "rowgroup" }, ...body));
}

// `section` has a form of filters and an element `[data-list]`; `rows` and `total` read the answer to GET `path`; `onFill` is
// called before other rows are shown; a column may say `when` it is there.
export function list(section, { path, caption, columns, rows, total = () => null, empty, query = (fields) => fields, onFill = () => {} }) {
  const place = section.querySelector("[data-list]");
  const form = section.querySelector("form");
  // The cursors of the pages that lead here; the first page has none.
  let trail = [""];
  let asked = 0;

  async function load() {
    const turn = ++asked;
    place.setAttribute("aria-busy", "true");
    if (!place.childElementCount) place.replaceChildren(make("p", { class: "empty" }, "Loading …"));
    let answer;
    try {
      answer = await call("GET", path, { query: { ...query(fieldsOf(form)), cursor: trail.at(-1) } });
    } catch (error) {
      // Somebody has asked for something else meanwhile.
      if (turn !== asked || !(error instanceof Refusal)) return;
      place.removeAttribute("aria-busy");
      onFill();
      place.replaceChildren(make("p", { class: "empty" }, "This list could not be loaded."), make("p", { class: "actions" }, button("Try again", again)));
      sayRefusal(section, error, form);
      return;
    }
    if (turn !== asked) return;
    place.removeAttribute("aria-busy");
    fill(answer);
  }

  async function again() {
    say(section, "");
    await load();
  }

  function fill(answer) {
    onFill();
    const found = rows(answer);
    const many = total(answer);
    const { has_more: hasMore, next_cursor: nextCursor } = answer.pagination ?? answer;
    if (!found.length) {
      place.replaceChildren(make("p", { class: "empty" }, empty));
    } else {
      place.replaceChildren(table(caption, columns.filter(({ when = () => true }) => when()), found));
    }
    const isFirst = trail.length === 1;
    if (many === null && isFirst && !hasMore) return;
    const page = many === null ? `Page ${trail.length}` : `Page ${trail.length}, ${many} in all`;
    const previous = make("button", { type: "button", class: "small", disabled: isFirst, click: () => go(trail.slice(0, -1)) }, "Previous");
    const next = make("button", { type: "button", class: "small", disabled: !hasMore, click: () => go([...trail, nextCursor]) }, "Next");
    place.append(make("p", { class: "head" }, make("span", { class: "muted small", role: "status", tabindex: "-1" }, page), make("span", { class: "actions" }, previous, next)));
  }

  async function go(to) {
    trail = to;
    await load();
    place.querySelector("[role=status]")?.focus();
  }

  onSubmit(form, async () => {
    say(section, "");
    trail = [""];
    await load();
  });
  form.addEventListener("change", (event) => {
    if (event.target.matches("select, [type=checkbox]")) form.requestSubmit();
  });
  return {
    load,
    // As if nobody had looked yet.
    clear() {
      asked += 1;
      trail = [""];
    },
  };
}
