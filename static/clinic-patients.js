// Patients: one box finds them while somebody types.
import { list } from "./list.js";
import { button, find, make, onClick } from "./ui.js";
import { fillDoctors, whileTyping } from "./clinic-people.js";
import { openNew, registerPatient } from "./clinic-person.js";
import { date } from "./clinic-time.js";
import { isDoctor, open, part } from "./clinic-way.js";
import { CARE, ageAndSex, word } from "./clinic-words.js";

const place = find("patients");
const search = find("patients-search");

const patients = list(place, {
  path: "patients/list",
  caption: "Patients",
  empty: "Nobody is like that. Try fewer letters, or the date of birth.",
  query: ({ search: typed = "", doctor_id: doctor = "" }) => ({ search: typed.trim().length < 2 ? "" : typed.trim(), doctor_id: isDoctor() ? "" : doctor, limit: 20 }),
  rows: (answer) => {
    found(answer);
    return answer.patients;
  },
  total: ({ pagination }) => (pagination.total_is_estimate ? `more than ${pagination.total.toLocaleString("en")}` : pagination.total),
  columns: [
    { title: "Name", show: (row) => [button(row.name, () => open("patient", row.patient_id), { kind: "link", place }), make("span", { class: "second mono" }, row.patient_id)] },
    { title: "Born", show: (row) => [date(row.date_of_birth, "not known"), make("span", { class: "second" }, ageAndSex(row))] },
    { title: "Contact", show: (row) => [make("span", { class: "whole" }, row.phone ?? ""), make("span", { class: "second" }, row.email ?? "")] },
    { title: "Last visit", show: (row) => date(row.last_visit, "none yet") },
    { title: "Next", show: (row) => date(row.next_appointment, "none") },
    { title: "Care", show: (row) => (row.relationship ? word(CARE, row.relationship) : "") },
  ],
});

function found({ patients: rows, pagination }) {
  if (search.value.trim().length < 2) find("patients-found").textContent = "Two letters are enough; several words narrow it down. The key / leads here from everywhere.";
  else if (!rows.length) find("patients-found").textContent = "Nobody is found.";
  else find("patients-found").textContent = pagination.total === 1 ? "One patient is found. Enter opens the record." : `${pagination.total} patients are found. Arrow keys go through them.`;
}

part("patients", {
  async enter() {
    find("patients-of").hidden = isDoctor();
    if (!isDoctor()) await fillDoctors(find("patients-doctor"), { none: "any", chosen: find("patients-doctor").value });
    await patients.load();
    toSearch();
  },
  clear() {
    patients.clear();
    find("patients-found").textContent = "";
  },
});

// What stands there is marked, so that a new name takes its place.
function toSearch() {
  search.focus();
  search.select();
}

async function searchNow() {
  patients.clear();
  await patients.load();
}

whileTyping(search, searchNow);

// From everywhere on the page, while nobody types.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey || find("parts").hidden) return;
  if (document.querySelector("dialog[open]") || event.target.closest("input, select, textarea")) return;
  event.preventDefault();
  if (place.hidden) open("patients");
  else toSearch();
});

// Each record that was found, in the order of the list.
const opens = () => [...place.querySelectorAll("[data-list] td button")];

search.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") opens()[0]?.focus();
  else if (event.key === "Enter") searchNow().then(() => (opens().length === 1 ? opens()[0].click() : opens()[0]?.focus()));
  else return;
  event.preventDefault();
});

place.querySelector("[data-list]").addEventListener("keydown", (event) => {
  const all = opens();
  const at = all.indexOf(event.target);
  if (at < 0 || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  if (event.key === "ArrowUp" && at === 0) search.focus();
  else all[at + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
});

onClick(find("patients-register"), () => registerPatient(openNew));
