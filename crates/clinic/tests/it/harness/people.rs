//! The people of a clinic, in a table.

use std::{collections::BTreeMap, sync::Mutex};

use clinic::people::{Doctor, Holder, HolderChange, Invited, People};
use futures_util::{FutureExt, future::BoxFuture};
use kernel::{
    error::Result,
    ids::UserId,
    page::{Key, Listed},
    principal::Principal,
    request::Origin,
    role::Role,
    secret::Secret,
};

use super::{DOCTOR, NEW_DOCTOR, OTHER_DOCTOR, OTHER_PATIENT, PASSWORD, PATIENT};

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
    pub(super) fn new() -> Self {
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
        is_invited: false,
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
