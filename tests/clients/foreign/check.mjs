// What ical.js and luxon say of the feed and the free times that check.py left in a folder: node check.mjs FOLDER

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import { DateTime } from "luxon";

const [folder] = process.argv.slice(2);
const read = (name) => readFileSync(`${folder}/${name}`, "utf8");
const stamp = (at) => at.toUTC().toFormat("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'");

// The times from 00:00 to 05:00 of every day: without skipped ones, and doubled ones once.
function expected(zone, first, end) {
  const found = [];
  const last = end.plus({ days: 1 }).toISODate();
  for (let day = first.minus({ days: 1 }); day.toISODate() <= last; day = day.plus({ days: 1 })) {
    for (let minutes = 0; minutes < 300; minutes += 30) {
      const wall = { year: day.year, month: day.month, day: day.day, hour: Math.floor(minutes / 60), minute: minutes % 60 };
      const at = DateTime.fromObject(wall, { zone });
      if (at.hour !== wall.hour || at.minute !== wall.minute) continue;
      const earliest = DateTime.min(...at.getPossibleOffsets());
      if (earliest >= first && earliest < end) found.push(stamp(earliest));
    }
  }
  return found.sort();
}

const { first, end, slots } = JSON.parse(read("slots.json"));
const utc = (text) => DateTime.fromISO(text, { zone: "utc" });
for (const [zone, offered] of Object.entries(slots)) {
  assert.deepEqual(offered, expected(zone, utc(first), utc(end)), zone);
}
console.log(`luxon: ${Object.keys(slots).length} zones`);

const listed = JSON.parse(read("appointments.json"));
const calendar = new ICAL.Component(ICAL.parse(read("feed.ics")));
const events = calendar.getAllSubcomponents("vevent").map((part) => new ICAL.Event(part));
assert.equal(events.length, listed.length);
for (const row of listed) {
  const event = events.find(({ uid }) => uid.includes(row.appointment_id));
  const at = (time) => stamp(DateTime.fromJSDate(time.toJSDate()));
  const seen = [at(event.startDate), at(event.endDate), event.sequence, event.component.getFirstPropertyValue("status") === "CANCELLED"];
  assert.deepEqual(seen, [row.start_time, row.end_time, row.version, row.status === "cancelled"]);
}
console.log(`ical.js: ${events.length} events`);
