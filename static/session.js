// Pages that show somebody's own things: log in, show them, clear everything when the session is over.
import { keep, logOut, username, whenEnded } from "./api.js";
import * as passkeys from "./passkeys.js";
import { signIn } from "./second-step.js";
import { clearPage, fieldsOf, find, make, onClick, onSubmit, run, say, show } from "./ui.js";
import { t } from "./words.js";

// What every login asks for, around what a page asks beside it. `enter(answer, form)` goes on as somebody, or throws to refuse
// them. The result offers passkeys in the autofill again, when the form is shown again.
export function loginForm(section, enter) {
  const form = section.querySelector("form");
  const field = (id, text, attributes) => make("div", { class: "field" }, make("label", { for: id }, text), make("input", { id, required: true, ...attributes }));
  form.prepend(
    field("login-name", t("Username, e-mail or user id"), { name: "username", autocomplete: "username webauthn", autocapitalize: "none", spellcheck: "false" }),
    field("login-password", t("Password"), { name: "password", type: "password", autocomplete: "current-password" }));
  const byPasskey = passkeys.arePossible ? make("button", { type: "button" }, t("Log in with a passkey")) : null;
  form.append(make("p", { class: "actions" }, make("button", { class: "primary" }, t("Log in")), byPasskey));
  // A page may have its own part for this.
  const forgotten = find("forgot") ? "#forgot" : new URL("reset.html", import.meta.url).pathname;
  form.append(make("p", { class: "small" }, make("a", { href: forgotten }, t("Forgotten password?"))));

  async function attempt(logIn) {
    await passkeys.withdraw();
    try {
      await enter(await logIn(fieldsOf(form)), form);
    } catch (error) {
      offer();
      throw error;
    }
  }
  // A passkey that was refused here is not offered at once again.
  const choose = (logIn) => run(byPasskey, form, null, async () => enter(await logIn(fieldsOf(form)), form));
  const offer = () => passkeys.offer(choose);

  onSubmit(form, () => attempt(signIn));
  if (byPasskey) onClick(byPasskey, () => attempt(passkeys.logIn));
  offer();
  return offer;
}

// `enter(answer)` fills the page for somebody and may throw to refuse them; `leave()` forgets what it kept.
export function guard({ enter, leave = () => {} }) {
  const [login, inside, bar] = [find("login"), find("inside"), find("who")];

  // The forms that ask for a password hold the username where people do not see it, so that password managers keep the pair.
  function nameForms() {
    for (const input of document.querySelectorAll("input[hidden][autocomplete=username]")) input.defaultValue = username();
  }

  function close(text, kind = "") {
    leave();
    nameForms();
    clearPage();
    inside.hidden = true;
    bar.hidden = true;
    show(login);
    say(login, text, kind);
    offer();
  }

  const offer = loginForm(login, async (answer, form) => {
    keep(answer);
    form.reset();
    try {
      await enter(answer);
    } catch (error) {
      await logOut();
      throw error;
    }
    nameForms();
    find("name").textContent = answer.full_name;
    bar.hidden = false;
    say(login, "");
    show(inside, login);
  });

  onClick(find("logout"), async () => {
    try {
      await logOut();
      close(t("You are logged out."), "good");
    } catch {
      close(t("This page has forgotten you, but the service could not be told. Your session ends by itself."), "bad");
    }
  }, login);

  whenEnded(() => close(t("Your session has ended. Log in again."), "bad"));
  return { close };
}
