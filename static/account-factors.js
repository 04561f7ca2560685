// The authenticator app and the recovery codes of one's own account.
import { call } from "./api.js";
import { callFresh } from "./reauthenticate.js";
import { showCodes } from "./recovery-codes.js";
import { byHand, codeForm, picture } from "./second-step.js";
import { ask, badge, button, confirm, facts, find, make, onClick, say, time } from "./ui.js";
import { t } from "./words.js";

// `changed()` shows the account as it is now. The answer is a function that shows an overview of the factors.
export function factors(changed) {
  const [app, codes] = ["app", "codes"].map(find);
  let hasApp = false;

  onClick(find("app-set-up"), async () => {
    const begun = await callFresh("POST", "auth/mfa/totp/begin").catch((refusal) => {
      if (refusal.code !== "ACCESS_DENIED") throw refusal;
    });
    if (!begun) {
      say(app, t("This clinic does not use authenticator apps."), "bad");
      return;
    }
    const [title, note] = hasApp
      ? [t("Set up another app"), t("From then on, the app that you used before does not count any more.")]
      : [t("Set up an app"), ""];
    const confirmed = await ask(title, (done) => setUp(begun, note, done));
    if (!confirmed) return;
    if (confirmed.recovery_codes) await showCodes(confirmed.recovery_codes);
    await changed();
    say(app, t("Your app counts from now on. Your other devices are logged out."), "good");
  }, app);

  onClick(find("app-remove"), async () => {
    if (!await confirm(t("Remove the app?"), t("Its codes do not count any more, and your other devices are logged out."), t("Remove the app"))) return;
    await callFresh("DELETE", "auth/mfa/totp");
    await changed();
    say(app, t("The app is removed. Delete its entry on your telephone too."), "good");
  }, app);

  onClick(find("codes-renew"), async () => {
    if (!await confirm(t("Make new codes?"), t("The old codes do not count any more, wherever you keep them."), t("Make new codes"))) return;
    const { recovery_codes: made } = await callFresh("POST", "auth/mfa/recovery-codes");
    await showCodes(made);
    await changed();
    say(codes, t("Your new codes count from now on."), "good");
  }, codes);

  return ({ totp, passkeys, recovery_codes_left: left }) => {
    hasApp = Boolean(totp);
    find("app-state").replaceChildren(hasApp ? badge(t("in use"), "good") : badge(t("not set up")));
    find("app-facts").replaceChildren(...(hasApp ? [facts([[t("Set up"), time(totp.confirmed_at)], [t("Last used"), time(totp.last_used_at)]])] : []));
    find("app-set-up").textContent = hasApp ? t("Set up another app") : t("Set up an app");
    find("app-remove").hidden = !hasApp;
    const hasFactor = hasApp || passkeys.length > 0;
    find("codes-state").replaceChildren(...(hasFactor ? [badge(t("{{ n }} left", { n: left }), left > 3 ? "good" : "warn")] : []));
    find("codes-text").textContent = hasFactor
      ? t("Each of them logs you in once, beside your password, if your app or your passkey is lost.")
      : t("You get them with your first app or passkey, for the day when it is lost.");
    find("codes-renew").hidden = !hasFactor;
  };
}

// What is needed to set an app up; `done` gets the answer to the first right code.
function setUp({ secret, otpauth_uri, qr }, note, done) {
  const form = codeForm(t("The six digits that the app shows now."), t("Confirm"), async ({ code }) => {
    done(await call("POST", "auth/mfa/totp/confirm", { body: { totp_code: code.replaceAll(/\s/g, "") } }));
  });
  return [
    make("p", {}, [t("Scan this picture with an authenticator app on your telephone."), note].join(" ")),
    picture(qr),
    byHand(otpauth_uri, secret),
    form,
    make("p", { class: "actions" }, button(t("Cancel"), () => done(null))),
  ];
}
