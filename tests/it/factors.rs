//! Second factors: the second step of a login, setting factors up, recovery codes, remembered devices, fresh proofs.

mod challenges;
mod devices;
mod enrolment;
mod fresh;
mod races;
mod reset;
mod second_step;
mod stored;
