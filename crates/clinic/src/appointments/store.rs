//! `appointments`.

mod others;

use std::ops::Range;

use bson::{Bson, Document, doc};
use chrono::Duration;
use kernel::{clock::Timestamp, ids::UserId, stored::date};
use store::{Result, StoreError, document};

use super::{
    AppointmentId,
    documents::{Appointment, Busy, Hold},
    interval::Interval,
    status::AppointmentStatus,
};
use crate::{
    access::{CLINIC, ListScope, Whose},
    list_keys::key_range,
    store::{Rows, Store},
};

/// The rows that a look for mail jobs, or for changed clocks, takes at once.
const BATCH: i64 = 100;

impl Store {
    /// The collection `appointments`.
    pub fn appointments(&self) -> Rows<'_, Appointment> {
        self.rows_of(&self.names().appointments)
    }
}

/// Which appointments of a list are shown.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those that begin at this time or later.
    pub from: Option<Timestamp>,
    /// Those that begin before this time.
    pub to: Option<Timestamp>,
    /// Those in this state.
    pub status: Option<AppointmentStatus>,
    /// Those of this doctor.
    pub doctor_id: Option<UserId>,
    /// Those of this patient.
    pub patient_id: Option<UserId>,
    /// Not those of these patients.
    pub without: Vec<String>,
}

impl Filter {
    /// The list of `scope` that serves the filter best: its field, and the query of its rows after `after`.
    fn query(&self, scope: &ListScope, after: Option<&str>) -> (&'static str, Document) {
        let (doctor, patient) = (self.doctor_id.as_ref(), self.patient_id.as_ref());
        let (field, person, rest) = match (scope.whose(), doctor, patient) {
            (Whose::Patient(own), doctor, _) => {
                ("by_patient", Some(own), doctor.map(|it| ("doctor_id", it)))
            }
            (Whose::Doctor(own), _, patient) => {
                ("by_doctor", Some(own), patient.map(|it| ("patient_id", it)))
            }
            (Whose::Clinic, Some(doctor), patient) => (
                "by_doctor",
                Some(doctor),
                patient.map(|it| ("patient_id", it)),
            ),
            (Whose::Clinic, None, Some(patient)) => ("by_patient", Some(patient), None),
            (Whose::Clinic, None, None) => ("by_clinic", None, None),
        };
        let ids: Vec<&str> = [Some(scope.clinic_id()), person.map(UserId::as_str)]
            .into_iter()
            .flatten()
            .collect();
        let range = key_range(&ids, self.from, self.to);
        let bounds = after_key(after, &range);
        let status = match self.status {
            Some(status) => Bson::from(status.name()),
            None => doc! { "$ne": AppointmentStatus::Held.name() }.into(),
        };
        let mut query = doc! { field: bounds, "status": status };
        if let Some((field, id)) = rest {
            query.insert(field, id.as_str());
        } else if !self.without.is_empty() {
            query.insert("patient_id", doc! { "$nin": &self.without });
        }
        (field, query)
    }
}

/// The keys of `range` after the key `after`.
fn after_key(after: Option<&str>, range: &Range<String>) -> Document {
    let after = after.filter(|after| *after >= range.start.as_str());
    let begin = after.map_or_else(
        || doc! { "$gte": &range.start },
        |after| doc! { "$gt": after },
    );
    let mut bounds = begin;
    bounds.insert("$lt", &range.end);
    bounds
}

/// The rows of a doctor that can touch `interval`: an appointment lasts a day at most.
fn near(doctor: &UserId, from: Timestamp, to: Timestamp) -> Document {
    let from = from.checked_sub_signed(Duration::hours(24));
    let range = key_range(&[CLINIC, doctor.as_str()], from, Some(to));
    doc! { "by_doctor": { "$gte": range.start, "$lt": range.end } }
}

fn hold_of(id: &AppointmentId, maker: &UserId) -> Document {
    let held = AppointmentStatus::Held.name();
    doc! { "_id": id.as_str(), "status": held, "made_by": maker.as_str() }
}

impl Rows<'_, Appointment> {
    /// An appointment; a hold is none. The caller decides who may see it.
    pub(crate) async fn find(&self, id: &AppointmentId) -> Result<Option<Appointment>> {
        let held = AppointmentStatus::Held.name();
        let find = doc! { "_id": id.as_str(), "status": { "$ne": held } };
        self.store.run(self.rows.find_one(find)).await
    }

    /// Inserts an appointment; `false` if a cell of its time is taken.
    pub(crate) async fn insert(&self, appointment: &Appointment) -> Result<bool> {
        StoreError::taken(self.store.run(self.rows.insert_one(appointment)).await)
    }

    /// Inserts a hold; `false` if a cell of its time, or the place of its maker, is taken.
    pub(crate) async fn insert_hold(&self, hold: &Hold) -> Result<bool> {
        let rows = self.rows.clone_with_type::<Hold>();
        StoreError::taken(self.store.run(rows.insert_one(hold)).await)
    }

    /// A hold of its maker.
    pub(crate) async fn find_hold(
        &self,
        id: &AppointmentId,
        maker: &UserId,
    ) -> Result<Option<Hold>> {
        let rows = self.rows.clone_with_type::<Hold>();
        self.store.run(rows.find_one(hold_of(id, maker))).await
    }

    /// Makes an appointment of a hold of its maker that has not expired. `None` if there is no such hold, `Some(false)`
    /// if the patient's time is taken.
    pub(crate) async fn accept(
        &self,
        appointment: &Appointment,
        now: Timestamp,
    ) -> Result<Option<bool>> {
        let Some(doctor) = &appointment.doctor_id else {
            return Ok(None);
        };
        let mut mine = hold_of(&appointment.id, &appointment.made_by);
        mine.extend(doc! {
            "doctor_id": doctor.as_str(),
            "start": date(appointment.start),
            "end": date(appointment.end),
            "expires_at": { "$gt": date(now) },
        });
        let replaced = self.store.run(self.rows.replace_one(mine, appointment));
        match replaced.await {
            Ok(replaced) if replaced.matched_count == 1 => Ok(Some(true)),
            Ok(_) => Ok(None),
            Err(StoreError::Duplicate) => Ok(Some(false)),
            Err(other) => Err(other),
        }
    }

    /// Removes the holds of a doctor that have expired and may touch `interval`; whether there was one. A hold that is
    /// booked at the same moment stays, because each is removed by its own condition.
    pub(crate) async fn remove_expired(
        &self,
        doctor: &UserId,
        interval: Interval,
        now: Timestamp,
    ) -> Result<bool> {
        let mut removed = false;
        for busy in self
            .busy(doctor, interval.start(), interval.end())
            .await?
            .iter()
            .filter(|busy| busy.status == AppointmentStatus::Held && busy.interval(now).is_none())
        {
            removed |= self.remove_if_expired(&busy.id, now).await?;
        }
        Ok(removed)
    }

    /// Removes the expired hold that has the place `place` of its maker; whether there was one.
    pub(crate) async fn remove_expired_at(&self, place: &str, now: Timestamp) -> Result<bool> {
        let find = self.rows.clone_with_type::<Document>();
        let found = self
            .store
            .run(find.find_one(doc! { "holds": place }))
            .await?;
        let id = found.and_then(|row| row.get_str("_id").map(AppointmentId::from_stored).ok());
        match id {
            Some(id) => self.remove_if_expired(&id, now).await,
            None => Ok(true),
        }
    }

    async fn remove_if_expired(&self, id: &AppointmentId, now: Timestamp) -> Result<bool> {
        let expired = doc! {
            "_id": id.as_str(),
            "status": AppointmentStatus::Held.name(),
            "expires_at": { "$lte": date(now) },
        };
        let deleted = self.store.run(self.rows.delete_one(expired)).await?;
        Ok(deleted.deleted_count == 1)
    }

    /// Removes a hold of its maker; whether there was one.
    pub(crate) async fn remove_hold(&self, id: &AppointmentId, maker: &UserId) -> Result<bool> {
        let deleted = self.store.run(self.rows.delete_one(hold_of(id, maker)));
        let deleted = deleted.await?;
        Ok(deleted.deleted_count == 1)
    }

    /// Removes a booking of which no mail was sent, because the schedule changed meanwhile.
    pub(crate) async fn withdraw(&self, booked: &Appointment) -> Result<()> {
        let same = doc! { "_id": booked.id.as_str(), "version": booked.version };
        self.store.run(self.rows.delete_one(same)).await.map(drop)
    }

    /// What takes a doctor's time from `from` to `to`: one query (APT-24).
    pub(crate) async fn busy(
        &self,
        doctor: &UserId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Busy>> {
        let fields = doc! { "start": 1, "end": 1, "status": 1, "expires_at": 1 };
        let rows = self.rows.clone_with_type::<Busy>();
        let find = rows
            .find(near(doctor, from, to))
            .sort(doc! { "by_doctor": 1 })
            .projection(fields);
        self.store.all(find).await
    }

    /// A page of a list, by start, from `offset` or after the key `after`; the field of its keys comes with it.
    pub(crate) async fn page(
        &self,
        scope: &ListScope,
        filter: &Filter,
        (after, offset, limit): (Option<&str>, u64, i64),
    ) -> Result<Vec<(String, Appointment)>> {
        let (field, query) = filter.query(scope, after);
        let find = self
            .rows
            .find(query)
            .sort(doc! { field: 1 })
            .skip(offset)
            .limit(limit);
        let rows = self.store.all(find).await?;
        let key = |row: &Appointment| match field {
            "by_patient" => row.keys.by_patient.clone(),
            "by_clinic" => row.keys.by_clinic.clone(),
            _ => row.keys.by_doctor.clone().unwrap_or_default(),
        };
        Ok(rows.into_iter().map(|row| (key(&row), row)).collect())
    }

    /// The rows of a list, counted up to `most`.
    pub(crate) async fn count(&self, scope: &ListScope, filter: &Filter, most: u64) -> Result<u64> {
        let (_, query) = filter.query(scope, None);
        let count = self.rows.count_documents(query).limit(most);
        self.store.run(count).await
    }

    /// The start of the last appointment of a doctor and a patient that gives the doctor the record (ACC-2).
    pub(crate) async fn last_visit(
        &self,
        doctor: &UserId,
        patient: &UserId,
    ) -> Result<Option<Timestamp>> {
        use AppointmentStatus::{Arrived, Completed, Confirmed};
        let range = key_range(&[CLINIC, doctor.as_str()], None, None);
        let booked = doc! { "status": Confirmed.name(), "made_by": { "$ne": doctor.as_str() } };
        let came = doc! { "status": { "$in": [Arrived.name(), Completed.name()] } };
        let query = doc! {
            "by_doctor": { "$gte": range.start, "$lt": range.end },
            "patient_id": patient.as_str(), "$or": [booked, came],
        };
        let find = self.rows.find_one(query).sort(doc! { "by_doctor": -1 });
        let last = self.store.run(find).await?;
        Ok(last.map(|appointment| appointment.start))
    }

    /// The appointments of a person that begin in a range, for a calendar feed.
    pub(crate) async fn of_person(
        &self,
        field: &str,
        person: &UserId,
        (from, to): (Timestamp, Timestamp),
        most: i64,
    ) -> Result<Vec<Appointment>> {
        let range = key_range(&[CLINIC, person.as_str()], Some(from), Some(to));
        let query = doc! {
            field: { "$gte": range.start, "$lt": range.end },
            "status": { "$ne": AppointmentStatus::Held.name() },
        };
        let find = self.rows.find(query).sort(doc! { field: 1 }).limit(most);
        self.store.all(find).await
    }

    /// Some of the clinic's appointments that begin at `from` or later, after the key `after`, by start.
    pub(crate) async fn of_clinic(
        &self,
        from: Timestamp,
        after: Option<&str>,
    ) -> Result<Vec<Appointment>> {
        let range = key_range(&[CLINIC], Some(from), None);
        let bounds = after_key(after, &range);
        let find = self.rows.find(doc! { "by_clinic": bounds });
        let find = find.sort(doc! { "by_clinic": 1 }).limit(BATCH);
        self.store.all(find).await
    }

    /// Changes an appointment, if it still has the version of `known`: state, time, cells and texts in one update. The
    /// marks of mail jobs, which other writers set meanwhile, stay.
    ///
    /// # Errors
    /// `Duplicate` if a cell of the new time is taken; nothing is changed then.
    pub(crate) async fn change(&self, known: &Appointment, next: &Appointment) -> Result<bool> {
        let (before, mut set) = (document(known)?, document(next)?);
        for kept in ["_id", "sent"] {
            set.remove(kept);
        }
        if known.notice == next.notice {
            set.remove("notice");
            set.remove("to_notify");
        }
        let gone = before.keys().filter(|key| {
            !set.contains_key(*key)
                && !["_id", "sent", "notice", "to_notify"].contains(&key.as_str())
        });
        let unset: Document = gone.map(|key| (key.clone(), "".into())).collect();
        let mut update = doc! { "$set": set };
        if !unset.is_empty() {
            update.insert("$unset", unset);
        }
        let same = doc! { "_id": known.id.as_str(), "version": known.version };
        self.change_one(same, update).await
    }

    /// The appointments whose mail jobs are not written yet.
    pub(crate) async fn to_notify(&self) -> Result<Vec<Appointment>> {
        let find = doc! { "to_notify": { "$gt": "" } };
        let find = self.rows.find(find).sort(doc! { "to_notify": 1 });
        self.store.all(find.limit(BATCH)).await
    }

    /// Notes that the mail jobs of this version's notice are written.
    pub(crate) async fn notified(&self, id: &AppointmentId, version: i64) -> Result<bool> {
        let same = doc! { "_id": id.as_str(), "notice.version": version };
        self.change_one(same, doc! { "$unset": { "to_notify": "" } })
            .await
    }

    /// Notes that a mail job was sent.
    pub(crate) async fn note_sent(&self, id: &AppointmentId, job: &str) -> Result<bool> {
        let sent = doc! { "$set": { format!("sent.{job}"): true } };
        self.change_one(doc! { "_id": id.as_str() }, sent).await
    }
}
