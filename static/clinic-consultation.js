// A consultation: start, write while it goes on, pause, stop.
import { Refusal, call, now } from "./api.js";
import { button, confirm, find, make, say } from "./ui.js";
import { clock, moment, nowMinutes, wall } from "./clinic-time.js";
import { open } from "./clinic-way.js";
import { writeReport } from "./clinic-report.js";
import { CONSULTATION, VISIT, state, word } from "./clinic-words.js";

const SAVE_MS = 2000;
const at = (id) => `consultation/${encodeURIComponent(id)}`;
const OPEN = ["in_progress", "paused"];

let clockTimer = null;
let saveTimer = null;
let flush = async () => {};
// The consultation that is drawn and works, with its state.
let live = "";
// What could not be saved, by consultation; it is shown and tried again when the record is opened the next time.
const unsaved = new Map();

// Starts the consultation of an appointment, and opens the record to work in.
export async function startVisit({ user_id: patient, appointment_id: appointment, type }) {
  await start({ patient_id: patient, appointment_id: appointment, session_type: type || "consultation" });
}

export async function start(body, force = false) {
  let isOpen = false;
  try {
    await call("POST", "consultation/start", { body: force ? { ...body, force } : body });
  } catch (error) {
    if (error.code !== "CONSULTATION_ACTIVE") throw error;
    isOpen = true;
  }
  await open("patient", body.patient_id);
  if (isOpen) say(find("patient"), "A consultation with this patient is open already. Here it is: go on with it, or end it and start anew.");
  // Whoever starts wants to write.
  find("consultation-complaint")?.focus();
}

export const openOne = (consultations) => consultations.find(({ status }) => OPEN.includes(status));

// Stops the clock, and saves what was typed in the last moment.
export async function leaveConsultation() {
  const save = flush;
  stopWork();
  await save();
}

// As if nobody had worked here.
export function forgetConsultation() {
  stopWork();
  unsaved.clear();
}

function stopWork() {
  clearInterval(clockTimer);
  clearTimeout(saveTimer);
  flush = async () => {};
  live = "";
}

// The open consultation, above the record; `renew` draws the record's lists anew.
export async function showConsultation(place, patient, row, renew) {
  const wanted = row ? `${row.session_id}/${row.status}` : "";
  for (const begin of document.querySelectorAll("[data-begin]")) begin.hidden = Boolean(row);
  // Somebody may be writing in it.
  if (row && wanted === live) return;
  await flush();
  stopWork();
  if (!row) {
    place.replaceChildren();
    return;
  }
  fill(place, patient, await call("GET", `${at(row.session_id)}/status`), renew);
  live = wanted;
}

function fill(place, patient, one, renew) {
  const complaint = make("input", { id: "consultation-complaint", name: "chief_complaint", maxlength: 500, autocomplete: "off" });
  const kept = unsaved.get(one.session_id);
  complaint.value = kept?.chief_complaint ?? one.chief_complaint ?? "";
  const notes = make("textarea", { id: "consultation-notes", name: "notes", maxlength: 2000, class: "tall" });
  notes.value = kept?.notes ?? one.notes ?? "";
  const saved = make("span", { class: "hint", role: "status" }, "What you type is saved by itself.");
  const content = () => ({ chief_complaint: complaint.value.trim(), notes: notes.value.trim() });
  let last = kept ? "" : JSON.stringify(content());

  const save = async () => {
    clearTimeout(saveTimer);
    const body = content();
    const text = JSON.stringify(body);
    if (text === last) {
      // Typed and taken back.
      if (unsaved.delete(one.session_id)) saved.textContent = "Everything is saved.";
      return;
    }
    try {
      await call("PATCH", at(one.session_id), { body });
      last = text;
      unsaved.delete(one.session_id);
      saved.className = "hint";
      saved.textContent = `Saved at ${clock(nowMinutes())}.`;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      unsaved.set(one.session_id, body);
      saved.className = "fault";
      saved.textContent = `Not saved: ${error.message} Your text is still here; it is tried again when you type.`;
    }
  };
  for (const field of [complaint, notes]) {
    field.addEventListener("input", () => {
      clearTimeout(saveTimer);
      unsaved.set(one.session_id, content());
      saved.className = "hint";
      saved.textContent = "Not saved yet.";
      saveTimer = setTimeout(save, SAVE_MS);
    });
    field.addEventListener("blur", save);
  }
  flush = save;
  if (kept) save();

  const since = make("span", { class: "muted" });
  const tick = () => {
    const minutes = Math.max(0, Math.floor((now() - Date.parse(one.started_at)) / 60_000));
    since.textContent = `since ${clock(wall(one.started_at).minutes)}, ${minutes} min`;
  };
  tick();
  clockTimer = setInterval(tick, 20_000);

  const isPaused = one.status === "paused";
  const step = (verb, path, text) => button(verb, async () => {
    await save();
    await call("POST", `${at(one.session_id)}/${path}`, { body: {} });
    await renew();
    say(place, text, "good");
  }, { place });
  const stop = button("Stop", async () => {
    clearTimeout(saveTimer);
    const ended = await call("POST", `${at(one.session_id)}/stop`, { body: content() });
    unsaved.delete(one.session_id);
    stopWork();
    say(place, "");
    await renew();
    place.replaceChildren(card(patient,
      make("p", {}, `The consultation has ended after ${ended.duration_minutes} minutes.`),
      make("p", { class: "actions" }, button("Write the report", () => writeReport(one, renew), { kind: "primary", place }))));
    place.querySelector("button").focus();
  }, { kind: "primary", place });
  const anew = button("End it and start anew …", async () => {
    if (!await confirm("End this consultation and start a new one?", "What you wrote stays with this one. The new one begins empty.", "Start anew")) return;
    await save();
    await start({ patient_id: one.patient_id, session_type: one.session_type }, true);
  }, { kind: "small", place });
  place.replaceChildren(card(patient,
    make("div", { class: "head" }, make("h2", {}, word(VISIT, one.session_type)),
      make("span", {}, state(CONSULTATION, one.status), " ", since)),
    make("div", { class: "field" }, make("label", { for: complaint.id }, "Chief complaint"), complaint),
    make("div", { class: "field" }, make("label", { for: notes.id }, "Notes"), notes, saved),
    make("div", { class: "head" },
      make("div", { class: "actions" }, stop, isPaused ? step("Go on", "resume", "It goes on.") : step("Pause", "pause", "Paused.")), anew)));
}

const card = (patient, ...content) => make("div", { class: "stack tight session", role: "group", "aria-label": `Consultation with ${patient.name}` }, ...content);

// The consultations of a record, newest first.
export function history(rows, readReport, renew) {
  if (!rows.length) return make("p", { class: "muted" }, "No consultation yet.");
  return make("ul", { class: "rows" }, ...rows.map((row) => make("li", {},
    make("div", {}, make("strong", {}, moment(row.started_at)), ` ${word(VISIT, row.session_type)} `, state(CONSULTATION, row.status),
      make("span", { class: "second" }, [row.doctor_name, row.ended_at ? `${row.duration_minutes} min` : null, row.chief_complaint].filter(Boolean).join(" · "))),
    reportOf(row, readReport, renew))));
}

function reportOf(row, readReport, renew) {
  const when = clock(wall(row.started_at).minutes);
  if (row.has_report && row.report_id) return button("Report", () => readReport(row.report_id), { kind: "small", label: `Report of the consultation at ${when}` });
  if (row.status !== "completed") return null;
  return button("Write the report", () => writeReport(row, renew), { kind: "small", label: `Write the report of the consultation at ${when}` });
}

// The browser asks before a page with unsaved words is left.
window.addEventListener("beforeunload", (event) => {
  if (unsaved.size) event.preventDefault();
});
