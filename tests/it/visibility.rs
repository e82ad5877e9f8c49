//! What is not public stays hidden: drafts, what is reserved for a business, and retired things but where they are asked for by name.

mod questions;
mod retired;

use concord::domain::id::{GlobalId, Kind};
use concord::graphql::index::base;
use concord::store::sql::Dialect;
use concord::store::{derived, search};
use questions::Questions;
use serde_json::{Value, json};

use crate::support::{Database, Template, TestApp, both};
use crate::walk::{id, named};

/// Texts of drafts, of what hangs on them, of what is reserved, and of what only staff may read.
const HIDDEN: [&str; 14] = [
    "Secret Draft Course",
    "Not announced.",
    "HVA 200",
    "DRAFT-1",
    "Hidden check",
    "Hidden Badge",
    "Not open yet.",
    "To be written.",
    "Hidden Program",
    "Not open.",
    "HVA112-2",
    "Larkspur",
    "ana.nunez@",
    "DRAFT\"",
];
/// Texts of what is retired.
const RETIRED: [&str; 7] =
    ["Two old badges", "Retired Furnaces", "Taught until last year.", "HVA 099", "Old Certificate", "No longer issued.", "RETIRED\""];
/// A text of a public course, which shows that a question reached rows at all.
const CONTROL: &str = "Heating Basics";
/// Rows that nobody without a token may see.
const HIDDEN_ROWS: [(Kind, &str); 8] = [
    (Kind::Course, "north-200"),
    (Kind::Credential, "north-draft"),
    (Kind::Program, "north-hidden"),
    (Kind::Offering, "n5"),
    (Kind::Offering, "n7"),
    (Kind::Assessment, "north-200-check"),
    (Kind::Business, "acme"),
    (Kind::Business, "zeta"),
];
/// Types of which a visitor sees no row.
const NEVER_SEEN: [&str; 14] = [
    "Award",
    "AssessmentResult",
    "Enrollment",
    "EnrollmentJob",
    "EnrollmentJobItem",
    "ImportJob",
    "ImportProblem",
    "Business",
    "Learner",
    "Employee",
    "BusinessSite",
    "ConsentGrant",
    "Sponsorship",
    "Voucher",
];
/// Rows that are found by their names only.
const RETIRED_ROWS: [(Kind, &str); 2] = [(Kind::Course, "north-099"), (Kind::Credential, "north-old")];

async fn app(database: Database) -> TestApp {
    TestApp::start(database, Template::Twins, |settings| {
        settings.cost.anonymous = 1_000_000_000;
        settings.limits.fields = 100_000;
        settings.limits.selections = 100_000;
        settings.limits.tokens = 100_000;
        settings.limits.aliases = 10_000;
        settings.limits.document_bytes = 1_000_000;
        settings.limits.body_bytes = 1_000_000;
        settings.server.deadline_ms = 60_000;
    })
    .await
}

/// Ties hidden and retired rows to public ones by every link that there is.
async fn tie(app: &TestApp) {
    let course = |code: &str| format!("(SELECT id FROM course WHERE code = '{code}')");
    let credential = |name: &str| format!("(SELECT id FROM credential WHERE name = '{name}')");
    let program = |title: &str| format!("(SELECT id FROM program WHERE title = '{title}')");
    let north = "(SELECT id FROM institution WHERE slug = 'penasco')";
    let brazing = "(SELECT id FROM competency WHERE name = 'Brazing')";
    let requirement = match app.store.dialect() {
        Dialect::Postgres => "CAST('019b76da000070008000000000000001' AS uuid)",
        Dialect::Sqlite => "X'019b76da000070008000000000000001'",
    };
    let (draft, retired) = (course("HVA 200"), course("HVA 099"));
    let (draft_badge, old) = (credential("Hidden Badge"), credential("Old Certificate"));
    let (badge, stack) = (credential("Refrigerant Technician"), credential("Trades and Networks Certificate"));
    let path = program("Refrigerant Technician");
    let stack_requirement = format!("(SELECT id FROM credential_requirement WHERE credential_id = {stack})");
    for sql in [
        format!(
            "INSERT INTO course_prerequisite VALUES ({north}, {}, 8, {draft}), ({north}, {}, 9, {retired})",
            course("HVA 112"),
            course("HVA 112")
        ),
        format!("INSERT INTO course_competency VALUES ({north}, {retired}, 9, {brazing})"),
        format!("INSERT INTO credential_competency VALUES ({north}, {old}, 9, {brazing})"),
        format!(
            "INSERT INTO program_component (tenant_id, program_id, position, course_id, is_required, sequence) VALUES ({north}, {path}, 9, {retired}, TRUE, 9)"
        ),
        format!("UPDATE course SET credential_id = {draft_badge} WHERE code = 'HVA 101'"),
        format!("UPDATE course SET credential_id = {old} WHERE code = 'HVA 112'"),
        format!("UPDATE program SET credential_id = {old} WHERE id = {path}"),
        format!(
            "INSERT INTO credential_requirement (tenant_id, id, credential_id, title, choose, updated_at) VALUES ({north}, {requirement}, {old}, 'Two old badges', 1, '2027-01-01T00:00:00+00:00')"
        ),
        format!(
            "INSERT INTO requirement_option (tenant_id, requirement_id, position, credential_id) VALUES ({north}, {requirement}, 0, {badge})"
        ),
        format!("UPDATE requirement_option SET credential_id = {old} WHERE credential_id = {draft_badge}"),
        format!("UPDATE requirement_option SET course_id = {retired} WHERE course_id IS NOT NULL"),
        format!(
            "INSERT INTO requirement_option (tenant_id, requirement_id, position, credential_id) SELECT tenant_id, requirement_id, 8, {draft_badge} FROM requirement_option WHERE requirement_id = {stack_requirement} AND position = 0"
        ),
        format!(
            "INSERT INTO requirement_option (tenant_id, requirement_id, position, course_id) SELECT tenant_id, requirement_id, 9, {draft} FROM requirement_option WHERE requirement_id = {stack_requirement} AND position = 0"
        ),
        format!("UPDATE credit_articulation SET program_id = {}", program("Hidden Program")),
        "INSERT INTO offering_instructor SELECT tenant_id, (SELECT id FROM offering WHERE code = 'DRAFT-1'), 0, id FROM staff_member WHERE name = 'Ana Núñez'".to_string(),
    ] {
        assert!(app.execute(&sql).await > 0, "{sql}");
    }
}

async fn ids_of(app: &TestApp, rows: &[(Kind, &str)]) -> Vec<String> {
    let mut ids = Vec::new();
    for (kind, key) in rows {
        ids.push(id(app, *kind, key).await);
    }
    ids
}

/// Questions for every list and every look-up of the root, by each of their edges.
async fn questions(app: &TestApp) -> Vec<String> {
    let questions = Questions::new();
    let lookups = [
        ("institution", id(app, Kind::Institution, "north").await),
        ("course", id(app, Kind::Course, "north-101").await),
        ("program", id(app, Kind::Program, "north-path").await),
        ("offering", id(app, Kind::Offering, "n1").await),
        ("credential", id(app, Kind::Credential, "south-certificate").await),
        ("business", id(app, Kind::Business, "acme").await),
        ("learner", crate::support::people::person(Kind::Learner, 1)),
    ];
    let mut all = Vec::new();
    for (name, field) in questions.fields("Query") {
        let of = base(&field.of);
        if let Some(item) = of.strip_suffix("Connection") {
            all.extend(questions.by_edge(item).iter().map(|item| format!("{{ {name}(first: 100) {{ totalCount nodes {{ {item} }} }} }}")));
            all.extend(
                questions.by_edge(item).iter().map(|item| format!("{{ {name}(first: 100) {{ edges {{ cursor node {{ {item} }} }} }} }}")),
            );
        } else if let Some((_, id)) = lookups.iter().find(|(known, _)| *known == name) {
            all.extend(questions.by_edge(of).iter().map(|item| format!("{{ {name}(by: {{ id: \"{id}\" }}) {{ {item} }} }}")));
        } else if of == "Node" {
            let mut ids = Vec::new();
            for kind in Kind::ALL {
                let retired = ids_of(app, &RETIRED_ROWS).await;
                ids.extend(named(app, kind).await.into_iter().map(|(_, id)| id).filter(|id| !retired.contains(id)));
            }
            for possible in questions.possible(of) {
                for item in questions.by_edge(possible) {
                    let asked = if name == "nodes" { format!("ids: {ids:?}") } else { format!("id: {:?}", ids[0]) };
                    all.push(format!("{{ {name}({asked}) {{ __typename ... on {possible} {{ {item} }} }} }}"));
                }
            }
        } else if name == "award" {
            // No code that there is: what a code shows is asked for in the tests of awards.
            all.extend(questions.by_edge(of).iter().map(|item| format!("{{ {name}(verificationCode: \"0\") {{ {item} }} }}")));
        } else {
            all.push(format!("{{ {name} {{ {} }} }}", questions.everything(of, 2)));
        }
    }
    all
}

/// Asks; panics where the answer holds what it must not. Whether it held the control.
async fn probe(app: &TestApp, question: &str, variables: Value, never: &[String]) -> bool {
    let answer = app.ask(question, variables).await;
    // Questions are made of the whole schema, in which some fields are for members only.
    let errors = answer["errors"].as_array().map_or(&[][..], Vec::as_slice);
    assert!(errors.iter().all(|error| error["extensions"]["code"] == "FORBIDDEN"), "{question}: {answer:#}");
    let text = answer["data"].to_string();
    for canary in never {
        assert!(!text.contains(canary), "{canary} is seen by {question}: {answer:#}");
    }
    text.contains(CONTROL)
}

fn texts(of: &[&str]) -> Vec<String> {
    of.iter().map(|text| (*text).to_owned()).collect()
}

both! {
    /// A visitor asks for everything, from every root field by every edge: nothing hidden is in any answer, and nothing retired.
    async fn hides_drafts_everywhere(database) {
        let app = app(database).await;
        tie(&app).await;
        let mut never = [texts(&HIDDEN), texts(&RETIRED), ids_of(&app, &HIDDEN_ROWS).await].concat();
        never.extend(ids_of(&app, &RETIRED_ROWS).await);
        let questions = questions(&app).await;
        assert!(questions.len() > 100, "{}", questions.len());
        let mut reached = 0;
        for question in &questions {
            reached += usize::from(probe(&app, question, json!({}), &never).await);
        }
        // Of some types a visitor sees none at all: these questions are asked, and can reach nothing.
        let is_hopeless = |question: &&String| {
            let is_of = |of: &&str| question.contains(&format!("__typename ... on {of} {{"));
            NEVER_SEEN.iter().any(is_of) || ["{ business", "{ learner", "{ award"].iter().any(|root| question.starts_with(root))
        };
        let hopeless = questions.iter().filter(is_hopeless).count();
        assert!(hopeless < questions.len() / 2 && reached * 10 >= (questions.len() - hopeless) * 3, "only {reached} of {} questions reached a public row", questions.len());
    }

    /// A visitor names each hidden row, by identifier and by the key of its college: it does not exist.
    async fn finds_no_hidden_row_by_name(database) {
        let app = app(database).await;
        let north = id(&app, Kind::Institution, "north").await;
        for (kind, key) in HIDDEN_ROWS {
            let id = id(&app, kind, key).await;
            let answer = app.ask("query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }", json!({ "id": id })).await;
            assert_eq!(answer["data"], json!({ "node": null, "nodes": [null] }), "{key}");
            let field = match kind {
                Kind::Course => "course",
                Kind::Credential => "credential",
                Kind::Program => "program",
                Kind::Offering => "offering",
                _ => continue,
            };
            let question = format!("query ($id: EntityRef!, $key: EntityRef!) {{ byId: {field}(by: $id) {{ id }} byKey: {field}(by: $key) {{ id }} }}");
            let key = json!({ "externalKey": { "tenantId": north, "system": "banner", "value": key } });
            let answer = app.ask(&question, json!({ "id": { "id": id }, "key": key })).await;
            assert_eq!(answer["data"], json!({ "byId": null, "byKey": null }), "{answer:#}");
            assert!(answer.get("errors").is_none(), "{answer:#}");
        }
    }

    /// A visitor names each retired row: it is there, with its state.
    async fn finds_what_is_retired_by_name(database) {
        let app = app(database).await;
        for (kind, key) in RETIRED_ROWS {
            let id = id(&app, kind, key).await;
            let answer = app.ask("query ($id: ID!) { node(id: $id) { id ... on Course { status } ... on Credential { status } } }", json!({ "id": id })).await;
            assert_eq!(answer["data"], json!({ "node": { "id": id, "status": "RETIRED" } }), "{key}");
        }
    }

    /// A portal synchronizes: what was retired is in the lists of changes, and drafts are not.
    async fn lists_what_is_retired_among_changes(database) {
        let app = app(database).await;
        let never = [texts(&HIDDEN), ids_of(&app, &HIDDEN_ROWS).await].concat();
        for list in ["courses", "institution(by: { slug: \"penasco\" }) { courses"] {
            let close = if list.contains('{') { " }" } else { "" };
            let question = format!("{{ {list}(first: 100, filter: {{ updatedSince: \"2020-01-01T00:00:00Z\" }}) {{ totalCount nodes {{ id code title summary status }} }}{close} }}");
            assert!(probe(&app, &question, json!({}), &never).await);
            let answer = app.query(&question).await.to_string();
            assert!(answer.contains("Retired Furnaces"), "{answer}");
        }
        assert!(!probe(&app, r#"{ programs(filter: { updatedSince: "2020-01-01T00:00:00Z" }) { nodes { id title summary status } } }"#, json!({}), &never).await);
        app.execute("UPDATE program SET status = 'RETIRED' WHERE title = 'Refrigerant Technician'").await;
        let answer = app.data(r#"{ changes: programs(filter: { updatedSince: "2020-01-01T00:00:00Z" }) { totalCount } all: programs { totalCount } }"#).await;
        assert_eq!(answer, json!({ "changes": { "totalCount": 2 }, "all": { "totalCount": 1 } }));
    }

    /// A visitor searches for the words of hidden and retired rows: nothing is found, not even their number.
    async fn finds_no_hidden_row_by_its_words(database) {
        let app = app(database).await;
        let never = [texts(&HIDDEN), texts(&RETIRED), ids_of(&app, &HIDDEN_ROWS).await].concat();
        let words = ["secret draft", "announced", "hva 200", "hva200", "hidden", "badge hidden", "open yet", "retired furnaces", "furnace", "last year", "hva 099", "old certificate", "longer issued", "h", "draft-1", "larkspur"];
        for list in ["courses", "programs", "credentials", "competencies", "institutions"] {
            for words in words {
                let fields = if list == "competencies" || list == "institutions" { "name" } else { "status" };
                let question = format!("query ($search: String) {{ {list}(search: $search) {{ totalCount nodes {{ id {fields} }} }} }}");
                probe(&app, &question, json!({ "search": words }), &never).await;
                if list == "courses" && words != "h" {
                    let answer = app.ask(&question, json!({ "search": words })).await;
                    assert_eq!(answer["data"]["courses"], json!({ "totalCount": 0, "nodes": [] }), "{words}");
                }
            }
        }
    }

    /// A visitor filters by hidden rows, whose identifiers somebody told: it is as if they did not exist.
    async fn finds_nothing_by_hidden_rows(database) {
        let app = app(database).await;
        let (course, program) = (id(&app, Kind::Course, "north-200").await, id(&app, Kind::Program, "north-hidden").await);
        let routing = id(&app, Kind::Competency, "routing").await;
        let (north_200, hidden) = ("(SELECT id FROM course WHERE code = 'HVA 200')", "(SELECT id FROM program WHERE title = 'Hidden Program')");
        app.execute(&format!("UPDATE credit_articulation SET program_id = {hidden}")).await;
        app.execute(&format!("UPDATE course_competency SET competency_id = (SELECT id FROM competency WHERE name = 'Routing') WHERE course_id = {north_200}")).await;
        let changed = GlobalId::parse(&course).expect("an identifier").uuid;
        let mut transaction = app.operator().await.begin().await.expect("a transaction");
        derived::words(&mut transaction.connection(), search::Noun::Course, &[changed]).await.expect("the words");
        transaction.commit().await.expect("the commit");
        let answer = app
            .data(&format!(
                r#"{{ offerings(filter: {{ subjectIds: ["{course}", "{program}"] }}) {{ totalCount }}
                credentials(filter: {{ articulatesToProgramId: "{program}" }}) {{ totalCount }}
                programs(filter: {{ competencyIds: ["{routing}"] }}) {{ nodes {{ title }} }}
                found: programs(search: "routing") {{ nodes {{ title }} }}
                path: programs(search: "refrigerant") {{ nodes {{ competencies {{ name }} }} }} }}"#
            ))
            .await;
        let expected = json!({
            "offerings": { "totalCount": 0 },
            "credentials": { "totalCount": 0 },
            "programs": { "nodes": [{ "title": "Bachelor of Network Science" }] },
            "found": { "nodes": [{ "title": "Bachelor of Network Science" }] },
            "path": { "nodes": [{ "competencies": [{ "name": "Brazing" }, { "name": "Teamwork" }] }] },
        });
        assert_eq!(answer, expected);
    }
}
