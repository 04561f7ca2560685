// Another e-mail address for one's own account: where to, then the code from there.
import { call } from "./api.js";
import { callFresh } from "./reauthenticate.js";
import { find, onClick, onSubmit, say } from "./ui.js";
import { t } from "./words.js";

// `changed()` is called when the address has changed.
export function email(changed) {
  const section = find("email");
  const [form, code] = section.querySelectorAll("form");

  function turn(isSent) {
    form.hidden = isSent;
    code.hidden = !isSent;
    (isSent ? code : form).reset();
  }

  onSubmit(form, async (fields) => {
    await callFresh("POST", "auth/email/change", { body: fields });
    turn(true);
    say(section, t("If {{ email }} can become yours, a code is on its way to it.", { email: fields.new_email }), "good");
  });

  onSubmit(code, async (body) => {
    const { email: address } = await call("POST", "auth/email/change/confirm", { body });
    turn(false);
    find("address").textContent = address;
    await changed();
    say(section, t("Your address is {{ email }} now.", { email: address }), "good");
  });

  onClick(code.querySelector("[data-back]"), () => {
    turn(false);
    find("new-email").focus();
  });

  return {
    async show() {
      find("address").textContent = (await call("GET", "auth/me")).email;
    },
    leave: () => turn(false),
  };
}
