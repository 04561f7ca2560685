// Runs the examples for fetch, axios and jose of docs/clients.md: node check.mjs BASE_URL LOGIN PASSWORD
import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import axios from "axios";
import { clinic } from "./axios.mjs";
import { Clinic } from "./fetch.mjs";
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
strictEqual((await verify(tokens.access_token)).sub, login);
const [header, , signature] = tokens.access_token.split(".");
const forged = Buffer.from(JSON.stringify({ sub: login })).toString("base64url");
await rejects(verify(`${header}.${forged}.${signature}`));
await rejects(verify(tokens.refresh_token));
console.log("jose: a good token passes, a forged one does not");
