// Who works here, and the way between the parts of the page.
import { Refusal, call } from "./api.js";
import { find, make, markTab, say, sayRefusal, show } from "./ui.js";

export const caller = { user_id: "", name: "", type: "", permissions: new Set() };
export const may = (permission) => caller.permissions.has(permission);
export const isDoctor = () => caller.type === "doctor";

const parts = new Map();
let present = "";
// The part that was open before this one.
let before = "";

// A part of the page: `enter(...about)` fills it, `leave()` stops what runs in it, `clear()` forgets whose it was.
export function part(name, { enter, leave = () => {}, clear = () => {} }) {
  parts.set(name, { enter, leave, clear });
}

export const cameFrom = () => before;

// Opens a part. A doctor who is not approved yet is told so instead.
export async function open(name, ...about) {
  parts.get(present)?.leave();
  if (present !== name) before = present;
  present = name;
  markTab(name);
  const others = [...parts.keys()].filter((other) => other !== name);
  say(find(name), "");
  show(find(name), find("waiting"), ...others.map(find));
  try {
    await parts.get(name).enter(...about);
  } catch (error) {
    if (isUnapproved(error)) await showWaiting();
    else sayRefusal(find(name), error);
  }
}

const isUnapproved = (error) => error instanceof Refusal && error.code === "CREDENTIAL_REQUIRED";

async function showWaiting() {
  parts.get(present)?.leave();
  present = "";
  find("parts").hidden = true;
  show(find("waiting"), ...[...parts.keys()].map(find));
  const { license_number: licence } = await call("GET", "auth/me");
  find("waiting-licence").textContent = licence ?? "none was given";
}

export function closeAll() {
  parts.get(present)?.leave();
  present = "";
  for (const { clear } of parts.values()) clear();
  find("parts").hidden = false;
}

// Loads something into `place`: says that it loads, and when it fails why, with a button to try again.
export async function load(place, action) {
  place.setAttribute("aria-busy", "true");
  if (!place.childElementCount) place.replaceChildren(make("p", { class: "empty" }, "Loading …"));
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Refusal) || isUnapproved(error)) throw error;
    const again = make("button", { type: "button", class: "small", click: () => load(place, action) }, "Try again");
    place.replaceChildren(make("p", { class: "fault" }, error.message), make("p", { class: "actions" }, again));
  } finally {
    place.removeAttribute("aria-busy");
  }
}

let sent = { text: "", key: "" };

// Posts once, however often it is sent: an answer that got lost is asked for again under the same key.
export async function postOnce(path, body) {
  const text = path + JSON.stringify(body);
  if (text !== sent.text) sent = { text, key: randomKey() };
  const answer = await call("POST", path, { body, headers: { "Idempotency-Key": sent.key } });
  sent = { text: "", key: "" };
  return answer;
}

const randomKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// Every row of a list that is read whole, such as the appointments of a week.
export async function everything(path, name, query) {
  const rows = [];
  let cursor = "";
  do {
    const answer = await call("GET", path, { query: { ...query, limit: 100, cursor } });
    rows.push(...answer[name]);
    cursor = answer.pagination?.next_cursor ?? "";
  } while (cursor && rows.length < 2000);
  return rows;
}
