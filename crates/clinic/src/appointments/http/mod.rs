//! HTTP: appointments, holds, calendar feeds, doctors and schedules.

mod bookings;
mod exceptions;
mod feeds;
mod holds;
mod requests;
mod schedules;
mod texts;
mod views;

use std::sync::Arc;

use crate::app::App;

/// The handlers.
pub type Handlers = (
    bookings::AppointmentsApi,
    holds::HoldsApi,
    feeds::FeedsApi,
    schedules::SchedulesApi,
    exceptions::ExceptionsApi,
);

/// The handlers on `app`.
pub fn handlers(app: &Arc<App>) -> Handlers {
    (
        bookings::AppointmentsApi(Arc::clone(app)),
        holds::HoldsApi(Arc::clone(app)),
        feeds::FeedsApi(Arc::clone(app)),
        schedules::SchedulesApi(Arc::clone(app)),
        exceptions::ExceptionsApi(Arc::clone(app)),
    )
}
