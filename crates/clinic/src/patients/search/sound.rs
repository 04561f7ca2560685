//! How a word of a name sounds (PAT-10).

use std::collections::BTreeSet;

use rphonetic::DoubleMetaphone;

/// The length of a code. The usual four letters make one of `Schwarzenberg` and `Schwarzenegger`.
const CODE: usize = 8;

/// The codes of a folded word. Empty for a word of one letter and for one in another script than the Latin one, of which
/// the encoder knows nothing.
pub(super) fn sounds(folded: &str) -> BTreeSet<String> {
    if folded.len() < 2 || !folded.bytes().all(|b| b.is_ascii_lowercase()) {
        return BTreeSet::new();
    }
    let code = DoubleMetaphone::new(Some(CODE)).double_metaphone(folded);
    let mut codes = BTreeSet::from([code.primary(), code.alternate()]);
    codes.remove("");
    codes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // PAT-10
    #[test]
    fn names_that_sound_alike_share_a_code() {
        let alike = |one: &str, other: &str| !sounds(one).is_disjoint(&sounds(other));
        for names in [
            "meier meyer maier mayr",
            "schmidt schmitt schmid",
            "muller mueller miller",
            "catherine katharine kathrin",
            "stephen steven stefan",
            "philip filip phillip",
            "thomson tomson",
            "clark clarke klark",
        ] {
            let names: Vec<&str> = names.split(' ').collect();
            assert!(names.iter().all(|name| alike(names[0], name)), "{names:?}");
        }
        assert!(!alike("meier", "schmidt"));
        assert!(!alike("schwarzenberg", "schwarzenegger"));
    }

    #[test]
    fn other_scripts_and_single_letters_have_no_code() {
        for word in ["", "a", "иванов", "李明", "o.k", "müller"] {
            assert!(sounds(word).is_empty(), "{word}");
        }
    }

    proptest! {
        #[test]
        fn any_word_of_latin_letters_has_codes_without_a_panic(word in "[a-z]{0,24}") {
            let _ = sounds(&word);
        }

        #[test]
        fn other_texts_have_codes_without_a_panic(word in any::<String>()) {
            let _ = sounds(&word);
        }
    }
}
