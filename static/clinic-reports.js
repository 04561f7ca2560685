// Reports: their numbers, the list with its filters.
import { call } from "./api.js";
import { bars, days } from "./chart.js";
import { list } from "./list.js";
import { button, find, make } from "./ui.js";
import { readReport } from "./clinic-report.js";
import { clock, dayText, moment, shortDay, wall } from "./clinic-time.js";
import { isDoctor, load, open, part } from "./clinic-way.js";
import { REPORT, REPORT_TYPE, VISIT, ageAndSex, choices, state, word } from "./clinic-words.js";

const place = find("reports");

find("reports-status").append(...choices(REPORT, "any"));
find("reports-session").append(...choices(VISIT, "any"));
find("reports-type").append(...choices(REPORT_TYPE, "any"));

const reports = list(place, {
  path: "reports/list",
  caption: "Reports",
  empty: "No report is like that.",
  query: (fields) => ({ ...fields, limit: 20 }),
  rows: (answer) => answer.reports,
  total: ({ pagination }) => (pagination.total_is_estimate ? `more than ${pagination.total.toLocaleString("en")}` : pagination.total),
  columns: [
    { title: "Patient", show: (row) => [isDoctor() ? button(row.patient_name, () => open("patient", row.patient_id), { kind: "link", place }) : row.patient_name, make("span", { class: "second" }, ageAndSex({ age: row.patient_age, sex: row.patient_sex }))] },
    { title: "Report", show: (row) => [word(REPORT_TYPE, row.report_type), make("span", { class: "second" }, row.chief_complaint ?? "")] },
    { title: "Visit", show: visit },
    { title: "Written", show: (row) => [moment(row.created_at), row.version > 1 ? make("span", { class: "second" }, `version ${row.version}`) : ""] },
    { title: "State", show: (row) => [state(REPORT, row.status), row.signed_at ? make("span", { class: "second" }, moment(row.signed_at)) : ""] },
    { title: "Actions", show: actions },
  ],
});

function visit(row) {
  const more = [word(VISIT, row.session_type), row.session_duration ? `${row.session_duration} min` : null];
  return [moment(row.session_started_at, "–"), make("span", { class: "second" }, more.filter(Boolean).join(", "))];
}

function actions(row) {
  const toSign = isDoctor() && row.status === "completed";
  const verb = toSign ? "Read and sign" : "Read";
  return button(verb, () => readReport(row.report_id, renew), { kind: toSign ? "small primary" : "small", label: `${verb} the report of ${row.patient_name}`, place });
}

part("reports", {
  async enter(status = null) {
    if (status) find("reports-status").value = status;
    await Promise.all([load(find("reports-stats"), stats), reports.load()]);
  },
  clear() {
    reports.clear();
  },
});

async function renew() {
  await Promise.all([stats(), reports.load()]);
}

async function stats() {
  const answer = await call("GET", "reports/stats");
  const asOf = wall(answer.as_of);
  find("reports-as-of").textContent = `As of ${shortDay(asOf.day)}, ${clock(asOf.minutes)}`;
  const kinds = { completed: "warn", failed: "warn" };
  const byState = Object.entries(answer.by_status).map(([name, count]) => [word(REPORT, name)[0], count, kinds[name]]);
  const tile = (title, value) => make("div", { class: "tile" }, make("span", { class: "muted small" }, title), make("strong", {}, value));
  const average = answer.avg_confidence === null ? "–" : `${Math.round(answer.avg_confidence * 100)} %`;
  const unsigned = answer.by_status.completed ?? 0;
  find("reports-stats").replaceChildren(make("div", { class: "stack" },
    make("div", { class: "tiles" },
      tile("Reports in all", answer.total_reports.toLocaleString("en")), tile("In the last 7 days", answer.recent_7_days.toLocaleString("en")),
      tile("To sign", unsigned.toLocaleString("en")), tile("Average confidence", average)),
    make("div", { class: "columns" },
      make("div", { class: "stack tight" }, make("h2", {}, "By state"), bars(byState)),
      make("div", { class: "stack tight" }, make("h2", {}, "The last 30 days"),
        days(answer.by_day.map(({ date, count }) => [dayText(date, { day: "numeric", month: "short" }), count]))))));
}
