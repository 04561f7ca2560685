//! The clinic's time zone: local days and times, and their instants.
