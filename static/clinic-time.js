// Times as the clinic's clocks show them: days are `2026-03-30`, times of day are minutes after midnight. The reader's
// own zone plays no part.
import { now } from "./api.js";
import { make } from "./ui.js";

// Each English knows the abbreviations of its own part of the world.
const ENGLISH = ["en-GB", "en-US", "en-IN", "en-AU", "en-NZ", "en-ZA"];
let zone = "UTC";
let formats = makeFormats();

function makeFormats() {
  const format = (language, options) => new Intl.DateTimeFormat(language, { timeZone: zone, ...options });
  return {
    wall: format("en-GB", { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
    zones: ENGLISH.map((language) => format(language, { timeZoneName: "short" })),
  };
}

// The zone of the schedule; the answers of the service name it.
export function useZone(name) {
  if (!name || name === zone) return;
  zone = name;
  formats = makeFormats();
}

export const zoneName = () => zone;

// `CEST, Zurich`
export function zoneText(at = new Date(now())) {
  const names = formats.zones.map((format) => format.formatToParts(at).find(({ type }) => type === "timeZoneName").value);
  let short = names.find((name) => !/^GMT[+-]/.test(name)) ?? names[0];
  // `GMT+5:45` is no abbreviation; mails write `UTC+05:45`.
  const digits = /^GMT([+-])(\d+)(?::(\d+))?$/.exec(short);
  if (digits) short = `UTC${digits[1]}${digits[2].padStart(2, "0")}:${digits[3] ?? "00"}`;
  const [region, ...rest] = zone.split("/");
  const city = rest.at(-1)?.replaceAll("_", " ");
  return city && region !== "Etc" ? `${short}, ${city}` : short;
}

// The day and the minutes of an instant.
export function wall(at) {
  const parts = Object.fromEntries(formats.wall.formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
  return { day: `${parts.year}-${parts.month}-${parts.day}`, minutes: Number(parts.hour) * 60 + Number(parts.minute) };
}

// The instant at which the clocks show this, the first one if they show it twice.
export function instantOf(day, minutes) {
  const wanted = Date.parse(`${day}T00:00:00Z`) + minutes * 60_000;
  const offset = (at) => asUtc(wall(at)) - Math.floor(at / 60_000) * 60_000;
  // A second time, because the clocks may change in between.
  let at = wanted - offset(wanted - offset(wanted));
  for (const back of [3_600_000, 1_800_000]) if (asUtc(wall(at - back)) === wanted) at -= back;
  return new Date(at).toISOString();
}

const asUtc = ({ day, minutes }) => Date.parse(`${day}T00:00:00Z`) + minutes * 60_000;

export const today = () => wall(now()).day;
export const nowMinutes = () => wall(now()).minutes;

export function addDays(day, count) {
  return new Date(Date.parse(`${day}T12:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}

export function mondayOf(day) {
  return addDays(day, -((new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7));
}

const DAY = { weekday: "long", day: "numeric", month: "long", year: "numeric" };

// `Monday 30 March 2026`, or shorter.
export function dayText(day, options = DAY) {
  return new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options }).format(new Date(`${day}T12:00:00Z`));
}

export const shortDay = (day) => dayText(day, { weekday: "short", day: "numeric", month: "short" });
const plainDay = (day) => dayText(day, { day: "numeric", month: "short", year: "numeric" });

export const clock = (minutes) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

export function minutesOf(text) {
  const [hours, minutes] = text.split(":").map(Number);
  return hours * 60 + minutes;
}

// What the answer says in local time: `2026-03-30T09:00:00+02:00`.
export const local = (text) => ({ day: text.slice(0, 10), minutes: minutesOf(text.slice(11, 16)) });

// From when to when an appointment lasts. One that ends after midnight ends at 24:00 of its day here.
export function span(appointment) {
  const [start, end] = [local(appointment.local_start), local(appointment.local_end)];
  return { day: start.day, from: start.minutes, to: end.day === start.day ? Math.max(end.minutes, start.minutes) : 1440 };
}

// `Mon 30 Mar, 09:00–09:30`
export function spanText(appointment) {
  const { day, from, to } = span(appointment);
  return `${shortDay(day)}, ${clock(from)}–${clock(to)}`;
}

// A moment as an element; what never was is said so.
export function moment(text, never = "never") {
  if (!text) return make("span", { class: "muted" }, never);
  const { day, minutes } = wall(text);
  return make("time", { datetime: text }, `${plainDay(day)}, ${clock(minutes)}`);
}

// The day of a moment, or a day itself.
export function date(text, never = "never") {
  if (!text) return make("span", { class: "muted" }, never);
  const day = text.length === 10 ? text : wall(text).day;
  return make("time", { datetime: text }, plainDay(day));
}

// `today`, `yesterday`, `5 days ago`
export function daysAgo(text) {
  const days = Math.round((Date.parse(`${today()}T12:00:00Z`) - Date.parse(`${wall(text).day}T12:00:00Z`)) / 86_400_000);
  if (days <= 0) return "today";
  return days === 1 ? "yesterday" : `${days} days ago`;
}
