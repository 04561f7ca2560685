// Where somebody is logged in, and their password: on each page that shows its own sessions.
import { call, logOut } from "./api.js";
import { callFresh } from "./reauthenticate.js";
import { badge, button, confirm, find, make, onClick, onSubmit, say, time } from "./ui.js";

// `close(text, kind)` leaves the page. The answer is a function that shows the sessions as they are now.
export function ownSessions(close) {
  const section = find("devices");

  async function show() {
    const { sessions } = await call("GET", "auth/sessions");
    find("sessions").replaceChildren(...sessions.map(row));
  }

  function row(session) {
    const name = session.device_name || program(session.user_agent);
    const end = session.current ? null : button("Log out", async () => {
      await call("DELETE", `auth/sessions/${encodeURIComponent(session.session_id)}`);
      await show();
      say(section, `${name} is logged out.`, "good");
    }, { kind: "small", label: `Log out ${name}`, place: section });
    return make("li", {},
      make("div", {},
        make("strong", {}, name, " ", session.current ? badge("this device", "good") : ""),
        session.device_name ? make("span", { class: "muted small" }, program(session.user_agent)) : null,
        make("span", { class: "muted small" }, `From ${session.ip_address}`),
        make("span", { class: "muted small" }, "Logged in ", time(session.login_time), ", last used ", time(session.last_activity)),
        make("span", { class: "muted small" }, "Ends ", time(session.expires_at), " unless it is used")),
      end);
  }

  onClick(find("logout-all"), async () => {
    if (!await confirm("Log out everywhere?", "Every device is logged out, this one too.", "Log out everywhere")) return;
    const { count } = await logOut("auth/logout-all");
    close(count === 1 ? "You are logged out; this was your only device." : `You are logged out on ${count} devices.`, "good");
  });

  onSubmit(find("password-form"), async (fields, form) => {
    await callFresh("POST", "auth/change-password", { body: fields });
    form.reset();
    say(form, "Your new password holds. Your other devices are logged out.", "good");
    await show();
  });

  return show;
}

// What most people call the program behind a User-Agent; otherwise its first word.
export function program(agent) {
  const known = [["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]];
  const systems = ["Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux"];
  const name = known.find(([mark]) => agent.includes(mark))?.[1] ?? (agent.split("/")[0] || "Unknown program");
  const system = systems.find((mark) => agent.includes(mark));
  return system ? `${name} on ${system}` : name;
}
