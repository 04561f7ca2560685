// The mails that do not arrive, each with the reason, and trying one again.
import { call } from "./api.js";
import { list } from "./list.js";
import { badge, button, find, make, say, time } from "./ui.js";

// In plain words what the service names for programs; for the others, its name is plain enough.
const KINDS = {
  verification: "Code of a registration",
  password_reset: "Password reset or invitation",
  account_link: "Link to change the own account",
};

const plain = (kind) => {
  const words = KINDS[kind] ?? kind.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

export function mailList(may) {
  const place = find("mails");
  const mails = list(place, {
    path: "admin/mails",
    caption: "Mails that do not arrive",
    empty: "Nothing is held up: no mail was refused, and none has waited for ten minutes.",
    rows: (answer) => answer.mails,
    columns: [
      { title: "To", show: (row) => [row.email, make("span", { class: "second" }, row.user_id ?? "")] },
      { title: "Mail", show: (row) => [plain(row.kind), make("span", { class: "second" }, "asked for ", time(row.created_at))] },
      { title: "State", show: (row) => [badge(row.state, row.state === "refused" ? "bad" : "warn"), make("span", { class: "second" }, row.reason)] },
      { title: "Tries", show: (row) => row.attempts.toLocaleString("en") },
      { title: "Next try", show: (row) => (row.next_attempt_at ? time(row.next_attempt_at) : "not by itself") },
      { title: "Actions", show: tryAgain },
    ],
  });

  function tryAgain(row) {
    if (!may("mails:retry")) return "";
    return button("Try again", async () => {
      await call("POST", `admin/mails/${encodeURIComponent(row.mail_id)}/retry`);
      await mails.load();
      say(place, `The mail to ${row.email} is tried again. If it is still here in a moment, it was refused again.`, "good");
    }, { kind: "small", label: `Try again: the mail to ${row.email}`, place });
  }

  return mails;
}
