// Passkeys: logging in by one, from a button or from the autofill of the name's field, and making one. A browser has one such
// request at a time, so the one that waits in the autofill ends before another begins (PK-17).
import { call, Refusal } from "./api.js";
import { t } from "./words.js";

// The domain that passkeys are bound to: the service writes it into every page, and nothing if it has no passkeys.
const SITE = document.documentElement.dataset.passkeys ?? "";
const { hostname } = location;
const isOfSite = SITE !== "" && (hostname === SITE || hostname.endsWith(`.${SITE}`));

// Whether this page, in this browser, can use passkeys at all.
export const arePossible = isOfSite && Boolean(globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON);

// In plain words what the browser says for programs.
const REFUSALS = {
  InvalidStateError: t("This device has a passkey of your account already."),
  SecurityError: t("Passkeys do not work at the address by which you opened this page."),
};
const NOT_USED = t("No passkey was used. Either it was cancelled, or your device has none for this page, or it did not recognize you.");
const NOT_MADE = t("No passkey was added. Either you cancelled, or this device cannot check that it is you: it needs a fingerprint, a face or a PIN.");

async function ask(request, refused) {
  await withdraw();
  try {
    return (await request()).toJSON();
  } catch (error) {
    throw new Refusal(0, { detail: REFUSALS[error.name] ?? refused });
  }
}

// Asks for a passkey, by options as the service writes them; what the browser gives.
export function use(options) {
  return ask(() => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }), NOT_USED);
}

// Makes a passkey.
export function create(options) {
  return ask(() => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }), NOT_MADE);
}

// A login that was begun. It serves the autofill and the button, until too little of its time is left.
let begun = null;
const left = () => (begun ? begun.until - Date.now() : 0);

async function begin() {
  if (left() <= 0) {
    const answer = await call("POST", "auth/passkeys/login/begin");
    begun = { ...answer, until: Date.now() + answer.expires_in * 800 };
  }
  return begun;
}

async function finish({ challenge_id }, credential, device_name) {
  begun = null; // It works once, whatever comes of it (PK-1).
  try {
    return await call("POST", "auth/passkeys/login/finish", { body: { challenge_id, credential, device_name } });
  } catch (refusal) {
    if (refusal.code !== "AUTH_FAILED") throw refusal;
    throw new Refusal(refusal.status, { detail: t("This took too long. Use the passkey once more.") });
  }
}

// The answer to a login by passkey.
export async function logIn({ device_name }) {
  const login = await begin();
  return finish(login, await use(login.public_key), device_name);
}

// The request that waits in the autofill, and what ends it.
let waiting = null;

// Offers passkeys in the autofill from now on. `chosen(logIn)` is called when somebody takes one; `logIn(fields)` is the answer.
export function offer(chosen) {
  if (!arePossible || waiting) return;
  waiting = { controller: new AbortController(), request: null };
  wait(chosen, waiting);
}

// Ends the offer.
export async function withdraw() {
  const offered = waiting;
  waiting = null;
  offered?.controller.abort();
  await offered?.request?.catch(() => {});
}

async function wait(chosen, offered) {
  const { signal } = offered.controller;
  try {
    if (!await PublicKeyCredential.isConditionalMediationAvailable?.()) return;
    for (;;) {
      const login = await begin();
      if (signal.aborted) return;
      const old = AbortSignal.timeout(Math.max(0, left()));
      offered.request = choice(login, AbortSignal.any([signal, old]));
      const credential = await offered.request.catch((error) => {
        if (!old.aborted) throw error;
      });
      if (signal.aborted) return;
      if (credential) {
        waiting = null;
        chosen(({ device_name }) => finish(login, credential, device_name));
        return;
      }
      await looked(signal);
    }
  } catch {
    // Nothing was chosen. The form and the button are there, and say themselves what does not work.
  } finally {
    if (waiting === offered) waiting = null;
  }
}

async function choice({ public_key }, signal) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(public_key);
  const credential = await navigator.credentials.get({ publicKey, mediation: "conditional", signal });
  return credential.toJSON();
}

// Waits until somebody looks at the page: one that is left open begins no login every few minutes.
async function looked(signal) {
  while (!document.hasFocus() && !signal.aborted) {
    await new Promise((resolve) => {
      addEventListener("focus", resolve, { once: true });
      signal.addEventListener("abort", resolve, { once: true });
    });
  }
}
