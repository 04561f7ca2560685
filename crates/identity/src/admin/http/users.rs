//! `/admin/users` and `/users`: reading other people's accounts.

use crate::{
    accounts::{documents::Status, http::AccountView},
    admin::{
        rules::filter::{SearchText, UserFilter},
        users::{self, AccountDetails, UserPage},
    },
    app::App,
    errors,
    factors::Summary,
    http::Tag,
    permissions::UsersRead,
};
use std::sync::Arc;

use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};

use kernel::{ids::UserId, page::Key, role::Role};
use web::{
    Problem, RequestOrigin, ValidationErrors,
    caller::Caller,
    listing::{Asked, default_limit, page},
    problem::error_set,
};

/// The operations.
#[derive(Debug, Clone)]
pub struct AdminUsersApi(pub Arc<App>);

error_set!(
    /// Listing.
    ListErrors = [] + BEARER
);
error_set!(
    /// Looking one up.
    FindErrors = [USER_NOT_FOUND] + ID + BEARER
);

type List = Result<Json<UsersResponse>, Problem<ListErrors>>;
type Find = Result<Json<AccountResponse>, Problem<FindErrors>>;

#[OpenApi(tag = "Tag::Administration")]
impl AdminUsersApi {
    /// Accounts, newest first
    ///
    /// `is_pregnant` and `mobile` are there for administrators only. For staff and administrators.
    #[oai(
        path = "/admin/users",
        method = "get",
        operation_id = "admin_list_users"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the query"
    )]
    async fn admin_list(
        &self,
        caller: Caller<UsersRead>,
        origin: RequestOrigin<'_>,
        /// Beginnings of words of the name, in any order, of an address, a username or a user id, without regard to case,
        /// accents and apostrophes; for administrators also of a telephone number; up to 254 characters
        q: Asked<SearchText>,
        /// `patient`, `doctor`, `staff` or `admin`
        user_type: Asked<Role>,
        /// `active`, `invited` or `disabled`
        status: Asked<Status>,
        /// Rows of a page
        #[oai(
            default = "default_limit",
            validator(minimum(value = "1"), maximum(value = "100"))
        )]
        limit: Query<u32>,
        /// The `next_cursor` of the page before
        cursor: Asked<Key>,
        /// Rows before the page, for clients that know no cursor; not together with it
        #[oai(validator(minimum(value = "0"), maximum(value = "10000")))]
        skip: Query<Option<u32>>,
    ) -> List {
        let mut errors = ValidationErrors::new();
        let page = page(&mut errors, limit.0, cursor);
        let page = page.and_then(|page| {
            let skipped = page.skipping(skip.0);
            errors.take(skipped.map_err(|violation| violation.at("skip")))
        });
        let filter = UserFilter {
            words: q.value(&mut errors).flatten(),
            role: user_type.value(&mut errors),
            status: status.value(&mut errors),
            ..UserFilter::default()
        };
        let page = errors.finish(page)?;
        let found = users::list(&self.0, &origin, &caller, filter, &page).await?;
        Ok(Json(found.into()))
    }

    /// One account
    ///
    /// `is_pregnant`, `mobile` and `factors` are there for administrators only. For staff and administrators.
    #[oai(
        path = "/admin/users/:user_id",
        method = "get",
        operation_id = "admin_get_user"
    )]
    async fn admin_find(
        &self,
        caller: Caller<UsersRead>,
        origin: RequestOrigin<'_>,
        /// The account
        user_id: Path<String>,
    ) -> Find {
        let user_id = UserId::from_stored(user_id.0);
        let seen = users::find(&self.0, &origin, &caller, &user_id).await?;
        Ok(Json(AccountResponse::new("User", seen)))
    }
}

/// A page of accounts.
#[derive(Debug, Object)]
struct UsersResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// Newest first
    users: Vec<AccountView>,
    /// How many the whole list has, on all its pages; with `total_is_estimate`, at least so many
    total_count: u64,
    /// Counting stopped at 10,000
    total_is_estimate: bool,
    /// The `cursor` of the next page; null on the last one
    #[oai(nullable)]
    next_cursor: Option<String>,
    /// Whether there is a next page
    has_more: bool,
}

impl From<UserPage> for UsersResponse {
    fn from(page: UserPage) -> Self {
        let UserPage { listed, total } = page;
        Self {
            success: true,
            message: "Users".to_owned(),
            users: listed.rows.into_iter().map(AccountView::from).collect(),
            total_count: total.count,
            total_is_estimate: total.is_estimate,
            has_more: listed.next.is_some(),
            next_cursor: listed.next.as_ref().map(Key::to_cursor),
        }
    }
}

/// One account.
#[derive(Debug, Object)]
pub(crate) struct AccountResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    #[oai(flatten)]
    account: AccountView,
    /// The second factors; for administrators only
    #[oai(skip_serializing_if_is_none)]
    factors: Option<FactorsSummary>,
}

impl AccountResponse {
    pub(crate) fn new(message: &str, details: AccountDetails) -> Self {
        let AccountDetails { account, factors } = details;
        Self {
            success: true,
            message: message.to_owned(),
            account: account.into(),
            factors: factors.map(FactorsSummary::from),
        }
    }
}

/// The second factors of an account.
#[derive(Debug, Object)]
struct FactorsSummary {
    /// Whether a login needs one of them
    enabled: bool,
    /// Whether the role must have a second factor
    required: bool,
    /// Whether there is an authenticator app
    totp: bool,
    /// How many passkeys there are
    passkeys: u64,
    /// How many recovery codes are left
    recovery_codes_left: u64,
}

impl From<Summary> for FactorsSummary {
    fn from(summary: Summary) -> Self {
        let Summary {
            enabled,
            required,
            totp,
            passkeys,
            recovery_codes_left,
        } = summary;
        Self {
            enabled,
            required,
            totp,
            passkeys: passkeys.try_into().unwrap_or(u64::MAX),
            recovery_codes_left,
        }
    }
}
