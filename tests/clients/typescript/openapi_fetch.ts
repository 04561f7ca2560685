// A walk with a client whose types come from openapi-typescript.
import { deepStrictEqual, strictEqual } from "node:assert";
import createClient from "openapi-fetch";
import type { paths } from "./generated/schema.js";

const baseUrl = process.argv[2]!;
const client = createClient<paths>({ baseUrl });

const username = `ts.${Date.now().toString(36)}`;
const email = `${username}@example.org`;
const password = "correct horse battery";

const registered = await client.POST("/auth/register", {
  body: { username, email, mobile: "+41 79 000 00 00", password, first_name: "Jane", last_name: "Doe" },
});
if (!registered.data) throw new Error(registered.error.error.message);
strictEqual(registered.data.user_type, "patient");

const verified = await client.POST("/auth/verify-otp", {
  body: { email, otp: registered.data.debug_otp!, registration_token: registered.data.registration_token },
});
strictEqual(verified.data?.status, "verified");

const login = await client.POST("/auth/login", { body: { username, password } });
if (!login.data) throw new Error(login.error.error.message);
const headers = { Authorization: `Bearer ${login.data.access_token}` };

const me = await client.GET("/users/me", { headers });
deepStrictEqual([me.data?.username, me.data?.email, me.data?.is_verified], [username, email, true]);

const loggedOut = await client.POST("/auth/logout", { headers });
strictEqual(loggedOut.data?.success, true);

const refused = await client.GET("/users/me", { headers });
deepStrictEqual([refused.response.status, refused.error?.error.code], [401, "SESSION_ERROR"]);
console.log("openapi-typescript: register, verify, login, me, logout");
