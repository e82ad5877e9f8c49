//! Acts that meet at the same learners, vouchers and seats: nothing is missed, and nobody waits for each other.

use concord::domain::id::Kind;
use concord::store::sql::Dialect;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{agrees, finished, go, learner, once, request, seats};
use crate::enrollment_job::{finish, hire, list, send, sponsor, start};
use crate::roster::peopled;
use crate::support::people::{key, literal, person};
use crate::support::token::issuer_of;
use crate::support::{TestApp, both};
use crate::tenant::{business, tenant};
use crate::walk::id;

const GRANT: &str =
    "mutation($id: ID!) { consentGrant(input: { granteeId: $id, scopes: [ENROLLMENT] }) { consent { id } userErrors { code } } }";
const REVOKE: &str = "mutation($id: ID!) { consentRevoke(input: { id: $id }) { userErrors { code } } }";
const SEPARATE: &str = "mutation($ids: [ID!]!) { employeesSeparate(input: { ids: $ids, isConfirmed: true }) { userErrors { code } } }";
const ISSUE: &str = "mutation($input: VouchersIssueInput!) { vouchersIssue(input: $input) { vouchers { code } userErrors { code } } }";

/// How many of the people there are.
const PEOPLE: u16 = 6;
/// How often each does everything.
const ROUNDS: u32 = 6;

/// People who work at `acme` and sign in as the learners of `north` by their numbers; their tokens.
pub(super) async fn crew(app: &TestApp) -> Vec<String> {
    hire(app, PEOPLE).await;
    let north = tenant(app, Kind::Institution, "north").await;
    let issuer = literal(app, issuer_of(north));
    for number in 0..PEOPLE {
        let learner = literal(app, key(Kind::Learner, 1_000 + number));
        app.execute(&format!(
            "INSERT INTO learner_identity (issuer_id, subject, learner_id) VALUES ({issuer}, 'learner-{number}', {learner})"
        ))
        .await;
    }
    join_all((0..PEOPLE).map(|number| learner(app, number.into()))).await
}

/// Does something that is not refused.
async fn done(app: &TestApp, token: &str, document: &str, variables: Value) -> Value {
    let answer = app.ask_as(token, document, variables).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    let payload = answer["data"].as_object().and_then(|data| data.values().next()).cloned().unwrap_or_default();
    assert_eq!(payload["userErrors"], json!([]), "{answer:#}");
    payload
}

/// No transaction was given up for another one. What a connection has counted it tells at its end.
pub(crate) async fn nobody_gave_way(app: &TestApp) {
    if app.store.dialect() != Dialect::Postgres {
        return;
    }
    let served = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'concord'";
    app.rows(&format!("SELECT pg_terminate_backend(pid) {served}")).await;
    let over = async { while app.rows(&format!("SELECT count(*) {served}")).await != ["0"] {} };
    tokio::time::timeout(std::time::Duration::from_mins(1), over).await.expect("the connections end");
    assert_eq!(app.rows("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").await, ["0"]);
}

both! {
    /// Learners let their employer see their enrollments and take it back, while they ask for places and leave them, the employer enrolls all of them by a list and separates two:
    /// it sees each enrollment as it is, or not at all, as each learner said last.
    async fn what_is_shown_is_what_is_said(database) {
        let app = peopled(database).await;
        finished(&app).await;
        let tokens = crew(&app).await;
        let (offering, listed) = (seats(&app, 2, 100).await, id(&app, Kind::Offering, "n2").await);
        app.execute("UPDATE offering SET capacity = 22, waitlist_capacity = 100 WHERE code = 'HVA101-2'").await;
        let (employer, acme) = (business(&app, "acme").await, id(&app, Kind::Business, "acme").await);
        let funding = sponsor(&app, &employer, 1, 2_000).await;
        let upload = send(&app, &employer, &list(&listed, 0..PEOPLE)).await;
        assert!(start(&app, &employer, 2, &upload, &funding).await["enrollmentJob"].is_object());
        let sharing = join_all(tokens.iter().map(async |token| {
            for round in 1..=ROUNDS {
                let consent = done(&app, token, GRANT, json!({ "id": acme })).await["consent"]["id"].take();
                if round < ROUNDS {
                    done(&app, token, REVOKE, json!({ "id": consent })).await;
                }
            }
        }));
        let going = join_all(tokens.iter().zip((10..).step_by(10)).map(async |(token, first)| {
            for round in 1..=ROUNDS {
                let placed = request(&app, token, first + round, &offering, Value::Null).await["enrollment"]["id"].take();
                assert!(placed.is_string());
                if round < ROUNDS {
                    go(&app, token, json!({ "id": placed, "to": "CANCELLED" })).await;
                }
            }
        }));
        let parting = async {
            for number in [1_004, 1_001] {
                done(&app, &employer, SEPARATE, json!({ "ids": [person(Kind::Employee, number)] })).await;
            }
        };
        tokio::join!(sharing, going, finish(&app), parting);
        agrees(&app).await;
        let shown = app.rows("SELECT count(*) FROM business_enrollment WHERE NOT is_paid").await;
        assert_ne!(shown, ["0"]);
        nobody_gave_way(&app).await;
    }

    /// Learners pay with the same few vouchers in two offerings, and leave again, all at once: each is refused or has a place, and no voucher pays twice.
    async fn few_vouchers_go_round(database) {
        let app = peopled(database).await;
        finished(&app).await;
        let offerings = [seats(&app, 20, 0).await, id(&app, Kind::Offering, "n2").await];
        app.execute("UPDATE offering SET capacity = 50 WHERE code = 'HVA101-2'").await;
        let issue = json!({ "idempotencyKey": once(1), "sponsorshipId": person(Kind::Sponsorship, 1), "count": 2, "value": "60.00", "expiresOn": "2027-06-30" });
        let issued = done(&app, &business(&app, "acme").await, ISSUE, json!({ "input": issue })).await;
        let codes: Vec<&Value> = issued["vouchers"].as_array().expect("a list").iter().map(|voucher| &voucher["code"]).collect();
        let tokens = join_all((0..8).map(|number| learner(&app, number))).await;
        let placed = join_all(tokens.iter().enumerate().map(async |(number, token)| {
            let mut placed = 0;
            for round in 0..8 {
                let key = u32::try_from(100 + number * 10 + round).expect("a number");
                let paid = json!({ "voucherCode": codes[(number / 2 + round) % 2] });
                let payload = request(&app, token, key, &offerings[number % 2], paid).await;
                if payload["enrollment"].is_object() {
                    placed += 1;
                    let left = go(&app, token, json!({ "id": payload["enrollment"]["id"], "to": "CANCELLED" })).await;
                    assert_eq!(left["enrollment"]["state"], "CANCELLED", "{left:#}");
                } else {
                    assert_eq!(payload["userErrors"][0]["code"], "NOT_ELIGIBLE", "{payload:#}");
                }
            }
            placed
        }))
        .await;
        assert!(placed.iter().sum::<u32>() > 0);
        agrees(&app).await;
        nobody_gave_way(&app).await;
    }
}
