//! Who was shown what of a learner's record, as the learner reads it.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use serde_json::{Value, json};

use super::peopled;
use crate::support::people::{people, person};
use crate::support::{Database, Template, TestApp, both, snapshot};
use crate::tenant::{business, college, consortium};
use crate::walk::id;

/// What an employer asks of its people: by consent, and of what it pays for.
const EMPLOYER: &str = "query($employee: ID!, $business: ID!) {
    node(id: $employee) { ... on Employee { name learner { displayName email legalName } } }
    business(by: { id: $business }) { enrollments { nodes { id requestedAt state funding { state amount } progress { percentComplete } } } } }";

/// What the learner reads: how many lines there are, and those.
async fn told(app: &TestApp) -> Value {
    let pat = college(app, "north", Role::Learner).await;
    let question = "{ viewer { learner { displayName disclosures { totalCount nodes { tenant { __typename ... on Business { name } } actorName fields purpose at } } } } }";
    let answer = app.ask_as(&pat, question, json!({})).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"]["viewer"]["learner"]["disclosures"].clone()
}

/// What `acme` and its first employee are called.
async fn names(app: &TestApp) -> Value {
    json!({ "employee": person(Kind::Employee, 1), "business": id(app, Kind::Business, "acme").await })
}

both! {
    /// An employer and the consortium read of a learner: one line each, with what was shown and what for. The learner's own college and the learner leave none.
    async fn tells_the_learner_who_looked(database) {
        let app = peopled(database).await;
        let acme = business(&app, "acme").await;
        let answer = app.ask_as(&acme, EMPLOYER, names(&app).await).await;
        assert_eq!(answer["data"]["node"]["learner"]["email"], "pat.lane@mail.example", "{answer:#}");
        let of_college = format!("{{ node(id: \"{}\") {{ ... on Learner {{ displayName email enrollments {{ nodes {{ state transitions {{ to }} }} }} }} }} }}", person(Kind::Learner, 1));
        for role in [Role::InstitutionAdmin, Role::Instructor] {
            let answer = app.ask_as(&college(&app, "north", role).await, &of_college, json!({})).await;
            assert_eq!(answer["data"]["node"]["displayName"], "Pat Lane", "{answer:#}");
        }
        assert_eq!(told(&app).await["totalCount"], 2, "one was there");
        let admin = consortium(&app, Role::ConsortiumAdmin).await;
        app.ask_as(&admin, &of_college, json!({})).await;
        let lines = told(&app).await;
        snapshot!("disclosures", lines);
        assert_eq!(app.store.breaches(), 0);
    }

    /// A consent is taken back: the employer sees nothing more, which leaves no line; that it pays is its own to know.
    async fn leaves_no_line_of_what_is_not_shown(database) {
        let app = peopled(database).await;
        let (acme, pat) = (business(&app, "acme").await, college(&app, "north", Role::Learner).await);
        let revoke = format!("mutation {{ consentRevoke(input: {{ id: \"{}\" }}) {{ userErrors {{ code }} }} }}", person(Kind::ConsentGrant, 1));
        assert_eq!(app.ask_as(&pat, &revoke, json!({})).await["data"]["consentRevoke"]["userErrors"], json!([]));
        let answer = app.ask_as(&acme, EMPLOYER, names(&app).await).await;
        assert_eq!(answer["data"]["business"]["enrollments"]["nodes"][0]["funding"][0]["state"], "CHARGED", "{answer:#}");
        assert_eq!(answer["data"]["node"]["learner"], Value::Null);
        assert_eq!(told(&app).await["totalCount"], 1);
    }

    /// A list is limited to some states: that an enrollment is in it tells its state, and the learner hears of that.
    async fn tells_what_a_filter_tells(database) {
        let app = peopled(database).await;
        let question = "query($business: ID!) { business(by: { id: $business }) { enrollments(filter: { states: [ACTIVE] }) { nodes { id } } } }";
        let answer = app.ask_as(&business(&app, "acme").await, question, json!({ "business": id(&app, Kind::Business, "acme").await })).await;
        assert_eq!(answer["data"]["business"]["enrollments"]["nodes"].as_array().map(Vec::len), Some(1), "{answer:#}");
        assert_eq!(told(&app).await["nodes"][0]["fields"], json!(["Enrollment.state"]));
    }

    /// An employer counts the places of one of its people, state by state, and the consortium counts those of a name: what a count tells is shown as well, and so is that there is none.
    async fn tells_what_a_count_tells(database) {
        let app = peopled(database).await;
        let acme = business(&app, "acme").await;
        let count = async |state: &str| {
            let question = format!("{{ node(id: \"{}\") {{ ... on Employee {{ enrollments(filter: {{ states: [{state}] }}) {{ totalCount }} }} }} }}", person(Kind::Employee, 1));
            app.ask_as(&acme, &question, json!({})).await["data"]["node"]["enrollments"]["totalCount"].take()
        };
        assert_eq!((count("COMPLETED").await, count("ACTIVE").await), (json!(0), json!(1)));
        let fields: Vec<Value> = told(&app).await["nodes"].as_array().expect("lines").iter().map(|line| line["fields"].clone()).collect();
        assert_eq!(fields[..2], [json!(["Employee.enrollments", "Enrollment.state"]), json!(["Employee.enrollments"])]);
        let admin = consortium(&app, Role::ConsortiumAdmin).await;
        let question = format!("{{ node(id: \"{}\") {{ ... on Institution {{ learners(search: \"Pat Lane\") {{ totalCount }} }} }} }}", id(&app, Kind::Institution, "north").await);
        let answer = app.ask_as(&admin, &question, json!({})).await;
        assert_eq!(answer["data"]["node"]["learners"]["totalCount"], 1, "{answer:#}");
        assert_eq!(told(&app).await["nodes"][0]["fields"], json!(["Learner.id"]));
        app.execute("UPDATE consent_grant SET revoked_at = granted_at").await;
        let before = told(&app).await["totalCount"].take();
        assert_eq!(count("ACTIVE").await, 0, "it is not said");
        assert_eq!(told(&app).await["totalCount"], before, "and that it pays is its own to know");
    }

    /// An employer adds somebody while nothing can be written down for learners: it is done, and told but for what it shows of them.
    async fn acts_are_told_without_what_they_show(database) {
        let app = peopled(database).await;
        let (acme, business) = (business(&app, "acme").await, id(&app, Kind::Business, "acme").await);
        app.execute("ALTER TABLE disclosure RENAME TO elsewhere").await;
        let upsert = "mutation($input: EmployeesUpsertInput!) { done: employeesUpsert(input: $input) { people: employees { name learner { displayName } } invitationCodes userErrors { code } } }";
        let items = json!([{ "name": "New One", "email": "new.one@larkspur.example" }, { "name": "Pat Lane", "email": "pat@larkspur.example", "number": "10042" }]);
        let answer = app.ask_as(&acme, upsert, json!({ "input": { "businessId": business, "items": items } })).await;
        let done = &answer["data"]["done"];
        assert_eq!((&done["people"], &done["userErrors"]), (&Value::Null, &json!([])), "{answer:#}");
        assert!(done["invitationCodes"][0].is_string(), "what is told once is told: {answer:#}");
        assert_eq!((&answer["errors"][0]["path"], &answer["errors"][0]["extensions"]["code"]), (&json!(["done", "people"]), &json!("INTERNAL")));
        assert_eq!(app.rows("SELECT count(*) FROM employee WHERE name = 'New One'").await, ["1"]);
    }

    /// An employer reads by consent while nothing can be written for longer than a request may take: it is refused at the deadline.
    async fn waits_no_longer_than_the_deadline(database) {
        let app = TestApp::start(database, Template::Twins, |settings| (settings.server.deadline_ms, settings.database.acquire_ms) = (700, 700)).await;
        people(&app).await;
        let (acme, names) = (business(&app, "acme").await, names(&app).await);
        let ask = async || {
            let answer = app.post_as(&acme, &json!({ "query": EMPLOYER, "variables": names })).await;
            (answer.code(), answer.json().get("data").cloned())
        };
        let told = if database == Database::Sqlite {
            let store = app.operator().await;
            let writer = store.begin().await.expect("a transaction");
            let told = ask().await;
            writer.rollback().await.expect("an end");
            told
        } else {
            let is_held = "SELECT count(*) FROM pg_locks WHERE relation = 'disclosure'::regclass AND mode = 'AccessExclusiveLock' AND granted";
            let asked = async {
                while app.rows(is_held).await != ["1"] {}
                ask().await
            };
            tokio::select! {
                _ = app.execute("LOCK TABLE disclosure IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(60)") => panic!("nobody asked"),
                told = asked => told,
            }
        };
        assert_eq!(told, ("TIMEOUT".to_owned(), None));
    }

    /// What cannot be written down is not shown to an employer; the college reads on. And nobody but the learner reads the lines.
    async fn shows_nothing_that_is_not_written_down(database) {
        let app = peopled(database).await;
        let (acme, north) = (business(&app, "acme").await, college(&app, "north", Role::InstitutionAdmin).await);
        let lines = format!("{{ node(id: \"{}\") {{ ... on Learner {{ displayName disclosures {{ totalCount }} }} }} }}", person(Kind::Learner, 1));
        for token in [&acme, &north] {
            let answer = app.ask_as(token, &lines, json!({})).await;
            assert_eq!(answer["data"]["node"], json!({ "displayName": "Pat Lane", "disclosures": null }), "{answer:#}");
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
        }
        app.execute("ALTER TABLE disclosure RENAME TO elsewhere").await;
        let answer = app.post_as(&acme, &json!({ "query": EMPLOYER, "variables": names(&app).await })).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str(), answer.json().get("data")), (500, "INTERNAL", None));
        let answer = app.ask_as(&north, &format!("{{ node(id: \"{}\") {{ ... on Learner {{ email }} }} }}", person(Kind::Learner, 1)), json!({})).await;
        assert_eq!(answer["data"]["node"]["email"], "pat.lane@mail.example", "{answer:#}");
    }
}

/// Nothing is written down, though the rest is as ever: the learner hears nothing of it, as a test must see that can fail.
#[cfg(feature = "faults")]
#[tokio::test]
async fn a_line_that_is_left_out_is_missed() {
    use crate::support::copy;
    let app = TestApp::with_faults(copy(Database::Postgres, Template::Twins).await, |faults| faults.no_disclosure = true).await;
    people(&app).await;
    let answer = app.ask_as(&business(&app, "acme").await, EMPLOYER, names(&app).await).await;
    assert_eq!(answer["data"]["node"]["learner"]["displayName"], "Pat Lane", "{answer:#}");
    assert_eq!(told(&app).await["totalCount"], 1);
}
