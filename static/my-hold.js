// A time that is held while its booking is filled in, with the countdown that the page shows.
import { call, now } from "./api.js";
import { find } from "./ui.js";
import { t } from "./words.js";

const SOON_MS = 60_000;

// `over()` is called when the time is free again because nothing was booked.
export function holding(over) {
  const [shown, left, soon] = ["held", "left", "left-soon"].map(find);
  let held = null;
  let timer = 0;

  function show() {
    const rest = Math.max(0, Math.floor((held.endsAt - now()) / 1000));
    left.textContent = t("Held for you: {{ time }} left", { time: `${Math.floor(rest / 60)}:${String(rest % 60).padStart(2, "0")}` });
    // Said once, because a clock that speaks each second disturbs.
    if (rest * 1000 <= SOON_MS && rest > 0) soon.textContent = t("Less than a minute left, then the time is free for others.");
    if (rest > 0) return;
    forget();
    over();
  }

  function goOn() {
    if (!held) return;
    shown.hidden = false;
    clearInterval(timer);
    timer = setInterval(show, 1000);
    show();
  }

  function pause() {
    clearInterval(timer);
  }

  function forget() {
    pause();
    held = null;
    shown.hidden = true;
    left.textContent = "";
    soon.textContent = "";
  }

  return {
    id: () => held?.id,
    goOn,
    pause,
    forget,
    // Holds a time; the one before is given back first, since nobody holds many.
    async take(body) {
      await release();
      const { hold_id: id, expires_at: expiresAt } = await call("POST", "appointments/holds", { body });
      held = { id, endsAt: Date.parse(expiresAt) };
      goOn();
    },
    release,
  };

  // It ends by itself when the service cannot be told.
  async function release() {
    if (!held) return;
    const { id } = held;
    forget();
    await call("DELETE", `appointments/holds/${encodeURIComponent(id)}`).catch(() => {});
  }
}
