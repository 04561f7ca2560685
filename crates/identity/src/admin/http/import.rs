//! `/admin/users/import`: invitations from a file.

use crate::{
    admin::{
        import::{self, Report, ReportRow, RowOutcome},
        rules::import::Fault,
    },
    app::App,
    http::Tag,
    permissions::UsersWrite,
};
use std::sync::Arc;

use poem_openapi::{Object, OpenApi, param::Query, payload::Json};

use kernel::error::Result;
use web::{Csv, Problem, RequestOrigin, caller::Caller, csv::Example, problem::error_set};

/// The operation.
#[derive(Debug, Clone)]
pub struct AdminImportApi(pub Arc<App>);

/// A file of invitations.
enum Invitations {}
impl Example for Invitations {
    const FILE: &'static str =
        "email,user_type,first_name,last_name\ndana@example.org,staff,Dana,Desk\n";
}

error_set!(
    /// Importing.
    ImportErrors = [] + BODY + BEARER
);

#[OpenApi(tag = "Tag::Administration")]
impl AdminImportApi {
    /// Invite colleagues from a CSV file
    ///
    /// The first row names the columns, in any order: `email`, `user_type` (`staff` or `admin`) and `first_name`, and if you
    /// like `last_name`, `username` and `mobile`; others are skipped. Commas or semicolons separate; up to 1,000 rows and 256
    /// KiB. Each row is one invitation as by `POST /admin/users`; a refused row does not stop the others. With `dry_run=true`
    /// nothing is written and no mail is sent. A person who was invited already is refused, so the same file can be sent again. For administrators.
    #[oai(
        path = "/admin/users/import",
        method = "post",
        operation_id = "import_users"
    )]
    async fn import(
        &self,
        caller: Caller<UsersWrite>,
        origin: RequestOrigin<'_>,
        /// Only say what would happen
        #[oai(default)]
        dry_run: Query<bool>,
        file: Csv<Invitations>,
    ) -> Result<Json<ImportResponse>, Problem<ImportErrors>> {
        let done = import::import(&self.0, &origin, &caller, &file.text, dry_run.0).await?;
        Ok(Json(ImportResponse::new(done, dry_run.0)))
    }
}

/// What became of the rows.
#[derive(Debug, Object)]
struct ImportResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// Whether nothing was written
    dry_run: bool,
    /// Each row below the names of the columns
    rows: Vec<ImportRow>,
    /// How many were invited, or with `dry_run` would be
    invited: u64,
    /// How many were refused, or with `dry_run` would be
    refused: u64,
    /// The columns that are not known and were skipped, from 1
    skipped_columns: Vec<u64>,
}

/// What became of a row.
#[derive(Debug, Object)]
struct ImportRow {
    /// Its number as spreadsheets count: the names of the columns are row 1
    row: u64,
    /// `invited`, `would_invite` or `refused`
    outcome: String,
    /// Where the invitation goes; absent if the row has faults
    #[oai(skip_serializing_if_is_none)]
    email: Option<String>,
    /// The account that was made
    #[oai(skip_serializing_if_is_none)]
    user_id: Option<String>,
    /// The error code that a single invitation would have answered; only if the row was refused
    #[oai(skip_serializing_if_is_none)]
    code: Option<String>,
    /// Why it was refused, in a sentence for people
    #[oai(skip_serializing_if_is_none)]
    reason: Option<String>,
    /// What is wrong in the row
    faults: Vec<ImportFault>,
}

/// What is wrong in a row.
#[derive(Debug, Object)]
struct ImportFault {
    /// The number of the column, from 1; absent if it is about the whole row
    #[oai(skip_serializing_if_is_none)]
    column: Option<u64>,
    /// The name of the column, or `row`
    field: String,
    /// A sentence for people
    message: String,
    /// A stable word, such as `missing`, `repeated` or `taken`
    #[oai(rename = "type")]
    kind: String,
}

/// A number as answers have it.
fn number(number: usize) -> u64 {
    number.try_into().unwrap_or(u64::MAX)
}

impl ImportResponse {
    fn new(report: Report, dry_run: bool) -> Self {
        let Report { rows, skipped } = report;
        let rows: Vec<_> = rows.into_iter().map(ImportRow::from).collect();
        let refused = rows.iter().filter(|row| row.code.is_some()).count();
        let invited = rows.len() - refused;
        let what = if dry_run {
            "would be invited"
        } else {
            "invited"
        };
        Self {
            success: true,
            message: format!("{invited} {what}, {refused} refused"),
            dry_run,
            rows,
            invited: number(invited),
            refused: number(refused),
            skipped_columns: skipped.into_iter().map(number).collect(),
        }
    }
}

impl From<ReportRow> for ImportRow {
    fn from(row: ReportRow) -> Self {
        let ReportRow {
            number: at,
            email,
            outcome,
        } = row;
        let (word, user_id, refusal, faults) = match outcome {
            RowOutcome::WouldInvite => ("would_invite", None, None, Vec::new()),
            RowOutcome::Invited(user_id) => ("invited", Some(user_id), None, Vec::new()),
            RowOutcome::Refused { refusal, faults } => ("refused", None, Some(refusal), faults),
        };
        let (code, reason) = refusal
            .map(|it| (it.code.code().to_owned(), it.message))
            .unzip();
        Self {
            row: number(at),
            outcome: word.to_owned(),
            email,
            user_id: user_id.map(Into::into),
            code,
            reason,
            faults: faults.into_iter().map(ImportFault::from).collect(),
        }
    }
}

impl From<Fault> for ImportFault {
    fn from(fault: Fault) -> Self {
        let Fault {
            place,
            kind,
            message,
        } = fault;
        Self {
            column: place.map(|place| number(place.column)),
            field: place.map_or("row", |place| place.name).to_owned(),
            message,
            kind: kind.to_owned(),
        }
    }
}
