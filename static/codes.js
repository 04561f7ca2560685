// Codes and links that come by mail: the proof of an address, and a new password.
import { call } from "./api.js";
import { onClick, onSubmit, rest, say } from "./ui.js";
import { t } from "./words.js";

// The service's own pause between two codes of an address; it writes its setting here.
const pause = (button) => Number(button.dataset.pause);

// What a link holds in the address's fragment, which no server sees. It is removed there at once (RST-3).
export function takeFragment() {
  const found = new URLSearchParams(location.hash.slice(1));
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  return found;
}

// In debug mode the code is in the answer, and nobody has to open a mail.
function fill(form, answer) {
  if (answer.debug_otp) form.elements.otp.value = answer.debug_otp;
}

// Where a code counts only together with the registration's token, a page that did not register cannot help.
const ELSEWHERE = t("Here a code counts only on the page where you registered. Enter it there, if that page is still open. Otherwise register again; your username is free again as soon as the old registration has run out.");

// The form that proves an address; `registration()` is what is known of the registration, `done` gets the tokens.
export function verification(form, registration, done) {
  const resend = form.querySelector("[data-pause]");
  onSubmit(form, async (fields) => {
    const body = { ...fields, ...registration() };
    const answer = await call("POST", "auth/verify-otp", { body }).catch((error) => {
      if (!error.faults?.some(({ field }) => field === "registration_token")) throw error;
    });
    if (!answer) {
      say(form, ELSEWHERE, "bad");
      return;
    }
    form.reset();
    await done(answer);
  });
  onClick(resend, async () => {
    const email = registration().email ?? form.elements.email.value;
    if (!email) {
      form.elements.email.reportValidity();
      return;
    }
    const answer = await call("POST", "auth/send-otp", { body: { email } });
    fill(form, answer);
    rest(resend, pause(resend));
    say(form, t("If this address waits for a code, a new one is on its way. Older ones hold no longer."), "good");
  });
  return {
    // A code was sent just now.
    sent(answer) {
      fill(form, answer);
      rest(resend, pause(resend));
    },
  };
}

// The section with its two forms: ask for a code, then set a password by it. Whoever has the mail already, perhaps on another
// device, goes on to the second form. `done` tells that the new password holds.
export function resetByCode(section, done = () => say(section, t("Your new password holds, and every session has ended. Log in with it."), "good")) {
  const [ask, set] = section.querySelectorAll("form");
  const { email: address, otp } = set.elements;
  const again = set.querySelector("[data-pause]");

  function enter(email) {
    ask.hidden = true;
    set.hidden = false;
    address.value = email;
  }

  async function send(email) {
    const answer = await call("POST", "auth/forgot-password", { body: { email } });
    enter(email);
    fill(set, answer);
    rest(again, pause(again));
    say(section, t("If {{ email }} belongs to an account, a mail with a code and a link is on its way.", { email }), "good");
  }

  onSubmit(ask, ({ email }) => send(email));
  onClick(ask.querySelector("[data-have]"), () => {
    enter(ask.elements.email.value);
    say(section, "");
    (address.value ? otp : address).focus();
  });
  onSubmit(set, async (fields) => {
    await call("POST", "auth/reset-password", { body: fields });
    back();
    done();
  });
  onClick(again, async () => {
    if (address.reportValidity()) await send(address.value);
  });
  onClick(set.querySelector("[data-back]"), () => {
    back();
    say(section, "");
    ask.elements.email.focus();
  });

  function back() {
    set.reset();
    ask.reset();
    set.hidden = true;
    ask.hidden = false;
  }
  return { back };
}
