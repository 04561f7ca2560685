//! Appointments: schedules, slots, holds, bookings, the calendar feed.
