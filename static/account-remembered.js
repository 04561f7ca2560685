// The devices that need no second factor for some days.
import { call } from "./api.js";
import { program } from "./own-sessions.js";
import { badge, button, confirm, find, make, onClick, say, time } from "./ui.js";
import { t } from "./words.js";

// `changed()` shows the account as it is now. The answer is a function that shows an overview of the factors.
export function remembered(changed) {
  const section = find("remembered");

  onClick(find("forget-all"), async () => {
    if (!await confirm(t("Forget all devices?"), t("The next login on each of them asks for your second factor."), t("Forget all"))) return;
    await call("DELETE", "auth/mfa/devices");
    await changed();
    say(section, t("All devices are forgotten."), "good");
  }, section);

  function row(device) {
    const name = device.name || program(device.user_agent);
    const forget = button(t("Forget"), async () => {
      if (!await confirm(t("Forget this device?"), t("{{ name }}: The next login there asks for your second factor.", { name }), t("Forget it"))) return;
      await call("DELETE", `auth/mfa/devices/${encodeURIComponent(device.device_id)}`);
      await changed();
      say(section, t("{{ name }} is forgotten.", { name }), "good");
    }, { kind: "small danger", label: t("Forget {{ name }}", { name }), place: section });
    return make("li", {},
      make("div", {},
        make("strong", {}, name, " ", device.current ? badge(t("this device"), "good") : ""),
        device.name ? make("span", { class: "muted small" }, program(device.user_agent)) : null,
        make("span", { class: "muted small" }, t("From {{ address }}", { address: device.ip_address })),
        make("span", { class: "muted small" }, t("Remembered:"), " ", time(device.created_at), ", ", t("last used:"), " ", time(device.last_used_at)),
        make("span", { class: "muted small" }, t("Until:"), " ", time(device.expires_at))),
      forget);
  }

  return ({ devices }) => {
    find("remembered-list").replaceChildren(...devices.map(row));
    find("forget-all").hidden = devices.length === 0;
    find("none-remembered").hidden = devices.length > 0;
  };
}
