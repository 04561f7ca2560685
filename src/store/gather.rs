//! Writes of several requests in one command (group commit): whoever comes first waits a moment for others, where the
//! caller says that this costs nothing, and writes for all of them.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{
        Mutex as AsyncMutex, Notify,
        oneshot::{self, error::TryRecvError},
    },
    time::{self, Instant},
};

use super::{
    Result, StoreError,
    budget::{Attempt, of_one_request},
};

/// So many are written at once; more are not waited for.
const ENOUGH: usize = 16;

/// What waits to be written, and whose turn it is to write.
#[derive(Debug)]
pub struct Gather<T, R> {
    waiting: Mutex<Vec<Waiting<T, R>>>,
    turn: AsyncMutex<()>,
    enough: Notify,
}

#[derive(Debug)]
struct Waiting<T, R> {
    item: T,
    answer: oneshot::Sender<Result<R>>,
}

impl<T, R> Default for Gather<T, R> {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            turn: AsyncMutex::default(),
            enough: Notify::new(),
        }
    }
}

impl<T, R> Gather<T, R> {
    /// Has `item` written by `write`, with what others want to write at this moment, in the order in which they came: by
    /// this caller, after waiting up to `pause` for more of them, or by the one before it. `write` answers each of its
    /// items, in their order. What is waited for in vain counts as lost, whoever writes (DB-2).
    ///
    /// # Errors
    /// What `write` answers; `Unavailable`: who wrote for this one was cut off, so it may or may not have been written.
    pub async fn join<W: Future<Output = Vec<Result<R>>>>(
        &self,
        item: T,
        pause: Duration,
        write: impl Fn(Vec<T>) -> W,
    ) -> Result<R> {
        let attempt = Attempt::begin();
        let done = self.write_or_wait(item, pause, write).await;
        if !matches!(done, Err(StoreError::Unavailable(_))) {
            attempt.answered();
        }
        done
    }

    async fn write_or_wait<W: Future<Output = Vec<Result<R>>>>(
        &self,
        item: T,
        pause: Duration,
        write: impl Fn(Vec<T>) -> W,
    ) -> Result<R> {
        let until = Instant::now() + pause;
        let (answer, mut mine) = oneshot::channel();
        if self.enter(Waiting { item, answer }) >= ENOUGH {
            self.enough.notify_one();
        }
        let _turn = tokio::select! {
            biased;
            answered = &mut mine => return answered.unwrap_or_else(|_| Err(cut_off())),
            turn = self.turn.lock() => turn,
        };
        // Nobody is written for any more while this one has the turn: it was done already, or it is still waiting.
        if let Some(answer) = answer_of(&mut mine) {
            return answer;
        }
        if !pause.is_zero() {
            // When it is over, those who are here are enough.
            let _ = time::timeout_at(until, self.enough_wait()).await;
        }
        loop {
            let (items, answers) = self.next();
            // Each of them counts what it lost by itself.
            let written = of_one_request(write(items)).await;
            for (answer, result) in answers.into_iter().zip(written) {
                // Whoever does not wait any more has gone.
                let _ = answer.send(result);
            }
            if let Some(answer) = answer_of(&mut mine) {
                return answer;
            }
        }
    }

    async fn enough_wait(&self) {
        while self.waiting().len() < ENOUGH {
            self.enough.notified().await;
        }
    }

    /// How many wait now.
    fn enter(&self, one: Waiting<T, R>) -> usize {
        let mut waiting = self.waiting();
        waiting.push(one);
        waiting.len()
    }

    /// The first of those who wait. Whoever does not wait any more was told that it failed, and nothing is written.
    fn next(&self) -> (Vec<T>, Vec<oneshot::Sender<Result<R>>>) {
        let mut waiting = self.waiting();
        waiting.retain(|one| !one.answer.is_closed());
        let count = waiting.len().min(ENOUGH);
        let first = waiting.drain(..count);
        first.map(|one| (one.item, one.answer)).unzip()
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting<T, R>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was written for whoever waits for it, if it was.
fn answer_of<R>(mine: &mut oneshot::Receiver<Result<R>>) -> Option<Result<R>> {
    match mine.try_recv() {
        Ok(answer) => Some(answer),
        Err(TryRecvError::Closed) => Some(Err(cut_off())),
        Err(TryRecvError::Empty) => None,
    }
}

fn cut_off() -> StoreError {
    StoreError::Unavailable("a write for several requests was cut off".into())
}

#[cfg(test)]
mod tests {
    use std::{pin::pin, sync::Arc};

    use futures_util::{FutureExt, future::join_all};

    use super::{super::budget, *};

    const LONG: Duration = Duration::from_secs(600);

    /// Remembers what was written together, and answers with how much that was.
    #[derive(Default)]
    struct Writer {
        gather: Gather<usize, usize>,
        written: Mutex<Vec<Vec<usize>>>,
    }

    impl Writer {
        async fn write(&self, item: usize, pause: Duration) -> Result<usize> {
            let write = |items: Vec<usize>| async move {
                tokio::task::yield_now().await;
                let answers = vec![Ok(items.len()); items.len()];
                self.written.lock().unwrap().push(items);
                answers
            };
            self.gather.join(item, pause, write).await
        }
    }

    #[tokio::test]
    async fn whoever_is_alone_writes_at_once() {
        let writer = Writer::default();
        assert_eq!(writer.write(7, Duration::ZERO).await.unwrap(), 1);
        assert_eq!(*writer.written.lock().unwrap(), [vec![7]]);
    }

    #[tokio::test]
    async fn who_comes_while_one_writes_is_written_together_with_the_others() {
        let writer = Writer::default();
        let all = join_all((0..5).map(|item| writer.write(item, Duration::ZERO))).await;
        let answers: Vec<_> = all.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers.iter().sum::<usize>(), 1 + 4 * 4);
        assert_eq!(*writer.written.lock().unwrap(), [vec![0], vec![1, 2, 3, 4]]);
    }

    #[tokio::test]
    async fn nobody_waits_any_longer_when_there_are_enough() {
        let writer = Writer::default();
        let all = join_all((0..ENOUGH).map(|item| writer.write(item, LONG))).await;
        assert!(all.into_iter().all(|answer| answer.unwrap() == ENOUGH));
    }

    #[tokio::test]
    async fn a_pause_ends_without_anybody_else() {
        let writer = Writer::default();
        let pause = Duration::from_millis(1);
        assert_eq!(writer.write(1, pause).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn whoever_is_beyond_the_first_is_written_after_them() {
        let writer = Writer::default();
        let all = join_all((0..=2 * ENOUGH).map(|item| writer.write(item, Duration::ZERO))).await;
        assert!(all.iter().all(Result::is_ok));
        let written = writer.written.lock().unwrap();
        assert!(written.iter().all(|items| items.len() <= ENOUGH));
        let in_order: Vec<usize> = written.iter().flatten().copied().collect();
        assert_eq!(in_order, (0..=2 * ENOUGH).collect::<Vec<_>>());
    }

    // DB-2
    #[tokio::test]
    async fn what_was_waited_for_in_vain_is_lost_whoever_wrote() {
        let gather = Gather::<(), ()>::default();
        let limit = Duration::from_secs(4);
        let left = async |answer: Result<()>| {
            let write = |items: Vec<()>| {
                let answer = answer.clone();
                async move {
                    tokio::task::yield_now().await;
                    vec![answer; items.len()]
                }
            };
            let one = of_one_request(async {
                let _ = gather.join((), Duration::ZERO, write).await;
                budget::left(limit)
            });
            let other = of_one_request(async {
                let _ = gather.join((), Duration::ZERO, write).await;
                budget::left(limit)
            });
            let (one, other) = tokio::join!(one, other);
            [one, other]
        };
        assert_eq!(left(Ok(())).await, [limit; 2]);
        assert_eq!(left(Err(StoreError::Duplicate)).await, [limit; 2]);
        let [one, other] = left(Err(cut_off())).await;
        assert!(one < limit && other < limit);
    }

    #[tokio::test]
    async fn nothing_is_written_for_whoever_has_gone() {
        let writer = Writer::default();
        let mut first = pin!(writer.write(0, Duration::ZERO));
        assert!(first.as_mut().now_or_never().is_none());
        assert!(writer.write(1, Duration::ZERO).now_or_never().is_none());
        let (first, last) = tokio::join!(first, writer.write(2, Duration::ZERO));
        assert!(first.is_ok() && last.is_ok());
        assert_eq!(*writer.written.lock().unwrap(), [vec![0], vec![2]]);
    }

    #[tokio::test]
    async fn a_writer_that_goes_away_says_so_to_those_it_took_and_to_nobody_else() {
        let writer = Arc::new(Writer::default());
        let began = Arc::new(Notify::new());
        let stuck = tokio::spawn({
            let (writer, began) = (Arc::clone(&writer), Arc::clone(&began));
            async move {
                let write = |_| async {
                    began.notify_one();
                    std::future::pending().await
                };
                writer.gather.join(0, LONG, write).await
            }
        });
        let taken = tokio::spawn({
            let writer = Arc::clone(&writer);
            async move { join_all((1..ENOUGH).map(|item| writer.write(item, LONG))).await }
        });
        began.notified().await;
        let later = tokio::spawn({
            let writer = Arc::clone(&writer);
            async move { writer.write(99, Duration::ZERO).await }
        });
        stuck.abort();
        for answer in taken.await.unwrap() {
            assert!(matches!(answer, Err(StoreError::Unavailable(_))));
        }
        assert_eq!(later.await.unwrap().unwrap(), 1);
    }
}
