// The reset page: by the link in our mail, whose token is in the fragment, or by the code in it.
import { call } from "./api.js";
import { resetByCode, takeFragment } from "./codes.js";
import { find, onSubmit, say, sayRefusal, show } from "./ui.js";
import { t } from "./words.js";

const [set, ask, done] = ["set", "ask", "done"].map(find);
const form = set.querySelector("form");

let token = take();
(token ? set : ask).hidden = false;

function take() {
  return takeFragment().get("token");
}

// The link of another mail, opened while the page is here.
addEventListener("hashchange", () => {
  const found = take();
  if (!found) return;
  token = found;
  say(set, "");
  show(set, ask, done);
});

onSubmit(form, async (fields) => {
  if (fields.new_password !== fields.confirm_password) {
    say(set, t("The two passwords are not the same."), "bad");
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

resetByCode(ask, () => {
  say(ask, "");
  show(done, ask);
});
