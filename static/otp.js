// Codes on a page of their own, for somebody who closed the one where they began.
import { resetByCode, verification } from "./codes.js";
import { linkPages } from "./pages.js";
import { find, say } from "./ui.js";

const verify = find("verify");

// The tokens of the answer are not kept: this page shows nothing that needs them.
verification(verify.querySelector("form"), () => ({}), (answer) => {
  const next = answer.access_token ? "Your account is ready; log in with it." : answer.message;
  say(verify, `Welcome, ${answer.full_name}. ${next}`, "good");
});
resetByCode(find("forgot"));
linkPages("otp.html");
