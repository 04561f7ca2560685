//! Makes the records of patients who registered. The desk finds a patient soon after the account exists, and does not
//! enter the same person again (E1).

use std::{collections::HashSet, mem};

use kernel::{
    clock::Timestamp,
    contact::{EmailAddress, Mobile},
    error::{Error, Result},
    ids::UserId,
    page::Key,
    profile::DateOfBirth,
};

use crate::{
    app::App,
    errors,
    patients::{birth::Birth, clinical::Clinical, record::PatientRecord, values::Sex, who::Who},
    people::Holder,
    records,
};

/// Which accounts this instance has looked at.
#[derive(Debug, Default)]
pub struct Visit {
    /// The newest accounts; they have their records.
    newest: HashSet<UserId>,
    older: Older,
}

/// How far the visit to all accounts has come. Each start visits them once: an instance may have died before it made a
/// record, and the clinic may have been off.
#[derive(Debug, Default)]
enum Older {
    #[default]
    Unseen,
    After(Key),
    Done,
}

/// Makes the records that are missing:
/// 1. those of the newest accounts, page by page, until every account of a page is known or had its record;
/// 2. those of the next page of the visit to all accounts.
///
/// # Errors
/// The visit begins anew, because what failed may be deep in the list.
pub async fn tick(app: &App, now: Timestamp) -> Result<()> {
    // Another tick of this instance does the same at this moment.
    let Ok(mut visit) = app.registered.try_lock() else {
        return Ok(());
    };
    let before = mem::take(&mut *visit);
    *visit = step(app, before, now).await?;
    Ok(())
}

async fn step(app: &App, before: Visit, now: Timestamp) -> Result<Visit> {
    let (mut newest, mut after) = (HashSet::new(), None);
    loop {
        let page = app.people.holders(after).await?;
        let new: Vec<_> = page
            .rows
            .iter()
            .filter(|holder| !before.newest.contains(&holder.user_id))
            .collect();
        let made = make(app, &new, now).await?;
        if newest.is_empty() {
            newest = page.rows.iter().map(|it| it.user_id.clone()).collect();
        }
        after = page.next;
        if made == 0 || after.is_none() {
            break;
        }
    }
    let older = match before.older {
        Older::Done => Older::Done,
        Older::Unseen => visit_after(app, None, now).await?,
        Older::After(key) => visit_after(app, Some(key), now).await?,
    };
    Ok(Visit { newest, older })
}

async fn visit_after(app: &App, after: Option<Key>, now: Timestamp) -> Result<Older> {
    let page = app.people.holders(after).await?;
    make(app, &page.rows.iter().collect::<Vec<_>>(), now).await?;
    Ok(page.next.map_or(Older::Done, Older::After))
}

/// Makes the records that these people lack; how many there were.
async fn make(app: &App, holders: &[&Holder], now: Timestamp) -> Result<usize> {
    let mut made = 0;
    for holder in holders {
        match insert_of(app, holder, now).await {
            Ok(is_new) => made += usize::from(is_new),
            Err(error) if error.code == errors::DATABASE_ERROR => return Err(error),
            // One of whom no record can be made must not stop the others.
            Err(error) => {
                let user_id = &holder.user_id;
                tracing::error!(%user_id, %error, "no record can be made of an account");
            }
        }
    }
    Ok(made)
}

/// Makes the record of a patient who registered; `false` if he has one already.
pub(crate) async fn insert_of(app: &App, holder: &Holder, now: Timestamp) -> Result<bool> {
    let rows = app.store.patients();
    if rows.find(&holder.user_id).await?.is_some() {
        return Ok(false);
    }
    let record = of_holder(app, holder, now)?;
    Ok(rows.insert(&record).await?)
}

/// The first record of a patient who has an account.
fn of_holder(app: &App, holder: &Holder, now: Timestamp) -> Result<PatientRecord> {
    let born = holder.date_of_birth.as_deref();
    let born = born.and_then(|date| DateOfBirth::parse(date, now).ok());
    let who = Who {
        names: records::names_of(holder)
            .ok_or_else(|| Error::internal("the account has no name"))?,
        birth: born.map_or(Birth::Unknown, Birth::Date),
        sex: Sex::Unknown,
        phone: holder
            .mobile
            .as_deref()
            .and_then(|it| Mobile::parse(it).ok()),
        email: EmailAddress::of_account(&holder.email).ok(),
        address: None,
        referred_by: None,
        emergency_contact: None,
        language: None,
    };
    let mut record = records::new_record(app, &holder.user_id, &who, &Clinical::default(), now)?;
    record.has_account = true;
    Ok(record)
}
