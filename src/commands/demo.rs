//! `clinic-auth demo-data`: a clinic to look at.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use chrono::{Datelike, Days, Weekday};
use clinic::demo::{self as clinic_demo, Cast, Outcome};
use clinic_auth::{config::Environment, program::Program};
use identity::accounts::{self, Character, Demo};
use kernel::role::Role;
use platform::activity::{self, Counted, DAYS};

use super::{prepared, say, settings};

const CHARACTERS: [Character; 5] = [
    character(
        Role::Patient,
        "demo-patient",
        ["Amélie", "Noël"],
        None,
        Some("1988-02-29"),
    ),
    character(
        Role::Doctor,
        "demo-doctor",
        ["Ada", "Okonkwo"],
        Some("General medicine"),
        None,
    ),
    character(
        Role::Doctor,
        "demo-doctor-2",
        ["José", "Müller"],
        Some("Cardiology"),
        None,
    ),
    character(Role::Staff, "demo-desk", ["Minh", "Trần"], None, None),
    character(Role::Admin, "demo-admin", ["Ines", "Admin"], None, None),
];

const fn character(
    role: Role,
    username: &'static str,
    [first_name, last_name]: [&'static str; 2],
    specialization: Option<&'static str>,
    date_of_birth: Option<&'static str>,
) -> Character {
    Character {
        role,
        username,
        first_name,
        last_name,
        specialization,
        date_of_birth,
    }
}

/// Makes the accounts and the clinic of the demonstration once, and prints who logs in with which password each time.
pub(crate) async fn demo_data() -> Result<ExitCode> {
    if settings()?.environment == Environment::Production {
        bail!("demo data is for development only (ENVIRONMENT)");
    }
    let program = prepared().await?;
    let mut made = Vec::new();
    for character in &CHARACTERS {
        let demo = accounts::cast(&program.identity, character).await;
        made.push(demo.context("a demo account was not created")?);
    }
    let filled = fill(&program, &made).await;
    program.close().await;
    for (character, demo) in CHARACTERS.iter().zip(&made) {
        say(&format!(
            "{:<8} {}  {}  password {}",
            character.role.name(),
            demo.user_id,
            demo.email,
            demo.password.expose()
        ));
    }
    say(&filled?);
    Ok(ExitCode::SUCCESS)
}

/// Fills the clinic, and says what it has.
async fn fill(program: &Program, accounts: &[Demo]) -> Result<String> {
    let Some(clinic) = &program.clinic else {
        return Ok("The clinic's records are off (clinic.enabled).".to_owned());
    };
    let [patient, first, second, desk, ..] = accounts else {
        bail!("there is an account too few");
    };
    let cast = Cast {
        doctors: [&first.user_id, &second.user_id].map(Clone::clone),
        desk: desk.user_id.clone(),
        patient: patient.user_id.clone(),
    };
    let outcome = clinic_demo::fill(clinic, &cast).await;
    let outcome = outcome.context("the clinic was not filled")?;
    if let Outcome::Made(_) = outcome {
        let busy = past_activity(program).await;
        busy.context("the days before today were not counted")?;
    }
    Ok(match outcome {
        Outcome::Made(counts) => format!(
            "The clinic has {} patients, {} appointments around today and {} consultations.",
            counts.patients, counts.appointments, counts.consultations
        ),
        Outcome::Stood => "The clinic stands already; nothing was changed.".to_owned(),
        Outcome::Broken => {
            "An earlier call broke off: the clinic is not complete. Remove the database and call again.".to_owned()
        }
    })
}

/// Counts logins, registrations and mails for each day before today that the administrator's charts show.
async fn past_activity(program: &Program) -> Result<()> {
    let platform = &program.identity.platform;
    let today = platform.clock.now().date_naive();
    for (back, number) in (1..DAYS).zip(0..) {
        let day = today - Days::new(back);
        let (usual, new) = match day.weekday() {
            Weekday::Sat => (14, 1),
            Weekday::Sun => (6, 0),
            _ => (52, 4),
        };
        let logins = usual + number * 7 % 11;
        let registrations = new * (number % 3);
        let counts = [
            (Counted::Logins, logins),
            (Counted::FailedLogins, logins / 9),
            (Counted::Registrations, registrations),
            (Counted::MailsSent, registrations * 2 + logins / 5),
        ];
        activity::demonstrate(platform, day, &counts).await?;
    }
    Ok(())
}
