//! Tokens that are forged, or odd: each is one change away from a token that is accepted.

mod claim;
mod header;
mod shape;

use axum::http::Method;
use concord::domain::role::Role;
use concord::domain::tenant::Tenant;
use concord::identity::Reason;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{VIEWER, college};
use crate::support::token::{Signer, claims, issuer, register};
use crate::support::{Answer, Database, Lines, TestApp};

/// A name in the tokens that no log may repeat.
const CANARY: &str = "canary5d1e";

/// A token that is accepted, in its parts.
pub(super) struct Base {
    signer: Signer,
    header: Value,
    claims: Value,
}

/// What is sent in the header `Authorization`, and the reason for which it is refused; none for what is odd and accepted.
pub(super) struct Case {
    name: String,
    reason: Option<Reason>,
    sent: Vec<String>,
}

impl Base {
    /// The token itself.
    fn token(&self) -> String {
        self.signer.sign_texts(&self.header.to_string(), &self.claims.to_string())
    }

    /// With one header member changed, and signed.
    fn header(&self, member: &str, value: Value) -> String {
        let mut header = self.header.clone();
        header[member] = value;
        self.signer.sign_texts(&header.to_string(), &self.claims.to_string())
    }

    /// With one claim changed, and signed.
    fn claim(&self, claim: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        claims[claim] = value;
        self.signer.sign_texts(&self.header.to_string(), &claims.to_string())
    }

    /// Without one member of the header or the claims, and signed.
    fn without(&self, name: &str) -> String {
        let (mut header, mut claims) = (self.header.clone(), self.claims.clone());
        for part in [&mut header, &mut claims] {
            part.as_object_mut().expect("an object").remove(name);
        }
        self.signer.sign_texts(&header.to_string(), &claims.to_string())
    }

    /// With the texts of header and claims as they are given, and signed.
    fn texts(&self, header: Option<String>, claims: Option<String>) -> String {
        self.signer.sign_texts(&header.unwrap_or_else(|| self.header.to_string()), &claims.unwrap_or_else(|| self.claims.to_string()))
    }
}

/// One token that is refused.
pub(super) fn refused(name: impl Into<String>, reason: Reason, token: impl AsRef<str>) -> Case {
    Case { name: name.into(), reason: Some(reason), sent: vec![format!("Bearer {}", token.as_ref())] }
}

/// One odd token that is accepted.
pub(super) fn accepted(name: impl Into<String>, token: impl AsRef<str>) -> Case {
    Case { name: name.into(), reason: None, sent: vec![format!("Bearer {}", token.as_ref())] }
}

/// Asks with these headers.
async fn ask(app: &TestApp, sent: &[String]) -> Answer {
    let mut headers = vec![("content-type", "application/json"), ("accept", "application/graphql-response+json")];
    headers.extend(sent.iter().map(|value| ("authorization", value.as_str())));
    app.send(Method::POST, "/graphql", &headers, json!({ "query": VIEWER }).to_string()).await
}

/// Body and headers of an answer, without what differs for every request.
pub(super) fn face(answer: &Answer) -> (u16, String, Vec<(String, String)>) {
    let headers = answer.headers.iter().filter(|(name, _)| !matches!(name.as_str(), "x-request-id" | "date"));
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned())).collect();
    (answer.status.as_u16(), answer.text(), headers)
}

/// Sends each case: the refused ones look the same in every byte, and the log tells each by its reason and nothing of what was sent.
pub(super) async fn try_all(app: &TestApp, cases: &[Case]) {
    let lines = Lines::listen();
    let expected = face(&ask(app, &["Bearer x".to_owned()]).await);
    assert_eq!((expected.0, expected.1.contains("UNAUTHENTICATED")), (401, true));
    lines.take();
    for case in cases {
        let answer = ask(app, &case.sent).await;
        let told = lines.take();
        let reasons: Vec<&str> = told.iter().filter_map(|line| line["reason"].as_str()).collect();
        if let Some(reason) = case.reason {
            assert_eq!(reasons, [reason.word()], "{}: {}", case.name, answer.text());
            assert_eq!(face(&answer), expected, "{}", case.name);
        } else {
            assert_eq!(answer.json()["data"]["viewer"]["kind"], "PERSON", "{}: {} {reasons:?}", case.name, answer.text());
        }
        let told = json!(told).to_string();
        let repeats = case.sent.iter().any(|sent| sent.len() > 20 && told.contains(&sent[7..]));
        assert!(!told.contains(CANARY) && !repeats, "{}: {told}", case.name);
    }
}

/// Whoever can change a token in any way, or be careless with it, meets the same wall; the log alone tells why.
#[tokio::test]
async fn one_change_is_enough() {
    let app = TestApp::twins(Database::Sqlite).await;
    let college = college(&app).await;
    let signer = Signer::fixed();
    let mut registered = issuer(college);
    // A second key, so that a token must name its own; algorithms of which no key is registered.
    registered.jwks = Some(json!({ "keys": [signer.jwk(), Signer::of(9, "other").jwk()] }).to_string());
    registered.algorithms = "EdDSA ES256 RS256".to_owned();
    let business = Tenant::Business(Uuid::from_u128(5));
    register(&app.operator().await, &registered).await;
    register(&app.operator().await, &issuer(business)).await;
    app.identity().refresh().await.expect("what is registered");

    let mut claims = claims(&[Role::InstitutionAdmin], college);
    claims["name"] = CANARY.into();
    let base = Base { header: signer.header(), signer, claims };
    let mut cases = vec![accepted("the token itself", base.token())];
    cases.extend(header::cases(&base));
    cases.extend(claim::cases(&base, &issuer(business).issuer));
    cases.extend(shape::cases(&base));
    // And still, after all of them.
    cases.push(accepted("the token again", base.token()));
    assert!(cases.iter().filter(|case| case.reason.is_some()).count() >= 130, "{}", cases.len());
    try_all(&app, &cases).await;
}
