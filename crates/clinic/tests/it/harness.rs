//! The clinic on the real server, with people from a table.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

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
    people::{Doctor, Holder, HolderChange, Invited, People},
    sealing::FieldKeys,
    settings::Settings,
};
use crypto::settings::FieldSecret;
use futures_util::{FutureExt, future::BoxFuture};
use kernel::{
    clock::Clock,
    error::Result,
    ids::UserId,
    page::{Key, Listed},
    principal::Principal,
    profile::DateOfBirth,
    request::Origin,
    role::Role,
    secret::Secret,
};
use mail::MemoryMailer;
use platform::{
    Platform,
    slice::{COMMON, Slices},
};
use testkit::{Database, Parts, Server, TestCallers};

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

/// People in a table.
pub(crate) struct Table {
    pub(crate) doctors: Mutex<BTreeMap<UserId, Doctor>>,
    pub(crate) holders: Mutex<BTreeMap<UserId, Holder>>,
    pub(crate) invited: Mutex<Vec<Invited>>,
    /// Is called when the owner of a patient's account is asked for.
    pub(crate) when_asked: Mutex<Option<Box<dyn FnMut() + Send>>>,
    next: Mutex<u32>,
}

impl Table {
    fn new() -> Self {
        let doctor = |id: &str, name: &str, is_approved| {
            let doctor_id = UserId::from_stored(id);
            let doctor = Doctor {
                doctor_id: doctor_id.clone(),
                name: name.to_owned(),
                specialization: Some("Cardiology".to_owned()),
                is_approved,
            };
            (doctor_id, doctor)
        };
        Self {
            doctors: Mutex::new(BTreeMap::from([
                doctor(DOCTOR, "Ada Lovelace", true),
                doctor(OTHER_DOCTOR, "Grace Hopper", true),
                doctor(NEW_DOCTOR, "Nora New", false),
            ])),
            holders: Mutex::new(BTreeMap::from([
                holder(PATIENT, "Jane", "Doe"),
                holder(OTHER_PATIENT, "John", "Roe"),
            ])),
            invited: Mutex::default(),
            when_asked: Mutex::default(),
            next: Mutex::new(50_000_000),
        }
    }

    /// Gives a patient an account.
    pub(crate) fn register(&self, id: &str, first: &str, last: &str) -> UserId {
        let (user_id, holder) = holder(id, first, last);
        self.holders.lock().unwrap().insert(user_id.clone(), holder);
        user_id
    }
}

fn holder(id: &str, first: &str, last: &str) -> (UserId, Holder) {
    let user_id = UserId::from_stored(id);
    let holder = Holder {
        user_id: user_id.clone(),
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        email: format!("{}@example.org", first.to_lowercase()),
        mobile: Some("+41790000000".to_owned()),
        date_of_birth: Some("1990-05-17".to_owned()),
        language: None,
    };
    (user_id, holder)
}

impl People for Table {
    fn doctor<'a>(&'a self, id: &'a UserId) -> BoxFuture<'a, Result<Option<Doctor>>> {
        let found = self.doctors.lock().unwrap().get(id).cloned();
        async move { Ok(found) }.boxed()
    }

    fn doctors(&self) -> BoxFuture<'_, Result<Vec<Doctor>>> {
        let all: Vec<_> = self.doctors.lock().unwrap().values().cloned().collect();
        async move {
            Ok(all
                .into_iter()
                .filter(|doctor| doctor.is_approved)
                .collect())
        }
        .boxed()
    }

    fn name<'a>(&'a self, id: &'a UserId) -> BoxFuture<'a, Result<Option<String>>> {
        let doctor = self
            .doctors
            .lock()
            .unwrap()
            .get(id)
            .map(|it| it.name.clone());
        let holders = self.holders.lock().unwrap();
        let holder = holders
            .get(id)
            .map(|it| format!("{} {}", it.first_name, it.last_name));
        let other =
            matches!(id.role_hint(), Some(Role::Staff | Role::Admin)).then(|| format!("Desk {id}"));
        let name = doctor.or(holder).or(other);
        async move { Ok(name) }.boxed()
    }

    fn holder<'a>(&'a self, id: &'a UserId) -> BoxFuture<'a, Result<Option<Holder>>> {
        let found = self.holders.lock().unwrap().get(id).cloned();
        if let Some(hook) = &mut *self.when_asked.lock().unwrap() {
            hook();
        }
        async move { Ok(found) }.boxed()
    }

    /// One of them a page, so that tests see what is done page by page.
    fn holders(&self, after: Option<Key>) -> BoxFuture<'_, Result<Listed<Holder>>> {
        let holders = self.holders.lock().unwrap();
        let after = after.map(|key| UserId::from_stored(key.id));
        let mut rest = holders
            .range(..)
            .rev()
            .filter(|(id, _)| after.as_ref().is_none_or(|after| *id < after));
        let rows: Vec<_> = rest.next().into_iter().map(|it| it.1.clone()).collect();
        let next = rows.first().filter(|_| rest.next().is_some());
        let next = next.map(|last| Key {
            at: None,
            id: last.user_id.as_str().to_owned(),
        });
        async move { Ok(Listed { rows, next }) }.boxed()
    }

    fn change_holder<'a>(
        &'a self,
        _: &'a Origin,
        id: &'a UserId,
        change: HolderChange,
    ) -> BoxFuture<'a, Result<()>> {
        if let Some(holder) = self.holders.lock().unwrap().get_mut(id) {
            holder.first_name = change.first_name;
            holder.last_name = change.last_name;
            holder.mobile = change.mobile;
        }
        async { Ok(()) }.boxed()
    }

    fn new_patient_id<'a>(&'a self, _: &'a Origin) -> BoxFuture<'a, Result<UserId>> {
        let mut next = self.next.lock().unwrap();
        *next += 1;
        let id = UserId::from_stored(format!("PAT{next:08}"));
        async move { Ok(id) }.boxed()
    }

    fn invite<'a>(
        &'a self,
        _: &'a Origin,
        _: &'a Principal,
        invited: Invited,
    ) -> BoxFuture<'a, Result<()>> {
        self.invited.lock().unwrap().push(invited);
        async { Ok(()) }.boxed()
    }

    fn is_password_of<'a>(
        &'a self,
        _: &'a Origin,
        _: &'a Principal,
        password: Secret,
    ) -> BoxFuture<'a, Result<bool>> {
        async move { Ok(password.expose() == PASSWORD) }.boxed()
    }
}
