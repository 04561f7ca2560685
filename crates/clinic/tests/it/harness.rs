//! The clinic on the real server, with people from a table.

mod people;

use std::sync::Arc;

use clinic::{
    app::App,
    patients::{
        birth::Birth,
        clinical::Clinical,
        record::{CareRelation, PatientRecord},
        relations::{begin_visit, insert_patient},
        values::Sex,
        who::{PatientNames, Who},
    },
    people::People,
    sealing::FieldKeys,
    settings::Settings,
};
use crypto::settings::FieldSecret;
use kernel::{clock::Clock, ids::UserId, profile::DateOfBirth, secret::Secret};
use mail::MemoryMailer;
use platform::{
    Platform,
    slice::{COMMON, Slices},
};
use testkit::{Database, Parts, Server, TestCallers};

pub(crate) use self::people::Table;

pub(crate) const DOCTOR: &str = "DOC00000001";
pub(crate) const OTHER_DOCTOR: &str = "DOC00000002";
/// A doctor whom no administrator has approved.
pub(crate) const NEW_DOCTOR: &str = "DOC00000003";
pub(crate) const DESK: &str = "STF00000001";
pub(crate) const ADMIN: &str = "ADM00000001";
/// A patient with an account and no record yet.
pub(crate) const PATIENT: &str = "PAT00000001";
pub(crate) const OTHER_PATIENT: &str = "PAT00000002";
/// The field key of every clinic that has no other one.
pub(crate) const FIELD_KEY: &str = "the field key of the tests, 32 bytes or more";
/// The password of every caller.
pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) const SLICES: Slices = &[&COMMON, &clinic::SLICE];

/// One running instance.
pub(crate) struct Clinic {
    pub(crate) server: Server,
    pub(crate) app: Arc<App>,
    pub(crate) people: Arc<Table>,
}

impl std::ops::Deref for Clinic {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl Clinic {
    /// A ready clinic with the settings of the tests: its zone is Europe/Zurich.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same with other settings.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let (database, clock) = (Arc::new(Database::new()), Clock::manual());
        let people = Arc::new(Table::new());
        let database = (database, field_keys(FIELD_KEY));
        Self::on(database, clock, MemoryMailer::new(), people, change).await
    }

    /// Another instance on the same database, with the same clock, mailbox and people.
    pub(crate) async fn another(&self) -> Self {
        self.another_with_key(field_keys(FIELD_KEY)).await
    }

    /// Another instance, whose clock is ahead.
    pub(crate) async fn another_ahead(&self, by: chrono::Duration) -> Self {
        let clock = Clock::manual();
        clock.advance(self.clock.now() + by - clock.now());
        let (database, mails) = (Arc::clone(&self.server.database), self.server.mails.clone());
        let (database, people) = ((database, field_keys(FIELD_KEY)), Arc::clone(&self.people));
        Self::on(database, clock, mails, people, |_| {}).await
    }

    /// The same with another field key.
    pub(crate) async fn another_with_key(&self, keys: FieldKeys) -> Self {
        let (database, clock) = (Arc::clone(&self.server.database), self.server.clock.clone());
        let (mails, people) = (self.server.mails.clone(), Arc::clone(&self.people));
        Self::on((database, keys), clock, mails, people, |_| {}).await
    }

    /// The same clinic with another field key, which it has not proven.
    pub(crate) fn app_with_key(&self, keys: FieldKeys) -> App {
        App::new(
            Arc::clone(&self.server.platform),
            self.app.store.clone(),
            self.app.settings.clone(),
            Arc::clone(&self.app.people),
            keys,
        )
        .unwrap()
    }

    /// A patient of a doctor, without an account: `Anna Müller`, born 1990-05-17.
    pub(crate) async fn patient_of(&self, doctor: &str, name: &str) -> UserId {
        let id = UserId::from_stored(format!(
            "PAT9{:07}",
            self.server.platform.rng.below(10_000_000)
        ));
        let who = Who {
            names: PatientNames::parse(Some(name), None, None).unwrap(),
            birth: Birth::Date(DateOfBirth::parse("1990-05-17", self.clock.now()).unwrap()),
            sex: Sex::Female,
            phone: None,
            email: None,
            address: None,
            referred_by: None,
            emergency_contact: None,
            language: None,
        };
        let doctor = UserId::from_stored(doctor);
        let (data, now) = ((&who, &Clinical::default()), self.clock.now());
        insert_patient(&self.app, &id, data, Some(&doctor), now)
            .await
            .unwrap();
        id
    }

    /// The record of a patient, from the database.
    pub(crate) async fn record(&self, patient: &UserId) -> PatientRecord {
        let row = self.find_raw("patient_records", patient.as_str()).await;
        bson::deserialize_from_document(row).unwrap()
    }

    /// A row of the database.
    pub(crate) async fn find_raw(&self, collection: &str, id: &str) -> bson::Document {
        let rows = self.database.raw(collection).await;
        rows.find_one(bson::doc! { "_id": id })
            .await
            .unwrap()
            .unwrap()
    }

    /// The records of the audit trail, the oldest first.
    pub(crate) async fn audit(&self) -> Vec<serde_json::Value> {
        let rows = self.database.raw("audit_log").await;
        let mut found = rows.find(bson::doc! {}).await.unwrap();
        let mut records = Vec::new();
        while found.advance().await.unwrap() {
            let row = found.deserialize_current().unwrap();
            records.push(serde_json::to_value(row).unwrap());
        }
        records.sort_by_key(|it| it["_id"].to_string());
        records
    }

    async fn on(
        (database, keys): (Arc<Database>, FieldKeys),
        clock: Clock,
        mails: MemoryMailer,
        people: Arc<Table>,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let mut settings = Settings::default();
        settings.clinic.time_zone = Some("Europe/Zurich".to_owned());
        settings.clinic.default_calling_code = Some("41".to_owned());
        "http://localhost".clone_into(&mut settings.public_base_url);
        change(&mut settings);
        let table = clinic::index_table::table(&settings.collections, &settings.indexes);
        let of_people: Arc<dyn People> = Arc::<Table>::clone(&people);
        let mut built = None;
        let server = Server::start(
            database,
            clock,
            mails,
            SLICES,
            &table,
            async |platform: Arc<Platform>, connection| {
                let store = clinic::store::Store::new(connection, &settings.collections);
                let app =
                    App::new(Arc::clone(&platform), store, settings, of_people, keys).unwrap();
                app.prepare().await.unwrap();
                let app = Arc::new(app);
                built = Some(Arc::clone(&app));
                Parts {
                    handlers: clinic::http::handlers(&app),
                    authenticator: Arc::new(TestCallers(platform)),
                }
            },
        )
        .await;
        Self {
            server,
            app: built.unwrap(),
            people,
        }
    }
}

/// Lets a doctor treat a patient from now on.
pub(crate) async fn treat(clinic: &Clinic, doctor: &str, patient: &UserId) {
    let (app, now) = (&clinic.app, clinic.clock.now());
    let record = clinic.record(patient).await;
    let start = now + chrono::Duration::days(1);
    begin_visit(app, &UserId::from_stored(doctor), &record, start, now)
        .await
        .unwrap();
}

/// Ends the care of a doctor for a patient now.
pub(crate) async fn end_care(clinic: &Clinic, doctor: &str, patient: &UserId) {
    let rows = clinic.database.raw("care_relations").await;
    let id = CareRelation::id_of(&UserId::from_stored(doctor), patient);
    let until = bson::DateTime::from_chrono(clinic.clock.now());
    let update = bson::doc! { "$set": { "until": until } };
    rows.update_one(bson::doc! { "_id": id }, update)
        .await
        .unwrap();
}

/// Keys of a field secret.
pub(crate) fn field_keys(secret: &str) -> FieldKeys {
    field_keys_after(secret, None)
}

/// Keys of a field secret and its predecessor.
pub(crate) fn field_keys_after(secret: &str, previous: Option<&str>) -> FieldKeys {
    FieldKeys::new(&FieldSecret {
        current: Secret::new(secret.to_owned()),
        previous: previous.map(Secret::new),
    })
}
