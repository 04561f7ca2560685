//! The mails with the links of one's own account. A link is derived when its mail is sent, and is sent only while its
//! change waits for it.

use chrono::Duration;

use crate::{
    accounts::{documents::User, rules::identifier::email_key},
    app::App,
    letters::{address_in_use, deletion_begun, deletion_request, email_change, email_changed},
    mails::{
        documents::{MailJob, OutboxRow},
        letters::minutes_left,
        outbox,
    },
    own_account::{
        documents::{EmailUndo, Proof},
        links::{code_of, link_of},
        rules::link::Link,
    },
    throttle,
};
use kernel::{clock::Timestamp, error::Result, ids::UserId};
use mail::message::{Letter, Values};
use platform::outbox::{self as queue, MailDecision, MailRequest};

/// Enqueues the mail with a link, to `email`. A repetition changes nothing until the mail is sent.
///
/// # Errors
/// `EmailError` if the outbox cannot store the mail job.
pub(crate) async fn enqueue(
    app: &App,
    request: MailRequest,
    (link, account, proof): (Link, &UserId, &Proof),
    email: &str,
    lifetime: Duration,
) -> Result<()> {
    let job = MailJob::AccountLink {
        link,
        account: account.clone(),
        proof_id: proof.proof_id.clone(),
    };
    let row = queue::row(app, request, email, job, lifetime);
    let row = OutboxRow {
        id: format!("{}-{}", link.name(), proof.proof_id),
        user_id: Some(account.clone()),
        ..row
    };
    queue::enqueue_row(app, row).await
}

/// What is mailed for a link.
pub(crate) async fn of_link(
    app: &App,
    row: &OutboxRow,
    link: Link,
    (account, proof_id): (&UserId, &str),
    now: Timestamp,
) -> Result<MailDecision> {
    let Some(user) = app.store.accounts().find_by_user_id(account).await? else {
        return Ok(MailDecision::NotNeeded);
    };
    let found = match link {
        Link::ConfirmEmail => confirm_email(app, row, &user, proof_id, now).await?,
        Link::UndoEmail => undo_email(app, &user, proof_id, now).await?,
        Link::ConfirmDeletion | Link::CancelDeletion => {
            deletion(app, link, &user, proof_id, now).await?
        }
    };
    let (letter, values) = match found {
        Found::Letter(letter, values) => (letter, values),
        Found::NotNeeded => return Ok(MailDecision::NotNeeded),
        Found::TooLate => return Ok(MailDecision::TooLate),
    };
    let language = user.person.fields.language;
    queue::render(app, row, letter, &values, language).map(MailDecision::Ready)
}

enum Found {
    Letter(&'static Letter, Values),
    NotNeeded,
    TooLate,
}

/// The code and the link to a new address. If the address is taken, its owner gets a notice instead, once a day at most;
/// the caller learns nothing (D1).
async fn confirm_email(
    app: &App,
    row: &OutboxRow,
    user: &User,
    proof_id: &str,
    now: Timestamp,
) -> Result<Found> {
    let found = app.store.email_changes().find(&user.user_id).await?;
    let waits =
        |change: &crate::own_account::documents::EmailChange| change.proof.proof_id == proof_id;
    let Some(change) = found.filter(|change| waits(change) && change.working_since.is_none())
    else {
        return Ok(Found::NotNeeded);
    };
    let lifetime = super::email_proof_lifetime(app);
    let Some(minutes) = minutes_left(change.expires_at, lifetime, now) else {
        return Ok(Found::TooLate);
    };
    let identifiers = app.store.identifiers();
    let key = email_key(&change.new_email);
    let owner = identifiers.find(&key).await?.map(|row| row.owner);
    if owner.as_ref() != Some(&user.user_id) && identifiers.is_taken(&key, now).await? {
        tell_owner(app, row, &change.new_email, now).await?;
        return Ok(Found::NotNeeded);
    }
    let code = code_of(app, &change);
    let link = link_of(app, Link::ConfirmEmail, &change.proof, &user.user_id);
    let (Some(code), Some(link)) = (code, link) else {
        return Ok(Found::NotNeeded);
    };
    let values = email_change::values(code, link, minutes);
    Ok(Found::Letter(&email_change::LETTER, values))
}

async fn tell_owner(app: &App, row: &OutboxRow, email: &str, now: Timestamp) -> Result<()> {
    let key = format!("address-in-use:{}", throttle::pseudonymize(app, email));
    if app.store.throttles().count(&key, 86_400, now).await?.count > 1 {
        return Ok(());
    }
    let request = MailRequest {
        at: now,
        language: row.language,
    };
    outbox::enqueue_notice(app, request, email, address_in_use::job()).await
}

/// The notice to the old address, with the link that restores it (SELF-3).
async fn undo_email(app: &App, user: &User, proof_id: &str, now: Timestamp) -> Result<Found> {
    let id = format!("{}:{proof_id}", user.user_id);
    let Some(undo) = app.store.email_undos().find(&id).await? else {
        return Ok(Found::NotNeeded);
    };
    let EmailUndo {
        proof,
        changed_at,
        expires_at,
        ..
    } = undo;
    let link = link_of(app, Link::UndoEmail, &proof, &user.user_id);
    let left = (expires_at - now).num_minutes();
    Ok(match link.filter(|_| left > 0) {
        Some(link) => {
            let values = email_changed::values(changed_at, link, left);
            Found::Letter(&email_changed::LETTER, values)
        }
        None => Found::NotNeeded,
    })
}

async fn deletion(
    app: &App,
    link: Link,
    user: &User,
    proof_id: &str,
    now: Timestamp,
) -> Result<Found> {
    let found = app.store.account_deletions().find(&user.user_id).await?;
    let Some(deletion) = found.filter(|deletion| deletion.proof.proof_id == proof_id) else {
        return Ok(Found::NotNeeded);
    };
    let Some(address) = link_of(app, link, &deletion.proof, &user.user_id) else {
        return Ok(Found::NotNeeded);
    };
    Ok(match (link, deletion.due_at) {
        (Link::CancelDeletion, Some(due_at)) if due_at > now => {
            let values = deletion_begun::values(due_at, address);
            Found::Letter(&deletion_begun::LETTER, values)
        }
        (Link::ConfirmDeletion, None) => {
            let lifetime = super::deletion_proof_lifetime(app);
            match minutes_left(deletion.confirm_until, lifetime, now) {
                Some(minutes) => {
                    let days = app.settings.account.deletion_days;
                    let values = deletion_request::values(address, minutes, days);
                    Found::Letter(&deletion_request::LETTER, values)
                }
                None => Found::TooLate,
            }
        }
        _ => Found::NotNeeded,
    })
}
