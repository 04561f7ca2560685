//! `/appointments/holds` and `/appointments/slots`.

use std::sync::Arc;

use kernel::{error::RuleViolation, ids::UserId};
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use web::{
    Body, Problem, RequestBody, RequestOrigin, Time, ValidationErrors, answer::Done,
    caller::Caller, problem::error_set, text::Text,
};

use crate::{
    app::App,
    appointments::{
        AppointmentId,
        interval::Interval,
        slots::SlotRange,
        use_cases::{
            holding,
            slots::{self, Offer},
        },
    },
    errors,
    http::Tag,
    permissions::{AppointmentsRead, AppointmentsWrite},
    zone::Zone,
};

/// The operations.
#[derive(Debug, Clone)]
pub struct HoldsApi(pub Arc<App>);

error_set!(
    /// Holding a time.
    HoldErrors = [RECORD_NOT_FOUND, SLOT_TAKEN, STATE_CONFLICT] + BODY + BEARER
);
error_set!(
    /// Giving it back.
    ReleaseErrors = [RECORD_NOT_FOUND] + ID + BEARER
);
error_set!(
    /// Free times.
    SlotErrors = [RECORD_NOT_FOUND] + BEARER
);

const DAY_OR_TIME: RuleViolation = RuleViolation::new("missing", "This field is required");

#[derive(ApiResponse)]
enum Held {
    /// The time is held
    #[oai(status = 201)]
    Created(Json<HoldResponse>),
}

#[OpenApi(tag = "Tag::Appointments")]
impl HoldsApi {
    /// Hold a time for some minutes
    ///
    /// Other callers see it as taken. A person holds `appointments.max_holds` at most.
    #[oai(
        path = "/appointments/holds",
        method = "post",
        operation_id = "hold_time"
    )]
    async fn hold(
        &self,
        caller: Caller<AppointmentsWrite>,
        origin: RequestOrigin<'_>,
        body: Body<HoldRequest>,
    ) -> Result<Held, Problem<HoldErrors>> {
        let (doctor, interval) =
            body.read_as(|fields, errors| fields.command(errors, &self.0.zone))?;
        let hold = holding::hold(&self.0, &origin, &caller, (&doctor, interval)).await?;
        Ok(Held::Created(Json(HoldResponse {
            success: true,
            message: "The time is held".to_owned(),
            hold_id: hold.id.into(),
            expires_at: Time(hold.expires_at),
        })))
    }

    /// Give a held time back
    #[oai(
        path = "/appointments/holds/:hold_id",
        method = "delete",
        operation_id = "release_time"
    )]
    async fn release(
        &self,
        caller: Caller<AppointmentsWrite>,
        /// From holding it
        hold_id: Path<String>,
    ) -> Result<Json<Done>, Problem<ReleaseErrors>> {
        let id = AppointmentId::from_stored(hold_id.0);
        holding::release(&self.0, &caller, &id).await?;
        Ok(Json(Done::saying("The time is free again")))
    }

    /// The free times of a doctor
    ///
    /// At most 31 days and 500 times; `next_from` tells where the next answer begins.
    #[oai(
        path = "/appointments/slots",
        method = "get",
        operation_id = "free_slots"
    )]
    async fn slots(
        &self,
        _caller: Caller<AppointmentsRead>,
        origin: RequestOrigin<'_>,
        /// The doctor
        doctor_id: Query<String>,
        /// From this time or local day on
        from: Query<String>,
        /// Before this time, or up to this local day
        to: Query<String>,
        /// The length; that of the schedule if absent
        duration_minutes: Query<Option<i64>>,
    ) -> Result<Json<SlotsResponse>, Problem<SlotErrors>> {
        let doctor = UserId::from_stored(doctor_id.0);
        let range = read_range(&self.0.zone, &from.0, &to.0)?;
        let minutes = duration_minutes.0;
        let offer = slots::offer(&self.0, &origin, &doctor, range, minutes).await?;
        Ok(Json(offer.into()))
    }
}

fn read_range(zone: &Zone, from: &str, to: &str) -> Result<SlotRange, kernel::error::Error> {
    let mut errors = ValidationErrors::new();
    for (field, typed) in [("from", from), ("to", to)] {
        if typed.is_empty() {
            errors.add(DAY_OR_TIME.at(field));
        }
    }
    let begin = errors.take(
        zone.read_from(from)
            .map_err(|violation| violation.at("from")),
    );
    let end = errors.take(zone.read_to(to).map_err(|violation| violation.at("to")));
    let range = begin.zip(end).and_then(|(begin, end)| {
        errors.take(SlotRange::new(begin, end).map_err(|violation| violation.at("to")))
    });
    errors.finish(range)
}

/// The time to hold
#[derive(Debug, Object)]
struct HoldRequest {
    /// The doctor
    doctor_id: Text<UserId>,
    /// RFC 3339; without an offset, the clinic's local time
    start_time: Text<String>,
    /// The same
    end_time: Text<String>,
}

impl RequestBody for HoldRequest {}

impl HoldRequest {
    fn command(self, errors: &mut ValidationErrors, zone: &Zone) -> Option<(UserId, Interval)> {
        let start = errors.check(&self.start_time, |typed| zone.read_instant(typed));
        let end = errors.check(&self.end_time, |typed| zone.read_instant(typed));
        let interval = start.zip(end).map(|(start, end)| Interval::new(start, end));
        let interval = interval
            .transpose()
            .map_err(|violation| violation.at("end_time"));
        let interval = errors.take(interval).flatten();
        Some((UserId::from_stored(self.doctor_id.value()?), interval?))
    }
}

/// The time is held
#[derive(Debug, Object)]
struct HoldResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// For the booking
    hold_id: String,
    /// When it is free again
    expires_at: Time,
}

/// Free times
#[derive(Debug, Object)]
struct SlotsResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// By start, 500 at most
    slots: Vec<SlotView>,
    /// The zone of the place of the visit
    time_zone: String,
    /// Where the next answer begins; null if this one is complete
    #[oai(nullable)]
    next_from: Option<Time>,
}

/// A free time
#[derive(Debug, Object)]
struct SlotView {
    /// When it begins
    start_time: Time,
    /// When it ends
    end_time: Time,
    /// What the clocks show at the place when it begins
    local_start: String,
}

impl From<Offer> for SlotsResponse {
    fn from(offer: Offer) -> Self {
        let slot = |slot: &Interval| SlotView {
            start_time: Time(slot.start()),
            end_time: Time(slot.end()),
            local_start: offer.zone.local_text(slot.start()),
        };
        Self {
            success: true,
            message: "Free times".to_owned(),
            slots: offer.slots.slots.iter().map(slot).collect(),
            time_zone: offer.zone.name().to_owned(),
            next_from: offer.slots.next_from.map(Time),
        }
    }
}
