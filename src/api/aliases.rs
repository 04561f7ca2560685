//! Older paths of operations, in one table for the router and for the document.

use poem::http::Method;
use web::aliases::{Alias, Aliases};

/// The older paths.
#[derive(Debug)]
pub enum OlderPaths {}

#[rustfmt::skip]
impl Aliases for OlderPaths {
const ALL: &'static [Alias] = &[
    Alias { method: Method::POST, path: "/auth/send-otp", id: "send_otp", of: "/auth/generate-otp",
        text: Some(("The same as /auth/generate-otp", Some("An older name, for clients that call it."))) },
    Alias { method: Method::GET, path: "/users/me", id: "users_me", of: "/auth/me", text: None },
    Alias { method: Method::GET, path: "/user/profile", id: "user_profile", of: "/auth/me", text: None },
    Alias { method: Method::GET, path: "/auth/user/profile", id: "auth_user_profile", of: "/auth/me", text: None },
    Alias { method: Method::PATCH, path: "/users/me", id: "change_users_me", of: "/auth/me", text: None },
    Alias { method: Method::PATCH, path: "/user/profile", id: "change_user_profile", of: "/auth/me", text: None },
    Alias { method: Method::PATCH, path: "/auth/user/profile", id: "change_auth_user_profile", of: "/auth/me", text: None },
    Alias { method: Method::GET, path: "/users", id: "list_users", of: "/admin/users",
        text: Some(("The same as /admin/users", None)) },
    Alias { method: Method::GET, path: "/users/{user_id}", id: "get_user", of: "/admin/users/{user_id}",
        text: Some(("The same as `/admin/users/{user_id}`", None)) },
];
}
