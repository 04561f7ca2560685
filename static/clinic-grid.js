// Appointments side by side: days of one doctor, or doctors of one day. On a narrow screen the columns are lists.
import { make } from "./ui.js";
import { clock, span } from "./clinic-time.js";
import { APPOINTMENT, VISIT, state, word } from "./clinic-words.js";

// The hours that are always shown.
const [FIRST, LAST] = [7 * 60, 19 * 60];
const SNAP = 15;
const FAR = 6;

// `name` is what is shown: another day begins at its own first look. `columns` are `{ key, title, note, day, isNow, hours: { open, off } }`, `keyOf` finds the one of an appointment.
export function grid(place, { name, heading = "h3", columns, rows, keyOf, now, open, move, book }) {
  const spans = rows.map(span);
  const first = Math.floor(Math.min(FIRST, ...spans.map(({ from }) => from)) / 60) * 60;
  const last = Math.ceil(Math.max(LAST, ...spans.map(({ to }) => to)) / 60) * 60;
  const frame = { heading, first, last, columns, now, open, move, book };
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.id : null;
  const hours = [];
  for (let at = first; at < last; at += 60) hours.push(make("li", {}, clock(at)));
  if (columns.some(({ isNow }) => isNow) && now >= first && now <= last) hours.push(shade({ from: now, to: now }, frame, make("li", { class: "present" }, clock(now))));
  const made = columns.map((column) => columnOf(column, rows.filter((row) => keyOf(row) === column.key), frame));
  const kept = place.querySelector(".calendar");
  const calendar = make("div", { class: "calendar", "data-name": name }, make("ol", { class: "clock", "aria-hidden": "true" }, ...hours), ...made);
  calendar.style.setProperty("--hours", (last - first) / 60);
  calendar.style.setProperty("--columns", columns.length);
  calendar.addEventListener("keydown", walk);
  const scrolled = kept?.dataset.name === name ? kept.scrollTop : null;
  place.replaceChildren(calendar);
  calendar.scrollTop = scrolled ?? startOf(calendar, frame);
  const blocks = [...calendar.querySelectorAll(".block")];
  const next = blocks.find(({ dataset }) => dataset.id === focused) ?? blocks[0];
  if (next) next.tabIndex = 0;
  if (focused) next?.focus();
}

// The first look is at now, or at the morning.
function startOf(calendar, { columns, first, last, now }) {
  const minutes = columns.some(({ isNow }) => isNow) ? Math.max(0, now - first - 60) : 30;
  return (calendar.scrollHeight * minutes) / (last - first);
}

function columnOf(column, rows, frame) {
  const items = lanes(rows).map(({ row, lane, count }) => {
    const { from, to } = span(row);
    const item = make("li", {}, block(row, column, frame));
    item.style.setProperty("--from", from - frame.first);
    item.style.setProperty("--length", Math.max(to - from, 15));
    item.style.setProperty("--lane", lane);
    item.style.setProperty("--lanes", count);
    return item;
  });
  const list = make("ol", { class: "blocks", "aria-label": column.label ?? column.title }, ...items);
  const field = make("div", { class: "field-of-day" });
  const { open = [], off = [] } = column.hours ?? {};
  for (const hours of open) field.append(shade(hours, frame, make("span", { class: "open", "aria-hidden": "true" })));
  for (const hours of off) {
    const whole = hours.from === 0 && hours.to === 1440;
    field.append(shade(hours, frame, make("p", { class: "off" }, make("span", {}, whole ? "Time off" : `Time off ${clock(hours.from)}–${clock(hours.to)}`))));
  }
  if (column.isNow && frame.now >= frame.first && frame.now <= frame.last) {
    field.append(shade({ from: frame.now, to: frame.now }, frame, make("span", { class: "now", "aria-hidden": "true" })));
  }
  field.append(list);
  if (!rows.length) field.append(make("p", { class: "empty none" }, "Nothing booked."));
  field.addEventListener("click", (event) => {
    if (event.target.closest(".block") || !frame.book || column.closed) return;
    const minutes = minutesAt(field, event.clientY, frame);
    if (getComputedStyle(list).position === "absolute") frame.book(column.key, Math.floor(minutes / SNAP) * SNAP);
  });
  return make("div", { class: `column${column.isNow ? " present" : ""}`, "data-key": column.key },
    make(frame.heading, { class: "title", title: column.title }, column.title, column.note ? make("span", { class: "second" }, column.note) : ""), field);
}

function shade({ from, to }, { first, last }, made) {
  made.style.setProperty("--from", Math.max(from, first) - first);
  made.style.setProperty("--length", Math.max(0, Math.min(to, last) - Math.max(from, first)));
  return made;
}

function block(row, column, frame) {
  const { from, to } = span(row);
  const who = row.patient_name ?? row.user_id;
  const kind = word(VISIT, row.type);
  const size = to - from < 30 ? "brief" : "";
  const made = make("button", { type: "button", class: `block ${row.status} ${size}`, tabindex: "-1", "data-id": row.appointment_id, "data-from": from },
    make("span", { class: "first" }, make("span", { class: "when" }, clock(from), make("span", { class: "until" }, `–${clock(to)}`), " "), make("strong", {}, who, " ")),
    make("span", { class: "rest" }, state(APPOINTMENT, row.status), " ", row.overbooked ? make("span", { class: "badge warn" }, "beside another") : "", " ",
      make("span", { class: "what" }, row.title && row.title !== kind ? row.title : kind)));
  made.title = `${clock(from)}–${clock(to)} ${who}, ${row.title ?? kind}, ${word(APPOINTMENT, row.status)[0]}`;
  made.addEventListener("click", () => {
    if (!made.hasAttribute("data-dragged")) frame.open(row);
    made.removeAttribute("data-dragged");
  });
  if (frame.move && ["pending", "confirmed"].includes(row.status)) drag(made, row, from, frame);
  return made;
}

// Appointments that overlap stand side by side.
function lanes(rows) {
  const sorted = rows.map((row) => ({ row, ...span(row) })).sort((a, b) => a.from - b.from || b.to - a.to);
  const done = [];
  let group = [];
  let end = -1;
  const close = () => {
    const count = Math.max(0, ...group.map(({ lane }) => lane)) + 1;
    for (const it of group) done.push({ ...it, count });
    group = [];
  };
  for (const it of sorted) {
    if (it.from >= end) close();
    const busy = new Set(group.filter((other) => other.to > it.from).map(({ lane }) => lane));
    let lane = 0;
    while (busy.has(lane)) lane += 1;
    group.push({ ...it, lane });
    end = Math.max(end, it.to);
  }
  close();
  return done;
}

function minutesAt(field, y, { first, last }) {
  const box = field.getBoundingClientRect();
  return first + ((y - box.top) / box.height) * (last - first);
}

// Dragging only proposes: the question that follows moves it.
function drag(made, row, from, frame) {
  made.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    if (getComputedStyle(made.closest("ol")).position !== "absolute") return;
    const grip = minutesAt(made.closest(".field-of-day"), event.clientY, frame) - from;
    let isMoving = false;
    let target = null;
    const follow = (moved) => {
      const [x, y] = [moved.clientX - event.clientX, moved.clientY - event.clientY];
      if (!isMoving && Math.hypot(x, y) < FAR) return;
      isMoving = true;
      made.dataset.dragged = "";
      made.style.transform = `translate(${x}px, ${y}px)`;
      const column = document.elementsFromPoint(moved.clientX, moved.clientY).filter((it) => !made.contains(it)).map((it) => it.closest(".column")).find(Boolean);
      const field = column?.querySelector(".field-of-day");
      const minutes = field && Math.round((minutesAt(field, moved.clientY, frame) - grip) / SNAP) * SNAP;
      target = field && minutes >= 0 && minutes < 1440 ? { key: column.dataset.key, minutes } : null;
      made.dataset.to = target ? clock(minutes) : "";
    };
    const stop = (ended) => {
      document.removeEventListener("pointermove", follow);
      document.removeEventListener("pointerup", stop);
      document.removeEventListener("pointercancel", stop);
      document.removeEventListener("keydown", escape, true);
      made.style.transform = "";
      delete made.dataset.to;
      // The click that follows at once is part of the drag.
      setTimeout(() => made.removeAttribute("data-dragged"));
      if (isMoving && target && ended.type === "pointerup") frame.move(row, target.key, target.minutes);
    };
    const escape = (pressed) => {
      if (pressed.key === "Escape") stop(pressed);
    };
    document.addEventListener("pointermove", follow);
    document.addEventListener("pointerup", stop);
    document.addEventListener("pointercancel", stop);
    document.addEventListener("keydown", escape, true);
  });
}

// The arrow keys: up and down within a column, left and right to the nearest time of the next column that has any.
function walk(event) {
  const from = event.target.closest(".block");
  if (!from || event.ctrlKey || event.altKey || event.metaKey) return;
  const columns = [...event.currentTarget.querySelectorAll(".column")].map((column) => [...column.querySelectorAll(".block")]).filter((it) => it.length);
  const at = columns.findIndex((column) => column.includes(from));
  const index = columns[at].indexOf(from);
  const nearest = (column) => column?.reduce((best, it) => (away(it) < away(best) ? it : best));
  const away = (it) => Math.abs(Number(it.dataset.from) - Number(from.dataset.from));
  const to = {
    ArrowUp: () => columns[at][index - 1],
    ArrowDown: () => columns[at][index + 1],
    ArrowLeft: () => nearest(columns[at - 1]),
    ArrowRight: () => nearest(columns[at + 1]),
    Home: () => columns[at][0],
    End: () => columns[at].at(-1),
  }[event.key];
  if (!to) return;
  event.preventDefault();
  const next = to();
  if (!next) return;
  from.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}
