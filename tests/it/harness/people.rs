//! People who work at the clinic: administrators by the command's way in, staff by an invitation.

use clinic_auth::{
    domain::contact::EmailAddress,
    service::accounts::{self, FirstLink},
};
use serde_json::{Value, json};

use super::{PASSWORD, TestServer};

/// Somebody who is logged in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) user_id: String,
    pub(crate) token: String,
    pub(crate) email: String,
}

impl TestServer {
    /// An administrator with the address `name@example.org`, made as the command makes one.
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

    /// Somebody of the staff, invited by `admin`.
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

    /// Somebody logs in with [`PASSWORD`].
    pub(crate) async fn logged_in(&self, email: &str) -> Person {
        let answer = self.login(email, PASSWORD).await.expect(200);
        Person {
            user_id: answer.text("user_id"),
            token: answer.token(),
            email: email.to_owned(),
        }
    }
}

/// What an administrator invites `name@example.org` with.
pub(crate) fn invitation(name: &str, user_type: &str) -> Value {
    json!({
        "email": format!("{name}@example.org"),
        "user_type": user_type,
        "first_name": "Dana",
        "last_name": "Desk",
    })
}
