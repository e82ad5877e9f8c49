//! `concord token`: somebody for each thing that there is to do in a demo, and nobody anywhere else.

use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use concord::demo::identities::names;
use serde_json::{Value, json};

use super::demo::{created, execute};
use super::{Running, demo, folder, program, refusal, run, text};
use crate::support::snapshot;

const VIEWER: &str = "{ viewer { kind displayName } }";

/// The command for somebody in a demo.
fn token(folder: &Path, name: &str) -> Command {
    program(&["token", "--data", text(folder), "--as", name])
}

/// A token that is printed, alone.
fn printed(command: &mut Command) -> String {
    let ended = run(command);
    assert_eq!((ended.status.code(), ended.stderr.as_str(), ended.stdout.lines().count()), (Some(0), "", 1), "{ended:?}");
    ended.stdout.trim_end().to_owned()
}

/// The claims of a token.
fn claims(token: &str) -> Value {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("three parts")).expect("base64url");
    serde_json::from_slice(&payload).expect("JSON")
}

/// The body of an answer.
fn body(answer: &str) -> Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").expect("a body").1).expect("JSON")
}

/// A visitor takes a token for each name, while the demo runs: the demo greets somebody by it, who speaks for the tenant of the name.
#[test]
fn knows_everybody() {
    let folder = created();
    let running = Running::start(&mut demo(folder.path()));
    let issuer = format!("http://{}", running.address);
    let (mut known, mut tenants) = (serde_json::Map::new(), Vec::new());
    for name in names() {
        let token = printed(&mut token(folder.path(), &name));
        let claims = claims(&token);
        let viewer = &body(&running.post_as(&token, VIEWER))["data"]["viewer"];
        assert_eq!((&claims["iss"], &claims["aud"], &claims["name"]), (&json!(issuer), &json!(issuer), &viewer["displayName"]), "{name}");
        assert_eq!(claims["exp"].as_i64().zip(claims["iat"].as_i64()).map(|(end, begin)| end - begin), Some(3_600));
        let tenant = claims["tenant"].as_str().expect("a tenant");
        let of = tenant.split('_').next().expect("a prefix");
        known.insert(name, json!([viewer["kind"], claims["roles"], of]));
        tenants.push((tenant.to_owned(), viewer["displayName"].to_string()));
    }
    for pair in tenants.chunks(2) {
        assert_eq!(pair[0].0 == pair[1].0, pair[0].0 == "consortium", "{pair:?}");
        assert_ne!(pair[0].1, pair[1].1);
    }
    snapshot!("demo_identities", known);
    assert!(running.stop().iter().any(|line| line.contains("concord token --as college-admin --data '")));
}

/// A visitor asks for a shorter life and for odd ones, for nobody, and for somebody of a demo that has never run with this program.
#[test]
fn refuses_what_it_cannot_print() {
    let folder = created();
    let short = claims(&printed(token(folder.path(), "learner@2").args(["--lifetime", "90s"])));
    assert_eq!(short["exp"].as_i64().zip(short["iat"].as_i64()).map(|(end, begin)| end - begin), Some(90));
    for odd in ["25h", "0s", "-1h", "1", "h", "", "1d", "99999999999h", "1€"] {
        assert_eq!(run(token(folder.path(), "learner").arg(format!("--lifetime={odd}"))).status.code(), Some(2), "{odd}");
    }
    let told = refusal(&mut token(folder.path(), "dean"));
    assert!(told.starts_with("concord: nobody in the demo is called \"dean\": there are college-portal, college-admin, "), "{told}");
    execute(folder.path(), "DELETE FROM signing_key; DELETE FROM setting WHERE name LIKE 'identity.%'");
    let told = refusal(&mut token(folder.path(), "learner"));
    assert_eq!(told, "concord: the demo has no issuer yet: start it once by `concord demo`");
    Running::start(&mut demo(folder.path())).stop();
    printed(&mut token(folder.path(), "learner"));
}

/// Somebody points it at what is no demo: a database of production under that name, a file of something else, an empty folder.
#[test]
fn refuses_what_is_no_demo() {
    let folder = created();
    let file = folder.path().join("demo.db");
    let refused = format!("concord: the database {} is not a demo's: tokens are printed for demos only", file.display());
    execute(folder.path(), "DELETE FROM setting WHERE name = 'cursors.secret'");
    let ended = run(&mut token(folder.path(), "consortium-admin"));
    assert_eq!((ended.status.code(), ended.stdout.as_str(), ended.stderr.trim_end()), (Some(1), "", refused.as_str()));
    std::fs::write(&file, "").expect("a file");
    assert_eq!(refusal(&mut token(folder.path(), "learner")), refused);
    let empty = self::folder();
    let told = refusal(&mut token(empty.path(), "learner"));
    assert!(told.starts_with(&format!("concord: there is no demo in {}", empty.path().display())), "{told}");
    assert_eq!(std::fs::read_dir(empty.path()).expect("a folder").count(), 0);
}
