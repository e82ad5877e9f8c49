//! Schemathesis, a tool that is not ours, makes up operations from the schema and puts them as three sorts of caller: no fault of the server comes to light, and no word of
//! another tenant.

use std::path::PathBuf;
use std::process::Command;

use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::domain::tenant::Tenant;

use crate::clients::file;
use crate::isolation::{TENANTS, mark};
use crate::support::{Database, TestApp, both};
use crate::walk::id;

/// The interpreter with the packages of `tests/clients/python/requirements.txt`.
fn python() -> PathBuf {
    std::env::var_os("CONCORD_TEST_PYTHON")
        .map(PathBuf::from)
        .expect("CONCORD_TEST_PYTHON is not set: run scripts/test, which installs the packages of tests/clients/python, or name an interpreter that has them")
}

/// Puts so many operations for each root field, always the same; how many were put in all.
async fn attack(database: Database, examples: u32) -> u64 {
    let app = TestApp::twins(database).await;
    mark(&app).await;
    let mut callers: Vec<(Option<String>, &[&str])> = vec![(None, &[])];
    // A college sees what it has reserved for businesses.
    for (kind, key, role, own) in [
        (Kind::Institution, "north", Role::InstitutionAdmin, &["canarynorth", "canaryacme", "canaryzeta"][..]),
        (Kind::Business, "acme", Role::BusinessAdmin, &["canaryacme"][..]),
    ] {
        let tenant = Tenant::named(&id(&app, kind, key).await).expect("a tenant");
        callers.push((Some(app.token(&[role], tenant).await), own));
    }
    let mut put = 0;
    for (token, own) in callers {
        let foreign: Vec<&str> =
            TENANTS.iter().filter(|marked| !own.contains(&marked.word)).flat_map(|marked| [marked.word, marked.day]).collect();
        // What the tool keeps goes with the folder.
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(python());
        command
            .current_dir(folder.path())
            .env("PYTHONPATH", file("tests/clients/python"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("SCHEMATHESIS_HOOKS", "hooks")
            .env("FOREIGN_WORDS", foreign.join(","))
            .args(["-m", "schemathesis.cli", "--no-color", "run", &format!("http://{}/graphql", app.address)])
            .args(["--phases", "fuzzing", "--checks", "answers_as_documented,tells_nothing_of_others", "--seed", "42"])
            .args(["--max-examples", &examples.to_string(), "--suppress-health-check", "all", "--generation-database", "none"])
            .args(["--continue-on-failure", "--warnings", "off"]);
        if let Some(token) = &token {
            command.args(["--header", &format!("Authorization: Bearer {token}")]);
        }
        let output = tokio::task::spawn_blocking(move || command.output()).await.expect("a thread").expect("Python runs");
        let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{own:?}:\n{told}");
        let generated =
            told.lines().find_map(|line| line.trim().split_once(" generated")).and_then(|(number, _)| number.parse::<u64>().ok());
        put += generated.unwrap_or_else(|| panic!("it does not say how many operations it put:\n{told}"));
    }
    assert_eq!(app.store.breaches(), 0, "no wall was needed");
    put
}

both! {
    /// A few operations for each root field, as a visitor, a college and a business.
    async fn finds_nothing(database) {
        assert!(attack(database, 3).await > 150);
    }
}

/// Many operations for each root field, on either database.
#[tokio::test]
#[ignore = "the full counts, which scripts/prove tenants runs"]
async fn prove_tenants_schemathesis() {
    for database in [Database::Sqlite, Database::Postgres] {
        let put = attack(database, 200).await;
        println!("schemathesis on {database:?}: {put} operations by three callers, no fault of the server and no word of others");
    }
}
