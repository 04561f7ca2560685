//! People who work at the clinic. Administrators are created like those of `create-admin`; staff is invited.

use identity::accounts::{self, FirstLink};
use kernel::contact::EmailAddress;
use serde_json::{Value, json};

use super::{PASSWORD, TestServer};

/// A person who is logged in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) user_id: String,
    pub(crate) token: String,
    pub(crate) email: String,
}

impl TestServer {
    /// Creates an administrator with the address `name@example.org`, as the command `create-admin` does.
    pub(crate) async fn admin(&self, name: &str) -> Person {
        let email = format!("{name}@example.org");
        let address = EmailAddress::parse(&email).unwrap();
        let made = accounts::create_admin(&self.app, &address, None).await;
        let link = accounts::first_link(&self.app, &made.unwrap(), &address).await;
        let FirstLink::Shown(link) = link.unwrap() else {
            panic!("no link for {email}")
        };
        let (_, token) = link.expose().split_once("#token=").unwrap();
        self.accept(&email, token).await
    }

    /// Creates a member of the staff, whom `admin` invites.
    pub(crate) async fn staff(&self, admin: &Person, name: &str) -> Person {
        let invitation = invitation(name, "staff");
        let created = self.post_as(&admin.token, "/admin/users", invitation).await;
        created.expect(200);
        let email = format!("{name}@example.org");
        let token = self.link_token_for(&email).await;
        self.accept(&email, &token).await
    }

    /// Sets the password of an invited account, and logs in.
    pub(crate) async fn accept(&self, email: &str, token: &str) -> Person {
        let body =
            json!({ "token": token, "new_password": PASSWORD, "confirm_password": PASSWORD });
        self.post("/auth/reset-password", body).await.expect(200);
        self.logged_in(email).await
    }

    /// Logs in with [`PASSWORD`].
    pub(crate) async fn logged_in(&self, email: &str) -> Person {
        let answer = self.login(email, PASSWORD).await.expect(200);
        Person {
            user_id: answer.text("user_id"),
            token: answer.token(),
            email: email.to_owned(),
        }
    }
}

/// The body of an invitation of `name@example.org`.
pub(crate) fn invitation(name: &str, user_type: &str) -> Value {
    json!({
        "email": format!("{name}@example.org"),
        "user_type": user_type,
        "first_name": "Dana",
        "last_name": "Desk",
    })
}
