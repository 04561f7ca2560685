// The desk: a day of all doctors side by side, who arrives, what waits to be confirmed.
import { button, find, make, onClick, say } from "./ui.js";
import { book, bookedText, moveVisit } from "./clinic-booking.js";
import { openHours } from "./clinic-hours.js";
import { grid } from "./clinic-grid.js";
import { allDoctors, forgetDoctors, hoursOf, workOf } from "./clinic-people.js";
import { openNew, registerPatient } from "./clinic-person.js";
import { addDays, clock, dayText, instantOf, nowMinutes, span, today, zoneText } from "./clinic-time.js";
import { become, openVisit } from "./clinic-visit.js";
import { everything, load, may, part } from "./clinic-way.js";
import { APPOINTMENT, state } from "./clinic-words.js";

const EVERY_MS = 30_000;
const place = find("day");
// The column of those that no doctor has yet.
const NOBODY = "nobody";
let day = "";
let doctors = [];
let work = new Map();
let timer = null;
let asked = 0;

part("day", {
  async enter() {
    await learn();
    day ||= today();
    find("day-date").value = day;
    clearInterval(timer);
    timer = setInterval(() => {
      if (!document.hidden && !document.querySelector("dialog[open]")) renew().catch(() => {});
    }, EVERY_MS);
    await load(find("day-grid"), renew);
  },
  leave() {
    clearInterval(timer);
  },
  clear() {
    day = "";
    doctors = [];
    work = new Map();
  },
});

// Who the doctors are and when they work.
async function learn() {
  doctors = await allDoctors();
  const working = doctors.filter(({ accepts_bookings: has }) => has);
  work = new Map(await Promise.all(working.map(async ({ doctor_id: id }) => [id, await workOf(id)])));
}

const keyOf = (row) => row.doctor_id ?? NOBODY;

async function renew() {
  const turn = ++asked;
  const shown = day;
  const found = await everything("appointments", "appointments", { from: instantOf(shown, 0), to: instantOf(addDays(shown, 1), 0) });
  if (turn !== asked) return;
  const rows = found.filter(({ status }) => status !== "held");
  const isToday = shown === today();
  find("day-title").textContent = dayText(shown);
  find("day-zone").textContent = isToday ? `${clock(nowMinutes())} (${zoneText()})` : `Times in ${zoneText(new Date(`${shown}T12:00:00Z`))}`;
  lists(rows, isToday);
  const kept = rows.filter(({ status }) => find("day-all").checked || !["cancelled", "no_show"].includes(status));
  const columns = doctors.map(({ doctor_id: key, name, specialization }) => ({
    key, title: name, note: specialization, isNow: isToday, hours: hoursOf(work.get(key), shown),
  }));
  // Doctors who are not in the list any more may still have appointments.
  for (const row of kept) {
    if (columns.some(({ key }) => key === keyOf(row))) continue;
    columns.push(row.doctor_id ? { key: row.doctor_id, title: row.doctor_name ?? row.doctor_id, isNow: isToday, closed: true }
      : { key: NOBODY, title: "Without a doctor", note: "choose one by moving it", isNow: isToday, closed: true });
  }
  const canWrite = may("appointments:write");
  grid(find("day-grid"), {
    name: shown, columns, rows: kept, keyOf, now: nowMinutes(),
    open: (row) => openVisit(row, renew),
    move: canWrite ? (row, key, minutes) => moveVisit(row, { day: shown, minutes, doctor: key === NOBODY ? row.doctor_id : key, done: moved }) : null,
    book: canWrite ? (doctor, minutes) => book({ day: shown, minutes, doctor, done: booked }) : null,
  });
}

function lists(rows, isToday) {
  const expected = rows.filter(({ status }) => status === "confirmed");
  const here = rows.filter(({ status }) => status === "arrived");
  fill("day-arrivals", [...expected, ...here], "Nobody is expected.", "arrived", (row) => isToday && row.status === "confirmed",
    "Arrived", (row) => `${row.patient_name} is here.`);
  fill("day-pending", rows.filter(({ status }) => status === "pending"), "Nothing waits to be confirmed.", "confirmed", (row) => row.doctor_id !== null && row.doctor_id !== undefined,
    "Confirm", (row) => `The appointment of ${row.patient_name} is confirmed.`);
}

function fill(id, rows, empty, status, can, verb, text) {
  const at = find(id);
  const focused = at.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const items = rows.map((row) => {
    const { from } = span(row);
    const minutes = nowMinutes() - from;
    const isLate = row.status === "confirmed" && day === today() && minutes > 5;
    const act = may("appointments:write") && can(row) ? button(verb, async () => {
      await become(row, status);
      await renew();
      say(place, text(row), "good");
    }, { kind: "small primary", label: `${verb}: ${row.patient_name}, ${clock(from)}`, place }) : null;
    const choose = may("appointments:write") && !row.doctor_id ? button("Choose a doctor", () => moveVisit(row, { done: moved }), {
      kind: "small primary", label: `Choose a doctor for ${row.patient_name}, ${clock(from)}`, place }) : null;
    if (act) act.dataset.key = `${row.appointment_id}/${status}`;
    const more = button(row.patient_name, () => openVisit(row, renew), { kind: "link", place });
    more.dataset.key = `${row.appointment_id}/more`;
    return make("li", {}, make("div", {}, make("span", { class: "when" }, clock(from)), make("div", {}, more, " ",
      row.status === "arrived" ? state(APPOINTMENT, row.status) : "", isLate ? make("span", { class: "badge warn" }, `${minutes} min late`) : "",
      make("span", { class: "second" }, row.doctor_name ?? "without a doctor"))), act ?? choose);
  });
  at.replaceChildren(items.length ? make("ul", { class: "rows scroll" }, ...items) : make("p", { class: "muted" }, empty));
  if (focused) at.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

async function moved() {
  await renew();
  say(place, "The appointment is moved.", "good");
}

async function booked(appointment) {
  if (appointment.local_start) day = span(appointment).day;
  find("day-date").value = day;
  await renew();
  say(place, bookedText(appointment), "good");
}

async function go(to) {
  day = to;
  find("day-date").value = to;
  say(place, "");
  await load(find("day-grid"), renew);
}

onClick(find("day-before"), () => go(addDays(day, -1)));
onClick(find("day-now"), () => go(today()));
onClick(find("day-after"), () => go(addDays(day, 1)));
find("day-date").addEventListener("change", ({ target }) => {
  if (target.value) go(target.value);
});
find("day-all").addEventListener("change", () => renew());
onClick(find("day-book"), () => book({ day, done: booked }));
onClick(find("day-hours"), () => openHours("", async () => {
  forgetDoctors();
  await learn();
  await renew();
}));
onClick(find("day-register"), () => registerPatient(openNew));
