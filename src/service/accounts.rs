//! Accounts that nobody registered: the administrators of the command line, the colleagues whom an administrator
//! invites, and demo data.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;

use super::{
    audit::{self, Event},
    codes::{self, Lifetimes, Recipient},
    letters, outbox, registration,
};
use crate::{
    app::App,
    clock::Timestamp,
    config::Secret,
    domain::{
        contact::{EmailAddress, Mobile},
        identifier::{email_key, user_id_key, username_key},
        ids::UserId,
        mail_state::{MailReason, MailRefusal},
        names::{LastName, PersonName},
        otp::{OtpChallenge, OtpPurpose},
        outbox::{Asked, MailJob, OutboxRow},
        request::Origin,
        role::Role,
        secret_hash::PasswordHash,
        user::{RoleFields, Status, User},
        username::Username,
    },
    error::{ErrorCode, Result},
    mail::{MailError, Mailer},
    store::{StoreError, unfinished::Work},
};

/// What became of the link with which a new administrator sets the password.
#[derive(Debug)]
pub enum FirstLink {
    /// It is here, since mails do not leave this machine.
    Shown(Secret),
    /// The mail server has taken the mail with it.
    Mailed,
    /// Its mail waits.
    Waiting {
        /// The service goes on trying until then.
        until: Timestamp,
        /// What stands in the way; none: the mail server lets the service in.
        reason: Option<MailError>,
    },
    /// Its mail was refused for good.
    Refused {
        /// Why.
        reason: MailReason,
    },
    /// There is none: as many as may be were made for the address (OTP-7).
    TooMany,
}

/// A demo account with its password.
#[derive(Debug)]
pub struct Demo {
    /// The account.
    pub user_id: UserId,
    /// Its address.
    pub email: String,
    /// Its password, in clear this once.
    pub password: Secret,
}

/// Makes an administrator without a password (ADM-2); [`first_link`] is the way to set one.
///
/// # Errors
/// `UserExists`; the database does not answer.
pub async fn create_admin(
    app: &App,
    email: &EmailAddress,
    username: Option<&Username>,
) -> Result<UserId> {
    let now = app.clock.now();
    let user = User {
        username: username.map(|name| name.as_str().to_owned()),
        ..invited(Role::Admin, email, now)
    };
    let origin = Origin::of_the_service(app.rng.uuid().to_string(), now);
    create(app, &origin, None, user).await
}

/// Makes the link for an administrator of [`create_admin`], and mails it; without SMTP, gives it.
///
/// # Errors
/// The database does not answer.
pub async fn first_link(app: &App, user_id: &UserId, email: &EmailAddress) -> Result<FirstLink> {
    let now = app.clock.now();
    let lifetimes = Lifetimes {
        code: Duration::zero(),
        link: Duration::hours(app.settings.config.registration.invitation_hours),
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
    let link = letters::link_of(app, &challenge).ok_or(ErrorCode::InternalError)?;
    Ok(FirstLink::Shown(link))
}

/// Tries a mail at once, and leaves it to the service if it cannot be sent.
async fn mail_now(app: &App, challenge: OtpChallenge, now: Timestamp) -> Result<FirstLink> {
    let until = challenge.expires_at;
    let mail = OutboxRow {
        id: app.rng.uuid().to_string(),
        email: challenge.email,
        user_id: Some(challenge.subject),
        intent: MailJob::Code {
            challenge: challenge.id,
            otp_id: challenge.otp_id,
        },
        language: None,
        attempts: 0,
        // Before all others: behind a dead mail server their turns would never end, and somebody waits here.
        due_at: Timestamp::UNIX_EPOCH,
        expires_at: until,
        created_at: now,
    };
    app.store.outbox().insert(&mail).await?;
    outbox::work_on_next(app).await?;
    let Some(left) = app.store.outbox().find_fate(&mail.id).await? else {
        return Ok(FirstLink::Mailed);
    };
    if let Some(MailRefusal { reason, .. }) = left.refusal {
        return Ok(FirstLink::Refused { reason });
    }
    let reason = app.mailer.check().await.err();
    Ok(FirstLink::Waiting { until, reason })
}

/// Somebody whom an administrator invites; every value is parsed already.
#[derive(Debug)]
pub struct NewColleague {
    /// Staff or admin.
    pub role: Role,
    /// Where the invitation goes.
    pub email: EmailAddress,
    /// None: the address and the user id are the names to log in with.
    pub username: Option<Username>,
    /// Telephone.
    pub mobile: Option<Mobile>,
    /// Given name.
    pub first_name: PersonName,
    /// Family name; may be empty.
    pub last_name: LastName,
}

/// Makes an account for `actor`, an administrator, and mails the link with which its owner sets the password.
///
/// # Errors
/// `UserExists`; `EmailError`: the account stands, the invitation is to be sent again; the database does not answer.
pub async fn invite(
    app: &App,
    origin: &Origin,
    actor: &UserId,
    new: NewColleague,
) -> Result<UserId> {
    let user = User {
        username: new.username.map(Into::into),
        mobile: new.mobile.map(Into::into),
        first_name: new.first_name.into(),
        last_name: new.last_name.into(),
        // Who invites and who is invited work in the same place.
        fields: RoleFields {
            language: origin.language.map(|language| language.tag().to_owned()),
            ..RoleFields::default()
        },
        ..invited(new.role, &new.email, origin.now)
    };
    let user_id = create(app, origin, Some(actor), user).await?;
    send_invitation(app, origin.into(), &user_id, new.email.canonical()).await?;
    Ok(user_id)
}

/// Mails an invitation, the first or another one; the newest counts.
///
/// # Errors
/// `EmailError`: it cannot even be stored.
pub async fn send_invitation(app: &App, asked: Asked, user_id: &UserId, email: &str) -> Result<()> {
    let hours = Duration::hours(app.settings.config.registration.invitation_hours);
    let intent = MailJob::Invitation {
        account: user_id.clone(),
    };
    outbox::enqueue(app, asked, email, intent, hours)
        .await
        .map(drop)
}

/// Makes a demo account of `role` with a new random password.
///
/// # Errors
/// The database does not answer; the hashing queue is full.
pub async fn create_demo(app: &App, role: Role) -> Result<Demo> {
    let now = app.clock.now();
    let password = Secret::new(URL_SAFE_NO_PAD.encode(app.rng.bytes::<18>()));
    let hash: PasswordHash = app.hasher.hash(password.expose().as_bytes()).await?;
    let suffix = app.rng.below(1_000_000);
    let address = format!("demo-{}-{suffix:06}@example.org", role.name());
    let email = EmailAddress::parse(&address).map_err(|_| ErrorCode::InternalError)?;
    let user = User {
        password_hash: Some(hash),
        username: Some(format!("demo-{}-{suffix:06}", role.name())),
        approved: (role == Role::Doctor).then_some(true),
        ..blank(role, &email, now)
    };
    let origin = Origin::of_the_service(app.rng.uuid().to_string(), now);
    let user_id = create(app, &origin, None, user).await?;
    Ok(Demo {
        user_id,
        email: address,
        password,
    })
}

/// An account whose owner has yet to prove the address, by the link that is mailed there.
fn invited(role: Role, email: &EmailAddress, now: Timestamp) -> User {
    User {
        status: Status::Invited,
        is_verified: false,
        ..blank(role, email, now)
    }
}

fn blank(role: Role, email: &EmailAddress, now: Timestamp) -> User {
    User {
        id: bson::Bson::Null,
        user_id: UserId::from_stored(String::new()),
        username: None,
        email: email.canonical().to_owned(),
        email_display: Some(email.display().to_owned()),
        mobile: None,
        password_hash: None,
        user_type: role,
        first_name: role.name().to_owned(),
        last_name: String::new(),
        fields: RoleFields::default(),
        approved: None,
        is_verified: true,
        status: Status::Active,
        created_at: Some(now),
        updated_at: Some(now),
        last_login_at: None,
        sessions_at_most: Some(0),
        lockout: None,
        login_addresses: Vec::new(),
    }
}

/// Holds the names for long enough to write the account.
const HELD: Duration = Duration::minutes(5);

/// Where a crash is tried: between the writes of `create`.
pub const CREATE_STEPS: [&str; 5] = [
    "create:reserve",
    "create:audit",
    "create:account",
    "create:names",
    "create:end",
];

/// Writes an account, for `actor` or, without one, for a command: 1 reserve an id; 2 note what is begun; 3 reserve the
/// address and the username; 4 audit; 5 the account; 6 the names become its own; 7 the note goes. After a crash the
/// sweeper frees the names, or gives them to the account that stands.
///
/// # Errors
/// `UserExists`; the database does not answer.
async fn create(app: &App, origin: &Origin, actor: Option<&UserId>, user: User) -> Result<UserId> {
    let now = origin.now;
    let identifiers = app.store.identifiers();
    let unfinished = app.store.unfinished();
    let until = now + HELD;
    let user_id = registration::reserve_user_id(app, user.user_type, until).await?;
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
            return Err(ErrorCode::UserExists.into());
        }
    }
    app.fail_point.pass("create:audit")?;
    let event = Event {
        actor,
        ..Event::of_admin(&user_id, "create_user", Some(&user_id))
    };
    if let Err(error) = audit::record(app, origin, event).await {
        // Whoever tries again at once must not meet the names of this try.
        give_up(app, &user_id).await?;
        return Err(error);
    }
    app.fail_point.pass("create:account")?;
    match app.store.accounts().insert(&user).await {
        // REG-2: the second line. The account is one that `identifiers` did not know of yet.
        Err(StoreError::Duplicate) => {
            give_up(app, &user_id).await?;
            return Err(ErrorCode::UserExists.into());
        }
        inserted => drop(inserted?),
    }
    app.fail_point.pass("create:names")?;
    give_names(app, &user, now).await?;
    app.fail_point.pass("create:end")?;
    unfinished.end(&user_id).await?;
    Ok(user_id)
}

fn keys_of(user: &User) -> Vec<String> {
    let mut keys = vec![user_id_key(user.user_id.as_str()), email_key(&user.email)];
    keys.extend(user.username.as_deref().map(username_key));
    keys
}

async fn give_names(app: &App, user: &User, now: Timestamp) -> Result<()> {
    let identifiers = app.store.identifiers();
    for key in keys_of(user) {
        if !identifiers.activate(&key, &user.user_id, now).await? {
            // After a crash and a long outage: the hold had ended, and somebody else has taken the name.
            let kind = key.split(':').next();
            tracing::error!(user_id = %user.user_id, kind, "an account stands without a name that it was made with");
        }
    }
    Ok(())
}

/// Ends [`create`] before there is an account.
async fn give_up(app: &App, user_id: &UserId) -> Result<()> {
    app.store.identifiers().release_all(user_id).await?;
    Ok(app.store.unfinished().end(user_id).await?)
}

/// Finishes [`create`] after it was cut off: an account that stands gets its names, without one they are freed.
///
/// # Errors
/// The database does not answer.
pub(super) async fn finish(app: &App, user_id: &UserId, now: Timestamp) -> Result<()> {
    match app.store.accounts().find_by_user_id(user_id).await? {
        Some(user) => {
            give_names(app, &user, now).await?;
            Ok(app.store.unfinished().end(user_id).await?)
        }
        None => give_up(app, user_id).await,
    }
}
