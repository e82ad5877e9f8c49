//! Lists of places that are worked off in the background: each row has one outcome, whoever works, dies or is stopped.

mod failing;
mod files;
pub(crate) mod kill;
mod mixed;
mod revoked;
mod rows;

use std::fmt::Write as _;

use axum::http::Method;
use concord::domain::id::{GlobalId, Kind};
use concord::service::enrollment::job::work;
use concord::service::upload::sweep;
use concord::store::job::{Work, keep};
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::enrollment::{agrees, once, seats};
use crate::support::people::{key, literal, people, person};
use crate::support::{Answer, Database, Template, TestApp, both, snapshot};
use crate::tenant::{business, college};
use crate::walk::id;

const UPLOAD: &str =
    "mutation($input: UploadCreateInput!) { uploadCreate(input: $input) { uploadUrl uploadToken userErrors { code message path } } }";
const START: &str = "mutation($input: EnrollmentJobStartInput!) { enrollmentJobStart(input: $input) { enrollmentJob { id state rowCount } userErrors { code message path } } }";
const CANCEL: &str =
    "mutation($id: ID!) { jobCancel(input: { id: $id }) { job { ... on EnrollmentJob { id state } } userErrors { code path } } }";
const READ: &str = "query($id: ID!) { node(id: $id) { ... on EnrollmentJob { fileName state failure sponsorship { name } rowCount doneCount enrolledCount waitlistedCount requestedCount pendingCount duplicateCount ineligibleCount finishedAt
    items(first: 100) { totalCount nodes { line outcome enrollment { offering { code } funding { source state amount } } problems { code column message } } }
    waiting: items(outcomes: [WAITLISTED]) { nodes { line } } } } }";
const SPONSOR: &str =
    "mutation($input: SponsorshipCreateInput!) { sponsorshipCreate(input: $input) { sponsorship { id } userErrors { code path } } }";

/// Makes an address for a file; the payload.
async fn announce(app: &TestApp, token: &str, name: &str, bytes: usize) -> Value {
    let answer = app.ask_as(token, UPLOAD, json!({ "input": { "fileName": name, "byteSize": bytes } })).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"]["uploadCreate"].clone()
}

/// Sends a file to its address.
async fn put(app: &TestApp, url: &Value, bytes: impl Into<Vec<u8>>) -> Answer {
    let url = url.as_str().expect("an address");
    let path = &url[url.find("/uploads/").expect("a path")..];
    app.send(Method::PUT, path, &[("content-type", "text/csv")], bytes.into()).await
}

/// Sends a file; what names it.
pub(crate) async fn send(app: &TestApp, token: &str, text: &str) -> Value {
    send_bytes(app, token, text.as_bytes()).await
}

/// Sends a file that may be no text; what names it.
pub(crate) async fn send_bytes(app: &TestApp, token: &str, bytes: &[u8]) -> Value {
    let made = announce(app, token, "list.csv", bytes.len()).await;
    let answer = put(app, &made["uploadUrl"], bytes).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
    made["uploadToken"].clone()
}

/// Starts a job; the payload.
pub(crate) async fn start(app: &TestApp, token: &str, number: u32, upload: &Value, funding: &Value) -> Value {
    let input = json!({ "idempotencyKey": once(number), "uploadToken": upload, "funding": funding });
    let answer = app.ask_as(token, START, json!({ "input": input })).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"]["enrollmentJobStart"].clone()
}

/// A budget of `acme`, in dollars; how it pays.
pub(crate) async fn sponsor(app: &TestApp, token: &str, number: u32, dollars: u32) -> Value {
    let fields = json!({ "name": "Training", "kind": "BUDGET", "budget": format!("{dollars}.00"), "startsOn": "2027-01-01", "endsOn": "2027-12-31", "status": "ACTIVE" });
    let input = json!({ "idempotencyKey": once(number), "businessId": id(app, Kind::Business, "acme").await, "fields": fields });
    let answer = app.ask_as(token, SPONSOR, json!({ "input": input })).await;
    json!({ "sponsorshipId": answer["data"]["sponsorshipCreate"]["sponsorship"]["id"].as_str().unwrap_or_else(|| panic!("{answer:#}")) })
}

/// Adds so many people who work at `acme` and have confirmed it: `worker-0@larkspur.example`, number `000100`, and so on.
pub(crate) async fn hire(app: &TestApp, count: u16) {
    let acme = literal(app, GlobalId::parse(&id(app, Kind::Business, "acme").await).expect("an identifier").uuid);
    let numbers: Vec<u16> = (0..count).collect();
    for some in numbers.chunks(500) {
        let (mut learners, mut employees) = (String::new(), String::new());
        for number in some {
            let (learner, employee) = (literal(app, key(Kind::Learner, 1000 + number)), literal(app, key(Kind::Employee, 1000 + number)));
            let (name, email, at) =
                (format!("worker {number}"), format!("worker-{number}@larkspur.example"), "'2027-01-10T00:00:00+00:00'");
            let comma = if learners.is_empty() { "" } else { ", " };
            let _ = write!(learners, "{comma}({learner}, '{name}', '{name}', {at})");
            let _ = write!(
                employees,
                "{comma}({acme}, {employee}, '{name}', '{name}', '{email}', '{email}', '{name} {email}', '{:06}', 'LINKED', {learner}, {at})",
                100 + u32::from(*number)
            );
        }
        app.execute(&format!(
            "INSERT INTO learner (id, display_name, name_key, updated_at) VALUES {learners};
             INSERT INTO employee (tenant_id, id, name, name_key, email, email_key, search_key, number, status, learner_id, updated_at) VALUES {employees}"
        ))
        .await;
    }
}

/// A list of places for so many of them.
pub(crate) fn list(offering: &str, workers: std::ops::Range<u16>) -> String {
    list_over(&[offering], workers)
}

/// A list of places for so many of them, each in the next of some offerings.
fn list_over(offerings: &[&str], workers: std::ops::Range<u16>) -> String {
    workers.zip(offerings.iter().cycle()).fold("offeringId,email\r\n".to_owned(), |mut text, (number, offering)| {
        let _ = write!(text, "{offering},worker-{number}@larkspur.example\r\n");
        text
    })
}

/// Works until there is nothing left to do; how many times there was.
pub(crate) async fn finish(app: &TestApp) -> usize {
    let mut times = 0;
    while work(&app.app().sweeper(), Uuid::from_u128(1)).await.expect("rows are worked off") {
        times += 1;
    }
    times
}

/// What a job came to.
async fn read(app: &TestApp, token: &str, job: &Value) -> Value {
    let mut answer = app.ask_as(token, READ, json!({ "id": job })).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"]["node"].take()
}

/// Whether every row has its one outcome, and everything agrees with them.
async fn is_whole(app: &TestApp, rows: usize) {
    agrees(app).await;
    let all = rows.to_string();
    assert_eq!(
        app.rows("SELECT state, row_count, done_count FROM enrollment_job WHERE file_name = 'list.csv'").await,
        [format!("SUCCEEDED|{all}|{all}")]
    );
    assert_eq!(app.rows("SELECT count(*) FROM enrollment_job_item i JOIN enrollment_job j ON j.id = i.job_id WHERE j.file_name = 'list.csv' AND i.outcome IS NOT NULL").await, [all]);
    for sql in [
        "SELECT i.line FROM enrollment_job_item i JOIN enrollment_job_item j ON j.enrollment_id = i.enrollment_id AND j.id <> i.id",
        "SELECT i.line FROM enrollment_job_item i LEFT JOIN enrollment e ON e.id = i.enrollment_id WHERE i.outcome IN ('ENROLLED', 'WAITLISTED', 'REQUESTED') AND coalesce(e.state, '') NOT IN (i.outcome, 'ACTIVE')",
        "SELECT e.state FROM enrollment e WHERE e.state <> 'ACTIVE' AND NOT EXISTS (SELECT 1 FROM enrollment_job_item i WHERE i.enrollment_id = e.id)",
        "SELECT l.job FROM job_lease l",
        "SELECT j.id FROM enrollment_job j WHERE j.file_name = 'list.csv' AND j.enrolled_count <> (SELECT count(*) FROM enrollment_job_item i WHERE i.job_id = j.id AND i.outcome = 'ENROLLED')",
    ] {
        assert_eq!(app.rows(sql).await, Vec::<String>::new(), "{sql}");
    }
}

/// The twins with their people and workers, and rows worked off so many at a time.
async fn hired(database: Database, workers: u16, batch: u32) -> TestApp {
    let app = TestApp::start(database, Template::Twins, |settings| settings.jobs.batch = batch).await;
    people(&app).await;
    hire(&app, workers).await;
    app
}

both! {
    /// A business sends a list with rows of every sort: each comes to its outcome, with codes and columns; only those who may be enrolled are.
    async fn each_row_has_its_outcome(database) {
        let app = hired(database, 5, 3).await;
        let token = business(&app, "acme").await;
        let offering = seats(&app, 1, 1).await;
        let (funding, reserved, pat) = (sponsor(&app, &token, 1, 5_000).await, id(&app, Kind::Offering, "n7").await, person(Kind::Employee, 1));
        let text = format!(
            "\u{feff}OfferingId,employeeId,email,number\r\n\
             {offering},,Worker-0@Larkspur.example,\r\n\
             {offering},,,000101\r\n\
             {offering},,ben@larkspur.example,\r\n\
             {offering},,nobody@larkspur.example,\r\n\
             {offering},,worker-0@larkspur.example,\r\n\
             {offering},{pat},,\r\n\
             {offering},,worker-2@larkspur.example,000102\r\n\
             {reserved},,worker-3@larkspur.example,\r\n\
             {offering},,old@larkspur.example,\r\n\
             {offering},,,103\r\n\
             {offering},,worker-3@larkspur.example,000104\r\n\
             {offering},\"a,b\"\r\n\
             {offering},,=1+1,\r\n\
             {offering},{pat},worker-4@larkspur.example,\r\n\
             ,,worker-4@larkspur.example,\r\n\
             {offering},,,1.03E+05\r\n\
             {offering},,,000777\r\n"
        );
        let upload = send(&app, &token, &text).await;
        let begun = start(&app, &token, 2, &upload, &funding).await;
        assert_eq!((&begun["enrollmentJob"]["state"], &begun["enrollmentJob"]["rowCount"]), (&json!("QUEUED"), &json!(17)), "{begun:#}");
        assert!(finish(&app).await >= 4);
        let mut told = read(&app, &token, &begun["enrollmentJob"]["id"]).await.to_string();
        for (name, stands) in [(offering.as_str(), "off_1"), (pat.as_str(), "emp_1")] {
            told = told.replace(name, stands);
        }
        let told: Value = serde_json::from_str(&told).expect("JSON");
        snapshot!("enrollment_job", told);
        is_whole(&app, 17).await;
        assert_eq!(app.store.breaches(), 0);
    }

    /// A college lists its learners in JSON, who pay themselves: one whom it does not know is refused, and so is a list that names people as businesses do.
    async fn a_college_lists_its_learners(database) {
        let app = hired(database, 2, 50).await;
        let token = college(&app, "north", concord::domain::role::Role::InstitutionAdmin).await;
        let offering = seats(&app, 5, 5).await;
        app.execute("INSERT INTO learner_tenant (tenant_id, id, name_key) SELECT i.id, l.id, l.name_key FROM institution i, learner l WHERE i.slug = 'penasco' AND l.display_name = 'worker 0'").await;
        let learner = |number| person(Kind::Learner, number);
        let rows = json!([
            { "offeringId": offering, "learnerId": learner(1000) }, { "offeringId": offering, "learnerId": learner(1001) },
            { "offeringId": offering, "email": "worker-0@larkspur.example" }, { "offeringId": offering, "learnerId": 7 }, { "offeringId": offering, "learner": "x" }
        ]);
        let begun = start(&app, &token, 1, &send(&app, &token, &rows.to_string()).await, &Value::Null).await;
        finish(&app).await;
        let done = read(&app, &token, &begun["enrollmentJob"]["id"]).await;
        let outcomes: Vec<_> = done["items"]["nodes"].as_array().expect("rows").iter().map(|row| (row["outcome"].as_str(), row["problems"][0]["code"].as_str(), row["problems"][0]["column"].as_str())).collect();
        let refused = |code, column| (Some("INELIGIBLE"), Some(code), Some(column));
        assert_eq!(outcomes, [(Some("ENROLLED"), None, None), refused("NOT_FOUND", "learnerId"), refused("INVALID", "learnerId"), refused("INVALID", "learnerId"), refused("INVALID", "learner")]);
        is_whole(&app, 5).await;
    }

    /// A job is asked for twice, then with another file, then after its file was forgotten: one job, its answer, and a conflict; files are forgotten when their time has passed.
    async fn is_started_once(database) {
        let app = hired(database, 3, 50).await;
        let token = business(&app, "acme").await;
        let (offering, funding) = (seats(&app, 5, 5).await, sponsor(&app, &token, 1, 5_000).await);
        let upload = send(&app, &token, &list(&offering, 0..3)).await;
        let other = send(&app, &token, &list(&offering, 0..2)).await;
        let answers = join_all((0..5).map(|_| start(&app, &token, 2, &upload, &funding))).await;
        assert!(answers.iter().all(|answer| answer["enrollmentJob"]["id"] == answers[0]["enrollmentJob"]["id"]), "{:#}", answers[0]);
        let conflict = start(&app, &token, 2, &other, &funding).await;
        assert_eq!((&conflict["userErrors"][0]["code"], &conflict["userErrors"][0]["path"]), (&json!("IDEMPOTENCY_CONFLICT"), &json!(["input", "idempotencyKey"])));
        finish(&app).await;
        is_whole(&app, 3).await;
        app.execute("UPDATE upload_end SET expires_at = '2027-01-01T00:00:00+00:00'").await;
        assert_eq!(sweep(&app.app().sweeper()).await.expect("a sweep"), 2);
        assert_eq!(app.rows("SELECT count(*) FROM upload WHERE file_name = 'list.csv'").await, ["0"]);
        assert_eq!(start(&app, &token, 2, &upload, &funding).await["enrollmentJob"]["id"], answers[0]["enrollmentJob"]["id"]);
        assert_eq!(start(&app, &token, 3, &upload, &funding).await["userErrors"][0]["code"], "NOT_FOUND");
    }

    /// A business starts one list after the other while nobody works them off: the twenty-first is refused, and begins with the same key once there is room.
    async fn has_room_for_some(database) {
        let app = hired(database, 1, 50).await;
        let token = business(&app, "acme").await;
        let (offering, funding) = (seats(&app, 5, 5).await, sponsor(&app, &token, 1, 5_000).await);
        let upload = send(&app, &token, &list(&offering, 0..1)).await;
        for number in 2..22 {
            assert_eq!(start(&app, &token, number, &upload, &funding).await["userErrors"], json!([]));
        }
        let refused = start(&app, &token, 22, &upload, &funding).await;
        assert_eq!((&refused["enrollmentJob"], &refused["userErrors"][0]["code"]), (&Value::Null, &json!("TOO_MANY")), "{refused:#}");
        finish(&app).await;
        assert_eq!(start(&app, &token, 22, &upload, &funding).await["userErrors"], json!([]));
    }

    /// A job is stopped after some of its rows: they keep their outcomes, the others never get one, and nobody works on.
    async fn is_stopped_between_rows(database) {
        let app = hired(database, 6, 2).await;
        let token = business(&app, "acme").await;
        let (offering, funding) = (seats(&app, 10, 5).await, sponsor(&app, &token, 1, 5_000).await);
        let begun = start(&app, &token, 2, &send(&app, &token, &list(&offering, 0..6)).await, &funding).await;
        let job = &begun["enrollmentJob"]["id"];
        assert!(work(&app.app().sweeper(), Uuid::from_u128(1)).await.expect("some rows"));
        let cancel = async || app.ask_as(&token, CANCEL, json!({ "id": job })).await["data"]["jobCancel"].take();
        for _ in 0..2 {
            assert_eq!(cancel().await, json!({ "job": { "id": job, "state": "CANCELLED" }, "userErrors": [] }));
        }
        assert_eq!(finish(&app).await, 0);
        let told = read(&app, &token, job).await;
        assert_eq!((&told["state"], &told["doneCount"], &told["enrolledCount"]), (&json!("CANCELLED"), &json!(2), &json!(2)));
        assert_eq!(told["items"]["nodes"].as_array().expect("rows").iter().filter(|row| row["outcome"].is_null()).count(), 4);
        agrees(&app).await;
        let whole = start(&app, &token, 3, &send(&app, &token, &list(&offering, 0..1)).await, &funding).await;
        finish(&app).await;
        let late = app.ask_as(&token, CANCEL, json!({ "id": whole["enrollmentJob"]["id"] })).await;
        assert_eq!(late["data"]["jobCancel"]["userErrors"], json!([{ "code": "INVALID_TRANSITION", "path": ["input", "id"] }]));
    }

    /// Two lists at once, on two nodes, are paid by a budget that is enough for five places: five are enrolled, and every other row is told why not.
    async fn two_at_once_spend_no_more_than_there_is(database) {
        let app = hired(database, 10, 2).await;
        let token = business(&app, "acme").await;
        let (offering, funding) = (seats(&app, 50, 5).await, sponsor(&app, &token, 1, 5 * 95 + 50).await);
        let mut jobs = Vec::new();
        for (number, workers) in [(2, 0..5), (3, 5..10)] {
            let begun = start(&app, &token, number, &send(&app, &token, &list(&offering, workers)).await, &funding).await;
            jobs.push(begun["enrollmentJob"]["id"].clone());
        }
        let other = app.beside(concord::domain::clock::Clock::Fixed(crate::support::now()), |settings| settings.jobs.batch = 2).await;
        let worker = async |app: &concord::app::App, owner: u128| {
            while work(&app.sweeper(), Uuid::from_u128(owner)).await.expect("rows are worked off") {}
        };
        join_all([(app.app(), 1), (&other, 2), (app.app(), 3)].map(|(app, owner)| Box::pin(worker(app, owner)))).await;
        // Whoever had nothing to do for a moment has left the rest to the others.
        finish(&app).await;
        let mut enrolled = 0;
        for job in &jobs {
            let told = read(&app, &token, job).await;
            assert_eq!((&told["state"], &told["doneCount"]), (&json!("SUCCEEDED"), &json!(5)), "{told:#}");
            enrolled += told["enrolledCount"].as_i64().expect("a number");
            for row in told["items"]["nodes"].as_array().expect("rows").iter().filter(|row| row["outcome"] == "INELIGIBLE") {
                assert_eq!(row["problems"][0]["code"], "INSUFFICIENT_FUNDS", "{row:#}");
            }
        }
        assert_eq!(enrolled, 5);
        agrees(&app).await;
    }

    /// A worker takes a job and dies: nobody else has it until its time has passed by the database's clock; and if it comes back, it writes nothing more.
    async fn one_worker_at_a_time(database) {
        let app = hired(database, 3, 50).await;
        let token = business(&app, "acme").await;
        let (offering, funding) = (seats(&app, 10, 5).await, sponsor(&app, &token, 1, 5_000).await);
        start(&app, &token, 2, &send(&app, &token, &list(&offering, 0..3)).await, &funding).await;
        let dead = app.store.claim_job(Work::EnrollmentJob, Uuid::from_u128(9), 3_600_000).await.expect("an answer").expect("a job");
        assert!(!work(&app.app().sweeper(), Uuid::from_u128(1)).await.expect("an answer"));
        assert_eq!(app.rows("SELECT count(*) FROM enrollment").await, ["1"]);
        app.execute("UPDATE job_lease SET until = '2020-01-01T00:00:00.000000+00:00'").await;
        assert!(work(&app.app().sweeper(), Uuid::from_u128(1)).await.expect("an answer"));
        let mut transaction = app.store.begin().await.expect("a transaction");
        let has_it = keep(&mut transaction.connection(), Work::EnrollmentJob, dead.1, Uuid::from_u128(9), 1_000).await;
        assert!(!has_it.expect("an answer"));
        transaction.rollback().await.expect("an end");
        finish(&app).await;
        is_whole(&app, 3).await;
    }

    /// Another business looks for a job, stops it, starts one with the file of the first, and sends files to addresses that are none: as if there were nothing.
    async fn is_nobody_elses(database) {
        let app = hired(database, 2, 50).await;
        let (token, zeta) = (business(&app, "acme").await, business(&app, "zeta").await);
        let (offering, funding) = (seats(&app, 10, 5).await, sponsor(&app, &token, 1, 5_000).await);
        let upload = send(&app, &token, &list(&offering, 0..2)).await;
        let begun = start(&app, &token, 2, &upload, &funding).await;
        let job = &begun["enrollmentJob"]["id"];
        for other in [&zeta, &college(&app, "north", concord::domain::role::Role::InstitutionAdmin).await] {
            assert_eq!(app.ask_as(other, "query($id: ID!) { node(id: $id) { id } }", json!({ "id": job })).await["data"]["node"], Value::Null);
            let cancelled = app.ask_as(other, CANCEL, json!({ "id": job })).await;
            assert_eq!(cancelled["data"]["jobCancel"]["userErrors"], json!([{ "code": "NOT_FOUND", "path": ["input", "id"] }]));
        }
        assert_eq!(start(&app, &zeta, 3, &upload, &funding).await["userErrors"][0]["path"], json!(["input", "uploadToken"]));
        let acme = id(&app, Kind::Business, "acme").await;
        let seen = app.ask_as(&zeta, "query($id: ID!) { business(by: { id: $id }) { enrollmentJobs { totalCount } } }", json!({ "id": acme })).await;
        assert_eq!((&seen["data"]["business"]["enrollmentJobs"], &seen["errors"][0]["extensions"]["code"]), (&Value::Null, &json!("FORBIDDEN")));
        let own = app.ask_as(&token, "query($id: ID!) { business(by: { id: $id }) { enrollmentJobs(first: 1) { nodes { id } } } }", json!({ "id": acme })).await;
        assert_eq!(own["data"]["business"]["enrollmentJobs"]["nodes"][0]["id"], *job);
        assert_eq!(app.store.breaches(), 0);
    }
}

/// Files are sent to their addresses: too long, of another size, another one a second time, too late, to a forged address. Each is refused, and the first stays.
#[tokio::test]
async fn files_come_once_and_in_time() {
    let app = TestApp::start(Database::Sqlite, Template::Twins, |settings| settings.jobs.upload_bytes = 1_000).await;
    people(&app).await;
    let token = business(&app, "acme").await;
    let made = announce(&app, &token, "a.csv", 5).await;
    let told = async |url: &Value, text: &str| {
        let answer = put(&app, url, text).await;
        (answer.status.as_u16(), if answer.body.is_empty() { String::new() } else { answer.code() })
    };
    let url = &made["uploadUrl"];
    assert_eq!(told(url, "12345678").await, (400, "BAD_REQUEST".to_owned()));
    assert_eq!(told(url, &"x".repeat(1_001)).await, (413, "LIMIT_EXCEEDED".to_owned()));
    let unsent = start(&app, &token, 1, &made["uploadToken"], &json!({ "sponsorshipId": person(Kind::Sponsorship, 1) })).await;
    assert_eq!(unsent["userErrors"][0]["code"], "REQUIRED");
    assert_eq!(told(url, "12345").await, (204, String::new()));
    assert_eq!(told(url, "12345").await, (204, String::new()));
    assert_eq!(told(url, "54321").await, (409, "BAD_REQUEST".to_owned()));
    let text = url.as_str().expect("an address");
    let forged = json!(format!("{}{}", &text[..text.len() - 1], if text.ends_with('A') { 'B' } else { 'A' }));
    assert_eq!(told(&forged, "12345").await, (404, "BAD_REQUEST".to_owned()));
    let late = concord::graphql::ticket::write(
        &concord::graphql::cursor::CursorKey::new(crate::support::SECRET.as_bytes()),
        &concord::service::upload::Ticket {
            tenant: crate::tenant::tenant(&app, Kind::Business, "acme").await,
            id: key(Kind::EnrollmentJob, 200),
            until: crate::support::now(),
        },
    );
    assert_eq!(told(&json!(format!("/uploads/{late}")), "12345").await, (404, "BAD_REQUEST".to_owned()));
    for (name, bytes, path) in [("", 5, "fileName"), ("a.csv", 0, "byteSize"), ("a.csv", 1_001, "byteSize")] {
        assert_eq!(announce(&app, &token, name, bytes).await["userErrors"][0]["path"], json!(["input", path]));
    }
    let learner = app
        .ask_as(
            &college(&app, "north", concord::domain::role::Role::Learner).await,
            UPLOAD,
            json!({ "input": { "fileName": "a", "byteSize": 1 } }),
        )
        .await;
    assert_eq!(learner["errors"][0]["extensions"]["code"], "FORBIDDEN");
}
