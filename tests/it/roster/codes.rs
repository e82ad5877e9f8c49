//! Codes of invitations end with whom they were made for.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use serde_json::{Value, json};

use super::{CONFIRM, SEPARATE, peopled, upsert};
use crate::import_job::{import, real};
use crate::support::people::person;
use crate::support::{TestApp, both};
use crate::tenant::{business, tenant};

/// Somebody whom no roster names tries a code; the payload.
async fn stranger(app: &TestApp, code: &Value) -> Value {
    let south = tenant(app, Kind::Institution, "south").await;
    let token = app.token_with(&[Role::Learner], south, |claims| claims["sub"] = "stranger".into()).await;
    app.ask_as(&token, CONFIRM, json!({ "code": code, "scopes": [] })).await["data"]["employmentConfirm"].take()
}

both! {
    /// A number goes to somebody else after its first holder has left, by an act and by a file, or an address is corrected before it was confirmed: the first code links nobody, and a
    /// new one is good.
    async fn end_with_whom_they_were_for(database) {
        let app = peopled(database).await;
        let token = business(&app, "acme").await;
        let refused = json!({ "employee": null, "userErrors": [{ "code": "NOT_FOUND", "path": ["input", "invitationCode"] }] });
        let add = async |number: &str, name: &str| {
            let payload = upsert(&app, &token, json!([{ "number": number, "name": name, "email": format!("{name}@new.example") }])).await;
            assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
            (payload["employees"][0]["id"].clone(), payload["invitationCodes"][0].clone())
        };
        let separate = async |id: &Value| {
            let answer = app.ask_as(&token, SEPARATE, json!({ "ids": [id] })).await;
            assert_eq!(answer["data"]["employeesSeparate"]["userErrors"], json!([]), "{answer:#}");
        };
        let (first, old) = add("n1", "first").await;
        separate(&first).await;
        let (second, new) = add("n1", "second").await;
        assert_eq!((&second, new.is_string()), (&first, true));
        assert_eq!(stranger(&app, &old).await, refused);

        let (third, by_file) = add("n2", "third").await;
        separate(&third).await;
        assert_eq!(import(&app, &token, 1, "number,name,email\nn2,fourth,fourth@new.example\n", real()).await["rowsUpdated"], 1);
        assert_eq!(stranger(&app, &by_file).await, refused);

        let (fifth, misdirected) = add("n3", "fifth").await;
        let (sixth, right) = add("n3", "sixth").await;
        assert_eq!((&fifth, right.is_string()), (&sixth, true), "another address is invited anew");
        assert_eq!(stranger(&app, &misdirected).await, refused);
        let moved = import(&app, &token, 2, "number,name,email\nn3,seventh,seventh@new.example\n", real()).await;
        assert_eq!((&moved["rowsUpdated"], stranger(&app, &right).await), (&json!(1), refused.clone()));

        assert_eq!(app.rows("SELECT count(*) FROM employee WHERE status = 'LINKED'").await, ["1"]);
        assert_eq!(stranger(&app, &new).await["employee"], json!({ "id": first, "status": "LINKED", "business": { "name": "Larkspur Heating LLC" }, "consent": null }));
    }

    /// A file or an act gives the number of somebody who has confirmed to another name and another address at once: the learner behind it does not become somebody else; one of both may change.
    async fn a_number_alone_makes_nobody_else(database) {
        let app = peopled(database).await;
        let token = business(&app, "acme").await;
        let other = json!([{ "number": "10042", "name": "Quite Another", "email": "another@new.example" }]);
        let refused = json!([{ "code": "TAKEN", "path": ["input", "items", "0", "email"] }]);
        assert_eq!(upsert(&app, &token, other).await["userErrors"], refused);
        let job = import(&app, &token, 1, "number,name,email\n10042,Quite Another,another@new.example\n", real()).await;
        assert_eq!((&job["rowsRejected"], &job["problems"]["nodes"][0]["code"]), (&json!(1), &json!("TAKEN")), "{job:#}");
        for (name, email) in [("Pat Lane", "another@new.example"), ("Quite Another", "another@new.example")] {
            let payload = upsert(&app, &token, json!([{ "number": "10042", "name": name, "email": email }])).await;
            assert_eq!((&payload["userErrors"], &payload["employees"][0]["status"]), (&json!([]), &json!("LINKED")), "{payload:#}");
            assert_eq!(payload["employees"][0]["id"], json!(person(Kind::Employee, 1)));
        }
    }
}
