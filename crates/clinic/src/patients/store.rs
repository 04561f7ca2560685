//! `patient_records` and `care_relations`.

use bson::{Bson, Document, doc};
use kernel::{clock::Timestamp, ids::UserId, stored::date};
use store::{Result, StoreError, listing::projection};

use super::{
    care::Care,
    clinical::Clinical,
    record::{CareRelation, PatientRecord},
    search::TermIndex,
    who::Who,
};
use crate::{
    access::{CLINIC, ListScope, PatientScope},
    list_keys::{key_range, newest_first, time_of},
    listing::EXACT_UP_TO,
    sealing::{ClinicScope, SealedGroup, Token},
    store::{Rows, Store},
    tokens::Tokens,
};

/// Doctors of one patient, ended relationships included, that are read at most.
const MAX_RELATIONS: i64 = 1_000;

/// The part of a list to read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'a> {
    /// The key of the last row of the page before.
    pub(crate) after: Option<&'a str>,
    /// Rows to skip.
    pub(crate) offset: u32,
    /// Rows to read.
    pub(crate) wanted: i64,
}

/// What a change of a record writes.
#[derive(Default)]
pub(crate) struct RecordChange {
    /// The group `who`, and the tokens that find it.
    pub(crate) who: Option<(SealedGroup<Who>, Tokens)>,
    /// The group `clinical`.
    pub(crate) clinical: Option<SealedGroup<Clinical>>,
}

impl Store {
    /// The collection `patient_records`.
    pub fn patients(&self) -> Rows<'_, PatientRecord> {
        self.rows_of(&self.names().patient_records)
    }

    /// The collection `care_relations`.
    pub fn relations(&self) -> Rows<'_, CareRelation> {
        self.rows_of(&self.names().care_relations)
    }

    /// When the patient's next appointment begins.
    pub(crate) async fn next_appointment(
        &self,
        patient: &UserId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let later = key_range(&[CLINIC, patient.as_str()], Some(now), None);
        let filter = doc! {
            "by_patient": { "$gte": later.start, "$lt": later.end },
            "status": { "$nin": ["held", "cancelled", "no_show", "completed"] },
        };
        let rows = self.rows::<Document>(&self.names().appointments);
        let find = rows.find_one(filter).sort(doc! { "by_patient": 1 });
        let found = self
            .run(find.projection(projection(&["by_patient"])))
            .await?;
        let key = found
            .as_ref()
            .and_then(|row| row.get_str("by_patient").ok());
        Ok(key.and_then(time_of))
    }
}

/// Relationships that stand at `now`: without an end, or with a later one.
fn live(mut filter: Document, now: Timestamp) -> Document {
    filter.insert("until", doc! { "$not": { "$lte": date(now) } });
    filter
}

/// Documents with all these tokens; the first one is found by its index, the others are checked.
fn having(tokens: impl Iterator<Item = (&'static str, Token)>) -> Document {
    let mut filter = doc! {};
    let mut others = Vec::new();
    for (field, token) in tokens {
        if filter.is_empty() {
            filter.insert(field, token);
        } else {
            others.push(doc! { field: token });
        }
    }
    if !others.is_empty() {
        filter.insert("$and", others);
    }
    filter
}

const fn field_of(index: TermIndex) -> &'static str {
    match index {
        TermIndex::Tokens => "tokens",
        TermIndex::Email => "email_bidx",
        TermIndex::Phone => "phone_bidx",
        TermIndex::Sound => "sound",
    }
}

impl<T: Send + Sync + serde::de::DeserializeOwned> Rows<'_, T> {
    /// A part of the list of `field`, newest first.
    async fn key_page(&self, filter: Document, field: &str, part: Part<'_>) -> Result<Vec<T>> {
        let find = self
            .rows
            .find(filter)
            .sort(doc! { field: -1 })
            .skip(u64::from(part.offset))
            .limit(part.wanted)
            // One batch for all rows, because the embedded store knows a cursor only on the connection where it began.
            .batch_size(u32::try_from(part.wanted).unwrap_or(u32::MAX))
            .max_time(self.store.read_limit());
        self.store.all(find).await
    }

    async fn some(&self, filter: Document, limit: i64) -> Result<Vec<T>> {
        let size = u32::try_from(limit).unwrap_or(u32::MAX);
        let find = self.rows.find(filter).limit(limit).batch_size(size);
        let find = find.max_time(self.store.read_limit());
        self.store.all(find).await
    }

    async fn count_of(&self, filter: Document) -> Result<u64> {
        let rows = self.rows.clone_with_type();
        let most = Some(EXACT_UP_TO + 1);
        self.store.count_up_to(&rows, filter, most).await
    }
}

impl Rows<'_, PatientRecord> {
    /// Whether there is any record.
    pub async fn any(&self) -> Result<bool> {
        let found = self.store.run(self.rows.find_one(doc! {})).await?;
        Ok(found.is_some())
    }

    /// A patient's record. The caller has decided who may see it.
    pub(crate) async fn find(&self, id: &UserId) -> Result<Option<PatientRecord>> {
        self.store
            .run(self.rows.find_one(doc! { "_id": id.as_str() }))
            .await
    }

    /// Inserts a record; `false` if there is one.
    pub(crate) async fn insert(&self, record: &PatientRecord) -> Result<bool> {
        StoreError::taken(self.store.run(self.rows.insert_one(record)).await)
    }
}

impl Rows<'_, PatientRecord> {
    /// A part of the clinic's list, newest first, for a caller who may see the clinic's rows.
    pub(crate) async fn list(
        &self,
        scope: &ListScope,
        part: Part<'_>,
    ) -> Result<Vec<PatientRecord>> {
        let range = key_range(&[scope.clinic_id()], None, None);
        let filter = newest_first("by_clinic", &range, part.after);
        self.key_page(filter, "by_clinic", part).await
    }

    /// How many rows the clinic's list has, counted up to one more than an exact total.
    pub(crate) async fn count(&self, scope: &ListScope) -> Result<u64> {
        let range = key_range(&[scope.clinic_id()], None, None);
        self.count_of(newest_first("by_clinic", &range, None)).await
    }

    /// Records of the clinic that have all these tokens. Each is opened and checked before it is shown.
    pub(crate) async fn having(
        &self,
        clinic: &ClinicScope,
        tokens: &[(TermIndex, Token)],
        limit: i64,
    ) -> Result<Vec<PatientRecord>> {
        let tokens = tokens
            .iter()
            .map(|(index, token)| (field_of(*index), *token));
        let mut filter = having(tokens);
        filter.insert("clinic_id", clinic.as_str());
        self.some(filter, limit).await
    }

    /// Changes the record, if it still has this version; `false` if another change was faster.
    pub(crate) async fn change(
        &self,
        scope: &PatientScope,
        version: i64,
        change: &RecordChange,
        now: Timestamp,
    ) -> Result<bool> {
        self.write(scope.patient_id(), version, change, now).await
    }

    /// Makes the group `who` and its tokens fit the account, if the record is still the same version.
    pub(crate) async fn refresh(
        &self,
        record: &PatientRecord,
        change: &RecordChange,
        now: Timestamp,
    ) -> Result<bool> {
        self.write(&record.patient_id, record.version, change, now)
            .await
    }

    async fn write(
        &self,
        patient: &UserId,
        version: i64,
        change: &RecordChange,
        now: Timestamp,
    ) -> Result<bool> {
        let (mut set, mut unset) = (doc! { "updated_at": date(now) }, doc! {});
        if let Some((who, tokens)) = &change.who {
            set.insert("who", who);
            set.insert("tokens", tokens.tokens.clone());
            set.insert("sound", tokens.sound.clone());
            for (field, token) in [("email_bidx", tokens.email), ("phone_bidx", tokens.phone)] {
                match token {
                    Some(token) => set.insert(field, token),
                    None => unset.insert(field, ""),
                };
            }
        }
        if let Some(clinical) = &change.clinical {
            set.insert("clinical", clinical);
        }
        let mut update = doc! { "$set": set, "$inc": { "version": 1_i64 } };
        if !unset.is_empty() {
            update.insert("$unset", unset);
        }
        let same = doc! { "_id": patient.as_str(), "clinic_id": CLINIC, "version": version };
        self.change_one(same, update).await
    }

    /// Notes whether the patient has an account; `false` if it was noted already.
    pub(crate) async fn mark_account(&self, scope: &PatientScope, has: bool) -> Result<bool> {
        let other = doc! {
            "_id": scope.patient_id().as_str(), "clinic_id": scope.clinic_id(),
            "has_account": { "$ne": has },
        };
        let update = doc! { "$set": { "has_account": has } };
        self.change_one(other, update).await
    }

    /// Records whose doctor has no relationship yet, or whose tick has not seen it.
    pub(crate) async fn unsettled(&self, limit: i64) -> Result<Vec<PatientRecord>> {
        self.some(doc! { "created_for": { "$gt": "" } }, limit)
            .await
    }

    /// Notes that the relationship of the doctor for whom the record was made stands.
    pub(crate) async fn settle(&self, patient: &UserId) -> Result<()> {
        let one = doc! { "_id": patient.as_str() };
        let update = doc! { "$unset": { "created_for": "" } };
        self.change_one(one, update).await.map(drop)
    }
}

impl Rows<'_, CareRelation> {
    /// A part of a doctor's list, newest first: the patients whom the doctor treats at `now`.
    pub(crate) async fn list(
        &self,
        scope: &ListScope,
        doctor: &UserId,
        now: Timestamp,
        part: Part<'_>,
    ) -> Result<Vec<CareRelation>> {
        let range = key_range(&[scope.clinic_id(), doctor.as_str()], None, None);
        let filter = live(newest_first("by_doctor", &range, part.after), now);
        self.key_page(filter, "by_doctor", part).await
    }

    /// How many rows a doctor's list has, counted up to one more than an exact total.
    pub(crate) async fn count(
        &self,
        scope: &ListScope,
        doctor: &UserId,
        now: Timestamp,
    ) -> Result<u64> {
        let range = key_range(&[scope.clinic_id(), doctor.as_str()], None, None);
        let filter = live(newest_first("by_doctor", &range, None), now);
        self.count_of(filter).await
    }

    /// The doctor's relationships at `now` that have all these tokens. A token may stand for two values, so the doctor is
    /// part of the filter.
    pub(crate) async fn having(
        &self,
        doctor: &UserId,
        tokens: &[Token],
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<CareRelation>> {
        let mut filter = having(tokens.iter().map(|token| ("tokens", *token)));
        filter.insert("doctor_id", doctor.as_str());
        self.some(live(filter, now), limit).await
    }

    /// Whether a doctor has any relationship, ended or not.
    pub(crate) async fn any_of(&self, doctor: &UserId) -> Result<bool> {
        let range = key_range(&[CLINIC, doctor.as_str()], None, None);
        let filter = newest_first("by_doctor", &range, None);
        let found = self.store.run(self.rows.find_one(filter)).await?;
        Ok(found.is_some())
    }

    /// Every relationship to a patient, ended or not.
    pub(crate) async fn of_patient(&self, patient: &UserId) -> Result<Vec<CareRelation>> {
        let filter = doc! { "patient_id": patient.as_str() };
        self.some(filter, MAX_RELATIONS).await
    }

    /// The patients whose care by this doctor has ended.
    pub(crate) async fn ended_of(
        &self,
        clinic: &ClinicScope,
        doctor: &UserId,
        now: Timestamp,
    ) -> Result<Vec<String>> {
        let keys = key_range(&[clinic.as_str(), doctor.as_str()], None, None);
        let filter = doc! {
            "by_doctor": { "$gte": keys.start, "$lt": keys.end }, "until": { "$lte": date(now) },
        };
        let rows = self.rows.clone_with_type::<Document>();
        let find = rows
            .find(filter)
            .projection(doc! { "_id": 0, "patient_id": 1 });
        // One batch, because the embedded store knows a cursor only on its own connection.
        let find = find.batch_size(1_000_000).max_time(self.store.read_limit());
        let found = self.store.all(find).await?;
        let id = |row: Document| row.get_str("patient_id").map(str::to_owned).ok();
        Ok(found.into_iter().filter_map(id).collect())
    }

    /// Replaces the tokens by those of a later version of the record; nothing happens if they are newer already.
    pub(crate) async fn retoken(&self, id: &str, tokens: &[Token], version: i64) -> Result<()> {
        let older = doc! { "_id": id, "tokens_version": { "$not": { "$gte": version } } };
        let tokens: Vec<Bson> = tokens.iter().copied().map(Bson::from).collect();
        let update = doc! { "$set": { "tokens": tokens, "tokens_version": version } };
        self.change_one(older, update).await.map(drop)
    }

    /// The relationship of a doctor to a patient, ended or not.
    pub(crate) async fn find(
        &self,
        doctor: &UserId,
        patient: &UserId,
    ) -> Result<Option<CareRelation>> {
        let id = CareRelation::id_of(doctor, patient);
        self.store.run(self.rows.find_one(doc! { "_id": id })).await
    }

    /// Inserts a relationship; `false` if there is one.
    pub(crate) async fn insert(&self, relation: &CareRelation) -> Result<bool> {
        StoreError::taken(self.store.run(self.rows.insert_one(relation)).await)
    }

    /// Replaces a relationship, if it is still `known`.
    pub(crate) async fn replace(&self, known: &CareRelation, care: &Care) -> Result<bool> {
        let filter = doc! {
            "_id": &known.id,
            "kind": known.kind.name(),
            "since": date(known.since),
            "until": known.until.map(date),
        };
        let mut set = doc! {
            "kind": care.kind.name(), "since": date(care.since), "reason": care.reason.as_str(),
        };
        let update = if let Some(until) = care.until {
            set.insert("until", date(until));
            doc! { "$set": set }
        } else {
            doc! { "$set": set, "$unset": { "until": "" } }
        };
        self.change_one(filter, update).await
    }
}
