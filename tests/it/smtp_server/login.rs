//! The login of a client at the test's SMTP server: by a password or with a token.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};

use super::{Conversation, Step};

/// Credentials that a client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) mechanism: &'static str,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) encrypted: bool,
}

impl Conversation<'_> {
    pub(super) async fn auth(&mut self, line: &str) -> std::io::Result<()> {
        let (mechanism, user, password) = if let Some(token) = line.strip_prefix("AUTH XOAUTH2 ") {
            let token = decode(token);
            let login = token.strip_prefix("user=").unwrap();
            let (user, token) = login.split_once("\x01auth=Bearer ").unwrap();
            let token = token.strip_suffix("\x01\x01").unwrap();
            ("XOAUTH2", user.to_owned(), token.to_owned())
        } else if let Some(token) = line.strip_prefix("AUTH PLAIN ") {
            let token = decode(token);
            let mut fields = token.split('\0').skip(1).map(str::to_owned);
            let (user, password) = (fields.next().unwrap(), fields.next().unwrap());
            ("PLAIN", user, password)
        } else {
            self.write(&format!("334 {}", BASE64.encode("Username:")))
                .await?;
            let user = decode(&self.line().await?);
            self.write(&format!("334 {}", BASE64.encode("Password:")))
                .await?;
            ("LOGIN", user, decode(&self.line().await?))
        };
        let encrypted = self.encrypted;
        let is_good = mechanism != "XOAUTH2" || self.shared.state().tokens.contains(&password);
        self.shared.state().logins.push(Login {
            mechanism,
            user,
            password,
            encrypted,
        });
        if !is_good {
            // As Gmail and Outlook do it: the reason first, and the code after an empty line.
            let reason =
                r#"{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}"#;
            self.write(&format!("334 {}", BASE64.encode(reason)))
                .await?;
            assert_eq!(self.line().await?, "");
            return self.write("535 5.7.8 token of desk not accepted").await;
        }
        self.answer(Step::Auth, "235 welcome").await.map(|_| ())
    }
}

fn decode(token: &str) -> String {
    String::from_utf8(BASE64.decode(token).unwrap()).unwrap()
}
