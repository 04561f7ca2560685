// What the desk does for a patient who cannot log in: unlock the account, mail a reset.
import { call } from "./api.js";
import { button, confirm, say } from "./ui.js";
import { may } from "./clinic-way.js";

export function accountActions(patient, place) {
  if (!may("users:help") || !patient.has_account) return [];
  const at = `admin/users/${encodeURIComponent(patient.patient_id)}`;
  const unlock = button("Unlock login", async () => {
    await call("POST", `${at}/unlock`);
    say(place, `${patient.name} can log in again: the failed logins are forgotten.`, "good");
  }, { place });
  const reset = button("Send password reset", async () => {
    const text = `A code and a link go to the e-mail address of the account of ${patient.name}. The password stays until a new one is set with them.`;
    if (!await confirm("Send a password reset?", text, "Send")) return;
    await call("POST", `${at}/reset-password`);
    say(place, `A password reset is on its way to ${patient.name}.`, "good");
  }, { place });
  return [unlock, reset];
}
