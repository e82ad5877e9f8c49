//! Several who write at once: rows stay in step, nobody is told of a fault of ours.

use concord::domain::id::{GlobalId, Kind};
use concord::domain::role::Role;
use concord::service::audit::verify;
use concord::store::search::Noun;
use concord::store::sql::Sql;
use concord::store::{Store, derived};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{college, consortium};
use crate::support::{Database, TestApp, both};
use crate::walk::{id, named};

/// Requests of each of the four writers.
const ROUNDS: usize = 50;

/// Changes an object; what is wrong.
async fn change(app: &TestApp, token: &str, kind: &str, id: &str, fields: &Value) -> Value {
    let document = format!(
        "mutation($id: ID!, $fields: {kind}Fields!) {{ {}Update(input: {{ id: $id, fields: $fields }}) {{ userErrors {{ code path }} }} }}",
        kind.to_lowercase()
    );
    let answer = app.ask_as(token, &document, json!({ "id": id, "fields": fields })).await;
    assert!(answer.get("errors").is_none(), "{kind} {fields}: {answer}");
    answer["data"][format!("{}Update", kind.to_lowercase())]["userErrors"].clone()
}

/// Runs statements in the operator's transaction and leaves it open.
async fn hold(operator: &Store, statements: &[&str]) -> concord::store::Transaction {
    let mut transaction = operator.begin().await.expect("a transaction");
    for statement in statements {
        let mut sql = Sql::new(operator.dialect());
        sql.push(statement);
        transaction.connection().execute(sql).await.expect("a statement that runs");
    }
    transaction
}

/// Waits until the server waits for a lock that somebody else has.
async fn until_it_waits(app: &TestApp) {
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while app.rows(waiting).await != ["1"] {
        tokio::task::yield_now().await;
    }
}

/// A course becomes a draft while an offering of it is opened to everybody: whoever comes last sees the other, and the offering stays hidden.
#[tokio::test]
async fn no_offering_of_a_draft_comes_to_light() {
    let app = TestApp::twins(Database::Postgres).await;
    let north = college(&app, "north", Role::InstitutionAdmin).await;
    let operator = app.operator().await;
    for (key, table, subject) in [("n5", "course", "code = 'HVA 112'"), ("n6", "program", "title = 'Refrigerant Technician'")] {
        let offering = id(&app, Kind::Offering, key).await;
        let reserved = json!({ "reservedForBusinessId": id(&app, Kind::Business, "acme").await });
        change(&app, &north, "Offering", &offering, &reserved).await;
        let held = hold(&operator, &[&format!("UPDATE {table} SET status = 'DRAFT' WHERE {subject}")]).await;
        let open = json!({ "reservedForBusinessId": null });
        let act = change(&app, &north, "Offering", &offering, &open);
        let other = async {
            until_it_waits(&app).await;
            held.commit().await.expect("the end of the transaction");
        };
        let (errors, ()) = tokio::join!(act, other);
        assert_eq!(errors, json!([]));
        let uuid = GlobalId::parse(&offering).expect("an identifier").uuid;
        let seen = app.rows(&format!("SELECT reserved_for_business_id, is_public FROM offering WHERE id = '{uuid}'")).await;
        assert_eq!(seen, ["|f"], "{key}");
    }
}

/// What the text of an answer to a change of a course says, with a database that gives up its transaction so many times.
async fn given_up(times: u32) -> (String, Vec<String>) {
    let app = TestApp::twins(Database::Postgres).await;
    let (north, course) = (college(&app, "north", Role::InstitutionAdmin).await, id(&app, Kind::Course, "north-101").await);
    // A sequence counts on when the transaction is taken back.
    app.execute(&format!(
        "CREATE SEQUENCE tried; \
         CREATE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN \
           IF nextval('public.tried') <= {times} THEN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END IF; RETURN NEW; END $$; \
         CREATE TRIGGER give_up BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION give_up()"
    ))
    .await;
    let document =
        "mutation($id: ID!) { courseUpdate(input: { id: $id, fields: { title: \"Again\" } }) { course { title } userErrors { code } } }";
    let answer = app.ask_as(&north, document, json!({ "id": course })).await;
    let wrong = &answer["errors"][0];
    let text = if wrong.is_null() { answer["data"].to_string() } else { format!("{} {}", wrong["extensions"]["code"], wrong["message"]) };
    (text, app.rows("SELECT title FROM course WHERE code = 'HVA 101' UNION ALL SELECT CAST(count(*) AS text) FROM audit_event").await)
}

/// The database gives an act up in favor of another: it is done again, three times, once in the end or not at all, and whoever asked is told to try again.
#[tokio::test]
async fn acts_are_done_again() {
    let (text, rows) = given_up(3).await;
    assert_eq!(text, r#"{"courseUpdate":{"course":{"title":"Again"},"userErrors":[]}}"#);
    assert_eq!(rows, ["Again", "1"]);
    let (text, rows) = given_up(4).await;
    assert_eq!(text, r#""TIMEOUT" "others are changing the same; try again in a moment""#);
    assert_eq!(rows, ["Heating Basics", "0"]);
}

/// Identifiers of what the writers change.
struct Things {
    acme: String,
    courses: [String; 3],
    program: String,
    offerings: [String; 2],
}

/// One request of a writer: each comes to all of them, in an order of its own.
fn request(things: &Things, writer: usize, round: usize) -> (&'static str, &str, Value) {
    let name = format!("Title {writer} {round}");
    let is_even = round.is_multiple_of(2);
    let reserved = if is_even { json!(things.acme) } else { Value::Null };
    let status = ["DRAFT", "PUBLISHED", "RETIRED", "PUBLISHED"][(round / 2 + writer) % 4];
    let [first, second, third] = &things.courses;
    match (round * 3 + writer * 5) % 7 {
        0 => ("Course", first, json!({ "title": name, "status": status, "contactHours": round })),
        1 => ("Course", second, json!({ "title": name, "contactHours": round, "credits": if is_even { json!(1) } else { Value::Null } })),
        2 => (
            "Offering",
            &things.offerings[0],
            json!({ "reservedForBusinessId": reserved, "status": if is_even { "OPEN" } else { "CLOSED" } }),
        ),
        3 => ("Offering", &things.offerings[1], json!({ "reservedForBusinessId": reserved })),
        4 => ("Program", &things.program, json!({ "title": name, "status": status })),
        5 => {
            let steps = if is_even { vec![second, first] } else { vec![first, third, second] };
            let steps: Vec<Value> = steps.iter().enumerate().map(|(place, id)| json!({ "courseId": id, "sequence": place })).collect();
            ("Program", &things.program, json!({ "components": steps }))
        }
        _ => ("Offering", &things.offerings[0], json!({ "startsOn": format!("2027-02-{:02}", round % 28 + 1) })),
    }
}

/// The words of everything that can be found.
async fn words(app: &TestApp) -> Vec<String> {
    app.rows("SELECT 'c', object_id, words FROM course_search UNION ALL SELECT 'p', object_id, words FROM program_search ORDER BY 1, 2")
        .await
}

/// What does not follow from what it ought to follow from.
const OUT_OF_STEP: &str = "\
    SELECT 'public', o.code FROM offering o LEFT JOIN course c ON c.id = o.course_id LEFT JOIN program p ON p.id = o.program_id \
      WHERE o.is_public <> (o.reserved_for_business_id IS NULL AND coalesce(c.status, p.status) = 'PUBLISHED') \
      OR o.is_retired <> (o.reserved_for_business_id IS NULL AND coalesce(c.status, p.status) = 'RETIRED') \
    UNION ALL SELECT 'start', c.code FROM course c WHERE c.next_starts_on <> coalesce((SELECT min(o.starts_on) FROM offering o WHERE o.course_id = c.id AND o.is_public AND o.status = 'OPEN'), '9999-12-31') \
    UNION ALL SELECT 'sum', p.title FROM program p WHERE EXISTS (SELECT FROM program_component l WHERE l.program_id = p.id) \
      AND (p.contact_hours IS DISTINCT FROM (SELECT sum(c.contact_hours) FILTER (WHERE l.is_required) FROM program_component l JOIN course c ON c.id = l.course_id WHERE l.program_id = p.id) \
      OR p.is_for_credit <> EXISTS (SELECT FROM program_component l JOIN course c ON c.id = l.course_id WHERE l.program_id = p.id AND c.is_for_credit)) \
    UNION ALL SELECT 'found', c.code FROM course c WHERE (c.status <> 'DRAFT') <> EXISTS (SELECT FROM course_search s WHERE s.object_id = c.id) \
    UNION ALL SELECT 'found', p.title FROM program p WHERE (p.status <> 'DRAFT') <> EXISTS (SELECT FROM program_search s WHERE s.object_id = p.id)";

/// Four of a college change the same courses, offerings and program some hundred times at once: every act comes to its end, and what follows from others is in step afterwards.
#[tokio::test]
async fn four_writers_at_once() {
    let app = TestApp::twins(Database::Postgres).await;
    let north = college(&app, "north", Role::InstitutionAdmin).await;
    let admin = consortium(&app, Role::ConsortiumAdmin).await;
    let course = async |key| id(&app, Kind::Course, key).await;
    let things = Things {
        acme: id(&app, Kind::Business, "acme").await,
        courses: [course("north-101").await, course("north-112").await, course("north-200").await],
        program: id(&app, Kind::Program, "north-path").await,
        offerings: [id(&app, Kind::Offering, "n1").await, id(&app, Kind::Offering, "n6").await],
    };
    let writer = async |writer: usize| {
        for round in 0..ROUNDS {
            let token = if writer == 3 { &admin } else { &north };
            let (kind, id, fields) = request(&things, writer, round);
            assert_eq!(change(&app, token, kind, id, &fields).await, json!([]), "{kind} {fields}");
        }
    };
    tokio::join!(writer(0), writer(1), writer(2), writer(3));
    assert_eq!(app.rows(OUT_OF_STEP).await, [""; 0]);
    let seen = words(&app).await;
    let operator = app.operator().await;
    let mut transaction = operator.begin().await.expect("a transaction");
    for (noun, kind) in [(Noun::Course, Kind::Course), (Noun::Program, Kind::Program)] {
        let ids = named(&app, kind).await.into_iter().filter_map(|(_, id)| GlobalId::parse(&id));
        let ids: Vec<Uuid> = ids.map(|id| id.uuid).collect();
        derived::words(&mut transaction.connection(), noun, &ids).await.expect("the words");
    }
    transaction.commit().await.expect("the end of the transaction");
    assert_eq!(seen, words(&app).await);
    let verdict = verify(&operator).await.expect("a verdict");
    assert!(verdict.breaks.is_empty() && verdict.lines > 100, "{verdict:?}");
}

both! {
    /// A college sends the same new course twice at once, and the same new section: one is made, and the other is told that its code is taken.
    async fn twins_make_one(database) {
        let app = TestApp::twins(database).await;
        let north = college(&app, "north", Role::InstitutionAdmin).await;
        let (institution, course) = (id(&app, Kind::Institution, "north").await, id(&app, Kind::Course, "north-101").await);
        let section = json!({ "code": "HVA101-9", "modality": "HYBRID", "startsOn": "2027-03-01", "endsOn": "2027-05-01", "capacity": 12 });
        for (kind, name, owner, fields) in [
            ("Course", "institutionId", &institution, json!({ "code": "HVA 300", "title": "T", "summary": "S", "price": "1.00" })),
            ("Offering", "subjectId", &course, section),
        ] {
            let field = format!("{}Create", kind.to_lowercase());
            let document = format!("mutation($input: {kind}CreateInput!) {{ {field}(input: $input) {{ userErrors {{ code path }} }} }}");
            let create = || app.ask_as(&north, &document, json!({ "input": { name: owner, "fields": fields } }));
            let (one, two, three) = tokio::join!(create(), create(), create());
            let mut errors = [one, two, three].map(|answer| answer["data"][&field]["userErrors"].to_string());
            errors.sort_unstable();
            let taken = r#"[{"code":"TAKEN","path":["input","fields","code"]}]"#;
            assert_eq!(errors, ["[]", taken, taken]);
        }
        let made = "SELECT 'made' FROM course WHERE code = 'HVA 300' UNION ALL SELECT 'made' FROM offering WHERE code = 'HVA101-9'";
        assert_eq!(app.rows(made).await, ["made", "made"]);
    }
}
