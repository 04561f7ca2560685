// Booking an appointment, and moving one: the same questions, with the free times beside them.
import { Refusal, call } from "./api.js";
import { fieldsOf, find, make, onClick, onSubmit, say } from "./ui.js";
import { fillDoctors, patientField, scheduleOf } from "./clinic-people.js";
import { registerPatient } from "./clinic-person.js";
import { clock, instantOf, local, minutesOf, shortDay, span, spanText, today, useZone, wall, zoneText } from "./clinic-time.js";
import { caller, isDoctor, may, postOnce } from "./clinic-way.js";
import { VISIT, choices, word } from "./clinic-words.js";

const dialog = find("booking");
const form = dialog.querySelector("form");
const fields = form.elements;
const patient = patientField();

// The appointment that moves, or null for a new one; and what to do afterwards.
let moving = null;
let after = () => {};
let asked = 0;
// Whether the person wrote a title of their own.
let isTitled = false;

find("booking-type").append(...choices(VISIT));

const doctorId = () => (isDoctor() ? caller.user_id : fields.doctor_id.value);

async function open(title, verb, { day, minutes, length, doctor = "" }) {
  say(dialog, "");
  find("booking-title").textContent = title;
  find("booking-do").textContent = verb;
  find("booking-what").hidden = Boolean(moving);
  find("booking-patient-field").hidden = Boolean(moving);
  find("booking-register").hidden = !may("patients:write");
  find("booking-doctor-field").hidden = isDoctor();
  find("booking-beside").hidden = true;
  form.reset();
  isTitled = false;
  fields.title.value = VISIT.consultation;
  if (!isDoctor()) await fillDoctors(fields.doctor_id, { none: moving ? null : "Whoever is free (to confirm later)", chosen: doctor });
  fields.day.value = day ?? today();
  fields.start_time.value = minutes === undefined ? "" : clock(minutes);
  fields.duration_minutes.value = length ?? "";
  dialog.showModal();
  if (!length) {
    const schedule = doctorId() ? await scheduleOf(doctorId()) : null;
    if (!fields.duration_minutes.value) fields.duration_minutes.value = schedule?.slot_minutes ?? 30;
  }
  await showFree();
}

// Asks for a new appointment; what is known already stands in the form.
export async function book({ day, minutes, doctor, who = null, done }) {
  moving = null;
  after = done;
  await open("Book an appointment", "Book", { day, minutes, doctor });
  patient.choose(who);
  (who ? fields.start_time : fields.patient_id).focus();
}

// What is said of a new appointment, such as to somebody on the telephone.
export function bookedText(appointment) {
  const doctor = appointment.doctor_name ? ` with ${appointment.doctor_name}` : ", to be confirmed";
  return `Booked: ${appointment.patient_name}, ${spanText(appointment)}${doctor}.`;
}

onClick(find("booking-register"), () => registerPatient((made) => patient.choose(made), patient.chosen() ? "" : fields.patient_id.value.trim()), dialog);

// Asks where an appointment moves to.
export async function moveVisit(appointment, { day, minutes, doctor, done }) {
  moving = appointment;
  after = done;
  const { day: old, from, to } = span(appointment);
  await open(`Move ${appointment.patient_name}`, "Move", {
    day: day ?? old, minutes: minutes ?? from, length: to - from, doctor: doctor ?? appointment.doctor_id ?? "",
  });
  say(dialog, `It is on ${shortDay(old)} at ${clock(from)} now.`);
  fields.start_time.focus();
}

// The free times of the chosen day; choosing one fills the field.
async function showFree() {
  const turn = ++asked;
  const place = find("booking-free");
  const { day } = fieldsOf(form);
  const doctor = doctorId();
  if (!doctor || !day) {
    place.replaceChildren(make("span", { class: "muted" }, doctor ? "Choose a day." : "Choose a doctor to see them."));
    return;
  }
  place.replaceChildren(make("span", { class: "muted" }, "Loading …"));
  const query = { doctor_id: doctor, from: instantOf(day, 0), to: instantOf(day, 1440), duration_minutes: fields.duration_minutes.value };
  let answer;
  try {
    answer = await call("GET", "appointments/slots", { query });
  } catch (error) {
    if (turn === asked) place.replaceChildren(make("span", { class: "muted" }, `The free times could not be loaded: ${error.message}`));
    return;
  }
  if (turn !== asked) return;
  useZone(answer.time_zone);
  find("booking-free-title").textContent = `Free times (${zoneText(new Date(`${day}T12:00:00Z`))})`;
  const free = answer.slots.map(({ local_start: start }) => clock(local(start).minutes));
  place.replaceChildren(...free.map((time) => make("button", {
    type: "button", class: "small", "aria-pressed": String(time === fields.start_time.value),
    click: () => { fields.start_time.value = time; mark(); find("booking-do").focus(); },
  }, time)));
  if (!free.length) place.replaceChildren(make("span", { class: "muted" }, "None on this day. Choose another day, or type a time."));
}

function mark() {
  for (const chip of find("booking-free").querySelectorAll("button")) {
    chip.setAttribute("aria-pressed", String(chip.textContent === fields.start_time.value));
  }
}

fields.start_time.addEventListener("input", mark);
for (const name of ["day", "doctor_id", "duration_minutes"]) fields[name].addEventListener("change", showFree);
fields.title.addEventListener("input", () => { isTitled = true; });
fields.type.addEventListener("change", () => {
  if (!isTitled) fields.title.value = word(VISIT, fields.type.value);
});

onSubmit(form, async (typed) => {
  if (!moving && !patient.chosen()) {
    say(dialog, "Choose the patient: type a few letters, then choose from the list.", "bad");
    fields.patient_id.focus();
    return;
  }
  const length = Number(typed.duration_minutes);
  const start = minutesOf(typed.start_time);
  const times = { start_time: instantOf(typed.day, start) };
  if (wall(times.start_time).minutes !== start) {
    say(dialog, "The clocks are put forward over this time, so it does not exist on this day. Choose another one.", "bad");
    return;
  }
  times.end_time = new Date(Date.parse(times.start_time) + length * 60_000).toISOString();
  let done;
  try {
    done = moving ? await move(times) : await add(typed, times);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.code === "SLOT_TAKEN") await taken(error);
    else if (error.code === "VERSION_CONFLICT") say(dialog, "Somebody has changed this appointment meanwhile. Close this, look at it, and move it again.", "bad");
    else throw error;
    return;
  }
  dialog.close();
  await after(done);
});

function move(times) {
  const body = { ...times, version: moving.version };
  if (!isDoctor() && fields.doctor_id.value !== (moving.doctor_id ?? "")) body.doctor_id = fields.doctor_id.value;
  return call("PATCH", `appointments/${encodeURIComponent(moving.appointment_id)}`, { body });
}

function add(typed, times) {
  const body = { title: typed.title, type: typed.type, patient_id: patient.chosen().patient_id, ...times };
  if (doctorId()) body.doctor_id = doctorId();
  if (typed.overbook_reason) Object.assign(body, { overbook: true, overbook_reason: typed.overbook_reason });
  return postOnce("appointments", body);
}

async function taken(error) {
  await showFree();
  const canStandBeside = !moving && doctorId();
  find("booking-beside").hidden = !canStandBeside;
  const text = fields.overbook_reason.value ? `${error.message}. Nothing more fits beside it.` : "This time is taken, of the doctor or of the patient.";
  say(dialog, `${text} Choose one of the free times${canStandBeside ? ", or say below why both are seen at once" : ""}.`, "bad");
}
