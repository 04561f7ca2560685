//! Who is answered what: every operation of the clinic for every kind of caller, with real records behind it (ACC-9).

mod world;

use std::collections::BTreeSet;

use testkit::Answer;

use self::world::World;
use crate::harness::{ADMIN, DESK, DOCTOR, NEW_DOCTOR, OTHER_DOCTOR, OTHER_PATIENT, PATIENT};

/// The callers, in the order of the columns.
const CALLERS: [Option<&str>; 8] = [
    Some(PATIENT),
    Some(OTHER_PATIENT),
    Some(DOCTOR),
    Some(OTHER_DOCTOR),
    Some(DESK),
    Some(ADMIN),
    Some(NEW_DOCTOR),
    None,
];

/// The columns: the patient whom everything is about, another patient, the doctor who treats her, another doctor, the
/// desk, an administrator, a doctor who is not approved, and a caller without a token.
///
/// 401: the caller has no token. 403: the role never reaches it, a body or query names somebody else (ACC-7), or the doctor is
/// not approved (ACC-11). 404: it is somebody else's, which is the same as unknown (ACC-3). 409: the caller may, but the
/// patient has an account already.
const TABLE: &str = "
                                | her own | patient | treats | doctor | desk | admin | new | none
Lists have the caller's own rows: a doctor's patients, a patient's reports and appointments, the clinic's for the desk
list_patients                   |     403 |     403 |    200 |    200 |  200 |   200 | 403 | 401
search_patients                 |     403 |     403 |    200 |    200 |  200 |   200 | 403 | 401
list_reports                    |     200 |     200 |    200 |    200 |  403 |   200 | 403 | 401
report_stats                    |     200 |     200 |    200 |    200 |  403 |   200 | 403 | 401
list_appointments               |     200 |     200 |    200 |    200 |  200 |   200 | 403 | 401
list_own_accesses               |     200 |     200 |    403 |    403 |  403 |   403 | 403 | 401
The same, if the query names her
list_reports of her             |     200 |     404 |    200 |    404 |  403 |   200 | 403 | 401
report_stats of her             |     200 |     404 |    200 |    404 |  403 |   200 | 403 | 401
list_appointments of her        |     200 |     403 |    200 |    404 |  200 |   200 | 403 | 401
The record: patients:read and patients:write, no writing for administrators
create_patient                  |     403 |     403 |    201 |    201 |  201 |   403 | 403 | 401
intake_create_patient           |     403 |     403 |    201 |    201 |  201 |   403 | 403 | 401
get_patient                     |     200 |     404 |    200 |    404 |  200 |   200 | 403 | 401
change_patient                  |     403 |     403 |    200 |    404 |  200 |   403 | 403 | 401
invite_patient                  |     403 |     403 |    409 |    404 |  409 |   403 | 403 | 401
get_care_team                   |     200 |     404 |    200 |    404 |  200 |   200 | 403 | 401
give_care                       |     403 |     403 |    200 |    404 |  200 |   403 | 403 | 401
end_care                        |     403 |     403 |    200 |    404 |  200 |   403 | 403 | 401
list_accesses                   |     200 |     404 |    403 |    403 |  403 |   200 | 403 | 401
Clinical: written by the doctor who treats her, read by both, never at the desk (ACC-4, ACC-6)
add_symptom                     |     403 |     403 |    200 |    404 |  403 |   403 | 403 | 401
change_symptom                  |     403 |     403 |    200 |    404 |  403 |   403 | 403 | 401
remove_symptom                  |     403 |     403 |    200 |    404 |  403 |   403 | 403 | 401
intake_add_symptom              |     403 |     403 |    200 |    404 |  403 |   403 | 403 | 401
intake_change_symptom           |     403 |     403 |    200 |    404 |  403 |   403 | 403 | 401
intake_remove_symptom           |     403 |     403 |    200 |    404 |  403 |   403 | 403 | 401
start_consultation              |     403 |     403 |    200 |    404 |  403 |   403 | 403 | 401
stop_consultation               |     403 |     403 |    200 |    404 |  403 |   403 | 403 | 401
pause_consultation              |     403 |     403 |    200 |    404 |  403 |   403 | 403 | 401
resume_consultation             |     403 |     403 |    200 |    404 |  403 |   403 | 403 | 401
change_consultation             |     403 |     403 |    200 |    404 |  403 |   403 | 403 | 401
consultation_status             |     200 |     404 |    200 |    404 |  403 |   403 | 403 | 401
get_consultation                |     200 |     404 |    200 |    404 |  403 |   403 | 403 | 401
list_consultations              |     200 |     404 |    200 |    404 |  403 |   403 | 403 | 401
Reports: the patient reads them once they are signed (ACC-5), administrators without their text
create_report                   |     403 |     403 |    200 |    404 |  403 |   403 | 403 | 401
change_report                   |     403 |     403 |    200 |    404 |  403 |   403 | 403 | 401
sign_report                     |     403 |     403 |    200 |    404 |  403 |   403 | 403 | 401
amend_report                    |     403 |     403 |    200 |    404 |  403 |   403 | 403 | 401
get_report that is signed       |     200 |     404 |    200 |    404 |  403 |   200 | 403 | 401
get_report that is a draft      |     404 |     404 |    200 |    404 |  403 |   200 | 403 | 401
print_report that is signed     |     200 |     404 |    200 |    404 |  403 |   403 | 403 | 401
print_report that is a draft    |     404 |     404 |    200 |    404 |  403 |   403 | 403 | 401
Appointments: appointments:read and appointments:write, no writing for administrators
book_appointment                |     201 |     403 |    201 |    404 |  201 |   403 | 403 | 401
book_appointment of a colleague |     201 |     403 |    403 |    403 |  201 |   403 | 403 | 401
get_appointment                 |     200 |     404 |    200 |    404 |  200 |   200 | 403 | 401
change_appointment              |     200 |     404 |    200 |    404 |  200 |   403 | 403 | 401
cancel_appointment              |     200 |     404 |    200 |    404 |  200 |   403 | 403 | 401
hold_time                       |     201 |     201 |    201 |    403 |  201 |   403 | 403 | 401
release_time                    |     200 |     404 |    404 |    404 |  404 |   403 | 404 | 401
free_slots                      |     200 |     200 |    200 |    200 |  200 |   200 | 200 | 401
A feed is the caller's own, and its address is the permission to read it; a doctor who is not approved has an empty one
make_feed                       |     200 |     200 |    200 |    200 |  403 |   403 | 200 | 401
end_feed                        |     200 |     200 |    200 |    200 |  200 |   200 | 200 | 401
calendar_feed                   |     200 |     200 |    200 |    200 |  200 |   200 | 200 | 200
Doctors and their hours are no data of patients: everybody books by them, and schedules:write changes them
list_doctors                    |     200 |     200 |    200 |    200 |  200 |   200 | 200 | 401
get_schedule                    |     200 |     200 |    200 |    200 |  200 |   200 | 200 | 401
replace_schedule                |     403 |     403 |    200 |    404 |  200 |   200 | 404 | 401
get_exceptions                  |     403 |     403 |    200 |    404 |  200 |   200 | 404 | 401
add_exception                   |     403 |     403 |    200 |    404 |  200 |   200 | 404 | 401
remove_exception                |     403 |     403 |    200 |    404 |  200 |   200 | 404 | 401
";

/// What a row of the table is about, its first word the operation, and the expected status of each caller.
fn rows() -> Vec<(&'static str, Vec<u16>)> {
    let rows = TABLE.lines().filter_map(|line| {
        let mut cells = line.split('|').map(str::trim);
        let name = cells.next()?;
        let expected: Result<Vec<u16>, _> = cells.map(str::parse).collect();
        expected
            .ok()
            .filter(|it| !it.is_empty())
            .map(|it| (name, it))
    });
    rows.collect()
}

/// Whether an answer shows a caller what the caller may not see: anything of her         to strangers, anything clinical
/// to the desk and the administration.
fn leaked(caller: Option<&str>, answer: &Answer) -> Option<&'static str> {
    let words = match caller {
        Some(PATIENT | DOCTOR) => &[][..],
        Some(DESK | ADMIN) => &world::CLINICAL_WORDS[..],
        _ => &world::WORDS[..],
    };
    words
        .iter()
        .find(|word| answer.raw.contains(**word))
        .copied()
}

// ACC-9
#[tokio::test]
async fn every_operation_answers_every_caller_as_the_table_says() {
    let rows = rows();
    let named: BTreeSet<String> = rows
        .iter()
        .map(|(name, _)| name.split(' ').next().unwrap().to_owned())
        .collect();
    assert_eq!(named, world::operations(), "the table and the document");
    let world = World::start().await;
    let mut wrong = Vec::new();
    for (name, expected) in rows {
        assert_eq!(expected.len(), CALLERS.len(), "{name}");
        world.next_row();
        for (caller, expected) in CALLERS.into_iter().zip(expected) {
            let answer = world.ask(name, caller).await;
            let who = caller.unwrap_or("nobody");
            if answer.status != expected {
                wrong.push(format!(
                    "{name} by {who}: {} for {expected} {}",
                    answer.status,
                    answer.code()
                ));
            }
            if let Some(word) = leaked(caller, &answer) {
                wrong.push(format!("{name} by {who} shows {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
