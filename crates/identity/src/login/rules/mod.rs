//! When a login is refused: lockouts, and the addresses and devices that an account knows.

pub mod lockout;
pub mod login_address;
pub mod login_device;
pub mod recent;
