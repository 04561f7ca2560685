// The reset page: takes the token from the address's fragment, which no server sees, and removes it there at once.
import { call } from "./api.js";
import { find, onSubmit, say, sayRefusal, show } from "./ui.js";

const [set, ask, done] = ["set", "ask", "done"].map(find);

let token = takeToken();
(token ? set : ask).hidden = false;

function takeToken() {
  const found = new URLSearchParams(location.hash.slice(1)).get("token");
  if (location.hash) history.replaceState(null, "", location.pathname);
  return found;
}

// The link of another mail, opened while the page is here.
addEventListener("hashchange", () => {
  const found = takeToken();
  if (!found) return;
  token = found;
  say(set, "");
  show(set, ask, done);
});

onSubmit(set.querySelector("form"), async (fields, form) => {
  if (fields.new_password !== fields.confirm_password) {
    say(set, "The two passwords are not the same.", "bad");
    return;
  }
  try {
    await call("POST", "auth/reset-password", { body: { token, ...fields } });
  } catch (error) {
    if (error.code !== "OTP_ERROR") throw error;
    form.reset();
    show(ask, set);
    sayRefusal(ask, error);
    return;
  }
  token = null;
  form.reset();
  show(done, set);
});

onSubmit(ask.querySelector("form"), async (fields, form) => {
  await call("POST", "auth/forgot-password", { body: fields });
  form.reset();
  say(ask, `If ${fields.email} belongs to an account, a mail with a new link is on its way.`, "good");
});
