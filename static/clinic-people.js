// Doctors, and finding a patient by a few letters.
import { call } from "./api.js";
import { find, make } from "./ui.js";
import { addDays, date, instantOf, minutesOf, useZone, wall } from "./clinic-time.js";
import { everything } from "./clinic-way.js";
import { ageAndSex } from "./clinic-words.js";

let doctors = null;

// Every doctor, by name. Asked for once while somebody is logged in.
export function allDoctors() {
  doctors ??= everything("doctors", "doctors", {}).then((rows) => rows.sort((a, b) => a.name.localeCompare(b.name)));
  doctors.catch(() => { doctors = null; });
  return doctors;
}

export function forgetDoctors() {
  doctors = null;
}

// The schedule of a doctor, or null without one; its zone is the clinic's from now on.
export async function scheduleOf(doctorId) {
  try {
    const schedule = await call("GET", `doctors/${encodeURIComponent(doctorId)}/schedule`);
    useZone(schedule.time_zone);
    return schedule;
  } catch (error) {
    if (error.status !== 404) throw error;
    // Without a schedule the appointments say where the clinic is.
    const { appointments } = await call("GET", "appointments", { query: { limit: 1 } });
    useZone(appointments[0]?.time_zone);
    return null;
  }
}

export const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

// When a doctor works: the schedule, or null without one, with its exceptions.
export async function workOf(doctorId) {
  const schedule = await scheduleOf(doctorId);
  if (!schedule) return null;
  const { exceptions } = await call("GET", `doctors/${encodeURIComponent(doctorId)}/exceptions`);
  return { ...schedule, exceptions };
}

// The hours of a day in minutes, as the schedule's clocks show them: when the doctor works, and when the doctor is off.
export function hoursOf(work, day) {
  if (!work) return { open: [], off: [] };
  const [start, end] = [instantOf(day, 0), instantOf(addDays(day, 1), 0)].map(Date.parse);
  const within = ({ from, to }) => ({ from: Date.parse(from) <= start ? 0 : wall(from).minutes, to: Date.parse(to) >= end ? 1440 : wall(to).minutes });
  const touches = ({ from, to }) => Date.parse(from) < end && Date.parse(to) > start;
  const of = (wanted) => work.exceptions.filter((one) => one.kind === wanted && touches(one)).map(within);
  const name = DAYS[(new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7];
  const weekly = work.weekly.filter((row) => row.day === name).map(({ from, to }) => ({ from: minutesOf(from), to: minutesOf(to) }));
  const off = of("off");
  return { open: off.reduce(without, [...weekly, ...of("extra")]), off };
}

const without = (hours, { from, to }) => hours.flatMap((it) => [{ from: it.from, to: Math.min(it.to, from) }, { from: Math.max(it.from, to), to: it.to }])
  .filter((it) => it.from < it.to);

export async function fillDoctors(select, { none = null, chosen = "" } = {}) {
  const rows = await allDoctors();
  const options = rows.map(({ doctor_id: value, name, specialization }) => make("option", { value }, specialization ? `${name} (${specialization})` : name));
  select.replaceChildren(...(none === null ? [] : [make("option", { value: "" }, none)]), ...options);
  select.value = chosen;
  if (select.selectedIndex < 0) select.selectedIndex = 0;
}

const WAIT_MS = 250;

// Calls `action(text)` when somebody has stopped typing for a moment.
export function whileTyping(input, action) {
  let timer = null;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => action(input.value.trim()), WAIT_MS);
  });
}

// A field in which one patient is chosen; `choose(null)` empties it.
export function patientField(changed = () => {}) {
  const [input, options, hint] = [find("booking-patient"), find("booking-found"), find("booking-patient-hint")];
  const first = hint.textContent;
  let chosen = null;
  let at = -1;
  let asked = 0;

  function close() {
    options.hidden = true;
    options.replaceChildren();
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(patient) {
    asked += 1;
    chosen = patient;
    input.value = patient?.name ?? "";
    hint.textContent = patient ? `${patient.patient_id}${patient.date_of_birth ? `, born ${patient.date_of_birth}` : ""}` : first;
    close();
    if (patient) changed(patient);
  }

  function point(to) {
    const all = [...options.children];
    if (!all.length) return;
    at = (to + all.length) % all.length;
    for (const [index, option] of all.entries()) option.setAttribute("aria-selected", String(index === at));
    input.setAttribute("aria-activedescendant", all[at].id);
    all[at].scrollIntoView({ block: "nearest" });
  }

  whileTyping(input, async (text) => {
    const turn = ++asked;
    chosen = null;
    if (text.length < 2) {
      close();
      hint.textContent = first;
      return;
    }
    let patients;
    try {
      ({ patients } = await call("GET", "patients/search", { query: { q: text, limit: 8 } }));
    } catch (error) {
      if (turn === asked) hint.textContent = error.message;
      return;
    }
    if (turn !== asked) return;
    close();
    const many = patients.length === 1 ? "One patient" : `${patients.length} patients`;
    hint.textContent = patients.length ? `${many} found. Choose with the arrow keys and Enter.` : "Nobody is found. Try fewer letters, or register the patient first.";
    options.append(...patients.map((patient, index) => make("li", {
      role: "option", id: `found-${index}`, "aria-selected": "false",
      pointerdown: (event) => event.preventDefault(),
      click: () => choose(patient),
    }, make("strong", {}, patient.name), make("span", { class: "second" },
      patient.date_of_birth ? make("span", {}, "born ", date(patient.date_of_birth)) : "", ` ${ageAndSex(patient)} ${patient.phone ?? ""}`,
      patient.match === "sounds_like" ? " – sounds alike" : ""))));
    options.hidden = !patients.length;
    input.setAttribute("aria-expanded", String(patients.length > 0));
  });

  input.addEventListener("keydown", (event) => {
    if (options.hidden) return;
    if (event.key === "ArrowDown") point(at + 1);
    else if (event.key === "ArrowUp") point(at < 0 ? -1 : at - 1);
    else if (event.key === "Enter") options.children[Math.max(at, 0)].click();
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  input.addEventListener("blur", () => setTimeout(close, 150));

  return { choose, chosen: () => chosen };
}
