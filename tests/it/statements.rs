//! Statements: one for the root, one for each edge, one for each count, however many rows and however many callers.

mod demo;
mod portal;

use std::collections::VecDeque;

use concord::domain::id::Kind;
use concord::graphql::gate;
use concord::policy::Audience;
use concord::store::noun;
use concord::store::noun::{Data, Edge, Noun};
use serde_json::json;

use crate::support::{Database, Template, TestApp, both};
use crate::walk::{id, named};

/// A way from an object with an identifier to an edge.
struct Way {
    kind: Kind,
    steps: Steps,
}

/// Field by field, as they are written, each with its edge.
type Steps = Vec<(String, &'static Edge)>;

/// A name of the declarations as the schema writes it, with the arguments that lead to it.
fn written(noun: &Noun, field: &str) -> String {
    match (noun.name, field) {
        ("Institution", "terms") => return "terms(includePast: true)".to_owned(),
        ("Institution", "running_terms") => return "terms".to_owned(),
        _ => {}
    }
    let mut upper = false;
    field
        .chars()
        .filter_map(|letter| {
            if letter == '_' {
                upper = true;
                return None;
            }
            Some(if std::mem::take(&mut upper) { letter.to_ascii_uppercase() } else { letter })
        })
        .collect()
}

/// Every edge of every noun that can be reached, by the shortest way to it.
fn ways() -> Vec<Way> {
    let mut ways = Vec::new();
    let mut seen: Vec<*const Noun> = Vec::new();
    let mut waiting: VecDeque<(&'static Noun, Kind, Steps)> = VecDeque::new();
    for kind in Kind::ALL {
        // Visitors hold no token: what is for members is asked for in the tests of tenants.
        if gate::holders(kind) == [Audience::Anyone] {
            waiting.push_back((noun(kind), kind, Vec::new()));
        }
    }
    while let Some((noun, kind, steps)) = waiting.pop_front() {
        if seen.contains(&std::ptr::from_ref(noun)) {
            continue;
        }
        seen.push(noun);
        for field in noun.fields {
            let Data::Edge(edge) = field.data else { continue };
            if gate::of(noun.name, &written(noun, field.name)).is_some() {
                continue;
            }
            let mut steps = steps.clone();
            steps.push((written(noun, field.name), edge));
            waiting.extend(edge.targets().map(|target| (target, kind, steps.clone())));
            ways.push(Way { kind, steps });
        }
    }
    ways
}

/// What is selected at the end of an edge, so that a row is needed to answer it.
fn end(edge: &Edge) -> String {
    let name = |noun: &Noun| match noun.fields[0].data {
        Data::Columns(_) => written(noun, noun.fields[0].name),
        Data::Edge(_) => "__typename".to_owned(),
    };
    let targets: Vec<&Noun> = edge.targets().collect();
    if let [only] = targets[..] {
        return name(only);
    }
    targets.iter().map(|noun| format!("... on {} {{ {} }}", noun.name, name(noun))).collect::<Vec<_>>().join(" ")
}

impl Way {
    /// The question for all objects of the kind, by this way.
    fn question(&self, first: u32) -> String {
        let mut selection = end(self.steps[self.steps.len() - 1].1);
        for (name, edge) in self.steps.iter().rev() {
            selection = match edge {
                // Options are objects of their own only to the store.
                _ if name == "target" => selection,
                Edge::Page { .. } => format!("{name}(first: {first}) {{ nodes {{ {selection} }} totalCount }}"),
                _ => format!("{name} {{ {selection} }}"),
            };
        }
        let noun = noun(self.kind);
        format!("query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {} {{ {selection} }} }} }}", noun.name)
    }

    /// One for the objects, one for each edge on the way, or one for each of its branches, and one for each count.
    fn statements(&self) -> u64 {
        let each = |edge: &Edge| match edge {
            Edge::Either { branches, .. } => branches.len() as u64,
            // Options are objects of their own only to the store, which goes on to what they point at.
            Edge::Many { target, .. } if target.name == "RequirementOption" && !self.steps.iter().any(|(name, _)| name == "target") => {
                1 + 3
            }
            Edge::Page { .. } => 2,
            Edge::One { .. } | Edge::Many { .. } => 1,
        };
        1 + self.steps.iter().map(|(_, edge)| each(edge)).sum::<u64>()
    }
}

/// The demo, with room for everything at once, and its connections open.
async fn demo(database: Database, connections: u32) -> TestApp {
    let app = TestApp::start(database, Template::Demo, |settings| {
        settings.cost.anonymous = 1_000_000_000;
        settings.server.deadline_ms = 60_000;
        settings.database.connections = connections;
    })
    .await;
    warm(&app, connections).await;
    app
}

/// Opens the connections: what a new one is told once is not counted.
async fn warm(app: &TestApp, connections: u32) {
    let questions =
        (0..connections * 4).map(|_| app.query("{ regions { code } institutions { nodes { courses(first: 100) { nodes { id } } } } }"));
    futures_util::future::join_all(questions).await;
}

/// A page with everything that hangs on its items; how many edges, counts and further branches that is.
const PAGES: [(&str, u64); 6] = [
    (
        "institutions(first: $first) { totalCount nodes { id region { code } alignments { code } campuses { id region { code } } terms { code } past: terms(includePast: true) { code } \
        courses(first: $first) { totalCount nodes { id } } programs(first: $first) { nodes { id } } offerings(first: $first) { nodes { id } } credentials(first: $first) { nodes { id } } } }",
        2 + 10 + 1,
    ),
    (
        "courses(first: $first, search: \"a\") { totalCount nodes { id institution { id } competencies { id } programs { id } offerings(first: $first) { totalCount nodes { id } } } }",
        2 + 4 + 1,
    ),
    (
        "programs(first: $first) { nodes { id institution { id } credential { id } components { course { id } } summativeAssessment { id competencies { id } } competencies { id } \
        industries { title } occupations { code } offerings(first: $first) { nodes { id } } } }",
        1 + 10,
    ),
    (
        "offerings(first: $first) { nodes { id institution { id } subject { ... on Course { id } ... on Program { id } } term { id } instructors { id teaching(first: $first) { nodes { id } } } } }",
        1 + 5 + 1,
    ),
    (
        "credentials(first: $first) { nodes { id issuer { id } competencies { id } alignments { code } requirements { options { ... on Course { id } ... on Program { id } ... on Credential { id } } } \
        stacksInto { id } articulations { institution { id } program { id } credential { id } } } }",
        // The options of the demo are credentials only.
        1 + 10 + 1,
    ),
    (
        "competencies(first: $first) { totalCount nodes { id alignments { code } courses(first: $first) { nodes { id } } credentials(first: $first) { nodes { id } } } }",
        2 + 3,
    ),
];

both! {
    /// A visitor follows each edge of each noun from all objects of a kind at once: one statement for them, one for each edge on the way.
    async fn asks_once_for_each_edge(database) {
        let app = TestApp::start(database, Template::Twins, |settings| settings.cost.anonymous = 1_000_000).await;
        warm(&app, 1).await;
        let ways = ways();
        assert!(ways.len() > 40, "{}", ways.len());
        for way in &ways {
            let ids: Vec<String> = named(&app, way.kind).await.into_iter().map(|(_, id)| id).collect();
            let question = way.question(10);
            let (statements, answer) = app.statements(app.ask(&question, json!({ "ids": ids }))).await;
            assert!(answer.get("errors").is_none(), "{question}: {answer:#}");
            assert_eq!(statements, way.statements(), "{question}");
        }
    }

    /// A visitor asks for one row and for a hundred: the number of statements is that of the question, not of the rows.
    async fn asks_as_often_for_one_row_as_for_a_hundred(database) {
        let app = demo(database, 1).await;
        for (page, expected) in PAGES {
            let question = format!("query ($first: Int) {{ {page} }}");
            let (hundred, answer) = app.statements(app.ask(&question, json!({ "first": 100 }))).await;
            assert!(answer.get("errors").is_none(), "{page}: {answer:#}");
            assert_eq!(hundred, expected, "{page}");
            let (one, answer) = app.statements(app.ask(&question, json!({ "first": 1 }))).await;
            assert!(answer.get("errors").is_none(), "{page}: {answer:#}");
            // An edge that leads nowhere from the only row needs no statement.
            assert!(one <= expected && one > expected / 2, "{page}: {one} of {expected}");
        }
    }

    /// Twenty visitors ask at the same time: each costs the database what one alone does.
    async fn asks_as_often_for_twenty_callers(database) {
        let app = demo(database, 4).await;
        for (page, expected) in PAGES {
            let question = format!("query ($first: Int) {{ {page} }}");
            let asked = (0..20).map(|_| app.ask(&question, json!({ "first": 50 })));
            let (statements, answers) = app.statements(futures_util::future::join_all(asked)).await;
            assert!(answers.iter().all(|answer| answer == &answers[0] && answer.get("errors").is_none()), "{page}");
            assert_eq!(statements, 20 * expected, "{page}");
        }
    }

    /// A visitor asks for several things at once: each root field is read for itself as often as it is written, and what is asked twice of one row is read once.
    async fn asks_once_for_what_is_asked_twice(database) {
        let app = TestApp::twins(database).await;
        warm(&app, 1).await;
        for (document, expected) in [
            ("{ viewer { kind } }", 0),
            ("{ nodes(ids: []) { id } }", 0),
            ("{ node(id: \"nonsense\") { id } }", 0),
            ("{ course(by: { id: \"prg_7zzzzzzzzzzzzzzzzzzzzzzzzz\" }) { id } }", 0),
            ("{ course(by: { id: \"crs_7zzzzzzzzzzzzzzzzzzzzzzzzz\" }) { id institution { id } } }", 1),
            ("{ regions { code } industries { title } }", 2),
            ("{ a: courses { nodes { id } } b: courses { nodes { id } } }", 2),
            ("{ courses { nodes { a: institution { id } b: institution { name } ... on Course { institution { slug } } } edges { node { institution { kind } } } } }", 2),
            ("{ courses { nodes { offerings(first: 1) { nodes { id } } b: offerings(first: 2) { nodes { id } } c: offerings(first: 1) { totalCount } } } }", 4),
            ("{ courses { nodes { offerings(first: 1) { nodes { id } } } } courses { nodes { offerings(first: 1) { nodes { code } } } } }", 4),
            ("{ courses(search: \"nowhere\") { nodes { institution { id } competencies { id } } } }", 1),
        ] {
            let (statements, answer) = app.statements(app.query(document)).await;
            assert!(answer.get("errors").is_none(), "{document}: {answer:#}");
            assert_eq!(statements, expected, "{document}");
        }
    }
}

/// A statement of one field fails below a member's request: the other fields are answered, as visitors' are.
#[tokio::test]
async fn a_failed_statement_takes_its_own_field_only() {
    use concord::domain::role::Role;
    use concord::domain::tenant::Tenant;
    let app = TestApp::twins(Database::Postgres).await;
    let north = id(&app, Kind::Institution, "north").await;
    let token = app.token(&[Role::InstitutionAdmin], Tenant::named(&north).expect("a tenant")).await;
    app.execute("ALTER TABLE audit_event RENAME TO elsewhere").await;
    let question = "query($id: ID!) { before: businesses(first: 1) { nodes { name } } broken: institution(by: { id: $id }) { auditEvents { nodes { id } } } after: businesses(first: 1) { nodes { name } } }";
    let answer = app.ask_as(&token, question, serde_json::json!({ "id": north })).await;
    assert!(answer["data"]["broken"].is_null() && answer["data"]["before"].is_object() && answer["data"]["after"].is_object(), "{answer}");
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1), "{answer}");
    assert_eq!(
        (&answer["errors"][0]["path"][0], &answer["errors"][0]["extensions"]["code"]),
        (&"broken".into(), &"INTERNAL".into()),
        "{answer}"
    );
}
