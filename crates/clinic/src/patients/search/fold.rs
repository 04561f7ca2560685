//! The words of names, and the beginnings of words by which they are looked up (PAT-6, PAT-7).

use std::collections::BTreeSet;

/// The lengths of the stored beginnings of a word; the whole word is stored as well.
const BEGINNINGS: std::ops::RangeInclusive<usize> = 2..=8;

/// The words of a name or of a typed text, without the commas, brackets and quotes around them.
pub(super) fn chunks(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || is_around(c))
        .map(|chunk| chunk.trim_end_matches('.'))
        .filter(|chunk| !chunk.is_empty())
}

/// The beginnings of a word that are stored: of 2 to 8 code points, and the whole word.
pub(super) fn beginnings(word: &str) -> BTreeSet<&str> {
    let ends = word.char_indices().map(|(at, _)| at).enumerate();
    let ends = ends.filter(|(length, _)| BEGINNINGS.contains(length));
    let parts = ends.filter_map(|(_, end)| word.get(..end));
    parts.chain([word]).filter(|it| !it.is_empty()).collect()
}

/// The stored beginning by which a word is looked up that may be longer: its first 8 code points. `None` if the word is
/// shorter than 2.
pub(super) fn lookup_beginning(word: &str) -> Option<&str> {
    let end = word.char_indices().nth(*BEGINNINGS.end());
    let begin = word.get(..end.map_or(word.len(), |(at, _)| at))?;
    (word.chars().count() >= *BEGINNINGS.start()).then_some(begin)
}

const fn is_around(c: char) -> bool {
    matches!(
        c,
        ',' | ';' | '/' | '(' | ')' | '[' | ']' | '"' | '\u{201C}'
            ..='\u{201F}' | '«' | '»' | '（' | '）' | '，' | '、'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_beginnings_have_2_to_8_letters_and_the_whole_word() {
        let of = |word| beginnings(word).into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(of("anna"), "an ann anna");
        assert_eq!(of("李"), "李");
        let long = "ma max maxi maxim maximi maximil maximili maximiliane";
        assert_eq!(of("maximiliane"), long);
        assert_eq!(lookup_beginning("maximiliane"), Some("maximili"));
        assert_eq!(lookup_beginning("an"), Some("an"));
        assert_eq!(lookup_beginning("a"), None);
    }

    #[test]
    fn chunks_lose_the_punctuation_around_them() {
        let of = |text| chunks(text).collect::<Vec<_>>().join("|");
        assert_eq!(of("Müller, Anna (Nina) Jr."), "Müller|Anna|Nina|Jr");
        assert_eq!(of(" .* % $ "), ".*|%|$");
    }

    proptest! {
        #[test]
        fn every_word_is_looked_up_by_one_of_its_beginnings(word in "\\PC{2,12}") {
            let begin = lookup_beginning(&word).unwrap();
            prop_assert!(beginnings(&word).contains(begin));
        }
    }
}
