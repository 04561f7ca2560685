//! The mail about a login from a device and network that the account has not used lately.

use crate::{
    accounts::documents::User,
    app::App,
    letters::new_device,
    login::rules::login_device::{LoginDevice, features},
    mails::{documents::OutboxRow, outbox},
    throttle::pseudonymize,
};
use kernel::{error::Result, request::Origin};

/// The caller's device and network, as accounts remember it.
pub fn device_of(app: &App, origin: &Origin) -> String {
    let features = features(&origin.user_agent, origin.ip);
    pseudonymize(app, &format!("device {features}"))
}

/// Mails the owner, unless `device` is known, or nothing is known yet. The mail is enqueued before the account remembers the
/// device, so a crash between the two loses no mail; the next login from there finds the row by its id, which is the same
/// all day. A login from a known device writes nothing here.
///
/// # Errors
/// `EmailError` if the outbox cannot store the mail job.
pub async fn tell(app: &App, origin: &Origin, user: &User, device: &str) -> Result<()> {
    let is_on = app.platform.settings.email.new_device_notice;
    if !is_on || !LoginDevice::is_new(&user.login_devices, device, origin.now) {
        return Ok(());
    }
    let row = outbox::notice_of(app, origin, user, new_device::job(origin));
    let (user_id, day) = (&user.user_id, origin.now.date_naive());
    let id = format!("new-device-{user_id}-{device}-{day}");
    outbox::enqueue_row(app, OutboxRow { id, ..row }).await
}
