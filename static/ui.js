// What the pages have in common: making elements, forms that say what went wrong, questions, times.
import { Refusal } from "./api.js";
import { LOCALE, plural, t, told } from "./words.js";

export const find = (id) => document.getElementById(id);

// An element; children that are texts become text, never markup.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

// Shows a text in the message of the section or dialog around `place`, and moves the focus to it.
export function say(place, text, kind = "") {
  const message = place.closest("section, dialog, main").querySelector(".message");
  message.className = `message ${kind}`;
  message.textContent = text;
  if (text) {
    message.focus();
    message.scrollIntoView({ block: "nearest" });
  }
}

function clearFaults(form) {
  for (const fault of form.querySelectorAll(".fault")) fault.remove();
  for (const input of form.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    describe(input, `${input.id}-fault`, false);
  }
}

function describe(input, id, isDescribed) {
  const ids = new Set((input.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  if (isDescribed) ids.add(id);
  else ids.delete(id);
  if (ids.size) input.setAttribute("aria-describedby", [...ids].join(" "));
  else input.removeAttribute("aria-describedby");
}

// In plain words what the service says for programs.
const PLAIN = {
  OTP_ERROR: t("This does not work any more: it is wrong, was used already, or is too old."),
  FACTOR_REQUIRED: t("Your role must have a second factor, and this is your only one. Add another one first; then this one can go."),
  PASSKEY_ERROR: t("This passkey was not accepted. Try another one, or another way."),
};

// Shows why an action failed: each fault at its field, the rest above them.
export function sayRefusal(place, error, form = null) {
  if (!(error instanceof Refusal)) throw error;
  const others = [];
  for (const fault of error.faults) {
    const { field } = fault;
    const input = form?.elements[field];
    if (!input?.id || input.closest("[hidden]")) {
      others.push(`${field}: ${told(fault)}`);
      continue;
    }
    input.setAttribute("aria-invalid", "true");
    const id = `${input.id}-fault`;
    describe(input, id, true);
    input.closest(".field, .check").append(make("span", { class: "fault", id }, told(fault)));
  }
  const marked = error.faults.length - others.length;
  // Of a passkey that cannot be added, the service says why.
  const isKnown = error.code !== "PASSKEY_ERROR" || error.status === 400;
  let text = (isKnown && PLAIN[error.code]) || error.message;
  if (marked) text = plural(marked, "One field needs another look.", "{{ n }} fields need another look.");
  if (error.retryAfter) text += ` ${t("Try again in {{ time }}.", { time: seconds(error.retryAfter) })}`;
  say(place, [text, ...others].join("\n"), "bad");
}

// What a form holds; empty optional fields and hidden ones are left out.
export function fieldsOf(form) {
  const fields = {};
  for (const input of form.elements) {
    if (!input.name || input.closest("[hidden]")) continue;
    if (input.type === "radio" && !input.checked) continue;
    if (input.type === "checkbox") fields[input.name] = input.checked;
    else if (input.value !== "") fields[input.name] = input.value;
  }
  return fields;
}

// A button is off while its request runs, so that a double click sends one, and while it rests.
function setState(button, name, isOn) {
  const hadFocus = document.activeElement === button;
  button.toggleAttribute(name, isOn);
  button.disabled = button.hasAttribute("data-busy") || button.hasAttribute("data-rests");
  if (hadFocus && button.disabled) button.dataset.focus = "";
  if (!button.disabled && "focus" in button.dataset) {
    delete button.dataset.focus;
    // The focus goes back, unless it has moved on meanwhile.
    if (document.activeElement === document.body) button.focus();
  }
}

// Does one thing at a time, and says why it failed.
export async function run(button, place, form, action) {
  if (button.disabled) return;
  setState(button, "data-busy", true);
  try {
    await action();
  } catch (error) {
    sayRefusal(place, error, form);
  } finally {
    setState(button, "data-busy", false);
  }
}

// Calls `action(fields, form)` when the form is sent.
export function onSubmit(form, action) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearFaults(form);
    const button = event.submitter ?? form.querySelector("button");
    run(button, form, form, () => action(fieldsOf(form), form));
  });
}

// Calls `action(button)` when the button is pressed; `place` is where failures are told.
export function onClick(button, action, place = button) {
  button.addEventListener("click", () => run(button, place, null, () => action(button)));
}

// A button in a list or a dialog.
export function button(text, action, { kind = "", label = null, place = null } = {}) {
  const made = make("button", { type: "button", class: kind, "aria-label": label }, text);
  onClick(made, action, place ?? made);
  return made;
}

// Lets a button rest; its text counts the seconds.
export function rest(button, length) {
  const text = button.dataset.text ?? button.textContent;
  button.dataset.text = text;
  clearInterval(Number(button.dataset.timer));
  const until = Date.now() + length * 1000;
  const show = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    setState(button, "data-rests", left > 0);
    button.textContent = left > 0 ? `${text} (${left}\u00a0s)` : text;
    if (left <= 0) clearInterval(Number(button.dataset.timer));
  };
  button.dataset.timer = setInterval(show, 500);
  show();
}

// Asks before something that cannot be undone; true if it is to be done.
export function confirm(title, text, verb) {
  const id = "question";
  const no = make("button", { type: "button", autofocus: true }, t("Cancel"));
  const yes = make("button", { type: "button", class: "danger" }, verb);
  const heading = make("h2", { id }, title);
  const dialog = make("dialog", { "aria-labelledby": id, role: "alertdialog" }, heading, make("p", {}, text), make("p", { class: "actions" }, no, yes));
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    no.addEventListener("click", () => dialog.close("no"));
    yes.addEventListener("click", () => dialog.close("yes"));
    dialog.showModal();
  });
}

let dialogs = 0;

// Asks something in a dialog: `fill(done)` makes what is in it. The answer is what `done` was called with, or null if it was
// closed. One that `mustAnswer` is not closed by the Escape key.
export function ask(title, fill, { mustAnswer = false } = {}) {
  dialogs += 1;
  const id = `dialog-${dialogs}`;
  let answer = null;
  const heading = make("h2", { id, tabindex: "-1" }, title);
  const dialog = make("dialog", { "aria-labelledby": id }, heading, make("p", { class: "message", role: "status", tabindex: "-1" }));
  dialog.append(...fill((given) => {
    answer = given;
    dialog.close();
  }));
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
    if (mustAnswer) dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.showModal();
    // What stands above the first field is read first.
    (dialog.querySelector("[autofocus]") ?? heading).focus();
  });
}

// Copies a text, and says so in the message around `place`.
export async function copy(text, place) {
  const isCopied = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  if (isCopied) say(place, t("Copied."), "good");
  else say(place, t("The browser does not let this page copy. Select the text instead."), "bad");
}

// Shows one of several parts that take turns, and moves the focus to its heading.
export function show(part, ...others) {
  for (const other of others) other.hidden = true;
  part.hidden = false;
  const heading = part.querySelector("h1, h2");
  heading.tabIndex = -1;
  heading.focus();
}

// The parts of a page that take turns: the tab of one opens it.
export function onTabs(open) {
  for (const tab of document.querySelectorAll("[data-part]")) onClick(tab, () => open(tab.dataset.part), find("main"));
}

export function markTab(name) {
  for (const tab of document.querySelectorAll("[data-part]")) {
    if (tab.dataset.part === name) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
}

// Empties all that was shown to somebody: lists, dialogs, what was typed.
export function clearPage() {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  for (const part of document.querySelectorAll("[data-private]")) part.replaceChildren();
  for (const message of document.querySelectorAll(".message")) message.textContent = "";
  for (const form of document.forms) {
    form.reset();
    clearFaults(form);
  }
}

// Terms and what they are; null is left out.
export function facts(pairs) {
  const list = make("dl", { class: "facts" });
  for (const [term, value] of pairs) {
    if (value === null || value === undefined || value === "") continue;
    list.append(make("dt", {}, term), make("dd", {}, value));
  }
  return list;
}

// What a profile tells beside the name; what this person or this reader has not got is left out.
export function particulars(profile) {
  return [
    [t("User id"), profile.user_id],
    [t("Username"), profile.username],
    [t("E-mail"), profile.email],
    [t("Mobile"), profile.mobile],
    [t("Language"), profile.language],
    [t("Role"), role(profile.user_type)],
    [t("Date of birth"), profile.date_of_birth],
    [t("Pregnant"), "is_pregnant" in profile ? stated(profile.is_pregnant) : null],
    [t("Specialization"), profile.specialization],
    [t("Licence number"), profile.license_number],
    [t("Approved"), "approved" in profile ? (profile.approved ? t("yes") : t("not yet")) : null],
    [t("Account since"), time(profile.created_at)],
    [t("Last login"), time(profile.last_login_at)],
  ];
}

// What somebody is here.
export const role = (name) => ({ patient: t("patient"), doctor: t("doctor"), staff: t("staff"), admin: t("admin") })[name] ?? name;

// Yes or no; what nobody said is neither.
export function stated(flag) {
  if (flag === null) return t("not stated");
  return flag ? t("yes") : t("no");
}

const CLOCK = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short" });

// A moment in the reader's time zone.
export function time(text) {
  if (!text) return make("span", { class: "muted" }, t("never"));
  return make("time", { datetime: text }, CLOCK.format(new Date(text)));
}

// A length of time, roughly.
export function seconds(count) {
  if (count < 90) return `${count} s`;
  if (count < 5400) return `${Math.round(count / 60)} min`;
  if (count < 172_800) return `${Math.round(count / 3600)} h`;
  return t("{{ n }} days", { n: Math.round(count / 86_400) });
}

export function badge(text, kind = "") {
  return make("span", { class: `badge ${kind}` }, text);
}
