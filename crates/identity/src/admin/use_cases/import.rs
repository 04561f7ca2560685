//! Invitations from a file: what would happen, and then each as a single invitation.

use super::{
    bulk::{Refusal, Run},
    users,
};
use crate::{
    actions,
    admin::rules::import::{Fault, Place, SheetRow, read},
    app::App,
    errors,
};
use kernel::{
    error::{Error, Result, RuleViolation},
    ids::UserId,
    principal::Principal,
    request::Origin,
};
use platform::audit::{self, Event};

/// What an import did, or with a dry run would do.
#[derive(Debug)]
pub struct Report {
    /// Each row.
    pub rows: Vec<ReportRow>,
    /// The columns that were skipped, from 1.
    pub skipped: Vec<usize>,
}

/// What became of a row.
#[derive(Debug)]
pub struct ReportRow {
    /// Its number as spreadsheets count.
    pub number: usize,
    /// The address of the invitation; `None` if the row has faults.
    pub email: Option<String>,
    /// What became of it.
    pub outcome: RowOutcome,
}

/// What became of a row.
#[derive(Debug)]
pub enum RowOutcome {
    /// The invitation would be sent.
    WouldInvite,
    /// The invitation is on its way.
    Invited(UserId),
    /// No invitation was made.
    Refused {
        /// Why.
        refusal: Refusal,
        /// What is wrong in which column.
        faults: Vec<Fault>,
    },
}

const TAKEN: RuleViolation = RuleViolation::new("taken", "An account or a registration has this");

/// Invites a colleague for each row of a file, one after the other:
///
/// 1. Read the file.
/// 2. Write the audit event of the import.
/// 3. For each row without faults, check that there is time left, that the database answers, and that the caller's session
///    and role still stand.
/// 4. Look whether the address and the username are free.
/// 5. Unless it is a dry run, invite, with the audit event and the mail of a single invitation.
///
/// A refused row does not stop the others. A repeated import refuses what the first one invited, and does the rest.
///
/// # Errors
/// `ValidationError` if the file as a whole cannot be read.
pub async fn import(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    text: &str,
    dry_run: bool,
) -> Result<Report> {
    let sheet = read(text).map_err(Error::validation)?;
    let kind = if dry_run { "dry run, " } else { "" };
    let detail = format!("{kind}{} rows", sheet.rows.len());
    let event = Event::of_admin(&caller.user_id, actions::USER_IMPORT, None);
    audit::record(app, origin, event.noting(&detail)).await?;
    let mut run = Run::new(app, origin, caller);
    let mut rows = Vec::new();
    for row in sheet.rows {
        rows.push(one(app, origin, caller, &mut run, row, dry_run).await);
    }
    Ok(Report {
        rows,
        skipped: sheet.skipped,
    })
}

async fn one(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    run: &mut Run<'_>,
    row: SheetRow,
    dry_run: bool,
) -> ReportRow {
    let SheetRow {
        number,
        colleague,
        keys,
    } = row;
    let refused = |error: &Error, faults| RowOutcome::Refused {
        refusal: Refusal::from(error),
        faults,
    };
    let colleague = match colleague {
        Ok(colleague) => *colleague,
        Err(faults) => {
            return ReportRow {
                number,
                email: None,
                outcome: refused(&errors::VALIDATION_ERROR.into(), faults),
            };
        }
    };
    let email = Some(colleague.person.contact.email.display().to_owned());
    let done = async {
        run.may_go_on().await?;
        let taken = taken(app, origin, &keys).await?;
        if !taken.is_empty() {
            return Ok(refused(&errors::USER_EXISTS.into(), taken));
        }
        if dry_run {
            return Ok(RowOutcome::WouldInvite);
        }
        let invited = users::invite(app, origin, caller, colleague).await;
        invited.map(RowOutcome::Invited)
    };
    let done: Result<RowOutcome> = done.await;
    ReportRow {
        number,
        email,
        outcome: done.unwrap_or_else(|error| {
            run.observe(&error);
            refused(&error, Vec::new())
        }),
    }
}

/// The columns whose values are taken. This is only a hint: the invitation decides.
async fn taken(app: &App, origin: &Origin, keys: &[(Place, String)]) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for (place, key) in keys {
        if app.store.identifiers().is_taken(key, origin.now).await? {
            faults.push(Fault::new(Some(*place), TAKEN));
        }
    }
    Ok(faults)
}
