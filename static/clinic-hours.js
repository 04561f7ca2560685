// When a doctor works: the week, and exceptions from it.
import { Refusal, call } from "./api.js";
import { button, find, make, onSubmit, say, sayRefusal } from "./ui.js";
import { clock, instantOf, minutesOf, shortDay, useZone, wall, zoneName } from "./clinic-time.js";
import { DAYS, fillDoctors, scheduleOf } from "./clinic-people.js";

const NUMBERS = { slot_minutes: 30, buffer_minutes: 0, min_notice_minutes: 60, max_days_ahead: 90, capacity: 0 };
const dialog = find("hours");
const form = find("hours-form");
const off = find("hours-off");
let doctor = "";
let after = async () => {};
let count = 0;

const at = (rest) => `doctors/${encodeURIComponent(doctor)}/${rest}`;

// The hours of one doctor; without a doctor one is chosen first, as the desk does.
export async function openHours(doctorId, done) {
  after = done;
  find("hours-whose").hidden = Boolean(doctorId);
  if (!doctorId) await fillDoctors(find("hours-doctor"));
  await showDoctor(doctorId || find("hours-doctor").value);
  say(dialog, "");
  dialog.showModal();
  find("hours-title").focus();
}

async function showDoctor(id) {
  doctor = id;
  off.reset();
  fill(await scheduleOf(id));
  await showExceptions();
}

find("hours-doctor").addEventListener("change", async ({ target }) => {
  say(dialog, "");
  try {
    await showDoctor(target.value);
  } catch (error) {
    sayRefusal(dialog, error);
  }
});

function fill(schedule) {
  form.reset();
  form.elements.time_zone.value = schedule?.time_zone ?? zoneName();
  for (const [name, usual] of Object.entries(NUMBERS)) form.elements[name].value = schedule?.[name] ?? usual;
  find("hours-days").replaceChildren(...DAYS.map((day) => {
    const rows = make("div", { class: "stack tight", "data-day": day });
    for (const hours of (schedule?.weekly ?? []).filter((row) => row.day === day)) rows.append(row(day, hours));
    const name = day[0].toUpperCase() + day.slice(1);
    const add = make("button", { type: "button", class: "small", "aria-label": `Add hours on ${name}`, click: () => {
      const last = [...rows.querySelectorAll("input")].at(-1)?.value;
      const from = last ? Math.min(minutesOf(last) + 60, 1380) : 480;
      rows.append(row(day, { from: clock(from), to: clock(Math.min(from + 240, 1439)) }));
      rows.lastElementChild.querySelector("input").focus();
    } }, "Add hours");
    return make("div", { class: "day-row" }, make("strong", {}, name), rows, add);
  }));
}

// `24:00` is no time of day for a field, so the last minute stands for it.
function row(day, { from, to }) {
  count += 1;
  const field = (name, value, label) => {
    const input = make("input", { type: "time", required: true, step: 60, id: `hours-${count}-${name}`, "data-name": name, "aria-label": `${label}, ${day}` });
    input.value = value === "24:00" ? "23:59" : value;
    return input;
  };
  const made = make("div", { class: "actions hours-row" }, field("from", from, "From"), "–", field("to", to, "To"));
  made.append(make("button", { type: "button", class: "small danger", "aria-label": `Remove these hours of ${day}`, click: () => {
    const add = made.closest(".day-row").querySelector(":scope > button");
    made.remove();
    add.focus();
  } }, "Remove"));
  return made;
}

onSubmit(form, async (fields) => {
  const weekly = [...find("hours-days").querySelectorAll("[data-day]")].flatMap((rows) => [...rows.children].map((made) => {
    const [from, to] = [...made.querySelectorAll("input")].map((input) => input.value);
    return { day: rows.dataset.day, from, to: to === "23:59" ? "24:00" : to };
  }));
  const body = { time_zone: fields.time_zone, weekly };
  for (const name of Object.keys(NUMBERS)) body[name] = Number(fields[name]);
  fill(await call("PUT", at("schedule"), { body }));
  useZone(fields.time_zone);
  say(dialog, "The hours are saved. Appointments that are booked already stay.", "good");
  await after();
});

// Time off and extra hours

const text = (at) => {
  const { day, minutes } = wall(at);
  return `${shortDay(day)}, ${clock(minutes)}`;
};

async function showExceptions() {
  let exceptions = [];
  try {
    ({ exceptions = [] } = await call("GET", at("exceptions")));
  } catch (error) {
    if (error.status !== 404) throw error;
  }
  const place = find("hours-exceptions");
  const rows = exceptions.map((one) => make("li", {},
    make("div", {}, make("strong", {}, one.kind === "off" ? "Time off" : "Extra hours"), make("span", { class: "second" }, `${text(one.from)} to ${text(one.to)}`)),
    button("Remove", async () => {
      await call("DELETE", at("exceptions"), { query: { from: one.from, to: one.to, kind: one.kind } });
      await showExceptions();
      say(dialog, "It is removed.", "good");
      await after();
    }, { kind: "small danger", label: `Remove ${text(one.from)} to ${text(one.to)}`, place: dialog })));
  place.replaceChildren(rows.length ? make("ul", { class: "rows" }, ...rows) : make("p", { class: "muted" }, "None."));
}

const instant = (text) => instantOf(text.slice(0, 10), minutesOf(text.slice(11, 16)));

onSubmit(off, async ({ kind, from, to, keep }) => {
  try {
    await call("POST", at("exceptions"), { body: { kind, from: instant(from), to: instant(to), keep } });
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 409) throw error;
    const covered = (error.details.appointments ?? []).map(({ start_time: start }) => text(start)).join("\n");
    say(dialog, `Not added: appointments fall into this time. Move or cancel them first, or keep them by the mark below.\n${covered}`, "bad");
    off.elements.keep.focus();
    return;
  }
  off.reset();
  await showExceptions();
  say(dialog, kind === "off" ? "The time off is added. Nobody can book it." : "The extra hours are added.", "good");
  await after();
});
