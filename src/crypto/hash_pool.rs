//! The threads that hash: a bounded number, below the server's own in the scheduler's eyes, each with the memory of its
//! last hash at hand (HASH-3).

use std::{
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use argon2::Block;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time,
};

use super::hasher::Busy;
use crate::metrics::{Metrics, Under};

/// What a thread does with the memory that it hashes in.
type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// The blocks of the last hash. To ask the system for fresh ones costs a good part of a hash.
pub(super) type Memory = Vec<Block>;

/// A thread that has had nothing to do for this long gives its memory back.
const IDLE: Duration = Duration::from_secs(2);
/// Lower than the threads that answer requests, which wait for nothing else: a hash takes the time that they leave.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// The pool.
pub(super) struct Pool {
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Sender<Job>>>>,
    wait: Duration,
    threads: usize,
    /// Microseconds of a hash, the recent ones weighing most; 0 before the first.
    typical: Arc<AtomicU64>,
    metrics: Metrics,
}

/// A request's place on the way to a thread.
#[derive(Debug)]
pub struct HashSlot(#[expect(dead_code, reason = "held for its drop")] Under);

impl Pool {
    /// A pool whose threads are made when they are needed; nobody waits longer than `wait`.
    pub(super) fn new(threads: usize, wait: Duration, metrics: Metrics) -> Self {
        let threads = threads.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            permits: Arc::new(Semaphore::new(threads)),
            idle: Arc::default(),
            wait,
            threads,
            typical: Arc::default(),
            metrics,
        }
    }

    /// A place on the way to a thread, unless there are already more under way than can be hashed within the wait.
    pub(super) fn place(&self) -> Result<HashSlot, Busy> {
        let place = HashSlot(Under::way(&self.metrics.hash_queue));
        let under_way = usize::try_from(self.metrics.hash_queue.get()).unwrap_or(0);
        if under_way <= self.capacity() {
            return Ok(place);
        }
        self.metrics.hash_refused.inc();
        Err(Busy)
    }

    /// How many hashes are done within the wait, at least two for each thread.
    fn capacity(&self) -> usize {
        let wait = u64::try_from(self.wait.as_micros()).unwrap_or(u64::MAX);
        let Some(each) = wait.checked_div(self.typical.load(Ordering::Relaxed)) else {
            return usize::MAX;
        };
        let each = usize::try_from(each).unwrap_or(usize::MAX);
        each.max(2).saturating_mul(self.threads)
    }

    /// Does `job` on a thread, when one is free within the wait.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Memory) -> Result<T, Busy> + Send + 'static,
    ) -> Result<T, Busy> {
        let began = Instant::now();
        let permit = time::timeout(self.wait, Arc::clone(&self.permits).acquire_owned()).await;
        self.metrics
            .hash_wait
            .observe(began.elapsed().as_secs_f64());
        let Ok(Ok(permit)) = permit else {
            self.metrics.hash_refused.inc();
            return Err(Busy);
        };
        let (answer, done) = oneshot::channel();
        let typical = Arc::clone(&self.typical);
        let job = move |memory: &mut Memory| {
            let began = Instant::now();
            let result = panic::catch_unwind(AssertUnwindSafe(|| job(memory)));
            note(&typical, began.elapsed());
            // Nobody waits any more when the caller has hung up.
            let _ = answer.send(result);
        };
        self.give(Box::new(job), permit)?;
        match done.await {
            Ok(Ok(result)) => result,
            Ok(Err(bug)) => panic::resume_unwind(bug),
            Err(_) => Err(Busy),
        }
    }

    /// Hands `job` to the thread that was idle last, whose memory is still there, or to a new one. The permit goes with
    /// the job: a caller that hangs up leaves the job running, and the bound must hold for jobs, not for callers.
    fn give(&self, job: Job, permit: OwnedSemaphorePermit) -> Result<(), Busy> {
        let spare = lock(&self.idle).pop();
        let worker = match spare {
            Some(worker) => worker,
            None => start().map_err(|_| Busy)?,
        };
        let (idle, again) = (Arc::downgrade(&self.idle), worker.clone());
        let job = move |memory: &mut Memory| {
            job(memory);
            // Without the pool the thread's last sender goes here, and the thread ends.
            if let Some(idle) = idle.upgrade() {
                lock(&idle).push(again);
            }
            drop(permit);
        };
        worker.send(Box::new(job)).map_err(|_| Busy)
    }
}

#[cfg(test)]
impl Pool {
    /// Whether a thread would take a job at once.
    pub(super) fn is_free(&self) -> bool {
        self.permits.available_permits() > 0
    }
}

fn lock(idle: &Mutex<Vec<Sender<Job>>>) -> std::sync::MutexGuard<'_, Vec<Sender<Job>>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
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

fn start() -> std::io::Result<Sender<Job>> {
    let (sender, jobs) = channel();
    thread::Builder::new()
        .name("hash".to_owned())
        .spawn(move || work(&jobs))?;
    Ok(sender)
}

fn work(jobs: &Receiver<Job>) {
    // On Linux this is the thread's own; elsewhere it would be the whole process's. Without it hashes only disturb more.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(NICE);
    let mut memory = Memory::new();
    loop {
        match jobs.recv_timeout(IDLE) {
            Ok(job) => job(&mut memory),
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                memory = Memory::new();
                let Ok(job) = jobs.recv() else { return };
                job(&mut memory);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(threads: usize, wait: Duration) -> Pool {
        Pool::new(threads, wait, Metrics::new().unwrap())
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
    async fn a_panic_is_the_callers_and_the_thread_goes_on() {
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
    async fn no_more_are_let_in_than_can_be_hashed_within_the_wait() {
        let pool = pool(1, Duration::from_millis(30));
        let many: Vec<_> = (0..100).map(|_| pool.place()).collect();
        assert!(many.iter().all(Result::is_ok), "nothing is known yet");
        drop(many);
        note(&pool.typical, Duration::from_millis(10));
        let three: Vec<_> = (0..3).map(|_| pool.place()).collect();
        assert!(three.iter().all(Result::is_ok));
        assert!(pool.place().is_err());
        assert_eq!(pool.metrics.hash_refused.get(), 1);
        drop(three);
        assert!(pool.place().is_ok());
    }

    #[test]
    fn a_thread_has_room_for_two_however_slow_it_is() {
        let pool = pool(2, Duration::from_millis(1));
        note(&pool.typical, Duration::from_secs(1));
        assert_eq!(pool.capacity(), 4);
    }

    #[test]
    fn what_is_typical_follows_slowly() {
        let typical = AtomicU64::new(0);
        note(&typical, Duration::from_micros(800));
        note(&typical, Duration::from_micros(1600));
        assert_eq!(typical.load(Ordering::Relaxed), 900);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn hashing_threads_stand_behind_all_others() {
        let nice = || rustix::process::getpriority_process(None);
        let pool = pool(1, Duration::from_secs(60));
        let theirs = pool.run(move |_| nice().map_err(|_| Busy)).await.unwrap();
        assert_eq!(theirs, (nice().unwrap() + NICE).min(19));
    }
}
