//! Whether an account may be used, by the words and flags of the older service (LEG-1): in memory, in filters, and in
//! words.

use bson::{Bson, Document, doc};

use super::values::flag_of;
use crate::accounts::documents::Status;

/// Words besides `active` with which the older service and other programs mark an active account. An account without a
/// word is active too.
const WORDS_FOR_IN_USE: [&str; 3] = ["verified", "approved", "enabled"];
/// Fields of the older service that close an account if they say no.
const FLAGS: [&str; 2] = ["is_active", "is_verified"];

/// How many characters of a status word are shown.
const SHOWN: usize = 40;

/// The status that the fields of an account's document give. A word that is not known to mean "in use" closes the
/// account, and so does one of the older flags.
#[must_use]
pub fn of(account: &Document) -> Status {
    let off = |flag: &str| account.get(flag).and_then(flag_of) == Some(false);
    match by_word(account.get("status")) {
        // An invited person has not proven the address yet, so `is_verified` does not count.
        Status::Invited if !off("is_active") => Status::Invited,
        Status::Active if !FLAGS.into_iter().any(off) => Status::Active,
        _ => Status::Disabled,
    }
}

fn by_word(stored: Option<&Bson>) -> Status {
    let word = match stored {
        None | Some(Bson::Null) => return Status::Active,
        Some(Bson::String(word)) => word.trim().to_lowercase(),
        Some(_) => return Status::Disabled,
    };
    match word.as_str() {
        "" | "active" => Status::Active,
        "invited" => Status::Invited,
        other if WORDS_FOR_IN_USE.contains(&other) => Status::Active,
        _ => Status::Disabled,
    }
}

/// The reason why an account is closed, if it is not this service's word `disabled`.
#[must_use]
pub fn reason(account: &Document) -> Option<String> {
    if of(account) != Status::Disabled {
        return None;
    }
    match account.get("status") {
        word if by_word(word) != Status::Disabled => {
            let off = |flag: &&str| account.get(flag).and_then(flag_of) == Some(false);
            let flag = FLAGS.into_iter().find(off)?;
            Some(format!("{flag} false"))
        }
        Some(Bson::String(word)) => {
            let word: String = word.trim().to_lowercase().chars().take(SHOWN).collect();
            (word != Status::Disabled.name()).then(|| format!("status {word:?}"))
        }
        _ => Some("a status that is no text".to_owned()),
    }
}

/// The filter for the accounts with `status`, by the same words and flags.
#[must_use]
pub fn filter(status: Status) -> Document {
    match status {
        Status::Active => {
            let words = format!("{}|{}", Status::Active.name(), WORDS_FOR_IN_USE.join("|"));
            let off: Vec<Document> = FLAGS.iter().flat_map(|flag| is_off(flag)).collect();
            let word = is_word(&format!("({words})?"));
            let any = [word, doc! { "status": Bson::Null }];
            // A list of words does not count.
            doc! { "$or": any, "status.0": { "$exists": false }, "$nor": off }
        }
        Status::Invited => {
            let mut invited = is_word(Status::Invited.name());
            invited.insert("$nor", is_off("is_active"));
            invited
        }
        // Every other word counts as disabled.
        Status::Disabled => doc! { "$nor": [filter(Status::Active), filter(Status::Invited)] },
    }
}

fn is_word(words: &str) -> Document {
    doc! { "status": { "$regex": format!(r"^\s*{words}\s*$"), "$options": "i" } }
}

/// Whether the flag means "no", in one of its usual spellings.
fn is_off(flag: &str) -> Vec<Document> {
    let words = doc! { "$regex": r"^\s*(false|no|n|off|0)\s*$", "$options": "i" };
    vec![doc! { flag: false }, doc! { flag: 0 }, doc! { flag: words }]
}

#[cfg(test)]
mod tests {
    use bson::doc;

    use super::*;

    // LEG-1
    #[test]
    fn only_a_word_that_means_active_keeps_an_account_open() {
        for word in ["active", "Verified", " APPROVED ", "enabled", ""] {
            assert_eq!(of(&doc! { "status": word }), Status::Active, "{word}");
        }
        for word in ["deleted", "inactive", "suspended", "actve", "disabled"] {
            assert_eq!(of(&doc! { "status": word }), Status::Disabled, "{word}");
        }
        assert_eq!(of(&doc! {}), Status::Active);
        assert_eq!(of(&doc! { "status": Bson::Null }), Status::Active);
        assert_eq!(of(&doc! { "status": true }), Status::Disabled);
    }

    #[test]
    fn a_flag_that_says_no_closes_an_account() {
        for no in [Bson::from(false), "No".into(), 0.into()] {
            for flag in FLAGS {
                let account = doc! { "status": "active", flag: no.clone() };
                assert_eq!(of(&account), Status::Disabled, "{account}");
            }
        }
        let invited = doc! { "status": "invited", "is_verified": false };
        assert_eq!(of(&invited), Status::Invited);
        let closed = doc! { "status": "invited", "is_active": false };
        assert_eq!(of(&closed), Status::Disabled);
        let unclear = doc! { "is_active": "x", "is_verified": Bson::Null };
        assert_eq!(of(&unclear), Status::Active);
    }
}
