// The same for many: rows are ticked, and a bar above the list offers what can be done to all of them.
import { call } from "./api.js";
import { button, confirm, make, say } from "./ui.js";

// How many refusals a summary names.
const SHOWN = 10;

// What became of them, in words: how many, and each refusal with its reason.
export function summary({ done, refused, results }, nameOf) {
  if (!refused) return done === 1 ? "Done." : `All ${done} done.`;
  const refusals = results.filter((result) => result.outcome === "refused");
  const lines = refusals.slice(0, SHOWN).map(({ user_id: id, reason }) => `${nameOf(id)}: ${reason}`);
  if (refused > SHOWN) lines.push(`and ${refused - SHOWN} more`);
  return [`${done} done, ${refused} refused:`, ...lines].join("\n");
}

// `path` takes the request; `nameOf` names a row; `when` says whether this caller ticks at all; `actions` are what may be done: `{ name, verb, danger, question, body }`.
// Gives what a list needs: a `column` of boxes, and `onFill`, called before the list shows other rows.
export function ticking(section, { path, nameOf, when, mayTick = () => true, actions, reload }) {
  const ticks = new Map();
  const all = make("button", { type: "button", class: "small", click: () => tickAll() }, "Tick all");
  const count = make("span", { class: "muted small", role: "status" });
  const doing = make("span", { class: "actions", hidden: true });
  section.querySelector("[data-list]").before(make("div", { class: "actions" }, all, count, doing));

  const ticked = () => [...ticks.values()].filter(({ box }) => box.checked).map(({ row }) => row);

  function tell() {
    const many = ticked().length;
    count.textContent = many ? `${many} ticked` : "";
    doing.hidden = !many;
    all.hidden = !ticks.size;
    all.textContent = many && many === ticks.size ? "Untick all" : "Tick all";
  }

  function tickAll() {
    const isOn = ticked().length < ticks.size;
    for (const { box } of ticks.values()) box.checked = isOn;
    tell();
  }

  async function run({ name, verb, question, body }) {
    const rows = ticked();
    const ids = rows.map((row) => row.user_id);
    if (question && !await confirm(`${verb}?`, question(rows.length), verb)) return;
    const answer = await call("POST", path, { body: { action: name, ...(body ? body(rows) : { user_ids: ids }) } });
    await reload();
    const names = new Map(rows.map((row) => [row.user_id, `${nameOf(row)} (${row.user_id})`]));
    say(section, summary(answer, (id) => names.get(id) ?? id), answer.refused ? "bad" : "good");
  }

  // Which actions there are depends on who has logged in.
  function offer() {
    const offered = actions().map((action) =>
      button(action.verb, () => run(action), { kind: action.danger ? "small danger" : "small", place: section }));
    doing.replaceChildren(...offered);
  }

  return {
    column: {
      title: "Tick",
      when,
      show(row) {
        if (!mayTick(row)) return "";
        const box = make("input", { type: "checkbox", "aria-label": `Tick ${nameOf(row)}`, change: tell });
        ticks.set(row.user_id, { row, box });
        // The table is there only after all its rows.
        queueMicrotask(tell);
        return box;
      },
    },
    onFill() {
      ticks.clear();
      offer();
      tell();
    },
  };
}
