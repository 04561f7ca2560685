// Runs the examples for booking and lists of docs/clients.md:
// node check_booking.mjs BASE_URL PATIENT PASSWORD DOCTOR PASSWORD
import { rejects, strictEqual } from "node:assert";
import { book, freeTimes, hold } from "./booking.mjs";
import { Clinic } from "./fetch.mjs";
import { rows } from "./rows.mjs";

const [, , baseUrl, login, password, doctorId, doctorPassword] = process.argv;
const [patient, doctor] = [new Clinic(baseUrl), new Clinic(baseUrl)];
await patient.login(login, password);
await doctor.login(doctorId, doctorPassword);

const days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const weekly = days.map((day) => ({ day, from: "08:00", to: "18:00" }));
await doctor.request("PUT", `/doctors/${doctorId}/schedule`, { weekly, slot_minutes: 30 });

// The first answer to a booking is lost on its way; the service has booked by then.
const send = globalThis.fetch;
let bookings = 0;
globalThis.fetch = async (address, options) => {
  const answer = await send(address, options);
  if (options?.method !== "POST" || !address.endsWith("/appointments")) return answer;
  bookings += 1;
  if (bookings === 1) throw new TypeError("the connection broke");
  return answer;
};

const [time, other] = await freeTimes(patient, doctorId);
const { start_time, end_time } = time;
const { hold_id } = await hold(patient, doctorId, time);
strictEqual(await hold(patient, doctorId, time), null);
const wish = { title: "Check-up", doctor_id: doctorId, start_time, end_time, hold_id };
const key = crypto.randomUUID();
const booked = await book(patient, wish, key);
strictEqual(bookings, 2);
strictEqual((await book(patient, wish, key)).appointment_id, booked.appointment_id);
await rejects(book(patient, { ...wish, title: "Something else" }, key), { code: "IDEMPOTENCY_CONFLICT" });
strictEqual(await book(patient, { ...wish, hold_id: undefined }, crypto.randomUUID()), null);
const second = { title: "Control", doctor_id: doctorId, start_time: other.start_time, end_time: other.end_time };
await book(patient, second, crypto.randomUUID());

const mine = [];
for await (const row of rows(patient, "/appointments", "appointments", { status: "confirmed" })) mine.push(row.appointment_id);
strictEqual(mine.filter((id) => id === booked.appointment_id).length, 1);
strictEqual(mine.length >= 2, true);
console.log("booking: one wish, a lost answer, one appointment; lists: each row once");
