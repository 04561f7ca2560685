//! The transport in development: mails become `.eml` files in a folder.

use std::{
    fs, io,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use chrono::NaiveDateTime;

use super::{
    Mail, MailError, Sender,
    wire::{self, NonAscii},
};
use crate::settings::MailSettings;
use kernel::clock::Timestamp;

/// The beginning of a file's name. Names have the same order as their times.
const NAME_TIME: &str = "%Y%m%dT%H%M%S%3fZ";

/// A folder to which mails are written instead of being sent. Its mode is 0700, and that of its files is 0600.
#[derive(Debug)]
pub struct Outbox {
    dir: PathBuf,
    sender: Sender,
    written: AtomicU32,
}

/// A mail in the folder. There is no `Debug`, because the text contains codes and links (HASH-5).
pub struct WrittenMail {
    /// The file's name.
    pub file: String,
    /// The recipient.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// When it was written.
    pub written_at: Timestamp,
}

impl Outbox {
    /// An outbox in `email.outbox_dir`. The folder is created for the first mail.
    ///
    /// # Errors
    /// `email.from` is set and is not an address.
    pub fn from_settings(settings: MailSettings<'_>) -> Result<Self, MailError> {
        Ok(Self {
            dir: PathBuf::from(&settings.email.outbox_dir),
            sender: Sender::from_settings(settings)?,
            written: AtomicU32::new(0),
        })
    }

    /// The newest `limit` mails, newest first. Other files are ignored.
    pub async fn list(&self, limit: usize) -> Result<Vec<WrittenMail>, MailError> {
        let dir = self.dir.clone();
        blocking(move || list(&dir, limit)).await
    }

    pub(super) fn describe(&self) -> String {
        let dir = self.dir.display();
        format!("mail is not sent but written to {dir} as .eml files")
    }

    pub(super) async fn check(&self) -> Result<(), MailError> {
        let dir = self.dir.clone();
        blocking(move || {
            create_dir(&dir)?;
            let probe = dir.join(".check.tmp");
            write_new(&probe, b"")?;
            fs::remove_file(probe)
        })
        .await
    }

    pub(super) async fn write(
        &self,
        mail: &Mail,
        message_id: &str,
        now: Timestamp,
    ) -> Result<(), MailError> {
        let eml = wire::encode(mail, &self.sender, message_id, now, NonAscii::AsIs)?;
        // Distinguishes mails of the same millisecond.
        let n = self.written.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{n:04}-{message_id}", now.format(NAME_TIME));
        let dir = self.dir.clone();
        blocking(move || {
            create_dir(&dir)?;
            let unfinished = dir.join(format!(".{name}.tmp"));
            write_new(&unfinished, &eml.bytes)?;
            fs::rename(unfinished, dir.join(format!("{name}.eml")))
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, MailError> {
    let outcome = tokio::task::spawn_blocking(work).await;
    outcome
        .unwrap_or_else(|panic| Err(io::Error::other(panic)))
        // Only the kind of the error is used, so that no path gets into it (INJ-5).
        .map_err(|error| MailError {
            remedy: "make the folder of email.outbox_dir writable for the user that runs the service, or set SMTP_HOST",
            ..MailError::new(format!("email.outbox_dir: {}", error.kind()))
        })
}

fn create_dir(dir: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn list(dir: &Path, limit: usize) -> io::Result<Vec<WrittenMail>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort_unstable_by(|a, b| b.cmp(a));
    let mails = names.into_iter().filter_map(|name| {
        // The file may have been deleted meanwhile.
        let eml = fs::read_to_string(dir.join(&name)).ok()?;
        parse(name, &eml)
    });
    Ok(mails.take(limit).collect())
}

/// Reads a mail that [`wire::encode`] wrote.
fn parse(file: String, eml: &str) -> Option<WrittenMail> {
    let (time, _) = file.strip_suffix(".eml")?.split_once('-')?;
    let written_at = NaiveDateTime::parse_from_str(time, NAME_TIME).ok()?;
    let (headers, parts) = eml.split_once("\r\n\r\n")?;
    let (_, text) = parts.split_once("\r\n\r\n")?;
    let (text, _) = text.split_once(&format!("\r\n--{}", wire::BOUNDARY))?;
    Some(WrittenMail {
        to: header(headers, "To: ")?,
        subject: header(headers, "Subject: ")?,
        text: text.replace("\r\n", "\n"),
        written_at: written_at.and_utc(),
        file,
    })
}

/// The value of a header: unfolded, but not decoded.
fn header(headers: &str, name: &str) -> Option<String> {
    let unfolded = headers.replace("\r\n ", " ");
    let value = unfolded.lines().find_map(|line| line.strip_prefix(name));
    value.map(str::to_owned)
}
