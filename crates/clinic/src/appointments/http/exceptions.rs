//! `/doctors/{id}/exceptions`: time off and extra hours.

use std::sync::Arc;

use kernel::{
    clock::Timestamp,
    error::{Error, RuleViolation},
    ids::UserId,
};
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    payload::Json,
    types::ToJSON,
};
use web::{
    Body, Problem, RequestBody, RequestOrigin, Time, ValidationErrors, caller::Caller,
    problem::error_set, text::Text,
};

use crate::{
    app::App,
    appointments::{
        documents::ScheduleRow,
        exceptions::{Exception, ExceptionKind},
        use_cases::schedules::{self, Covered, Written},
    },
    errors,
    http::Tag,
    permissions::SchedulesWrite,
    zone::Zone,
};

/// The operations.
#[derive(Debug, Clone)]
pub struct ExceptionsApi(pub Arc<App>);

error_set!(
    /// Reading and removing.
    ReadErrors = [RECORD_NOT_FOUND] + ID + BEARER
);
error_set!(
    /// Adding.
    AddErrors = [RECORD_NOT_FOUND, STATE_CONFLICT] + BODY + ID + BEARER
);

const KIND_UNKNOWN: RuleViolation = RuleViolation::new("choice_unknown", "Must be off or extra");

#[OpenApi(tag = "Tag::Appointments")]
impl ExceptionsApi {
    /// The exceptions of a doctor's week
    #[oai(
        path = "/doctors/:doctor_id/exceptions",
        method = "get",
        operation_id = "get_exceptions"
    )]
    async fn exceptions(
        &self,
        caller: Caller<SchedulesWrite>,
        /// The doctor
        doctor_id: Path<String>,
    ) -> Result<Json<ExceptionsResponse>, Problem<ReadErrors>> {
        let doctor = UserId::from_stored(doctor_id.0);
        schedules::allow(&self.0, &caller, &doctor).await?;
        let row = schedules::read(&self.0, &doctor).await?;
        Ok(Json(ExceptionsResponse::new("Exceptions", &row)))
    }

    /// Add an exception: time off, or extra hours
    ///
    /// Time off that covers live appointments is refused and lists them, unless `keep` is true.
    #[oai(
        path = "/doctors/:doctor_id/exceptions",
        method = "post",
        operation_id = "add_exception"
    )]
    async fn add(
        &self,
        caller: Caller<SchedulesWrite>,
        origin: RequestOrigin<'_>,
        /// The doctor
        doctor_id: Path<String>,
        body: Body<ExceptionRequest>,
    ) -> Result<Json<ExceptionsResponse>, Problem<AddErrors>> {
        let now = origin.now;
        let (exception, keep) =
            body.read_as(|fields, errors| fields.command(errors, &self.0.zone, now))?;
        let doctor = UserId::from_stored(doctor_id.0);
        let added = (&doctor, exception, keep);
        let written = schedules::add_exception(&self.0, &origin, &caller, added).await?;
        match written {
            Written::Done(row) => Ok(Json(ExceptionsResponse::new("Exception added", &row))),
            Written::Covers(covered) => Err(covers(covered).into()),
        }
    }

    /// Remove an exception
    #[oai(
        path = "/doctors/:doctor_id/exceptions",
        method = "delete",
        operation_id = "remove_exception"
    )]
    async fn remove(
        &self,
        caller: Caller<SchedulesWrite>,
        origin: RequestOrigin<'_>,
        /// The doctor
        doctor_id: Path<String>,
        /// Its begin
        from: Query<String>,
        /// Its end
        to: Query<String>,
        /// `off` or `extra`
        kind: Query<String>,
    ) -> Result<Json<ExceptionsResponse>, Problem<ReadErrors>> {
        let exception = read_exception(&self.0.zone, &from.0, &to.0, &kind.0)?;
        let doctor = UserId::from_stored(doctor_id.0);
        let removed = (&doctor, exception);
        let row = schedules::remove_exception(&self.0, &origin, &caller, removed).await?;
        Ok(Json(ExceptionsResponse::new("Exception removed", &row)))
    }
}

fn read_exception(zone: &Zone, from: &str, to: &str, kind: &str) -> Result<Exception, Error> {
    let mut errors = ValidationErrors::new();
    let from = errors.take(
        zone.read_from(from)
            .map_err(|violation| violation.at("from")),
    );
    let to = errors.take(zone.read_to(to).map_err(|violation| violation.at("to")));
    let kind = ExceptionKind::parse(kind).ok_or_else(|| KIND_UNKNOWN.at("kind"));
    let kind = errors.take(kind);
    let times = from.zip(to).zip(kind);
    errors.finish(times.map(|((from, to), kind)| Exception { from, to, kind }))
}

/// An exception
#[derive(Debug, Object)]
struct ExceptionRequest {
    /// A time, or a local day
    from: Text<String>,
    /// A time, or a local day, which is part of it
    to: Text<String>,
    /// Time off, or extra hours
    kind: Text<ExceptionKind>,
    /// The appointments that it covers stay
    keep: Option<bool>,
}

impl RequestBody for ExceptionRequest {}

impl ExceptionRequest {
    fn command(
        self,
        errors: &mut ValidationErrors,
        zone: &Zone,
        now: Timestamp,
    ) -> Option<(Exception, bool)> {
        let from = errors.check(&self.from, |typed| zone.read_from(typed));
        let to = errors.check(&self.to, |typed| zone.read_to(typed));
        let (from, to, kind) = (from?, to?, self.kind.value()?);
        let exception = Exception::new(kind, from, to, now);
        let exception = errors.take(exception.map_err(|violation| violation.at("to")))?;
        Some((exception, self.keep.unwrap_or_default()))
    }
}

/// The exceptions of a doctor's week
#[derive(Debug, Object)]
struct ExceptionsResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// By begin, without those that are over
    exceptions: Vec<ExceptionView>,
    /// IANA
    time_zone: String,
}

/// An exception
#[derive(Debug, Object)]
struct ExceptionView {
    /// Its first moment
    from: Time,
    /// The first moment after it
    to: Time,
    /// `off` or `extra`
    kind: String,
}

impl ExceptionsResponse {
    fn new(message: &str, row: &ScheduleRow) -> Self {
        let exceptions = row.exceptions.iter().map(|it| ExceptionView {
            from: Time(it.from),
            to: Time(it.to),
            kind: it.kind.name().to_owned(),
        });
        Self {
            success: true,
            message: message.to_owned(),
            exceptions: exceptions.collect(),
            time_zone: row.schedule.time_zone.name().to_owned(),
        }
    }
}

/// An appointment that an exception covers
#[derive(Debug, Object)]
struct CoveredView {
    /// The appointment
    appointment_id: String,
    /// When it begins
    start_time: Time,
    /// When it ends
    end_time: Time,
}

/// The refusal of time off that live appointments fall into; `error.details.appointments` lists them.
fn covers(covered: Vec<Covered>) -> Error {
    let appointments = covered.into_iter().map(|it| CoveredView {
        appointment_id: it.id.into(),
        start_time: Time(it.start),
        end_time: Time(it.end),
    });
    let appointments: Vec<_> = appointments.collect();
    Error::new(errors::STATE_CONFLICT)
        .saying("Appointments fall into this time; move them, or send keep")
        .adding("appointments", appointments.to_json().unwrap_or_default())
}
