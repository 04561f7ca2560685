// Who a patient is: registering one, with a look for a record that is there already, and changing one.
import { Refusal, call } from "./api.js";
import { find, make, onClick, onSubmit, say } from "./ui.js";
import { fillDoctors } from "./clinic-people.js";
import { date } from "./clinic-time.js";
import { isDoctor, open, postOnce } from "./clinic-way.js";
import { SEX, ageAndSex, choices } from "./clinic-words.js";

const dialog = find("person");
const form = dialog.querySelector("form");
const twins = find("twins");
const NAMES = ["first_name", "last_name", "date_of_birth", "age", "sex", "phone", "email", "address", "referred_by"];

// The patient who is changed, or null for a new one; what was sent; and what to do afterwards.
let changing = null;
let sent = {};
let after = () => {};

find("person-sex").append(make("option", { value: "" }, "choose"), ...choices(SEX));

// `typed` is the name as far as somebody has typed it already.
export async function registerPatient(done, typed = "") {
  changing = null;
  after = done;
  await show("Register a patient", "Register");
  const [first, ...rest] = typed.split(/\s+/);
  [form.elements.first_name.value, form.elements.last_name.value] = [first, rest.join(" ")];
}

// The record of somebody who was just registered.
export async function openNew(patient) {
  await open("patient", patient.patient_id);
  say(find("patient"), `${patient.name} is registered.`, "good");
}

export async function changePatient(patient, done) {
  changing = patient;
  after = done;
  await show(`Change ${patient.name}`, "Save");
}

async function show(title, verb) {
  find("person-title").textContent = title;
  find("person-do").textContent = verb;
  form.reset();
  // The address of an account is changed by its owner alone.
  form.querySelector("[data-once]").hidden = Boolean(changing?.has_account);
  find("person-doctor-field").hidden = isDoctor() || Boolean(changing);
  if (!find("person-doctor-field").hidden) await fillDoctors(form.elements.doctor_id, { none: "choose" });
  for (const name of NAMES) if (changing && name !== "age") form.elements[name].value = changing[name] ?? "";
  // Some ages are estimates: there is no date of birth then.
  if (changing && !changing.date_of_birth) form.elements.age.value = changing.age ?? "";
  say(dialog, "");
  dialog.showModal();
  form.elements.first_name.focus();
}

onSubmit(form, async (fields) => {
  if (!fields.date_of_birth && fields.age === undefined) {
    say(dialog, "Give the date of birth, or the age if nobody knows the date.", "bad");
    return;
  }
  if (!isDoctor() && !changing && !fields.doctor_id) {
    say(dialog, "Choose the doctor who will see the patient.", "bad");
    form.elements.doctor_id.focus();
    return;
  }
  // A date says more than an age.
  if (fields.date_of_birth) delete fields.age;
  else fields.age = Number(fields.age);
  if (changing) await change(fields);
  else await register(fields);
});

async function register(body) {
  sent = body;
  let patient;
  try {
    patient = await postOnce("patients", body);
  } catch (error) {
    if (error.code !== "POSSIBLE_DUPLICATE") throw error;
    showTwins(error.details);
    return;
  }
  dialog.close();
  await after(patient);
}

// Only what was changed; what was emptied is cleared.
async function change(fields) {
  const body = {};
  for (const name of NAMES) {
    if (name === "age" && (fields.date_of_birth || fields.age === changing.age)) continue;
    // An age takes the place of a date; the date is not cleared beside it.
    if (name === "date_of_birth" && !fields.date_of_birth) continue;
    const [old, now] = [changing[name] || null, fields[name] ?? null];
    if (now !== old && !form.elements[name].closest("[hidden]")) body[name] = now;
  }
  if (Object.keys(body).length) {
    try {
      await call("PATCH", `patients/${encodeURIComponent(changing.patient_id)}`, { body: { ...body, version: changing.version } });
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== "VERSION_CONFLICT") throw error;
      say(dialog, "Not saved: somebody else has changed this record meanwhile. Close this, look at the record, and change it again.", "bad");
      return;
    }
  }
  dialog.close();
  await after();
}

// The records that may be of the same person, as far as this caller may see them.
function showTwins({ candidates = [], hidden = 0 }) {
  const rows = candidates.map((one) => make("li", {},
    make("div", {}, make("strong", {}, one.name),
      make("span", { class: "second" }, one.date_of_birth ? make("span", {}, "born ", date(one.date_of_birth), ", ") : "", ageAndSex(one), one.phone ? `, ${one.phone}` : ""),
      make("span", { class: "second mono" }, one.patient_id)),
    make("button", { type: "button", class: "small primary", "aria-label": `Open the record of ${one.name}`, click: async () => {
      twins.close();
      dialog.close();
      await open("patient", one.patient_id);
    } }, "Open the record")));
  const others = Number(hidden) || (candidates.length ? 0 : 1);
  if (others) rows.push(make("li", {}, make("div", {}, make("strong", {}, others === 1 ? "One record" : `${others} records`, " of another doctor"),
    make("span", { class: "second" }, "You may not see it. Ask the desk to add you to the care team of this patient."))));
  find("twins-found").replaceChildren(...rows);
  say(twins, "");
  twins.showModal();
}

onClick(find("twins-other"), async () => {
  const patient = await postOnce("patients", { ...sent, confirm_duplicate: true });
  twins.close();
  dialog.close();
  await after(patient);
});
