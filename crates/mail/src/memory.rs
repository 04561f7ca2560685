//! The transport of tests. It keeps mails, and fails when a test asks for it.

use std::sync::{Arc, Mutex};

use super::{Mail, MailError, Refusal, wire::message_id_left};
use crate::state::MailReason;
use kernel::helpers::lock;

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
    pub fn new() -> Self {
        Self::default()
    }

    /// All mails that were accepted, oldest first, each with its message id.
    pub fn sent(&self) -> Vec<(Mail, String)> {
        lock(&self.0).sent.clone()
    }

    /// The newest mail to the address `to`.
    pub fn last_to(&self, to: &str) -> Option<Mail> {
        let memory = lock(&self.0);
        let newest = memory.sent.iter().rev().find(|(mail, _)| mail.to == to);
        newest.map(|(mail, _)| mail.clone())
    }

    /// The next `count` sends fail.
    pub fn fail_next(&self, count: u32) {
        lock(&self.0).failures = count;
    }

    /// Every send fails until [`MemoryMailer::recover`].
    pub fn fail(&self) {
        self.fail_next(u32::MAX);
    }

    /// Every send is refused permanently until [`MemoryMailer::recover`].
    pub fn refuse(&self, reason: MailReason) {
        lock(&self.0).refused = Some(reason);
    }

    /// Sends succeed again.
    pub fn recover(&self) {
        let mut memory = lock(&self.0);
        (memory.failures, memory.refused) = (0, None);
    }

    pub(super) fn send(&self, mail: &Mail, message_id: &str) -> Result<(), MailError> {
        let mut memory = lock(&self.0);
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
        // The same rule as for mails that leave, so that tests see a wrong id.
        let message_id = message_id_left(message_id)?;
        memory.sent.push((mail.clone(), message_id.to_owned()));
        Ok(())
    }
}
