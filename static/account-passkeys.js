// One's own passkeys: add, rename, remove.
import { call } from "./api.js";
import * as browser from "./passkeys.js";
import { callFresh } from "./reauthenticate.js";
import { showCodes } from "./recovery-codes.js";
import { ask, badge, button, confirm, find, make, onSubmit, say, time } from "./ui.js";
import { t } from "./words.js";

// `changed()` shows the account as it is now. The answer is a function that shows an overview of the factors.
export function passkeys(changed) {
  const [section, form] = ["passkeys", "passkey-form"].map(find);
  form.hidden = !browser.arePossible;
  find("no-passkeys").hidden = !form.hidden;

  onSubmit(form, async ({ name }) => {
    const begun = await callFresh("POST", "auth/passkeys/begin").catch((refusal) => {
      if (refusal.code !== "NOT_FOUND") throw refusal;
    });
    if (!begun) {
      say(section, t("This clinic does not use passkeys."), "bad");
      return;
    }
    const credential = await browser.create(begun.public_key);
    const body = { challenge_id: begun.challenge_id, credential, name };
    const { recovery_codes: codes } = await call("POST", "auth/passkeys", { body });
    form.reset();
    if (codes) await showCodes(codes);
    await changed();
    say(section, t("Your passkey logs you in from now on. Your other devices are logged out."), "good");
  });

  function row(passkey) {
    const { passkey_id: id, name, synced, created_at: created, last_used_at: used } = passkey;
    const path = `auth/passkeys/${encodeURIComponent(id)}`;
    const rename = button(t("Rename"), async () => {
      const given = await ask(t("Rename the passkey"), (done) => nameForm(name, path, done));
      if (!given) return;
      await changed();
      say(section, t("It is called {{ name }} now.", { name: given }), "good");
    }, { kind: "small", label: t("Rename {{ name }}", { name }), place: section });
    const remove = button(t("Remove"), async () => {
      if (!await confirm(t("Remove the passkey?"), t("{{ name }} does not log you in any more, and your other devices are logged out.", { name }), t("Remove the passkey"))) return;
      const { accepted } = await callFresh("DELETE", path);
      // The browser, or what keeps its passkeys, forgets it too, where it can.
      await window.PublicKeyCredential?.signalAllAcceptedCredentials?.(accepted).catch(() => {});
      await changed();
      say(section, t("{{ name }} is removed.", { name }), "good");
    }, { kind: "small danger", label: t("Remove {{ name }}", { name }), place: section });
    return make("li", {},
      make("div", {},
        make("strong", {}, name, " ", synced ? badge(t("on all your devices")) : badge(t("on one device"))),
        make("span", { class: "muted small" }, t("Added:"), " ", time(created), ", ", t("last used:"), " ", time(used))),
      make("p", { class: "actions" }, rename, remove));
  }

  return ({ passkeys: own }) => find("passkey-list").replaceChildren(...own.map(row));
}

// Asks for another name; `done` gets the one that was accepted.
function nameForm(name, path, done) {
  const input = make("input", { id: "other-name", name: "name", required: true, maxlength: "60", autocomplete: "off", autofocus: true, value: name });
  const form = make("form", {},
    make("div", { class: "field" }, make("label", { for: "other-name" }, t("Name")), input),
    make("p", { class: "actions" }, make("button", { class: "primary" }, t("Save the name")), button(t("Cancel"), () => done(null))));
  onSubmit(form, async (body) => {
    await callFresh("PATCH", path, { body });
    done(body.name);
  });
  return [form];
}
