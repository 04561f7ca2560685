// Logins, failed logins, registrations and mails of the last 30 days: charts, and their numbers in a table.
import { Refusal, call, now } from "./api.js";
import { days } from "./chart.js";
import { table } from "./list.js";
import { find, make } from "./ui.js";

const EVERY_MS = 60_000;
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const COUNTED = [
  ["Logins", "logins"],
  ["Failed logins", "failed_logins"],
  ["Registrations", "registrations"],
  ["Mails sent", "mails_sent"],
];

let loadedAt = 0;
let asked = 0;

const dayOf = ({ date }) => DAY.format(new Date(date));

// Asks at most once a minute, however often it is called.
export async function showActivity() {
  if (now() - loadedAt < EVERY_MS) return;
  loadedAt = now();
  const turn = ++asked;
  try {
    const answer = await call("GET", "admin/activity");
    if (turn === asked) fill(answer.days);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (turn === asked) find("activity").replaceChildren(make("p", { class: "empty" }, "The last 30 days could not be loaded. They are asked for again in a minute."));
  }
}

export function leaveActivity() {
  loadedAt = 0;
  asked += 1;
}

function fill(all) {
  const isOpen = find("activity").querySelector("details")?.open ?? false;
  const charts = COUNTED.map(([title, field]) => make("div", { class: "stack" }, make("h3", {}, title),
    days(all.map((day) => [dayOf(day), day[field]]))));
  const columns = [{ title: "Day", show: dayOf }, ...COUNTED.map(([title, field]) => ({ title, show: (day) => day[field].toLocaleString("en") }))];
  find("activity").replaceChildren(
    make("h3", {}, "The last 30 days"),
    make("div", { class: "columns" }, ...charts),
    make("details", { open: isOpen }, make("summary", {}, "The numbers of each day"),
      table("The last 30 days, newest first", columns, [...all].reverse()),
      make("p", { class: "muted small" }, "Days begin at midnight, UTC.")));
}
