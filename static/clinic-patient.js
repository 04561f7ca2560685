// One patient's record.
import { call, now } from "./api.js";
import { badge, button, confirm, facts, find, make, onClick, onSubmit, say } from "./ui.js";
import { accountActions } from "./clinic-account.js";
import { book, bookedText } from "./clinic-booking.js";
import { forgetConsultation, history, leaveConsultation, openOne, showConsultation, start } from "./clinic-consultation.js";
import { fillDoctors } from "./clinic-people.js";
import { changePatient } from "./clinic-person.js";
import { readReport, reportRows } from "./clinic-report.js";
import { addSymptom, symptoms } from "./clinic-symptoms.js";
import { date, instantOf, moment, spanText } from "./clinic-time.js";
import { openVisit } from "./clinic-visit.js";
import { caller, cameFrom, isDoctor, load, may, open, part } from "./clinic-way.js";
import { APPOINTMENT, CARE, ageAndSex, choices, lengthText, state, word } from "./clinic-words.js";

const place = find("patient");
const log = find("patient-log");
const LANGUAGES = new Intl.DisplayNames(["en"], { type: "language" });
let patient = null;

const at = (rest = "") => `patients/${encodeURIComponent(patient.patient_id)}${rest}`;

part("patient", {
  async enter(id) {
    if (patient?.patient_id !== id) empty();
    patient = await call("GET", `patients/${encodeURIComponent(id)}`);
    fill();
    await Promise.all([load(find("patient-visits"), visits), isDoctor() ? load(find("patient-history"), clinical) : null]);
  },
  leave() {
    leaveConsultation();
  },
  clear() {
    forgetConsultation();
    patient = null;
    log.open = false;
  },
});

function empty() {
  for (const part of place.querySelectorAll("[data-private]")) part.replaceChildren();
  log.open = false;
}

async function renew() {
  patient = await call("GET", at());
  fill();
}

function fill() {
  const { informants, precipitating_factor: cause, emergency_contact: kin, illness_duration: ill } = patient;
  find("patient-title").textContent = patient.name;
  find("patient-about").replaceChildren(...[ageAndSex(patient), patient.patient_id].filter(Boolean).join(" · "));
  find("patient-facts").replaceChildren(facts([
    ["Date of birth", patient.date_of_birth ? date(patient.date_of_birth) : "not known"],
    ["Telephone", patient.phone],
    ["E-mail", patient.email],
    ["Address", patient.address],
    ["Language", patient.language ? LANGUAGES.of(patient.language) : null],
    ["In an emergency", kin ? [kin.name, kin.relation, kin.phone].filter(Boolean).join(", ") : null],
    ["Referred by", patient.referred_by],
    ["Ill for", ill ? lengthText(ill) : null],
    ["Told by", informants ? [...informants.selection ?? [], informants.other_details].filter(Boolean).join(", ") : null],
    ["What happened before", cause ? make("span", {}, cause.narrative ?? "", " ", ...(cause.tags ?? []).map((tag) => badge(tag))) : null],
    ["Last visit", date(patient.last_visit, "none yet")],
    ["Account", patient.has_account ? "yes" : "none"],
    ["Record since", date(patient.created_at)],
    ["You see this until", patient.access?.until ? date(patient.access.until) : null],
  ]));
  if (isDoctor()) find("patient-symptoms").replaceChildren(symptoms(patient, renew, place));
  find("patient-care").replaceChildren(care(patient.care_team ?? []));
  const begin = isDoctor() ? button("Start a consultation", () => start({ patient_id: patient.patient_id, session_type: "consultation" }), { kind: "primary", place }) : null;
  if (begin) begin.dataset.begin = "";
  if (begin) begin.hidden = find("patient-consultation").childElementCount > 0;
  find("patient-actions").replaceChildren(...[
    begin,
    may("appointments:write") ? button("Book", () => book({ who: patient, done: booked }), { label: "Book an appointment", place }) : null,
    may("patients:write") ? button("Change", () => changePatient(patient, changed), { place }) : null,
    may("patients:write") && !patient.has_account ? button("Invite", invite, { place }) : null,
    ...accountActions(patient, place),
  ].filter(Boolean));
}

async function booked(appointment) {
  await visits();
  say(place, bookedText(appointment), "good");
}

async function changed() {
  await renew();
  say(place, "The record is saved.", "good");
}

async function invite() {
  if (!patient.email) {
    say(place, "There is no e-mail address yet. Press “Change”, add it, and invite again.", "bad");
    return;
  }
  const text = `A link goes to ${patient.email}. With it ${patient.name} sets a password and sees the own appointments and signed reports.`;
  if (!await confirm("Invite this patient?", text, "Invite")) return;
  await call("POST", at("/invite"), { body: {} });
  say(place, `The invitation is on its way to ${patient.email}.`, "good");
}

// Appointments, consultations, reports

async function visits() {
  const { appointments } = await call("GET", "appointments", { query: { patient_id: patient.patient_id, limit: 100 } });
  const [future, past] = [[], []];
  for (const row of appointments) (Date.parse(row.end_time) > now() ? future : past).push(row);
  const rows = (all) => make("ul", { class: "rows" }, ...all.map((row) => make("li", {},
    make("div", {}, make("strong", {}, spanText(row)), " ", state(APPOINTMENT, row.status),
      make("span", { class: "second" }, [row.doctor_name ?? "without a doctor", row.title].filter(Boolean).join(" · "))),
    button("More", () => openVisit(row, visits), { kind: "small", label: `More about the appointment on ${spanText(row)}`, place }))));
  find("patient-visits").replaceChildren(future.length ? rows(future) : make("p", { class: "muted" }, "None is planned."));
  if (past.length) find("patient-visits").append(make("details", {}, make("summary", {}, `Earlier ones (${past.length})`), rows(past.reverse())));
}

async function clinical() {
  const id = patient.patient_id;
  const [{ consultations }, { reports }] = await Promise.all([
    call("GET", `consultation/history/${encodeURIComponent(id)}`, { query: { limit: 50 } }),
    call("GET", "reports/list", { query: { patient_id: id, limit: 50 } }),
  ]);
  if (patient?.patient_id !== id) return;
  find("patient-history").replaceChildren(history(consultations, (report) => readReport(report, clinical), clinical));
  find("patient-reports").replaceChildren(reportRows(reports, clinical));
  const mine = consultations.filter(({ doctor_id: doctor }) => doctor === caller.user_id);
  // What becomes of a consultation becomes of its appointment, too.
  const again = () => Promise.all([visits(), clinical()]);
  await showConsultation(find("patient-consultation"), patient, openOne(mine), again);
}

// Care team

function care(team) {
  if (!team.length) return make("p", { class: "muted" }, "No doctor treats this patient now.");
  return make("ul", { class: "rows" }, ...team.map((member) => make("li", {},
    make("div", {}, make("strong", {}, member.name ?? member.doctor_id), ` ${word(CARE, member.kind)}`,
      make("span", { class: "second" }, "since ", date(member.since), member.until ? make("span", {}, ", until ", date(member.until)) : "")),
    may("care:write") ? button("End", () => endCare(member), { kind: "small danger", label: `End the care by ${member.name}`, place }) : null)));
}

async function endCare({ doctor_id: id, name }) {
  const isSelf = id === caller.user_id;
  const text = isSelf ? "You lose this record at once. Your own signed reports stay readable to you." : `${name} loses this record at once. Signed reports of ${name} stay readable to their author.`;
  if (!await confirm("End the care?", text, "End the care")) return;
  await call("DELETE", at(`/care-team/${encodeURIComponent(id)}`));
  if (isSelf) {
    await open("patients");
    say(find("patients"), "The care is ended.", "good");
    return;
  }
  await renew();
  say(place, `${name} does not treat this patient any more.`, "good");
}

const team = find("care");
find("care-kind").append(...choices(CARE));
onClick(find("care-add"), async () => {
  const form = team.querySelector("form");
  form.reset();
  await fillDoctors(form.elements.doctor_id);
  say(team, "");
  team.showModal();
});
onSubmit(team.querySelector("form"), async ({ until, ...fields }) => {
  const body = until ? { ...fields, until: instantOf(until, 1440) } : fields;
  await call("POST", at("/care-team"), { body });
  team.close();
  await renew();
  say(place, "The doctor is in the care team.", "good");
});

onClick(find("symptom-add"), () => addSymptom(patient, renew));
onClick(find("patient-back"), () => open(cameFrom() || "patients"));

// Who looked: asked for when somebody opens it, since the question is recorded, too.

log.addEventListener("toggle", () => {
  const shown = log.querySelector("[data-private]");
  if (!log.open || !patient) return;
  shown.replaceChildren();
  load(shown, () => showLog(shown, ""));
});

async function showLog(shown, cursor) {
  let answer;
  try {
    answer = await call("GET", at("/access-log"), { query: { limit: 50, cursor } });
  } catch (error) {
    if (![403, 404].includes(error.status)) throw error;
    shown.replaceChildren(make("p", { class: "muted" }, "Only the patient and the clinic's administrators may see who looked. Ask an administrator if you need to know."));
    return;
  }
  const rows = answer.entries.map((entry) => make("li", {}, make("div", {}, make("strong", {}, entry.who ?? "the service"), entry.role ? ` (${entry.role})` : "",
    make("span", { class: "second" }, moment(entry.at), ` · ${[entry.part, entry.basis, entry.purpose].filter(Boolean).map((it) => it.replaceAll("_", " ")).join(" · ")}`))));
  if (!cursor) shown.replaceChildren(rows.length ? make("ul", { class: "rows" }) : make("p", { class: "muted" }, "Nobody looked."));
  shown.querySelector("ul")?.append(...rows);
  shown.querySelector(".actions")?.remove();
  const next = answer.pagination.next_cursor;
  if (next) shown.append(make("p", { class: "actions" }, button("Earlier ones", () => showLog(shown, next), { kind: "small", place })));
}
