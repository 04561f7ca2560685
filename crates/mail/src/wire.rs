//! Encodes a mail as bytes (RFC 5322), with its headers. Each line ends with CRLF.

use std::time::SystemTime;

use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Body, Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};

use super::{Mail, MailError, Refusal, Sender};
use crate::state::MailReason;
use kernel::clock::Timestamp;

/// The boundary between the parts. It has no digits, so that a search for digits in an `.eml` file finds only the code.
pub(super) const BOUNDARY: &str = "=_alternative-part_=";

/// The longest line that a mail may have without an encoding (RFC 5322, 2.1.1).
const LINE_LIMIT: usize = 998;

/// A mail as the mail server gets it.
pub(super) struct Eml {
    /// The envelope's sender.
    pub(super) from: Address,
    /// The envelope's recipient.
    pub(super) to: Address,
    /// Headers and body, ASCII unless [`NonAscii::AsIs`] was asked for or the recipient's address is not.
    pub(super) bytes: Vec<u8>,
}

/// How a text that is not ASCII is written.
#[derive(Clone, Copy)]
pub(super) enum NonAscii {
    /// Quoted-printable, which every server accepts.
    Quoted,
    /// UTF-8, which people can read in a file.
    AsIs,
}

/// Encodes `mail` from `sender`, with the date `now`.
///
/// A text in ASCII is not encoded, so that a code or a link can be read, searched and copied.
///
/// # Errors
/// A permanent error if the recipient is not an address, if a header would contain a control character, or if a text
/// contains a bare CR (MAIL-3, RUSTSEC-2026-0561: lettre does not double a dot that follows a bare CR).
pub(super) fn encode(
    mail: &Mail,
    sender: &Sender,
    message_id: &str,
    now: Timestamp,
    non_ascii: NonAscii,
) -> Result<Eml, MailError> {
    let to = recipient(&mail.to)?;
    let from = sender.from.email.clone();
    let message_id = message_id_left(message_id)?;
    let parts = MultiPart::alternative()
        .boundary(BOUNDARY)
        .singlepart(part(&mail.text, ContentType::TEXT_PLAIN, non_ascii)?)
        .singlepart(part(&mail.html, ContentType::TEXT_HTML, non_ascii)?);
    // The recipient is given here, because lettre cannot parse every address out of a header.
    let envelope = Envelope::new(Some(from.clone()), vec![to.clone()])
        .map_err(|_| MailError::new("the mail cannot be put together"))?;
    let message = Message::builder()
        .envelope(envelope)
        .from(sender.from.clone())
        .to(Mailbox::new(None, to.clone()))
        .raw_header(subject(&mail.subject, non_ascii)?)
        .message_id(Some(format!("<{message_id}@{}>", sender.host)))
        .date(SystemTime::from(now))
        // These two headers prevent vacation notices: the one of RFC 3834, and the one that Exchange reads instead.
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("X-Auto-Response-Suppress", "All"))
        .multipart(parts)
        .map_err(|_| MailError::new("the mail cannot be put together"))?;
    Ok(Eml {
        from,
        to,
        bytes: message.formatted(),
    })
}

/// The refusal is permanent, because a later try cannot make the text an address (MAIL-8).
fn recipient(to: &str) -> Result<Address, MailError> {
    deliverable(to).ok_or_else(|| MailError {
        refusal: Some(Refusal::of_ours(MailReason::NotAnAddress)),
        ..MailError::new("the recipient is not an address")
    })
}

/// `to` in the form that mail servers accept. A new address has its domain in A-labels (ID-1). An address of the older
/// service may end with the dot of the root, or may have a local part that is valid only in quotes, because some
/// providers issued such addresses.
pub(super) fn deliverable(to: &str) -> Option<Address> {
    if to.chars().any(char::is_control) {
        return None;
    }
    let to = to.strip_suffix('.').unwrap_or(to);
    to.parse().ok().or_else(|| {
        let (local, domain) = to.rsplit_once('@')?;
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '@');
        let quoted = !local.is_empty() && local.chars().all(plain);
        quoted.then(|| format!("\"{local}\"@{domain}").parse().ok())?
    })
}

/// The header of the subject. A text that is not ASCII becomes encoded words (RFC 2047), or stays as it is.
fn subject(subject: &str, non_ascii: NonAscii) -> Result<HeaderValue, MailError> {
    if subject.chars().any(char::is_control) {
        return Err(MailError::new("a header holds a control character"));
    }
    Ok(match non_ascii {
        NonAscii::Quoted => header("Subject", subject),
        NonAscii::AsIs => {
            let name = HeaderName::new_from_ascii_str("Subject");
            HeaderValue::dangerous_new_pre_encoded(name, subject.to_owned(), subject.to_owned())
        }
    })
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// The left half of a Message-ID, if it is plain.
pub(super) fn message_id_left(id: &str) -> Result<&str, MailError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if id.is_empty() || id.len() > 64 || !id.bytes().all(plain) {
        return Err(MailError::new("the message id is not plain"));
    }
    Ok(id)
}

fn part(
    text: &str,
    content_type: ContentType,
    non_ascii: NonAscii,
) -> Result<SinglePart, MailError> {
    if text.contains(BOUNDARY) {
        return Err(MailError::new("a text holds the boundary"));
    }
    let body = body(with_crlf(text)?, non_ascii);
    Ok(SinglePart::builder().content_type(content_type).body(body))
}

fn with_crlf(text: &str) -> Result<String, MailError> {
    let text = text.replace("\r\n", "\n");
    if text.contains(['\r', '\0']) {
        return Err(MailError::new("a text holds a bare CR or a NUL"));
    }
    Ok(text.replace('\n', "\r\n"))
}

/// The text without an encoding if possible, because lettre would encode each line of 76 bytes or more and so cut
/// links.
fn body(text: String, non_ascii: NonAscii) -> Body {
    let short = text.split("\r\n").all(|line| line.len() <= LINE_LIMIT);
    let encoding = match (text.is_ascii(), non_ascii) {
        (true, _) if short => ContentTransferEncoding::SevenBit,
        (false, NonAscii::AsIs) if short => ContentTransferEncoding::EightBit,
        _ => return quoted(text),
    };
    Body::dangerous_pre_encoded(text.into_bytes(), encoding)
}

fn quoted(text: String) -> Body {
    let encoding = ContentTransferEncoding::QuotedPrintable;
    Body::new_with_encoding(text, encoding)
        // This never happens, because any text can be encoded.
        .unwrap_or_else(Body::new)
}
