//! Which rows of a list are the same, and what a row tells of somebody's own record.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use serde_json::{Value, json};

use super::{finish, hired, read, send, sponsor, start};
use crate::enrollment::seats;
use crate::support::people::person;
use crate::support::{TestApp, both};
use crate::tenant::{business, college};
use crate::walk::id;

/// Works off a list of `acme`: for each row the outcome, the code of its problem, and its column.
async fn outcomes(app: &TestApp, token: &str, number: u32, text: &str, funding: &Value) -> Vec<String> {
    let begun = start(app, token, number, &send(app, token, text).await, funding).await;
    finish(app).await;
    let done = read(app, token, &begun["enrollmentJob"]["id"]).await;
    let rows = done["items"]["nodes"].as_array().expect("rows").iter();
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    rows.map(|row| format!("{} {} {}", word(&row["outcome"]), word(&row["problems"][0]["code"]), word(&row["problems"][0]["column"])))
        .collect()
}

both! {
    /// A business lists somebody who is enrolled on their own account: the row is a duplicate only where they let it see that, or it pays.
    async fn what_employees_do_is_no_duplicate(database) {
        let app = hired(database, 1, 50).await;
        let token = business(&app, "acme").await;
        let (offering, funding) = (seats(&app, 5, 5).await, sponsor(&app, &token, 1, 5_000).await);
        let list = format!("offeringId,number\r\n{offering},10042\r\n");
        assert_eq!(outcomes(&app, &token, 2, &list, &funding).await, ["DUPLICATE ALREADY_ENROLLED offeringId"], "they consent");
        app.execute("UPDATE consent_grant SET scopes = 'AWARDS'").await;
        assert_eq!(outcomes(&app, &token, 3, &list, &funding).await, ["DUPLICATE ALREADY_ENROLLED offeringId"], "it pays");
        app.execute("UPDATE funding SET source = 'SELF_PAY', payer_id = NULL, sponsorship_id = NULL; UPDATE business_enrollment SET is_paid = FALSE").await;
        assert_eq!(outcomes(&app, &token, 4, &list, &funding).await, ["INELIGIBLE NOT_ELIGIBLE offeringId"]);
    }

    /// A business lists people whose numbers differ by large and small letters, and one whose number is another's address in small letters: each is somebody else. The same address in other letters is not.
    async fn numbers_are_taken_as_they_are(database) {
        let app = hired(database, 4, 50).await;
        let token = business(&app, "acme").await;
        let (offering, funding) = (seats(&app, 5, 5).await, sponsor(&app, &token, 1, 5_000).await);
        for (worker, number) in [(0, "q1"), (1, "Q1"), (2, "worker-3@larkspur.example")] {
            app.execute(&format!("UPDATE employee SET number = '{number}' WHERE email = 'worker-{worker}@larkspur.example'")).await;
        }
        let list = format!(
            "offeringId,email,number\r\n{offering},,q1\r\n{offering},,Q1\r\n{offering},,worker-3@larkspur.example\r\n{offering},worker-3@larkspur.example,\r\n\
             {offering},Worker-3@Larkspur.example,\r\n{offering},,Q1\r\n{offering},worker-1@larkspur.example,Q1\r\n{offering},worker-1@larkspur.example,q1\r\n"
        );
        let enrolled = "ENROLLED - -";
        assert_eq!(
            outcomes(&app, &token, 2, &list, &funding).await,
            [enrolled, enrolled, enrolled, enrolled, "DUPLICATE TAKEN offeringId", "DUPLICATE TAKEN offeringId", "DUPLICATE ALREADY_ENROLLED offeringId", "INELIGIBLE INVALID number"]
        );
    }

    /// A college lists a learner whom aid pays for: what the aid is called is kept with the place; a list without a name for it does not start.
    async fn aid_of_a_list_is_kept(database) {
        let app = hired(database, 0, 50).await;
        app.execute("UPDATE offering SET status = 'OPEN'").await;
        let token = college(&app, "north", Role::InstitutionAdmin).await;
        let (offering, list) = (id(&app, Kind::Offering, "n6").await, "offeringId,learnerId\r\n");
        let upload = send(&app, &token, &format!("{list}{offering},{}\r\n", person(Kind::Learner, 1))).await;
        let refused = start(&app, &token, 1, &upload, &json!({ "aidReference": "\u{200b}" })).await;
        assert_eq!((&refused["userErrors"][0]["code"], &refused["userErrors"][0]["path"]), (&json!("INVALID"), &json!(["input", "funding", "aidReference"])), "{refused:#}");
        let begun = start(&app, &token, 1, &upload, &json!({ "aidReference": "Pell 7" })).await;
        let conflict = start(&app, &token, 1, &upload, &json!({ "aidReference": "Pell 8" })).await;
        assert_eq!(conflict["userErrors"][0]["code"], "IDEMPOTENCY_CONFLICT", "{conflict:#}");
        finish(&app).await;
        let done = read(&app, &token, &begun["enrollmentJob"]["id"]).await;
        assert_eq!((&done["items"]["nodes"][0]["outcome"], &done["items"]["nodes"][0]["problems"]), (&json!("REQUESTED"), &json!([])), "{done:#}");
        assert_eq!(app.rows("SELECT aid_reference FROM funding WHERE source = 'FINANCIAL_AID'").await, ["Pell 7"]);
    }
}
