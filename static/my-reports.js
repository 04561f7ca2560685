// A patient's signed reports: the list, one of them, and the way to paper.
import { call } from "./api.js";
import { forget, goingOn } from "./my-load.js";
import { date, fullMoment, plainDate } from "./my-time.js";
import { printReport } from "./print.js";
import { badge, button, facts, find, make, onClick, say, show } from "./ui.js";
import { t } from "./words.js";

const KINDS = { consultation: t("Consultation"), new_patient: t("First visit"), followup: t("Follow-up"), emergency: t("Emergency") };
const kind = (name) => KINDS[name] ?? capital(String(name ?? "report").replaceAll("_", " "));
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

export function reports() {
  const list = find("report-list");
  let opened = null;
  let born = null;
  const part = {
    owner: "",
    open: () => goingOn(list, {
      path: "reports/list",
      query: { limit: 20 },
      rows: (answer) => answer.reports,
      show: (rows) => rows.map(row),
      empty: t("You have no report yet. You can read a report here as soon as your doctor has signed it."),
    }),
    leave: close,
    clear() {
      [part.owner, born] = ["", null];
      forget(list);
    },
  };

  function row(report) {
    const name = kind(report.report_type);
    return make("li", {},
      make("div", {},
        make("strong", {}, name),
        make("span", {}, t("Visit of"), " ", date(report.session_started_at ?? report.created_at)),
        report.chief_complaint ? make("span", { class: "muted" }, report.chief_complaint) : null,
        report.version > 1 ? make("span", {}, badge(t("changed, version {{ n }}", { n: report.version }), "warn")) : null),
      button(t("Read"), () => read(report.report_id), {
        kind: "small", label: t("Read: {{ name }}, {{ day }}", { name, day: date(report.session_started_at ?? report.created_at).textContent }), place: list,
      }));
  }

  async function read(id) {
    const report = await call("GET", `reports/${encodeURIComponent(id)}`);
    const birth = await dateOfBirth();
    opened = report;
    find("report-title").textContent = t("Report: {{ kind }}", { kind: kind(report.report_type) });
    find("report-body").replaceChildren(...body(report, birth));
    say(find("report-body"), "");
    show(find("report"), find("reports"));
    find("report").scrollIntoView({ block: "start" });
  }

  // A report is readable without it.
  async function dateOfBirth() {
    born ??= await call("GET", `patients/${encodeURIComponent(part.owner)}`).then((patient) => patient.date_of_birth, () => null);
    return born;
  }

  function close() {
    opened = null;
    find("report").hidden = true;
    find("report-title").textContent = "";
    find("report-body").replaceChildren();
  }

  onClick(find("report-back"), () => {
    close();
    show(find("reports"));
  });

  onClick(find("report-print"), () => printReport(opened.report_id, opened.version));

  return part;
}

function body(report, birth) {
  return [
    facts([
      [t("Patient"), report.patient_name],
      [t("Date of birth"), plainDate(birth)],
      [t("Visit"), report.session_started_at ? fullMoment(report.session_started_at) : null],
      [t("Reason for the visit"), report.chief_complaint],
      [t("Signed by"), report.signed_by],
      [t("Signed"), report.signed_at ? fullMoment(report.signed_at) : null],
      [t("Report"), t("{{ id }}, version {{ n }}", { id: report.report_id, n: report.version })],
    ]),
    ...text("", report.generated_content),
    ...rows(t("What was found"), report.diagnoses, ({ diagnosis, icd_code: code, severity, notes }) => [diagnosis, [code, severity], notes]),
    ...rows(t("Medicines"), report.medication_plan, ({ drug_name: drug, dosage, frequency, duration, instructions }) => [drug, [dosage, frequency, duration], instructions]),
    ...rows(t("What to do"), report.recommendations, ({ recommendation, category, priority }) => [recommendation, [category, priority], ""]),
    ...text(t("How it goes on"), report.follow_up_plan),
    ...text(t("More"), report.additional_notes),
  ];
}

function text(title, words) {
  if (!words) return [];
  return [make("div", {}, title ? make("h3", {}, title) : "", make("p", { class: "words" }, words))];
}

function rows(title, all, show) {
  if (!all?.length) return [];
  return [make("div", {}, make("h3", {}, title), make("ul", { class: "lines" }, ...all.map((it) => {
    const [main, details, more] = show(it);
    return make("li", {}, make("strong", {}, main ?? ""),
      ...[details.filter(Boolean).join(" · "), more].filter(Boolean).map((words) => make("span", { class: "second words" }, words)));
  })))];
}
