//! How the texts of requests are read.

use web::text::{any, choice, texts, visible, words};

use crate::patients::{
    care::{CareKind, CareReason},
    clinical::{Details, Frequency, Narrative, Severity, SymptomName},
    values::{Address, ReferredBy, Relation, Sex},
};

texts! {
    Address => Self, any(), |typed| Self::parse(typed);
    ReferredBy => Self, any(), |typed| Self::parse(typed);
    Relation => Self, any(), |typed| Self::parse(typed);
    SymptomName => Self, visible(), |typed| Self::parse(typed);
    Details => Self, any(), |typed| Self::parse(typed);
    Narrative => Self, any(), |typed| Self::parse(typed);
    CareReason => Self, visible(), |typed| Self::parse(typed);
    // No list of words: older clients write them with capital letters.
    Sex => Self, choice(), |typed| Self::parse(typed);
    Severity => Self, choice(), |typed| Self::parse(typed);
    Frequency => Self, choice(), |typed| Self::parse(typed);
    CareKind => Self, words(["primary", "treating", "covering", "referral"].into_iter()), |typed| Self::parse(typed);
}
