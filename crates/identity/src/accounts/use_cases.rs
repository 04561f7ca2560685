//! Accounts without a registration: administrators made on the command line, colleagues whom an administrator invites,
//! and demo accounts.

use crate::{
    accounts::{
        documents::{Status, User},
        rules::identifier::keys_of,
        store::unfinished::Work,
    },
    actions,
    app::App,
    codes::{
        self, Lifetimes, Recipient,
        documents::{OtpChallenge, OtpPurpose},
    },
    errors,
    mails::{
        documents::{MailJob, OutboxRow},
        mail_jobs, outbox,
    },
    registration,
};
use chrono::Duration;
use store::StoreError;

use kernel::{
    clock::Timestamp,
    contact::EmailAddress,
    error::Result,
    ids::UserId,
    names::PersonName,
    person::{Contact, Names, Person, RoleFields},
    request::Origin,
    role::Role,
    secret::Secret,
    username::Username,
};
use mail::{
    MailError, Mailer,
    state::{MailReason, MailRefusal},
};
use platform::{
    audit::{self, Event},
    outbox::MailRequest,
};

/// The outcome for the link with which a new administrator sets the password.
#[derive(Debug)]
pub enum FirstLink {
    /// The link itself, because mails do not leave this machine.
    Shown(Secret),
    /// The mail server has accepted the mail with the link.
    Mailed,
    /// The mail waits.
    Waiting {
        /// The service tries to send it until then.
        until: Timestamp,
        /// The problem; `None` if the mail server lets the service log in.
        reason: Option<MailError>,
    },
    /// The mail was refused permanently.
    Refused {
        /// The reason.
        reason: MailReason,
    },
    /// There is no link: the limit of links for the address is reached (OTP-7).
    TooMany,
}

/// Makes an administrator without a password (ADM-2). [`first_link`] is the way to set one.
///
/// # Errors
/// `UserExists` if the address or the username is taken.
pub async fn create_admin(
    app: &App,
    email: &EmailAddress,
    username: Option<&Username>,
) -> Result<UserId> {
    let now = app.clock.now();
    let mut user = invited(Role::Admin, unnamed(Role::Admin, email), now);
    user.person.names.username = username.cloned();
    let origin = Origin::of_the_service(app.rng.uuid().to_string(), now);
    create(app, &origin, None, user).await
}

/// Makes the link for an administrator of [`create_admin`], and mails it. Without SMTP, it returns the link.
pub async fn first_link(app: &App, user_id: &UserId, email: &EmailAddress) -> Result<FirstLink> {
    let now = app.clock.now();
    let lifetimes = Lifetimes {
        code: Duration::zero(),
        link: Duration::hours(app.settings.registration.invitation_hours),
    };
    let recipient = Recipient::account(user_id, email.canonical());
    let purpose = OtpPurpose::PasswordReset;
    let issued = codes::issue(app, now, purpose, recipient, lifetimes, Duration::zero()).await?;
    let Some(challenge) = issued else {
        return Ok(FirstLink::TooMany);
    };
    if matches!(app.mailer, Mailer::Smtp(_)) {
        return mail_now(app, challenge, now).await;
    }
    let link = mail_jobs::link_of(app, &challenge).ok_or(errors::INTERNAL_ERROR)?;
    Ok(FirstLink::Shown(link))
}

/// Tries to send a mail at once, and leaves it to the service if that fails.
async fn mail_now(app: &App, challenge: OtpChallenge, now: Timestamp) -> Result<FirstLink> {
    let until = challenge.expires_at;
    let mail = OutboxRow {
        id: app.rng.uuid().to_string(),
        email: challenge.email,
        user_id: Some(challenge.subject),
        job: MailJob::Code {
            challenge: challenge.id,
            otp_id: challenge.otp_id,
        },
        language: None,
        attempts: 0,
        // Due before all other mails: with a dead mail server the others take long, and the operator waits here.
        due_at: Timestamp::UNIX_EPOCH,
        expires_at: until,
        created_at: now,
    };
    app.store.outbox().insert(&mail).await?;
    outbox::work_on_next(app).await?;
    let Some(left) = app.store.outbox().find_outcome(&mail.id).await? else {
        return Ok(FirstLink::Mailed);
    };
    if let Some(MailRefusal { reason, .. }) = left.refusal {
        return Ok(FirstLink::Refused { reason });
    }
    let reason = app.mailer.check(app.clock.now()).await.err();
    Ok(FirstLink::Waiting { until, reason })
}

/// A colleague whom an administrator invites; every value is parsed already.
#[derive(Debug)]
pub struct NewColleague {
    /// Staff or admin.
    pub role: Role,
    /// The person. The address gets the invitation.
    pub person: Person,
}

/// Makes an account on behalf of `actor`, an administrator, and mails the link with which its owner sets the password.
///
/// # Errors
/// `UserExists` if the address or the username is taken. `EmailError` if the outbox cannot store the invitation: the
/// account exists, and the administrator sends the invitation again.
pub async fn invite(
    app: &App,
    origin: &Origin,
    actor: &UserId,
    NewColleague { role, mut person }: NewColleague,
) -> Result<UserId> {
    // The administrator and the colleague work in the same place, so they read the same language.
    person.fields.language = origin.language.map(Into::into);
    let email = person.contact.email.clone();
    let user = invited(role, person, origin.now);
    let user_id = create(app, origin, Some(actor), user).await?;
    send_invitation(app, origin.into(), &user_id, email.canonical()).await?;
    Ok(user_id)
}

/// The same for a patient whose record has the id already.
///
/// # Errors
/// `UserExists` if the address is taken.
pub async fn invite_as(
    app: &App,
    origin: &Origin,
    actor: &UserId,
    user_id: &UserId,
    person: Person,
) -> Result<()> {
    let email = person.contact.email.clone();
    let user = invited(Role::Patient, person, origin.now);
    create_as(app, origin, Some(actor), user, user_id.clone()).await?;
    send_invitation(app, origin.into(), user_id, email.canonical()).await
}

/// Mails an invitation, the first one or a new one. Only the newest is valid.
///
/// # Errors
/// `EmailError` if the outbox cannot store the mail job.
pub async fn send_invitation(
    app: &App,
    request: MailRequest,
    user_id: &UserId,
    email: &str,
) -> Result<()> {
    let hours = Duration::hours(app.settings.registration.invitation_hours);
    let job = MailJob::Invitation {
        account: user_id.clone(),
    };
    outbox::enqueue(app, request, email, job, hours)
        .await
        .map(drop)
}

/// An account whose owner has not proven the address yet; the mailed link proves it. [`create`] gives it a user id.
fn invited(role: Role, person: Person, now: Timestamp) -> User {
    User {
        status: Status::Invited,
        is_verified: false,
        ..User::new(UserId::from_stored(String::new()), role, person, now)
    }
}

/// A person of whom only the address is known. The role stands for the name.
pub(super) fn unnamed(role: Role, email: &EmailAddress) -> Person {
    Person {
        names: Names {
            first_name: PersonName::parse(role.name()).unwrap_or_default(),
            ..Names::default()
        },
        contact: Contact {
            email: email.clone(),
            mobile: None,
        },
        fields: RoleFields::default(),
    }
}

/// How long the names are reserved; enough to insert the account.
pub(crate) const RESERVED_FOR: Duration = Duration::minutes(5);

/// The fail points between the writes of `create`, for tests of crashes.
pub const CREATE_STEPS: [&str; 5] = [
    "create:reserve",
    "create:audit",
    "create:account",
    "create:names",
    "create:end",
];

/// Inserts an account, for `actor` or, without one, for a command:
///
/// 1. Reserve a user id.
/// 2. Store a note of the unfinished work.
/// 3. Reserve the address and the username.
/// 4. Write the audit event.
/// 5. Insert the account.
/// 6. Activate its identifiers.
/// 7. Delete the note.
///
/// After a crash the sweeper frees the identifiers, or activates them if the account exists.
///
/// # Errors
/// `UserExists` if the address or the username is taken.
pub(super) async fn create(
    app: &App,
    origin: &Origin,
    actor: Option<&UserId>,
    user: User,
) -> Result<UserId> {
    let until = origin.now + RESERVED_FOR;
    let user_id = registration::reserve_user_id(app, user.user_type, until).await?;
    create_as(app, origin, actor, user, user_id).await
}

/// [`create`] from step 2 on, with an id that is reserved for the account.
async fn create_as(
    app: &App,
    origin: &Origin,
    actor: Option<&UserId>,
    user: User,
    user_id: UserId,
) -> Result<UserId> {
    let now = origin.now;
    let identifiers = app.store.identifiers();
    let unfinished = app.store.unfinished();
    let until = now + RESERVED_FOR;
    unfinished.begin(Work::Creation, &user_id, now).await?;
    app.fail_point.pass("create:reserve")?;
    let user = User {
        id: user_id.as_str().into(),
        user_id: user_id.clone(),
        ..user
    };
    for key in keys_of(&user) {
        if !identifiers.reserve(&key, &user_id, until, now).await?
            && identifiers
                .find(&key)
                .await?
                .is_none_or(|row| row.owner != user_id)
        {
            give_up(app, &user_id).await?;
            return Err(errors::USER_EXISTS.into());
        }
    }
    app.fail_point.pass("create:audit")?;
    let event = Event {
        actor,
        ..Event::of_admin(&user_id, actions::USER_INVITE, Some(&user_id))
    };
    if let Err(error) = audit::record(app, origin, event).await {
        // The identifiers are freed, because a second try at once must not find them taken.
        give_up(app, &user_id).await?;
        return Err(error);
    }
    app.fail_point.pass("create:account")?;
    match app.store.accounts().insert(&user).await {
        // The unique index is the second line of defence, for an account that `identifiers` did not know yet (REG-2).
        Err(StoreError::Duplicate) => {
            give_up(app, &user_id).await?;
            return Err(errors::USER_EXISTS.into());
        }
        inserted => drop(inserted?),
    }
    app.fail_point.pass("create:names")?;
    give_names(app, &user, now).await?;
    app.fail_point.pass("create:end")?;
    unfinished.end(&user_id).await?;
    Ok(user_id)
}

async fn give_names(app: &App, user: &User, now: Timestamp) -> Result<()> {
    let identifiers = app.store.identifiers();
    for key in keys_of(user) {
        if !identifiers.activate(&key, &user.user_id, now).await? {
            // After a crash and a long outage: the reservation had expired, and another account has the name now.
            let kind = key.split(':').next();
            tracing::error!(user_id = %user.user_id, kind, "an account stands without a name that it was made with");
        }
    }
    Ok(())
}

/// Ends [`create`] before the account exists.
async fn give_up(app: &App, user_id: &UserId) -> Result<()> {
    app.store.identifiers().release_all(user_id).await?;
    Ok(app.store.unfinished().end(user_id).await?)
}

/// Finishes an interrupted [`create`]: if the account exists, its identifiers become active, otherwise they are freed.
pub(crate) async fn finish(app: &App, user_id: &UserId, now: Timestamp) -> Result<()> {
    match app.store.accounts().find_by_user_id(user_id).await? {
        Some(user) => {
            give_names(app, &user, now).await?;
            Ok(app.store.unfinished().end(user_id).await?)
        }
        None => give_up(app, user_id).await,
    }
}
