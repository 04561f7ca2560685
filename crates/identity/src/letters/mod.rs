//! The letters: one file each, with its values, its texts in each language and an example. The worker and the page of
//! examples read them from [`ALL`].

pub mod account_exported;
pub mod address_in_use;
pub mod already_registered;
pub mod codes_blocked;
pub mod deletion_begun;
pub mod deletion_request;
pub mod device_remembered;
pub mod email_change;
pub mod email_changed;
pub mod factor_added;
pub mod factor_removed;
pub mod factors_reset;
pub mod first_password;
pub mod invitation;
pub mod new_device;
pub mod passkey_copied;
pub mod password_changed;
pub mod password_reset;
pub mod password_reset_done;
pub mod recovery_code_used;
pub mod recovery_codes_renewed;
pub mod refresh_token_replayed;
pub mod sign_in_after_failures;
pub mod verification_code;

use mail::message::Letter;

/// Every letter, in the order of `docs/mails.md`.
pub const ALL: [&Letter; 24] = [
    &verification_code::LETTER,
    &password_reset::LETTER,
    &already_registered::LETTER,
    &invitation::LETTER,
    &first_password::LETTER,
    &password_changed::LETTER,
    &password_reset_done::LETTER,
    &sign_in_after_failures::LETTER,
    &new_device::LETTER,
    &refresh_token_replayed::LETTER,
    &codes_blocked::LETTER,
    &factor_added::LETTER,
    &factor_removed::LETTER,
    &recovery_code_used::LETTER,
    &recovery_codes_renewed::LETTER,
    &device_remembered::LETTER,
    &factors_reset::LETTER,
    &passkey_copied::LETTER,
    &email_change::LETTER,
    &email_changed::LETTER,
    &address_in_use::LETTER,
    &deletion_request::LETTER,
    &deletion_begun::LETTER,
    &account_exported::LETTER,
];

#[cfg(test)]
mod tests;
