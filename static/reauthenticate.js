// Proving again who is calling: what changes an account needs a proof of the last minutes.
import { call, Refusal, username } from "./api.js";
import * as passkeys from "./passkeys.js";
import { make, onClick, onSubmit } from "./ui.js";
import { t } from "./words.js";

let asked = null;

// Like `call`; if the service wants a fresh proof, a dialog asks for it, and then the call is sent again.
export async function callFresh(method, path, content = {}) {
  try {
    return await call(method, path, content);
  } catch (refusal) {
    if (refusal.code !== "REAUTH_REQUIRED") throw refusal;
    // One dialog serves all who need the proof meanwhile.
    asked ??= ask(refusal.details.methods ?? []).finally(() => { asked = null; });
    await asked;
    return call(method, path, content);
  }
}

// A code as people type it: six digits are the app's, everything else is a recovery code.
export function codeProof(code) {
  return /^[\d\s]{6,8}$/.test(code) ? { totp_code: code.replaceAll(/\s/g, "") } : { recovery_code: code };
}

// Opens the dialog; fulfilled when the service has the proof.
function ask(methods) {
  const dialog = make("dialog", { "aria-labelledby": "proof-title" },
    make("h2", { id: "proof-title" }, t("Confirm that it is you")),
    make("p", { class: "message", role: "status", tabindex: "-1" }),
    make("p", {}, t("This needs a new proof, even though you are logged in.")));
  let isProven = false;
  async function prove(body) {
    await call("POST", "auth/reauthenticate", { body });
    isProven = true;
    dialog.close();
  }
  if (methods.includes("passkey") && passkeys.arePossible) {
    dialog.append(make("p", { class: "actions" }, passkeyButton(dialog, prove)));
  }
  if (methods.some((method) => method !== "passkey")) dialog.append(passwordForm(methods, prove));
  if (dialog.querySelector("button") === null) {
    dialog.append(make("p", {}, t("Your account needs a passkey for this, and this browser cannot use one.")));
  }
  dialog.append(make("p", { class: "actions" }, make("button", { type: "button", click: () => dialog.close() }, t("Cancel"))));
  document.body.append(dialog);
  return new Promise((resolve, reject) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (isProven) resolve();
      else reject(new Refusal(0, { detail: t("Nothing was changed, because you did not confirm that it is you.") }));
    });
    dialog.showModal();
  });
}

function passkeyButton(dialog, prove) {
  const button = make("button", { type: "button", class: "primary" }, t("Use a passkey"));
  onClick(button, async () => {
    // A challenge works once, so each try has its own.
    const { challenge_id, passkey } = await call("POST", "auth/reauthenticate/begin");
    return prove({ challenge_id, passkey: await passkeys.use(passkey) });
  }, dialog);
  return button;
}

function passwordForm(methods, prove) {
  const form = make("form", {},
    make("input", { type: "text", autocomplete: "username", hidden: true, value: username() }),
    field(t("Password"), { id: "proof-password", name: "password", type: "password", autocomplete: "current-password" }));
  const hasApp = methods.includes("totp");
  if (hasApp || methods.includes("recovery_code")) {
    form.append(field(t("Code"), { id: "proof-code", name: "code", autocomplete: "one-time-code", autocapitalize: "characters", spellcheck: "false" },
      hasApp ? t("Six digits from your authenticator app, or one of your recovery codes.") : t("One of your recovery codes.")));
  }
  form.append(make("p", { class: "actions" }, make("button", { class: "primary" }, t("Confirm"))));
  onSubmit(form, ({ password, code }) => prove({ password, ...(code ? codeProof(code) : {}) }));
  return form;
}

function field(text, attributes, hint = null) {
  const { id } = attributes;
  const described = hint ? `${id}-hint` : null;
  return make("div", { class: "field" },
    make("label", { for: id }, text),
    make("input", { required: true, "aria-describedby": described, ...attributes }),
    hint ? make("span", { class: "hint", id: described }, hint) : null);
}
