//! What row-level security costs: the same reads with it and without, in turns, on two servers over two copies of one database.
#![cfg(feature = "faults")]

use std::fs::{read_dir, read_to_string};

use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::domain::tenant::Tenant;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::support::{Database, Template, TestApp, copy};
use crate::walk::id;

/// Questions in one turn, and turns.
const QUESTIONS: usize = 400;
const TURNS: usize = 9;
/// Name of the threads that serve.
const SERVING: &str = "served";

/// A page of 50 private rows; the same with drafts, whose wall has more than one side; and a page that anybody may read.
const LOG: &str = "query($id: ID!) { institution(by: { id: $id }) { auditEvents(first: 50) { nodes { id at actorName action subjectId changedFields requestId } } } }";
const DRAFTS: &str =
    "query($id: ID!) { institution(by: { id: $id }) { courses(first: 50, sort: TITLE) { nodes { id code title status } } } }";
const PUBLIC: &str = "query { courses(first: 50) { nodes { id code title status } } }";

/// Processor time in ticks of the kernel: of one process or thread by its file, as proc(5) has it.
fn ticks(file: &str) -> u64 {
    let text = read_to_string(file).unwrap_or_default();
    let fields: Vec<&str> = text.rsplit_once(") ").map_or_else(Vec::new, |(_, rest)| rest.split(' ').collect());
    // User and system time are the fields 14 and 15, and two stand before the parenthesis.
    [11, 12].iter().filter_map(|place| fields.get(*place)?.parse::<u64>().ok()).sum()
}

/// A server on a runtime of its own, with what it takes to measure it.
struct Server {
    runtime: Runtime,
    app: TestApp,
    token: String,
    variables: Value,
}

impl Server {
    fn start(number: usize, no_row_security: bool) -> Self {
        let name = format!("{SERVING}{number}");
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name(name).enable_all().build().expect("a runtime");
        let started = runtime.spawn(async move {
            let kept = copy(Database::Postgres, Template::Twins).await;
            let app = TestApp::with_faults(kept, |faults| faults.no_row_security = no_row_security).await;
            fill(&app).await;
            let north = id(&app, Kind::Institution, "north").await;
            let token = app.token(&[Role::InstitutionAdmin], Tenant::named(&north).expect("a tenant")).await;
            (app, token, json!({ "id": north }))
        });
        let (app, token, variables) = runtime.block_on(started).expect("a server");
        Self { runtime, app, token, variables }
    }

    /// Asks one question so often; how many objects the last answer held.
    async fn ask(&self, document: &str) -> usize {
        let mut text = String::new();
        for _ in 0..QUESTIONS {
            let body = json!({ "query": document, "variables": if document == PUBLIC { json!({}) } else { self.variables.clone() } });
            let answer = if document == PUBLIC { self.app.post(&body).await } else { self.app.post_as(&self.token, &body).await };
            text = answer.text();
        }
        text.matches("\"id\":").count()
    }

    /// Processor time of the serving threads of a number, and of the database's processes that work for the server.
    async fn spent(&self, number: usize) -> (u64, u64) {
        let mine = format!("({SERVING}{number})");
        let threads = read_dir("/proc/self/task").expect("threads").filter_map(Result::ok).map(|entry| entry.path().join("stat"));
        let threads = threads.filter(|file| read_to_string(file).is_ok_and(|text| text.contains(&mine)));
        let server = threads.map(|file| ticks(&file.to_string_lossy())).sum();
        let workers =
            self.app.rows("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'concord'").await;
        (server, workers.iter().map(|pid| ticks(&format!("/proc/{pid}/stat"))).sum())
    }
}

/// Enough lines of the log and drafts of two colleges that a page is full, and that what is not seen is as much.
async fn fill(app: &TestApp) {
    for slug in ["penasco", "south-twin-university"] {
        app.execute(&format!(
            "INSERT INTO audit_event (tenant_id, id, number, at, actor_name, actor_issuer, actor_subject, action, subject_id, changed_fields, request_id, previous_hash, hash)
             SELECT i.id, gen_random_uuid(), n, timestamptz '2027-01-01 00:00:00+00' + n * interval '1 minute', 'Somebody', i.id, 's', 'courseUpdate', 'crs_1', 'title', 'r', '', ''
             FROM institution i, generate_series(1, 1000) n WHERE i.slug = '{slug}';
             INSERT INTO course (tenant_id, id, code, title, title_key, summary, status, is_for_credit, price_cents, languages, updated_at)
             SELECT i.id, gen_random_uuid(), 'D' || n, 'Draft ' || n, 'draft ' || lpad(n::text, 4, '0'), 's', CASE WHEN n % 2 = 0 THEN 'DRAFT' ELSE 'PUBLISHED' END, FALSE, 100, 'en', timestamptz '2027-01-01 00:00:00+00'
             FROM institution i, generate_series(1, 500) n WHERE i.slug = '{slug}'"
        ))
        .await;
    }
    app.execute("ANALYZE").await;
}

/// The figures, by turns: each turn asks the one server and then the other.
#[test]
#[ignore = "the full counts, which scripts/prove tenants runs"]
fn prove_tenants_cost() {
    let servers = [Server::start(0, true), Server::start(1, false)];
    let client = Builder::new_current_thread().enable_all().build().expect("a runtime");
    for (name, document) in [("50 lines of the log", LOG), ("50 courses with drafts", DRAFTS), ("50 courses for anybody", PUBLIC)] {
        let mut spent = [(0_u64, 0_u64); 2];
        for turn in 0..=TURNS {
            for number in [turn % 2, (turn + 1) % 2] {
                let server = &servers[number];
                let (before, objects, after) = client.block_on(async {
                    let before = server.spent(number).await;
                    let objects = server.ask(document).await;
                    (before, objects, server.spent(number).await)
                });
                assert_eq!(objects, 50, "{name}: a page is full");
                // The first turn warms both.
                if turn > 0 {
                    spent[number].0 += after.0 - before.0;
                    spent[number].1 += after.1 - before.1;
                }
            }
        }
        let each = |ticks: u64| ticks as f64 * 10_000.0 / (QUESTIONS * TURNS) as f64;
        let [without, with] = spent.map(|(server, database)| (each(server), each(database)));
        println!(
            "{name}: processor time of a request without row-level security {:.0} us (server {:.0}, database {:.0}), with it {:.0} us (server {:.0}, database {:.0}): ratio {:.2}",
            without.0 + without.1,
            without.0,
            without.1,
            with.0 + with.1,
            with.0,
            with.1,
            (with.0 + with.1) / (without.0 + without.1)
        );
        assert!(without.0 > 0.0 && without.1 > 0.0, "nothing was measured: the database runs on another machine?");
    }
    for server in servers {
        drop(server.app);
        server.runtime.shutdown_background();
    }
}
