// Where somebody is logged in, and their password: on each page that shows its own sessions.
import { call, logOut } from "./api.js";
import { callFresh } from "./reauthenticate.js";
import { badge, button, confirm, find, make, onClick, onSubmit, say, time } from "./ui.js";
import { plural, t } from "./words.js";

// `close(text, kind)` leaves the page. The answer is a function that shows the sessions as they are now.
export function ownSessions(close) {
  const section = find("devices");

  async function show() {
    const { sessions } = await call("GET", "auth/sessions");
    find("sessions").replaceChildren(...sessions.map(row));
  }

  function row(session) {
    const name = session.device_name || program(session.user_agent);
    const end = session.current ? null : button(t("Log out"), async () => {
      await call("DELETE", `auth/sessions/${encodeURIComponent(session.session_id)}`);
      await show();
      say(section, t("{{ name }} is logged out.", { name }), "good");
    }, { kind: "small", label: t("Log out {{ name }}", { name }), place: section });
    return make("li", {},
      make("div", {},
        make("strong", {}, name, " ", session.current ? badge(t("this device"), "good") : ""),
        session.device_name ? make("span", { class: "muted small" }, program(session.user_agent)) : null,
        make("span", { class: "muted small" }, t("From {{ address }}", { address: session.ip_address })),
        make("span", { class: "muted small" }, t("Logged in:"), " ", time(session.login_time), ", ", t("last used:"), " ", time(session.last_activity)),
        make("span", { class: "muted small" }, t("Ends, unless it is used:"), " ", time(session.expires_at))),
      end);
  }

  onClick(find("logout-all"), async () => {
    if (!await confirm(t("Log out everywhere?"), t("Every device is logged out, this one too."), t("Log out everywhere"))) return;
    const { count } = await logOut("auth/logout-all");
    close(plural(count, "You are logged out; this was your only device.", "You are logged out on {{ n }} devices."), "good");
  });

  onSubmit(find("password-form"), async (fields, form) => {
    await callFresh("POST", "auth/change-password", { body: fields });
    form.reset();
    say(form, t("Your new password holds. Your other devices are logged out."), "good");
    await show();
  });

  return show;
}

// What most people call the program behind a User-Agent; otherwise its first word.
export function program(agent) {
  const known = [["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]];
  const systems = ["Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux"];
  const name = known.find(([mark]) => agent.includes(mark))?.[1] ?? (agent.split("/")[0] || t("Unknown program"));
  const system = systems.find((mark) => agent.includes(mark));
  return system ? t("{{ name }} on {{ system }}", { name, system }) : name;
}
