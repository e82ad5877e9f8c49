//! Changes of the header.

use concord::identity::Reason;
use serde_json::{Value, json};

use super::{Base, Case, accepted, refused};

/// Tokens whose header is changed, and signed.
pub(super) fn cases(base: &Base) -> Vec<Case> {
    let mut cases = algorithms(base);
    let jwk = base.signer.jwk();
    for (member, value) in [
        ("jwk", jwk),
        ("jku", "https://id.test/keys".into()),
        ("x5u", "https://id.test/chain".into()),
        ("x5c", json!(["MIIB"])),
        ("x5t", "AAAA".into()),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", false.into()),
        ("b64", true.into()),
        ("zip", "DEF".into()),
        ("cty", "JWT".into()),
        ("enc", "A256GCM".into()),
        ("iss", "https://id.test".into()),
        ("Alg", "EdDSA".into()),
        ("", "".into()),
    ] {
        cases.push(refused(format!("{member:?}: {value}"), Reason::HeaderMember, base.header(member, value)));
    }
    cases.push(refused("no kid", Reason::Key, base.without("kid")));
    for kid in ["Test", "test ", "nobody", "../../etc/passwd", "' OR 1=1 --", ""] {
        cases.push(refused(format!("kid {kid:?}"), Reason::Key, base.header("kid", kid.into())));
    }
    cases.push(refused("the kid of another key", Reason::Signature, base.header("kid", "other".into())));
    for value in [7.into(), json!({ "a": 1 }), Value::Null, "k".repeat(256).into()] {
        cases.push(refused(format!("kid {value}"), Reason::HeaderMember, base.header("kid", value)));
    }
    cases.push(refused("no typ", Reason::TokenType, base.without("typ")));
    for name in ["JWT", "jwt", "application/jwt", "at+jwt2", "at jwt", "secevent+jwt", ""] {
        cases.push(refused(format!("typ {name:?}"), Reason::TokenType, base.header("typ", name.into())));
    }
    cases.push(refused("typ is a number", Reason::HeaderMember, base.header("typ", 1.into())));
    for name in ["AT+JWT", "application/at+jwt", "Application/AT+jwt"] {
        cases.push(accepted(format!("typ {name:?}"), base.header("typ", name.into())));
    }
    for doubled in [
        r#"{"alg":"EdDSA","alg":"EdDSA","kid":"test","typ":"at+jwt"}"#,
        r#"{"alg":"none","kid":"test","typ":"at+jwt","alg":"EdDSA"}"#,
        r#"{"alg":"EdDSA","kid":"test","\u006bid":"test","typ":"at+jwt"}"#,
    ] {
        cases.push(refused(doubled, Reason::DuplicateMember, base.texts(Some(doubled.to_owned()), None)));
    }
    cases
}

fn algorithms(base: &Base) -> Vec<Case> {
    let mut cases = Vec::new();
    for none in ["none", "None", "NONE", "nOnE", "none ", ""] {
        let signed = base.header("alg", none.into());
        cases.push(refused(format!("alg {none:?}, signed"), Reason::Algorithm, &signed));
        let unsigned = signed.rsplit_once('.').expect("parts").0;
        cases.push(refused(format!("alg {none:?}, not signed"), Reason::Algorithm, format!("{unsigned}.")));
    }
    for name in
        ["HS256", "HS384", "HS512", "RS384", "RS512", "PS512", "ES384", "ES512", "ES256K", "EDDSA", "eddsa", "Ed25519", "EdDSA\u{0}"]
    {
        cases.push(refused(format!("alg {name:?}"), Reason::Algorithm, base.header("alg", name.into())));
    }
    cases.push(refused("an algorithm of others", Reason::Algorithm, base.header("alg", "PS256".into())));
    for name in ["ES256", "RS256"] {
        cases.push(refused(format!("alg {name} for a key of Ed25519"), Reason::KeyAlgorithm, base.header("alg", name.into())));
    }
    cases.push(refused("no alg", Reason::Algorithm, base.without("alg")));
    for (name, value) in [("null", Value::Null), ("a number", 7.into()), ("a list", json!(["EdDSA"]))] {
        cases.push(refused(format!("alg is {name}"), Reason::HeaderMember, base.header("alg", value)));
    }
    cases
}
