//! Which factors stay when a change of the e-mail address is undone: those of before the change (SELF-3).

use kernel::clock::Timestamp;

use crate::{
    factors::rules::account_factors::{AccountFactors, Factor},
    own_account::documents::EmailUndo,
};

/// The factors and the recovery codes that stay.
#[derive(Debug, PartialEq, Eq)]
pub struct Kept {
    /// The factors.
    pub factors: Vec<Factor>,
    /// The batch of recovery codes.
    pub recovery_batch: Option<String>,
}

/// What stays of the account's factors `now`. A stranger with the new address may have replaced the authenticator app, so
/// it stays only if it was confirmed before the change. Recovery codes count only beside a factor.
#[must_use]
pub fn kept(now: &AccountFactors, undo: &EmailUndo, totp_confirmed_at: Option<Timestamp>) -> Kept {
    let was_there = |factor: &&Factor| {
        let is_older = **factor != Factor::Totp
            || totp_confirmed_at.is_some_and(|confirmed| confirmed <= undo.changed_at);
        is_older && undo.factors.contains(&factor.to_string())
    };
    let factors: Vec<_> = now.confirmed.iter().filter(was_there).cloned().collect();
    let batch = now.recovery_batch.clone();
    let recovery_batch = batch.filter(|batch| {
        !factors.is_empty() && undo.recovery_batch.as_deref() == Some(batch.as_str())
    });
    Kept {
        factors,
        recovery_batch,
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;
    use crate::own_account::documents::Proof;
    use kernel::ids::UserId;

    const CHANGED_AT: Timestamp = Timestamp::UNIX_EPOCH;

    fn undo(factors: &[&str], batch: Option<&str>) -> EmailUndo {
        EmailUndo {
            id: String::new(),
            user_id: UserId::from_stored("PAT1"),
            proof: Proof {
                proof_id: String::new(),
                key_id: String::new(),
            },
            old_email: String::new(),
            old_display: String::new(),
            new_email: String::new(),
            factors: factors.iter().map(ToString::to_string).collect(),
            recovery_batch: batch.map(str::to_owned),
            changed_at: CHANGED_AT,
            working_since: None,
            expires_at: CHANGED_AT,
        }
    }

    fn account(factors: &[Factor], batch: &str) -> AccountFactors {
        AccountFactors {
            confirmed: factors.to_vec(),
            recovery_batch: Some(batch.to_owned()),
            ..AccountFactors::default()
        }
    }

    fn passkey(id: &str) -> Factor {
        Factor::Passkey(id.to_owned())
    }

    // SELF-3
    #[test]
    fn factors_of_before_the_change_stay_with_their_codes() {
        let before = undo(&["totp", "passkey:a"], Some("b"));
        let now = account(&[Factor::Totp, passkey("a"), passkey("new")], "b");
        let kept = kept(&now, &before, Some(CHANGED_AT));
        assert_eq!(kept.factors, [Factor::Totp, passkey("a")]);
        assert_eq!(kept.recovery_batch.as_deref(), Some("b"));
    }

    // SELF-3
    #[test]
    fn an_app_and_codes_that_replaced_older_ones_are_void() {
        let before = undo(&["totp"], Some("b"));
        let later = CHANGED_AT + Duration::seconds(1);
        for confirmed in [Some(later), None] {
            let now = account(&[Factor::Totp], "b");
            let kept = kept(&now, &before, confirmed);
            assert_eq!((kept.factors, kept.recovery_batch), (vec![], None));
        }
        let now = account(&[Factor::Totp], "new");
        let kept = kept(&now, &before, Some(CHANGED_AT));
        assert_eq!(kept.factors, [Factor::Totp]);
        assert_eq!(kept.recovery_batch, None);
    }
}
