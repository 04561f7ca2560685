//! When a login is refused: lockouts, and the addresses that an account knows.

pub mod lockout;
pub mod login_address;
pub mod login_device;
