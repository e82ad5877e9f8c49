//! What the consortium's staff do by commands: issuers, service accounts, keys, and access that is taken away.

use std::process::Command;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::domain::tenant::Tenant;
use concord::store::check::INVARIANTS;
use serde_json::{Value, json};

use super::{PATIENCE, Running, folder, program, refusal, run, text};
use crate::enrollment::once;
use crate::enrollment::planted::busy;
use crate::support::token::{Signer, claims, issuer};
use crate::support::{Database, TestApp, both};
use crate::walk::id;

/// The address of the issuer: where a balancer would stand.
const URL: &str = "https://concord.test";

/// A command of the staff on a database.
fn on(url: &str, arguments: &[&str]) -> Command {
    let mut program = program(arguments);
    program
        .env("CONCORD__DATABASE__URL", url)
        .env("CONCORD__CURSORS__SECRET", "a secret of the tests, long enough to sign")
        .env("CONCORD__IDENTITY__SECRET", "a secret of the tests, long enough to seal")
        .env("CONCORD__IDENTITY__URL", URL)
        .env("CONCORD__IDENTITY__KEY_OVERLAP_MS", "600000")
        .env("CONCORD__SERVER__LISTEN", "127.0.0.1:0");
    program
}

/// What a command prints that must succeed.
fn told(command: &mut Command) -> String {
    let ended = run(command);
    assert_eq!((ended.status.code(), ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    ended.stdout.trim_end().to_owned()
}

/// Seconds since 1970 by the clock of the programs.
fn seconds() -> i64 {
    concord::domain::clock::Clock::System.now().timestamp()
}

/// Asks for a token by an assertion; the answer.
fn ask(running: &Running, signer: &Signer, client: &str, assertion_id: &str) -> Value {
    let header = json!({ "alg": "EdDSA", "kid": "test", "typ": "JWT" }).to_string();
    let claims = json!({ "iss": client, "sub": client, "aud": URL, "exp": seconds() + 60, "jti": assertion_id }).to_string();
    let assertion = signer.sign_texts(&header, &claims);
    let kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
    let form = format!("grant_type=client_credentials&client_assertion_type={kind}&client_assertion={assertion}");
    let answer = running.post_to("/oauth/token", "content-type: application/x-www-form-urlencoded", &form);
    serde_json::from_str(answer.split_once("\r\n\r\n").expect("a body").1).expect("JSON")
}

/// Whether a token is taken.
fn is_taken(running: &Running, token: &str) -> bool {
    running.post_as(token, "{ viewer { kind } }").starts_with("HTTP/1.1 200")
}

/// Waits until a token is taken, or is taken no longer.
fn until_taken(running: &Running, token: &str, wanted: bool) {
    let started = Instant::now();
    while is_taken(running, token) != wanted {
        assert!(started.elapsed() < PATIENCE, "the token is never {}", if wanted { "taken" } else { "refused" });
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

both! {
    /// Staff ask whether seats and money agree: they do; then somebody changes a number by hand, and it is told which, how often and where.
    async fn check_a_database(database) {
        let app = busy(database).await;
        let url = app.url();
        let all = INVARIANTS.len();
        assert_eq!(told(&mut on(&url, &["check"])), format!("{all} invariants were checked: all hold."));
        app.execute("UPDATE offering SET seats_here = seats_here + 1 WHERE code = 'HVA101-1'; UPDATE idempotency_key SET answer = NULL WHERE act = 'sponsorshipCreate'").await;
        let ended = run(&mut on(&url, &["check"]));
        let offering = id(&app, Kind::Offering, "n1").await;
        let key = once(5);
        let expected = format!(
            "seats: the seats of an offering that are taken are not those of its enrollments; once, for example {offering}\n\
             answers: an act was done, and what was answered to its key is not kept; once, for example {key}\n\
             {all} invariants were checked: 2 do not hold.\n"
        );
        assert_eq!((ended.status.code(), ended.stdout.as_str(), ended.stderr.as_str()), (Some(2), expected.as_str(), ""));
    }

    /// Staff set up the issuer: it is not served without a key, nor with another secret; an account gets a token, and loses it again.
    async fn run_the_issuer(database) {
        let app = TestApp::twins(database).await;
        let (url, college) = (app.url(), id(&app, Kind::Institution, "north").await);
        let told_of_key = refusal(&mut on(&url, &["serve"]));
        assert_eq!(told_of_key, "concord: identity.url is set, but there is no key to sign with: run `concord key rotate`");
        assert_eq!(told(&mut on(&url, &["key", "list"])), "There is no key: make one by `concord key rotate`.");
        let first = told(&mut on(&url, &["key", "rotate"]));
        let key = first.split(' ').nth(2).expect("a name").to_owned();
        assert_eq!(first.lines().count(), 1, "{first}");
        let second = told(&mut on(&url, &["key", "rotate"]));
        assert!(second.contains(&format!("\nThe key {key} stays published until ")), "{second}");
        let list = told(&mut on(&url, &["key", "list"]));
        assert!(list.lines().count() == 2 && list.starts_with(&format!("{key}  signs      signs from ")), "{list}");
        assert!(refusal(&mut on(&url, &["key", "rotate"])).contains("is published already and signs from"));
        let other = "another secret of the tests, as long as it is";
        for command in [&["serve"][..], &["key", "rotate", "--now"]] {
            let told = refusal(on(&url, command).env("CONCORD__IDENTITY__SECRET", other));
            assert!(told.starts_with("concord: identity.secret does not open the signing key "), "{told}");
        }

        let folder = folder();
        let keys = folder.path().join("keys.json");
        let signer = Signer::fixed();
        std::fs::write(&keys, json!({ "keys": [signer.jwk()] }).to_string()).expect("a file");
        let add = ["service-account", "add", "--name", "Portal of North", "--tenant", &college, "--role", "INSTITUTION_ADMIN", "--jwks", text(&keys)];
        let client = told(&mut on(&url, &add));
        let list = told(&mut on(&url, &["service-account", "list"]));
        assert_eq!(list, format!("{client}  enabled   {college}  INSTITUTION_ADMIN  Portal of North"));

        let running = Running::start(&mut on(&url, &["serve"]));
        let granted = ask(&running, &signer, &client, "a");
        let token = granted["access_token"].as_str().unwrap_or_else(|| panic!("{granted}")).to_owned();
        assert!(running.post_as(&token, "{ viewer { kind displayName } }").contains("Portal of North"));
        assert_eq!(ask(&running, &signer, &client, "a")["error"], "invalid_client");
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("three parts")).expect("base64url");
        let token_id = serde_json::from_slice::<Value>(&payload).expect("claims")["jti"].as_str().expect("a name").to_owned();
        assert_eq!(told(&mut on(&url, &["revoke", "token", &token_id])), format!("The token {token_id} of Concord itself is no longer valid."));
        until_taken(&running, &token, false);
        let token = ask(&running, &signer, &client, "b")["access_token"].as_str().expect("a token").to_owned();
        assert!(is_taken(&running, &token));
        told(&mut on(&url, &["service-account", "disable", &client]));
        until_taken(&running, &token, false);
        assert_eq!(ask(&running, &signer, &client, "c")["error"], "invalid_client");
        assert!(told(&mut on(&url, &["service-account", "list"])).contains("  disabled  "));
        // Whoever has stolen the key gets nothing by it any more.
        told(&mut on(&url, &["key", "rotate", "--now"]));
        told(&mut on(&url, &["revoke", "key", &key]));
        running.stop();
    }

    /// Staff register a college's issuer, pause it, and take away its subjects and its tenant.
    async fn manage_issuers(database) {
        let app = TestApp::twins(database).await;
        let (url, college) = (app.url(), id(&app, Kind::Institution, "north").await);
        let tenant = Tenant::named(&college).expect("a tenant");
        let mut claims = claims(&[Role::InstitutionAdmin], tenant);
        let name = issuer(tenant).issuer;
        (claims["iat"], claims["exp"]) = (json!(seconds() - 60), json!(seconds() + 600));
        let token = Signer::fixed().sign(&claims);
        let folder = folder();
        let keys = folder.path().join("keys.json");
        std::fs::write(&keys, json!({ "keys": [Signer::fixed().jwk()] }).to_string()).expect("a file");
        let mut add = vec!["issuer", "add", name.as_str(), "--tenant", &college, "--audience", "https://concord.test", "--algorithm", "EdDSA", "--jwks", text(&keys)];
        assert_eq!(told(&mut on(&url, &["issuer", "list"])), "No issuer is registered.");
        told(&mut on(&url, &["key", "rotate"]));
        let running = Running::start(&mut on(&url, &["serve"]));
        assert!(!is_taken(&running, &token));
        assert_eq!(told(&mut on(&url, &add)), format!("The issuer {name} is registered for {college}."));
        until_taken(&running, &token, true);
        assert!(refusal(&mut on(&url, &add)).ends_with("is registered already"));
        assert_eq!(told(&mut on(&url, &["issuer", "list"])), format!("{name}  enabled   {college}  at+jwt  EdDSA  keys given"));
        told(&mut on(&url, &["issuer", "disable", &name]));
        until_taken(&running, &token, false);
        told(&mut on(&url, &["issuer", "enable", &name]));
        until_taken(&running, &token, true);
        told(&mut on(&url, &["revoke", "subject", "pat", "--issuer", &name]));
        until_taken(&running, &token, false);
        claims["sub"] = "sam".into();
        let token = Signer::fixed().sign(&claims);
        assert!(is_taken(&running, &token));
        told(&mut on(&url, &["revoke", "tenant", &college]));
        until_taken(&running, &token, false);
        told(&mut on(&url, &["issuer", "remove", &name]));
        assert!(refusal(&mut on(&url, &["revoke", "subject", "pat", "--issuer", &name])).contains("there is no issuer"));
        running.stop();

        add[2] = URL;
        assert!(refusal(&mut on(&url, &add)).contains("the configuration has the issuer"));
    }
}

/// Staff mistype what they register: a line says what is wrong, and nothing is kept.
#[tokio::test]
async fn refuses_wrong_arguments() {
    let app = TestApp::twins(Database::Sqlite).await;
    let url = app.url();
    let (college, course) = (id(&app, Kind::Institution, "north").await, id(&app, Kind::Course, "north-101").await);
    let folder = folder();
    let file = |name: &str, keys: Value| {
        let path = folder.path().join(name);
        std::fs::write(&path, json!({ "keys": keys }).to_string()).expect("a file");
        path.to_str().expect("UTF-8").to_owned()
    };
    let good = file("good.json", json!([Signer::fixed().jwk()]));
    let mut with_private = Signer::fixed().jwk();
    with_private["d"] = "AAAA".into();
    let (private, none) = (file("private.json", json!([with_private])), file("none.json", json!([])));
    let nobody = college.replace(&college[4..12], "00000000");
    for (tenant, role, keys, words) in [
        ("north", "INSTITUTION_ADMIN", &good, "\"north\" names no tenant"),
        (&course, "INSTITUTION_ADMIN", &good, "names no tenant"),
        (&nobody, "INSTITUTION_ADMIN", &good, "there is no tenant"),
        (&college, "DEAN", &good, "\"DEAN\" is no role: there are LEARNER, "),
        (&college, "LEARNER", &good, "a machine is no LEARNER"),
        (&college, "ANALYST", &good, "ANALYST cannot be held for ins_"),
        ("consortium", "INSTITUTION_ADMIN", &good, "INSTITUTION_ADMIN cannot be held for consortium"),
        (&college, "INSTITUTION_ADMIN", &private, "--jwks has a key that cannot be used: it is private or shared"),
        (&college, "INSTITUTION_ADMIN", &none, "--jwks has no key"),
        (&college, "INSTITUTION_ADMIN", &"missing.json".to_owned(), "the file missing.json cannot be read"),
    ] {
        let told = refusal(&mut on(&url, &["service-account", "add", "--name", "X", "--tenant", tenant, "--role", role, "--jwks", keys]));
        assert!(told.starts_with("concord: ") && told.contains(words), "{told}");
    }
    assert_eq!(told(&mut on(&url, &["service-account", "list"])), "There is no service account.");
    for (more, words) in [
        (["--algorithm", "HS256", "--jwks", good.as_str()], "algorithms must be of RS256, PS256, ES256, EdDSA: \"HS256\""),
        (["--algorithm", "EdDSA", "--jwks", private.as_str()], "it is private or shared"),
        (["--algorithm=EdDSA", "--role=faculty=DEAN", "--jwks", good.as_str()], "role_map names a role that does not exist: \"DEAN\""),
        (["--algorithm=EdDSA", "--token-type=at", "--jwks", good.as_str()], "token_type must be at+jwt or JWT"),
        (["--algorithm=EdDSA", "--max-lifetime=90000", "--jwks", good.as_str()], "max_lifetime_seconds must be 1 to 86400"),
        (["--algorithm", "EdDSA", "--jwks-url", "http://127.0.0.1/keys"], "jwks_url cannot be used: it must begin with https://"),
    ] {
        let told = refusal(on(&url, &["issuer", "add", "https://id.test", "--tenant", &college, "--audience", "x"]).args(more));
        assert!(told.starts_with("concord: ") && told.contains(words), "{told}");
    }
    assert_eq!(told(&mut on(&url, &["issuer", "list"])), "No issuer is registered.");
    let missing = format!("sqlite://{}", folder.path().join("none.db").display());
    assert!(refusal(&mut on(&missing, &["issuer", "list"])).contains("does not exist"));
    assert!(!folder.path().join("none.db").exists());
}
