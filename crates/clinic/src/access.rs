//! Who may see which part of a patient's record: one pure decision (ACC-1).
