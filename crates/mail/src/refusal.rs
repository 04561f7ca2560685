//! A permanent refusal, read from the codes of the mail server (MAIL-8).

use crate::state::MailReason;

/// Why a mail must not be tried again. It contains codes and no text of the server, because that may repeat addresses
/// (LOG-2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The reason, in our own words.
    pub reason: MailReason,
    /// The reply code; `None` if no server was asked.
    pub reply: Option<u16>,
    /// The enhanced status code, if there was one.
    pub enhanced: Option<String>,
}

impl Refusal {
    /// A refusal by this service: no server was asked.
    pub(super) const fn of_ours(reason: MailReason) -> Self {
        Self {
            reason,
            reply: None,
            enhanced: None,
        }
    }

    /// Reads a server's answer to the recipient or the text. A 5xx is a permanent refusal.
    pub(super) fn read(reply: u16, text: &str) -> Option<Self> {
        if !(500..600).contains(&reply) {
            return None;
        }
        let enhanced = enhanced(text);
        Some(Self {
            reason: reason(reply, enhanced),
            reply: Some(reply),
            enhanced: enhanced.map(|(subject, detail)| format!("5.{subject}.{detail}")),
        })
    }
}

/// The subject and the detail of the status code at the beginning of a text: `5.1.1 …` (RFC 3463, 2; RFC 2034, 4).
fn enhanced(text: &str) -> Option<(u16, u16)> {
    let mut numbers = text.split_whitespace().next()?.split('.');
    let number = |part: &str| {
        let digits = (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse().ok()).flatten()
    };
    let (class, subject, detail) = (numbers.next()?, numbers.next()?, numbers.next()?);
    if class != "5" || numbers.next().is_some() {
        return None;
    }
    Some((number(subject)?, number(detail)?))
}

/// The reason that the enhanced code names; if it is not specific enough, the reason that the reply code names.
const fn reason(reply: u16, enhanced: Option<(u16, u16)>) -> MailReason {
    match enhanced {
        // Exchange Online writes 5.4.1 for an unknown recipient. 5.1.6 means that the mailbox has moved.
        Some((1, 1 | 6) | (4, 1)) => MailReason::NoSuchMailbox,
        // 5.1.10 is a null MX (RFC 7505), and 5.4.4 means that there is no route.
        Some((1, 2 | 10) | (4, 4)) => MailReason::NoSuchDomain,
        Some((1, 3)) => MailReason::InvalidAddress,
        Some((2, 1)) => MailReason::MailboxDisabled,
        Some((2, 2)) => MailReason::MailboxFull,
        Some((2 | 3, 3 | 4)) => MailReason::TooLarge,
        Some((7, _)) => MailReason::Unwanted,
        _ => match reply {
            550 | 551 => MailReason::NoSuchMailbox,
            552 => MailReason::MailboxFull,
            501 | 553 => MailReason::InvalidAddress,
            554 => MailReason::Unwanted,
            _ => MailReason::Other,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(reply: u16, text: &str) -> Option<(MailReason, Option<String>)> {
        Refusal::read(reply, text).map(|refusal| (refusal.reason, refusal.enhanced))
    }

    #[test]
    fn the_enhanced_code_decides_before_the_reply_code() {
        for (reply, text, reason, enhanced) in [
            (
                550,
                "5.1.1 <a@b.example> unknown",
                MailReason::NoSuchMailbox,
                Some("5.1.1"),
            ),
            (
                550,
                "5.4.1 Recipient address rejected",
                MailReason::NoSuchMailbox,
                Some("5.4.1"),
            ),
            (
                550,
                "5.1.2 no such domain",
                MailReason::NoSuchDomain,
                Some("5.1.2"),
            ),
            (
                556,
                "5.1.10 null MX",
                MailReason::NoSuchDomain,
                Some("5.1.10"),
            ),
            (
                501,
                "5.1.3 bad syntax",
                MailReason::InvalidAddress,
                Some("5.1.3"),
            ),
            (
                550,
                "5.2.1 disabled",
                MailReason::MailboxDisabled,
                Some("5.2.1"),
            ),
            (552, "5.2.2 full", MailReason::MailboxFull, Some("5.2.2")),
            (550, "5.2.2", MailReason::MailboxFull, Some("5.2.2")),
            (552, "5.3.4 too big", MailReason::TooLarge, Some("5.3.4")),
            (552, "5.2.3 too big", MailReason::TooLarge, Some("5.2.3")),
            (
                550,
                "5.7.1 relaying denied",
                MailReason::Unwanted,
                Some("5.7.1"),
            ),
            (
                550,
                "5.7.26 unauthenticated",
                MailReason::Unwanted,
                Some("5.7.26"),
            ),
            (550, "5.0.0 no", MailReason::NoSuchMailbox, Some("5.0.0")),
            (571, "5.9.9 no", MailReason::Other, Some("5.9.9")),
        ] {
            let expected = (reason, enhanced.map(str::to_owned));
            assert_eq!(read(reply, text), Some(expected), "{reply} {text}");
        }
    }

    #[test]
    fn without_an_enhanced_code_the_reply_code_decides() {
        for (reply, reason) in [
            (550, MailReason::NoSuchMailbox),
            (551, MailReason::NoSuchMailbox),
            (552, MailReason::MailboxFull),
            (553, MailReason::InvalidAddress),
            (554, MailReason::Unwanted),
            (500, MailReason::Other),
            (599, MailReason::Other),
        ] {
            for text in [
                "",
                "no",
                "4.1.1 no",
                "5.1 no",
                "5.1.1.1 no",
                "5.1.x no",
                "5.1000.1",
                "5..1",
                "55.1.1",
            ] {
                assert_eq!(read(reply, text), Some((reason, None)), "{reply} {text}");
            }
        }
    }

    #[test]
    fn only_a_5xx_is_a_permanent_refusal() {
        for reply in [0, 250, 354, 421, 450, 451, 452, 499, 600] {
            assert_eq!(read(reply, "5.1.1 unknown"), None, "{reply}");
        }
    }
}
