// Codes on a page of their own, for somebody who closed the one where they began, or follows the link of our mail. The link
// fills in address and code; nothing happens before the button is used, since programs that look at mails open links.
import { resetByCode, takeFragment, verification } from "./codes.js";
import { linkPages } from "./pages.js";
import { find, say } from "./ui.js";
import { t, told } from "./words.js";

const verify = find("verify");
const form = verify.querySelector("form");

// The tokens of the answer are not kept: this page shows nothing that needs them.
verification(form, () => ({}), (answer) => {
  const next = answer.access_token ? t("Your account is ready; log in with it.") : told(answer);
  say(verify, `${t("Welcome, {{ name }}.", { name: answer.full_name })} ${next}`, "good");
});
resetByCode(find("forgot"));
linkPages("otp.html");
find("developers").hidden = !find("pages").dataset.served.split(" ").includes("tests");

function fillIn() {
  const link = takeFragment();
  const [email, otp] = ["email", "otp"].map((name) => link.get(name));
  if (!email || !otp) return;
  form.elements.email.value = email;
  form.elements.otp.value = otp;
  say(verify, t("The link in our mail filled in your address and the code. Verify to finish your registration."));
}

fillIn();
addEventListener("hashchange", fillIn);
