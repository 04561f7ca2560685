//! The time that a database which does not answer may take of one request, however many operations it has (DB-2):
//! without it each step of a request, and each step that undoes it, would wait for a server that has stopped.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

tokio::task_local! {
    static LOST: Cell<Duration>;
}

/// Runs `request`. All its operations together may lose as much time without an answer as one of them alone
/// (`database.operation_ms`, DB-2).
pub async fn of_one_request<F: Future>(request: F) -> F::Output {
    LOST.scope(Cell::new(Duration::ZERO), request).await
}

/// The part of `limit` that is left. Outside of a request it is all of `limit`.
pub(super) fn left(limit: Duration) -> Duration {
    let left = LOST.try_with(|lost| limit.saturating_sub(lost.get()));
    left.unwrap_or(limit)
}

/// An operation that runs. Its time is lost unless the database answers; a refusal is an answer.
pub(super) struct Attempt(Option<Instant>);

impl Attempt {
    pub(super) fn begin() -> Self {
        Self(Some(Instant::now()))
    }

    pub(super) fn answered(mut self) {
        self.0 = None;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if let Some(begin) = self.0 {
            // Outside of a request there is no counter.
            let _ = LOST.try_with(|lost| lost.set(lost.get() + begin.elapsed()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_what_is_not_answered_is_lost() {
        let limit = Duration::from_secs(4);
        of_one_request(async {
            Attempt::begin().answered();
            assert_eq!(left(limit), limit);
            drop(Attempt::begin());
            assert!(left(limit) < limit);
        })
        .await;
        assert_eq!(left(limit), limit);
    }
}
