// The page of the links in mails about one's own account. It takes the token from the address's fragment, which no server
// sees, and removes it there at once. Nothing happens before the button is used: programs that look at mails open links.
import { call } from "./api.js";
import { find, onSubmit, say, show } from "./ui.js";
import { LOCALE, t } from "./words.js";

const LINKS = {
  "confirm-email": {
    path: "auth/email/change/confirm",
    title: t("Confirm your new e-mail address"),
    what: t("Your account gets this address, and you are logged out on your other devices."),
    button: t("Confirm the address"),
    done: (answer) => t("Your account now has the address {{ email }}.", { email: answer.email }),
  },
  "undo-email": {
    path: "auth/email/change/undo",
    title: t("Undo the change of your e-mail address"),
    what: t("Your account has its old address again, everybody is logged out, and we mail you a link to a new password."),
    button: t("Undo the change"),
    done: () => t("Your account has its old address again. Set a new password with the link in our mail."),
  },
  "confirm-deletion": {
    path: "auth/account/delete/confirm",
    title: t("Delete your account"),
    what: t("You are logged out everywhere, and nobody can log in any more. Our next mail has a link with which you can keep the account, until it is deleted."),
    button: t("Delete my account"),
    done: (answer) => t("Your account is closed, and is deleted on {{ time }}.", { time: new Date(answer.deletes_at).toLocaleString(LOCALE) }),
  },
  "cancel-deletion": {
    path: "auth/account/delete/cancel",
    title: t("Keep your account"),
    what: t("Your account stays as it was. Then log in again where you usually do."),
    button: t("Keep my account"),
    done: () => t("Your account stays. You can log in again."),
  },
};

const [section, none] = ["link", "none"].map(find);
const form = section.querySelector("form");
let token = null;
let link = null;

function open() {
  const found = new URLSearchParams(location.hash.slice(1)).get("token");
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  if (!found && token) return;
  const name = new URLSearchParams(location.search).get("do");
  link = Object.hasOwn(LINKS, name) ? LINKS[name] : null;
  if (!link || !found) {
    none.hidden = false;
    return;
  }
  token = found;
  find("link-title").textContent = link.title;
  find("what").textContent = link.what;
  form.querySelector("button").textContent = link.button;
  form.hidden = false;
  say(section, "");
  show(section, none);
}

open();
// The link of another mail, opened while the page is here.
addEventListener("hashchange", open);

onSubmit(form, async () => {
  const answer = await call("POST", link.path, { body: { token } });
  token = null;
  form.hidden = true;
  find("what").textContent = "";
  say(section, link.done(answer), "good");
});
