//! `/appointments`: booking, reading, moving, cancelling.

use std::sync::Arc;

use kernel::{error::RuleViolation, ids::UserId};
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use web::{
    Body, Problem, RequestOrigin, ValidationErrors, caller::Caller, listing::Asked,
    problem::error_set, text::Text,
};

use super::{
    requests::{AppointmentChangeRequest, BookRequest, CancelRequest, printed},
    views::{AppointmentResponse, AppointmentsResponse, ListAnswer},
};
use crate::{
    app::App,
    appointments::{
        AppointmentId,
        status::AppointmentStatus,
        store::Filter,
        use_cases::{
            booking,
            changes::{self, Change},
            lists,
        },
    },
    errors,
    http::{IdempotencyKey, PageRows, Pagination, Tag, once},
    listing::{Listing, check_range},
    permissions::{AppointmentsRead, AppointmentsWrite},
};

/// The operations.
#[derive(Debug, Clone)]
pub struct AppointmentsApi(pub Arc<App>);

error_set!(
    /// Booking.
    BookErrors = [RECORD_NOT_FOUND, SLOT_TAKEN, STATE_CONFLICT, IDEMPOTENCY_CONFLICT, CREDENTIAL_REQUIRED]
        + BODY + BEARER
);
error_set!(
    /// Listing.
    ListErrors = [RECORD_NOT_FOUND, CREDENTIAL_REQUIRED] + BEARER
);
error_set!(
    /// Reading one.
    ReadErrors = [RECORD_NOT_FOUND, CREDENTIAL_REQUIRED] + ID + BEARER
);
error_set!(
    /// Changing one.
    ChangeErrors = [RECORD_NOT_FOUND, SLOT_TAKEN, STATE_CONFLICT, VERSION_CONFLICT, CREDENTIAL_REQUIRED]
        + BODY + ID + BEARER
);

const OFFSET_OR_SKIP: RuleViolation = RuleViolation::new("one_of", "Either offset or skip");

#[derive(ApiResponse)]
enum Booked {
    /// The appointment
    #[oai(status = 201)]
    Created(Json<AppointmentResponse>),
}

#[OpenApi(tag = "Tag::Appointments")]
impl AppointmentsApi {
    /// Book an appointment
    ///
    /// Patients book for themselves, within the doctor's schedule; a doctor books for patients in his care, the desk for
    /// every patient. Without `doctor_id` it is pending until the desk has found a doctor. With `hold_id`, the hold
    /// becomes the appointment or nothing is booked: 404 `RECORD_NOT_FOUND` if the caller has no such hold (any more), 409
    /// `SLOT_TAKEN` if it has expired, 409 `STATE_CONFLICT` if it is for another doctor or time.
    #[oai(
        path = "/appointments",
        method = "post",
        operation_id = "book_appointment"
    )]
    async fn book(
        &self,
        caller: Caller<AppointmentsWrite>,
        origin: RequestOrigin<'_>,
        /// Makes a repetition harmless for 24 hours: 8 to 200 visible ASCII characters
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Body<BookRequest>,
    ) -> Result<Booked, Problem<BookErrors>> {
        let (key, booking) = body.read_as(|fields, errors| {
            let key = key.value(errors);
            Some((key, fields.command(errors, &self.0.zone)?))
        })?;
        let printed = printed(&booking);
        let work = async {
            let seen = booking::book(&self.0, &origin, &caller, booking).await?;
            Ok(AppointmentResponse::new("Appointment booked", seen))
        };
        let request = (key, "/appointments", &printed);
        let booked = Box::pin(once(&self.0, &origin, &caller, request, work)).await?;
        Ok(Booked::Created(Json(booked)))
    }

    /// Appointments, by start
    ///
    /// Patients see their own, doctors their own, the desk those of the clinic.
    #[oai(
        path = "/appointments",
        method = "get",
        operation_id = "list_appointments"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the query"
    )]
    async fn list(
        &self,
        caller: Caller<AppointmentsRead>,
        origin: RequestOrigin<'_>,
        /// From this time or local day on
        from: Query<Option<String>>,
        /// Before this time, or up to this local day
        to: Query<Option<String>>,
        /// In this state
        status: Asked<AppointmentStatus>,
        /// Of this doctor
        doctor_id: Asked<UserId>,
        /// Of this patient
        patient_id: Asked<UserId>,
        /// Rows of a page
        limit: Asked<PageRows>,
        /// Rows before the page
        offset: Query<Option<u32>>,
        /// The same, for the clients of the older scheduler
        skip: Query<Option<u32>>,
        /// The `next_cursor` of the page before
        cursor: Query<Option<String>>,
    ) -> Result<Json<ListAnswer>, Problem<ListErrors>> {
        let mut errors = ValidationErrors::new();
        let zone = &self.0.zone;
        let read = |typed: Option<String>| typed.filter(|typed| !typed.is_empty());
        let from = read(from.0).map(|it| zone.read_from(&it).map_err(|v| v.at("from")));
        let to = read(to.0).map(|it| zone.read_to(&it).map_err(|v| v.at("to")));
        let filter = Filter {
            from: errors.take(from.transpose()).flatten(),
            to: errors.take(to.transpose()).flatten(),
            status: status.value(&mut errors),
            doctor_id: doctor_id.value(&mut errors).map(UserId::from_stored),
            patient_id: patient_id.value(&mut errors).map(UserId::from_stored),
            without: Vec::new(),
        };
        check_range(&mut errors, filter.from, filter.to);
        if offset.0.is_some() && skip.0.is_some() {
            errors.add(OFFSET_OR_SKIP.at("skip"));
        }
        let offset = offset.0.or(skip.0);
        let limit = limit.value(&mut errors);
        let listing = Listing::read(&mut errors, limit, offset, cursor.0.as_deref());
        let listing = errors.finish(listing)?;
        let page = lists::page(&self.0, &origin, &caller, filter, &listing).await?;
        let pagination = Pagination::new(&listing, page.total, page.next.as_deref());
        Ok(Json(ListAnswer {
            page: AppointmentsResponse {
                success: true,
                message: "Appointments".to_owned(),
                appointments: page.rows.into_iter().map(Into::into).collect(),
                pagination,
            },
            is_bare: self.0.settings.appointments.bare_list,
        }))
    }

    /// One appointment
    #[oai(
        path = "/appointments/:appointment_id",
        method = "get",
        operation_id = "get_appointment"
    )]
    async fn one(
        &self,
        caller: Caller<AppointmentsRead>,
        origin: RequestOrigin<'_>,
        /// The appointment
        appointment_id: Path<String>,
    ) -> Result<Json<AppointmentResponse>, Problem<ReadErrors>> {
        let id = AppointmentId::from_stored(appointment_id.0);
        let seen = lists::one(&self.0, &origin, &caller, &id).await?;
        Ok(Json(AppointmentResponse::new("Appointment", seen)))
    }

    /// Move or change an appointment
    ///
    /// Patients move and cancel their own until `appointments.cancel_hours` before it. With `version`, a change that
    /// somebody else made meanwhile is not overwritten. `no_show` needs that its start has come (before it: 409
    /// `STATE_CONFLICT`); `arrived` and `completed` do not, because patients come early.
    #[oai(
        path = "/appointments/:appointment_id",
        method = "patch",
        operation_id = "change_appointment"
    )]
    async fn change(
        &self,
        caller: Caller<AppointmentsWrite>,
        origin: RequestOrigin<'_>,
        /// The appointment
        appointment_id: Path<String>,
        body: Body<AppointmentChangeRequest>,
    ) -> Result<Json<AppointmentResponse>, Problem<ChangeErrors>> {
        let zone = &self.0.zone;
        let change = body.read_as(|fields, errors| Some(fields.command(errors, zone)))?;
        let id = AppointmentId::from_stored(appointment_id.0);
        let seen = changes::change(&self.0, &origin, &caller, &id, &change).await?;
        Ok(Json(AppointmentResponse::new("Appointment changed", seen)))
    }

    /// Cancel an appointment
    ///
    /// Nothing is deleted: it stays, `cancelled`.
    #[oai(
        path = "/appointments/:appointment_id",
        method = "delete",
        operation_id = "cancel_appointment"
    )]
    async fn cancel(
        &self,
        caller: Caller<AppointmentsWrite>,
        origin: RequestOrigin<'_>,
        /// The appointment
        appointment_id: Path<String>,
        body: Body<CancelRequest>,
    ) -> Result<Json<CancelResponse>, Problem<ChangeErrors>> {
        let reason = body.checked()?.reason.and_then(Text::value);
        let id = AppointmentId::from_stored(appointment_id.0);
        let change = Change {
            status: Some(AppointmentStatus::Cancelled),
            cancel_reason: reason,
            ..Change::default()
        };
        let seen = changes::change(&self.0, &origin, &caller, &id, &change).await?;
        Ok(Json(CancelResponse {
            success: true,
            message: "Appointment cancelled".to_owned(),
            appointment_id: seen.appointment.id.into(),
            status: seen.appointment.status.name().to_owned(),
        }))
    }
}

/// It is cancelled
#[derive(Debug, Object)]
struct CancelResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// The appointment
    appointment_id: String,
    /// `cancelled`
    status: String,
}
