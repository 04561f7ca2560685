//! Sixty names and the texts that find them (PAT-6, PAT-7).

use kernel::ids::UserId;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::*;
use crate::patients::{
    birth::Birth,
    values::Sex,
    who::{PatientNames, Who},
};

/// First name, last name, and texts that find the person.
const NAMES: [(&str, &str, &str); 60] = [
    (
        "Anna",
        "Müller",
        "muller|MÜLLER|Mueller|müller|an mü|müller anna|anna m|Müller, Anna",
    ),
    ("Jörg", "Mueller", "müller jo|muller|mueller|joerg|JORG"),
    ("Lars", "Øster", "oster|oester|øst|ØSTER lars"),
    ("Łukasz", "Wójcik", "lukasz|wojcik|ŁUK|lu wo"),
    ("Heidi", "Straße", "strasse|STRASSE|straß|strass heidi"),
    ("Minh", "Đặng", "dang|đặng|dang minh|DANG"),
    (
        "Thị Hương",
        "Nguyễn",
        "nguyen|nguyễn thi|huong nguyen|NGUYEN THI HUONG",
    ),
    (
        "Sinéad",
        "O’Connor",
        "oconnor|o'connor|o’connor|o connor|sinead|connor",
    ),
    ("Liam", "O'Brien", "obrien|O`BRIEN|o\u{2bc}brien"),
    (
        "Zoë",
        "van der Berg",
        "zoe|van der berg|berg zoe|vanderberg|der berg",
    ),
    ("José María", "Núñez", "jose nunez|maria nun|núñez"),
    ("François", "Lefèvre", "francois|lefevre|LEFÈVRE f"),
    (
        "Jean-Luc",
        "Piché",
        "jean luc|jean-luc|jeanluc|luc pi|piche",
    ),
    ("João", "Conceição", "joao|conceicao|conceição j"),
    ("Ağca", "Işık", "isik|ışık|agca|ISIK"),
    ("İbrahim", "Çelik", "ibrahim|celik|İBRAHİM"),
    ("Åse", "Ågård", "agard|aagaard|aase|ase"),
    ("Søren", "Kjærgård", "soren|soeren|kjaergard|kjærgård"),
    ("Björn", "Þórsson", "bjorn|bjoern|thorsson|þórs"),
    ("Guðrún", "Ægisdóttir", "gudrun|aegisdottir|ægis"),
    ("Dvořák", "Jiří", "dvorak|jiri|jiří dvořák"),
    ("Šárka", "Žižková", "sarka|zizkova|ŽIŽ"),
    ("Ștefan", "Țăranu", "stefan|taranu|șt ță"),
    ("Győző", "Szűcs", "gyozo|szucs"),
    ("Đorđe", "Ćosić", "dorde|cosic|ćosić"),
    ("Ģirts", "Šķēle", "girts|skele"),
    (
        "Eliška",
        "Müllerová-Šťastná",
        "mullerova|stastna|muller-stast|muellerova",
    ),
    ("Leyla", "Əliyeva", "eliyeva|leyla ə|əliyeva"),
    ("Cœur", "D’Aubigné", "coeur|daubigne|d'aubigne|aubigne"),
    ("Seán", "Mac Giolla", "sean|macgiolla|mac giolla|giolla"),
    ("Anne", "de la Cruz", "de la cruz|lacruz|cruz anne"),
    ("Ｍａｒｉａ", "Ｒｏｓｓｉ", "maria|rossi|ＲＯＳＳＩ|ma ro"),
    (
        "Maximiliane",
        "Schulenburg",
        "maximiliane|schulenburg|schulenb max",
    ),
    (
        "Robert \"Bob\"",
        "Smith Jr.",
        "bob|smith jr|\"bob\"|smith jr.",
    ),
    ("Madonna", "", "madonna|mado"),
    (
        "Γιώργος",
        "Παπαδόπουλος",
        "γιωργος|παπαδοπουλος|ΓΙΏΡΓΟΣ|παπα γιω",
    ),
    ("Ελένη", "Σωκράτους", "ελενη|σωκρατους|ΣΩΚΡΆΤΟΥΣ"),
    (
        "Фёдор",
        "Достоевский",
        "федор|ДОСТОЕВСКИЙ|достоевскии|фёдор д",
    ),
    ("Олександр", "Ковальчук", "олександр|КОВАЛЬ ол"),
    ("Їжакевич", "Іван", "іжакевич|їжак"),
    ("أحمد", "الهاشمي", "احمد|أحمد|الهاشمي|الها احم"),
    ("فاطمة", "مصطفى", "فاطمه|فاطمة|مصطفي|مُصْطَفَى"),
    ("محمد", "کریمی", "محمد|كريمي|کریمی|مُحَمَّد"),
    ("שָׂרָה", "כהן", "שרה|כהן|שרה כה"),
    ("कमला", "शर्मा", "कमला|शर्मा|कम शर"),
    ("राजेश", "कुमार", "राजेश|कुमार राजेश"),
    ("সুমিত্রা", "দাস", "সুমিত্রা|দাস"),
    ("முத்து", "குமரன்", "முத்து|குமரன்"),
    ("สมชาย", "ใจดี", "สมชาย|ใจดี|สม ใจ|สมชายใจดี"),
    ("明", "李", "李明|明李|李 明|明 李"),
    ("小龙", "王", "王小龙|小龙|王小|王 小龙"),
    ("太郎", "山田", "山田|太郎|山田太郎|山田 太郎"),
    ("ハナコ", "スズキ", "ハナコ|スズキ|ﾊﾅｺ|スズキハナコ"),
    (
        "ジャン・ポール",
        "ベルモンド",
        "ジャン|ポール|ジャンポール|ベルモ",
    ),
    ("민준", "김", "김민준|민준|김 민준|민준 김"),
    ("서연", "남궁", "남궁|남궁서연|서연"),
    ("ნინო", "ბერიძე", "ნინო|ბერიძე ნი"),
    ("Արամ", "Խաչատրյան", "արամ|ԽԱՉԱՏՐՅԱՆ"),
    ("አበበ", "ቢቂላ", "አበበ|ቢቂላ"),
    (
        "Anna-Maria",
        "Lüdenscheid-Wolff",
        "anna maria|anna-maria|annamaria|ludenscheid|wolff luedensch",
    ),
];

/// Texts with signs that other systems take for patterns. They find no patient.
const LITERAL: [&str; 9] = [
    "%%", ".*", "$$", "a%", "an.*", "^an", "__", "[a-z]*", "\\w+",
];

pub(super) fn person(first: &str, last: &str) -> Findable {
    let who = Who {
        names: PatientNames::parse(None, Some(first), Some(last)).unwrap(),
        birth: Birth::EstimatedYear(1990),
        sex: Sex::Unknown,
        phone: None,
        email: None,
        address: None,
        referred_by: None,
        emergency_contact: None,
        language: None,
    };
    Findable::of(&UserId::from_stored("PAT1"), &who, &PhoneRules::default())
}

/// Whether the index finds the record, and the check confirms it.
pub(super) fn finds(typed: &str, record: &Findable) -> bool {
    let query = Query::parse(typed, &PhoneRules::default()).unwrap();
    let stored = record.terms();
    let has_all = |lookup: &Lookup| lookup.iter().all(|term| stored.contains(term));
    query.lookups().iter().any(has_all) && query.matches(record).is_some()
}

// PAT-6, PAT-7
#[test]
fn sixty_names_are_found_by_every_spelling() {
    for (first, last, texts) in NAMES {
        let nfc = person(first, last);
        let decomposed = |name: &str| name.nfd().collect::<String>();
        let nfd = person(&decomposed(first), &decomposed(last));
        for typed in texts.split('|') {
            for spelled in [typed.to_owned(), decomposed(typed), typed.nfc().collect()] {
                assert!(
                    finds(&spelled, &nfc),
                    "{typed} does not find {first} {last}"
                );
                assert!(
                    finds(&spelled, &nfd),
                    "{typed} does not find {first} {last}"
                );
            }
        }
    }
}

#[test]
fn sixty_names_do_not_find_each_other() {
    let people = NAMES.map(|(first, last, _)| person(first, last));
    for (first, last, texts) in NAMES {
        let own = person(first, last);
        for typed in texts.split('|') {
            let found = people.iter().filter(|other| finds(typed, other));
            assert!(found.clone().count() <= 4, "{typed} finds too many");
            assert!(finds(typed, &own));
        }
        assert!(
            !finds(&format!("{first}qq"), &own),
            "{first}qq finds {first}"
        );
    }
}

// PAT-7
#[test]
fn signs_of_patterns_are_literal() {
    for typed in LITERAL {
        for (first, last, _) in NAMES {
            assert!(!finds(typed, &person(first, last)), "{typed} finds {first}");
        }
    }
}

#[test]
fn a_name_of_many_words_has_few_terms() {
    let long = person("Maximiliane Josefine", "von der Schulenburg-Wolfsburg");
    assert!(long.terms().len() < 80, "{}", long.terms().len());
    // Different words of two letters, as many as a name can hold.
    let words = |first: char| (0..33_u8).map(move |n| format!("{first}{}", char::from(b'A' + n)));
    for gap in [" ", "-"] {
        let [one, other] = ['x', 'y'].map(|first| words(first).collect::<Vec<_>>().join(gap));
        let count = person(&one, &other).terms().len();
        assert!(count < 150, "{gap}: {count}");
    }
}

proptest! {
    #[test]
    fn a_person_is_found_by_every_beginning_of_a_word(
        first in "[a-zA-ZäöüßéñłøışЖйфकमला王'’-]{2,12}", last in "[a-zA-ZäöüÅé -]{0,20}", cut in 2_usize..12,
    ) {
        let names = PatientNames::parse(None, Some(&first), Some(&last));
        prop_assume!(names.is_ok());
        let record = person(&first, &last);
        let word = first.split(['-', '\'', '’']).find(|it| it.chars().count() >= 2);
        if let Some(word) = word {
            let begin: String = word.chars().take(cut).collect();
            prop_assert!(finds(&begin, &record), "{begin:?} does not find {first:?}");
        }
    }

    #[test]
    fn what_matches_is_in_the_index(first in "\\PC{1,12}", last in "\\PC{0,12}", typed in "\\PC{2,8}") {
        let names = PatientNames::parse(None, Some(&first), Some(&last));
        let query = Query::parse(&typed, &PhoneRules::default());
        prop_assume!(names.is_ok() && query.is_ok());
        let record = person(&first, &last);
        if let Ok(query) = query && query.matches(&record).is_some() {
            let letters = typed.chars().filter(|c| c.is_alphanumeric()).count();
            prop_assert!(finds(&typed, &record) || letters < 4, "{typed:?} {first:?} {last:?}");
        }
    }
}
