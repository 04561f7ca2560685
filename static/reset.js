// The reset page: takes the token from the address's fragment, which no server sees, and removes it there at once.
"use strict";

(() => {
  const form = document.getElementById("reset");
  const message = document.getElementById("message");
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  history.replaceState(null, "", location.pathname);

  function say(text, isError = false) {
    message.textContent = text;
    message.classList.toggle("error", isError);
  }

  if (!token) {
    form.hidden = true;
    say("This page needs the link from our mail. Open that link once more, or ask for a new one.", true);
    return;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [newPassword, confirmation] = [form.elements.new_password, form.elements.confirm_password];
    if (newPassword.value !== confirmation.value) {
      say("The two passwords are not the same.", true);
      return;
    }
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const response = await fetch("/auth/reset-password", {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({
          token,
          new_password: newPassword.value,
          confirm_password: confirmation.value,
        }),
        cache: "no-store",
        credentials: "omit",
      });
      const answer = await response.json().catch(() => ({}));
      if (response.ok) {
        form.hidden = true;
        form.reset();
        say("Your password was set. You can log in with it now.");
        return;
      }
      const faults = answer.error?.details?.validation_errors ?? [];
      const lines = faults.map((fault) => fault.message);
      say([answer.detail ?? "The service did not answer as expected.", ...lines].join("\n"), true);
    } catch {
      say("The service cannot be reached. Try again in a moment.", true);
    }
    button.disabled = false;
  });
})();
