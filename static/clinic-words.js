// The words for what the service calls by a short name, and the colour beside them.
import { badge, make } from "./ui.js";

export const APPOINTMENT = {
  held: ["held", "warn"],
  pending: ["to confirm", "warn"],
  confirmed: ["confirmed", "good"],
  arrived: ["arrived", "here"],
  completed: ["done", ""],
  cancelled: ["cancelled", "bad"],
  no_show: ["did not come", "bad"],
};

export const REPORT = {
  pending: ["not written", "warn"],
  generating: ["being written", "warn"],
  completed: ["to sign", "here"],
  failed: ["failed", "bad"],
  signed: ["signed", "good"],
};

export const CONSULTATION = {
  in_progress: ["going on", "here"],
  paused: ["paused", "warn"],
  completed: ["done", ""],
  cancelled: ["cancelled", "bad"],
};

export const VISIT = { consultation: "Consultation", new_patient: "First visit", followup: "Follow-up", emergency: "Emergency" };
export const REPORT_TYPE = { ...VISIT, new_patient: "First visit", referral: "Referral", summary: "Summary" };
export const CARE = { primary: "own doctor", treating: "treats for now", covering: "stands in", referral: "referred to" };
export const SEX = { female: "female", male: "male", other: "other", unknown: "not known" };

const plain = (name) => String(name ?? "").replaceAll("_", " ");
export const word = (words, name) => words[name] ?? plain(name);

export function state(words, name) {
  const [text, kind] = words[name] ?? [plain(name), ""];
  return badge(text, kind);
}

// `78, female`
export function ageAndSex({ age, sex }) {
  return [age ?? null, sex && sex !== "unknown" ? word(SEX, sex) : null].filter((it) => it !== null).join(", ");
}

// `1 day`, `3 weeks`
export function lengthText({ value, unit }) {
  return `${value} ${value === 1 ? unit.replace(/s$/, "") : unit}`;
}

// A list of choices for a `select`.
export function choices(words, none = null) {
  const all = Object.entries(words).map(([value, text]) => make("option", { value }, [text].flat()[0]));
  return none === null ? all : [make("option", { value: "" }, none), ...all];
}
