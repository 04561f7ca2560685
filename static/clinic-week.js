// A doctor's week.
import { find, onClick, say } from "./ui.js";
import { book, bookedText, moveVisit } from "./clinic-booking.js";
import { grid } from "./clinic-grid.js";
import { openHours } from "./clinic-hours.js";
import { hoursOf, workOf } from "./clinic-people.js";
import { addDays, dayText, instantOf, mondayOf, nowMinutes, shortDay, span, today, zoneText } from "./clinic-time.js";
import { openVisit } from "./clinic-visit.js";
import { caller, everything, load, part } from "./clinic-way.js";

const EVERY_MS = 60_000;
const place = find("week");
let monday = "";
let work = null;
let timer = null;
let asked = 0;

part("week", {
  async enter() {
    work = await workOf(caller.user_id);
    monday ||= mondayOf(today());
    clearInterval(timer);
    timer = setInterval(() => {
      if (!document.hidden && !document.querySelector("dialog[open]")) renew().catch(() => {});
    }, EVERY_MS);
    await load(find("week-grid"), renew);
  },
  leave() {
    clearInterval(timer);
  },
  clear() {
    monday = "";
    work = null;
  },
});

async function renew() {
  const turn = ++asked;
  const first = monday;
  const found = await everything("appointments", "appointments", { from: instantOf(first, 0), to: instantOf(addDays(first, 7), 0) });
  if (turn !== asked) return;
  const withGone = find("week-all").checked;
  const rows = found.filter(({ status }) => status !== "held" && (withGone || !["cancelled", "no_show"].includes(status)));
  const last = addDays(first, 6);
  find("week-title").textContent = `Week of ${dayText(first, { day: "numeric", month: "long" })} to ${dayText(last, { day: "numeric", month: "long", year: "numeric" })}`;
  find("week-zone").textContent = `Times in ${zoneText(new Date(`${first}T12:00:00Z`))}`;
  const columns = [0, 1, 2, 3, 4, 5, 6].map((index) => {
    const day = addDays(first, index);
    return { key: day, title: shortDay(day), label: dayText(day), isNow: day === today(), hours: hoursOf(work, day), note: day === today() ? "today" : null };
  });
  grid(find("week-grid"), {
    name: first, heading: "h2", columns, rows, keyOf: (row) => span(row).day, now: nowMinutes(),
    open: (row) => openVisit(row, renew),
    move: (row, day, minutes) => moveVisit(row, { day, minutes, done: moved }),
    book: (day, minutes) => book({ day, minutes, done: booked }),
  });
}

async function moved() {
  await renew();
  say(place, "The appointment is moved.", "good");
}

async function booked(appointment) {
  await renew();
  say(place, bookedText(appointment), "good");
}

async function go(to) {
  monday = to;
  say(place, "");
  await load(find("week-grid"), renew);
}

onClick(find("week-before"), () => go(addDays(monday, -7)));
onClick(find("week-now"), () => go(mondayOf(today())));
onClick(find("week-after"), () => go(addDays(monday, 7)));
onClick(find("week-book"), () => book({ day: monday > today() ? monday : today(), done: booked }));
onClick(find("week-hours"), () => openHours(caller.user_id, async () => {
  work = await workOf(caller.user_id);
  await renew();
}));
find("week-all").addEventListener("change", () => renew());
