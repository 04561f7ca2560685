//! The mails about accounts: the jobs that requests enqueue, and what a worker makes of them.

pub mod documents;
pub mod letters;
pub mod mail_jobs;
pub mod outbox;
