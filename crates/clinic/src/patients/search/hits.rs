//! Which hits are best.

/// What of a record a search found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchKind {
    /// The user id.
    PatientId,
    /// The e-mail address, or the beginning of its local part.
    Email,
    /// The telephone number, or its end.
    Phone,
    /// The name.
    Name,
    /// The date of birth, alone or beside the name.
    DateOfBirth,
    /// The sound of the name.
    SoundsLike,
}

impl MatchKind {
    /// Its name in the answer's field `match`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PatientId => "patient_id",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Name => "name",
            Self::DateOfBirth => "date_of_birth",
            Self::SoundsLike => "sounds_like",
        }
    }
}

/// A record that a search found. The least hit is the best.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Sound-alikes come after all others (PAT-10).
    pub(super) is_sound: bool,
    /// How many typed words are only the beginning of a word.
    pub(super) unfinished: usize,
    /// Whether the typed words stand in another order than in the name.
    pub(super) is_turned: bool,
    /// How many words of the name were not typed.
    pub(super) left: usize,
    /// The full name, so that equal hits have an order.
    pub(super) sorted: String,
    /// The id, so that people of one name have an order.
    pub(super) patient_id: String,
    pub(super) kind: MatchKind,
}

impl Hit {
    /// What was found.
    pub const fn kind(&self) -> MatchKind {
        self.kind
    }
}

/// The best `limit` records, the best first.
pub fn best<T>(found: Vec<(Hit, T)>, limit: usize) -> Vec<(MatchKind, T)> {
    let mut found = found;
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    let best = found.into_iter().take(limit);
    best.map(|(hit, row)| (hit.kind, row)).collect()
}
