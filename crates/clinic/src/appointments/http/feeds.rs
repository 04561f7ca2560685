//! `/appointments/feed`: one's own appointments for a calendar program.

use std::sync::Arc;

use kernel::secret::Secret;
use poem::{
    Response,
    http::{HeaderValue, StatusCode, header},
};
use poem_openapi::{
    Object, OpenApi,
    param::{Header, Path},
    payload::Json,
};
use web::{
    Body, Problem, RequestBody, RequestOrigin,
    answer::Done,
    caller::Caller,
    problem::error_set,
    static_response::{Kind, StaticResponse},
    text::Text,
};

use crate::{
    app::App,
    appointments::{
        feed::{Feed, FeedDetail},
        use_cases::feeds,
    },
    errors,
    http::Tag,
    permissions::AppointmentsRead,
};

/// The operations.
#[derive(Debug, Clone)]
pub struct FeedsApi(pub Arc<App>);

error_set!(
    /// Making one's own.
    OwnErrors = [] + BODY + BEARER
);
error_set!(
    /// Ending one's own.
    EndErrors = [] + BEARER
);
error_set!(
    /// Reading one by its address.
    FeedErrors = [RECORD_NOT_FOUND] + ID + DATABASE
);

/// A calendar.
struct Calendar;

impl Kind for Calendar {
    const DESCRIPTION: &'static str = "The calendar (RFC 5545); 304 if `If-None-Match` names it";
    const CONTENT: &'static [&'static str] = &["text/calendar; charset=utf-8"];
    const EXAMPLE: &'static str = "BEGIN:VCALENDAR";
}

#[OpenApi(tag = "Tag::Appointments")]
impl FeedsApi {
    /// Make one's own calendar feed
    ///
    /// The address is shown once. A person who knows it sees the times. The feed from before ends.
    #[oai(
        path = "/appointments/feed",
        method = "post",
        operation_id = "make_feed"
    )]
    async fn create(
        &self,
        caller: Caller<AppointmentsRead>,
        origin: RequestOrigin<'_>,
        body: Body<FeedRequest>,
    ) -> Result<Json<FeedResponse>, Problem<OwnErrors>> {
        let detail = body.checked()?.detail.and_then(Text::value);
        let url = feeds::create(&self.0, &origin, &caller, detail.unwrap_or_default()).await?;
        Ok(Json(FeedResponse::new(&url)))
    }

    /// End one's own calendar feed
    ///
    /// Without one, nothing happens.
    #[oai(
        path = "/appointments/feed",
        method = "delete",
        operation_id = "end_feed"
    )]
    async fn remove(
        &self,
        caller: Caller<AppointmentsRead>,
        origin: RequestOrigin<'_>,
    ) -> Result<Json<Done>, Problem<EndErrors>> {
        feeds::remove(&self.0, &origin, &caller).await?;
        Ok(Json(Done::saying("The calendar feed has ended")))
    }

    /// A calendar feed
    ///
    /// The address alone is the permission, because calendar programs send no token.
    #[oai(
        path = "/appointments/feed/:token",
        method = "get",
        operation_id = "calendar_feed"
    )]
    async fn read(
        &self,
        origin: RequestOrigin<'_>,
        /// The last part of the address, `….ics`
        token: Path<String>,
        /// The `ETag` of the calendar that the caller has
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<StaticResponse<Calendar>, Problem<FeedErrors>> {
        let token = token
            .0
            .strip_suffix(".ics")
            .ok_or(errors::RECORD_NOT_FOUND)?;
        let feed = feeds::read(&self.0, &origin, token).await?;
        Ok(answer(&feed, if_none_match.0.as_deref()))
    }
}

fn answer(feed: &Feed, if_none_match: Option<&str>) -> StaticResponse<Calendar> {
    let is_known = if_none_match.is_some_and(|tags| feed.matches(tags));
    let response = if is_known {
        Response::builder()
            .status(StatusCode::NOT_MODIFIED)
            .finish()
    } else {
        Response::builder()
            .content_type("text/calendar; charset=utf-8")
            .body(feed.text.clone())
    };
    let etag = HeaderValue::from_str(&feed.etag);
    let etag = etag.unwrap_or_else(|_| HeaderValue::from_static("\"\""));
    StaticResponse::new(response).with(header::ETAG, etag).with(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    )
}

/// What the feed shows
#[derive(Debug, Object)]
struct FeedRequest {
    /// `none` if absent
    detail: Option<Text<FeedDetail>>,
}

impl RequestBody for FeedRequest {
    const OPTIONAL: bool = true;
}

/// One's own calendar feed
#[derive(Debug, Object)]
struct FeedResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// The address; it is shown once
    url: String,
}

impl FeedResponse {
    fn new(url: &Secret) -> Self {
        Self {
            success: true,
            message: "Your calendar feed".to_owned(),
            url: url.expose().to_owned(),
        }
    }
}
