//! What the audit trail records of accounts, beside what every slice can record.

pub use platform::audit::actions::{ADMIN, KEYS, START};

use platform::{
    activity::Counted,
    audit::record::{Action, Strangers},
};

platform::actions! {
    /// A registration was made.
    REGISTER = Action::new("register").counted_as(Some(Counted::Registrations), None);
    /// A code was sent.
    CODE_SENT = Action::new("code_sent");
    /// A wrong code was entered.
    CODE_FAILED = Action::new("code_failed").open_to(Strangers::AreCounted);
    /// The code path was closed after too many wrong codes.
    CODE_EXHAUSTED = Action::new("code_exhausted");
    /// An e-mail address was proven, and the account was made.
    VERIFY = Action::new("verify");
    /// A login.
    LOGIN = Action::new("login").open_to(Strangers::AreCounted).counted_as(Some(Counted::Logins), Some(Counted::FailedLogins));
    /// A lock after failed logins.
    LOCK = Action::new("lock").open_to(Strangers::AreCountedAfterTheFirst);
    /// A refresh token was exchanged for new tokens.
    REFRESH = Action::new("refresh");
    /// A refresh token was used twice.
    REFRESH_REPLAY = Action::new("refresh_replay");
    /// A session was ended by its owner.
    LOGOUT = Action::new("logout");
    /// Every session was ended by its owner.
    LOGOUT_ALL = Action::new("logout_all");
    /// A password was reset.
    PASSWORD_RESET = Action::new("password_reset");
    /// A password was changed.
    PASSWORD_CHANGE = Action::new("password_change");
    /// A second factor was added.
    MFA_ENROL = Action::new("mfa_enrol");
    /// A second factor was removed.
    MFA_REMOVE = Action::new("mfa_remove");
    /// A wrong second factor was shown.
    MFA_FAIL = Action::new("mfa_fail");
    /// The second step was locked after wrong factors.
    MFA_LOCK = Action::new("mfa_lock").open_to(Strangers::AreCountedAfterTheFirst);
    /// A passkey was added.
    PASSKEY_ADD = Action::new("passkey_add");
    /// A passkey was removed.
    PASSKEY_REMOVE = Action::new("passkey_remove");
    /// A login by passkey.
    PASSKEY_LOGIN = Action::new("passkey_login").open_to(Strangers::AreCounted).counted_as(Some(Counted::Logins), Some(Counted::FailedLogins));
    /// A recovery code was used.
    RECOVERY_CODE_USE = Action::new("recovery_code_use");
    /// New recovery codes took the place of the old ones.
    RECOVERY_CODES_NEW = Action::new("recovery_codes_new");
    /// A device was remembered, which then needs no second factor.
    DEVICE_REMEMBER = Action::new("device_remember");
    /// Remembered devices were forgotten.
    DEVICE_FORGET = Action::new("device_forget");
    /// The caller proved again who they are.
    REAUTHENTICATE = Action::new("reauthenticate");
    /// An administrator, or the command of the operator, removed all factors of an account.
    FACTORS_RESET = Action::new("factors_reset");
    /// The owner gave the account another e-mail address.
    EMAIL_CHANGE = Action::new("email_change");
    /// A change of the e-mail address was undone from the old address.
    EMAIL_UNDO = Action::new("email_undo");
    /// The owner asked for the deletion of the account, or confirmed it.
    ACCOUNT_DELETE_REQUEST = Action::new("account_delete_request");
    /// The owner called the deletion off.
    ACCOUNT_DELETE_CANCEL = Action::new("account_delete_cancel");
    /// The account was deleted, because its owner asked for it.
    ACCOUNT_DELETE = Action::new("account_delete");
    /// The owner exported what is stored about them.
    EXPORT = Action::new("export");
    /// A profile was changed.
    PROFILE_CHANGE = Action::new("profile_change");
    /// An administrator gave an account another role.
    ROLE_CHANGE = Action::new("role_change");
    /// An administrator disabled an account.
    USER_DISABLE = Action::new("user_disable");
    /// An administrator enabled an account.
    USER_ENABLE = Action::new("user_enable");
    /// An administrator approved a doctor.
    DOCTOR_APPROVE = Action::new("doctor_approve");
    /// An administrator withdrew the approval of a doctor.
    DOCTOR_DISAPPROVE = Action::new("doctor_disapprove");
    /// An administrator deleted an account.
    USER_DELETE = Action::new("user_delete");
    /// An account was made for somebody, who was invited to it.
    USER_INVITE = Action::new("user_invite");
    /// An administrator imported invitations from a file; the detail says how many rows it had.
    USER_IMPORT = Action::new("user_import");
    /// The failed logins of an account were forgotten for its owner.
    USER_UNLOCK = Action::new("user_unlock");
    /// All sessions of an account were ended for its owner.
    USER_LOGOUT = Action::new("user_logout");
    /// A reset, or an invitation again, was mailed for the owner of an account.
    RESET_START = Action::new("reset_start");
    /// A registration was deleted.
    PENDING_DELETE = Action::new("pending_delete");
    /// A new code was mailed for a registration.
    PENDING_RESEND = Action::new("pending_resend");
    /// Registrations were listed; the detail names them.
    PENDING_LIST = Action::new("pending_list");
    /// Accounts were listed; the detail names those whose private fields were shown.
    USER_LIST = Action::new("user_list");
    /// An account was looked at.
    USER_READ = Action::new("user_read");
    /// The mails that do not arrive were listed.
    MAIL_LIST = Action::new("mail_list");
    /// A mail that did not arrive was tried again.
    MAIL_RETRY = Action::new("mail_retry");
    /// The audit trail was read.
    AUDIT_READ = Action::new("audit_read");
    /// The counts of everything were read.
    STATS_READ = Action::new("stats_read");
}
