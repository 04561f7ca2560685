// Times as the clocks at the place of the visit show them, with the name of their zone. The reader's own zone plays no part.
import { now } from "./api.js";
import { make } from "./ui.js";
import { LOCALE, plural, t } from "./words.js";

const format = (options) => new Intl.DateTimeFormat(LOCALE, { timeZone: "UTC", ...options });
const DATE = format({ day: "numeric", month: "long", year: "numeric" });
const [SHORT_WEEKDAY, SHORT_DATE] = [format({ weekday: "short" }), format({ day: "numeric", month: "short" })];
const [WEEKDAY, DAY] = [format({ weekday: "long" }), format({ weekday: "long", day: "numeric", month: "long", year: "numeric" })];

// Where the abbreviation of a zone is known depends on the country.
const LOCALES = ["en-GB", "en-US", "en-AU", "en-IN", "en-ZA"];

// The clinic's zone, for times that come without one. The service writes it into the page; else the last answer named it.
let lastSeen = "";
export const clinicZone = () => document.body.dataset.timeZone || lastSeen || "UTC";
export function useZone(zone) {
  if (zone) lastSeen = zone;
}

// A text such as `2026-03-30T09:00:00+02:00` as if its clock were that of UTC, so that no zone changes it.
const asUtc = (local) => new Date(`${local.slice(0, 16)}Z`);

export const dayOf = (local) => local.slice(0, 10);
export const clock = (local) => local.slice(11, 16);

// `Monday, 30 March 2026`, as in our mails.
export const longDay = (local) => (LOCALE === "en-GB" ? `${WEEKDAY.format(asUtc(local))}, ${DATE.format(asUtc(local))}` : DAY.format(asUtc(local)));

// `Mon` and `30 Mar`.
export const shortDay = (local) => [SHORT_WEEKDAY.format(asUtc(local)), SHORT_DATE.format(asUtc(local))];

// What the clocks of a zone show at a moment: `2026-03-30T09:00`.
export function localText(at, zone = clinicZone()) {
  const shown = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
  });
  const part = Object.fromEntries(shown.formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}`;
}

// `CEST, Zurich`; a zone without an abbreviation gives its distance from UTC.
export function zoneText(at, local, zone = clinicZone()) {
  const [region, ...rest] = zone.split("/");
  const city = region === "Etc" ? "" : (rest.at(-1) ?? "").replaceAll("_", " ");
  return [abbreviation(at, zone) || distance(at, local), city].filter(Boolean).join(", ");
}

function abbreviation(at, zone) {
  for (const locale of LOCALES) {
    try {
      const parts = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: "short" }).formatToParts(new Date(at));
      const name = parts.find(({ type }) => type === "timeZoneName").value;
      if (!/^(GMT|UTC)./.test(name)) return name;
    } catch {
      return ""; // An old browser does not know every zone.
    }
  }
  return "";
}

function distance(at, local) {
  const minutes = Math.round((asUtc(local) - new Date(at)) / 60_000);
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const two = (number) => String(number).padStart(2, "0");
  return `UTC${minutes < 0 ? "-" : "+"}${two(hours)}:${two(rest)}`;
}

// `Monday, 30 March 2026, 09:00–09:30 (CEST, Zurich)`, of an appointment or of a slot with its `time_zone`.
export function span(visit) {
  const { start_time: start, local_start: local, local_end: end, time_zone: zone } = visit;
  const ends = end ?? localText(visit.end_time, zone);
  return `${longDay(local)}, ${clock(local)}–${clock(ends)} (${zoneText(start, local, zone)})`;
}

// `30 March 2026, 09:00`, for lists whose heading names the zone.
export function moment(at) {
  const local = localText(at);
  return make("time", { datetime: at }, `${DATE.format(asUtc(local))}, ${clock(local)}`);
}

// `30 March 2026, 09:00 (CEST, Zurich)`
export function fullMoment(at) {
  const shown = moment(at);
  shown.append(` (${zoneText(at, localText(at))})`);
  return shown;
}

// The day of a moment: `30 March 2026`.
export const date = (at) => make("time", { datetime: at }, DATE.format(asUtc(localText(at))));

// A day that is nobody's moment, such as a date of birth.
export const plainDate = (day) => (day ? DATE.format(new Date(`${day}T00:00Z`)) : null);

// `today`, `tomorrow`, `in 3 days`, by the clocks of the visit.
export function inDays({ local_start: local, time_zone: zone }) {
  const midnight = (text) => Date.parse(`${dayOf(text)}T00:00Z`);
  const days = Math.round((midnight(local) - midnight(localText(now(), zone))) / 86_400_000);
  if (days <= 0) return t("today");
  return days === 1 ? t("tomorrow") : t("in {{ n }} days", { n: days });
}
