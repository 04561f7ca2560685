// Logging in: what may come after the password, an authenticator app's code, a passkey, or a first factor that is set up.
import { call, Refusal } from "./api.js";
import * as passkeys from "./passkeys.js";
import { codeProof } from "./reauthenticate.js";
import { codesView } from "./recovery-codes.js";
import { make, onClick, onSubmit, say } from "./ui.js";
import { plural, t } from "./words.js";

// What this page shows instead of a second factor, if somebody wanted that. It is a token, so nothing stores it (WEB-4), and it
// ends with the page (ADR 0029).
let deviceToken;

// The answer of a login. After the right password of somebody who needs more, a dialog asks for it.
export async function signIn(fields) {
  try {
    return await call("POST", "auth/login", { body: { ...fields, device_token: deviceToken } });
  } catch (refusal) {
    if (refusal.code === "MFA_REQUIRED") return secondStep(refusal.details);
    if (refusal.code === "MFA_ENROLMENT_REQUIRED") return enrolment(refusal.details);
    throw refusal;
  }
}

function secondStep({ mfa_token, methods, passkey, may_remember, remember_days }) {
  return ask(t("One step more"), (dialog, done, fail) => {
    const box = may_remember ? make("input", { id: "second-remember", type: "checkbox" }) : null;
    const finish = (proof) => done(proven({ mfa_token, ...proof, remember_device: box?.checked }));
    const byApp = methods.includes("totp");
    const byCode = byApp || methods.includes("recovery_code");
    const parts = [];
    if (byCode) {
      const hint = byApp ? t("Six digits from your authenticator app, or one of your recovery codes.") : t("One of your recovery codes.");
      parts.push(codeForm(hint, t("Log in"), ({ code }) => finish(codeProof(code))));
    }
    if (passkey && passkeys.arePossible) {
      const button = make("button", { type: "button", class: byApp ? "" : "primary" }, t("Use a passkey"));
      onClick(button, async () => {
        try {
          await finish({ passkey: await passkeys.use(passkey) });
        } catch (refusal) {
          if (refusal.code !== "PASSKEY_ERROR") throw refusal;
          // This login asks for a passkey once (PK-1). A code is the other way.
          if (!byCode) return fail(Promise.reject(refusal));
          button.remove();
          throw refusal;
        }
      }, dialog);
      const place = make("p", { class: "actions" }, button);
      if (byApp) parts.push(place);
      else parts.unshift(place);
    }
    if (!parts.length) parts.push(make("p", {}, t("Your account needs a passkey, and this browser cannot use one here.")));
    dialog.append(...parts);
    const text = ` ${plural(remember_days, "Do not ask again while this page is open, for a day at most", "Do not ask again while this page is open, for {{ n }} days at most")}`;
    if (box) dialog.querySelector(".actions")?.before(make("label", { class: "check", for: box.id }, box, text));
  });
}

async function proven(body) {
  const answer = await call("POST", "auth/login/mfa", { body });
  deviceToken = answer.device_token ?? deviceToken;
  return answer;
}

function enrolment({ mfa_token, methods }) {
  return ask(t("Set up a second factor"), async (dialog, done) => {
    const byPasskey = methods.includes("passkey") && passkeys.arePossible;
    const byApp = methods.includes("totp");
    if (!byPasskey && !byApp) {
      dialog.append(make("p", {}, t("Your account needs a passkey first, and none can be made here. Take another browser or device, or ask an administrator.")));
      return;
    }
    const added = async (answer) => {
      const known = await unlessOver(done, answer);
      if (known) showCodes(dialog, known, done);
    };
    dialog.append(make("p", {}, t("Your role needs more than a password.")));
    if (byPasskey) dialog.append(...passkeyForm(mfa_token, byApp, added, dialog));
    if (byApp) dialog.append(...await appForm(mfa_token, byPasskey, added));
  });
}

function passkeyForm(mfa_token, isOneOfTwo, added, dialog) {
  const button = make("button", { type: "button", class: isOneOfTwo ? "" : "primary" }, t("Make a passkey"));
  onClick(button, () => added(makePasskey(mfa_token)), dialog);
  return [
    make("p", {}, t("With a passkey this device, or a key that you plug in, asks for your finger, your face or a PIN. Later it logs you in without the password.")),
    make("p", { class: "actions" }, button),
  ];
}

async function makePasskey(mfa_token) {
  const { challenge_id, public_key } = await call("POST", "auth/passkeys/begin", { body: { mfa_token } });
  const credential = await passkeys.create(public_key);
  return call("POST", "auth/passkeys", { body: { mfa_token, challenge_id, credential } });
}

async function appForm(mfa_token, isOneOfTwo, added) {
  const { secret, otpauth_uri, qr } = await call("POST", "auth/mfa/totp/begin", { body: { mfa_token } });
  return [
    make("p", {}, isOneOfTwo ? t("Or scan this picture with an authenticator app on your telephone.") : t("Scan this picture with an authenticator app on your telephone.")),
    picture(qr),
    byHand(otpauth_uri, secret),
    codeForm(t("The six digits that the app shows now."), t("Confirm"), ({ code }) => added(
      call("POST", "auth/mfa/totp/confirm", { body: { mfa_token, totp_code: code.replaceAll(/\s/g, "") } }))),
  ];
}

// What serves those who cannot scan the picture.
export function byHand(address, secret) {
  return make("p", {}, t("On this telephone:"), " ", make("a", { href: address }, t("open the app")), ". ", t("Or type:"), " ", make("code", { tabindex: "0" }, secret));
}

export function picture({ path, size }) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("class", "qr");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", t("The secret of the app as a picture; it stands below as text"));
  const modules = document.createElementNS(svg.namespaceURI, "path");
  modules.setAttribute("d", path);
  svg.append(modules);
  return svg;
}

// The recovery codes are shown once, so the page goes on only when somebody says that they are kept.
function showCodes(dialog, answer, done) {
  const button = make("button", { type: "button", class: "primary" }, t("I have kept them"));
  onClick(button, () => done(Promise.resolve(answer)), dialog);
  dialog.replaceChildren(
    make("h2", { tabindex: "-1" }, t("Your recovery codes")),
    make("p", { class: "message", role: "status", tabindex: "-1" }),
    ...codesView(answer.recovery_codes),
    make("p", { class: "actions" }, button));
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.querySelector("h2").focus();
}

export function codeForm(hint, verb, action) {
  const input = make("input", { id: "second-code", name: "code", required: true, autocomplete: "one-time-code", autocapitalize: "characters", spellcheck: "false", "aria-describedby": "second-hint" });
  const form = make("form", {},
    make("div", { class: "field" }, make("label", { for: "second-code" }, t("Code")), input, make("span", { class: "hint", id: "second-hint" }, hint)),
    make("p", { class: "actions" }, make("button", { class: "primary" }, verb)));
  onSubmit(form, action);
  return form;
}

// A login that is over ends the dialog; every other refusal is told in it.
async function unlessOver(done, answer) {
  try {
    return await answer;
  } catch (refusal) {
    if (refusal.code !== "AUTH_FAILED") throw refusal;
    done(Promise.reject(refusal));
    return null;
  }
}

// Opens a dialog; `fill(dialog, done, fail)` puts the questions into it. `done(answer)` ends it, and `fail(answer)` where the
// answer is a refusal that ends the login.
function ask(title, fill) {
  const heading = make("h2", { id: "second-title" }, title);
  const message = make("p", { class: "message", role: "status", tabindex: "-1" });
  const dialog = make("dialog", { "aria-labelledby": "second-title" }, heading, message);
  const cancel = make("button", { type: "button" }, t("Cancel"));
  document.body.append(dialog);
  return new Promise((resolve, reject) => {
    let outcome = null;
    const fail = (refused) => {
      refused.catch(() => {}); // The listener below tells it.
      outcome = refused;
      dialog.close();
    };
    const done = async (answer) => {
      const known = await unlessOver(fail, answer);
      if (known === null) return;
      outcome = Promise.resolve(known);
      dialog.close();
    };
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (outcome) outcome.then(resolve, reject);
      else reject(new Refusal(0, { detail: t("You are not logged in.") }));
    });
    cancel.addEventListener("click", () => dialog.close());
    dialog.showModal();
    Promise.resolve(fill(dialog, done, fail))
      .then(() => dialog.append(make("p", { class: "actions" }, cancel)), (refusal) => fail(Promise.reject(refusal)));
  });
}
