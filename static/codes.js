// Codes that come by mail: the proof of an address, and a new password.
import { call } from "./api.js";
import { onClick, onSubmit, rest, say } from "./ui.js";

// The service's own pause between two codes of an address; it writes its setting here.
const pause = (button) => Number(button.dataset.pause);

// In debug mode the code is in the answer, and nobody has to open a mail.
function fill(form, answer) {
  if (answer.debug_otp) form.elements.otp.value = answer.debug_otp;
}

// Where a code counts only together with the registration's token, a page that did not register cannot help.
const ELSEWHERE = "Here a code counts only on the page where you registered. Enter it there, if that page is still open. "
  + "Otherwise register again; your username is free again as soon as the old registration has run out.";

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
    say(form, "If this address waits for a code, a new one is on its way. Older ones hold no longer.", "good");
  });
  return {
    // A code was sent just now.
    sent(answer) {
      fill(form, answer);
      rest(resend, pause(resend));
    },
  };
}

// The section with its two forms: ask for a code, then set a password by it.
export function resetByCode(section) {
  const [ask, set] = section.querySelectorAll("form");
  const again = set.querySelector("[data-pause]");
  let email = "";

  async function send() {
    const answer = await call("POST", "auth/forgot-password", { body: { email } });
    fill(set, answer);
    rest(again, pause(again));
    return `If ${email} belongs to an account, a mail with a code and a link is on its way.`;
  }

  onSubmit(ask, async (fields) => {
    email = fields.email;
    const text = await send();
    ask.hidden = true;
    set.hidden = false;
    say(section, text, "good");
  });
  onSubmit(set, async (fields) => {
    await call("POST", "auth/reset-password", { body: { email, ...fields } });
    back();
    say(section, "Your new password holds, and every session has ended. Log in with it.", "good");
  });
  onClick(again, async () => say(section, await send(), "good"));
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

