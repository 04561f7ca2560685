//! A clinic to look at: patients with names of many languages, two weeks of appointments around now, consultations, and
//! reports of every state. All of these people are made up.
//!
//! What lies ahead is booked by the use case. What is over is written with its own time into the store, because the audit
//! trail takes no records of the past.

mod cases;
mod past;

use chrono::{Datelike, Days, Duration, NaiveDate, NaiveTime, Weekday};
use kernel::{
    clock::Timestamp,
    contact::Mobile,
    error::{Error, Result, RuleViolation},
    ids::{SessionId, UserId},
    methods::Methods,
    principal::Principal,
    profile::DateOfBirth,
    request::Origin,
    role::Role,
};
use platform::audit::{self, Event};

use self::{
    cases::{CASES, Case},
    past::Visit,
};
use crate::{
    access::{Action, Part},
    actions,
    app::App,
    appointments::{
        Title,
        documents::VisitType,
        interval::Interval,
        schedule::{Schedule, TypedHours, TypedSchedule},
        use_cases::{booking, schedules},
    },
    errors,
    patients::{
        birth::Birth,
        clinical::{Clinical, Frequency, Severity, Symptom, SymptomId, SymptomName},
        record::PatientRecord,
        relations::insert_patient,
        values::{Address, Sex},
        who::{PatientNames, Who},
    },
    records,
};

const PEOPLE: &str = include_str!("people.txt");
/// Appointments of this many days before and after today.
const DAYS: u64 = 7;
/// Consultations before those days.
const OLDER: u64 = 90;
/// What the desk writes on an appointment; a complaint is none of its business (ACC-4).
const TITLES: [&str; 4] = ["First visit", "Check-up", "Results", "Follow-up"];
const SLOT: Duration = Duration::minutes(30);
const HOURS: [(&str, &str); 2] = [("08:00", "12:00"), ("13:30", "17:30")];

/// The accounts of the demonstration.
pub struct Cast {
    /// Two approved doctors.
    pub doctors: [UserId; 2],
    /// Somebody at the desk.
    pub desk: UserId,
    /// A patient with an account.
    pub patient: UserId,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The clinic was made.
    Made(Counts),
    /// It stands already.
    Stood,
    /// An earlier call broke off in the middle.
    Broken,
}

/// What was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Patients.
    pub patients: usize,
    /// Appointments.
    pub appointments: usize,
    /// Consultations, each with a report but for the one that goes on.
    pub consultations: usize,
}

/// Fills the clinic once:
/// 1. if the first doctor has hours, it stands already;
/// 2. one audit record of all that is written for the past;
/// 3. the patients;
/// 4. the appointments of two weeks, with consultations and reports of those that are over;
/// 5. older consultations;
/// 6. the hours of the doctors, the first doctor's last.
///
/// # Errors
/// The database does not answer.
pub async fn fill(app: &App, cast: &Cast) -> Result<Outcome> {
    let [first, second] = &cast.doctors;
    if app.store.schedules().find(first).await?.is_some() {
        return Ok(Outcome::Stood);
    }
    if app.store.relations().any_of(first).await? {
        return Ok(Outcome::Broken);
    }
    let now = app.clock.now();
    let origin = Origin::of_the_service("demo-data".to_owned(), now);
    let event = Event::done(None, actions::RECORD_IMPORT).noting("demonstration");
    audit::record(app, &origin, event).await?;
    let mut clinic = Clinic {
        app,
        origin,
        desk: principal(app, &cast.desk, Role::Staff),
        doctors: [first, second].map(|it| principal(app, it, Role::Doctor)),
        patients: Vec::new(),
        counts: Counts::default(),
    };
    clinic.register(&cast.patient).await?;
    clinic.book().await?;
    clinic.remember().await?;
    for doctor in [second, first] {
        let hours = (doctor, clinic.schedule()?);
        schedules::replace(app, &clinic.origin, &clinic.desk, hours).await?;
    }
    Ok(Outcome::Made(clinic.counts))
}

fn principal(app: &App, user_id: &UserId, role: Role) -> Principal {
    Principal {
        user_id: user_id.clone(),
        role,
        session_id: SessionId::generate(&app.rng),
        token_expires_at: app.clock.now() + Duration::hours(1),
        methods: Methods::PASSWORD,
        auth_time: app.clock.now(),
    }
}

/// A value of this file or of `people.txt`, which keeps the rules.
fn fixed<T>(read: std::result::Result<T, RuleViolation>) -> Result<T> {
    read.map_err(|violation| Error::internal(violation.message))
}

struct Clinic<'a> {
    app: &'a App,
    origin: Origin,
    desk: Principal,
    doctors: [Principal; 2],
    /// The first one has an account.
    patients: Vec<PatientRecord>,
    counts: Counts,
}

impl Clinic<'_> {
    const fn now(&self) -> Timestamp {
        self.origin.now
    }

    fn below(&self, bound: usize) -> usize {
        let drawn = self.app.rng.below(bound.max(1) as u64);
        usize::try_from(drawn).unwrap_or_default()
    }

    fn case(&self) -> &'static Case {
        let drawn = CASES.get(self.below(CASES.len()));
        drawn.unwrap_or(const { &CASES[0] })
    }

    /// The patients of `people.txt`, in turn of the one and the other doctor; and the one who has an account.
    async fn register(&mut self, account: &UserId) -> Result<()> {
        let (app, now) = (self.app, self.now());
        let read = (Part::Appointments, Action::Read);
        let desk = &self.desk;
        let allowed = records::allow(app, &self.origin, desk, account, read.0, read.1).await?;
        let own = records::load(app, &self.origin, &allowed).await?;
        self.patients.push(own);
        for (number, line) in (1_u16..).zip(PEOPLE.lines()) {
            let who = self.who(number, line)?;
            let ago = Duration::hours(24 * i64::from(400 - number) + i64::from(number % 9));
            let made_at = (now - ago).min(now);
            let clinical = self.clinical(made_at)?;
            let id = app.people.new_patient_id(&self.origin).await?;
            let [first, second] = &self.doctors;
            let doctor = if number % 2 == 0 { first } else { second };
            let doctor = Some(&doctor.user_id);
            let record = insert_patient(app, &id, (&who, &clinical), doctor, made_at).await?;
            self.patients.push(record);
        }
        self.counts.patients = self.patients.len();
        Ok(())
    }

    fn who(&self, number: u16, line: &str) -> Result<Who> {
        let mut parts = line.split(';');
        let (sex, first, last) = (parts.next(), parts.next(), parts.next());
        let names = PatientNames::parse(None, first, last).map_err(Error::validation)?;
        let year = 1934 + u32::from(number) * 7 % 90;
        let (month, day) = (number % 12 + 1, number % 28 + 1);
        let born = format!("{year}-{month:02}-{day:02}");
        let (tens, ones) = (number / 100, number % 100);
        let phone = format!("+41 79 000 {tens:02} {ones:02}");
        Ok(Who {
            names,
            birth: Birth::Date(fixed(DateOfBirth::parse(&born, self.now()))?),
            sex: fixed(Sex::parse(if sex == Some("f") { "female" } else { "male" }))?,
            phone: Some(fixed(Mobile::parse(&phone))?),
            email: None,
            address: Some(fixed(Address::parse(&format!(
                "Example Road {number}\n8000 Zürich"
            )))?),
            referred_by: None,
            emergency_contact: None,
            language: None,
        })
    }

    fn clinical(&self, at: Timestamp) -> Result<Clinical> {
        let severities = [Severity::Mild, Severity::Moderate, Severity::Severe];
        let mut clinical = Clinical::default();
        fixed(clinical.add_symptom(Symptom {
            symptom_id: SymptomId::generate(&self.app.rng),
            symptom_name: fixed(SymptomName::parse(self.case().symptom))?,
            severity: severities.get(self.below(3)).copied(),
            frequency: Some(Frequency::Daily),
            duration: None,
            notes: None,
            recorded_at: at,
        }))?;
        Ok(clinical)
    }

    /// The appointments from `DAYS` before today to `DAYS` after it; two of three times are taken.
    async fn book(&mut self) -> Result<()> {
        let today = self.app.zone.date(self.now());
        let days = (today - Days::new(DAYS)).iter_days();
        // The first of the two weeks is for the one with an account, too.
        let mut next = 0;
        for day in days.take(2 * usize::try_from(DAYS).unwrap_or_default() + 1) {
            if !is_worked(day, today) {
                continue;
            }
            for doctor in self.doctors.clone() {
                for start in self.times(day)? {
                    if self.below(3) == 0 {
                        continue;
                    }
                    // The patients come in turn, so a patient never has two appointments at one time.
                    let patient = self.patients.get(next % self.patients.len()).cloned();
                    next += 1;
                    let patient = patient.ok_or_else(|| Error::internal("there is no patient"))?;
                    if start > self.now() {
                        self.ahead(&doctor, &patient, start).await?;
                    } else {
                        let visit = Visit {
                            doctor: &doctor,
                            patient: &patient,
                            start,
                            case: self.case(),
                        };
                        self.over(&visit).await?;
                    }
                    self.counts.appointments += 1;
                }
            }
        }
        Ok(())
    }

    /// Books what lies ahead, as the desk does.
    async fn ahead(
        &self,
        doctor: &Principal,
        patient: &PatientRecord,
        start: Timestamp,
    ) -> Result<()> {
        let booking = self.booking(doctor, patient, start)?;
        match booking::book(self.app, &self.origin, &self.desk, booking).await {
            // The patient with the account may have booked meanwhile.
            Err(error) if error.code == errors::SLOT_TAKEN => Ok(()),
            done => done.map(drop),
        }
    }

    fn booking(
        &self,
        doctor: &Principal,
        patient: &PatientRecord,
        start: Timestamp,
    ) -> Result<booking::Booking> {
        let title = TITLES.get(self.below(TITLES.len()));
        Ok(booking::Booking {
            title: fixed(Title::parse(title.copied().unwrap_or_default()))?,
            description: None,
            interval: fixed(Interval::new(start, start + SLOT))?,
            doctor_id: Some(doctor.user_id.clone()),
            patient_id: Some(patient.patient_id.clone()),
            kind: VisitType::ALL
                .get(self.below(3))
                .copied()
                .unwrap_or_default(),
            hold_id: None,
            overbook: None,
        })
    }

    /// The starts of a day's slots.
    fn times(&self, day: NaiveDate) -> Result<Vec<Timestamp>> {
        let mut starts = Vec::new();
        for (from, to) in HOURS {
            let at = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").map_err(Error::internal);
            let (mut at, to) = (day.and_time(at(from)?), day.and_time(at(to)?));
            while at < to {
                starts.push(self.app.zone.reached(at));
                at += SLOT;
            }
        }
        Ok(starts)
    }

    /// The week of both doctors.
    fn schedule(&self) -> Result<Schedule> {
        let today = self.app.zone.date(self.now());
        let days = today
            .iter_days()
            .take(7)
            .filter(|day| is_worked(*day, today));
        let rows = days.flat_map(|day| {
            HOURS.map(|(from, to)| TypedHours {
                day: day.format("%A").to_string().to_lowercase(),
                from: from.to_owned(),
                to: to.to_owned(),
            })
        });
        let typed = TypedSchedule {
            time_zone: self.app.zone.name().to_owned(),
            weekly: rows.collect(),
            slot_minutes: SLOT.num_minutes(),
            buffer_minutes: 0,
            min_notice_minutes: 60,
            max_days_ahead: 90,
            capacity: 1,
        };
        Schedule::parse(&typed).map_err(Error::validation)
    }
}

/// Monday to Friday; and today, so that there is something to look at on a weekend.
fn is_worked(day: NaiveDate, today: NaiveDate) -> bool {
    let is_weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    !is_weekend || day == today
}
