// The test page: register → verify → login → profile → logout, against the API of this service.
"use strict";

(() => {
  const find = (id) => document.getElementById(id);

  // In memory only: neither storage nor an address ever holds a token.
  let tokens = null;
  let registrationToken = null;

  class Refusal extends Error {}

  function say(text, isError = false) {
    const message = find("message");
    message.textContent = text;
    message.classList.toggle("error", isError);
  }

  async function call(method, path, body) {
    const headers = { Accept: "application/json" };
    if (body) headers["Content-Type"] = "application/json";
    if (tokens) headers.Authorization = `Bearer ${tokens.access_token}`;
    const response = await fetch(path, {
      method,
      headers,
      body: body ? JSON.stringify(body) : undefined,
      cache: "no-store",
      credentials: "same-origin", // Otherwise the browser ignores Clear-Site-Data.
    });
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    const faults = answer.error?.details?.validation_errors ?? [];
    const lines = faults.map((fault) => `${fault.field}: ${fault.message}`);
    const title = answer.detail ?? `The service answered ${response.status}`;
    throw new Refusal([title, ...lines].join("\n"));
  }

  // Empty optional fields are left out, as is what belongs to the other user type.
  function fieldsOf(form) {
    const fields = {};
    for (const input of form.elements) {
      if (!input.name || input.closest("[hidden]")) continue;
      if (input.type === "checkbox") fields[input.name] = input.checked;
      else if (input.value !== "") fields[input.name] = input.value;
    }
    return fields;
  }

  function showProfile(profile) {
    const list = find("profile");
    list.replaceChildren();
    for (const [name, value] of Object.entries(profile ?? {})) {
      if (["success", "message"].includes(name) || value === null) continue;
      const term = document.createElement("dt");
      const detail = document.createElement("dd");
      term.textContent = name;
      detail.textContent = String(value);
      list.append(term, detail);
    }
    find("nobody").hidden = Boolean(profile);
    find("logout").disabled = !profile;
    find("refresh").disabled = !profile;
  }

  async function enter(answer) {
    tokens = { access_token: answer.access_token, refresh_token: answer.refresh_token };
    showProfile(await call("GET", "/auth/me"));
    say(answer.message ?? "Logged in");
  }

  function leave(text) {
    tokens = null;
    registrationToken = null;
    document.querySelectorAll("form").forEach((form) => form.reset());
    showUserType();
    showProfile(null);
    say(text);
  }

  function showUserType() {
    const type = find("register").elements.user_type.value;
    for (const label of document.querySelectorAll("[data-only]")) {
      label.hidden = label.dataset.only !== type;
    }
  }

  // Runs an action once at a time, and says what went wrong.
  function guard(button, action) {
    return async (event) => {
      event.preventDefault();
      button.disabled = true;
      say("…");
      try {
        await action();
      } catch (error) {
        say(error instanceof Refusal ? error.message : "The service cannot be reached", true);
      } finally {
        button.disabled = button.closest("section").querySelector("form") ? false : !tokens;
      }
    };
  }

  function onSubmit(id, action) {
    const form = find(id);
    form.addEventListener("submit", guard(form.querySelector("button"), () => action(form)));
  }

  function onClick(id, action) {
    find(id).addEventListener("click", guard(find(id), action));
  }

  onSubmit("register", async (form) => {
    const fields = fieldsOf(form);
    const answer = await call("POST", "/auth/register", fields);
    registrationToken = answer.registration_token ?? null;
    find("verify").elements.email.value = fields.email;
    find("verify").elements.otp.value = answer.debug_otp ?? "";
    say(answer.message);
  });

  onSubmit("verify", async (form) => {
    const fields = fieldsOf(form);
    if (registrationToken) fields.registration_token = registrationToken;
    const answer = await call("POST", "/auth/verify-otp", fields);
    registrationToken = null;
    await enter(answer);
  });

  onClick("send-otp", async () => {
    const email = find("verify").elements.email;
    if (!email.reportValidity()) return say("An e-mail address is needed", true);
    const answer = await call("POST", "/auth/send-otp", { email: email.value });
    if (answer.debug_otp) find("verify").elements.otp.value = answer.debug_otp;
    return say(answer.message);
  });

  onSubmit("login", async (form) => {
    await enter(await call("POST", "/auth/login", fieldsOf(form)));
    form.elements.password.value = "";
  });

  onClick("refresh", async () => {
    const refresh_token = tokens.refresh_token;
    await enter(await call("POST", "/auth/refresh", { refresh_token }));
  });

  onClick("logout", async () => {
    try {
      await call("POST", "/auth/logout");
    } finally {
      leave("Logged out");
    }
  });

  find("register").elements.user_type.addEventListener("change", showUserType);
})();
