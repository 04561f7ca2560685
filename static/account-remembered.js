// The devices that need no second factor for some days.
import { call } from "./api.js";
import { program } from "./own-sessions.js";
import { badge, button, confirm, find, make, onClick, say, time } from "./ui.js";

// `changed()` shows the account as it is now. The answer is a function that shows an overview of the factors.
export function remembered(changed) {
  const section = find("remembered");
  const again = "The next login there asks for your second factor.";

  onClick(find("forget-all"), async () => {
    if (!await confirm("Forget all devices?", "The next login on each of them asks for your second factor.", "Forget all")) return;
    await call("DELETE", "auth/mfa/devices");
    await changed();
    say(section, "All devices are forgotten.", "good");
  }, section);

  function row(device) {
    const name = device.name || program(device.user_agent);
    const forget = button("Forget", async () => {
      if (!await confirm("Forget this device?", `${name}: ${again}`, "Forget it")) return;
      await call("DELETE", `auth/mfa/devices/${encodeURIComponent(device.device_id)}`);
      await changed();
      say(section, `${name} is forgotten.`, "good");
    }, { kind: "small danger", label: `Forget ${name}`, place: section });
    return make("li", {},
      make("div", {},
        make("strong", {}, name, " ", device.current ? badge("this device", "good") : ""),
        device.name ? make("span", { class: "muted small" }, program(device.user_agent)) : null,
        make("span", { class: "muted small" }, `From ${device.ip_address}`),
        make("span", { class: "muted small" }, "Remembered ", time(device.created_at), ", last used ", time(device.last_used_at)),
        make("span", { class: "muted small" }, "Until ", time(device.expires_at))),
      forget);
  }

  return ({ devices }) => {
    find("remembered-list").replaceChildren(...devices.map(row));
    find("forget-all").hidden = devices.length === 0;
    find("none-remembered").hidden = devices.length > 0;
  };
}
