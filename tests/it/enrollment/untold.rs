//! What a business is not told of places by what it tries: refusals, dry runs and times say no more than its learners let it see.

use concord::domain::id::Kind;
use serde_json::{Value, json};

use crate::roster::peopled;
use crate::support::people::person;
use crate::support::{both, snapshot};
use crate::tenant::business;

const MOVE: &str = "mutation($input: EnrollmentTransitionInput!) { enrollmentTransition(input: $input) { enrollment { id state } userErrors { code message path } } }";
/// Every state, as the schema names them.
const STATES: [&str; 10] = [
    "REQUESTED",
    "WAITLISTED",
    "SEAT_OFFERED",
    "ENROLLED",
    "ACTIVE",
    "COMPLETED",
    "NOT_COMPLETED",
    "WITHDRAWN",
    "CANCELLED",
    "DECLINED",
];

both! {
    /// A business that pays tries every state for a place: with consent it is told where the place stands; without, each answer is the same wherever that is, and it still cancels what has not begun.
    async fn states_are_not_told_by_refusals(database) {
        let app = peopled(database).await;
        let (acme, place) = (business(&app, "acme").await, person(Kind::Enrollment, 1));
        let go = async |to: &str| app.ask_as(&acme, MOVE, json!({ "input": { "id": place, "to": to, "reason": "x" } })).await;
        let all = async || {
            let mut answers = serde_json::Map::new();
            for to in STATES {
                let mut answer = go(to).await;
                answers.insert(to.to_owned(), json!({ "data": answer["data"].take(), "errors": answer["errors"].take() }));
            }
            answers
        };
        let told = all().await;
        let stands = async |state: &str| app.execute(&format!("UPDATE enrollment SET state = '{state}'; UPDATE business_enrollment SET state = '{state}'")).await;
        app.execute("UPDATE consent_grant SET scopes = 'CONTACT PROGRESS RESULTS'").await;
        let untold = all().await;
        for state in ["COMPLETED", "NOT_COMPLETED", "WITHDRAWN", "DECLINED"] {
            stands(state).await;
            assert_eq!(all().await, untold, "{state}");
        }
        stands("ENROLLED").await;
        for _ in 0..2 {
            let answer = go("CANCELLED").await;
            assert_eq!(answer["data"]["enrollmentTransition"], json!({ "enrollment": { "id": place, "state": null }, "userErrors": [] }));
        }
        assert_eq!(app.rows("SELECT state FROM enrollment").await, ["CANCELLED"]);
        snapshot!("enrollment_untold", json!({ "told": [told["ACTIVE"], told["DECLINED"]], "untold": untold }));
        assert_eq!(untold.get("ACTIVE").and_then(|answer| answer["data"]["enrollmentTransition"]["enrollment"].as_object()), None::<&serde_json::Map<String, Value>>);
    }
}
