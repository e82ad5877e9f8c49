//! Enrollments and learners as they hang on institutions, sponsorships and vouchers, and how an enrollment got where it is.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use serde_json::{Value, json};

use super::{go, learner, request, seats};
use crate::roster::peopled;
use crate::support::people::{VOUCHER, person};
use crate::support::{both, snapshot};
use crate::tenant::{business, college, consortium};
use crate::walk::id;

both! {
    /// Everybody asks for the enrollments and learners of a college, for those of a sponsorship, and for a history: each reads what the role and the tenant allow.
    async fn are_read_by_those_who_may(database) {
        let app = peopled(database).await;
        let question = "query($north: ID!, $sponsorship: ID!, $enrollment: ID!, $offering: ID!) {
            institution(by: { id: $north }) {
                enrollments(sort: OLDEST, filter: { states: [ACTIVE], offeringIds: [$offering] }) { totalCount nodes { state learner { displayName } } }
                learners { totalCount nodes { displayName externalKeys { value } } edges { cursor } }
                named: learners(search: \"LANÉ pat\") { totalCount } numbered: learners(search: \"S-100\") { totalCount } strangers: learners(search: \"reyes\") { totalCount } percent: learners(search: \"%\") { totalCount } }
            sponsorship: node(id: $sponsorship) { ... on Sponsorship { name enrollments(filter: { offeringIds: [$offering] }) { totalCount nodes { requestedAt } } others: enrollments(filter: { offeringIds: [] }) { totalCount } } }
            enrollment: node(id: $enrollment) { ... on Enrollment { requestedAt transitions { from to at reason actorName } } } }";
        let variables = json!({
            "north": id(&app, Kind::Institution, "north").await,
            "sponsorship": person(Kind::Sponsorship, 1),
            "enrollment": person(Kind::Enrollment, 1),
            "offering": id(&app, Kind::Offering, "n1").await,
        });
        let mut answers = serde_json::Map::new();
        for (name, token) in [
            ("north admin", college(&app, "north", Role::InstitutionAdmin).await),
            ("north instructor", college(&app, "north", Role::Instructor).await),
            ("south admin", college(&app, "south", Role::InstitutionAdmin).await),
            ("the learner", college(&app, "north", Role::Learner).await),
            ("acme", business(&app, "acme").await),
            ("zeta", business(&app, "zeta").await),
            ("consortium admin", consortium(&app, Role::ConsortiumAdmin).await),
        ] {
            let mut answer = app.ask_as(&token, question, variables.clone()).await;
            // Cursors are sealed.
            if let Some(edges) = answer.pointer_mut("/data/institution/learners/edges").and_then(Value::as_array_mut) {
                for edge in edges {
                    edge["cursor"] = json!("…");
                }
            }
            answers.insert(name.to_owned(), answer);
        }
        snapshot!("enrollment_lists", answers);
        // Somebody whom the college knows without any enrollment is none of its learners here.
        app.execute("DELETE FROM enrollment_transition; DELETE FROM funding; DELETE FROM enrollment").await;
        let north = college(&app, "north", Role::InstitutionAdmin).await;
        let answer = app.ask_as(&north, "query($id: ID!) { institution(by: { id: $id }) { learners { totalCount } } }", json!({ "id": variables["north"] })).await;
        assert_eq!(answer["data"]["institution"]["learners"]["totalCount"], 0, "{answer:#}");
        assert_eq!(app.store.breaches(), 0, "no wall was needed");
    }

    /// A voucher is redeemed and given back: its business reads for which enrollment while it pays, and how that got there is the learner's to read.
    async fn vouchers_tell_what_they_pay_for(database) {
        let app = peopled(database).await;
        let offering = seats(&app, 5, 5).await;
        let (acme, token) = (business(&app, "acme").await, learner(&app, 1).await);
        let question = format!("{{ node(id: \"{}\") {{ ... on Voucher {{ state enrollment {{ id state offering {{ code }} learner {{ displayName }} }} }} }} }}", person(Kind::Voucher, 1));
        let read = async || app.ask_as(&acme, &question, json!({})).await;
        assert_eq!(read().await["data"]["node"], json!({ "state": "UNUSED", "enrollment": null }));
        let enrollment = request(&app, &token, 1, &offering, json!({ "voucherCode": VOUCHER })).await["enrollment"]["id"].take();
        let paid = read().await;
        assert_eq!(paid["data"]["node"], json!({ "state": "REDEEMED", "enrollment": { "id": enrollment, "state": null, "offering": { "code": "HVA101-1" }, "learner": null } }));
        assert!(paid["errors"].as_array().is_some_and(|errors| errors.len() == 2 && errors.iter().all(|error| error["extensions"]["code"] == "CONSENT_REQUIRED")), "{paid:#}");
        go(&app, &token, json!({ "id": enrollment, "to": "CANCELLED", "reason": "another plan" })).await;
        assert_eq!(read().await["data"]["node"], json!({ "state": "UNUSED", "enrollment": null }));
        let history = format!("{{ node(id: {enrollment}) {{ ... on Enrollment {{ transitions {{ from to reason }} }} }} }}");
        let answer = app.ask_as(&token, &history, json!({})).await;
        let steps = json!([{ "from": null, "to": "ENROLLED", "reason": null }, { "from": "ENROLLED", "to": "CANCELLED", "reason": "another plan" }]);
        assert_eq!(answer["data"]["node"]["transitions"], steps, "{answer:#}");
        let again = request(&app, &learner(&app, 2).await, 2, &offering, json!({ "voucherCode": VOUCHER })).await;
        assert_eq!(read().await["data"]["node"]["enrollment"]["id"], again["enrollment"]["id"]);
    }

    /// An employer asks for the courses of somebody who lets it know, in the order of the waitlist, which would tell who waits: refused there as well.
    async fn places_are_not_shown_by_the_order_of_a_learner(database) {
        let app = peopled(database).await;
        let question = format!("{{ node(id: \"{}\") {{ ... on Learner {{ displayName enrollments(sort: WAITLIST_POSITION) {{ totalCount }} }} }} }}", person(Kind::Learner, 1));
        let answer = app.ask_as(&business(&app, "acme").await, &question, json!({})).await;
        assert_eq!((&answer["data"]["node"]["enrollments"], &answer["errors"][0]["extensions"]["code"]), (&Value::Null, &json!("BAD_REQUEST")), "{answer:#}");
        let answer = app.ask_as(&college(&app, "north", Role::InstitutionAdmin).await, &question, json!({})).await;
        assert_eq!(answer["data"]["node"]["enrollments"]["totalCount"], 1, "{answer:#}");
    }
}
