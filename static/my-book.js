// Booking and moving: doctor, day, time, and a last look. A time that is booked is held meanwhile; one that an
// appointment moves to is not, because the appointment keeps its own time until it has moved.
import { Refusal, call, now } from "./api.js";
import { holding } from "./my-hold.js";
import { forget, load } from "./my-load.js";
import { clock, dayOf, longDay, shortDay, span, useZone, zoneText } from "./my-time.js";
import { doctorOf } from "./my-visits.js";
import { button, facts, find, make, onClick, onSubmit, say } from "./ui.js";
import { LOCALE, plural, t } from "./words.js";

const DAY = 86_400_000;
const WINDOW_DAYS = 31;
// Nobody offers times further ahead.
const LAST_DAYS = 366;
// So many doctors are found at a glance.
const FEW = 8;

const GONE = t("This time cannot be booked any more. Choose another time.");
const isAboutTime = ({ faults }) => faults.some(({ field }) => field === "start_time" || field === "end_time");

// `done(text, kind)` goes back to the appointments.
export function booking({ done }) {
  const place = find("book");
  const steps = ["doctor-step", "time-step", "sure-step"].map(find);
  const [doctors, days, times] = [find("doctors"), find("days"), find("times")];
  const form = find("sure-step").querySelector("form");
  let moving = null;
  let doctor = null;
  let slots = [];
  let zone = "";
  let until = 0;
  let chosen = null;
  let day = "";
  let sent = { text: "", key: "" };
  // Whether an answer to a booking of this time got lost.
  let isUnsure = false;
  const hold = holding(async () => {
    say(place, "");
    await chooseTime(t("The time was held for you for some minutes and is free again. Choose a time."), "bad");
  });

  function step(name) {
    for (const other of steps) other.hidden = other.id !== name;
    const heading = find(name).querySelector("h3");
    heading.focus();
    heading.scrollIntoView({ block: "nearest" });
  }

  function open(visit) {
    moving = visit;
    find("book-title").textContent = moving ? t("Move an appointment") : t("Book an appointment");
    find("moving").replaceChildren(...(moving ? [
      make("p", { class: "message" }, t("Now:"), " ", make("strong", {}, span(moving)), ", ", doctorOf(moving), ". ", t("It stays yours until you have chosen another time.")),
      make("p", { class: "actions" }, button(t("Leave it as it is"), () => done(t("Your appointment stays as it was."), ""), { kind: "small" })),
    ] : []));
    find("doctor-other").hidden = Boolean(moving);
    for (const part of form.querySelectorAll("[data-only]")) part.hidden = Boolean(moving);
    find("sure-yes").textContent = moving ? t("Move to this time") : t("Book this time");
    for (const other of steps) other.hidden = other.id !== (moving ? "time-step" : "doctor-step");
    return moving ? choose({ doctor_id: moving.doctor_id, name: doctorOf(moving) }) : showDoctors();
  }

  // Doctor

  const showDoctors = (query = {}) => load(doctors, async () => {
    const answer = await call("GET", "doctors", { query });
    const search = find("doctor-search");
    if (!query.q) search.hidden = answer.doctors.length <= FEW && !answer.pagination.has_more;
    if (!answer.doctors.length) return [make("li", { class: "empty" }, query.q ? t("No doctor has this name.") : t("No doctor can be booked here yet. Please call the clinic."))];
    const more = answer.pagination.has_more ? [make("li", { class: "muted small" }, t("There are more doctors: search by the name."))] : [];
    return [...answer.doctors.sort((a, b) => a.name.localeCompare(b.name)).map(offer), ...more];
  });

  function offer(found) {
    const about = make("span", { class: "second" }, found.accepts_bookings ? found.specialization ?? "" : t("Please call the clinic to book with this doctor."));
    if (!found.accepts_bookings) return make("li", {}, make("div", { class: "pick off" }, make("strong", {}, found.name), about));
    const made = button("", () => choose(found), { kind: "pick", place });
    made.append(make("strong", {}, found.name), about);
    return make("li", {}, made);
  }

  onSubmit(find("doctor-search"), (fields) => showDoctors(fields));
  onClick(find("doctor-other"), async () => {
    say(place, "");
    step("doctor-step");
    if (!doctors.childElementCount) await showDoctors();
  });

  async function choose(found) {
    doctor = found;
    find("doctor-is").textContent = doctor.name;
    say(place, "");
    await chooseTime();
  }

  // Day and time

  // Asks for the free times anew; a text says why, and takes the focus.
  async function chooseTime(text = "", kind = "") {
    [slots, zone, until, chosen, day] = [[], "", 0, null, ""];
    times.replaceChildren();
    days.replaceChildren();
    find("days-more").hidden = true;
    step("time-step");
    if (text) say(place, text, kind);
    await load(days, moreDays);
  }

  async function moreDays() {
    const from = until || now();
    const to = from + WINDOW_DAYS * DAY;
    const query = { doctor_id: doctor.doctor_id, from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    // A moved appointment stays as long as it was.
    if (moving) query.duration_minutes = (Date.parse(moving.end_time) - Date.parse(moving.start_time)) / 60_000;
    let answer;
    try {
      answer = await call("GET", "appointments/slots", { query });
    } catch (refusal) {
      if (refusal.code !== "RECORD_NOT_FOUND") throw refusal;
      throw new Refusal(404, { detail: t("This doctor cannot be booked here now. Choose another doctor, or call the clinic."), error: { code: refusal.code } });
    }
    zone = answer.time_zone;
    useZone(zone);
    slots = [...slots, ...answer.slots];
    until = answer.next_from ? Date.parse(answer.next_from) : to;
    find("days-more").hidden = until > now() + LAST_DAYS * DAY;
    return drawDays();
  }

  onClick(find("days-more"), async () => {
    const before = days.querySelectorAll(".day").length;
    days.replaceChildren(...await moreDays());
    const first = days.querySelectorAll(".day")[before];
    if (first) first.focus();
    else find("days-title").focus();
  }, place);

  // The slots by their local day.
  function byDay() {
    const found = new Map();
    for (const slot of slots) {
      const name = dayOf(slot.local_start);
      found.set(name, [...(found.get(name) ?? []), slot]);
    }
    return found;
  }

  function drawDays() {
    const all = [...byDay()];
    const end = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "long", timeZone: zone || "UTC" }).format(until);
    if (!all.length) return [make("p", { class: "empty" }, t("No free time until {{ day }}. Look at later days, or call the clinic.", { day: end }))];
    return [make("div", { class: "days" }, ...all.map(([name, free]) => {
      const [weekday, date] = shortDay(free[0].local_start);
      const pressed = String(name === day);
      return make("button", { type: "button", class: "day", "aria-pressed": pressed, "data-day": name, click: () => chooseDay(name) },
        make("span", {}, weekday), make("strong", {}, date), make("span", { class: "second" }, plural(free.length, "{{ n }} time free", "{{ n }} times free")));
    })), make("p", { class: "muted small" }, t("All free days until {{ day }}.", { day: end }))];
  }

  function chooseDay(name) {
    day = name;
    for (const other of days.querySelectorAll(".day")) other.setAttribute("aria-pressed", String(other.dataset.day === name));
    drawTimes();
    const heading = times.querySelector("h3");
    heading.focus();
    times.scrollIntoView({ block: "nearest" });
    heading.scrollIntoView({ block: "nearest" });
  }

  function drawTimes() {
    const free = byDay().get(day) ?? [];
    if (!free.length) {
      times.replaceChildren();
      return;
    }
    const { start_time: start, local_start: local } = free[0];
    times.replaceChildren(
      make("h3", { tabindex: "-1" }, longDay(local)),
      make("p", { class: "muted small" }, t("Which time? Clocks of the clinic ({{ zone }}).", { zone: zoneText(start, local, zone) })),
      make("div", { class: "times" }, ...free.map((slot) => button(clock(slot.local_start), () => take(slot), { place }))));
  }

  async function take(slot) {
    const time = clock(slot.local_start);
    say(place, "");
    if (!moving) {
      try {
        await hold.take({ doctor_id: doctor.doctor_id, start_time: slot.start_time, end_time: slot.end_time });
      } catch (refusal) {
        if (refusal.code === "STATE_CONFLICT") {
          throw new Refusal(409, { detail: t("You hold several times already, perhaps in another window. Each is free again after a few minutes; then try again.") });
        }
        if (refusal.code !== "SLOT_TAKEN" && refusal.status !== 422) throw refusal;
        lose(slot);
        say(place, t("{{ time }} has just been taken. Choose another time.", { time }), "bad");
        return;
      }
    }
    chosen = slot;
    isUnsure = false;
    find("sure").replaceChildren(facts([
      [t("When"), make("strong", {}, span({ ...slot, time_zone: zone }))],
      [t("Doctor"), doctor.name],
      [t("Instead of"), moving ? span(moving) : null],
    ]));
    step("sure-step");
  }

  // Somebody else has this time.
  function lose(slot) {
    slots = slots.filter((other) => other !== slot);
    days.replaceChildren(...drawDays());
    drawTimes();
  }

  // The last look

  find("sure-no").addEventListener("click", async () => {
    const again = day;
    const given = hold.release();
    step("time-step");
    say(place, "");
    await given;
    if (slots.length && day === again) drawTimes();
  });

  onSubmit(form, async (fields) => {
    const { start_time, end_time } = chosen;
    await (moving ? moveTo({ start_time, end_time, version: moving.version }) : book({
      title: fields.title?.trim() || t("Visit"), description: fields.description, doctor_id: doctor.doctor_id, start_time, end_time, hold_id: hold.id(),
    }));
  });

  async function book(body) {
    const when = span({ ...chosen, time_zone: zone });
    hold.pause();
    let booked;
    try {
      booked = await once(body);
    } catch (refusal) {
      if (refusal.code === "SLOT_TAKEN" && isUnsure) {
        hold.forget();
        await done(t("The time is taken: by your own first try, or by somebody who was faster. Below is what you have."), "");
        return;
      }
      // A hold that has ended may be gone: the time has to be chosen again.
      if (["SLOT_TAKEN", "RECORD_NOT_FOUND"].includes(refusal.code) || isAboutTime(refusal)) {
        hold.forget();
        await chooseTime(isAboutTime(refusal) ? GONE : t("This time is taken, or you have another appointment at it. Choose another time."), "bad");
        return;
      }
      hold.goOn();
      if (refusal.status !== 0) throw refusal;
      isUnsure = true;
      throw new Refusal(0, { detail: t("No answer came, so perhaps the time is booked and perhaps not. Press “Book this time” again: it is never booked twice.") });
    }
    hold.forget();
    form.reset();
    const { status } = booked;
    await done(status === "pending" ? t("Asked for: {{ when }}. The clinic still has to confirm it.", { when }) : t("Booked: {{ when }}.", { when }), "good");
  }

  // The same booking keeps its key, so that a lost answer is asked for again and nothing is booked twice.
  async function once(body) {
    const text = JSON.stringify(body);
    if (text !== sent.text) sent = { text, key: newKey() };
    const answer = await call("POST", "appointments", { body, headers: { "Idempotency-Key": sent.key } });
    sent = { text: "", key: "" };
    return answer;
  }

  async function moveTo(body) {
    const when = span({ ...chosen, time_zone: zone });
    try {
      await call("PATCH", `appointments/${encodeURIComponent(moving.appointment_id)}`, { body });
    } catch (refusal) {
      if (refusal.code === "SLOT_TAKEN" || isAboutTime(refusal)) {
        await chooseTime(isAboutTime(refusal) ? GONE : t("This time has just been taken, or you have another appointment at it. Yours stays where it was. Choose another time."), "bad");
        return;
      }
      if (!["VERSION_CONFLICT", "STATE_CONFLICT", "RECORD_NOT_FOUND"].includes(refusal.code)) throw refusal;
      await done(t("It was not moved: it has changed meanwhile, or it is too late for that here. Below it stands as it is now. If it has to change, please call the clinic."), "bad");
      return;
    }
    await done(t("Moved: {{ when }}.", { when }), "good");
  }

  return {
    open,
    leave() {
      hold.release();
      find("moving").replaceChildren();
    },
    clear() {
      hold.forget();
      [moving, doctor, slots, chosen, day, sent] = [null, null, [], null, "", { text: "", key: "" }];
      for (const part of [doctors, days]) forget(part);
      times.replaceChildren();
    },
  };
}

const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
