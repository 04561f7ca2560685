// Runs the examples for fetch, axios and jose of docs/clients.md: node check.mjs BASE_URL LOGIN PASSWORD
import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import axios from "axios";
import { clinic } from "./axios.mjs";
import { Clinic } from "./fetch.mjs";
import { SharedTokens } from "./tabs.mjs";
import { verifier } from "./verify.mjs";

const [, , baseUrl, login, password] = process.argv;
axios.defaults.adapter = "fetch";

// Spoils the first access token on its way, as if it had expired, and counts the refreshes.
const send = globalThis.fetch;
let [spoilt, refreshes] = ["", 0];
globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  if (request.url.endsWith("/auth/refresh")) refreshes += 1;
  if (spoilt && request.headers.get("Authorization") === `Bearer ${spoilt}`) request.headers.set("Authorization", "Bearer x");
  const response = await send(request);
  if (request.url.endsWith("/auth/login")) spoilt = (await response.clone().json()).access_token;
  return response;
};

// Five requests at a time find the token expired: one refresh, five answers; after the logout, none.
async function check(name, log_in, me, log_out) {
  [spoilt, refreshes] = ["", 0];
  await log_in();
  const answers = await Promise.all(Array.from({ length: 5 }, me));
  deepStrictEqual(answers.map(({ user_id }) => user_id), Array(5).fill(login));
  strictEqual(refreshes, 1);
  await log_out();
  await rejects(me);
  console.log(`${name}: five requests, one refresh, logout`);
}

const client = new Clinic(baseUrl);
await check("fetch", () => client.login(login, password), () => client.request("GET", "/users/me"), () => client.logout());
await rejects(client.login(login, "wrong"), { code: "AUTH_FAILED", status: 401 });

// A wrong current password is not taken for an expired token.
await client.login(login, password);
await client.request("GET", "/users/me");
refreshes = 0;
const change = { current_password: "wrong", new_password: "evening train to Basel" };
await rejects(client.request("POST", "/auth/change-password", change), { code: "AUTH_FAILED" });
strictEqual(refreshes, 0);

const api = clinic(baseUrl);
await check("axios", () => api.login(login, password), async () => (await api.http.get("/users/me")).data, api.logout);

const tokens = (await axios.post(`${baseUrl}/auth/login`, { username: login, password })).data;
const verify = verifier(baseUrl);

// A browser's locks, where this Node has none: one after the other.
if (!globalThis.navigator?.locks) {
  let turn = Promise.resolve();
  const request = (_name, work) => (turn = turn.catch(() => {}).then(work));
  Object.defineProperty(globalThis, "navigator", { value: { locks: { request } } });
}

// Three tabs find the token expired: one refresh, and all of them have its tokens. A later tab asks the others.
const tabs = [1, 2, 3].map(() => new SharedTokens(baseUrl));
const all_have = async (tabs) => {
  while (new Set(tabs.map((tab) => tab.accessToken)).size > 1) await new Promise(setImmediate);
  return tabs[0].accessToken;
};
tabs[0].share((await axios.post(`${baseUrl}/auth/login`, { username: login, password })).data);
let used = await all_have(tabs);
for (let round = 0; round < 2; round += 1) {
  refreshes = 0;
  await Promise.all(tabs.map((tab) => tab.refresh(used)));
  used = await all_have(tabs);
  strictEqual((await axios.get(`${baseUrl}/users/me`, { headers: { Authorization: `Bearer ${used}` } })).data.user_id, login);
  strictEqual(refreshes >= 1 && refreshes <= tabs.length, true);
  tabs.push(new SharedTokens(baseUrl));
  strictEqual(await all_have(tabs), used);
}
for (const tab of tabs) tab.close();
console.log("tabs: three refresh at once and all live on, a fourth joins them");
strictEqual((await verify(tokens.access_token)).sub, login);
const [header, , signature] = tokens.access_token.split(".");
const forged = Buffer.from(JSON.stringify({ sub: login })).toString("base64url");
await rejects(verify(`${header}.${forged}.${signature}`));
await rejects(verify(tokens.refresh_token));
console.log("jose: a good token passes, a forged one does not");
