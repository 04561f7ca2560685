//! The state of a mail: it waits, was sent, or was refused, with the reason in plain words (MAIL-8).

use serde::{Deserialize, Serialize};

use kernel::{
    clock::Timestamp,
    stored::{optional_time, time},
};

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $(#[$meta:meta])? $name:ident = $word:literal: $sentence:literal,)+) => {
        /// Why a mail is not tried again.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum MailReason { $($(#[doc = $doc])+ $(#[$meta])? #[serde(rename = $word)] $name,)+ }

        impl MailReason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its name in the database, in the log and in the audit trail.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// The sentence that people read. It contains no text of the mail server, because that may contain addresses.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence),+ }
            }
        }
    };
}

reasons! {
    /// The mail server knows no such recipient.
    NoSuchMailbox = "no_such_mailbox": "refused by the mail server: no such mailbox",
    /// The domain does not exist, or takes no mail.
    NoSuchDomain = "no_such_domain": "refused by the mail server: the domain of this address takes no mail",
    /// The mailbox exists and takes no mail.
    MailboxDisabled = "mailbox_disabled": "refused by the mail server: the mailbox is disabled",
    /// The mailbox is full.
    MailboxFull = "mailbox_full": "refused by the mail server: the mailbox is full",
    /// The address breaks a rule of the mail server.
    InvalidAddress = "invalid_address": "refused by the mail server: it does not take this for an address",
    /// The mail is larger than the mail server allows.
    TooLarge = "too_large": "refused by the mail server: the message is too large",
    /// The mail server considers it spam, or does not let the service send to this recipient.
    Unwanted = "unwanted": "refused by the mail server: it does not want this message",
    /// No mail can be sent to this address.
    NotAnAddress = "not_an_address": "not sent: no mail can be sent to this address",
    /// The code expired before the mail was sent.
    TooLate = "too_late": "not sent: the mail server did not take it while the code was good",
    /// The limit of codes for the address is reached (OTP-7).
    TooManyCodes = "too_many_codes": "not sent: too many codes were sent to this address, try again later",
    /// The address has an account (D1, strict).
    HasAccount = "has_account": "not sent: somebody has an account with this address",
    /// Another reason of the mail server, or a reason that only a newer version of the service knows.
    #[serde(other)]
    Other = "other": "refused by the mail server: for a reason of its own",
}

/// The answer of the mail server that refused a mail permanently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailRefusal {
    /// The reason.
    pub reason: MailReason,
    /// The reply code (RFC 5321, 4.2); `None` if the mail never reached a server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<i32>,
    /// The enhanced status code (RFC 3463), if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enhanced: Option<String>,
    /// The time of the refusal.
    #[serde(with = "time")]
    pub at: Timestamp,
}

/// The state of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailState {
    /// It will be sent, or tried again.
    Waiting,
    /// The mail server accepted it.
    Sent,
    /// It will not be tried again.
    Refused,
}

/// The state of the mail with a registration's newest code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeMail {
    /// The state.
    pub state: MailState,
    /// The reason for a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<MailReason>,
    /// The id of the code; `None` if it is not made yet, or could not be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otp_id: Option<String>,
    /// When the code was made or requested. An older code never replaces a newer one.
    #[serde(with = "time")]
    pub since: Timestamp,
    /// The last moment at which sending is tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub until: Option<Timestamp>,
}

impl CodeMail {
    /// A mail that waits, for a code that was requested at `since`.
    #[must_use]
    pub const fn asked_for(since: Timestamp) -> Self {
        Self {
            state: MailState::Waiting,
            reason: None,
            otp_id: None,
            since,
            until: None,
        }
    }

    /// A mail that was not made.
    #[must_use]
    pub fn not_made(since: Timestamp, reason: MailReason) -> Self {
        Self {
            state: MailState::Refused,
            reason: Some(reason),
            ..Self::asked_for(since)
        }
    }

    /// The state of `mail` at `now`, for a registration that expires at `end`. A mail that waits past its time
    /// counts as refused, even before a worker finds it.
    #[must_use]
    pub fn shown(
        mail: Option<&Self>,
        end: Timestamp,
        now: Timestamp,
    ) -> (MailState, Option<MailReason>) {
        let until = mail.and_then(|mail| mail.until);
        let is_over = now >= end || until.is_some_and(|until| now > until);
        match mail.map(|mail| (mail.state, mail.reason)) {
            Some((state, reason)) if state != MailState::Waiting => (state, reason),
            _ if is_over => (MailState::Refused, Some(MailReason::TooLate)),
            _ => (MailState::Waiting, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;

    #[test]
    fn every_reason_has_its_own_name_and_sentence() {
        for (index, reason) in MailReason::ALL.iter().enumerate() {
            let others = &MailReason::ALL[index + 1..];
            assert!(others.iter().all(|other| other.name() != reason.name()));
            assert!(
                others
                    .iter()
                    .all(|other| other.sentence() != reason.sentence())
            );
            let stored = serde_json::to_value(reason).unwrap();
            assert_eq!(stored, reason.name());
            assert_eq!(
                serde_json::from_value::<MailReason>(stored).unwrap(),
                *reason
            );
        }
    }

    #[test]
    fn a_reason_of_a_newer_version_can_be_read() {
        let newer = serde_json::from_value::<MailReason>("of_next_year".into());
        assert_eq!(newer.unwrap(), MailReason::Other);
    }

    #[test]
    fn a_mail_that_waits_past_its_time_counts_as_refused() {
        let now = Timestamp::UNIX_EPOCH;
        let second = Duration::seconds(1);
        let (past, soon) = (now - second, now + second);
        let waiting = |until| CodeMail {
            until,
            ..CodeMail::asked_for(now)
        };
        let shown = |mail: Option<CodeMail>, end| CodeMail::shown(mail.as_ref(), end, now);
        let waits = (MailState::Waiting, None);
        let too_late = (MailState::Refused, Some(MailReason::TooLate));
        assert_eq!(shown(None, soon), waits);
        assert_eq!(shown(None, now), too_late);
        assert_eq!(shown(Some(waiting(Some(now))), soon), waits);
        assert_eq!(shown(Some(waiting(Some(past))), soon), too_late);
        assert_eq!(shown(Some(waiting(None)), now), too_late);
        let sent = CodeMail {
            state: MailState::Sent,
            ..waiting(Some(past))
        };
        assert_eq!(shown(Some(sent), past), (MailState::Sent, None));
    }
}
