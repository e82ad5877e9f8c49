//! Rosters by file: checked first, imported as a whole, with what is wrong told by line and column; nobody leaves by mistake.

mod files;
mod kill;
mod whole;

use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::service::audit::verify;
use concord::service::roster::import::work;
use concord::service::upload::sweep;
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::enrollment::{agrees, once};
use crate::enrollment_job::send;
use crate::roster::peopled;
use crate::support::people::{INVITATION, key, literal, person};
use crate::support::{TestApp, both, snapshot};
use crate::tenant::{business, college};
use crate::walk::id;

const START: &str = "mutation($input: ImportStartInput!) { importStart(input: $input) { importJob { id state isDryRun rowsRead tenant { ... on Business { name } } } userErrors { code message path } } }";
const READ: &str = "query($id: ID!) { node(id: $id) { ... on ImportJob { kind fileName isDryRun isComplete state failure rowsRead rowsCreated rowsUpdated rowsSeparated rowsRejected createdAt finishedAt
    tenant { ... on Business { name } } problems(first: 100) { totalCount nodes { file line column code message } } } } }";
const CANCEL: &str = "mutation($id: ID!) { jobCancel(input: { id: $id }) { job { ... on ImportJob { id state rowsCreated } ... on EnrollmentJob { id } } userErrors { code path } } }";
const INVITE: &str =
    "mutation($ids: [ID!]!) { employeesInvite(input: { ids: $ids }) { employees { id status } invitationCodes userErrors { code path } } }";
const CONFIRM: &str = "mutation($code: String!) { employmentConfirm(input: { invitationCode: $code, scopes: [] }) { employee { id status } userErrors { code } } }";

/// Starts an import into `acme`; the payload.
async fn start(app: &TestApp, token: &str, number: u32, upload: &Value, terms: Value) -> Value {
    let acme = id(app, Kind::Business, "acme").await;
    let mut input = json!({ "idempotencyKey": once(number), "tenantId": acme, "kind": "ROSTER_CSV", "uploadToken": upload });
    for (name, value) in terms.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    let answer = app.ask_as(token, START, json!({ "input": input })).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"]["importStart"].clone()
}

/// Works until there is nothing left to do; how many times there was.
async fn finish(app: &TestApp) -> usize {
    let mut times = 0;
    while work(&app.app().sweeper(), Uuid::from_u128(1)).await.expect("a file is worked off") {
        times += 1;
    }
    times
}

/// What an import came to.
async fn read(app: &TestApp, token: &str, job: &Value) -> Value {
    let mut answer = app.ask_as(token, READ, json!({ "id": job })).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"]["node"].take()
}

/// Imports a file into `acme`; what came of it.
pub(crate) async fn import(app: &TestApp, token: &str, number: u32, text: &str, terms: Value) -> Value {
    let begun = start(app, token, number, &send(app, token, text).await, terms).await;
    assert_eq!(begun["userErrors"], json!([]), "{begun:#}");
    assert_eq!(finish(app).await, 1);
    read(app, token, &begun["importJob"]["id"]).await
}

/// Everyone on every roster.
async fn rosters(app: &TestApp) -> Vec<String> {
    app.rows("SELECT coalesce(number, '-') || ' ' || name || ' ' || email || ' ' || coalesce(job_title, '-') || ' ' || coalesce(onet_code, '-') || ' ' || status || CASE WHEN site_id IS NULL THEN '' ELSE ' at a site' END, updated_at FROM employee ORDER BY name_key, email_key").await
}

/// An import that is meant.
pub(crate) fn real() -> Value {
    json!({ "isDryRun": false })
}

both! {
    /// A business has a file checked, then imports it: the same counts and problems, told by line and column; people are found by number, or else by address, what there is no column for stays, and only the second time anything is written.
    async fn is_checked_and_then_imported(database) {
        let app = peopled(database).await;
        let token = business(&app, "acme").await;
        app.execute("UPDATE employee SET number = '00077', email = 'zed@larkspur.example', email_key = 'zed@larkspur.example', status = 'INVITED', separated_at = NULL WHERE name = 'Old Hand'").await;
        let site = person(Kind::BusinessSite, 1);
        let text = format!(
            "\u{feff}Number,Name,EMAIL,site\r\n\
             10042,Pat Lane,pat.lane@larkspur.example,main  SHOP\r\n\
             ,\"Ortiz, Ben\",Ben@larkspur.example,{site}\r\n\
             8,\"Núñez, \"\"Zoë\"\" 李\",zoe@new.example,\r\n\
             9,New Two,two@new.example\r\n\
             8,Other Eight,other@new.example,\r\n\
             11,Same Address,ZOE@new.example,\r\n\
             10042,Ben Again,x@new.example,\r\n\
             12,Two People,zed@larkspur.example,\r\n\
             77,Zeros Lost,seven@new.example,\r\n\
             1.2E+11,Rounded,round@new.example,\r\n\
             13,,no address,Nowhere\r\n\
             14,=1+1,formula@new.example,\r\n\
             10043,Ben by number,benny@new.example,\r\n"
        );
        let before = rosters(&app).await;
        let dry = import(&app, &token, 1, &text, json!({})).await;
        assert_eq!(rosters(&app).await, before);
        let done = import(&app, &token, 2, &text, real()).await;
        let mut expected = dry.clone();
        expected["isDryRun"] = json!(false);
        assert_eq!(done, expected);
        snapshot!("import_job", done);
        let people: Vec<String> = rosters(&app).await.iter().map(|line| line.split('|').next().unwrap_or_default().to_owned()).collect();
        snapshot!("import_job_roster", people);
        let again = import(&app, &token, 3, &text, real()).await;
        assert_eq!((&again["rowsCreated"], &again["rowsUpdated"], &again["rowsRejected"]), (&json!(0), &json!(0), &done["rowsRejected"]));
        assert_eq!(app.rows("SELECT count(*) FROM invitation i JOIN employee e ON e.id = i.employee_id WHERE e.email LIKE '%new.example'").await, ["0"]);
        assert_eq!(app.rows("SELECT count(*) FROM import_row").await, ["0"]);
        assert_eq!(app.rows("SELECT action, count(*) FROM audit_event WHERE action LIKE 'import%' GROUP BY action ORDER BY action").await, ["importJob|1", "importStart|3"]);
        assert_eq!(verify(&app.operator().await).await.expect("a verdict").breaks, Vec::<String>::new());
        agrees(&app).await;
        assert_eq!(app.store.breaches(), 0);
    }

    /// An import is asked for five times at once, then with another file, and when its file is forgotten: one job, its answer, and a conflict.
    async fn is_started_once(database) {
        let app = peopled(database).await;
        let token = business(&app, "acme").await;
        let upload = send(&app, &token, "name,email\nNew One,one@new.example\n").await;
        let answers = join_all((0..5).map(|_| start(&app, &token, 1, &upload, real()))).await;
        assert!(answers.iter().all(|answer| answer["importJob"]["id"].is_string() && answer["importJob"] == answers[0]["importJob"]), "{answers:#?}");
        for (terms, file) in [(json!({}), &upload), (real(), &json!("another"))] {
            let conflict = start(&app, &token, 1, file, terms).await;
            assert_eq!((&conflict["userErrors"][0]["code"], &conflict["userErrors"][0]["path"]), (&json!("IDEMPOTENCY_CONFLICT"), &json!(["input", "idempotencyKey"])));
        }
        assert_eq!(finish(&app).await, 1);
        app.execute("UPDATE upload_end SET expires_at = '2027-01-01T00:00:00+00:00'").await;
        assert_eq!(sweep(&app.app().sweeper()).await.expect("a sweep"), 1);
        assert_eq!(start(&app, &token, 1, &upload, real()).await["importJob"]["id"], answers[0]["importJob"]["id"]);
        assert_eq!(start(&app, &token, 2, &upload, real()).await["userErrors"][0]["path"], json!(["input", "uploadToken"]));
        assert_eq!(app.rows("SELECT count(*) FROM employee WHERE email = 'one@new.example'").await, ["1"]);
        agrees(&app).await;
    }

    /// An import is stopped before it begins: nobody works on it, nothing is written, and what the file said is gone; one that has ended cannot be stopped.
    async fn is_stopped_before_it_begins(database) {
        let app = peopled(database).await;
        let token = business(&app, "acme").await;
        let before = rosters(&app).await;
        let upload = send(&app, &token, "name,email\nNew One,one@new.example\n=1,x\n").await;
        let job = start(&app, &token, 1, &upload, real()).await["importJob"]["id"].clone();
        for _ in 0..2 {
            let answer = app.ask_as(&token, CANCEL, json!({ "id": job })).await;
            assert_eq!(answer["data"]["jobCancel"], json!({ "job": { "id": job, "state": "CANCELLED", "rowsCreated": 0 }, "userErrors": [] }), "{answer:#}");
        }
        assert_eq!(finish(&app).await, 0);
        assert_eq!((rosters(&app).await, app.rows("SELECT count(*) FROM import_row").await), (before, vec!["0".to_owned()]));
        let second = start(&app, &token, 2, &upload, real()).await["importJob"]["id"].clone();
        finish(&app).await;
        let late = app.ask_as(&token, CANCEL, json!({ "id": second })).await;
        assert_eq!(late["data"]["jobCancel"]["userErrors"], json!([{ "code": "INVALID_TRANSITION", "path": ["input", "id"] }]));
        let newest = "query($id: ID!) { business(by: { id: $id }) { importJobs(first: 2) { nodes { id } } } }";
        let answer = app.ask_as(&token, newest, json!({ "id": id(&app, Kind::Business, "acme").await })).await;
        assert_eq!(answer["data"]["business"]["importJobs"]["nodes"], json!([{ "id": second }, { "id": job }]), "{answer:#}");
        agrees(&app).await;
    }

    /// A list in JSON whose objects do not all have the same names: what an object does not name stays, and null clears it.
    async fn keeps_what_an_object_does_not_name(database) {
        let app = peopled(database).await;
        let token = business(&app, "acme").await;
        let first = r#"[{"name":"J1","email":"j1@new.example","jobTitle":"Boss"},{"name":"J2","email":"j2@new.example","jobTitle":"Chef"}]"#;
        assert_eq!(import(&app, &token, 1, first, real()).await["rowsCreated"], 2);
        let second = r#"[{"name":"J1 new","email":"j1@new.example"},{"name":"J2","email":"j2@new.example","jobTitle":null},{"name":"J3","email":"j3@new.example","jobTitle":"New"}]"#;
        let job = import(&app, &token, 2, second, real()).await;
        assert_eq!((&job["rowsCreated"], &job["rowsUpdated"]), (&json!(1), &json!(2)), "{job:#}");
        let titles = app.rows("SELECT name || ' ' || coalesce(job_title, '-') FROM employee WHERE email LIKE 'j%@new.example' ORDER BY email").await;
        assert_eq!(titles, ["J1 new Boss", "J2 -", "J3 New"]);
    }

    /// A business starts one import after the other while nobody works them off: the twenty-first is refused, its key is as good as new, and another business is not in its way.
    async fn has_room_for_some(database) {
        let app = peopled(database).await;
        let (token, zeta) = (business(&app, "acme").await, business(&app, "zeta").await);
        let upload = send(&app, &token, "name,email\nN,n@new.example\n").await;
        for number in 0..20 {
            assert_eq!(start(&app, &token, number, &upload, real()).await["userErrors"], json!([]));
        }
        let refused = start(&app, &token, 20, &upload, real()).await;
        assert_eq!((&refused["importJob"], &refused["userErrors"][0]["code"], &refused["userErrors"][0]["path"]), (&Value::Null, &json!("TOO_MANY"), &json!(["input"])));
        let input = json!({ "idempotencyKey": once(1), "tenantId": id(&app, Kind::Business, "zeta").await, "kind": "ROSTER_CSV", "uploadToken": send(&app, &zeta, "name,email\nN,n@new.example\n").await });
        assert_eq!(app.ask_as(&zeta, START, json!({ "input": input })).await["data"]["importStart"]["userErrors"], json!([]));
        assert_eq!(finish(&app).await, 21);
        assert_eq!(start(&app, &token, 20, &upload, real()).await["userErrors"], json!([]));
    }

    /// Another business, and a college, look for an import, stop it, start one for the first or with its file: as if there were nothing; and no roster but the first's has changed.
    async fn is_nobody_elses(database) {
        let app = peopled(database).await;
        let (token, zeta, north) = (business(&app, "acme").await, business(&app, "zeta").await, college(&app, "north", Role::InstitutionAdmin).await);
        let (acme, own) = (id(&app, Kind::Business, "acme").await, id(&app, Kind::Business, "zeta").await);
        let others = format!("SELECT name, email, status, updated_at FROM employee WHERE id = {}", literal(&app, key(Kind::Employee, 4)));
        let before = app.rows(&others).await;
        let upload = send(&app, &token, "name,email\nPat L.,pat@zeta.example\n").await;
        let job = start(&app, &token, 1, &upload, json!({ "isDryRun": false, "isComplete": true, "isConfirmed": true })).await["importJob"]["id"].clone();
        let jobs = "query($id: ID!) { business(by: { id: $id }) { importJobs { totalCount } } }";
        let input = |tenant: &str| json!({ "input": { "idempotencyKey": once(2), "tenantId": tenant, "kind": "ROSTER_CSV", "uploadToken": upload } });
        for other in [&zeta, &north] {
            assert_eq!(app.ask_as(other, "query($id: ID!) { node(id: $id) { id } }", json!({ "id": job })).await["data"]["node"], Value::Null);
            let cancelled = app.ask_as(other, CANCEL, json!({ "id": job })).await;
            assert_eq!(cancelled["data"]["jobCancel"]["userErrors"], json!([{ "code": "NOT_FOUND", "path": ["input", "id"] }]));
            let seen = app.ask_as(other, jobs, json!({ "id": acme })).await;
            assert_eq!((&seen["data"]["business"]["importJobs"], &seen["errors"][0]["extensions"]["code"]), (&Value::Null, &json!("FORBIDDEN")));
        }
        assert_eq!(app.ask_as(&north, START, input(&acme)).await["errors"][0]["extensions"]["code"], "FORBIDDEN");
        for (tenant, path) in [(acme.as_str(), "tenantId"), ("x", "tenantId"), (own.as_str(), "uploadToken")] {
            let answer = app.ask_as(&zeta, START, input(tenant)).await;
            let error = &answer["data"]["importStart"]["userErrors"][0];
            assert_eq!((&error["code"], &error["path"]), (&json!("NOT_FOUND"), &json!(["input", path])), "{answer:#}");
        }
        assert_eq!(finish(&app).await, 1);
        assert_eq!(read(&app, &token, &job).await["rowsCreated"], 1, "an address on another's roster is nobody's here");
        assert_eq!(app.rows(&others).await, before);
        assert_eq!(app.store.breaches(), 0);
    }

    /// A business invites people anew who came by a file, or never confirmed: their old codes are dead, the new ones are good; nobody else is invited, and then nobody at all.
    async fn people_are_invited_anew(database) {
        let app = peopled(database).await;
        let (token, zeta) = (business(&app, "acme").await, business(&app, "zeta").await);
        let (pat, ben, old, foreign) = (person(Kind::Employee, 1), person(Kind::Employee, 2), person(Kind::Employee, 3), person(Kind::Employee, 4));
        let invite = async |token: &str, ids: &[&str]| app.ask_as(token, INVITE, json!({ "ids": ids })).await["data"]["employeesInvite"].take();
        let confirm = async |code: &Value| app.ask_as(&college(&app, "south", Role::Learner).await, CONFIRM, json!({ "code": code })).await["data"]["employmentConfirm"].take();
        let wrong = |code: &str, place: &str| json!({ "code": code, "path": ["input", "ids", place] });
        let state = "INVALID_TRANSITION";
        let refused = invite(&token, &[&ben, &pat, &old]).await;
        assert_eq!(refused, json!({ "employees": null, "invitationCodes": null, "userErrors": [wrong(state, "1"), wrong(state, "2")] }));
        assert_eq!(invite(&token, &[&ben, &foreign, "x"]).await["userErrors"], json!([wrong("NOT_FOUND", "1"), wrong("NOT_FOUND", "2")]));
        assert_eq!(app.rows("SELECT count(*) FROM invitation").await, ["1"]);
        let first = invite(&token, &[&ben]).await;
        let second = invite(&token, &[&ben, &ben]).await;
        let invited = json!({ "id": ben, "status": "INVITED" });
        assert_eq!(second["employees"], json!([invited, invited]), "{second:#}");
        assert_eq!(second["invitationCodes"][0], second["invitationCodes"][1]);
        assert_ne!(first["invitationCodes"][0], second["invitationCodes"][0]);
        assert_eq!(confirm(&first["invitationCodes"][0]).await["userErrors"], json!([{ "code": "NOT_FOUND" }]));
        assert_eq!(confirm(&second["invitationCodes"][0]).await["employee"], json!({ "id": ben, "status": "LINKED" }));
        assert_eq!(invite(&token, &[&ben]).await["userErrors"], json!([wrong(state, "0")]));
        let code = invite(&zeta, &[&foreign]).await["invitationCodes"][0].clone();
        assert_eq!(confirm(&json!(INVITATION)).await["userErrors"], json!([{ "code": "NOT_FOUND" }]));
        assert_eq!(confirm(&code).await["employee"]["status"], "LINKED");
        assert_eq!(app.rows("SELECT count(*) FROM audit_event WHERE action = 'employeesInvite'").await, ["3"]);
        agrees(&app).await;
    }
}
