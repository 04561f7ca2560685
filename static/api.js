// Calls the service. Tokens live in this module's memory only: neither storage nor an address ever holds one.
import { t, told } from "./words.js";

// Where the service is, with whatever path a proxy puts before it.
const SERVICE = new URL("../", import.meta.url);
// A token that ends this soon is renewed before it is used.
const MARGIN_MS = 30_000;

let tokens = null;
let renewal = null;
let onEnd = () => {};
// How far the service's clock is ahead of this device's, which may be wrong.
let ahead = 0;

// The time by the service's clock.
export const now = () => Date.now() + ahead;

// What the service refused, or why it could not be asked.
export class Refusal extends Error {
  constructor(status, answer) {
    const known = answer.error?.localized_message ? told(answer.error) : answer.detail;
    super(known ?? (status ? t("The service answered {{ status }}.", { status }) : t("The service cannot be reached. Try again in a moment.")));
    this.status = status;
    this.code = answer.error?.code ?? "";
    this.details = answer.error?.details ?? {};
    this.faults = this.details.validation_errors ?? [];
    this.retryAfter = this.details.retry_after ?? 0;
  }
}

async function send(method, path, { body, file, query = {}, headers: more = {}, isPage = false }) {
  const address = new URL(path, SERVICE);
  for (const [name, value] of Object.entries(query)) {
    if (value !== "" && value !== null) address.searchParams.set(name, value);
  }
  const headers = { Accept: "application/json", ...more };
  if (body) headers["Content-Type"] = "application/json";
  if (file) headers["Content-Type"] = "text/csv; charset=utf-8";
  if (tokens) headers.Authorization = `Bearer ${tokens.access_token}`;
  let response;
  try {
    response = await fetch(address, {
      method,
      headers,
      body: file ?? (body && JSON.stringify(body)),
      cache: "no-store",
      credentials: "same-origin", // With "omit" the browser ignores Clear-Site-Data.
    });
    ahead = Date.parse(response.headers.get("Date")) - Date.now() || 0;
  } catch {
    throw new Refusal(0, {});
  }
  if (isPage && response.ok) return response.text();
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(response.status, answer);
  // With `clinic.older_envelope`, the answer is wrapped for another client.
  return answer.status === "success" && answer.data ? answer.data : answer;
}

// The answer to an operation, asked with the access token if there is one.
export async function call(method, path, content = {}) {
  await stayFresh();
  const used = tokens;
  try {
    return await send(method, path, content);
  } catch (refusal) {
    // Where the body holds a secret, the refusal is about that one.
    const about = ["token", "password", "current_password"].some((name) => name in (content.body ?? {}));
    if (!tokens || refusal.status !== 401 || about) throw refusal;
    // The session may go on with a new token, such as one that says less (ADM-6).
    if (refusal.code === "AUTH_FAILED") {
      if (tokens === used) await refresh();
      return await send(method, path, content);
    }
    end();
    throw refusal;
  }
}

async function stayFresh() {
  if (tokens && Date.now() > tokens.endsAt - MARGIN_MS) await refresh();
}

// New tokens; one renewal serves all who ask for it meanwhile.
export function refresh() {
  renewal ??= renew().finally(() => { renewal = null; });
  return renewal;
}

async function renew() {
  try {
    return keep(await send("POST", "auth/refresh", { body: { refresh_token: tokens.refresh_token } }));
  } catch (refusal) {
    if (refusal.status === 401) end();
    throw refusal;
  }
}

// What the person logs in with, for password managers; none if nobody is logged in.
export const username = () => tokens?.username ?? "";

function end() {
  tokens = null;
  onEnd();
}

// Goes on as the person that an answer of login or verify-otp is for.
export function keep(answer) {
  tokens = {
    access_token: answer.access_token,
    refresh_token: answer.refresh_token,
    username: answer.username,
    endsAt: Date.now() + answer.expires_in * 1000,
  };
  return answer;
}

// Ends this session, or by the path `auth/logout-all` every one; the tokens are forgotten even if that fails. The refresh
// token alone ends its session, so no new access token is asked for first.
export async function logOut(path = "auth/logout") {
  try {
    if (path === "auth/logout" && tokens) return await send("POST", path, { body: { refresh_token: tokens.refresh_token } });
    await stayFresh();
    return await send("POST", path, {});
  } finally {
    tokens = null;
  }
}

// What to do when a session is over that somebody still works in.
export function whenEnded(action) {
  onEnd = action;
}
