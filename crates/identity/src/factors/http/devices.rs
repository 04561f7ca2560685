//! `/auth/mfa/devices`: one's own remembered devices.

use crate::{
    app::App,
    factors::{devices, documents::KnownDevice},
    http::Tag,
    permissions::FactorsSelf,
};
use std::sync::Arc;

use poem_openapi::{Object, OpenApi, param::Path, payload::Json};

use web::{Problem, RequestOrigin, Time, caller::Caller, problem::error_set};

/// The operations.
#[derive(Debug, Clone)]
pub struct DevicesApi(pub Arc<App>);

error_set!(
    /// Forgetting one.
    ForgetErrors = [] + ID + BEARER
);
error_set!(
    /// Forgetting all.
    ForgetAllErrors = [] + BEARER
);

#[OpenApi(tag = "Tag::Factors")]
impl DevicesApi {
    /// Forget a remembered device
    #[oai(
        path = "/auth/mfa/devices/:device_id",
        method = "delete",
        operation_id = "forget_device"
    )]
    async fn forget_device(
        &self,
        caller: Caller<FactorsSelf>,
        origin: RequestOrigin<'_>,
        /// From the list of devices
        device_id: Path<String>,
    ) -> Result<Json<ForgottenResponse>, Problem<ForgetErrors>> {
        devices::forget(&self.0, &origin, &caller, &device_id.0).await?;
        Ok(Json(ForgottenResponse::new(1)))
    }

    /// Forget all remembered devices
    #[oai(
        path = "/auth/mfa/devices",
        method = "delete",
        operation_id = "forget_devices"
    )]
    async fn forget_devices(
        &self,
        caller: Caller<FactorsSelf>,
        origin: RequestOrigin<'_>,
    ) -> Result<Json<ForgottenResponse>, Problem<ForgetAllErrors>> {
        let count = devices::forget_all(&self.0, &origin, &caller).await?;
        Ok(Json(ForgottenResponse::new(count)))
    }
}

/// A remembered device.
#[derive(Debug, Object)]
pub(super) struct DeviceView {
    /// The device
    device_id: String,
    /// What the client called it
    #[oai(nullable)]
    name: Option<String>,
    /// From where it was used last
    ip_address: String,
    /// The client's program
    user_agent: String,
    /// When it was remembered
    created_at: Time,
    /// When it was used last
    last_used_at: Time,
    /// Until when it is remembered
    expires_at: Time,
    /// Whether this session began on it
    current: bool,
}

impl DeviceView {
    pub(super) fn new(device: KnownDevice, current: Option<&str>) -> Self {
        let KnownDevice {
            id: _,
            device_id,
            user_id: _,
            epoch: _,
            name,
            ip,
            user_agent,
            created_at,
            last_used_at,
            expires_at,
        } = device;
        Self {
            current: current == Some(device_id.as_str()),
            device_id,
            name,
            ip_address: ip,
            user_agent,
            created_at: Time(created_at),
            last_used_at: Time(last_used_at),
            expires_at: Time(expires_at),
        }
    }
}

/// How many devices were forgotten.
#[derive(Debug, Object)]
struct ForgottenResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// How many
    count: u64,
}

impl ForgottenResponse {
    fn new(count: u64) -> Self {
        Self {
            success: true,
            message: format!("Forgot {count} devices"),
            count,
        }
    }
}
