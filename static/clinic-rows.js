// The rows of a report's form: diagnoses, medication, recommendations.
import { make } from "./ui.js";

const LISTS = [
  { name: "diagnoses", title: "Diagnoses", add: "Add a diagnosis", fields: [["diagnosis", "Diagnosis"], ["icd_code", "Code"], ["severity", "Severity"], ["notes", "Notes"]] },
  { name: "medication_plan", title: "Medication", add: "Add a medicine",
    fields: [["drug_name", "Medicine"], ["dosage", "Dose"], ["frequency", "How often"], ["duration", "How long"], ["instructions", "How to take it"]] },
  { name: "recommendations", title: "Recommendations", add: "Add a recommendation", fields: [["recommendation", "Recommendation"], ["category", "Kind"], ["priority", "How important"]] },
];
let count = 0;

// Fields for each list of a report, with what it has already.
export function rowFields(report) {
  return LISTS.map((list) => {
    const rows = make("div", { class: "stack tight", "data-rows": list.name }, ...(report[list.name] ?? []).map((row) => fieldsOfRow(list, row)));
    const add = make("button", { type: "button", class: "small", click: () => {
      const row = fieldsOfRow(list, {});
      rows.append(row);
      row.querySelector("input").focus();
    } }, list.add);
    return make("div", { class: "stack tight" }, make("div", { class: "head" }, make("h3", {}, list.title), add), rows);
  });
}

function fieldsOfRow({ title, fields }, values) {
  count += 1;
  const row = make("div", { class: "pair row", role: "group", "aria-label": title });
  for (const [name, label] of fields) {
    const input = make("input", { id: `row-${count}-${name}`, "data-name": name, autocomplete: "off" });
    input.value = values[name] ?? "";
    row.append(make("div", { class: "field" }, make("label", { for: input.id }, label), input));
  }
  row.append(make("button", { type: "button", class: "small danger", "aria-label": `Remove this row of ${title.toLowerCase()}`, click: () => {
    const add = row.parentElement.parentElement.querySelector("button");
    row.remove();
    add.focus();
  } }, "Remove"));
  return row;
}

// What was typed; empty rows are left out.
export function collectRows(place) {
  const content = {};
  for (const list of place.querySelectorAll("[data-rows]")) {
    const rows = [...list.children].map((row) => Object.fromEntries([...row.querySelectorAll("input")].map((input) => [input.dataset.name, input.value.trim()])));
    content[list.dataset.rows] = rows.filter((row) => Object.values(row).some(Boolean));
  }
  return content;
}
