// The counts of the administration, renewed while somebody looks at them.
import { leaveActivity, showActivity } from "./activity.js";
import { Refusal, call } from "./api.js";
import { bars, line } from "./chart.js";
import { find, make, sayRefusal, time } from "./ui.js";

const EVERY_MS = 10_000;
// Points of the small lines.
const KEPT = 60;

let timer = null;
let past = [];

// The keys of the tiles in the answer.
const TILES = [
  ["Verified users", (stats) => stats.total_verified_users],
  ["Live sessions", (stats) => stats.active_sessions],
  ["Registrations waiting", (stats) => pending(stats)?.active_count ?? 0],
  ["Failed logins, last hour", (stats) => stats.failed_logins_last_hour],
];

// Collections may have other names; the one of registrations is known by its counts.
function pending({ collections }) {
  return Object.values(collections).find((collection) => "active_count" in collection);
}

export async function showOverview() {
  clearInterval(timer);
  timer = setInterval(() => {
    if (!document.hidden) renew();
  }, EVERY_MS);
  await renew();
}

export function leaveOverview() {
  clearInterval(timer);
  timer = null;
  past = [];
  leaveActivity();
}

const renew = () => Promise.all([refresh(), showActivity()]);

async function refresh() {
  const turn = timer;
  const place = find("counts");
  if (!place.childElementCount) place.replaceChildren(make("p", { class: "empty" }, "Loading …"));
  try {
    const stats = await call("GET", "admin/collections-status");
    if (turn !== timer) return;
    past = [...past, stats].slice(-KEPT);
    fill(stats);
    find("overview").querySelector(".message").textContent = "";
  } catch (error) {
    if (turn !== timer || !(error instanceof Refusal)) return;
    if (!past.length) place.replaceChildren(make("p", { class: "empty" }, "The counts could not be loaded. They are asked for again in a moment."));
    sayRefusal(find("overview"), error);
  }
}

function fill(stats) {
  const tiles = TILES.map(([title, value]) => make("div", { class: "tile" },
    make("span", { class: "muted small" }, title),
    make("strong", {}, value(stats).toLocaleString("en")),
    line(`${title} since this page was opened`, past.map(value))));
  const collections = Object.entries(stats.collections);
  const accounts = collections.filter(([, { description }]) => description.startsWith("Accounts of"))
    .map(([, { count, description }]) => [capital(description.replace("Accounts of ", "")), count]);
  const waiting = pending(stats);
  const registrations = [["Waiting", waiting?.active_count ?? 0], ["Expired", waiting?.expired_count ?? 0, "warn"]];
  find("as-of").replaceChildren("As of ", time(stats.timestamp));
  find("counts").replaceChildren(
    make("div", { class: "tiles" }, ...tiles),
    make("div", { class: "columns" },
      make("div", { class: "stack" }, make("h3", {}, "Accounts"), bars(accounts)),
      make("div", { class: "stack" }, make("h3", {}, "Registrations"), bars(registrations))),
    everything(collections));
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// Whether the list of all collections is open stays as the reader left it.
function everything(collections) {
  const isOpen = find("counts").querySelector("details")?.open ?? false;
  const rows = collections.map(([name, { count, description }]) => [
    make("dt", {}, name), make("dd", {}, `${count.toLocaleString("en")} `, make("span", { class: "muted" }, description.toLowerCase())),
  ]);
  return make("details", { open: isOpen }, make("summary", {}, "All collections"), make("dl", { class: "facts" }, ...rows.flat()));
}
