// What is stored about one's own account as a file, and its deletion.
import { callFresh } from "./reauthenticate.js";
import { saveFile } from "./recovery-codes.js";
import { confirm, find, onClick, say } from "./ui.js";
import { plural, t } from "./words.js";

export function data() {
  const { deletionDays: days, deletionRoles: roles } = document.body.dataset;
  find("deletion-wait").textContent = days === "0"
    ? t("Soon after, the account is deleted for good.")
    : plural(Number(days), "For a day, a link in our next mail keeps the account. Then it is deleted for good.",
      "For {{ n }} days, a link in our next mail keeps the account. Then it is deleted for good.");

  onClick(find("export"), async () => {
    const answer = await callFresh("POST", "auth/export");
    saveFile(`${answer.account.user_id}.json`, JSON.stringify(answer, null, 2), "application/json");
    say(find("data"), t("Your browser has the file. It tells much about you, so keep it where only you can read it."), "good");
  });

  onClick(find("delete-account"), async () => {
    if (!await confirm(t("Delete your account?"), t("We mail you a link. When you confirm there, your account is closed at once."), t("Send me the link"))) return;
    await callFresh("POST", "auth/account/delete");
    say(find("deletion"), t("We have mailed you the link. Without it, your account stays as it is."), "good");
  });

  return {
    show(role) {
      const may = roles.split(" ").includes(role);
      find("may-delete").hidden = !may;
      find("may-not-delete").hidden = may;
    },
  };
}
