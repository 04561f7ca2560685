//! The links in mails about one's own account, and what each is for.

use kernel::secret::Secret;
use serde::{Deserialize, Serialize};

/// What a link does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// Proves a new e-mail address (SELF-1).
    ConfirmEmail,
    /// Restores the old e-mail address (SELF-3).
    UndoEmail,
    /// Confirms a deletion (SELF-5).
    ConfirmDeletion,
    /// Calls a deletion off (SELF-5).
    CancelDeletion,
}

impl Link {
    /// Its name in the derivation of its token, and in the address of the page. A token for one purpose is not valid for
    /// another.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ConfirmEmail => "confirm-email",
            Self::UndoEmail => "undo-email",
            Self::ConfirmDeletion => "confirm-deletion",
            Self::CancelDeletion => "cancel-deletion",
        }
    }

    /// The address of the page that the link opens. The token is in the fragment, so no server and no mail scanner sees
    /// it (RST-3).
    #[must_use]
    pub fn address(self, public_base_url: &str, token: &str) -> String {
        let base = public_base_url.trim_end_matches('/');
        let what = self.name();
        format!("{base}/static/account-link.html?do={what}#token={token}")
    }

    /// The link of the example mails.
    #[must_use]
    pub fn example(self) -> Secret {
        Secret::new(self.address("https://accounts.clinic.example", "EXAMPLE"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RST-3
    #[test]
    fn the_token_of_a_link_is_only_in_its_fragment() {
        let address = Link::UndoEmail.address("https://clinic.example/id/", "T0KEN");
        let (sent, fragment) = address.split_once('#').unwrap();
        assert_eq!(
            sent,
            "https://clinic.example/id/static/account-link.html?do=undo-email"
        );
        assert_eq!(fragment, "token=T0KEN");
    }
}
