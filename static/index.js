// The first page: register and enter the code, log in, forgotten password, the profile and the tokens.
import { call, keep, logOut, refresh, whenEnded } from "./api.js";
import { resetByCode, verification } from "./codes.js";
import { linkPages } from "./pages.js";
import { withdraw } from "./passkeys.js";
import { loginForm } from "./session.js";
import { button, clearPage, copy, facts, find, make, onClick, onSubmit, particulars, say, seconds, show } from "./ui.js";

// Of the registration that waits for its code; the token makes the code count for this one alone.
let registration = {};

const [register, verify, account, outside, welcome] = ["register", "verify", "account", "outside", "welcome"].map(find);
const reset = resetByCode(find("forgot"));

function showUserType() {
  const type = register.querySelector("form").elements.user_type.value;
  for (const part of register.querySelectorAll("[data-only]")) part.hidden = part.dataset.only !== type;
}
register.addEventListener("change", showUserType);

onSubmit(register.querySelector("form"), async (fields) => {
  // Of an earlier registration that waits: this one corrects it, and the username stays the person's own.
  const { registration_token } = registration;
  const answer = await call("POST", "auth/register", { body: { ...fields, registration_token } });
  registration = { email: fields.email, registration_token: answer.registration_token };
  find("address").textContent = fields.email;
  show(verify, register);
  codes.sent(answer);
  say(verify, "One step left: the code from our mail makes this your account.", "good");
});

const codes = verification(verify.querySelector("form"), () => registration, (answer) => {
  if (answer.access_token) return enter(answer, "Your account is ready.");
  return leave(answer.message, "good"); // A doctor who has to be approved first.
});

// What was typed is still in the form, so that only the address has to be corrected.
onClick(find("other-address"), () => {
  show(register, verify);
  find("email").focus();
});

const offerPasskeys = loginForm(find("login"), (answer) => enter(answer, "Welcome back."));

async function enter(answer, text) {
  await withdraw();
  keep(answer);
  showTokens(answer);
  showProfile(await call("GET", "auth/me"));
  registration = {};
  for (const form of document.forms) form.reset();
  show(account, outside, welcome);
  say(account, text, "good");
}

function showProfile(profile) {
  find("profile").replaceChildren(facts([["Name", profile.full_name], ...particulars(profile)]));
}

function showTokens(answer) {
  const token = (title, value, ends) => make("div", { class: "field" },
    make("div", { class: "head" }, make("h3", {}, title), button("Copy", () => copy(value, account), { kind: "small", label: `Copy the ${title.toLowerCase()}`, place: account })),
    make("code", { class: "token", tabindex: "0", role: "region", "aria-label": title }, value),
    make("span", { class: "hint" }, `Ends in ${seconds(ends)}.`));
  find("tokens").replaceChildren(
    token("Access token", answer.access_token, answer.expires_in),
    token("Refresh token", answer.refresh_token, answer.refresh_expires_in),
    facts([["Token type", answer.token_type], ["Session", answer.session_id]]));
}

onClick(find("refresh"), async () => {
  showTokens(await refresh());
  say(account, "New tokens; the old refresh token holds no longer.", "good");
});

function leave(text, kind) {
  registration = {};
  clearPage();
  reset.back();
  showUserType();
  verify.hidden = true;
  register.hidden = false;
  outside.hidden = false;
  welcome.hidden = false;
  show(find("login"), account);
  say(find("login"), text, kind);
  offerPasskeys();
}

onClick(find("logout"), async () => {
  try {
    await logOut();
    leave("You are logged out.", "good");
  } catch {
    leave("This page has forgotten you, but the service could not be told. Your session ends by itself.", "bad");
  }
});

whenEnded(() => leave("Your session has ended. Log in again.", "bad"));
showUserType();
linkPages("index.html");
