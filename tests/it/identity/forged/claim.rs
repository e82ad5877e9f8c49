//! Changes of the claims.

use concord::identity::Reason;
use serde_json::{Value, json};

use super::{Base, Case, accepted, refused};
use crate::support::now;
use crate::support::token::AUDIENCE;

/// Tokens whose claims are changed, and signed; `other` is the issuer of a business.
pub(super) fn cases(base: &Base, other: &str) -> Vec<Case> {
    let mut cases = names(base, other);
    cases.extend(times(base));
    cases.extend(roles(base));
    cases.extend(doubled(base));
    cases
}

/// So many audiences, the last of which is ours.
fn audiences(number: usize) -> Value {
    (1..number).map(|place| format!("https://{place}.test")).chain([AUDIENCE.to_owned()]).collect::<Vec<_>>().into()
}

fn names(base: &Base, other: &str) -> Vec<Case> {
    let own = base.claims["iss"].as_str().expect("text");
    let long = |length: usize| Value::from("x".repeat(length));
    let none = || Value::Null;
    let mut cases = Vec::new();
    for (claim, reason) in [("iss", Reason::Issuer), ("aud", Reason::Audience), ("sub", Reason::Subject)] {
        cases.push(refused(format!("no {claim}"), reason, base.without(claim)));
    }
    let iss =
        vec![format!("{own}/").into(), own.to_uppercase().into(), "".into(), "https://id.test".into(), 7.into(), json!([own]), none()];
    let aud = vec![
        "https://concord".into(),
        format!("{AUDIENCE}/").into(),
        "".into(),
        json!([]),
        json!(["https://other.test"]),
        json!([AUDIENCE, 7]),
        json!([[AUDIENCE]]),
        json!({ "a": AUDIENCE }),
        audiences(11),
        none(),
    ];
    let sub = vec!["".into(), long(256), 7.into(), json!(["pat"]), "pat\u{0}".into(), "pat\n".into(), "\u{85}".into(), none()];
    for (claim, reason, values) in [
        ("iss", Reason::Issuer, iss),
        ("aud", Reason::Audience, aud),
        ("sub", Reason::Subject, sub),
        ("jti", Reason::TokenId, vec!["".into(), long(256), 7.into(), "a\tb".into(), none()]),
        ("client_id", Reason::ClientId, vec!["".into(), 7.into(), json!({}), long(256)]),
        ("name", Reason::DisplayName, vec![long(121), 7.into(), "Pat\u{7}".into(), json!(["Pat"])]),
    ] {
        cases.extend(values.into_iter().map(|value| refused(format!("{claim}: {value}"), reason, base.claim(claim, value))));
    }
    cases.push(refused("a business speaks for a college", Reason::RoleUnfit, base.claim("iss", other.into())));
    for value in [json!([AUDIENCE]), audiences(10)] {
        cases.push(accepted(format!("aud: {value}"), base.claim("aud", value)));
    }
    cases.push(accepted("a long sub", base.claim("sub", long(255))));
    cases.push(accepted("a claim of its own", base.claim("tenant", json!({ "id": [1, 2.5, null] }))));
    cases
}

fn times(base: &Base) -> Vec<Case> {
    let at = now().timestamp();
    let mut cases = vec![refused("no exp", Reason::Time, base.without("exp")), refused("no iat", Reason::Time, base.without("iat"))];
    for claim in ["exp", "iat", "nbf"] {
        for value in [
            json!(at.to_string()),
            json!(at as f64 + 0.5),
            json!(at as f64),
            json!(1e300),
            json!(-1),
            json!(i64::MIN),
            json!(u64::MAX),
            json!(253_402_300_800_i64),
            json!(true),
            json!([at]),
            Value::Null,
        ] {
            cases.push(refused(format!("{claim}: {value}"), Reason::Time, base.claim(claim, value)));
        }
        let written = base.claims.to_string().replacen('{', &format!("{{\"{claim}\":1e9999,"), 1);
        cases.push(refused(format!("{claim}: 1e9999"), Reason::Json, base.texts(None, Some(written))));
    }
    for (claim, value, reason) in [
        ("exp", at - 30, Reason::Expired),
        ("exp", at - 500, Reason::Expired),
        ("exp", at - 600, Reason::Lifetime),
        ("exp", 0, Reason::Lifetime),
        ("exp", at + 3_001, Reason::Lifetime),
        ("exp", 253_402_300_799, Reason::Lifetime),
        ("iat", at + 31, Reason::IssuedInFuture),
        ("iat", at + 600, Reason::Lifetime),
        ("iat", 0, Reason::Lifetime),
        ("nbf", at + 31, Reason::NotYetValid),
        ("nbf", 253_402_300_799, Reason::NotYetValid),
    ] {
        cases.push(refused(format!("{claim} {} s from now", value - at), reason, base.claim(claim, value.into())));
    }
    for (claim, value) in [("exp", at - 29), ("exp", at + 3_000), ("iat", at + 30), ("nbf", at + 30), ("nbf", 0)] {
        cases.push(accepted(format!("{claim} {} s from now", value - at), base.claim(claim, value.into())));
    }
    cases
}

fn roles(base: &Base) -> Vec<Case> {
    let mut cases = vec![refused("no roles", Reason::NoRole, base.without("roles"))];
    for value in [json!([]), json!(["DEAN"]), json!(""), json!("institution_admin"), json!("INSTITUTION_ADMIN LEARNER")] {
        cases.push(refused(format!("roles: {value}"), Reason::NoRole, base.claim("roles", value)));
    }
    for value in
        [json!(7), json!({ "role": "INSTITUTION_ADMIN" }), json!([["INSTITUTION_ADMIN"]]), json!(["INSTITUTION_ADMIN", 7]), Value::Null]
    {
        cases.push(refused(format!("roles: {value}"), Reason::Roles, base.claim("roles", value)));
    }
    for role in ["BUSINESS_ADMIN", "CONSORTIUM_ADMIN", "ANALYST", "CORPORATE_NAVIGATOR"] {
        cases.push(refused(role, Reason::RoleUnfit, base.claim("roles", role.into())));
        cases.push(refused(format!("{role} beside its own"), Reason::RoleUnfit, base.claim("roles", json!(["INSTITUTION_ADMIN", role]))));
    }
    for value in [json!("INSTITUTION_ADMIN"), json!(["DEAN", "INSTITUTION_ADMIN"]), json!(["LEARNER"])] {
        cases.push(accepted(format!("roles: {value}"), base.claim("roles", value)));
    }
    let mut machine = base.claims.clone();
    machine["client_id"] = machine["sub"].clone();
    machine["roles"] = json!(["LEARNER"]);
    cases.push(refused("a machine that learns", Reason::RoleUnfit, base.texts(None, Some(machine.to_string()))));
    cases
}

/// Members that stand twice, which other readers take for the first or the last.
fn doubled(base: &Base) -> Vec<Case> {
    let claims = base.claims.to_string();
    let with = |text: &str| base.texts(None, Some(claims.replacen('{', &format!("{{{text},"), 1)));
    let iss = format!("\"iss\":{}", base.claims["iss"]);
    let mut cases = Vec::new();
    for text in [
        iss.as_str(),
        "\"sub\":\"somebody\"",
        "\"s\\u0075b\":\"somebody\"",
        "\"exp\":1",
        "\"roles\":[\"CONSORTIUM_ADMIN\"]",
        "\"deep\":[{\"a\":{\"b\":1,\"b\":1}}]",
    ] {
        cases.push(refused(format!("doubled {text}"), Reason::DuplicateMember, with(text)));
    }
    cases.push(accepted("a name in two objects", with("\"deep\":[{\"sub\":1},{\"sub\":2}]")));
    cases
}
