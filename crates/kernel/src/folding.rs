//! The form in which names are compared: words without case, accents, width, hyphens and apostrophes (TXT-1, PAT-6).

use unicode_normalization::UnicodeNormalization;

/// Letters without case, accents, width and apostrophes; no hyphens and no blanks.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let letters = text.nfkd().flat_map(char::to_lowercase);
    for c in letters.filter(|c| !is_left_out(*c)) {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ı' => folded.push('i'),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' | 'ɖ' => folded.push('d'),
            'ħ' => folded.push('h'),
            'ŧ' => folded.push('t'),
            'ə' => folded.push('e'),
            'ς' => folded.push('σ'),
            // Spellings of one Arabic or Persian letter.
            'ى' | 'ی' => folded.push('ي'),
            'ة' => folded.push('ه'),
            'ک' => folded.push('ك'),
            other => folded.push(other),
        }
    }
    folded.nfc().collect()
}

/// The spellings of a word that find it: as it is folded; with umlauts as two letters (`Müller` as `mueller`); and with
/// two letters as one (`Mueller` as `muller`). The first is the plain one.
pub fn spellings(word: &str) -> Vec<String> {
    let plain = fold(word);
    let short = ["ae", "oe", "ue", "aa"]
        .iter()
        .fold(plain.clone(), |name, pair| name.replace(pair, &pair[..1]));
    let mut all = vec![plain];
    for other in [fold(&with_two_letters(word)), short] {
        if !all.contains(&other) {
            all.push(other);
        }
    }
    all.retain(|spelling| !spelling.is_empty());
    all
}

fn with_two_letters(word: &str) -> String {
    let mut long = String::with_capacity(word.len());
    for c in word.nfkc().flat_map(char::to_lowercase).nfc() {
        match c {
            'ä' => long.push_str("ae"),
            'ö' | 'ø' => long.push_str("oe"),
            'ü' => long.push_str("ue"),
            'å' => long.push_str("aa"),
            other => long.push(other),
        }
    }
    long
}

/// Whether `c` belongs to a language that writes a person's names without a space.
pub const fn is_gapless(c: char) -> bool {
    matches!(c, '\u{E00}'..='\u{EFF}' | '\u{1780}'..='\u{17FF}' | '\u{2E80}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FF66}'..='\u{FF9F}' | '\u{20000}'..='\u{3FFFF}')
}

/// Hyphens and middle dots, which join the parts of a double name.
pub const fn is_hyphen(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2212}'
                | '\u{58A}'
                | '\u{5BE}'
                | '\u{FE58}'
                | '\u{FE63}'
                | '\u{FF0D}'
                | '\u{B7}'
                | '\u{30FB}'
                | '\u{FF65}'
    )
}

/// Apostrophes, which people leave out or write in other ways.
pub const fn is_apostrophe(c: char) -> bool {
    matches!(c,
        '\'' | '`' | '\u{B4}' | '\u{2B9}'..='\u{2BF}' | '\u{2018}'..='\u{201B}' | '\u{2032}' | '\u{2035}'
        | '\u{5F3}' | '\u{FF07}' | '\u{A78B}' | '\u{A78C}')
}

fn is_left_out(c: char) -> bool {
    is_mark(c) || is_hyphen(c) || is_apostrophe(c) || c.is_whitespace()
}

/// Accents and vowel points that people leave out, and invisible characters; not the vowel signs of scripts that need
/// them.
pub const fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}'
        | '\u{FE20}'..='\u{FE2F}' | '\u{591}'..='\u{5C7}' | '\u{610}'..='\u{61A}' | '\u{640}'
        | '\u{64B}'..='\u{65F}' | '\u{670}'
        | '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // TXT-1, PAT-6
    #[test]
    fn letters_are_compared_without_case_accents_and_apostrophes() {
        for (text, folded) in [
            ("Zoe\u{308}", "zoe"),
            ("O\u{2019}BRIEN", "obrien"),
            ("WEI\u{1e9e}", "weiss"),
            ("Işık İI", "isikii"),
            ("Фёдор Й", "федори"),
            ("Σωκράτης", "σωκρατησ"),
            ("ＡＢＣ\u{212a}", "abck"),
            ("कमला", "कमला"),
            ("が", "が"),
            ("ﾀﾛｳ", "タロウ"),
            ("Nguyễn Đức", "nguyenduc"),
            ("أحمد", "احمد"),
            ("فاطمة", "فاطمه"),
            ("\u{b4}\u{a8}-'", ""),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    // PAT-6
    #[test]
    fn an_umlaut_is_found_as_one_letter_and_as_two() {
        for (word, all) in [
            ("Müller", "muller mueller"),
            ("MU\u{308}LLER", "muller mueller"),
            ("Mueller", "mueller muller"),
            ("Øster", "oster oester"),
            ("Ågård", "agard aagaard"),
            ("Aagaard", "aagaard agard"),
            ("Straße", "strasse"),
        ] {
            assert_eq!(spellings(word).join(" "), all, "{word}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in any::<String>()) {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }

        #[test]
        fn composed_and_decomposed_fold_to_one(text in "\\PC{0,12}") {
            let (nfc, nfd): (String, String) = (text.nfc().collect(), text.nfd().collect());
            prop_assert_eq!(spellings(&nfc), spellings(&nfd));
        }
    }
}
