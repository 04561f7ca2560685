// Other people's accounts: the list, one of them with what may be done to it, and invitations.
import { call } from "./api.js";
import { list } from "./list.js";
import { callFresh } from "./reauthenticate.js";
import { ticking } from "./users-bulk.js";
import { importUsers } from "./users-import.js";
import { badge, button, confirm, facts, find, make, onClick, onSubmit, particulars, say, time } from "./ui.js";

const people = (many) => (many === 1 ? "1 person" : `${many} people`);

const STATUS = { active: "good", invited: "warn", disabled: "bad" };

// `caller` is who asks, `may` says what they may do.
export function userList(caller, may) {
  const ticks = ticking(find("users"), {
    path: "admin/users/bulk",
    nameOf: (row) => row.email,
    when: () => may("users:write"),
    mayTick: (row) => row.user_id !== caller.user_id,
    reload: () => users.load(),
    actions: () => [
      { name: "enable", verb: "Enable these" },
      { name: "disable", verb: "Disable these", danger: true, question: (many) => `${people(many)} cannot log in any more, and every session of theirs ends.` },
      { name: "logout", verb: "End their sessions" },
      { name: "reset_password", verb: "Send password resets" },
      // With the licences that are shown: a doctor may have given another one meanwhile.
      { name: "approve", verb: "Approve these doctors", body: (rows) => ({ approvals: rows.map((row) => ({ user_id: row.user_id, license_number: row.license_number ?? null })) }) },
      { name: "delete", verb: "Delete these", danger: true, question: (many) => `The accounts of ${people(many)} are gone for good. Their user ids are never given out again.` },
    ],
  });
  const users = list(find("users"), {
    path: "admin/users",
    caption: "Users",
    empty: "No user is like that.",
    rows: (answer) => answer.users,
    total: (answer) => (answer.total_is_estimate ? `more than ${answer.total_count.toLocaleString("en")}` : answer.total_count),
    onFill: ticks.onFill,
    columns: [
      ticks.column,
      { title: "Name", show: (row) => [row.full_name, make("span", { class: "second" }, row.username ?? "no username")] },
      { title: "E-mail", show: (row) => row.email },
      { title: "User id", show: (row) => make("span", { class: "mono" }, row.user_id) },
      { title: "Role", show: (row) => row.user_type },
      { title: "Status", show: standing },
      { title: "Last login", show: (row) => time(row.last_login_at) },
      { title: "Actions", show: (row) => button("Open", () => open(row.user_id), { kind: "small", label: `Open ${row.full_name}`, place: find("users") }) },
    ],
  });

  function standing(user) {
    const shown = [badge(user.status, STATUS[user.status])];
    if (user.approved === false) shown.push(" ", badge("not approved", "warn"));
    return shown;
  }

  async function open(userId) {
    fill(await call("GET", `admin/users/${encodeURIComponent(userId)}`));
    say(find("user-body"), "");
    find("user").showModal();
    find("user-title").focus();
  }

  function fill(user) {
    find("user-title").textContent = user.full_name;
    find("user-body").replaceChildren(
      facts([["Status", badge(user.status, STATUS[user.status])], ...particulars(user), ...factorFacts(user)]), ...actions(user));
  }

  // Who may not see the factors gets none of them from the service.
  function factorFacts({ factors }) {
    if (!factors) return [];
    return [
      ["Second factors", factorsText(factors)],
      ["Recovery codes", factors.enabled ? `${factors.recovery_codes_left} left` : null],
    ];
  }

  function factorsText({ enabled, required, totp, passkeys }) {
    if (!enabled) return required ? "none yet: the next login asks to set one up" : "none; the role need not have one";
    const known = [];
    if (totp) known.push("authenticator app");
    if (passkeys) known.push(passkeys === 1 ? "1 passkey" : `${passkeys} passkeys`);
    return `${known.join(", ") || "of a kind that is not known here"}${required ? "; the role must have one" : ""}`;
  }

  // What the desk does for a patient who cannot log in.
  function help(user) {
    const at = `admin/users/${encodeURIComponent(user.user_id)}`;
    const place = find("user-body");
    const ask = (verb, path, text) => button(verb, async () => {
      await call("POST", `${at}/${path}`);
      say(place, text, "good");
    }, { kind: "small", place });
    return [make("h3", {}, "Actions"), make("div", { class: "actions" },
      ask("Unlock", "unlock", "Failed logins are forgotten."),
      user.status === "disabled" ? null : ask("Send password reset", "reset-password", `A mail is on its way to ${user.email}.`))];
  }

  // Nobody changes the standing of their own account, so it is not offered.
  function actions(user) {
    if (!may("users:write")) return may("users:help") && user.user_type === "patient" ? help(user) : [];
    if (user.user_id === caller.user_id) return [make("p", { class: "muted small" }, "This is you. Another administrator can change this account.")];
    const at = `admin/users/${encodeURIComponent(user.user_id)}`;
    const place = find("user-body");

    // Done, and seen: the dialog and the list show what is true now.
    async function done(text, changed) {
      fill(changed ?? await call("GET", at));
      say(place, text, "good");
      await users.load();
    }
    const change = (text, verb, body, question = null) => button(verb, async () => {
      if (question && !await confirm(`${verb}?`, question, verb)) return;
      await done(text, await call("PATCH", at, { body }));
    }, { kind: question ? "small danger" : "small", place });
    const ask = (verb, path, say) => button(verb, async () => done(say(await call("POST", `${at}/${path}`))), { kind: "small", place });

    const offered = [];
    // With the licence that is shown: the doctor may have given another one meanwhile.
    if (user.approved === false) offered.push(button("Approve", async () => {
      try {
        await done("The doctor is approved.", await call("PATCH", at, { body: { approved: true, license_number: user.license_number } }));
      } catch (refusal) {
        if (refusal.code !== "VERSION_CONFLICT") throw refusal;
        fill(await call("GET", at));
        say(place, "Not approved: the licence number has changed since you opened this. Look at the one that is shown now.", "bad");
      }
    }, { kind: "small", place }));
    if (user.approved === true) offered.push(change("The approval is withdrawn.", "Withdraw approval", { approved: false }, "The doctor's licence counts as not seen, and their sessions end."));
    if (user.user_type === "staff") offered.push(change("An administrator now.", "Make administrator", { user_type: "admin" }, `${user.full_name} may do everything that you may do.`));
    if (user.user_type === "admin") offered.push(change("Staff now.", "Make staff", { user_type: "staff" }, `${user.full_name} may only read and send codes.`));
    offered.push(
      ask("Unlock", "unlock", () => "Failed logins are forgotten."),
      ask("End sessions", "logout-all", ({ count }) => (count === 1 ? "One session has ended." : `${count} sessions have ended.`)));
    if (user.factors?.enabled) offered.push(button("Reset factors", async () => {
      const text = `For somebody who has lost them: make sure that it is ${user.full_name} who asks. Every second factor, recovery code and `
        + "remembered device goes, every session ends, and the owner gets a mail. "
        + (user.factors.required ? "The next login asks to set up a new factor." : "Then the password alone logs in, until a new factor is set up.");
      if (!await confirm("Reset the second factors?", text, "Reset factors")) return;
      await callFresh("POST", `${at}/reset-factors`);
      await done("The second factors are reset.");
    }, { kind: "small danger", place }));
    if (user.status !== "disabled") {
      const invited = user.status === "invited";
      offered.push(ask(invited ? "Invite again" : "Send password reset", "reset-password", () => `A mail is on its way to ${user.email}.`));
      offered.push(change("The account is disabled.", "Disable", { status: "disabled" }, `${user.full_name} cannot log in any more, and every session ends.`));
    } else {
      offered.push(change("The account may be used again.", "Enable", { status: "active" }));
    }
    const remove = button("Delete", async () => {
      const text = `The account of ${user.full_name} (${user.user_id}) is gone for good. Its user id is never given out again.`;
      if (!await confirm("Delete this account?", text, "Delete")) return;
      await call("DELETE", at);
      find("user").close();
      await users.load();
      say(find("users"), `The account ${user.user_id} is deleted.`, "good");
    }, { kind: "small danger", place });
    return [make("h3", {}, "Actions"), make("div", { class: "actions" }, ...offered, remove)];
  }

  onClick(find("import"), async () => {
    if (await importUsers()) await users.load();
  });
  const invitation = find("invitation");
  find("invite").addEventListener("click", () => {
    say(invitation, "");
    invitation.showModal();
  });
  onSubmit(invitation.querySelector("form"), async (fields, form) => {
    await call("POST", "admin/users", { body: fields });
    form.reset();
    invitation.close();
    await users.load();
    say(find("users"), `The invitation is on its way to ${fields.email}.`, "good");
  });

  return users;
}
