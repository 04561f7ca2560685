//! The threads that hash (HASH-3): a bounded number of blocking threads of a runtime of their own. In the scheduler's eyes
//! they stand below the threads that answer requests, and each keeps the memory of its last hash.

use std::{
    cell::RefCell,
    panic,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use argon2::Block;
use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::Semaphore,
    time,
};

use super::hasher::Busy;
use kernel::metrics::{InProgress, Metrics};

/// The blocks of the last hash. Fresh ones from the system would cost a good part of a hash.
pub(super) type Memory = Vec<Block>;

thread_local! {
    /// Freed when the thread ends.
    static MEMORY: RefCell<Memory> = const { RefCell::new(Memory::new()) };
}

/// A thread that has no work for this long ends.
const IDLE: Duration = Duration::from_secs(2);
/// Lower than the threads that answer requests: a hash takes the time that they leave.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// The pool.
pub(super) struct Pool {
    /// The runtime whose blocking threads hash; it is taken when the pool is dropped.
    runtime: Option<Runtime>,
    threads: Handle,
    permits: Arc<Semaphore>,
    wait: Duration,
    size: u128,
    /// Microseconds of a hash, the recent ones weighing most; 0 before the first.
    typical: Arc<AtomicU64>,
    metrics: Metrics,
}

/// Counts a request that waits for a hash, until it is dropped.
#[derive(Debug)]
pub struct HashSlot(#[expect(dead_code, reason = "held for its drop")] InProgress);

impl Pool {
    /// A pool of up to `size` threads. A request waits for one of them no longer than `wait`.
    ///
    /// # Errors
    /// The system gives no resources for a runtime.
    pub(super) fn new(size: usize, wait: Duration, metrics: Metrics) -> std::io::Result<Self> {
        let size = size.clamp(1, Semaphore::MAX_PERMITS);
        let mut threads = Builder::new_current_thread();
        threads
            .max_blocking_threads(size)
            .thread_keep_alive(IDLE)
            .thread_name("hash");
        // On Linux the value is the thread's own; elsewhere it would be the whole process's.
        #[cfg(target_os = "linux")]
        threads.on_thread_start(|| {
            let _ = rustix::process::nice(NICE);
        });
        let runtime = threads.build()?;
        Ok(Self {
            threads: runtime.handle().clone(),
            runtime: Some(runtime),
            permits: Arc::new(Semaphore::new(size)),
            wait,
            size: size as u128,
            typical: Arc::default(),
            metrics,
        })
    }

    /// Admits a request, unless more are under way already than can be hashed within the wait.
    pub(super) fn slot(&self) -> Result<HashSlot, Busy> {
        let slot = HashSlot(InProgress::start(&self.metrics.hash_queue));
        let under_way = u128::try_from(self.metrics.hash_queue.get()).unwrap_or(0);
        if under_way <= self.capacity() {
            return Ok(slot);
        }
        self.metrics.hash_refused.inc();
        Err(Busy)
    }

    /// How many hashes are done within the wait, at least two for each thread.
    fn capacity(&self) -> u128 {
        let typical = u128::from(self.typical.load(Ordering::Relaxed));
        let each = self.wait.as_micros().checked_div(typical);
        each.map_or(u128::MAX, |each| each.max(2).saturating_mul(self.size))
    }

    /// Runs `job` on a thread, if one is free within the wait.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Memory) -> Result<T, Busy> + Send + 'static,
    ) -> Result<T, Busy> {
        let began = Instant::now();
        let permit = time::timeout(self.wait, Arc::clone(&self.permits).acquire_owned()).await;
        let waited = began.elapsed().as_secs_f64();
        self.metrics.hash_wait.observe(waited);
        let Ok(Ok(permit)) = permit else {
            self.metrics.hash_refused.inc();
            return Err(Busy);
        };
        let typical = Arc::clone(&self.typical);
        let done = self.threads.spawn_blocking(move || {
            // The permit goes with the job: a caller that hangs up leaves the job running, and the bound holds for jobs.
            let _permit = permit;
            let began = Instant::now();
            let result = MEMORY.with_borrow_mut(job);
            note(&typical, began.elapsed());
            result
        });
        match done.await {
            Ok(result) => result,
            Err(ended) => match ended.try_into_panic() {
                Ok(bug) => panic::resume_unwind(bug),
                Err(_) => Err(Busy),
            },
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // An ordinary drop waits for the threads, which an async task must not do.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
impl Pool {
    /// Whether a thread would take a job at once.
    pub(super) fn is_free(&self) -> bool {
        self.permits.available_permits() > 0
    }
}

/// An average in which each new figure weighs an eighth.
fn note(typical: &AtomicU64, took: Duration) {
    let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
    let before = typical.load(Ordering::Relaxed);
    let after = if before == 0 {
        took
    } else {
        (before.saturating_mul(7).saturating_add(took) / 8).max(1)
    };
    typical.store(after, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(threads: usize, wait: Duration) -> Pool {
        Pool::new(threads, wait, Metrics::new().unwrap()).unwrap()
    }

    #[tokio::test]
    async fn a_job_finds_the_memory_of_the_one_before() {
        let pool = pool(1, Duration::from_secs(60));
        let grow = |memory: &mut Memory| {
            memory.push(Block::default());
            Ok(memory.len())
        };
        assert_eq!(pool.run(grow).await, Ok(1));
        assert_eq!(pool.run(grow).await, Ok(2));
    }

    #[tokio::test]
    async fn a_panic_reaches_the_caller_and_the_pool_goes_on() {
        let pool = Arc::new(pool(1, Duration::from_secs(60)));
        let other = Arc::clone(&pool);
        let failed =
            tokio::spawn(
                async move { other.run(|_| -> Result<(), Busy> { panic!("a bug") }).await },
            );
        assert!(failed.await.unwrap_err().is_panic());
        assert_eq!(pool.run(|_| Ok(1)).await, Ok(1));
    }

    #[tokio::test]
    async fn only_as_many_are_admitted_as_can_be_hashed_in_time() {
        let pool = pool(1, Duration::from_millis(30));
        let many: Vec<_> = (0..100).map(|_| pool.slot()).collect();
        assert!(many.iter().all(Result::is_ok), "nothing is known yet");
        drop(many);
        note(&pool.typical, Duration::from_millis(10));
        let three: Vec<_> = (0..3).map(|_| pool.slot()).collect();
        assert!(three.iter().all(Result::is_ok));
        assert!(pool.slot().is_err());
        assert_eq!(pool.metrics.hash_refused.get(), 1);
        drop(three);
        assert!(pool.slot().is_ok());
    }

    #[test]
    fn a_slow_thread_still_has_room_for_two() {
        let pool = pool(2, Duration::from_millis(1));
        note(&pool.typical, Duration::from_secs(1));
        assert_eq!(pool.capacity(), 4);
    }

    #[tokio::test]
    async fn an_abandoned_job_keeps_its_thread_until_it_ends() {
        let pool = pool(1, Duration::from_millis(5));
        let (end, stop) = std::sync::mpsc::channel::<()>();
        let busy = pool.run(move |_| stop.recv().map_err(|_| Busy));
        assert!(
            time::timeout(Duration::from_millis(50), busy)
                .await
                .is_err()
        );
        assert_eq!(pool.run(|_| Ok(1)).await, Err(Busy));
        end.send(()).unwrap();
        while !pool.is_free() {
            tokio::task::yield_now().await;
        }
        assert_eq!(pool.run(|_| Ok(1)).await, Ok(1));
    }

    #[test]
    fn the_typical_time_follows_slowly() {
        let typical = AtomicU64::new(0);
        note(&typical, Duration::from_micros(800));
        note(&typical, Duration::from_micros(1600));
        assert_eq!(typical.load(Ordering::Relaxed), 900);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn hashing_threads_have_a_lower_priority() {
        let nice = || rustix::process::getpriority_process(None);
        let pool = pool(1, Duration::from_secs(60));
        let theirs = pool.run(move |_| nice().map_err(|_| Busy)).await.unwrap();
        assert_eq!(theirs, (nice().unwrap() + NICE).min(19));
    }
}
