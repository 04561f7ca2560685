//! The pages for people: `GET /test`, `/static/{file}`, `/docs`, `/redoc` and `/openapi.json`.
//!
//! The binary contains all files. A table finds a file by its name, never by a path (WEB-7). No page loads anything
//! from another host.

mod files;
mod kinds;
mod stored;
mod translated;
mod vendor;

use crate::config::Settings;
use identity::factors::passkeys::rules::relying_party::RelyingParty;
use kernel::{
    error::{Cause, Error, ErrorCode},
    errors,
    mail_language::MailLanguage,
};
use std::sync::{Arc, OnceLock};

use poem::{
    Request, Response,
    http::{
        HeaderValue,
        header::{CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY},
    },
};
use poem_openapi::{OpenApi, param::Path};
use serde_json::Value;

use self::{
    files::{ASK_FIRST, Name, version_of, with_hashes},
    kinds::{Document, File, Page},
    stored::Stored,
};
use super::Tag;
use web::{
    Problem,
    pipeline::headers::DOCS_POLICY,
    problem::error_set,
    reader::{DependsOnLanguage, asked},
    static_response::StaticResponse,
};

/// The pages and their files.
#[derive(Debug, Clone)]
pub struct Pages {
    make_document: fn() -> Result<Value, Cause>,
    /// The document. The first request makes it, so that the start does not wait for it.
    document: Arc<OnceLock<Stored>>,
    docs: bool,
    tests: bool,
    clinic: bool,
    cancel_hours: u32,
    time_zone: String,
    code_pause: i64,
    least_password: usize,
    passkey_site: String,
    deletion_days: i64,
    deletion_roles: String,
}

error_set!(
    /// A page, a file.
    PageErrors = [NOT_FOUND]
);

error_set!(
    /// The document.
    DocumentErrors = []
);

#[expect(clippy::unused_async, reason = "each handler is async")]
#[OpenApi(tag = "Tag::System")]
impl Pages {
    /// The test page
    ///
    /// Register, verify, log in, see the profile, log out. Off in production unless
    /// `service.test_pages_enabled`.
    #[oai(path = "/test", method = "get", operation_id = "test_page")]
    async fn test(&self, request: &Request) -> Result<StaticResponse<Page>, Problem<PageErrors>> {
        let page = self.content(self.asset("index.html")?, MailLanguage::English);
        Ok(html(&page, request))
    }

    /// A file of the pages
    ///
    /// By its name; there are no folders. Pages ask for scripts and styles by names with a hash, which browsers keep for a
    /// year; without the hash they have an `ETag`. The pages that patients see are in the language that `Accept-Language`
    /// asks for: English, German, French, Spanish or Hindi.
    #[oai(path = "/static/:file", method = "get", operation_id = "static_file")]
    async fn file(
        &self,
        request: &Request,
        /// The file's name, such as `index.html`
        file: Path<String>,
    ) -> Result<StaticResponse<File>, Problem<PageErrors>> {
        let name = Name::of(&file.0);
        if let Some(file) = vendor::find(&name.plain).filter(|_| self.docs) {
            return Ok(StaticResponse::new(name.answer_vendor(request, file)));
        }
        if let Some(words) = name.answer_words(request) {
            return Ok(StaticResponse::new(words));
        }
        let asset = self.asset(&name.plain)?;
        // A page contains what the person typed and the token of its address, so it has no headers for caches, and the
        // pipeline says `no-store` (RST-3).
        let page = || self.page(asset, request);
        let answer = name
            .answer(request, asset.content_type)
            .unwrap_or_else(page);
        Ok(StaticResponse::new(answer))
    }

    /// Swagger UI
    ///
    /// Off in production unless `service.docs_enabled`.
    #[oai(path = "/docs", method = "get", operation_id = "docs")]
    async fn docs(&self, request: &Request) -> Result<StaticResponse<Page>, Problem<PageErrors>> {
        self.reference(include_str!("../../static/docs.html"), request)
    }

    /// `ReDoc`
    ///
    /// Off in production unless `service.docs_enabled`.
    #[oai(path = "/redoc", method = "get", operation_id = "redoc")]
    async fn redoc(&self, request: &Request) -> Result<StaticResponse<Page>, Problem<PageErrors>> {
        self.reference(include_str!("../../static/redoc.html"), request)
    }

    /// This document
    ///
    /// Always there. Give it to a generator of clients, or to Postman. It has an `ETag`.
    #[oai(path = "/openapi.json", method = "get", operation_id = "openapi")]
    async fn openapi(
        &self,
        request: &Request,
    ) -> Result<StaticResponse<Document>, Problem<DocumentErrors>> {
        let document = self.document().map_err(Error::internal)?;
        let answer = document.answer(request, kinds::JSON, ASK_FIRST);
        Ok(StaticResponse::new(answer))
    }
}

impl Pages {
    /// The pages that `settings` enable (WEB-8), and the document that they show.
    pub fn new(make_document: fn() -> Result<Value, Cause>, settings: &Settings) -> Self {
        Self {
            make_document,
            document: Arc::default(),
            docs: settings.docs_enabled(),
            tests: settings.test_pages_enabled(),
            clinic: settings.secrets.field.is_some(),
            cancel_hours: settings.config.appointments.cancel_hours,
            time_zone: settings.clinic_zone(),
            code_pause: settings.config.otp.cooldown_seconds,
            least_password: settings.config.password.min_length,
            passkey_site: RelyingParty::new(
                &settings.config.service.public_base_url,
                &settings.config.passkeys,
            )
            .map(|site| site.id)
            .unwrap_or_default(),
            deletion_days: settings.config.account.deletion_days,
            deletion_roles: settings
                .config
                .account
                .deletion_roles
                .iter()
                .map(|role| role.name())
                .collect::<Vec<_>>()
                .join(" "),
        }
    }

    fn document(&self) -> Result<&Stored, Cause> {
        if let Some(document) = self.document.get() {
            return Ok(document);
        }
        let text = (self.make_document)()?.to_string();
        let version = version_of(text.as_bytes());
        let made = Stored::new(text.into(), &version);
        Ok(self.document.get_or_init(|| made))
    }

    fn asset(&self, name: &str) -> Result<&'static Asset, ErrorCode> {
        let is_on = |asset: &&Asset| match asset.part {
            Part::Always => true,
            Part::Clinic => self.clinic,
            Part::Tests => self.tests,
            Part::Docs => self.docs,
        };
        let mut assets = ASSETS.iter().filter(is_on);
        assets
            .find(|asset| asset.name == name)
            .ok_or(errors::NOT_FOUND)
    }

    /// The answer with a page. Those that patients see are in the language that the browser asks for.
    fn page(&self, asset: &Asset, request: &Request) -> Response {
        let response = Response::builder().content_type(asset.content_type);
        if !translated::PAGES.contains(&asset.name) {
            return response.body(self.content(asset, MailLanguage::English));
        }
        let language = asked(request).unwrap_or_default();
        let mut page = response
            .header(CONTENT_LANGUAGE, language.tag())
            .body(self.content(asset, language));
        page.set_data(DependsOnLanguage);
        page
    }

    /// The text of a page in a language, with the configured time between two codes, the shortest length of a password, and the domain
    /// that passkeys are bound to.
    fn content(&self, asset: &Asset, language: MailLanguage) -> String {
        let pause = format!("data-pause=\"{}\"", self.code_pause);
        let least = format!("At least {} characters", self.least_password);
        let page = with_hashes(&translated::page(asset.text, language));
        let page = page.replace("data-pause=\"60\"", &pause);
        let cancel = format!("data-cancel-hours=\"{}\"", self.cancel_hours);
        let zone = format!("data-time-zone=\"{}\"", self.time_zone);
        let page = page.replace("data-cancel-hours=\"24\"", &cancel);
        let page = page.replace("data-time-zone=\"\"", &zone);
        let days = format!("data-deletion-days=\"{}\"", self.deletion_days);
        let page = page.replace("data-deletion-days=\"14\"", &days);
        let roles = format!("data-deletion-roles=\"{}\"", self.deletion_roles);
        let page = page.replace("data-deletion-roles=\"patient\"", &roles);
        let page = page.replace(
            "data-served=\"\"",
            &format!("data-served=\"{}\"", self.served()),
        );
        let html = format!("<html lang=\"{}\"", language.tag());
        let with_site = format!("{html} data-passkeys=\"{}\"", self.passkey_site);
        let page = page.replace(&html, &with_site);
        page.replace("At least 8 characters", &least)
    }

    /// The parts that are not always there, for the links between the pages.
    fn served(&self) -> &'static str {
        match (self.tests, self.clinic) {
            (true, true) => "tests clinic",
            (true, false) => "tests",
            (false, true) => "clinic",
            (false, false) => "",
        }
    }

    fn reference(
        &self,
        page: &str,
        request: &Request,
    ) -> Result<StaticResponse<Page>, Problem<PageErrors>> {
        if !self.docs {
            return Err(errors::NOT_FOUND.into());
        }
        let policy = HeaderValue::from_static(DOCS_POLICY);
        Ok(html(&with_hashes(page), request).with(CONTENT_SECURITY_POLICY, policy))
    }
}

/// The path to the files from a page that is `folders` below the service's own address. The path is relative, so that
/// it works below `/api/v1` and behind a proxy's prefix, too.
pub(super) fn way_to_files(request: &Request, folders: usize) -> String {
    let slash = request.original_uri().path().ends_with('/');
    format!("{}static/", "../".repeat(folders + usize::from(slash)))
}

/// The condition on which a file is served.
#[derive(Clone, Copy)]
enum Part {
    /// The file is always served, also in production.
    Always,
    /// The file is served if the clinic's records are on.
    Clinic,
    /// The file is served if the test pages are enabled.
    Tests,
    /// The file is served if the pages of the document are enabled.
    Docs,
}

struct Asset {
    name: &'static str,
    content_type: &'static str,
    part: Part,
    text: &'static str,
}

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

macro_rules! assets {
    ($($name:literal, $content_type:ident, $part:ident;)+) => {
        &[$(Asset {
            name: $name,
            content_type: $content_type,
            part: Part::$part,
            text: include_str!(concat!("../../static/", $name)),
        }),+]
    };
}

/// Each file of this repository. The files of other projects are in [`vendor`].
const ASSETS: &[Asset] = assets! {
    "index.html", HTML, Tests;
    "index.js", SCRIPT, Tests;
    "otp.html", HTML, Always;
    "otp.js", SCRIPT, Always;
    "codes.js", SCRIPT, Always;
    "sessions.html", HTML, Tests;
    "sessions.js", SCRIPT, Tests;
    "reset.html", HTML, Always;
    "reset.js", SCRIPT, Always;
    "account-link.html", HTML, Always;
    "account-link.js", SCRIPT, Always;
    "account.html", HTML, Always;
    "account.js", SCRIPT, Always;
    "account-data.js", SCRIPT, Always;
    "account-email.js", SCRIPT, Always;
    "account-factors.js", SCRIPT, Always;
    "account-passkeys.js", SCRIPT, Always;
    "account-remembered.js", SCRIPT, Always;
    "own-sessions.js", SCRIPT, Always;
    "paper.js", SCRIPT, Always;
    "recovery-codes.js", SCRIPT, Always;
    "admin.html", HTML, Always;
    "admin.js", SCRIPT, Always;
    "activity.js", SCRIPT, Always;
    "mails.js", SCRIPT, Always;
    "overview.js", SCRIPT, Always;
    "users.js", SCRIPT, Always;
    "users-bulk.js", SCRIPT, Always;
    "users-import.js", SCRIPT, Always;
    "list.js", SCRIPT, Always;
    "chart.js", SCRIPT, Always;
    "pages.js", SCRIPT, Always;
    "session.js", SCRIPT, Always;
    "passkeys.js", SCRIPT, Always;
    "second-step.js", SCRIPT, Always;
    "reauthenticate.js", SCRIPT, Always;
    "ui.js", SCRIPT, Always;
    "words.js", SCRIPT, Always;
    "api.js", SCRIPT, Always;
    "style.css", STYLE, Always;
    "clinic-account.js", SCRIPT, Clinic;
    "clinic-booking.js", SCRIPT, Clinic;
    "clinic-consultation.js", SCRIPT, Clinic;
    "clinic-desk.js", SCRIPT, Clinic;
    "clinic-grid.js", SCRIPT, Clinic;
    "clinic-hours.js", SCRIPT, Clinic;
    "clinic-patient.js", SCRIPT, Clinic;
    "clinic-patients.js", SCRIPT, Clinic;
    "clinic-people.js", SCRIPT, Clinic;
    "clinic-person.js", SCRIPT, Clinic;
    "clinic-report.js", SCRIPT, Clinic;
    "clinic-reports.js", SCRIPT, Clinic;
    "clinic-rows.js", SCRIPT, Clinic;
    "clinic-symptoms.js", SCRIPT, Clinic;
    "clinic-time.js", SCRIPT, Clinic;
    "clinic-today.js", SCRIPT, Clinic;
    "clinic-visit.js", SCRIPT, Clinic;
    "clinic-way.js", SCRIPT, Clinic;
    "clinic-week.js", SCRIPT, Clinic;
    "clinic-words.js", SCRIPT, Clinic;
    "clinic.css", STYLE, Clinic;
    "clinic.html", HTML, Clinic;
    "clinic.js", SCRIPT, Clinic;
    "print.js", SCRIPT, Clinic;
    "my-book.js", SCRIPT, Clinic;
    "my-calendar.js", SCRIPT, Clinic;
    "my-hold.js", SCRIPT, Clinic;
    "my-load.js", SCRIPT, Clinic;
    "my-log.js", SCRIPT, Clinic;
    "my-reports.js", SCRIPT, Clinic;
    "my-time.js", SCRIPT, Clinic;
    "my-visits.js", SCRIPT, Clinic;
    "my.css", STYLE, Clinic;
    "my.html", HTML, Clinic;
    "my.js", SCRIPT, Clinic;
    "docs.js", SCRIPT, Docs;
    "redoc.js", SCRIPT, Docs;
};

/// The answer with a page whose files are not in the same folder, so its paths are rewritten.
fn html(page: &str, request: &Request) -> StaticResponse<Page> {
    let files = format!("=\"{}", way_to_files(request, 0));
    let response = Response::builder().content_type(HTML);
    StaticResponse::new(response.body(page.replace("=\"./", &files)))
}

#[cfg(test)]
mod tests;
