// A patient's own page: appointments, booking, reports, and who looked at the record.
import { Refusal } from "./api.js";
import { booking } from "./my-book.js";
import { calendar } from "./my-calendar.js";
import { accessLog } from "./my-log.js";
import { reports } from "./my-reports.js";
import { visits } from "./my-visits.js";
import { linkPages } from "./pages.js";
import { guard } from "./session.js";
import { find, markTab, onTabs, say, show } from "./ui.js";
import { t } from "./words.js";

const parts = {
  visits: visits({ book: () => open("book"), move: (visit) => open("book", visit) }),
  book: booking({ done }),
  reports: reports(),
  log: accessLog(),
};
const address = calendar();

// Shows one part, with the focus on its heading; `about` is what it is opened for.
async function open(name, about = null) {
  markTab(name);
  for (const part of Object.values(parts)) part.leave();
  const others = Object.keys(parts).filter((other) => other !== name);
  show(find(name), find("report"), ...others.map(find));
  for (const message of find(name).querySelectorAll(".message")) message.textContent = "";
  await parts[name].open(about);
}

// Back from a booking: what became of it stands above the appointments.
async function done(text, kind) {
  await open("visits");
  say(find("next"), text, kind);
}

onTabs(open);

guard({
  async enter(answer) {
    if (answer.user_type !== "patient") {
      throw new Refusal(403, { detail: t("This page is for patients. Doctors and the desk work on the clinic's own page.") });
    }
    parts.reports.owner = answer.user_id;
    // A slow network keeps nobody outside: the parts say themselves what could not be loaded.
    setTimeout(() => open("visits"));
  },
  leave() {
    address.clear();
    for (const part of Object.values(parts)) {
      part.leave();
      part.clear();
    }
  },
});

linkPages("my.html");
