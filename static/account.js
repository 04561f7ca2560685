// The security page: what a person does for their own account.
import { data } from "./account-data.js";
import { email } from "./account-email.js";
import { factors } from "./account-factors.js";
import { passkeys } from "./account-passkeys.js";
import { remembered } from "./account-remembered.js";
import { call } from "./api.js";
import { ownSessions } from "./own-sessions.js";
import { linkPages } from "./pages.js";
import { guard } from "./session.js";
import { find } from "./ui.js";
import { t } from "./words.js";

const here = "account.html";

const { close } = guard({
  async enter({ user_type: role }) {
    linkPages(here, role === "patient" ? undefined : true);
    ownData.show(role);
    await Promise.all([ownEmail.show(), showAll()]);
    // Password managers lead here, and wish to see the form (`/.well-known/change-password`).
    if (location.hash === "#password") setTimeout(() => find("current-password").focus());
  },
  leave() {
    linkPages(here);
    ownEmail.leave();
  },
});

const showSessions = ownSessions(close);
const parts = [factors(showAll), passkeys(showAll), remembered(showFactors)];
const ownEmail = email(showSessions);
const ownData = data();

async function showFactors() {
  const overview = await call("GET", "auth/mfa");
  find("needed").textContent = overview.required ? t("Your role must have a second factor: an authenticator app or a passkey.") : "";
  for (const show of parts) show(overview);
}

// A change of the factors ends the other sessions.
async function showAll() {
  await Promise.all([showFactors(), showSessions()]);
}

linkPages(here);
