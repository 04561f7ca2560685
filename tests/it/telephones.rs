//! Telephone numbers as people of many countries write them (ID-4).

use bson::doc;
use serde_json::{Value, json};

use crate::harness::{TestServer, invitation, many_requests, registration_with as with};

/// Numbers as people write them in contacts, on letterheads and in messages.
const SPELLINGS: [&str; 64] = [
    // Germany
    "+49 170 1234567",
    "+49 (0) 170 1234567",
    "+49(0)170/1234567",
    "0170/1234567",
    "0170-1234567",
    "(0170) 123 45 67",
    "0049 170 1234567",
    "0049 (0) 1512 34567890",
    "+49\u{a0}170\u{a0}1234567",
    "030 / 12 34 56 - 78",
    "+49.30.12345678",
    "+49 30 12345678‐90",
    // Switzerland and Austria
    "+41 79 123 45 67",
    "079 123 45 67",
    "079/123.45.67",
    "+41 (0)79 123 45 67",
    "0041791234567",
    "+43 (0)664 / 123 45 67",
    // France
    "06 12 34 56 78",
    "06.12.34.56.78",
    "+33 6 12 34 56 78",
    "+33\u{202f}6\u{202f}12\u{202f}34\u{202f}56\u{202f}78",
    "+33 (0)6 12 34 56 78",
    "01-23-45-67-89",
    // Italy and Spain
    "+39 06 1234 5678",
    "335/1234567",
    "+39 335.123.4567",
    "+34 612 34 56 78",
    // United Kingdom
    "+44 20 7946 0958",
    "+44 (0)20 7946 0958",
    "(020) 7946 0958",
    "07700 900123",
    "(+44) 7700 900123",
    // United States and Canada
    "(212) 555-0123",
    "212-555-0123",
    "212.555.0123",
    "+1 (212) 555-0123",
    "1-212-555-0123",
    "+1\u{2011}212\u{2011}555\u{2011}0123",
    "+1 212 555\u{2013}0123",
    "+1 212 555\u{2014}0123",
    "+1 212 555\u{2212}0123",
    // India
    "+91 98765 43210",
    "+91-98765-43210",
    "098765 43210",
    "०९८७६ ५४३२१०",
    // Brazil
    "(11) 91234-5678",
    "+55 (11) 91234-5678",
    "+55 11 9 1234.5678",
    // Japan
    "03-1234-5678",
    "03(1234)5678",
    "０９０－１２３４－５６７８",
    "０９０ー１２３４ー５６７８",
    "＋８１　９０　１２３４　５６７８",
    "＋８１（０）９０・１２３４・５６７８",
    // Israel
    "050-123-4567",
    "+972-50-123-4567",
    "‎+972 50-123-4567‏",
    "050\u{200f}-123\u{200e}-4567",
    // Emirates
    "+971 50 123 4567",
    "٠٥٠ ١٢٣ ٤٥٦٧",
    // Copied from the contacts of a telephone
    "\u{202a}+49 170 1234567\u{202c}",
    "\u{2068}+41 79 123 45 67\u{2069}\n",
    "\u{200b}079\u{200b}1234567\u{feff}",
];

async fn server() -> TestServer {
    TestServer::start_with(many_requests).await
}

/// The stored form of a spelling above: without invisible characters at the ends, and without direction marks.
fn stored_form(typed: &str) -> String {
    let marks = "\u{200e}\u{200f}\u{202a}\u{202c}\u{2068}\u{2069}";
    let stored_form: String = typed.chars().filter(|c| !marks.contains(*c)).collect();
    let ends = |c: char| c.is_whitespace() || "\u{200b}\u{feff}".contains(c);
    stored_form.trim_matches(ends).to_owned()
}

#[tokio::test]
async fn numbers_in_the_spellings_of_many_countries_are_accepted() {
    let server = server().await;
    let mut refused = Vec::new();
    for (n, typed) in SPELLINGS.iter().enumerate() {
        let body = with(&format!("user{n}"), "mobile", json!(typed));
        let answer = server.post("/auth/register", body).await;
        if answer.status != 200 {
            refused.push((typed, answer.validation_errors()));
            continue;
        }
        let rows = server.app.store.raw("pending_users");
        let row = rows.find_one(doc! { "_id": answer.text("user_id") }).await;
        let row = row.unwrap().unwrap();
        assert_eq!(row.get_str("mobile").unwrap(), stored_form(typed));
    }
    assert!(
        refused.is_empty(),
        "{} of {}: {refused:?}",
        refused.len(),
        SPELLINGS.len()
    );
}

#[tokio::test]
async fn a_profile_and_an_invitation_accept_the_same_numbers() {
    let server = server().await;
    let admin = server.admin("boss").await;
    let token = server.patient("jane").await.token();
    for (n, typed) in SPELLINGS.iter().enumerate() {
        let change = json!({ "mobile": typed });
        let answer = server.patch_as(&token, "/auth/me", change).await;
        assert_eq!(answer.status, 200, "{typed:?}: {}", answer.raw);
        assert_eq!(answer.text("mobile"), stored_form(typed));
        if n % 8 == 0 {
            let mut body = invitation(&format!("desk{n}"), "staff");
            body["mobile"] = json!(typed);
            let created = server.post_as(&admin.token, "/admin/users", body).await;
            let row = server
                .stored_account(&created.expect(200).text("user_id"))
                .await;
            assert_eq!(row.get_str("mobile").unwrap(), stored_form(typed));
        }
    }
}

#[tokio::test]
async fn an_invalid_telephone_number_is_refused() {
    let server = server().await;
    let token = server.patient("jane").await.token();
    let too_many = format!("+{}", "1".repeat(16));
    let too_wide = format!("0{} 791234567", " ".repeat(31));
    let texts = [
        "12",
        "123",
        "+12 3",
        "++41 79 123 45 67",
        "41+79 123 45 67",
        "0791234567+",
        "079 CALL NOW",
        "0791234x",
        "079 123 45 67 ext 5",
        "tel:+41791234567",
        "079\n1234567",
        "079\u{0}1234567",
        "079\t1234567",
        "( - )",
        "+",
        "079,123;4567",
        "079 123 45 67 👍",
        "②⑦⑨④⑤⑥⑦",
        "1234567890123456",
        &too_many,
        &too_wide,
    ];
    for text in texts {
        let body = with("john", "mobile", json!(text));
        let answer = server.post("/auth/register", body).await;
        assert_eq!(
            answer.validation_errors(),
            ["mobile mobile_invalid"],
            "{text:?}"
        );
        let change = json!({ "mobile": text });
        let answer = server.patch_as(&token, "/auth/me", change).await;
        assert_eq!(
            answer.validation_errors(),
            ["mobile mobile_invalid"],
            "{text:?}"
        );
    }
}

#[tokio::test]
async fn direction_marks_are_removed_from_a_number() {
    let server = server().await;
    let token = server.patient("jane").await.token();
    let change = json!({ "mobile": "+49 \u{202e}170\u{202c} 1234567" });
    let answer = server
        .patch_as(&token, "/auth/me", change)
        .await
        .expect(200);
    assert_eq!(answer.text("mobile"), "+49 170 1234567");
}

#[tokio::test]
async fn a_number_has_up_to_40_characters_and_15_digits() {
    let server = server().await;
    let widest = format!("0 {}791234567", "- ".repeat(14) + " ");
    assert_eq!(widest.chars().count(), 40);
    let most = "+123 456 789 012 345".to_owned();
    for (n, mobile) in [widest, most, "1234".to_owned()].into_iter().enumerate() {
        let body = with(&format!("user{n}"), "mobile", json!(mobile));
        let answer = server.post("/auth/register", body).await;
        assert_eq!(answer.status, 200, "{mobile}: {}", answer.raw);
    }
}

#[tokio::test]
async fn a_password_equal_to_the_number_is_refused_in_any_digits() {
    let server = server().await; // PW-5
    for (mobile, password) in [
        ("０９０－１２３４－５６７８", "09012345678"),
        ("٠٥٠ ١٢٣ ٤٥٦٧", "0501234567"),
        ("+49 (0)170 1234567", "491701234567"),
    ] {
        let mut body = with("john", "mobile", json!(mobile));
        body["password"] = json!(password);
        let answer = server.post("/auth/register", body).await;
        let errors: Vec<Value> = answer
            .validation_errors()
            .into_iter()
            .map(Value::from)
            .collect();
        assert_eq!(errors.len(), 1, "{mobile}: {}", answer.raw);
        assert!(errors[0].as_str().unwrap().starts_with("password "));
    }
}
