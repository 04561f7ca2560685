//! `/patients/list` and `/patients/search`.

use std::sync::Arc;

use kernel::ids::UserId;
use poem_openapi::{OpenApi, param::Query, payload::Json};
use web::{
    Problem, RequestOrigin, ValidationErrors, caller::Caller, listing::Asked, problem::error_set,
};

use super::views::{FoundPatient, PatientRow, PatientSearchResponse, PatientsResponse};
use crate::{
    app::App,
    errors,
    http::{PageRows, Pagination, SEARCH_LIMIT, SearchRows, Tag},
    listing::Listing,
    patients::{search, use_cases},
    permissions::PatientsRead,
};

/// The operations.
#[derive(Debug, Clone)]
pub struct ListsApi(pub Arc<App>);

error_set!(
    /// Lists of patients.
    ListErrors = [CREDENTIAL_REQUIRED] + BEARER
);

type List = Result<Json<PatientsResponse>, Problem<ListErrors>>;
type Search = Result<Json<PatientSearchResponse>, Problem<ListErrors>>;

fn typed(
    app: &App,
    errors: &mut ValidationErrors,
    (field, text): (&'static str, &str),
) -> Option<(search::Query, usize)> {
    let query = search::Query::parse(text, &app.phone_rules);
    let query = errors.take(query.map_err(|violation| violation.at(field)))?;
    Some((query, text.chars().count()))
}

#[OpenApi(tag = "Tag::Patients")]
impl ListsApi {
    /// Patients, newest record first
    ///
    /// A doctor sees those whom the doctor treats, the desk and the administration those of the clinic. `illness_duration`
    /// is there for doctors only.
    #[oai(
        path = "/patients/list",
        method = "get",
        operation_id = "list_patients"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the query"
    )]
    async fn list(
        &self,
        caller: Caller<PatientsRead>,
        origin: RequestOrigin<'_>,
        /// Rows of a page
        limit: Asked<PageRows>,
        /// Rows before the page, at most 10,000; not together with `cursor`, which goes further
        offset: Query<Option<u32>>,
        /// The `next_cursor` of the page before
        cursor: Query<Option<String>>,
        /// Only those whom this text finds, as `q` of the search does
        search: Query<Option<String>>,
        /// Only the patients of this doctor; for the desk and the administration
        doctor_id: Query<Option<String>>,
    ) -> List {
        let (app, mut errors) = (&*self.0, ValidationErrors::new());
        let search = search.0.filter(|text| !text.is_empty());
        let search = search.and_then(|text| typed(app, &mut errors, ("search", &text)));
        let limit = limit.value(&mut errors);
        let listing = Listing::read(&mut errors, limit, offset.0, cursor.0.as_deref());
        let wanted = use_cases::list::Wanted {
            listing: errors.finish(listing)?,
            search,
            doctor_id: doctor_id
                .0
                .filter(|id| !id.is_empty())
                .map(UserId::from_stored),
        };
        let listing = wanted.listing.clone();
        let page = use_cases::list::list(app, &origin, &caller, wanted).await?;
        let row = |row: &_| PatientRow::new(app, row, origin.now);
        Ok(Json(PatientsResponse {
            success: true,
            message: "Patients".to_owned(),
            patients: page.rows.iter().map(row).collect(),
            pagination: Pagination::new(&listing, page.total, page.next.as_deref()),
        }))
    }

    /// Find patients
    ///
    /// By beginnings of the words of the name in any order, without regard to case, accents and apostrophes; by telephone
    /// number or its last 4 to 6 digits, e-mail address or the beginning of its local part, date of birth, or user id.
    #[oai(
        path = "/patients/search",
        method = "get",
        operation_id = "search_patients"
    )]
    async fn search(
        &self,
        caller: Caller<PatientsRead>,
        origin: RequestOrigin<'_>,
        /// 2 to 100 characters
        q: Query<String>,
        /// How many patients, 1 to 50
        limit: Asked<SearchRows>,
        /// Whether names that sound alike are found, even if there are others
        #[oai(default)]
        fuzzy: Query<bool>,
    ) -> Search {
        let (app, mut errors) = (&*self.0, ValidationErrors::new());
        let limit = limit.value(&mut errors).unwrap_or(SEARCH_LIMIT);
        let query = typed(app, &mut errors, ("q", &q.0));
        let (query, length) = errors.finish(query)?;
        let wanted = use_cases::search::Wanted {
            query,
            length,
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            fuzzy: fuzzy.0,
        };
        let found = use_cases::search::search(app, &origin, &caller, &wanted).await?;
        let found = found.iter();
        let patients = found.map(|(kind, found)| FoundPatient::new(app, *kind, found, origin.now));
        let patients: Vec<_> = patients.collect();
        Ok(Json(PatientSearchResponse {
            success: true,
            message: "Patients found".to_owned(),
            count: patients.len(),
            patients,
        }))
    }
}
