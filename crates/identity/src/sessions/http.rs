//! `/auth/sessions`, `/auth/logout`, `/auth/logout-all`: the caller's own sessions.

use crate::{
    app::App,
    errors,
    http::{
        Tag,
        answer::{Done, UserType},
    },
    permissions::SessionsSelf,
    sessions::{self, documents::Session},
};
use std::sync::Arc;

use poem_openapi::{
    ApiResponse, Object, OpenApi,
    param::Path,
    payload::Json,
    types::{ParseFromJSON, ToJSON},
};

use kernel::ids::SessionId;
use web::{
    Body, Problem, RequestBody, RequestOrigin, Time,
    caller::{Caller, OptionalToken},
    problem::error_set,
};

/// The operations.
#[derive(Debug, Clone)]
pub struct SessionsApi(pub Arc<App>);

error_set!(
    /// Any of them.
    SessionsErrors = [] + BEARER
);
error_set!(
    /// Logging out.
    LogoutErrors = [AUTH_FAILED, SESSION_ERROR] + BODY + DATABASE
);
error_set!(
    /// Ending one by its id.
    EndErrors = [SESSION_NOT_FOUND] + ID + BEARER
);

#[OpenApi(tag = "Tag::Sessions")]
impl SessionsApi {
    /// One's own live sessions, newest first
    #[oai(
        path = "/auth/sessions",
        method = "get",
        operation_id = "list_sessions"
    )]
    async fn list(
        &self,
        caller: Caller<SessionsSelf>,
        origin: RequestOrigin<'_>,
    ) -> Result<Json<SessionsResponse>, Problem<SessionsErrors>> {
        let sessions = sessions::list(&self.0, &origin, &caller).await?;
        Ok(Json(SessionsResponse::new(sessions, &caller.session_id)))
    }

    /// End one of one's own sessions
    ///
    /// One that has ended already is no fault.
    #[oai(
        path = "/auth/sessions/:session_id",
        method = "delete",
        operation_id = "end_session"
    )]
    async fn end(
        &self,
        caller: Caller<SessionsSelf>,
        origin: RequestOrigin<'_>,
        /// From the list of sessions
        session_id: Path<String>,
    ) -> Result<Json<Done>, Problem<EndErrors>> {
        sessions::end_own(&self.0, &origin, &caller, &session_id.0).await?;
        Ok(Json(Done::saying("Session ended")))
    }

    /// End this session
    ///
    /// That of `refresh_token`, whatever the `Authorization` header says; without one in the body, that of the access token.
    /// A session that has ended already is no fault. With neither token: 401.
    #[oai(path = "/auth/logout", method = "post", operation_id = "logout")]
    async fn log_out(
        &self,
        header: OptionalToken,
        origin: RequestOrigin<'_>,
        body: Body<LogoutRequest>,
    ) -> Result<LoggedOut<Done>, Problem<LogoutErrors>> {
        let shown = body.checked()?.refresh_token;
        if let Some(token) = shown.filter(|token| !token.is_empty()) {
            sessions::log_out_by_refresh_token(&self.0, &origin, &token).await?;
        } else {
            let token = header.0.ok_or(errors::AUTH_FAILED)?;
            sessions::log_out_by_access_token(&self.0, &origin, &token).await?;
        }
        Ok(LoggedOut::new(Done::saying("Logged out")))
    }

    /// End all of one's own sessions
    #[oai(
        path = "/auth/logout-all",
        method = "post",
        operation_id = "logout_all"
    )]
    async fn log_out_everywhere(
        &self,
        caller: Caller<SessionsSelf>,
        origin: RequestOrigin<'_>,
    ) -> Result<LoggedOut<LogoutAllResponse>, Problem<SessionsErrors>> {
        let count = sessions::log_out_everywhere(&self.0, &origin, &caller).await?;
        Ok(LoggedOut::new(LogoutAllResponse::new(count)))
    }
}

/// Whose session ends.
#[derive(Debug, Object)]
struct LogoutRequest {
    /// From the last token answer
    refresh_token: Option<String>,
}

impl RequestBody for LogoutRequest {
    const OPTIONAL: bool = true;
}

#[derive(ApiResponse)]
enum LoggedOut<T: ParseFromJSON + ToJSON> {
    /// The session of the caller has ended
    #[oai(status = 200)]
    Ok(
        Json<T>,
        /// What the browser forgets
        #[oai(header = "Clear-Site-Data")]
        String,
    ),
}

impl<T: ParseFromJSON + ToJSON> LoggedOut<T> {
    fn new(answer: T) -> Self {
        Self::Ok(Json(answer), "\"cache\", \"storage\"".to_owned()) // WEB-4
    }
}

/// Sessions.
#[derive(Debug, Object)]
struct SessionsResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// Newest first
    sessions: Vec<SessionView>,
    /// How many
    count: usize,
}

impl SessionsResponse {
    fn new(sessions: Vec<Session>, current: &SessionId) -> Self {
        let sessions: Vec<_> = sessions
            .into_iter()
            .map(|session| SessionView::new(session, current))
            .collect();
        Self {
            success: true,
            message: "Active sessions".to_owned(),
            count: sessions.len(),
            sessions,
        }
    }
}

/// A session as its owner sees it.
#[derive(Debug, Object)]
struct SessionView {
    /// The session
    session_id: String,
    /// The user
    user_id: String,
    /// The user's role at login
    user_type: UserType,
    /// What the client called the device
    #[oai(nullable)]
    device_name: Option<String>,
    /// The client's program
    user_agent: String,
    /// The client's address at login
    ip_address: String,
    /// When it began
    login_time: Time,
    /// When it was used last
    last_activity: Time,
    /// When it ends, if it is not used again
    expires_at: Time,
    /// Always true: others are not listed
    is_active: bool,
    /// Whether it is the one that asks
    current: bool,
}

impl SessionView {
    fn new(session: Session, current: &SessionId) -> Self {
        let Session {
            id: _,
            session_id,
            user_id,
            user_type,
            device_name,
            user_agent,
            ip_address,
            login_time,
            last_activity,
            expires_at,
            absolute_expires_at: _,
            is_active,
            ended_at: _,
            end_reason: _,
            amr: _,
            auth_time: _,
            fresh_at: _,
            device_id: _,
            refresh: _,
        } = session;
        Self {
            current: session_id == *current,
            session_id: session_id.into(),
            user_id: user_id.into(),
            user_type: user_type.into(),
            device_name,
            user_agent,
            ip_address,
            login_time: Time(login_time),
            last_activity: Time(last_activity),
            expires_at: Time(expires_at),
            is_active,
        }
    }
}

/// How many sessions ended.
#[derive(Debug, Object)]
pub(crate) struct LogoutAllResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// How many
    count: u64,
}

impl LogoutAllResponse {
    pub(crate) fn new(count: u64) -> Self {
        Self {
            success: true,
            message: format!("Logged out {count} sessions"),
            count,
        }
    }
}
