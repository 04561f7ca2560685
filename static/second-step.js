// Logging in: what may come after the password, an authenticator app's code, a passkey, or a first app that is set up.
import { call, Refusal } from "./api.js";
import { codesView } from "./recovery-codes.js";
import { make, onClick, onSubmit, say } from "./ui.js";

// The answer of a login. After the right password of somebody who needs more, a dialog asks for it.
export async function signIn(fields) {
  try {
    return await call("POST", "auth/login", { body: fields });
  } catch (refusal) {
    if (refusal.code === "MFA_REQUIRED") return secondStep(refusal.details);
    if (refusal.code === "MFA_ENROLMENT_REQUIRED") return enrolment(refusal.details);
    throw refusal;
  }
}

function secondStep({ mfa_token, methods, passkey }) {
  return ask("One step more", (dialog, done) => {
    const finish = (proof) => done(call("POST", "auth/login/mfa", { body: { mfa_token, ...proof } }));
    const byCode = methods.includes("totp") || methods.includes("recovery_code");
    if (byCode) {
      const hint = "Six digits from your authenticator app, or one of your recovery codes.";
      dialog.append(codeForm(hint, "Log in", ({ code }) => finish(/^[\d\s]{6,8}$/.test(code)
        ? { totp_code: code.replaceAll(/\s/g, "") }
        : { recovery_code: code })));
    }
    if (passkey && window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
      const button = make("button", { type: "button" }, "Use a passkey");
      onClick(button, async () => {
        const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(passkey);
        const credential = await navigator.credentials.get({ publicKey }).catch(() => null);
        if (!credential) return say(dialog, "No passkey was used.", "bad");
        return finish({ passkey: credential.toJSON() });
      }, dialog);
      dialog.append(make("p", { class: "actions" }, button));
    } else if (!byCode) {
      dialog.append(make("p", {}, "Your account needs a passkey, and this browser cannot use one."));
    }
  });
}

function enrolment({ mfa_token, methods }) {
  return ask("Set up a second factor", async (dialog, done) => {
    if (!methods.includes("totp")) {
      dialog.append(make("p", {}, "Your account needs a passkey first. Ask an administrator."));
      return;
    }
    const { secret, otpauth_uri, qr } = await call("POST", "auth/mfa/totp/begin", { body: { mfa_token } });
    dialog.append(
      make("p", {}, "Your role needs more than a password. Scan this picture with an authenticator app on your telephone."),
      picture(qr),
      make("p", {}, "On this telephone: ", make("a", { href: otpauth_uri }, "open the app"), ". Or type: ", make("code", { tabindex: "0" }, secret)),
      codeForm("The six digits that the app shows now.", "Confirm", async ({ code }) => {
        const body = { mfa_token, totp_code: code.replaceAll(/\s/g, "") };
        const answer = await unlessOver(done, call("POST", "auth/mfa/totp/confirm", { body }));
        if (answer) showCodes(dialog, answer, done);
      }));
  });
}

export function picture({ path, size }) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("class", "qr");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "The secret of the app as a picture; it stands below as text");
  const modules = document.createElementNS(svg.namespaceURI, "path");
  modules.setAttribute("d", path);
  svg.append(modules);
  return svg;
}

// The recovery codes are shown once, so the page goes on only when somebody says that they are kept.
function showCodes(dialog, answer, done) {
  const button = make("button", { type: "button", class: "primary" }, "I have kept them");
  onClick(button, () => done(Promise.resolve(answer)), dialog);
  dialog.replaceChildren(
    make("h2", { tabindex: "-1" }, "Your recovery codes"),
    make("p", { class: "message", role: "status", tabindex: "-1" }),
    ...codesView(answer.recovery_codes),
    make("p", { class: "actions" }, button));
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.querySelector("h2").focus();
}

export function codeForm(hint, verb, action) {
  const input = make("input", { id: "second-code", name: "code", required: true, autocomplete: "one-time-code", autocapitalize: "characters", spellcheck: "false", "aria-describedby": "second-hint" });
  const form = make("form", {},
    make("div", { class: "field" }, make("label", { for: "second-code" }, "Code"), input, make("span", { class: "hint", id: "second-hint" }, hint)),
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

// Opens a dialog; `fill(dialog, done)` puts the questions into it, and `done(answer)` ends it.
function ask(title, fill) {
  const heading = make("h2", { id: "second-title" }, title);
  const message = make("p", { class: "message", role: "status", tabindex: "-1" });
  const dialog = make("dialog", { "aria-labelledby": "second-title" }, heading, message);
  const cancel = make("button", { type: "button" }, "Cancel");
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
      else reject(new Refusal(0, { detail: "You are not logged in." }));
    });
    cancel.addEventListener("click", () => dialog.close());
    dialog.showModal();
    Promise.resolve(fill(dialog, done))
      .then(() => dialog.append(make("p", { class: "actions" }, cancel)), (refusal) => fail(Promise.reject(refusal)));
  });
}
