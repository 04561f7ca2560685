// Who looked at the patient's record. What one person did on one day in a row is one line.
import { now } from "./api.js";
import { forget, goingOn } from "./my-load.js";
import { clock, dayOf, localText, longDay, zoneText } from "./my-time.js";
import { badge, find, make } from "./ui.js";
import { plural, t } from "./words.js";

const PARTS = {
  who: t("name and contact"),
  clinical: t("symptoms and history"),
  drafts: t("drafts of reports"),
  signed_reports: t("signed reports"),
  own_signed_reports: t("signed reports"),
  appointments: t("appointments"),
  appointment_notes: t("the desk’s notes on appointments"),
  care_team: t("who treats you"),
  access_log: t("this list"),
  metadata: t("dates and numbers, no text"),
};
const BASES = { self: t("your own record"), care: t("treats you"), desk: t("for the clinic’s office work") };
const ROLES = { patient: t("patient"), doctor: t("doctor"), staff: t("desk"), admin: t("administration") };
// These say no more than the bases do.
const PURPOSES = { own: "", treatment: "", administration: "", none: "" };

const plain = (words, name) => words[name] ?? String(name ?? "").replaceAll("_", " ");

// Entries that follow each other, of one person with one reason on one day.
function together(entries) {
  const groups = [];
  for (const entry of entries) {
    const local = localText(entry.at);
    const key = [dayOf(local), entry.who, entry.role, entry.basis, entry.purpose].join("\n");
    const last = groups.at(-1);
    if (last?.key === key) last.entries.push({ ...entry, local });
    else groups.push({ key, entries: [{ ...entry, local }] });
  }
  return groups.map((group) => group.entries);
}

// An account that was deleted leaves its role behind; the service has none.
const nameless = ({ role }) => (role ? t("Somebody whose account is gone") : t("The service itself"));

function line(entries) {
  const [latest, earliest] = [entries[0], entries.at(-1)];
  const isSelf = latest.basis === "self";
  const parts = [...new Set(entries.map((entry) => plain(PARTS, entry.part)).filter(Boolean))];
  const [from, to] = [clock(earliest.local), clock(latest.local)];
  const times = entries.length === 1 || from === to ? to : `${from}–${to}`;
  const why = [plain(BASES, latest.basis), plain(PURPOSES, latest.purpose)].filter(Boolean).join("; ");
  return make("li", { class: isSelf ? "own" : null },
    make("div", {},
      make("span", {},
        make("strong", {}, isSelf ? t("You") : latest.who ?? nameless(latest)), " ",
        isSelf || !latest.role ? "" : badge(plain(ROLES, latest.role))),
      make("span", {}, make("time", { datetime: latest.at }, `${longDay(latest.local)}, ${times}`), entries.length > 1 ? `, ${plural(entries.length, "{{ n }} time", "{{ n }} times")}` : ""),
      make("span", {}, make("span", { class: "muted" }, t("Saw:"), " "), parts.join(", ")),
      isSelf || !why ? null : make("span", {}, make("span", { class: "muted" }, t("Why:"), " "), why)));
}

export function accessLog() {
  const place = find("log-list");
  return {
    open: () => goingOn(place, {
      path: "patients/me/access-log",
      query: { limit: 50 },
      rows: (answer) => answer.entries,
      show: (entries) => together(entries).map(line),
      empty: t("Nobody has looked at your record yet."),
      before: () => {
        const at = new Date(now()).toISOString();
        return [make("p", { class: "muted small" }, t("Newest first. Times of the clinic ({{ zone }}).", { zone: zoneText(at, localText(at)) }))];
      },
    }),
    leave() {},
    clear: () => forget(place),
  };
}
