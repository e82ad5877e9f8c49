//! The steps of the schema: what is released stays, tenants stay apart, and running them again or together does no harm.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use concord::domain::clock::Clock;
use concord::store::sql::Dialect;
use concord::store::{Options, Store};
use sha2::{Digest, Sha256};

use crate::support::{Database, TestApp, both, now, sorted_tables};

/// Tables whose rows may belong to tenants of either sort, or name things of any sort.
const OF_ANY_TENANT: [&str; 13] = [
    "learner_tenant",
    "external_key",
    "audit_event",
    "audit_chain",
    "issuer",
    "service_account",
    "revocation",
    "upload",
    "enrollment_job",
    "enrollment_job_item",
    "import_job",
    "import_row",
    "import_problem",
];
/// Links between tenants: column and the reason for which it may name another tenant's row by its bare identifier.
const ACROSS: &[(&str, &str, &str)] = &[
    ("requirement_option", "course_id", "a credential may ask for what another institution teaches"),
    ("requirement_option", "program_id", "as above"),
    ("requirement_option", "credential_id", "as above"),
    ("sponsorship_cover", "course_id", "a business pays for what institutions teach"),
    ("sponsorship_cover", "program_id", "as above"),
    ("funding", "sponsorship_id", "a business pays for a place of an institution"),
    ("funding", "voucher_id", "as above"),
    ("business_enrollment", "offering_id", "what a business sees of a place of an institution"),
    ("sponsorship_hold", "offering_id", "the offering is reserved by its institution for the business"),
    ("enrollment_job", "sponsorship_id", "a business pays for places that an institution asks for"),
    ("credit_articulation", "program_id", "the program is that of the institution that accepts"),
];

fn path(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(of)
}

/// A step says something else than when it was released: databases that have run it will never hear of the change.
#[test]
fn released_steps_stay_as_they_are() {
    let folder = path("migrations/src/steps");
    let mut files: Vec<_> =
        std::fs::read_dir(&folder).expect("the steps").filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    files.sort();
    let sum = |name: &String| {
        let digest = Sha256::digest(std::fs::read(folder.join(name)).expect("a step"));
        let digest = digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        format!("{digest}  {name}")
    };
    let sums: Vec<String> = files.iter().map(sum).collect();
    let released = std::fs::read_to_string(path("tests/fixtures/migrations.sha256")).expect("the list");
    assert_eq!(
        released.lines().collect::<Vec<_>>(),
        sums,
        "write a new step instead of changing a released one; a new step goes into tests/fixtures/migrations.sha256"
    );
    let steps: BTreeSet<String> = migrations::step_names().iter().map(|name| (*name).to_owned()).collect();
    let named: BTreeSet<String> = files.iter().map(|name| format!("m{}", name.split('.').next().unwrap_or_default())).collect();
    assert_eq!(steps, named);
}

/// The tables with their columns, `*` before those of the primary key.
async fn tables(app: &TestApp) -> Vec<(String, Vec<String>, Vec<String>)> {
    let (names, columns, key) = match app.store.dialect() {
        Dialect::Postgres => (
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position",
            "SELECT a.attname FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (number, place) JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number WHERE i.indrelid = '{table}'::regclass AND i.indisprimary ORDER BY k.place",
        ),
        Dialect::Sqlite => (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1",
            "SELECT name FROM pragma_table_info('{table}') ORDER BY cid",
            "SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk",
        ),
    };
    let mut found = Vec::new();
    for table in app.rows(names).await {
        let columns = app.rows(&columns.replace("{table}", &table)).await;
        let key = app.rows(&key.replace("{table}", &table)).await;
        found.push((table, columns, key));
    }
    found
}

/// The foreign keys of a table: its columns, the table that they lead to, and the columns there.
async fn foreign_keys(app: &TestApp, table: &str) -> Vec<(Vec<String>, String, Vec<String>)> {
    let sql = match app.store.dialect() {
        Dialect::Postgres => {
            "SELECT (SELECT string_agg(a.attname, ',' ORDER BY k.place) FROM unnest(c.conkey) WITH ORDINALITY AS k (number, place) JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number), c.confrelid::regclass, \
             (SELECT string_agg(a.attname, ',' ORDER BY k.place) FROM unnest(c.confkey) WITH ORDINALITY AS k (number, place) JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number) \
             FROM pg_constraint c WHERE c.contype = 'f' AND c.conrelid = '{table}'::regclass"
        }
        Dialect::Sqlite => {
            "SELECT group_concat(\"from\", ','), \"table\", group_concat(\"to\", ',') FROM (SELECT * FROM pragma_foreign_key_list('{table}') ORDER BY id, seq) GROUP BY id"
        }
    };
    let list = |text: &str| text.split(',').map(str::to_owned).collect();
    let read = |row: &String| {
        let mut parts = row.split('|');
        let mut next = || parts.next().unwrap_or_default();
        (list(next()), next().to_owned(), list(next()))
    };
    app.rows(&sql.replace("{table}", table)).await.iter().map(read).collect()
}

/// Opens a database beside the server.
async fn open(url: &str) -> Store {
    let options = Options {
        url: url.to_owned(),
        connections: 2,
        acquire_timeout: Duration::from_secs(30),
        create: true,
        login: concord::store::Login::Own,
        faults: concord::store::Faults::default(),
        statement_timeout: None,
    };
    Store::open(&options, Clock::Fixed(now())).await.expect("the database opens")
}

both! {
    /// A table of tenants is not keyed by the tenant first: rows of two tenants could meet under one key.
    async fn tenants_come_first_in_keys(database) {
        let app = TestApp::empty(database).await;
        let tables = tables(&app).await;
        let of_tenants: Vec<_> = tables.iter().filter(|(_, columns, _)| columns.contains(&"tenant_id".to_owned())).collect();
        assert!(of_tenants.len() > 15, "{of_tenants:?}");
        for (table, _, key) in of_tenants {
            assert_eq!(key.first().map(String::as_str), Some("tenant_id"), "primary key of {table}");
        }
    }

    /// A link inside of a tenant leaves the tenant out, or a column that names a row is not a link at all: another tenant's row could be named.
    async fn links_stay_inside_their_tenant(database) {
        let app = TestApp::empty(database).await;
        let tables = tables(&app).await;
        let has_tenant = |name: &str| tables.iter().any(|(table, columns, _)| table == name && columns.contains(&"tenant_id".to_owned()));
        let may_cross = |table: &str, column: &str| ACROSS.iter().any(|(of, name, _)| (*of, *name) == (table, column));
        let mut crossing = 0;
        for (table, columns, _) in tables.iter().filter(|(table, ..)| has_tenant(table)) {
            let keys = foreign_keys(&app, table).await;
            for (from, to, at) in keys.iter().filter(|(_, to, _)| has_tenant(to)) {
                let is_inside = from.first().is_some_and(|column| column == "tenant_id") && at.first().is_some_and(|column| column == "tenant_id");
                let is_listed = from.len() == 1 && may_cross(table, &from[0]);
                crossing += usize::from(is_listed);
                assert!(is_inside || is_listed, "{table} ({from:?}) leads to {to} ({at:?}) past the tenant");
            }
            // What other systems call a thing may be anything's name.
            for column in columns.iter().filter(|column| column.ends_with("_id") && !OF_ANY_TENANT.contains(&table.as_str())) {
                assert!(keys.iter().any(|(from, ..)| from.contains(column)), "{table}.{column} is no foreign key");
            }
        }
        assert_eq!(crossing, ACROSS.len(), "links between tenants that name rows of tenants");
    }

    /// The migrations run a second time over a filled database: nothing changes.
    async fn running_twice_is_harmless(database) {
        let app = TestApp::twins(database).await;
        let before = sorted_tables(&app).await;
        app.operator().await.migrate().await.expect("a second run");
        assert!(app.operator().await.is_current().await.expect("an answer"));
        assert_eq!(before, sorted_tables(&app).await);
    }

    /// Four nodes start at once on a database without a table: one does the work, all go on.
    async fn four_nodes_migrate_at_once(database) {
        let app = TestApp::empty(database).await;
        let folder = tempfile::tempdir().expect("a folder");
        let url = match database {
            Database::Sqlite => format!("sqlite://{}", folder.path().join("fresh.sqlite").display()),
            Database::Postgres => {
                app.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").await;
                app.url()
            }
        };
        let nodes: Vec<_> = (0..4)
            .map(|_| {
                let url = url.clone();
                tokio::spawn(async move {
                    let store = open(&url).await;
                    store.migrate().await.expect("the migrations");
                    assert!(store.is_current().await.expect("an answer"));
                    store.close().await;
                })
            })
            .collect();
        for node in nodes {
            node.await.expect("a node that goes on");
        }
        let store = open(&url).await;
        assert_eq!(store.setting("anything").await.expect("a table to read"), None);
        store.close().await;
    }

    /// A node of an older version starts on a database that a newer one has migrated: it refuses, and changes nothing.
    async fn a_newer_database_is_refused(database) {
        let app = TestApp::twins(database).await;
        app.execute("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_future', 1)").await;
        let before = sorted_tables(&app).await;
        let told = app.operator().await.migrate().await.expect_err("a refusal").to_string();
        assert!(told.contains("newer than this program") && told.contains("m9999_future"), "{told}");
        assert!(app.operator().await.is_current().await.is_err());
        assert_eq!(before, sorted_tables(&app).await);
    }
}
