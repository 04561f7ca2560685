//! `/patients/{id}/care-team` and `/patients/{id}/access-log`.

use std::sync::Arc;

use kernel::{ids::UserId, principal::Principal, request::Origin};
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use web::{
    Body, Problem, RequestBody, RequestOrigin, ValidationErrors, caller::Caller, listing::Asked,
    problem::error_set, text::Text,
};

use super::record_views::{AccessLogResponse, CareTeamMember, CareTeamResponse};
use crate::{
    app::App,
    errors,
    http::{PageRows, Pagination, Tag},
    listing::{Listing, check_range},
    patients::{
        care::{CareKind, CareReason},
        use_cases::{access_log, care_team, read::Member},
    },
    permissions::{AccessLogSelf, CareWrite, RecordRead},
};

/// The operations.
#[derive(Debug, Clone)]
pub struct CareApi(pub Arc<App>);

error_set!(
    /// Reading who treats a patient, and who looked at a record.
    CareReadErrors = [RECORD_NOT_FOUND, CREDENTIAL_REQUIRED] + BEARER + ID
);
error_set!(
    /// Reading who looked at one's own record.
    OwnLogErrors = [RECORD_NOT_FOUND] + BEARER
);
error_set!(
    /// Changing who treats a patient.
    CareChangeErrors = [RECORD_NOT_FOUND, CREDENTIAL_REQUIRED, STATE_CONFLICT] + BODY + BEARER + ID
);

type Read = Result<Json<CareTeamResponse>, Problem<CareReadErrors>>;
type Change = Result<Json<CareTeamResponse>, Problem<CareChangeErrors>>;
type Log<E> = Result<Json<AccessLogResponse>, Problem<E>>;

/// A range of time, and a page.
type Typed<'a> = (
    Option<&'a str>,
    Option<&'a str>,
    Asked<PageRows>,
    Option<&'a str>,
);

fn wanted(app: &App, typed: Typed<'_>) -> Result<access_log::Wanted, kernel::error::Error> {
    let (from, to, limit, cursor) = typed;
    let (zone, mut errors) = (&app.zone, ValidationErrors::new());
    let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let from = given(from).map(|text| zone.read_from(&text).map_err(|it| it.at("from")));
    let from = errors.take(from.transpose());
    let to = given(to).map(|text| zone.read_to(&text).map_err(|it| it.at("to")));
    let to = errors.take(to.transpose());
    check_range(&mut errors, from.flatten(), to.flatten());
    let limit = limit.value(&mut errors);
    let listing = Listing::read(&mut errors, limit, None, cursor);
    let ((from, to), listing) = errors.finish(from.zip(to).zip(listing))?;
    Ok(access_log::Wanted { from, to, listing })
}

async fn log(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    patient_id: &UserId,
    typed: Typed<'_>,
) -> Result<Json<AccessLogResponse>, kernel::error::Error> {
    let wanted = wanted(app, typed)?;
    let page = access_log::read(app, origin, caller, patient_id, &wanted).await?;
    Ok(Json(AccessLogResponse {
        success: true,
        message: "Accesses to the record".to_owned(),
        pagination: Pagination::new(&wanted.listing, page.total, page.next.as_deref()),
        entries: page.entries.into_iter().map(Into::into).collect(),
    }))
}

fn team(members: &[Member]) -> Json<CareTeamResponse> {
    Json(CareTeamResponse {
        success: true,
        message: "Care team".to_owned(),
        care_team: members.iter().map(CareTeamMember::from).collect(),
    })
}

#[OpenApi(tag = "Tag::Patients")]
impl CareApi {
    /// Who treats a patient
    #[oai(
        path = "/patients/:patient_id/care-team",
        method = "get",
        operation_id = "get_care_team"
    )]
    async fn care_team(
        &self,
        caller: Caller<RecordRead>,
        origin: RequestOrigin<'_>,
        /// The patient
        patient_id: Path<String>,
    ) -> Read {
        let patient_id = UserId::from_stored(patient_id.0);
        let members = care_team::read(&self.0, &origin, &caller, &patient_id).await?;
        Ok(team(&members))
    }

    /// Let a doctor treat a patient
    ///
    /// A doctor hands over what he has: as `primary` only if he is the primary doctor, and never for longer. The desk
    /// assigns.
    #[oai(
        path = "/patients/:patient_id/care-team",
        method = "post",
        operation_id = "give_care"
    )]
    async fn give_care(
        &self,
        caller: Caller<CareWrite>,
        origin: RequestOrigin<'_>,
        /// The patient
        patient_id: Path<String>,
        body: Body<CareRequest>,
    ) -> Change {
        let patient_id = UserId::from_stored(patient_id.0);
        let given = body.read_as(|fields, errors| fields.command(&self.0, errors))?;
        let members = care_team::give(&self.0, &origin, &caller, &patient_id, &given).await?;
        Ok(team(&members))
    }

    /// End a doctor's care of a patient
    ///
    /// A doctor ends his own, the desk any. Doing it twice is the same as once.
    #[oai(
        path = "/patients/:patient_id/care-team/:doctor_id",
        method = "delete",
        operation_id = "end_care"
    )]
    async fn end_care(
        &self,
        caller: Caller<CareWrite>,
        origin: RequestOrigin<'_>,
        /// The patient
        patient_id: Path<String>,
        /// The doctor
        doctor_id: Path<String>,
        body: Body<EndCareRequest>,
    ) -> Change {
        let ids = (
            UserId::from_stored(patient_id.0),
            UserId::from_stored(doctor_id.0),
        );
        let reason = body.checked()?.reason.and_then(Text::value);
        let reason = reason.unwrap_or_else(CareReason::ended);
        let ids = (&ids.0, &ids.1);
        let members = care_team::end(&self.0, &origin, &caller, ids, &reason).await?;
        Ok(team(&members))
    }

    /// Who looked at one's own record
    #[oai(
        path = "/patients/me/access-log",
        method = "get",
        operation_id = "list_own_accesses"
    )]
    async fn own_log(
        &self,
        caller: Caller<AccessLogSelf>,
        origin: RequestOrigin<'_>,
        /// From this time or local day on
        from: Query<Option<String>>,
        /// Before this time, or until the end of this local day
        to: Query<Option<String>>,
        /// Rows of a page
        limit: Asked<PageRows>,
        /// The `next_cursor` of the page before
        cursor: Query<Option<String>>,
    ) -> Log<OwnLogErrors> {
        let typed = (
            from.0.as_deref(),
            to.0.as_deref(),
            limit,
            cursor.0.as_deref(),
        );
        Ok(log(&self.0, &origin, &caller, &caller.user_id, typed).await?)
    }

    /// Who looked at a record
    ///
    /// For the patient and for administrators.
    #[oai(
        path = "/patients/:patient_id/access-log",
        method = "get",
        operation_id = "list_accesses"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the query"
    )]
    async fn access_log(
        &self,
        caller: Caller<RecordRead>,
        origin: RequestOrigin<'_>,
        /// The patient
        patient_id: Path<String>,
        /// From this time or local day on
        from: Query<Option<String>>,
        /// Before this time, or until the end of this local day
        to: Query<Option<String>>,
        /// Rows of a page
        limit: Asked<PageRows>,
        /// The `next_cursor` of the page before
        cursor: Query<Option<String>>,
    ) -> Log<CareReadErrors> {
        let patient_id = UserId::from_stored(patient_id.0);
        let typed = (
            from.0.as_deref(),
            to.0.as_deref(),
            limit,
            cursor.0.as_deref(),
        );
        Ok(log(&self.0, &origin, &caller, &patient_id, typed).await?)
    }
}

/// A doctor's care of a patient.
#[derive(Debug, Object)]
struct CareRequest {
    /// The doctor
    doctor_id: String,
    /// How the doctor treats the patient
    kind: Text<CareKind>,
    /// Until when; a time or a local day
    until: Option<String>,
    /// Why, 1 to 200 characters
    reason: Text<CareReason>,
}

impl RequestBody for CareRequest {}

impl CareRequest {
    fn command(self, app: &App, errors: &mut ValidationErrors) -> Option<care_team::Given> {
        let until = self.until.map(|text| app.zone.read_to(&text));
        let until = until.transpose().map_err(|violation| violation.at("until"));
        let until = errors.take(until);
        Some(care_team::Given {
            doctor_id: UserId::from_stored(self.doctor_id),
            kind: self.kind.value()?,
            until: until?,
            reason: self.reason.value()?,
        })
    }
}

/// Why the care ends.
#[derive(Debug, Object)]
struct EndCareRequest {
    /// Why, up to 200 characters
    reason: Option<Text<CareReason>>,
}

impl RequestBody for EndCareRequest {
    const OPTIONAL: bool = true;
}
