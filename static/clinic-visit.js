// One appointment, with what may be done to it.
import { call, now } from "./api.js";
import { button, confirm, facts, find, make, onSubmit, say } from "./ui.js";
import { moveVisit } from "./clinic-booking.js";
import { startVisit } from "./clinic-consultation.js";
import { moment, span, spanText, today, zoneText } from "./clinic-time.js";
import { isDoctor, may, open } from "./clinic-way.js";
import { APPOINTMENT, VISIT, state, word } from "./clinic-words.js";

const dialog = find("visit");
const at = ({ appointment_id: id }) => `appointments/${encodeURIComponent(id)}`;
let shown = null;
// What is drawn anew when something has changed.
let after = () => {};

export async function openVisit(row, done) {
  after = done;
  fill(await call("GET", at(row)));
  say(dialog, "");
  dialog.showModal();
  find("visit-title").focus();
}

// Another state of an appointment, from a list or from its dialog.
export function become(row, status) {
  return call("PATCH", at(row), { body: { status, version: row.version } });
}

function fill(appointment) {
  shown = appointment;
  find("visit-title").textContent = appointment.patient_name;
  find("visit-body").replaceChildren(
    facts([
      ["When", `${spanText(appointment)} (${zoneText(new Date(appointment.start_time))})`],
      ["State", state(APPOINTMENT, appointment.status)],
      ["Doctor", appointment.doctor_name ?? "nobody yet"],
      ["Kind", word(VISIT, appointment.type)],
      ["Title", appointment.title === word(VISIT, appointment.type) ? null : appointment.title],
      ["Description", appointment.description],
      ["Beside another", appointment.overbooked ? "yes" : null],
      ["Cancelled", appointment.cancelled_at ? moment(appointment.cancelled_at) : null],
      ["Reason", appointment.cancel_reason],
      ["Booked", moment(appointment.created_at)],
    ]),
    make("div", { class: "actions" }, ...actions(appointment)));
  const notes = find("visit-notes");
  notes.hidden = !may("appointments:write");
  notes.elements.notes.value = appointment.notes ?? "";
}

function actions(row) {
  const record = button("Open the record", () => leaveTo("patient", row.user_id), { kind: "small", place: dialog });
  if (!may("appointments:write")) return [record];
  const set = (verb, status, text, kind = "small", question = null) => button(verb, async () => {
    if (question && !await confirm(`${verb}?`, question, verb)) return;
    await changed(await become(row, status), text);
  }, { kind, place: dialog });
  const move = button("Move …", () => moveVisit(row, { done: (moved) => changed(moved, "Moved.") }), { kind: "small", place: dialog });
  const cancel = button("Cancel …", () => askCancel(row), { kind: "small danger", place: dialog });
  const start = isDoctor() ? button(row.status === "arrived" ? "Go to the consultation" : "Start the consultation", async () => {
    dialog.close();
    await startVisit(row);
  }, { kind: "small primary", place: dialog }) : null;
  // Nobody has arrived on another day, and nobody is missed before the time has come.
  const arrived = span(row).day <= today() ? set("Arrived", "arrived", "The patient is here.", isDoctor() ? "small" : "small primary") : null;
  const absent = Date.parse(row.start_time) <= now() ? set("Did not come", "no_show", "Noted. The time is free again.", "small", "The time is free again, and this cannot be taken back.") : null;
  const offered = {
    pending: [row.doctor_id ? set("Confirm", "confirmed", "Confirmed.", "small primary") : null, move, cancel],
    confirmed: [isDoctor() ? start : null, arrived, move, absent, cancel],
    arrived: [start, set("Done", "completed", "Done."), cancel],
  }[row.status] ?? [];
  return [...offered.filter(Boolean), record];
}

async function changed(appointment, text) {
  fill(appointment);
  say(dialog, text, "good");
  await after(appointment);
}

async function leaveTo(...way) {
  dialog.close();
  await open(...way);
}

const cancelling = find("cancelling");

function askCancel(row) {
  say(cancelling, "");
  cancelling.querySelector("form").reset();
  find("cancelling-what").textContent = `${row.patient_name}, ${spanText(row)}. The patient gets a mail, if there is an address.`;
  cancelling.showModal();
}

onSubmit(cancelling.querySelector("form"), async ({ reason }) => {
  await call("DELETE", at(shown), reason ? { body: { reason } } : {});
  cancelling.close();
  await changed(await call("GET", at(shown)), "The appointment is cancelled.");
});

onSubmit(find("visit-notes"), async ({ notes }) => {
  await changed(await call("PATCH", at(shown), { body: { notes: notes ?? "", version: shown.version } }), "The notes are saved.");
});
