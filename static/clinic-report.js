// One report: read it, sign it, write it, amend it.
import { Refusal, call } from "./api.js";
import { button, facts, find, make, onSubmit, say } from "./ui.js";
import { printReport } from "./print.js";
import { collectRows, rowFields } from "./clinic-rows.js";
import { date, moment } from "./clinic-time.js";
import { may } from "./clinic-way.js";
import { REPORT, REPORT_TYPE, VISIT, ageAndSex, choices, state, word } from "./clinic-words.js";

const dialog = find("report");
const signing = find("report-sign");
const writing = find("writing");
const form = writing.querySelector("form");
const TEXTS = ["generated_content", "follow_up_plan", "additional_notes"];
const at = (id, rest = "") => `reports/${encodeURIComponent(id)}${rest}`;

let shown = null;
// What is drawn anew when a report has changed.
let after = async () => {};

find("writing-type").append(...choices(REPORT_TYPE));

export async function readReport(id, done = async () => {}) {
  after = done;
  fill(await call("GET", at(id), { query: { include_transcription: true } }));
  say(dialog, "");
  dialog.showModal();
  find("report-title").focus();
}

function fill(report) {
  shown = report;
  find("report-title").textContent = `${word(REPORT_TYPE, report.report_type)}, ${report.patient_name}`;
  const confidence = report.confidence_score === null || report.confidence_score === undefined ? null : `${Math.round(report.confidence_score * 100)} %`;
  find("report-body").replaceChildren(...[
    facts([
      ["State", state(REPORT, report.status)],
      ["Patient", [report.patient_name, ageAndSex({ age: report.patient_age, sex: report.patient_sex })].filter(Boolean).join(", ")],
      ["Visit", report.session_started_at ? visit(report) : null],
      ["Complaint", report.chief_complaint],
      ["Version", report.version],
      ["Signed", report.signed_at ? make("span", {}, moment(report.signed_at), report.signed_by ? ` by ${report.signed_by}` : "") : null],
      ["Written with", report.ai_model ? `${report.ai_model}${confidence ? `, confidence ${confidence}` : ""}` : null],
    ]),
    report.content_withheld ? make("p", { class: "muted" }, "Only the treating doctors and the patient may read the text.") : null,
    text("Report", report.generated_content),
    list("Diagnoses", report.diagnoses, (it) => [it.diagnosis, [it.icd_code, it.severity, it.notes]]),
    list("Medication", report.medication_plan, (it) => [it.drug_name, [it.dosage, it.frequency, it.duration, it.instructions]]),
    list("Recommendations", report.recommendations, (it) => [it.recommendation, [it.category, it.priority]]),
    text("How it goes on", report.follow_up_plan),
    text("Additional notes", report.additional_notes),
    report.transcription_text ? make("details", {}, make("summary", {}, "What was said"), make("p", { class: "prose" }, report.transcription_text)) : null,
    actions(report),
  ].filter(Boolean));
  signing.reset();
  signing.hidden = report.status !== "completed" || !may("reports:sign");
}

const visit = ({ session_type: type, session_started_at: start, session_duration: length }) =>
  make("span", {}, word(VISIT, type), ", ", moment(start), length ? `, ${length} min` : "");

const text = (title, content) => (content ? make("div", { class: "stack tight" }, make("h3", {}, title), make("p", { class: "prose" }, content)) : null);

function list(title, rows, read) {
  if (!rows?.length) return null;
  return make("div", { class: "stack tight" }, make("h3", {}, title), make("ul", { class: "rows" }, ...rows.map((row) => {
    const [first, rest] = read(row);
    return make("li", {}, make("div", {}, make("strong", {}, first), make("span", { class: "second" }, rest.filter(Boolean).join(" · "))));
  })));
}

function actions(report) {
  const verb = may("clinical:write") ? { completed: "Change the text", signed: "Amend" }[report.status] : null;
  const paper = ["completed", "signed"].includes(report.status) && may("clinical:read");
  if (!verb && !paper) return null;
  return make("div", { class: "actions" },
    paper ? button("Print", () => printReport(report.report_id, report.version), { kind: "small", place: dialog }) : null,
    verb ? button(verb, () => edit(report), { kind: "small", place: dialog }) : null);
}

onSubmit(signing, async ({ password }) => {
  try {
    await call("POST", at(shown.report_id, "/sign"), { body: { password, version: shown.version } });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    signing.reset();
    if (error.code === "VERSION_CONFLICT" || error.code === "STATE_CONFLICT") {
      fill(await call("GET", at(shown.report_id)));
      say(dialog, "Not signed: the report has changed since you opened it. Read the text that is shown now, then sign.", "bad");
    } else if (error.status === 401) {
      say(dialog, "Not signed: this is not your password. Try again.", "bad");
      signing.elements.password.focus();
    } else throw error;
    return;
  }
  fill(await call("GET", at(shown.report_id)));
  say(dialog, "The report is signed. The patient can read it now.", "good");
  await after();
});

// Writing: a new report of a consultation, a change of a text that is not signed, an amendment of a signed one.

let target = null;

export async function writeReport(consultation, done) {
  after = done;
  const type = REPORT_TYPE[consultation.session_type] ? consultation.session_type : "consultation";
  const { patient_name: name, chief_complaint: complaint, notes } = await call("GET", `consultation/${encodeURIComponent(consultation.session_id)}/status`);
  target = { session: consultation.session_id };
  ask(`Report${name ? `, ${name}` : ""}`, "Save the report", { report_type: type });
  showSaid([complaint, notes].filter(Boolean).join("\n\n"));
}

// What was written down in the consultation stands beside the report, to be read or taken over.
function showSaid(words) {
  const said = find("writing-said");
  said.hidden = !words;
  said.querySelector("[data-private]").replaceChildren(make("p", { class: "prose" }, words), make("p", { class: "actions" },
    button("Take them over", () => {
      const { generated_content: written } = form.elements;
      written.value = [written.value.trimEnd(), words].filter(Boolean).join("\n\n");
      written.focus();
    }, { kind: "small", place: writing })));
}

function edit(report) {
  const isSigned = report.status === "signed";
  target = { report, isSigned };
  ask(isSigned ? "Amend the report" : "Change the report", isSigned ? "Sign the amendment" : "Save the report", report);
}

function ask(title, verb, report) {
  find("writing-title").textContent = title;
  find("writing-do").textContent = verb;
  find("writing-type-field").hidden = Boolean(target.report);
  find("writing-password-field").hidden = !target.isSigned;
  form.reset();
  form.elements.password.required = Boolean(target.isSigned);
  form.elements.report_type.value = report.report_type;
  for (const name of TEXTS) form.elements[name].value = report[name] ?? "";
  find("writing-rows").replaceChildren(...rowFields(report));
  find("writing-said").hidden = true;
  say(writing, "");
  writing.showModal();
  form.elements.generated_content.focus();
}

onSubmit(form, async (fields) => {
  const content = collectRows(find("writing-rows"));
  for (const name of TEXTS) content[name] = fields[name] ?? "";
  if (!content.generated_content && !Object.values(content).some((it) => it.length)) {
    say(writing, "The report is empty. Write something first.", "bad");
    return;
  }
  let saved;
  try {
    saved = await send(content, fields);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.code === "VERSION_CONFLICT") say(writing, "Not saved: the report was changed elsewhere meanwhile. Copy what you wrote, close this, and read the text that is there now.", "bad");
    else if (error.status === 401 && target.isSigned) say(writing, "Not signed: this is not your password. Your text is still here.", "bad");
    else throw error;
    return;
  }
  writing.close();
  const isNew = !target.report;
  if (!dialog.open) dialog.showModal();
  fill(await call("GET", at(saved.report_id)));
  say(dialog, target.isSigned ? "The amendment is signed." : isNew ? "The report is saved. Read it once more, then sign it." : "The text is saved.", "good");
  await after();
});

function send(content, { report_type: type, password }) {
  if (target.session) return call("POST", "reports", { body: { session_id: target.session, report_type: type, status: "completed", ...content } });
  const { report_id: id, version } = target.report;
  if (target.isSigned) return call("POST", at(id, "/amend"), { body: { ...content, version, password } });
  return call("PATCH", at(id), { body: { ...content, version } });
}

// The reports of a record.
export function reportRows(reports, done) {
  if (!reports.length) return make("p", { class: "muted" }, "No report yet.");
  return make("ul", { class: "rows" }, ...reports.map((report) => make("li", {},
    make("div", {}, make("strong", {}, word(REPORT_TYPE, report.report_type)), " ", state(REPORT, report.status),
      make("span", { class: "second" }, date(report.created_at),
        report.version > 1 ? ` · version ${report.version}` : "", report.chief_complaint ? ` · ${report.chief_complaint}` : "")),
    readButton(report, done))));
}

function readButton(report, done) {
  const verb = report.status === "completed" && may("reports:sign") ? "Read and sign" : "Read";
  return button(verb, () => readReport(report.report_id, done), { kind: "small", label: `${verb} the report ${word(REPORT_TYPE, report.report_type)}`, place: find("patient") });
}
