//! What learners achieve: results in assessments and awards, and what others see of them.

mod awards;
mod pages;
pub(crate) mod results;

use concord::domain::id::Kind;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::people::person;
use crate::walk::id;

const GRANT: &str = "mutation($input: ConsentGrantInput!) { consentGrant(input: $input) { consent { id } userErrors { code path } } }";
const REVOKE: &str = "mutation($id: ID!) { consentRevoke(input: { id: $id }) { userErrors { code } } }";

/// Learner 1 lets `acme` see something; the consent.
async fn consent(app: &TestApp, learner: &str, scopes: &[&str]) -> Value {
    let input = json!({ "granteeId": id(app, Kind::Business, "acme").await, "scopes": scopes, "purpose": "To see how I get on." });
    let mut answer = app.ask_as(learner, GRANT, json!({ "input": input })).await;
    assert_eq!(answer["data"]["consentGrant"]["userErrors"], json!([]), "{answer:#}");
    answer["data"]["consentGrant"]["consent"]["id"].take()
}

/// Learner 1 takes a consent back.
async fn take_back(app: &TestApp, learner: &str, consent: &Value) {
    let answer = app.ask_as(learner, REVOKE, json!({ "id": consent })).await;
    assert_eq!(answer["data"]["consentRevoke"]["userErrors"], json!([]), "{answer:#}");
}

/// Fields that the learner reads to have been shown to others, the newest line first.
async fn told(app: &TestApp, learner: &str) -> Vec<Value> {
    let question = "{ viewer { learner { disclosures { nodes { fields } } } } }";
    let answer = app.ask_as(learner, question, json!({})).await;
    let lines = answer["data"]["viewer"]["learner"]["disclosures"]["nodes"].as_array().cloned();
    lines.unwrap_or_else(|| panic!("{answer:#}")).iter().map(|line| line["fields"].clone()).collect()
}

/// What somebody is answered who asks for fields of enrollment 1, and the codes of errors.
async fn of_enrollment(app: &TestApp, token: &str, fields: &str) -> (Value, Vec<Value>) {
    let question = format!("{{ node(id: \"{}\") {{ ... on Enrollment {{ {fields} }} }} }}", person(Kind::Enrollment, 1));
    let mut answer = app.ask_as(token, &question, json!({})).await;
    let codes = answer["errors"].as_array().map_or(&[][..], Vec::as_slice).iter().map(|error| error["extensions"]["code"].clone());
    let codes = codes.collect();
    (answer["data"]["node"].take(), codes)
}
