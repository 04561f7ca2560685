// Loading into a place of the page: that it loads, that it failed and why, and lists that go on.
import { Refusal, call } from "./api.js";
import { button, make } from "./ui.js";
import { t } from "./words.js";

// What the reader can do about it, in plain words.
export function reason(refusal) {
  if (refusal.status === 404 && refusal.code === "NOT_FOUND") return t("The clinic does not keep records here yet. Please call the clinic.");
  return refusal.message;
}

// Calls `action` and fills `place` with what it returns. Whoever asks again meanwhile gets the newer answer alone.
export async function load(place, action) {
  const turn = String(Number(place.dataset.turn ?? 0) + 1);
  place.dataset.turn = turn;
  place.setAttribute("aria-busy", "true");
  if (!place.childElementCount) place.replaceChildren(make("p", { class: "empty" }, t("Loading …")));
  let shown;
  try {
    shown = await action();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    shown = [
      make("p", { class: "fault", role: "alert" }, reason(error)),
      make("p", { class: "actions" }, button(t("Try again"), async () => {
        await load(place, action);
        place.tabIndex = -1;
        place.focus();
      })),
    ];
  }
  if (place.dataset.turn !== turn) return;
  place.removeAttribute("aria-busy");
  place.replaceChildren(...shown);
}

// What is still on its way for this place is not shown any more.
export function forget(place) {
  place.dataset.turn = String(Number(place.dataset.turn ?? 0) + 1);
  place.removeAttribute("aria-busy");
  place.replaceChildren();
}

// A list that goes on by a button below it: `show(rows)` draws all rows so far as elements of a list.
export function goingOn(place, { path, query = {}, rows, show, empty, before = () => [] }) {
  let all = [];
  async function next(cursor) {
    const answer = await call("GET", path, { query: { ...query, cursor } });
    all = [...all, ...rows(answer)];
    if (!all.length) return [make("p", { class: "empty" }, empty)];
    const list = make("ul", { class: "plain" }, ...show(all));
    const { has_more: hasMore, next_cursor: nextCursor } = answer.pagination;
    const more = button(t("Show more"), async () => {
      const seen = list.childElementCount;
      const shown = await next(nextCursor);
      place.replaceChildren(...shown);
      const first = place.querySelector("ul").children[seen] ?? place.querySelector("ul").lastElementChild;
      first.tabIndex = -1;
      first.focus();
    });
    return [...before(), list, ...(hasMore ? [make("p", { class: "actions" }, more)] : [])];
  }
  return load(place, () => {
    all = [];
    return next("");
  });
}

// All rows of a list that is short in most cases.
export async function everything(path, name, query) {
  const rows = [];
  let cursor = "";
  do {
    const answer = await call("GET", path, { query: { ...query, limit: 100, cursor } });
    rows.push(...answer[name]);
    cursor = answer.pagination.next_cursor ?? "";
  } while (cursor && rows.length < 1000);
  return rows;
}
