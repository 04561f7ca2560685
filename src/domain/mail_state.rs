//! What became of a mail: it waits, was sent, or was refused, and why in plain words (MAIL-8).

use serde::{Deserialize, Serialize};

use super::stored::{optional_time, time};
use crate::clock::Timestamp;

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

            /// What people read; nothing of what the mail server wrote, which may hold addresses.
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
    /// The mailbox is there and takes no mail.
    MailboxDisabled = "mailbox_disabled": "refused by the mail server: the mailbox is disabled",
    /// The mailbox is full.
    MailboxFull = "mailbox_full": "refused by the mail server: the mailbox is full",
    /// The address breaks a rule of the mail server.
    InvalidAddress = "invalid_address": "refused by the mail server: it does not take this for an address",
    /// The mail is larger than may be.
    TooLarge = "too_large": "refused by the mail server: the message is too large",
    /// The mail server counts it as spam, or does not let us send to this recipient.
    Unwanted = "unwanted": "refused by the mail server: it does not want this message",
    /// It is no address that a mail can be sent to.
    NotAnAddress = "not_an_address": "not sent: no mail can be sent to this address",
    /// Too little time was left for it to be of use.
    TooLate = "too_late": "not sent: the mail server did not take it while the code was good",
    /// The address has had as many codes as it may have (OTP-7).
    TooManyCodes = "too_many_codes": "not sent: too many codes were sent to this address, try again later",
    /// The address is that of an account (D1, strict).
    HasAccount = "has_account": "not sent: somebody has an account with this address",
    /// Anything else that the mail server refuses for good, and reasons of a newer version of the service.
    #[serde(other)]
    Other = "other": "refused by the mail server: for a reason of its own",
}

/// What the mail server said when it refused a mail for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailRefusal {
    /// Why.
    pub reason: MailReason,
    /// The reply code (RFC 5321, 4.2); none: the mail never came to a server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<i32>,
    /// The enhanced status code (RFC 3463), if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enhanced: Option<String>,
    /// When.
    #[serde(with = "time")]
    pub at: Timestamp,
}

/// How far a mail has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailState {
    /// It will be sent, or tried again.
    Waiting,
    /// The mail server took it.
    Sent,
    /// It will not be tried again.
    Refused,
}

/// What became of the mail with the newest code of a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeMail {
    /// How far it has come.
    pub state: MailState,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<MailReason>,
    /// Which code; none: it is not made yet, or was not made at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otp_id: Option<String>,
    /// When the code was made or asked for: an older one never takes the place of a newer one.
    #[serde(with = "time")]
    pub since: Timestamp,
    /// The last moment at which it is tried.
    #[serde(
        default,
        with = "optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    pub until: Option<Timestamp>,
}

impl CodeMail {
    /// A mail that waits, for a code that was asked for at `since`.
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

    /// A mail that was not even made.
    #[must_use]
    pub fn not_made(since: Timestamp, reason: MailReason) -> Self {
        Self {
            state: MailState::Refused,
            reason: Some(reason),
            ..Self::asked_for(since)
        }
    }

    /// How far `mail` has come at `now`, for a registration that ends at `end`: what waits past its time will not be
    /// sent any more, whether or not a worker has found it.
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
    fn every_reason_is_told_apart_and_in_words() {
        for (place, reason) in MailReason::ALL.iter().enumerate() {
            let others = &MailReason::ALL[place + 1..];
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
    fn what_waits_past_its_time_will_not_be_sent_any_more() {
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
