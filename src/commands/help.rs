//! The texts that `--help` adds to each command: when to use it, examples, exit codes, variables.

/// `clinic-auth --help`.
pub(crate) const PROGRAM: &str = "\
Examples:
  clinic-auth                                        run it here, with a store, a secret and mails in ./data
  clinic-auth check                                  before the first start, and after each change of a setting
  clinic-auth create-admin --email you@example.org   the first administrator; there is no default account

Exit codes:
  0  done      1  a fault, which is printed      2  the command line was not understood

Environment (all of it: .env.example, docs/configuration.md):
  ENVIRONMENT           development (default) or production, which refuses what only suits a developer
  MONGO_URI             the database; without it a store in one file, for one small clinic
  JWT_SECRET            the master secret, 32 bytes or more; JWT_SECRET_FILE names a file that holds it
  SMTP_HOST, SMTP_USER, SMTP_PASSWORD
                        the mail server; without it mails are written to data/outbox
  PORT                  where to listen (5001)
  CLINIC_AUTH_CONFIG    the configuration file (./config.json)
  CLINIC_AUTH__SECTION__KEY
                        any key of it, such as CLINIC_AUTH__OTP__EXPIRE_MINUTES=15
  RUST_LOG              what is logged (info)

Every command reads the same settings as the service and works beside it.";

/// `serve`.
pub(crate) const SERVE: &str = "\
Listens on service.host and PORT and logs to standard output. It starts without its database and is ready
(/health/ready) when the database is there. SIGTERM or Ctrl-C: nothing new is accepted, running requests are finished;
a second one ends it at once.

Examples:
  clinic-auth
  PORT=8080 clinic-auth serve
  ENVIRONMENT=production JWT_SECRET_FILE=/run/secrets/jwt clinic-auth serve

Exit codes:
  0  ended by a signal      1  it could not start, or was ended by a second signal

Environment: see `clinic-auth --help`.";

/// `create-admin`.
pub(crate) const CREATE_ADMIN: &str = "\
For the first administrator, and for when the last one has lost the mail address; later ones are invited on the admin
page. With SMTP the link is mailed; without, it is printed: whoever sees it can become that administrator. It works
once, for registration.invitation_hours (72). A mail that cannot be sent at once waits for the running service; the
command says so, and why.

Examples:
  clinic-auth create-admin --email boss@clinic.example
  clinic-auth create-admin --email boss@clinic.example --username boss

Exit codes:
  0  the account was made, even if its mail has to wait
  1  the address or username is taken or wrong, or the database does not answer

Environment: MONGO_URI, JWT_SECRET and the SMTP variables of the service.";

/// `check`.
pub(crate) const CHECK: &str = "\
Before the first start, after each change of a setting, and when something is wrong. Tries the configuration, the
public address, the port, the data folder, the database with its clock, indexes and accounts, the keys and the mail
server; sends no mail. Each thing is one line, `ok`, `warn` or `FAULT`, with what to do under it. Missing indexes and
identifiers are made, as the start of the service does.

Examples:
  clinic-auth check
  clinic-auth check && systemctl start clinic-auth

Exit codes:
  0  no fault (there may be warnings)      1  at least one fault

Environment: the variables of the service; run it with the same ones and as the same user.";

/// `openapi`.
pub(crate) const OPENAPI: &str = "\
For generators of clients and for documentation. Needs no database and no setting.

Examples:
  clinic-auth openapi > openapi.json

Exit codes:
  0  printed

Environment: none.";

/// `errors`.
pub(crate) const ERRORS: &str = "\
For the developers of apps: every code, its status, and when it is answered. Needs no database and no setting.

Examples:
  clinic-auth errors > docs/errors.md

Exit codes:
  0  printed

Environment: none.";

/// `mails`.
pub(crate) const MAILS: &str = "\
For whoever answers for the texts: what people get in English, German, French, Spanish and Hindi, with example values.
Needs no database and no setting, and sends nothing.

Examples:
  clinic-auth mails > docs/mails.md

Exit codes:
  0  printed

Environment: none.";

/// `audit verify`.
pub(crate) const AUDIT_VERIFY: &str = "\
At fixed intervals, and whenever somebody may have changed the database. Seals what is not sealed yet, then checks each
record and each seal; the first fault of each chain is printed. Shows its progress on a terminal.

Examples:
  clinic-auth audit verify
  JWT_SECRET_PREVIOUS=... clinic-auth audit verify    with the master secret before a change

Exit codes:
  0  nothing was changed      1  something was, or the database does not answer
  2  nothing else is wrong, but some records cannot be checked without an older master secret

Environment: MONGO_URI, JWT_SECRET, JWT_SECRET_PREVIOUS.";

/// `audit export`.
pub(crate) const AUDIT_EXPORT: &str = "\
To keep the trail elsewhere, or to look through it. Prints what stands in the database, altered or not: run `audit
verify` beside it. Shows its progress on a terminal.

Examples:
  clinic-auth audit export > trail.ndjson
  clinic-auth audit export --from 2026-01-01 --to 2026-02-01 > january.ndjson
  clinic-auth audit export --from 2026-01-31T08:00:00Z | grep PAT12345678

Exit codes:
  0  all of it was printed, or the reader had enough      1  it is not complete

Environment: MONGO_URI.";

/// `keys rotate`.
pub(crate) const KEYS_ROTATE: &str = "\
The service changes keys by itself every jwt.rotation_days; this is for when it cannot wait. Running instances follow
within seconds, without a restart. With jwt.algorithm=HS256 there is nothing to rotate but JWT_SECRET.

Examples:
  clinic-auth keys rotate                  tokens of the key before are good until they expire
  clinic-auth keys rotate --compromised    they fail within seconds; a refresh brings new ones

Exit codes:
  0  rotated      1  the database does not answer, or HS256 is in use

Environment: MONGO_URI, JWT_SECRET.";

/// `keys rewrap`.
pub(crate) const KEYS_REWRAP: &str = "\
For a change of JWT_SECRET or of FIELD_ENCRYPTION_KEY, when every instance has the new one, and the older one as
JWT_SECRET_PREVIOUS or FIELD_ENCRYPTION_KEY_PREVIOUS. The seeds of authenticator apps are sealed anew, and the key of
each record; nothing else that is sealed is written. The service goes on working. It may be broken off and called again.
Afterwards `clinic-auth check` says what still needs the older one.

Examples:
  clinic-auth keys rewrap
  clinic-auth keys rewrap && clinic-auth check

Exit codes:
  0  no seed or record needs the older key      1  some do, another rewrap is at work, or the database does not answer

Environment: MONGO_URI, JWT_SECRET, JWT_SECRET_PREVIOUS, FIELD_ENCRYPTION_KEY, FIELD_ENCRYPTION_KEY_PREVIOUS.";

/// `records check`.
pub(crate) const RECORDS_CHECK: &str = "\
After a restore, at fixed intervals, and whenever somebody may have changed the database. Opens records, consultations,
reports and appointments, and compares search tokens, list keys and relationships with what they say; prints ids and
counts, and nothing of a patient. Shows its progress on a terminal.

Examples:
  clinic-auth records check          some 1,000 records, others each time
  clinic-auth records check --all

Exit codes:
  0  everything opens and fits      1  something does not, or the database does not answer

Environment: MONGO_URI, JWT_SECRET, FIELD_ENCRYPTION_KEY, FIELD_ENCRYPTION_KEY_PREVIOUS.";

/// `import patients`.
pub(crate) const IMPORT_PATIENTS: &str = "\
The file is UTF-8, with commas or semicolons. Its first row names the columns: name, or first_name and last_name;
date_of_birth (1990-05-17) or age; and if known sex, phone, email, address, referred_by, language, doctor_id. A row that
breaks a rule, or may be of a patient who is known already, is refused: its line and the reason are printed, and nothing
of the patient. So a second import of the same file makes nobody twice. Works beside the running service.

Examples:
  clinic-auth import patients patients.csv --doctor DOC12345678 --dry-run
  clinic-auth import patients patients.csv --doctor DOC12345678

Exit codes:
  0  every row was imported, or could be      1  rows were refused, or the database does not answer

Environment: MONGO_URI, JWT_SECRET, FIELD_ENCRYPTION_KEY.";

/// `factors reset`.
pub(crate) const FACTORS_RESET: &str = "\
For the last administrator, who has lost telephone, passkeys and recovery codes: everybody else's factors are reset by
an administrator on the admin page, after a look at the person. Ends the account's sessions and mails its owner. The
password stays; at the next login a new factor is set up, where mfa.required_roles asks for one.

Examples:
  clinic-auth factors reset ADM01234567

Exit codes:
  0  removed, or there were none      1  no such account, or the database does not answer

Environment: MONGO_URI, JWT_SECRET and the SMTP variables of the service.";

/// `hash-tune`.
pub(crate) const HASH_TUNE: &str = "\
On the machine that will run the service, while it has nothing else to do; takes some seconds. Prints what to write into
config.json; accounts change over at their next login.

Examples:
  clinic-auth hash-tune

Exit codes:
  0  measured      1  not enough memory

Environment: none.";

/// `demo-data`.
pub(crate) const DEMO_DATA: &str = "\
To try the pages and the API at once: a patient, two doctors, the desk and an administrator, 200 patients, appointments
of two weeks around today, consultations and reports, and a month of made-up numbers for the charts. Prints who logs in
with which password; the passwords follow from the master secret of this machine. A second call changes nothing and
prints them again. Refused in production.

Examples:
  clinic-auth demo-data

Exit codes:
  0  it stands      1  production, or the database does not answer

Environment: ENVIRONMENT, MONGO_URI, JWT_SECRET, FIELD_ENCRYPTION_KEY.";
