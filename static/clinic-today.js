// A doctor's day: who comes next, and what waits for a signature.
import { call, now } from "./api.js";
import { button, confirm, find, make, onClick, say, sayRefusal } from "./ui.js";
import { book, bookedText } from "./clinic-booking.js";
import { startVisit } from "./clinic-consultation.js";
import { scheduleOf } from "./clinic-people.js";
import { readReport } from "./clinic-report.js";
import { addDays, clock, dayText, daysAgo, instantOf, nowMinutes, span, today, zoneText } from "./clinic-time.js";
import { become, openVisit } from "./clinic-visit.js";
import { caller, everything, load, open, part } from "./clinic-way.js";
import { APPOINTMENT, REPORT_TYPE, VISIT, ageAndSex, state, word } from "./clinic-words.js";

const EVERY_MS = 60_000;
// A report that waits longer than this is overdue.
const OVERDUE_MS = 48 * 3_600_000;
const place = find("today");
let timer = null;
let visits = [];

part("today", {
  async enter() {
    await scheduleOf(caller.user_id);
    clearInterval(timer);
    timer = setInterval(() => {
      if (!document.hidden && !document.querySelector("dialog[open]")) renewVisits().catch(() => {});
    }, EVERY_MS);
    await Promise.all([load(find("today-visits"), renewVisits), load(find("today-unsigned"), renewUnsigned)]);
  },
  leave() {
    clearInterval(timer);
  },
  clear() {
    visits = [];
  },
});

async function renewVisits() {
  const day = today();
  const found = await everything("appointments", "appointments", { from: instantOf(day, 0), to: instantOf(addDays(day, 1), 0) });
  visits = found.filter(({ status }) => !["cancelled", "held"].includes(status));
  find("today-date").textContent = `${dayText(day)}, ${clock(nowMinutes())} (${zoneText()})`;
  const focused = find("today-visits").contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const isOver = ({ status }) => ["completed", "no_show"].includes(status);
  const [over, rest] = [visits.filter(isOver), visits.filter((visit) => !isOver(visit))];
  const wasOpen = find("today-visits").querySelector("details")?.open ?? false;
  const nobody = make("p", { class: "empty" }, over.length ? "Nobody else is booked today." : "Nobody is booked today.");
  const list = (all) => make("ul", { class: "rows" }, ...all.map(row));
  find("today-visits").replaceChildren(rest.length ? list(rest) : nobody);
  if (over.length) find("today-visits").append(make("details", { open: wasOpen }, make("summary", {}, `Earlier today (${over.length})`), list(over)));
  if (focused) find("today-visits").querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

// Who is here already comes before who is only expected.
const nextOne = () => visits.find(({ status }) => status === "arrived") ?? visits.find(({ status }) => status === "confirmed");

function row(visit) {
  const { from, to } = span(visit);
  const kind = word(VISIT, visit.type);
  const isNext = visit === nextOne();
  const isLate = visit.status === "confirmed" && from < nowMinutes() - 5;
  const key = (made, name) => {
    made.dataset.key = `${visit.appointment_id}/${name}`;
    return made;
  };
  const start = ["confirmed", "arrived"].includes(visit.status) ? key(button("Start", () => startVisit(visit), {
    kind: isNext ? "small primary" : "small", label: `Start the consultation with ${visit.patient_name}`, place,
  }), "start") : null;
  const accept = visit.status === "pending" ? key(button("Confirm", async () => {
    await become(visit, "confirmed");
    await renewVisits();
    say(place, `The appointment of ${visit.patient_name} is confirmed.`, "good");
  }, { kind: "small", label: `Confirm the appointment of ${visit.patient_name}`, place }), "confirm") : null;
  const absent = isLate ? key(button("Did not come", async () => {
    if (!await confirm("Did not come?", `${visit.patient_name}, ${clock(from)}. This cannot be taken back.`, "Did not come")) return;
    await become(visit, "no_show");
    await renewVisits();
    say(place, `Noted: ${visit.patient_name} did not come.`, "good");
  }, { kind: "small", label: `${visit.patient_name} did not come`, place }), "absent") : null;
  return make("li", { class: isNext ? "next" : "" },
    make("div", {}, make("span", { class: "when" }, `${clock(from)}–${clock(to)}`), " ", key(button(visit.patient_name, () => open("patient", visit.user_id), { kind: "link", place }), "record"), " ",
      state(APPOINTMENT, visit.status), isNext ? make("span", { class: "badge next" }, "next") : "",
      isLate ? make("span", { class: "badge warn" }, `${nowMinutes() - from} min late`) : "",
      visit.overbooked ? make("span", { class: "badge warn" }, "beside another") : "",
      make("span", { class: "second" }, [kind, visit.title === kind ? null : visit.title, visit.notes].filter(Boolean).join(" · "))),
    make("div", { class: "actions" }, start, accept, absent,
      key(button("More", () => openVisit(visit, renewVisits), { kind: "small", label: `More about the appointment of ${visit.patient_name}`, place }), "more")));
}

async function renewUnsigned() {
  const { reports, pagination } = await call("GET", "reports/list", { query: { status: "completed", limit: 20 } });
  const rows = reports.map((report) => {
    const who = ageAndSex({ age: report.patient_age, sex: report.patient_sex });
    const isOverdue = now() - Date.parse(report.created_at) > OVERDUE_MS;
    return make("li", {},
      make("div", {}, make("strong", {}, report.patient_name), " ", isOverdue ? make("span", { class: "badge bad" }, "overdue") : "",
        make("span", { class: "second" }, [word(REPORT_TYPE, report.report_type), who, `written ${daysAgo(report.created_at)}`].filter(Boolean).join(" · "))),
      button("Read and sign", () => readReport(report.report_id, renewUnsigned), {
        kind: "small", label: `Read and sign the report of ${report.patient_name}`, place,
      }));
  });
  find("today-unsigned").replaceChildren(rows.length ? make("ul", { class: "rows" }, ...rows) : make("p", { class: "muted" }, "Nothing waits. Every report is signed."));
  if (pagination.has_more) find("today-unsigned").append(make("p", { class: "actions" }, button("All reports", () => open("reports", "completed"), { kind: "small", place })));
}

onClick(find("today-book"), () => book({
  async done(appointment) {
    await renewVisits();
    say(place, bookedText(appointment), "good");
  },
}));

// One key starts with the next patient, while the focus is in this part and not in a field.
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "s" || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (place.hidden || document.querySelector("dialog[open]") || event.target.closest("input, select, textarea")) return;
  if (!place.contains(event.target) && event.target !== document.body) return;
  event.preventDefault();
  const next = nextOne();
  if (!next) say(place, "Nobody is waiting.");
  else startVisit(next).catch((error) => sayRefusal(place, error));
});
