// A patient's appointments: the next one first, those after it, and what is over; cancelling.
import { call, now } from "./api.js";
import { everything, forget, load } from "./my-load.js";
import { clock, inDays, localText, longDay, span, useZone, zoneText } from "./my-time.js";
import { badge, button, facts, find, make, onSubmit, say } from "./ui.js";
import { plural, t } from "./words.js";

const HOUR = 3_600_000;
const STATUS = {
  pending: [t("not confirmed yet"), "warn"],
  confirmed: [t("confirmed"), "good"],
  arrived: [t("you are at the clinic"), "good"],
  completed: [t("over"), ""],
  cancelled: [t("cancelled"), "bad"],
  no_show: [t("missed"), "warn"],
};
const LIVE = ["pending", "confirmed", "arrived"];

export const doctorOf = (visit) => visit.doctor_name ?? t("a doctor whom the clinic chooses");

function state(visit) {
  const isOver = visit.status === "confirmed" && Date.parse(visit.end_time) <= now();
  return badge(...(isOver ? STATUS.completed : STATUS[visit.status] ?? [visit.status.replaceAll("_", " "), ""]));
}

// Until when patients move and cancel; the service decides, this only tells.
const cancelHours = () => Number(document.body.dataset.cancelHours);
const deadline = (visit) => Date.parse(visit.start_time) - cancelHours() * HOUR;

function isOpen(visit) {
  return ["pending", "confirmed"].includes(visit.status) && now() <= deadline(visit);
}

// In full for the next appointment, in short for those after it.
function rule(visit, isShort) {
  if (visit.status === "arrived") return t("You are at the clinic. Ask at the desk if something has to change.");
  const length = plural(cancelHours(), "{{ n }} hour", "{{ n }} hours");
  if (!isOpen(visit)) {
    return cancelHours() ? t("It begins in less than {{ length }}, so it cannot be moved or cancelled here any more. Please call the clinic.", { length })
      : t("It has begun, so it cannot be moved or cancelled here any more.");
  }
  const until = new Date(deadline(visit)).toISOString();
  const local = localText(until, visit.time_zone);
  const when = `${longDay(local)}, ${clock(local)} (${zoneText(until, local, visit.time_zone)})`;
  if (isShort && cancelHours()) return t("To move or cancel it here: until {{ when }}.", { when });
  return cancelHours() ? t("You can move or cancel it here until {{ when }}: that is {{ length }} before. Later, please call the clinic.", { when, length })
    : t("You can move or cancel it here until it begins.");
}

// `book()` and `move(visit)` open the other part.
export function visits({ book, move }) {
  const [next, past, dialog] = [find("next"), find("past"), find("cancel")];
  let cancelled = null;

  const upcoming = async () => {
    const from = new Date(now() - 24 * HOUR).toISOString();
    const all = await everything("appointments", "appointments", { from });
    for (const visit of all) useZone(visit.time_zone);
    return all.filter((visit) => LIVE.includes(visit.status) && Date.parse(visit.end_time) > now());
  };

  function first(visit) {
    return make("div", { class: "next" },
      make("p", { class: "when" },
        make("time", { datetime: visit.start_time },
          make("span", {}, longDay(visit.local_start)),
          make("strong", {}, `${clock(visit.local_start)}–${clock(visit.local_end)}`)),
        make("span", { class: "muted" }, zoneText(visit.start_time, visit.local_start, visit.time_zone))),
      make("p", { class: "actions" }, badge(inDays(visit), "near"), state(visit)),
      facts([[t("Doctor"), doctorOf(visit)], [t("About"), visit.title], [t("For the doctor"), visit.description]]),
      ...choices(visit));
  }

  function later(visit) {
    return make("li", {}, make("div", {},
      make("strong", {}, make("time", { datetime: visit.start_time }, span(visit))),
      make("span", {}, doctorOf(visit)),
      make("span", { class: "muted" }, visit.title),
      make("span", {}, state(visit)),
      ...choices(visit, true)));
  }

  function over(visit) {
    return make("li", {}, make("div", {},
      make("strong", {}, make("time", { datetime: visit.start_time }, span(visit))),
      make("span", {}, doctorOf(visit)),
      make("span", { class: "muted" }, visit.title),
      make("span", {}, state(visit)),
      visit.cancel_reason ? make("span", { class: "muted" }, `${t("Why:")} ${visit.cancel_reason}`) : null));
  }

  function choices(visit, isShort = false) {
    const told = make("p", { class: "muted small" }, rule(visit, isShort));
    if (!isOpen(visit)) return [told];
    const moves = make("button", { type: "button", class: "small", "aria-label": t("Move {{ when }}", { when: span(visit) }), click: () => move(visit) }, t("Move …"));
    const cancels = make("button", { type: "button", class: "small danger", "aria-label": t("Cancel {{ when }}", { when: span(visit) }), click: () => ask(visit) }, t("Cancel …"));
    // Without a doctor there are no times to choose from.
    return [make("p", { class: "actions" }, visit.doctor_id ? moves : null, cancels), told];
  }

  function ask(visit) {
    cancelled = visit;
    say(dialog, "");
    dialog.querySelector("form").reset();
    find("cancel-what").replaceChildren(
      make("p", {}, make("strong", {}, span(visit)), make("br"), doctorOf(visit)),
      make("p", { class: "muted" }, t("The time is free for others at once.")));
    dialog.showModal();
  }

  find("cancel-no").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => { cancelled = null; });
  onSubmit(dialog.querySelector("form"), async (fields) => {
    const visit = cancelled;
    let text = [t("Your appointment is cancelled."), "good"];
    try {
      await call("DELETE", `appointments/${encodeURIComponent(visit.appointment_id)}`, { body: fields });
    } catch (refusal) {
      if (!["STATE_CONFLICT", "RECORD_NOT_FOUND"].includes(refusal.code)) throw refusal;
      text = [t("It was not cancelled: it has changed meanwhile, or it is too late for that here. Below it stands as it is now. If it has to change, please call the clinic."), "bad"];
    }
    dialog.close();
    await show();
    if (past.childElementCount) await showPast();
    say(next, ...text);
  });

  const show = () => load(next, async () => {
    const all = await upcoming();
    const offer = button(all.length ? t("Book another appointment") : t("Book an appointment"), book, { kind: all.length ? "" : "primary" });
    if (!all.length) return [make("p", {}, t("You have no appointment.")), make("p", { class: "actions" }, offer)];
    const [soonest, ...rest] = all;
    const after = rest.length ? [make("h3", {}, t("After that")), make("ul", { class: "plain" }, ...rest.map(later))] : [];
    return [first(soonest), ...after, make("p", { class: "actions" }, offer)];
  });

  const showPast = () => load(past, async () => {
    const from = new Date(now() - 366 * 24 * HOUR).toISOString();
    const all = await everything("appointments", "appointments", { from });
    for (const visit of all) useZone(visit.time_zone);
    const isOver = (visit) => !LIVE.includes(visit.status) || Date.parse(visit.end_time) <= now();
    const rows = all.filter((visit) => visit.status !== "held" && isOver(visit)).reverse();
    if (!rows.length) return [make("p", { class: "empty" }, t("Nothing in the last 12 months."))];
    return [make("ul", { class: "plain" }, ...rows.map(over))];
  });
  find("past-show").addEventListener("click", async () => {
    find("past-show").hidden = true;
    find("past-title").tabIndex = -1;
    find("past-title").focus();
    await showPast();
  });

  // The desk may confirm or move something while the page is out of sight.
  let looked = 0;
  document.addEventListener("visibilitychange", () => {
    const isSeen = !document.hidden && next.childElementCount && !next.closest("[hidden]") && !dialog.open;
    const isBusy = next.contains(document.activeElement);
    if (isSeen && !isBusy && Date.now() - looked > 60_000) open();
  });

  function open() {
    looked = Date.now();
    return show();
  }

  return {
    open,
    leave() {},
    clear() {
      cancelled = null;
      forget(next);
      forget(past);
      find("past-show").hidden = false;
    },
  };
}
