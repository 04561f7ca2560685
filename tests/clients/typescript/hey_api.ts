// The same walk with a client that @hey-api/openapi-ts generated.
import { deepStrictEqual, strictEqual } from "node:assert";
import { createClient } from "./generated/hey-api/client/index.js";
import { login, logout, register, usersMe, verifyOtp } from "./generated/hey-api/sdk.gen.js";

const client = createClient({ baseUrl: process.argv[2]! });

const username = `hey.${Date.now().toString(36)}`;
const email = `${username}@example.org`;
const password = "correct horse battery";

const registered = await register({
  client,
  throwOnError: true,
  body: { username, email, mobile: "+41 79 000 00 00", password, first_name: "Jane", last_name: "Doe" },
});
const { debug_otp, registration_token } = registered.data;

const verified = await verifyOtp({ client, throwOnError: true, body: { email, otp: debug_otp!, registration_token } });
strictEqual(verified.data.status, "verified");

const tokens = await login({ client, throwOnError: true, body: { username, password } });
const auth = tokens.data.access_token;

const me = await usersMe({ client, throwOnError: true, auth });
deepStrictEqual([me.data.username, me.data.email, me.data.is_verified], [username, email, true]);

const loggedOut = await logout({ client, throwOnError: true, auth });
strictEqual(loggedOut.data.success, true);

const refused = await usersMe({ client, auth });
deepStrictEqual([refused.response?.status, refused.error?.error.code], [401, "SESSION_ERROR"]);
console.log("@hey-api/openapi-ts: register, verify, login, me, logout");
