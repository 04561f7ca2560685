//! What a typed text looks for (PAT-7 to PAT-10).

use std::{collections::BTreeSet, fmt};

use kernel::{
    contact::{EmailAddress, Mobile, digit},
    error::RuleViolation,
    folding::{fold, is_gapless, is_hyphen},
    ids::{UserId, is_id_shaped},
    profile::{DateOfBirth, read_date},
    text::trim_invisible,
};

use super::{
    findable::{Findable, Names},
    fold::{chunks, lookup_beginning},
    hits::{Hit, MatchKind},
    phone::{Phone, PhoneRules},
    sound::sounds,
    term::{Term, TermField},
};

const TOO_SHORT: RuleViolation = RuleViolation::new("too_short", "Must have at least 2 characters");
const TOO_LONG: RuleViolation = RuleViolation::new("too_long", "Must have at most 100 characters");

/// A typed text, read as what it looks for. `Debug` shows the kind only (AUDX-6).
#[derive(Clone, PartialEq, Eq)]
pub struct Query(Wanted);

#[derive(Clone, PartialEq, Eq)]
enum Wanted {
    /// A user id.
    Id(UserId),
    /// An e-mail address in its canonical form.
    Email(String),
    /// A whole local part, and the beginning of a domain.
    EmailStart { local: String, domain: String },
    /// A whole telephone number.
    Phone(Phone),
    /// The last 4 to 6 digits of one.
    PhoneEnd(String),
    /// Words of a name, a date of birth, or both.
    Person(Person),
}

#[derive(Clone, Default, PartialEq, Eq)]
struct Person {
    /// The beginnings of words, folded.
    words: Vec<String>,
    /// The words as one, if their script has no spaces in names.
    joined: Option<String>,
    /// The date of birth, `YYYY-MM-DD`.
    born: Option<String>,
    /// A single word that may also be the beginning of an address's local part.
    local: Option<String>,
}

/// One way to find candidates: the records that have all these terms. The first term is the one to use the index for;
/// the store may ignore the others, because [`Query::matches`] checks every candidate.
pub type Lookup = Vec<Term>;

impl Query {
    /// Reads a text of 2 to 100 code points.
    ///
    /// # Errors
    /// `too_short` or `too_long`.
    pub fn parse(typed: &str, rules: &PhoneRules) -> Result<Self, RuleViolation> {
        let text = trim_invisible(typed);
        match text.chars().count() {
            0..=1 => Err(TOO_SHORT),
            2..=100 => Ok(Self(Wanted::read(text, rules))),
            _ => Err(TOO_LONG),
        }
    }

    /// The id of the only record that can match; `None` if the text is no user id.
    pub fn patient_id(&self) -> Option<&UserId> {
        match &self.0 {
            Wanted::Id(id) => Some(id),
            _ => None,
        }
    }

    /// What the text is, in one word; for the audit trail (AUDX-6).
    pub const fn kind(&self) -> &'static str {
        match &self.0 {
            Wanted::Id(_) => "patient_id",
            Wanted::Email(_) | Wanted::EmailStart { .. } => "email",
            Wanted::Phone(_) | Wanted::PhoneEnd(_) => "phone",
            Wanted::Person(person) if person.words.is_empty() => "date_of_birth",
            Wanted::Person(_) => "name",
        }
    }

    /// Where to look for exact hits. Empty for a user id, and for a text without a letter or digit that counts.
    pub fn lookups(&self) -> Vec<Lookup> {
        let one = |field, value: &str| match value {
            "" => Vec::new(),
            value => vec![vec![Term::new(field, value)]],
        };
        match &self.0 {
            Wanted::Id(_) => Vec::new(),
            Wanted::Email(address) => one(TermField::Email, address),
            Wanted::EmailStart { local, .. } => one(TermField::EmailStart, local),
            Wanted::Phone(phone) => one(TermField::Phone, phone.key()),
            Wanted::PhoneEnd(end) => one(TermField::PhoneEnd, end),
            Wanted::Person(person) => person.lookups(),
        }
    }

    /// Where to look for sound-alikes; only where they are asked for or there is no exact hit (PAT-10).
    pub fn sound_lookups(&self) -> Vec<Lookup> {
        let Wanted::Person(person) = &self.0 else {
            return Vec::new();
        };
        let heard = person.words.iter().map(|word| (word.len(), sounds(word)));
        let heard = heard.filter(|(_, codes)| !codes.is_empty());
        let longest = heard.max_by_key(|(length, _)| *length);
        let codes = longest.map(|(_, codes)| codes).unwrap_or_default();
        let terms = codes
            .into_iter()
            .map(|code| Term::new(TermField::Sound, code));
        terms.map(|term| vec![term]).collect()
    }

    /// Whether the text finds this record exactly.
    pub fn matches(&self, record: &Findable) -> Option<Hit> {
        let email = record.email.as_ref();
        let phone = record.phone.as_ref();
        let found = |is_found: bool, kind| is_found.then(|| record.hit(kind));
        match &self.0 {
            Wanted::Id(id) => found(record.patient_id == *id, MatchKind::PatientId),
            Wanted::Email(address) => {
                let is_found = email.is_some_and(|own| own.canonical() == address);
                found(is_found, MatchKind::Email)
            }
            Wanted::EmailStart { local, domain } => {
                let begins = |own: &EmailAddress| {
                    let rest = own.canonical().strip_prefix(local.as_str());
                    let rest = rest.and_then(|rest| rest.strip_prefix('@'));
                    rest.is_some_and(|rest| rest.starts_with(domain.as_str()))
                };
                found(email.is_some_and(begins), MatchKind::Email)
            }
            Wanted::Phone(phone_wanted) => {
                let is_found = phone.is_some_and(|own| own.is_same(phone_wanted));
                found(is_found, MatchKind::Phone)
            }
            Wanted::PhoneEnd(end) => {
                let is_found = phone.is_some_and(|own| own.ends().any(|it| it == end));
                found(is_found, MatchKind::Phone)
            }
            Wanted::Person(person) => person.matches(record),
        }
    }

    /// Whether each typed word sounds like a word of the record's name. `None` for a record that the text finds exactly.
    pub fn sounds_like(&self, record: &Findable) -> Option<Hit> {
        let Wanted::Person(person) = &self.0 else {
            return None;
        };
        if person.matches(record).is_some() {
            return None;
        }
        let names = &record.names;
        let is_like = |word: &String| {
            let codes = sounds(word);
            let sounds = names
                .words
                .iter()
                .any(|own| !own.sounds.is_disjoint(&codes));
            sounds || names.all().any(|own| own.starts_with(word.as_str()))
        };
        let is_found =
            !person.words.is_empty() && person.is_born(record) && person.words.iter().all(is_like);
        is_found.then(|| Hit {
            is_sound: true,
            left: names.words.len().saturating_sub(person.words.len()),
            ..record.hit(MatchKind::SoundsLike)
        })
    }
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Query({})", self.kind())
    }
}

impl Wanted {
    fn read(text: &str, rules: &PhoneRules) -> Self {
        if is_id_shaped(text) {
            return Self::Id(UserId::from_stored(text.to_ascii_uppercase()));
        }
        if let Some((local, domain)) = text.split_once('@') {
            return match EmailAddress::parse(text) {
                Ok(address) => Self::Email(address.canonical().to_owned()),
                Err(_) => Self::EmailStart {
                    local: local.to_ascii_lowercase(),
                    domain: domain.to_ascii_lowercase(),
                },
            };
        }
        // The end of a number may begin with `00`, which otherwise means another country.
        let digits: Option<String> = text.chars().map(digit).collect();
        if let Some(end) = digits.filter(|digits| (4..=6).contains(&digits.len())) {
            return Self::PhoneEnd(end);
        }
        // A date is also a telephone number to the eye: `17.05.1990`.
        let number = read_born(text).is_none().then(|| Mobile::parse(text).ok());
        match number
            .flatten()
            .and_then(|number| Self::number(&number, rules))
        {
            Some(wanted) => wanted,
            None => Self::Person(Person::read(text)),
        }
    }

    fn number(number: &Mobile, rules: &PhoneRules) -> Option<Self> {
        let typed = number.as_str();
        let digits: String = typed.chars().filter_map(digit).collect();
        if digits.len() <= 6 && !typed.contains(['+', '＋']) {
            return Some(Self::PhoneEnd(digits));
        }
        Phone::of(number, rules).map(Self::Phone)
    }
}

impl Person {
    fn read(text: &str) -> Self {
        let mut person = Self::default();
        for chunk in chunks(text) {
            match read_born(chunk) {
                Some(born) if person.born.is_none() => person.born = Some(born),
                _ => person.words.extend(chunk.split(is_hyphen).map(fold)),
            }
        }
        person.words.retain(|word| !word.is_empty());
        if person.words.len() > 1 && text.chars().any(is_gapless) {
            person.joined = Some(person.words.concat());
        }
        let is_one = text.is_ascii() && !text.contains(char::is_whitespace);
        if is_one && person.born.is_none() {
            person.local = Some(text.to_ascii_lowercase());
        }
        person
    }

    fn lookups(&self) -> Vec<Lookup> {
        let name = |words: &mut dyn Iterator<Item = &String>| {
            let begins: BTreeSet<&str> = words.filter_map(|it| lookup_beginning(it)).collect();
            let mut begins: Vec<&str> = begins.into_iter().collect();
            begins.sort_by_key(|begin| std::cmp::Reverse(begin.chars().count()));
            let terms = begins.into_iter().map(|it| Term::new(TermField::Name, it));
            terms.collect::<Lookup>()
        };
        let born = self.born.iter().map(|it| Term::new(TermField::Born, it));
        let mut first: Lookup = born.chain(name(&mut self.words.iter())).collect();
        if first.is_empty() {
            // Words of one letter are only stored where they are whole words.
            let words = self.words.iter();
            first = words.map(|it| Term::new(TermField::Name, it)).collect();
        }
        let local = self.local.as_deref().and_then(lookup_beginning);
        let local = local.map(|it| vec![Term::new(TermField::EmailStart, it)]);
        let mut all = vec![first, name(&mut self.joined.iter())];
        all.extend(local);
        all.retain(|lookup| !lookup.is_empty());
        all
    }

    fn matches(&self, record: &Findable) -> Option<Hit> {
        if !self.is_born(record) {
            return None;
        }
        self.named(record).or_else(|| {
            let local = self.local.as_deref()?;
            let own = record.email.as_ref()?.local_part();
            own.starts_with(local).then(|| Hit {
                unfinished: usize::from(own != local),
                ..record.hit(MatchKind::Email)
            })
        })
    }

    fn is_born(&self, record: &Findable) -> bool {
        let own = record.birth.date().map(DateOfBirth::as_str);
        self.born.is_none() || self.born.as_deref() == own
    }

    /// Every word is the beginning of some word of the name, in any order (PAT-7).
    fn named(&self, record: &Findable) -> Option<Hit> {
        let names = &record.names;
        let begins = |word: &String| names.all().any(|own| own.starts_with(word.as_str()));
        let is_joined = |word: &String| names.joined.iter().any(|own| own.starts_with(word));
        let kind = match self.born {
            Some(_) => MatchKind::DateOfBirth,
            None => MatchKind::Name,
        };
        if self.words.is_empty() {
            return self.born.as_ref().map(|_| record.hit(kind));
        }
        let by_words = self.words.iter().all(begins);
        (by_words || self.joined.iter().any(is_joined)).then(|| {
            let is_whole = |word: &&String| names.all().any(|own| own == word.as_str());
            Hit {
                unfinished: self.words.len() - self.words.iter().filter(is_whole).count(),
                is_turned: !names.has_in_order(&self.words),
                left: names.words.len().saturating_sub(self.words.len()),
                ..record.hit(kind)
            }
        })
    }
}

impl Names {
    /// Whether the typed words stand in the order of the name.
    fn has_in_order(&self, typed: &[String]) -> bool {
        let mut own = self.words.iter();
        typed.iter().all(|word| {
            own.any(|it| {
                it.spellings
                    .iter()
                    .any(|own| own.starts_with(word.as_str()))
            })
        })
    }
}

impl Findable {
    /// A hit that is as good as can be.
    fn hit(&self, kind: MatchKind) -> Hit {
        Hit {
            is_sound: false,
            unfinished: 0,
            is_turned: false,
            left: 0,
            sorted: self.names.sorted.clone(),
            patient_id: self.patient_id.as_str().to_owned(),
            kind,
        }
    }
}

/// A date written `1990-05-17` or `17.05.1990`, as `YYYY-MM-DD`.
fn read_born(typed: &str) -> Option<String> {
    if read_date(typed).is_some() {
        return Some(typed.to_owned());
    }
    let mut parts = typed.split('.');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    let date = format!("{year}-{month:0>2}-{day:0>2}");
    read_date(&date).map(|_| date)
}

#[cfg(test)]
mod tests;
