//! Access tokens of OAuth 2.0 for the SMTP server (XOAUTH2): from a file, or from a command that makes them.

use std::{process::Stdio, time::Duration};

use serde::Deserialize;
use tokio::{fs, process::Command, sync::Mutex, time::timeout};

use crate::settings::Email;
use kernel::{clock::Timestamp, secret::Secret};

/// A token that ends sooner is renewed before it is used.
const MARGIN: chrono::Duration = chrono::Duration::minutes(5);
/// No answer with a token is longer.
const MAX_BYTES: usize = 64 * 1024;

/// Where tokens come from.
pub(super) struct Tokens {
    source: Source,
    /// The limit of the command.
    limit: Duration,
    /// The life of a token whose end the command does not tell.
    lifetime: chrono::Duration,
    /// The command's last token. The lock is held while the command runs, so that mails that are sent at the same time wait
    /// for one token.
    kept: Mutex<Option<Kept>>,
}

enum Source {
    File(String),
    Command(Vec<String>),
}

struct Kept {
    token: Secret,
    renewed_from: Timestamp,
}

/// Why there is no token. It never contains what the file or the command says.
pub(super) type Problem = &'static str;

/// What token endpoints answer (RFC 6749, 5.1), as far as it is needed.
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: Option<i64>,
}

impl Tokens {
    /// The source that the settings name; `None` if they name none.
    pub(super) fn from_settings(email: &Email) -> Option<Self> {
        let source = match &email.token_file {
            Some(path) => Source::File(path.clone()),
            None if email.token_command.is_empty() => return None,
            None => Source::Command(email.token_command.clone()),
        };
        Some(Self {
            source,
            limit: Duration::from_secs(email.command_timeout_seconds),
            lifetime: chrono::Duration::minutes(email.token_minutes),
            kept: Mutex::default(),
        })
    }

    /// A token to use at `now`. The file is read each time. The command runs if its last token ends soon, or if it is the one
    /// that the server has `refused`.
    pub(super) async fn at(
        &self,
        now: Timestamp,
        refused: Option<&Secret>,
    ) -> Result<Secret, Problem> {
        let words = match &self.source {
            Source::File(path) => return read(path).await.map(|(token, _)| token),
            Source::Command(words) => words,
        };
        let mut kept = self.kept.lock().await;
        let is_refused =
            |token: &Secret| refused.is_some_and(|refused| refused.expose() == token.expose());
        if let Some(kept) = kept.as_ref()
            && now < kept.renewed_from
            && !is_refused(&kept.token)
        {
            return Ok(kept.token.clone());
        }
        let (token, lifetime) = run(words, self.limit).await?;
        let lifetime = lifetime.unwrap_or(self.lifetime);
        *kept = Some(Kept {
            token: token.clone(),
            renewed_from: now + (lifetime - MARGIN).max(lifetime / 2),
        });
        Ok(token)
    }
}

async fn read(path: &str) -> Result<(Secret, Option<chrono::Duration>), Problem> {
    let bytes = fs::read(path).await;
    token_in(&bytes.map_err(|_| "email.token_file cannot be read")?)
        .ok_or("email.token_file holds no token")
}

async fn run(
    words: &[String],
    limit: Duration,
) -> Result<(Secret, Option<chrono::Duration>), Problem> {
    let (program, arguments) = words.split_first().ok_or("email.token_command is empty")?;
    let mut command = Command::new(program);
    // What it writes to its error output may contain a secret.
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let output = timeout(limit, command.kill_on_drop(true).output()).await;
    let output = output
        .map_err(|_| "email.token_command took too long")?
        .map_err(|_| "email.token_command cannot be run")?;
    if !output.status.success() {
        return Err("email.token_command failed");
    }
    token_in(&output.stdout).ok_or("email.token_command printed no token")
}

/// The token in a JSON answer of a token endpoint, with its life, or alone. `None` if there is none: a token is one word, because
/// other bytes would add fields to the login.
fn token_in(bytes: &[u8]) -> Option<(Secret, Option<chrono::Duration>)> {
    let text = str::from_utf8(bytes).ok()?.trim();
    if text.len() > MAX_BYTES {
        return None;
    }
    let answer = if text.starts_with('{') {
        serde_json::from_str(text).ok()?
    } else {
        TokenAnswer {
            access_token: text.to_owned(),
            expires_in: None,
        }
    };
    let token = answer.access_token;
    let is_token = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    let lifetime = answer.expires_in.map(|seconds| {
        let seconds = seconds.clamp(0, 86_400);
        chrono::Duration::seconds(seconds)
    });
    is_token.then(|| (Secret::new(token), lifetime))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_word_or_the_answer_of_an_endpoint() {
        let read = |text: &str| {
            token_in(text.as_bytes()).map(|(token, life)| {
                (
                    token.expose().to_owned(),
                    life.map(|life| life.num_seconds()),
                )
            })
        };
        let token = |life| Some(("ya29.a-b_c".to_owned(), life));
        assert_eq!(read("ya29.a-b_c\n"), token(None));
        let answer = r#" {"access_token":"ya29.a-b_c","expires_in":3599,"token_type":"Bearer"} "#;
        assert_eq!(read(answer), token(Some(3599)));
        assert_eq!(read(r#"{"access_token":"ya29.a-b_c"}"#), token(None));
        for none in [
            "",
            "\n",
            "two words",
            "a\u{1}b",
            "{}",
            r#"{"error":"x"}"#,
            "é",
        ] {
            assert_eq!(read(none), None, "{none:?}");
        }
    }
}
