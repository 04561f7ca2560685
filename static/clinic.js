// The clinic's page: who logs in gets the parts of their role.
import { Refusal, call } from "./api.js";
import { linkPages } from "./pages.js";
import { guard } from "./session.js";
import { find, onClick, onTabs } from "./ui.js";
import { forgetDoctors } from "./clinic-people.js";
import { caller, closeAll, may, open } from "./clinic-way.js";
import "./clinic-today.js";
import "./clinic-week.js";
import "./clinic-desk.js";
import "./clinic-patients.js";
import "./clinic-patient.js";
import "./clinic-reports.js";

onTabs(open);
// When a dialog closes, the focus goes back to what opened it, or to what stands in its place now, or to the heading.
let pressed = null;
document.addEventListener("click", (event) => {
  const control = event.target.closest("button, summary");
  if (control && !control.closest("dialog")) pressed = control;
}, true);

const isShown = (element) => Boolean(element?.isConnected && element.getClientRects().length);

function goBack() {
  const { activeElement: active } = document;
  if (document.querySelector("dialog[open]") || (active !== document.body && isShown(active))) return;
  const { key = "", id = "" } = pressed?.dataset ?? {};
  const same = document.querySelector(key ? `[data-key="${CSS.escape(key)}"]` : `[data-id="${CSS.escape(id)}"]`);
  const heading = [...document.querySelectorAll("section h1")].find(isShown);
  [pressed, same, heading].find(isShown)?.focus();
}

for (const dialog of document.querySelectorAll("dialog")) dialog.addEventListener("close", () => setTimeout(goBack));
for (const closing of document.querySelectorAll("[data-close]")) {
  closing.addEventListener("click", () => closing.closest("dialog").close());
}

const first = () => [...document.querySelectorAll("[data-part]")].find(({ hidden }) => !hidden);

async function begin() {
  find("parts").hidden = false;
  await open(first().dataset.part);
}

// What somebody may do; an approval changes it.
async function learn() {
  const { permissions } = await call("POST", "auth/validate-token");
  caller.permissions = new Set(permissions);
  for (const it of document.querySelectorAll("[data-for]")) it.hidden = !it.dataset.for.split(" ").includes(caller.type);
  for (const it of document.querySelectorAll("[data-needs]")) it.hidden = !may(it.dataset.needs);
}

onClick(find("waiting-again"), async () => {
  await learn();
  await begin();
});

guard({
  async enter(answer) {
    Object.assign(caller, { user_id: answer.user_id, name: answer.full_name, type: answer.user_type });
    await learn();
    if (!first()) throw new Refusal(403, { detail: "This page is for doctors and the desk. Patients see their own appointments and reports on their own page." });
    // The part is shown by `open`, which needs its surroundings to be there.
    find("inside").hidden = false;
    find("login").hidden = true;
    await begin();
  },
  leave() {
    closeAll();
    forgetDoctors();
    Object.assign(caller, { user_id: "", name: "", type: "", permissions: new Set() });
    find("parts").hidden = true;
  },
});

linkPages("clinic.html");
