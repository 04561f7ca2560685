//! What of a record can be found.

use std::{collections::BTreeSet, fmt};

use kernel::{
    contact::EmailAddress,
    folding::{fold, is_apostrophe, is_gapless, is_hyphen, spellings},
    ids::UserId,
};

use super::{
    fold::{beginnings, chunks},
    phone::{Phone, PhoneRules},
    sound::sounds,
    term::{Term, TermField},
};
use crate::patients::{birth::Birth, who::Who};

/// The longest particle, such as `de`, `van` or `mac`. It is also found together with the words after it.
const PARTICLE: usize = 3;
/// How many particles follow each other.
const MAX_PARTICLES: usize = 3;

/// How many words of a name are found; a longer one is no name, and each word costs up to eight terms.
const MAX_WORDS: usize = 16;

/// What of an opened record can be found. `Debug` shows none of it (LOG-2).
#[derive(Clone)]
pub struct Findable {
    pub(super) patient_id: UserId,
    pub(super) names: Names,
    pub(super) email: Option<EmailAddress>,
    pub(super) phone: Option<Phone>,
    pub(super) birth: Birth,
}

/// The names of a record, folded.
#[derive(Clone)]
pub(super) struct Names {
    /// The words; a double name is two.
    pub(super) words: Vec<Word>,
    /// Words that are also found as one: double names, particles, and names of scripts without spaces.
    pub(super) joined: Vec<String>,
    /// Both names as one word, in both orders, if their script has no spaces in names.
    gapless: Vec<String>,
    /// The full name, for sorting.
    pub(super) sorted: String,
}

/// A word of a name.
#[derive(Clone)]
pub(super) struct Word {
    /// Its spellings; each stands for the whole word.
    pub(super) spellings: Vec<String>,
    /// The parts around an apostrophe.
    pub(super) parts: Vec<String>,
    /// How it sounds.
    pub(super) sounds: BTreeSet<String>,
}

impl Findable {
    /// What of `who` can be found.
    pub fn of(patient_id: &UserId, who: &Who, rules: &PhoneRules) -> Self {
        Self {
            patient_id: patient_id.clone(),
            names: Names::of([who.names.first_name.as_str(), who.names.last_name.as_str()]),
            email: who.email.clone(),
            phone: who.phone.as_ref().and_then(|it| Phone::of(it, rules)),
            birth: who.birth.clone(),
        }
    }

    /// The terms by which the index finds the record. The user id is none: it is the record's own id.
    pub fn terms(&self) -> BTreeSet<Term> {
        let mut terms = BTreeSet::new();
        for word in self.names.all() {
            let begins = beginnings(word).into_iter();
            terms.extend(begins.map(|it| Term::new(TermField::Name, it)));
        }
        let heard = self.names.words.iter().flat_map(|word| &word.sounds);
        terms.extend(heard.map(|code| Term::new(TermField::Sound, code)));
        if let Some(email) = &self.email {
            terms.insert(Term::new(TermField::Email, email.canonical()));
            let begins = beginnings(email.local_part()).into_iter();
            terms.extend(begins.map(|it| Term::new(TermField::EmailStart, it)));
        }
        if let Some(phone) = &self.phone {
            terms.insert(Term::new(TermField::Phone, phone.key()));
            terms.extend(phone.ends().map(|end| Term::new(TermField::PhoneEnd, end)));
        }
        if let Some(date) = self.birth.date() {
            terms.insert(Term::new(TermField::Born, date.as_str()));
        }
        terms
    }
}

/// What decides whether two records are of one person (PAT-11).
impl Findable {
    /// When the person was born.
    pub(in crate::patients) fn birth(&self) -> &Birth {
        &self.birth
    }

    /// The terms of the telephone number and of the e-mail address.
    pub(in crate::patients) fn contact_terms(&self) -> Vec<Term> {
        let phone = self.phone.as_ref();
        let phone = phone.map(|it| Term::new(TermField::Phone, it.key()));
        let email = self.email.as_ref();
        let email = email.map(|it| Term::new(TermField::Email, it.canonical()));
        phone.into_iter().chain(email).collect()
    }

    /// The term of the date of birth; `None` if only a year is known.
    pub(in crate::patients) fn born_term(&self) -> Option<Term> {
        let date = self.birth.date()?;
        Some(Term::new(TermField::Born, date.as_str()))
    }

    /// The term of the longest word of the name in its shortest spelling, which all spellings of the word share.
    pub(in crate::patients) fn name_terms(&self) -> Vec<Term> {
        let words = self.names.words.iter().filter_map(Word::shortest);
        let longest = words.max_by_key(|word| word.chars().count());
        let term = longest.map(|word| Term::new(TermField::Name, word));
        term.into_iter().collect()
    }

    /// Whether the telephone numbers are the same.
    pub(in crate::patients) fn has_same_phone(&self, other: &Self) -> bool {
        let both = self.phone.as_ref().zip(other.phone.as_ref());
        both.is_some_and(|(one, another)| one.is_same(another))
    }

    /// Whether the e-mail addresses are the same.
    pub(in crate::patients) fn has_same_email(&self, other: &Self) -> bool {
        let both = self.email.as_ref().zip(other.email.as_ref());
        both.is_some_and(|(one, another)| one.canonical() == another.canonical())
    }

    /// Whether the names are the same, whatever their order and spelling; a middle name may be missing.
    pub(in crate::patients) fn has_same_name(&self, other: &Self) -> bool {
        self.names.fit(&other.names, Word::is_same)
    }

    /// Whether the names are the same or sound alike.
    pub(in crate::patients) fn name_sounds_like(&self, other: &Self) -> bool {
        self.names.fit(&other.names, Word::sounds_like)
    }
}

impl fmt::Debug for Findable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Findable").finish_non_exhaustive()
    }
}

impl Names {
    /// The names of a person, in their order.
    pub(super) fn of(names: [&str; 2]) -> Self {
        let chunks = names.into_iter().flat_map(chunks).take(MAX_WORDS);
        let chunks: Vec<&str> = chunks.collect();
        let words = chunks.iter().flat_map(|chunk| chunk.split(is_hyphen));
        let words: Vec<Word> = words.filter_map(Word::of).take(MAX_WORDS).collect();
        let hyphened = chunks.iter().filter(|chunk| chunk.contains(is_hyphen));
        let mut joined: Vec<String> = hyphened.flat_map(|chunk| spellings(chunk)).collect();
        for start in 0..chunks.len() {
            joined.extend(with_particles(chunks.get(start..).unwrap_or_default()));
        }
        let mut gapless = Vec::new();
        if names.concat().chars().any(is_gapless) {
            let [first, last] = names;
            gapless = vec![
                fold(&format!("{first}{last}")),
                fold(&format!("{last}{first}")),
            ];
            joined.extend(gapless.iter().cloned());
        }
        joined.retain(|word| !word.is_empty());
        let plain: Vec<&str> = words.iter().map(Word::plain).collect();
        Self {
            sorted: plain.join(" "),
            words,
            joined,
            gapless,
        }
    }

    /// Whether each word of the shorter name fits a word of its own of the longer one, or both are one name without
    /// spaces.
    fn fit(&self, other: &Self, fits: impl Fn(&Word, &Word) -> bool) -> bool {
        let (short, long) = if self.words.len() <= other.words.len() {
            (self, other)
        } else {
            (other, self)
        };
        let mut left: Vec<&Word> = long.words.iter().collect();
        let all_fit = short.words.iter().all(|word| {
            let place = left.iter().position(|own| fits(word, own));
            place.map(|place| left.swap_remove(place)).is_some()
        });
        let is_one = |name: &String| other.gapless.contains(name);
        (all_fit && !short.words.is_empty()) || self.gapless.iter().any(is_one)
    }

    /// Every folded word that finds the record.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        let words = self.words.iter();
        let words = words.flat_map(|word| word.spellings.iter().chain(&word.parts));
        words.chain(&self.joined).map(String::as_str)
    }
}

/// The first chunk and those after it as one word, up to the first that is no particle: `vanderberg`. Empty if the first
/// is none, or the last.
fn with_particles(chunks: &[&str]) -> Vec<String> {
    let is_particle = |chunk: &&&str| fold(chunk).chars().count() <= PARTICLE;
    let particles = chunks.iter().take(MAX_PARTICLES);
    let particles = particles.take_while(is_particle).count();
    let one: String = chunks.iter().take(particles + 1).copied().collect();
    match particles {
        0 => Vec::new(),
        _ if chunks.len() == 1 => Vec::new(),
        _ => spellings(&one),
    }
}

impl Word {
    fn of(typed: &str) -> Option<Self> {
        let spellings = spellings(typed);
        let mut parts: Vec<String> = typed.split(is_apostrophe).map(fold).collect();
        if parts.len() == 1 {
            parts.clear();
        }
        parts.retain(|part| !part.is_empty());
        let sounds = spellings.iter().flat_map(|it| sounds(it)).collect();
        (!spellings.is_empty()).then_some(Self {
            spellings,
            parts,
            sounds,
        })
    }

    fn shortest(&self) -> Option<&str> {
        let spellings = self.spellings.iter().map(String::as_str);
        spellings.min_by_key(|spelling| spelling.chars().count())
    }

    fn plain(&self) -> &str {
        self.spellings
            .first()
            .map(String::as_str)
            .unwrap_or_default()
    }

    /// Whether both are spellings of one word.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.spellings.iter().any(|it| other.spellings.contains(it))
    }

    /// Whether both are one word, or sound alike.
    pub(super) fn sounds_like(&self, other: &Self) -> bool {
        self.is_same(other) || !self.sounds.is_disjoint(&other.sounds)
    }
}
