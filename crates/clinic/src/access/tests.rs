//! The committed table of every role, part and action (ACC-1 to ACC-6, ACC-11).

use chrono::Duration;
use kernel::{clock::Timestamp, ids::UserId, role::Role};

use super::*;
use crate::patients::care::{Care, CareKind, CareReason};

/// One line for each part and action. The columns are the callers of [`callers`]: the patient himself, another patient, a
/// doctor with live care, with ended care, with none, one who is not approved, the desk, an administrator. `self`, `care`
/// and `desk` are bases; 404, 403 and `cred` are refusals.
const TABLE: &str = "
who read                 | self 404 care 404 404 cred desk desk
who write                | 403 403 care 404 404 cred desk 403
clinical read            | self 404 care 404 404 cred 403 403
clinical write           | 403 403 care 404 404 cred 403 403
drafts read              | 404 404 care 404 404 cred 403 403
drafts write             | 403 403 care 404 404 cred 403 403
signed_reports read      | self 404 care 404 404 cred 403 403
signed_reports write     | 403 403 care 404 404 cred 403 403
own_signed_reports read  | 403 403 care care 404 cred 403 403
own_signed_reports write | 403 403 403 403 403 403 403 403
appointments read        | self 404 care 404 404 cred desk desk
appointments write       | self 404 care 404 404 cred desk desk
appointment_notes read   | 403 403 care 404 404 cred desk 403
appointment_notes write  | 403 403 care 404 404 cred desk 403
care_team read           | self 404 care 404 404 cred desk desk
care_team write          | 403 403 care 404 404 cred desk desk
access_log read          | self 404 403 403 403 403 403 desk
access_log write         | 403 403 403 403 403 403 403 403
metadata read            | self 404 care 404 404 cred 403 desk
metadata write           | 403 403 403 403 403 403 403 403
";

const PATIENT: &str = "PAT00000001";

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH + Duration::days(20_000)
}

fn caller(id: &str, role: Role, approved: bool) -> Caller {
    Caller {
        user_id: UserId::from_stored(id),
        role,
        approved,
    }
}

fn facts(care: Option<Care>) -> PatientFacts {
    PatientFacts {
        patient_id: UserId::from_stored(PATIENT),
        care,
    }
}

fn care(until: Option<Timestamp>) -> Care {
    Care {
        kind: CareKind::Treating,
        since: now() - Duration::days(9),
        until,
        reason: CareReason::appointment(),
    }
}

fn callers() -> [(Caller, PatientFacts); 8] {
    let doctor = |approved| caller("DOC00000001", Role::Doctor, approved);
    [
        (caller(PATIENT, Role::Patient, false), facts(None)),
        (caller("PAT00000002", Role::Patient, true), facts(None)),
        (
            doctor(true),
            facts(Some(care(Some(now() + Duration::days(1))))),
        ),
        (doctor(true), facts(Some(care(Some(now()))))),
        (doctor(true), facts(None)),
        (doctor(false), facts(Some(care(None)))),
        (caller("STF00000001", Role::Staff, false), facts(None)),
        (caller("ADM00000001", Role::Admin, false), facts(None)),
    ]
}

fn cell(decision: Result<Allowed, Refusal>) -> &'static str {
    match decision {
        Ok(allowed) => allowed.basis().name(),
        Err(Refusal::NotFound) => "404",
        Err(Refusal::AccessDenied) => "403",
        Err(Refusal::CredentialRequired) => "cred",
    }
}

fn actions() -> [(Action, &'static str); 2] {
    [(Action::Read, "read"), (Action::Write, "write")]
}

#[test]
fn every_role_part_and_action_equals_the_table() {
    let mut made = Vec::new();
    for part in Part::ALL {
        for (action, verb) in actions() {
            let cells = callers().map(|(caller, facts)| {
                cell(decide(&caller, Some(&facts), part, action, true, now()))
            });
            let name = format!("{} {verb}", part.name());
            made.push(format!("{name:<24} | {}", cells.join(" ")));
        }
    }
    assert_eq!(made.join("\n"), TABLE.trim());
}

// ACC-3
#[test]
fn an_unknown_patient_is_refused_like_a_foreign_one() {
    let foreign = [1, 4].map(|index| callers()[index].clone());
    for (caller, facts) in foreign {
        for part in Part::ALL {
            for (action, _) in actions() {
                let of = |patient| decide(&caller, patient, part, action, true, now());
                assert_eq!(of(None), of(Some(&facts)), "{part:?} {action:?}");
                assert!(of(None).is_err());
            }
        }
    }
}

#[test]
fn no_caller_reaches_a_patient_who_does_not_exist() {
    for (caller, _) in callers() {
        for part in Part::ALL {
            for (action, _) in actions() {
                assert!(decide(&caller, None, part, action, true, now()).is_err());
            }
        }
    }
}

#[test]
fn own_reports_end_with_the_care_where_the_setting_says_so() {
    let part = Part::OwnSignedReports;
    let [_, _, live, ended, ..] = callers();
    let of = |(caller, facts): &(Caller, PatientFacts), keep| {
        cell(decide(caller, Some(facts), part, Action::Read, keep, now()))
    };
    assert_eq!((of(&live, false), of(&ended, false)), ("care", "404"));
}

#[test]
fn a_permission_names_its_patient_part_and_scope() {
    let (caller, facts) = &callers()[2];
    let allowed = decide(caller, Some(facts), Part::Who, Action::Read, true, now()).unwrap();
    assert_eq!(allowed.patient_id().as_str(), PATIENT);
    assert_eq!(
        (allowed.part(), allowed.action()),
        (Part::Who, Action::Read)
    );
    let scope = allowed.scope();
    assert_eq!(
        (scope.patient_id().as_str(), scope.clinic_id()),
        (PATIENT, CLINIC)
    );
}

#[test]
fn a_list_shows_the_rows_of_its_caller() {
    let scopes = callers().map(|(caller, _)| {
        let of = |part| match decide_list(&caller, part) {
            Ok(scope) => scope.basis().name(),
            Err(refusal) => cell(Err(refusal)),
        };
        [of(Part::Who), of(Part::Drafts), of(Part::Metadata)].join(" ")
    });
    assert_eq!(
        scopes,
        [
            "self 403 self",
            "self 403 self",
            "care care care",
            "care care care",
            "care care care",
            "cred cred cred",
            "desk 403 403",
            "desk 403 desk",
        ]
    );
    let (doctor, _) = &callers()[2];
    let scope = decide_list(doctor, Part::Who).unwrap();
    assert_eq!(*scope.whose(), Whose::Doctor(doctor.user_id.clone()));
}
