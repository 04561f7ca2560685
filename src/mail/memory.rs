//! The transport of tests. It keeps mails, and fails when a test asks for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Mail, MailError, Refusal};
use crate::domain::mail_state::MailReason;

/// A mailer that keeps mails in memory; clones share them.
#[derive(Debug, Clone, Default)]
pub struct MemoryMailer(Arc<Mutex<Memory>>);

#[derive(Debug, Default)]
struct Memory {
    sent: Vec<(Mail, String)>,
    /// How many of the next sends fail.
    failures: u32,
    /// The reason with which every send is refused permanently, if there is one.
    refused: Option<MailReason>,
}

impl MemoryMailer {
    /// An empty mailer that works.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// All mails that were accepted, oldest first, each with its message id.
    #[must_use]
    pub fn sent(&self) -> Vec<(Mail, String)> {
        self.lock().sent.clone()
    }

    /// The newest mail to the address `to`.
    #[must_use]
    pub fn last_to(&self, to: &str) -> Option<Mail> {
        let memory = self.lock();
        let newest = memory.sent.iter().rev().find(|(mail, _)| mail.to == to);
        newest.map(|(mail, _)| mail.clone())
    }

    /// The next `count` sends fail.
    pub fn fail_next(&self, count: u32) {
        self.lock().failures = count;
    }

    /// Every send fails until [`MemoryMailer::recover`].
    pub fn fail(&self) {
        self.fail_next(u32::MAX);
    }

    /// Every send is refused permanently until [`MemoryMailer::recover`].
    pub fn refuse(&self, reason: MailReason) {
        self.lock().refused = Some(reason);
    }

    /// Sends succeed again.
    pub fn recover(&self) {
        let mut memory = self.lock();
        (memory.failures, memory.refused) = (0, None);
    }

    pub(super) fn send(&self, mail: &Mail, message_id: &str) -> Result<(), MailError> {
        let mut memory = self.lock();
        if memory.failures > 0 {
            memory.failures -= 1;
            return Err(MailError::new("told to fail"));
        }
        if let Some(reason) = memory.refused {
            return Err(MailError {
                refusal: Some(Refusal::of_ours(reason)),
                ..MailError::new("told to refuse")
            });
        }
        memory.sent.push((mail.clone(), message_id.to_owned()));
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
