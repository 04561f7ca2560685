// The administration: who may see which part; registrations and the audit log.
import { Refusal, call } from "./api.js";
import { list } from "./list.js";
import { mailList } from "./mails.js";
import { leaveOverview, showOverview } from "./overview.js";
import { linkPages } from "./pages.js";
import { guard } from "./session.js";
import { badge, button, confirm, find, make, markTab, onTabs, say, seconds, show, stated, time } from "./ui.js";
import { ticking } from "./users-bulk.js";
import { userList } from "./users.js";

// What somebody may do and who it is; from the service, which checks it again at each call.
const caller = { user_id: "", permissions: new Set() };
const may = (permission) => caller.permissions.has(permission);

const ticks = ticking(find("pending"), {
  path: "admin/pending-users/bulk",
  nameOf: (row) => row.email,
  when: () => may("pending:resend"),
  reload: () => registrations.load(),
  actions: () => [
    { name: "resend", verb: "Send new codes" },
    ...(may("pending:delete") ? [{ name: "delete", verb: "Delete these", danger: true, question: (many) => `${many} registrations are removed; their addresses and usernames are free again at once.` }] : []),
  ],
});

const registrations = list(find("pending"), {
  path: "admin/pending-users",
  caption: "Registrations",
  empty: "No registration waits for its code.",
  rows: (answer) => answer.pending_users,
  total: (answer) => answer.total_count,
  onFill: ticks.onFill,
  columns: [
    ticks.column,
    { title: "Name", show: (row) => [`${row.first_name} ${row.last_name}`, make("span", { class: "second" }, row.username ?? row.user_id)] },
    { title: "E-mail", show: (row) => [row.email, row.mobile ? make("span", { class: "second" }, row.mobile) : "", codeMail(row)] },
    { title: "Role", show: (row) => [row.user_type, ...roleFields(row)] },
    { title: "Since", show: (row) => time(row.created_at) },
    { title: "Time left", show: timeLeft },
    { title: "Actions", show: registrationActions },
  ],
});

const CODE_MAIL = { waiting: ["code waits", "warn"], sent: ["code sent", "good"], refused: ["code not sent", "bad"] };

// What became of the mail with the code; a refused one stays refused until the code is sent again.
function codeMail({ mail, mail_reason: reason }) {
  return make("span", { class: "second" }, badge(...CODE_MAIL[mail]), reason ? ` ${reason}` : "");
}

// What somebody said at the registration; who may not read it is not shown that there is something.
function roleFields(row) {
  const fields = [
    ["Pregnant", "is_pregnant" in row ? stated(row.is_pregnant) : null],
    ["Date of birth", "date_of_birth" in row ? row.date_of_birth ?? "not stated" : null],
    ["Specialization", "specialization" in row ? row.specialization ?? "not stated" : null],
    ["Licence number", "license_number" in row ? row.license_number ?? "not stated" : null],
  ];
  return fields.filter(([, value]) => value !== null).map(([name, value]) => make("span", { class: "second" }, `${name}: ${value}`));
}

function timeLeft(row) {
  if (row.status === "expired") return badge("expired", "bad");
  return badge(seconds(row.time_remaining), row.time_remaining < 300 ? "warn" : "good");
}

function registrationActions(row) {
  const at = `admin/pending-users/${encodeURIComponent(row.user_id)}`;
  const place = find("pending");
  const resend = button("Send code", async () => {
    const { email } = await call("POST", `${at}/resend-otp`);
    say(place, `A new code is on its way to ${email}.`, "good");
  }, { kind: "small", label: `Send code to ${row.email}`, place });
  const remove = button("Delete", async () => {
    const text = `${row.email} has not been proven. The address and the username are free again at once.`;
    if (!await confirm("Delete this registration?", text, "Delete")) return;
    await call("DELETE", at);
    await registrations.load();
    say(place, `The registration of ${row.email} is deleted.`, "good");
  }, { kind: "small danger", label: `Delete the registration of ${row.email}`, place });
  return make("div", { class: "actions" },
    may("pending:resend") && row.status !== "expired" ? resend : null,
    may("pending:delete") ? remove : null);
}

const moment = (text) => (text ? new Date(text).toISOString() : "");

// The words for an action are those of the filter.
const words = (action) => document.querySelector(`#audit-action option[value="${CSS.escape(action)}"]`)?.textContent ?? action;

const audit = list(find("audit"), {
  path: "admin/audit-log",
  caption: "Audit log",
  empty: "Nothing of this kind was recorded.",
  query: (fields) => ({ ...fields, from: moment(fields.from), to: moment(fields.to) }),
  rows: (answer) => answer.entries,
  columns: [
    { title: "When", show: (row) => time(row.at) },
    { title: "What", show: (row) => [words(row.action), row.detail ? make("span", { class: "second" }, row.detail) : ""] },
    { title: "Outcome", show: (row) => badge(row.outcome, row.outcome === "success" ? "good" : "bad") },
    { title: "By", show: (row) => row.actor ?? make("span", { class: "muted" }, "nobody logged in") },
    { title: "To", show: (row) => row.subject ?? "–" },
    { title: "From", show: (row) => [row.ip_address || "–", make("span", { class: "second" }, `Request ${row.request_id}`)] },
  ],
});

const users = userList(caller, may);
const mails = mailList(may);

const PARTS = {
  overview: showOverview,
  pending: registrations.load,
  users: users.load,
  mails: mails.load,
  audit: audit.load,
};

async function open(name) {
  markTab(name);
  leaveOverview();
  const others = Object.keys(PARTS).filter((other) => other !== name);
  show(find(name), ...others.map(find));
  await PARTS[name]();
}

onTabs(open);
for (const closing of document.querySelectorAll("[data-close]")) {
  closing.addEventListener("click", () => closing.closest("dialog").close());
}

guard({
  async enter(answer) {
    const { permissions } = await call("POST", "auth/validate-token");
    caller.user_id = answer.user_id;
    caller.permissions = new Set(permissions);
    const needing = [...document.querySelectorAll("[data-needs]")];
    for (const part of needing) part.hidden = !may(part.dataset.needs);
    const first = needing.find((part) => part.dataset.part && !part.hidden);
    if (!first) throw new Refusal(403, { detail: "This account has no part in the administration." });
    await open(first.dataset.part);
  },
  leave() {
    caller.user_id = "";
    caller.permissions = new Set();
    leaveOverview();
    for (const part of [registrations, users, mails, audit]) part.clear();
  },
});

linkPages("admin.html");
