//! Tokens and keys of an identity provider that is not ours: the library jose, in a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use concord::domain::clock::Clock;
use concord::domain::role::Role;
use concord::domain::tenant::Tenant;
use concord::identity::Reason;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::college;
use super::forged::{accepted, refused, try_all};
use super::revocation::{Hand, verdict};
use crate::clients::script;
use crate::support::token::{claims, issuer, register};
use crate::support::{Database, Template, TestApp, now};

/// The algorithms that are taken.
const ALGORITHMS: [&str; 4] = ["RS256", "PS256", "ES256", "EdDSA"];

/// The provider's process.
struct Provider {
    child: Child,
    port: u16,
}

impl Provider {
    /// Starts it, with a key for each algorithm.
    fn start() -> Self {
        let mut command = Command::new("node");
        command.arg(script("issuer.mjs")).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("node runs: Node.js 20 or newer is needed");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let provider = Self { child, port: line.trim().parse().expect("a port") };
        for alg in ALGORITHMS {
            provider.key(alg, alg);
        }
        provider
    }

    /// Sends a request; the text of the answer.
    fn ask(&self, method: &str, path: &str, body: &Value) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("a connection");
        let body = body.to_string();
        let head = format!("{method} {path} HTTP/1.0\r\nhost: x\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all((head + &body).as_bytes()).expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
        answer.split_once("\r\n\r\n").expect("a body").1.to_owned()
    }

    /// Makes a key.
    fn key(&self, alg: &str, kid: &str) {
        self.ask("POST", "/key", &json!({ "alg": alg, "kid": kid }));
    }

    /// Mints a token with a key.
    fn mint(&self, kid: &str, claims: &Value) -> String {
        self.ask("POST", "/mint", &json!({ "kid": kid, "claims": claims }))
    }

    /// How often the keys were asked for.
    fn asked(&self) -> String {
        self.ask("GET", "/asked", &Value::Null)
    }

    /// How it serves its keys from now on.
    fn mode(&self, mode: &str) {
        self.ask("POST", "/mode", &json!({ "mode": mode }));
    }

    /// Where its keys are.
    fn address(&self) -> String {
        format!("http://127.0.0.1:{}/keys", self.port)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that believes a provider for a college.
async fn believing(provider: &Provider, clock: Clock) -> (TestApp, Tenant) {
    let app = TestApp::at(Database::Sqlite, Template::Twins, clock, |settings| settings.identity.allow_private_addresses = true).await;
    let college = college(&app).await;
    let mut row = issuer(college);
    row.jwks = None;
    row.jwks_url = Some(provider.address());
    row.algorithms = ALGORITHMS.join(" ");
    register(&app.operator().await, &row).await;
    app.identity().refresh().await.expect("what is registered");
    (app, college)
}

/// Claims of a college's administrator, distinct by subject.
fn claims_of(college: Tenant, subject: &str) -> Value {
    let mut claims = claims(&[Role::InstitutionAdmin], college);
    claims["sub"] = subject.into();
    claims
}

/// A college's provider signs by each algorithm: all tokens are taken, the keys are fetched once, and each forgery of them is refused.
#[tokio::test]
async fn takes_the_tokens_of_a_library() {
    let provider = Provider::start();
    let (app, college) = believing(&provider, Clock::Fixed(now())).await;
    let claims = claims_of(college, "pat");
    let [rs256, ps256, es256, eddsa] = ALGORITHMS.map(|alg| provider.mint(alg, &claims));
    let mut cases = Vec::new();
    for (alg, token) in ALGORITHMS.iter().zip([&rs256, &ps256, &es256, &eddsa]) {
        cases.push(accepted(*alg, token));
        let (signed, signature) = token.rsplit_once('.').expect("parts");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("a signature");
        let with = |bytes: &[u8]| format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bytes));
        for place in [0, signature.len() / 2, signature.len() - 1] {
            let mut flipped = signature.clone();
            flipped[place] ^= 1;
            cases.push(refused(format!("{alg}, byte {place}"), Reason::Signature, with(&flipped)));
        }
        cases.push(refused(format!("{alg}, zeros"), Reason::Signature, with(&vec![0; signature.len()])));
        cases.push(refused(format!("{alg}, a zero before"), Reason::Signature, with(&[&[0], &signature[..]].concat())));
        cases.push(refused(format!("{alg}, short"), Reason::Signature, with(&signature[1..])));
        cases.push(refused(format!("{alg}, ones"), Reason::Signature, with(&vec![0xff; signature.len()])));
        let (header, rest) = token.split_once('.').expect("parts");
        let header = String::from_utf8(URL_SAFE_NO_PAD.decode(header).expect("a header")).expect("text");
        for other in ALGORITHMS.iter().filter(|other| *other != alg) {
            let confused = header.replacen(&format!("\"alg\":\"{alg}\""), &format!("\"alg\":\"{other}\""), 1);
            assert_ne!(confused, header);
            cases.push(refused(format!("{alg} as {other}"), Reason::KeyAlgorithm, format!("{}.{rest}", URL_SAFE_NO_PAD.encode(confused))));
        }
    }
    // The signature as certificates and many libraries write it.
    let (signed, signature) = es256.rsplit_once('.').expect("parts");
    let signature = p256::ecdsa::Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).expect("a signature")).expect("a signature");
    cases.push(refused("ES256 in DER", Reason::Signature, format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_der().as_bytes()))));
    // The public key, which everybody has, taken for a shared secret.
    let pem = provider.ask("POST", "/spki", &json!({ "kid": "RS256" }));
    for secret in [pem.trim_end().to_owned(), pem.clone(), format!("{}\n", pem.trim_end())] {
        let header = json!({ "alg": "HS256", "kid": "RS256", "typ": "at+jwt" }).to_string();
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a secret");
        mac.update(signed.as_bytes());
        cases.push(refused(
            "HS256 with the public key",
            Reason::Algorithm,
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())),
        ));
    }
    try_all(&app, &cases).await;
    assert_eq!(provider.asked(), "1");
}

/// Changes a set of keys.
type Change = fn(&mut Value);

/// A provider serves keys that cannot be used, each one change away from those that can: they are passed over, the others stay.
#[tokio::test]
async fn passes_over_unusable_keys() {
    let provider = Provider::start();
    provider.ask("POST", "/key", &json!({ "alg": "RS256", "kid": "small", "bits": 1024 }));
    let set: Value = serde_json::from_str(&provider.ask("GET", "/set", &Value::Null)).expect("a set");
    let changes: [(&str, &str, Option<Reason>, Change); 19] = [
        ("as it is", "RS256", None, |_| {}),
        ("no alg where there is one possibility", "ES256", None, |set| {
            set["keys"][2].as_object_mut().expect("a key").remove("alg");
        }),
        ("no alg where there are two", "RS256", Some(Reason::Key), |set| {
            set["keys"][0].as_object_mut().expect("a key").remove("alg");
        }),
        ("no use", "RS256", None, |set| {
            set["keys"][0].as_object_mut().expect("a key").remove("use");
        }),
        ("of 1024 bits", "small", Some(Reason::Key), |_| {}),
        ("for encryption", "RS256", Some(Reason::Key), |set| set["keys"][0]["use"] = "enc".into()),
        ("for signing", "RS256", Some(Reason::Key), |set| set["keys"][0]["key_ops"] = json!(["sign"])),
        ("for verifying", "RS256", None, |set| set["keys"][0]["key_ops"] = json!(["verify"])),
        ("private", "EdDSA", Some(Reason::Key), |set| set["keys"][3]["d"] = "AA".into()),
        ("shared", "EdDSA", Some(Reason::Key), |set| set["keys"][3] = json!({ "kty": "oct", "kid": "EdDSA", "alg": "HS256", "k": "AAAA" })),
        ("of another curve", "ES256", Some(Reason::Key), |set| set["keys"][2]["crv"] = "P-384".into()),
        ("of another kind", "ES256", Some(Reason::Key), |set| set["keys"][2]["kty"] = "OKP".into()),
        ("of another algorithm", "ES256", Some(Reason::Key), |set| set["keys"][2]["alg"] = "EdDSA".into()),
        ("of an algorithm that is not taken", "RS256", Some(Reason::Key), |set| set["keys"][0]["alg"] = "RS512".into()),
        ("off the curve", "ES256", Some(Reason::Key), |set| set["keys"][2]["x"] = "A".repeat(43).into()),
        ("of small order", "EdDSA", Some(Reason::Key), |set| set["keys"][3]["x"] = "A".repeat(43).into()),
        ("with a small exponent", "RS256", Some(Reason::Key), |set| set["keys"][0]["e"] = "Aw".into()),
        ("under a name of another", "RS256", Some(Reason::Key), |set| set["keys"][1]["kid"] = "RS256".into()),
        ("the name is a number", "RS256", Some(Reason::Key), |set| set["keys"][0]["kid"] = 7.into()),
    ];
    for (name, kid, expected, change) in changes {
        let mut other = set.clone();
        change(&mut other);
        provider.ask("POST", "/set", &other);
        let (app, college) = believing(&provider, Clock::Fixed(now())).await;
        let node = app.beside(Clock::Fixed(now()), |settings| settings.identity.allow_private_addresses = true).await;
        assert_eq!(verdict(&node, &provider.mint(kid, &claims_of(college, "pat"))).await, expected, "{name}");
        let spared = if kid == "PS256" || name.contains("another") { "EdDSA" } else { "PS256" };
        assert_eq!(verdict(&node, &provider.mint(spared, &claims_of(college, "pat"))).await, None, "{name}: the others");
    }
}

/// A provider changes its keys: the new one is found, the old one is gone with every token that it signed, and the provider is asked once a minute at most.
#[tokio::test]
async fn follows_a_change_of_keys() {
    let provider = Provider::start();
    let hand = Hand::new();
    let (app, college) = believing(&provider, hand.clock()).await;
    let node = app.beside(hand.clock(), |settings| settings.identity.allow_private_addresses = true).await;
    let [first, second] = ["pat", "sam"].map(|subject| provider.mint("ES256", &claims_of(college, subject)));
    assert_eq!(verdict(&node, &first).await, None);
    provider.key("ES256", "next");
    provider.ask("POST", "/forget", &json!({ "kid": "ES256" }));
    let next = provider.mint("next", &claims_of(college, "pat"));
    for _ in 0..20 {
        assert_eq!(verdict(&node, &next).await, Some(Reason::Key));
    }
    assert_eq!((verdict(&node, &first).await, verdict(&node, &second).await, provider.asked().as_str()), (None, None, "1"));
    let move_on = async |by: TimeDelta| {
        hand.advance(by);
        node.identity().refresh().await.expect("a look");
    };
    move_on(TimeDelta::seconds(59)).await;
    assert_eq!((verdict(&node, &next).await, provider.asked().as_str()), (Some(Reason::Key), "1"));
    move_on(TimeDelta::seconds(1)).await;
    // Many at once wait for the one fetch.
    let verdicts = futures_util::future::join_all((0..20).map(|_| verdict(&node, &next))).await;
    assert_eq!((verdicts, provider.asked().as_str()), (vec![None; 20], "2"));
    assert_eq!(
        (verdict(&node, &first).await, verdict(&node, &second).await),
        (Some(Reason::Key), Some(Reason::Key)),
        "signed by the old one"
    );
    assert_eq!(provider.asked(), "2");
}

/// A provider fails in every way: what is known is used for a day, and each failure costs one question a minute.
#[tokio::test]
async fn outlives_a_failing_provider() {
    let provider = Provider::start();
    let hand = Hand::new();
    let (app, college) = believing(&provider, hand.clock()).await;
    let node = app.beside(hand.clock(), |settings| settings.identity.allow_private_addresses = true).await;
    let token = |subject: &str| {
        let mut claims = claims_of(college, subject);
        let at = hand.clock().now().timestamp();
        (claims["iat"], claims["exp"]) = (at.into(), (at + 600).into());
        provider.mint("ES256", &claims)
    };
    let move_on = async |by: TimeDelta| {
        hand.advance(by);
        node.identity().refresh().await.expect("a look");
    };
    assert_eq!(verdict(&node, &token("pat")).await, None);
    for (number, mode) in ["fail", "redirect", "text", "long", "silent", "ok"].into_iter().enumerate() {
        provider.mode(mode);
        move_on(TimeDelta::minutes(11)).await;
        assert_eq!([verdict(&node, &token("pat")).await, verdict(&node, &token("sam")).await], [None; 2], "{mode}");
        assert_eq!(provider.asked(), (number + 2).to_string(), "{mode}");
    }
    provider.mode("fail");
    move_on(TimeDelta::hours(24) - TimeDelta::seconds(1)).await;
    let known = token("pat");
    assert_eq!(verdict(&node, &known).await, None);
    move_on(TimeDelta::seconds(61)).await;
    // What was verified stays so to its end; nothing new is verified by keys that old.
    assert_eq!([verdict(&node, &known).await, verdict(&node, &token("sam")).await], [None, Some(Reason::KeysUnavailable)]);
    provider.mode("ok");
    move_on(TimeDelta::seconds(60)).await;
    assert_eq!(verdict(&node, &token("sam")).await, None);
}

/// A provider lies where only this machine reaches it: without the setting for development it is not registered, nor is it asked by a name that leads there.
#[tokio::test]
async fn asks_no_neighbors() {
    let provider = Provider::start();
    let (app, college) = believing(&provider, Clock::Fixed(now())).await;
    let token = provider.mint("EdDSA", &claims_of(college, "pat"));
    let mut row = issuer(college);
    row.jwks = None;
    row.algorithms = "EdDSA".to_owned();
    for (url, expected) in [
        (provider.address(), Reason::Issuer),
        (provider.address().replace("http:", "https:"), Reason::Issuer),
        (format!("https://localhost:{}/keys", provider.port), Reason::KeysUnavailable),
    ] {
        row.jwks_url = Some(url.clone());
        register(&app.operator().await, &row).await;
        let node = app.beside(Clock::Fixed(now()), |_| {}).await;
        assert_eq!(verdict(&node, &token).await, Some(expected), "{url}");
    }
    assert_eq!(provider.asked(), "0");
}
