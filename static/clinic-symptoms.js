// The symptoms of a record.
import { call } from "./api.js";
import { badge, button, confirm, find, make, onSubmit, say } from "./ui.js";
import { date } from "./clinic-time.js";
import { lengthText } from "./clinic-words.js";

const dialog = find("symptom");
const form = dialog.querySelector("form");
const KIND = { Severe: "bad", Moderate: "warn", Mild: "" };

// Whose symptom is changed, and which one; null for a new one.
let patient = null;
let changing = null;
let after = () => {};

const at = (id = null) => `patients/${encodeURIComponent(patient.patient_id)}/symptoms${id ? `/${encodeURIComponent(id)}` : ""}`;

export function symptoms(of, renew, place) {
  const rows = of.symptoms ?? [];
  if (!rows.length) return make("p", { class: "muted" }, "None is written down.");
  return make("ul", { class: "rows" }, ...rows.map((row) => make("li", {},
    make("div", {}, make("strong", {}, row.symptom_name), " ", row.severity ? badge(row.severity.toLowerCase(), KIND[row.severity]) : "",
      make("span", { class: "second" }, [row.frequency?.toLowerCase(), row.duration ? `for ${lengthText(row.duration)}` : null, row.notes].filter(Boolean).join(" · ")),
      make("span", { class: "second" }, "written down ", date(row.recorded_at))),
    make("div", { class: "actions" },
      button("Change", () => ask(of, row, renew), { kind: "small", label: `Change ${row.symptom_name}`, place }),
      button("Remove", async () => {
        if (!await confirm("Remove this symptom?", `${row.symptom_name} is not in the record any more.`, "Remove")) return;
        patient = of;
        await call("DELETE", at(row.symptom_id));
        await renew();
        say(place, `${row.symptom_name} is removed.`, "good");
      }, { kind: "small danger", label: `Remove ${row.symptom_name}`, place })))));
}

export const addSymptom = (of, renew) => ask(of, null, renew);

function ask(of, row, renew) {
  [patient, changing, after] = [of, row, renew];
  form.reset();
  find("symptom-title").textContent = row ? "Change a symptom" : "Add a symptom";
  if (row) {
    const values = { ...row, value: row.duration?.value ?? "", unit: row.duration?.unit ?? "days" };
    for (const input of form.elements) if (input.name) input.value = values[input.name] ?? "";
  }
  say(dialog, "");
  dialog.showModal();
  form.elements.symptom_name.focus();
}

onSubmit(form, async ({ value, unit, ...fields }) => {
  const body = { ...fields, notes: fields.notes ?? null };
  if (!changing && body.notes === null) delete body.notes;
  if (value !== undefined) body.duration = { value: Number(value), unit };
  if (changing) await call("PATCH", at(changing.symptom_id), { body });
  else await call("POST", at(), { body });
  dialog.close();
  await after();
  say(find("patient"), `${fields.symptom_name} is written down.`, "good");
});
