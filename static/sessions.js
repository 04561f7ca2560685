// One's own devices, profile, password, and a look at a token.
import { call } from "./api.js";
import { ownSessions } from "./own-sessions.js";
import { linkPages } from "./pages.js";
import { guard } from "./session.js";
import { facts, fieldsOf, find, make, onClick, onSubmit, particulars, role, say, time } from "./ui.js";
import { t } from "./words.js";

const form = find("profile-form");
let profile = null;

const { close } = guard({
  async enter() {
    showProfile(await call("GET", "auth/me"));
    await showDevices();
  },
  leave() {
    profile = null;
    stopEditing();
  },
});

const showDevices = ownSessions(close);

// Profile

function showProfile(answer) {
  profile = answer;
  find("name").textContent = profile.full_name;
  find("facts").replaceChildren(facts([[t("Name"), profile.full_name], ...particulars(profile)]));
}

function stopEditing() {
  form.hidden = true;
  find("facts").hidden = false;
  find("edit").hidden = false;
}

onClick(find("edit"), () => {
  for (const part of form.querySelectorAll("[data-only]")) part.hidden = part.dataset.only !== profile.user_type;
  for (const input of form.elements) {
    if (input.type === "checkbox") input.checked = Boolean(profile[input.name]);
    else if (input.name) input.value = profile[input.name] ?? "";
  }
  // A language that the list does not know stays as it is.
  if (form.elements.language.selectedIndex < 0) form.elements.language.value = "";
  form.hidden = false;
  find("facts").hidden = true;
  find("edit").hidden = true;
  form.elements.first_name.focus();
});

onClick(find("cancel"), () => {
  stopEditing();
  find("edit").focus();
});

// An empty name is none, as in the form.
const known = (name) => (profile[name] === "" ? null : profile[name] ?? null);

// Only what was changed; what was emptied is cleared.
function changes() {
  const fields = fieldsOf(form);
  const body = {};
  for (const name of ["first_name", "last_name", "mobile", "language", "date_of_birth", "specialization", "license_number", "is_pregnant"]) {
    if (form.elements[name].closest("[hidden]")) continue;
    const value = fields[name] ?? null;
    if (value !== known(name) && (value !== null || name !== "language")) body[name] = value;
  }
  return body;
}

onSubmit(form, async () => {
  const body = changes();
  if (Object.keys(body).length) showProfile(await call("PATCH", "auth/me", { body }));
  stopEditing();
  say(find("profile"), t("Your profile is saved."), "good");
});

// Token

onSubmit(find("token-form"), async (fields, asked) => {
  const result = find("token-facts");
  result.replaceChildren();
  // Copying often brings white space along.
  const body = fields.token ? { token: fields.token.trim() } : undefined;
  const answer = await call("POST", "auth/validate-token", { body }).catch((error) => {
    if (error.status !== 401 || !body) throw error;
  });
  if (!answer) {
    say(asked, t("This token does not hold: it is wrong or too old, or its session has ended."), "bad");
    return;
  }
  say(asked, t("This token is valid."), "good");
  result.replaceChildren(facts([
    [t("User id"), answer.user_id],
    [t("Role"), role(answer.user_type)],
    [t("Session"), answer.session_id],
    [t("Ends"), time(answer.expires_at)],
    [t("Permissions"), answer.permissions.join(", ")],
  ]));
});

linkPages("sessions.html");
