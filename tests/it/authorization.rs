//! Who may read and do what: every field that the schema prints, asked by every sort of caller, on real rows.
//!
//! `authorization.txt` beside this file is the outcome, for people. A field of a type that has no way to it here fails: add one to `WAYS`. What was seen is held to what the
//! descriptions promise ("Visible to: …").

mod ways;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::domain::tenant::Tenant;
use concord::graphql::index::{Index, Kind as Shape, base};
use concord::graphql::schema::{index, sdl};
use concord::policy::Audience;
use concord::store::revocation::RevocationKind;
use serde_json::{Value, json};
use ways::{Names, way};

use crate::support::{Database, TestApp};
use crate::walk::id;

/// A caller.
struct Caller {
    name: &'static str,
    token: Option<String>,
    role: Option<Role>,
    /// Whether it speaks for the college and for the business whose things are asked for.
    is_own: [bool; 2],
}

/// Every sort of caller.
async fn callers(app: &TestApp) -> Vec<Caller> {
    callers_among(app, |_| true).await
}

/// Those sorts of caller whose names are wanted, and visitors.
async fn callers_among(app: &TestApp, is_wanted: impl Fn(&str) -> bool) -> Vec<Caller> {
    let of = async |kind, key| concord::domain::id::GlobalId::parse(&id(app, kind, key).await).expect("an identifier").uuid;
    let (north, south) =
        (Tenant::Institution(of(Kind::Institution, "north").await), Tenant::Institution(of(Kind::Institution, "south").await));
    let (acme, zeta) = (Tenant::Business(of(Kind::Business, "acme").await), Tenant::Business(of(Kind::Business, "zeta").await));
    let mut callers = vec![Caller { name: "anonymous", token: None, role: None, is_own: [false; 2] }];
    for (name, role, tenant) in [
        ("learner", Role::Learner, north),
        ("instructor", Role::Instructor, north),
        ("college admin", Role::InstitutionAdmin, north),
        ("college navigator", Role::CareerNavigator, north),
        ("other instructor", Role::Instructor, south),
        ("other college admin", Role::InstitutionAdmin, south),
        ("business admin", Role::BusinessAdmin, acme),
        ("other business admin", Role::BusinessAdmin, zeta),
        ("career navigator", Role::CareerNavigator, Tenant::Consortium),
        ("corporate navigator", Role::CorporateNavigator, Tenant::Consortium),
        ("analyst", Role::Analyst, Tenant::Consortium),
        ("consortium admin", Role::ConsortiumAdmin, Tenant::Consortium),
    ] {
        if !is_wanted(name) {
            continue;
        }
        let token = Some(app.token(&[role], tenant).await);
        callers.push(Caller { name, token, role: Some(role), is_own: [tenant == north, tenant == acme] });
    }
    if is_wanted("college portal") {
        let token = Some(app.service_token(&[Role::InstitutionAdmin], north).await);
        callers.push(Caller { name: "college portal", token, role: Some(Role::InstitutionAdmin), is_own: [true, false] });
    }
    callers
}

/// Whether a description promises a field to a caller.
fn is_promised(coordinate: &str, told: &[String], caller: &Caller) -> bool {
    let [is_college, is_business] = caller.is_own;
    told.iter().any(|word| match word.as_str() {
        // Nobody holds a case for a business yet; and a business sees the address of its contact at the consortium, not those of a college.
        "navigators" if coordinate.starts_with("Business.") => false,
        "business" if coordinate == "StaffMember.email" => false,
        "learner" => caller.name == "learner",
        // Not among what the learner of the twins consents to.
        "sponsor (PROGRESS)" | "sponsor (RESULTS)" | "sponsor (AWARDS)" => false,
        "payer" | "sponsor" | "sponsor (CONTACT)" | "sponsor (ENROLLMENT)" => is_business && caller.role == Some(Role::BusinessAdmin),
        "anyone" => true,
        word if word == Audience::Members.word() => caller.role.is_some(),
        "staff" => is_college && caller.role == Some(Role::InstitutionAdmin),
        "instructors" => is_college && caller.role == Some(Role::Instructor),
        "navigators" => is_college && caller.role == Some(Role::CareerNavigator),
        "business" => is_business && caller.role == Some(Role::BusinessAdmin),
        "analysts" => caller.role == Some(Role::Analyst),
        "admins" => caller.role == Some(Role::ConsortiumAdmin),
        // Whoever may hold the object that is found.
        word if word.starts_with("as ") => false,
        word => panic!("`{word}` is no word of the vocabulary that this test knows: say here whom it means"),
    })
}

/// Root lists, and payloads, whose readers are told by role alone, whatever their tenant.
fn by_role(coordinate: &str, told: &[String], caller: &Caller) -> bool {
    // Whoever sends a file does so for the tenant that they speak for, whichever it is.
    if coordinate.starts_with("UploadCreatePayload.") {
        return matches!(caller.role, Some(Role::InstitutionAdmin | Role::BusinessAdmin));
    }
    matches!(coordinate, "Query.businesses")
        && told.iter().any(|word| match word.as_str() {
            "staff" => caller.role == Some(Role::InstitutionAdmin),
            "navigators" => matches!(caller.role, Some(Role::CareerNavigator | Role::CorporateNavigator)),
            _ => false,
        })
}

/// The words behind "Visible to:" or "Allowed for:" of every output field, by its coordinate.
fn told() -> BTreeMap<String, Vec<String>> {
    use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
    let mut told = BTreeMap::new();
    for definition in async_graphql::parser::parse_schema(sdl()).expect("a schema").definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let TypeKind::Object(object) = definition.node.kind else { continue };
        for field in object.fields {
            let text = field.node.description.map(|text| text.node).unwrap_or_default();
            let words = text.rsplit_once("Visible to: ").or_else(|| text.rsplit_once("Allowed for: ")).map(|(_, words)| words);
            let words = words.unwrap_or_default().trim_end_matches('.').split(", ").map(str::to_owned).collect();
            told.insert(format!("{}.{}", definition.node.name.node, field.node.name.node), words);
        }
    }
    told
}

/// What a caller got of a field: `y` a value, `.` nothing though it was allowed, `F` FORBIDDEN, `C` `CONSENT_REQUIRED`, `-` not even the object.
fn outcome(answer: &Value, path: &[&str], alias: &str) -> char {
    let mut place = &answer["data"];
    for part in path {
        place = match (&place[*part], place) {
            (Value::Null, Value::Array(items)) => items.first().map_or(&Value::Null, |first| &first[*part]),
            (found, _) => found,
        };
    }
    if let Value::Array(items) = place {
        place = items.first().unwrap_or(&Value::Null);
    }
    let is_here = |error: &&Value| error["path"].as_array().is_some_and(|steps| steps.last().is_some_and(|last| last == alias));
    let codes = ["FORBIDDEN", "CONSENT_REQUIRED"];
    let errors = answer["errors"].as_array().map_or(&[][..], Vec::as_slice);
    assert!(errors.iter().all(|error| codes.iter().any(|code| error["extensions"]["code"] == *code)), "{answer:#}");
    if let Some(error) = errors.iter().find(is_here) {
        return if error["extensions"]["code"] == codes[0] { 'F' } else { 'C' };
    }
    match place {
        Value::Null => '-',
        object => match &object[alias] {
            Value::Null => '.',
            Value::Array(items) if items.is_empty() => '.',
            _ => 'y',
        },
    }
}

/// What every caller gets of every field.
type Table = BTreeMap<String, Vec<char>>;

/// Who asks, of what, and what is promised.
struct Survey {
    callers: Vec<Caller>,
    names: Names,
    index: Arc<Index>,
    told: BTreeMap<String, Vec<String>>,
}

impl Survey {
    async fn of(app: &TestApp) -> Self {
        let (callers, names) = (callers(app).await, Names::of(app).await);
        Self { callers, names, index: index(), told: told() }
    }

    /// Of some callers only.
    #[cfg(feature = "faults")]
    async fn of_few(app: &TestApp, wanted: &[&str]) -> Self {
        let (callers, names) = (callers_among(app, |name| wanted.contains(&name)).await, Names::of(app).await);
        Self { callers, names, index: index(), told: told() }
    }

    /// Every caller asks for fields of a type.
    async fn ask(&self, app: &TestApp, of: &str, is_wanted: impl Fn(&str) -> bool) -> Table {
        let mut table = Table::new();
        let Some(Shape::Object(fields)) = self.index.get(of) else { return table };
        let mut fields: Vec<_> = fields.iter().filter(|(name, _)| is_wanted(name)).collect();
        fields.sort_unstable_by_key(|(name, _)| name.as_str());
        let way = way(of, &self.names).unwrap_or_else(|| panic!("no way leads to {of}: add one to tests/it/authorization/ways.rs"));
        for some in fields.chunks(12) {
            let mut selection = String::new();
            for (name, field) in some {
                let arguments = way.arguments(name);
                let is_composite = self.index.is_composite(base(&field.of));
                let _ = write!(selection, " {name}: {name}{arguments}{}", if is_composite { " { __typename }" } else { "" });
            }
            let document = way.document(&selection);
            for caller in &self.callers {
                let body = json!({ "query": document });
                let answer = match &caller.token {
                    Some(token) => app.post_as(token, &body).await.json(),
                    None => app.post(&body).await.json(),
                };
                for (name, _) in some {
                    table.entry(format!("{of}.{name}")).or_default().push(outcome(&answer, way.path, name));
                }
            }
        }
        table
    }

    /// What is not as the descriptions promise.
    fn wrong(&self, table: &Table) -> Vec<String> {
        let mut wrong = Vec::new();
        for (coordinate, seen) in table {
            let told = &self.told[coordinate];
            for (seen, caller) in seen.iter().zip(&self.callers) {
                let is_promised = is_promised(coordinate, told, caller) || by_role(coordinate, told, caller);
                let got = matches!(seen, 'y' | '.');
                // What a description says of a field holds for whoever can hold its object.
                // Payloads tell whoever acts what came of it: the object, if the act was theirs to do, else why not.
                let is_payload = coordinate.split('.').next().is_some_and(|of| of.ends_with("Payload"));
                let acts_for_all = matches!(caller.role, Some(Role::ConsortiumAdmin | Role::CorporateNavigator));
                // Of many items each is told to whoever may ask for many, whatever came of it.
                let is_bulk = matches!(coordinate.split('.').next(), Some("EnrollmentBulkRequestPayload" | "EnrollmentRequestResult"));
                let asks_for_many = matches!(caller.role, Some(Role::InstitutionAdmin | Role::BusinessAdmin | Role::ConsortiumAdmin));
                let is_told =
                    (is_bulk && asks_for_many) || is_payload && (coordinate.ends_with(".userErrors") || *seen != 'y' || acts_for_all);
                let is_exempt = is_told || coordinate.starts_with("Mutation.") || told.iter().any(|word| word.starts_with("as "));
                let is_hidden = is_promised && *seen == '-';
                if got != is_promised && !is_hidden && !is_exempt {
                    wrong.push(format!("{coordinate} ({}) for {}: {seen}", told.join(", "), caller.name));
                }
            }
            if !seen.contains(&'y') && !ways::EMPTY.contains(&coordinate.as_str()) {
                wrong.push(format!("{coordinate}: nobody saw a value, which proves nothing: give the twins one, or list it in ways.rs"));
            }
        }
        wrong
    }
}

/// Every field of the schema is asked for by every sort of caller: the answers are the table that is checked in, and keep what the descriptions promise.
#[tokio::test]
async fn every_field_by_every_caller() {
    let app = TestApp::twins(Database::Postgres).await;
    let survey = Survey::of(&app).await;
    let mut table = Table::new();
    let mut types: Vec<&str> = survey.told.keys().filter_map(|coordinate| coordinate.split('.').next()).collect();
    types.dedup();
    for of in types {
        table.extend(survey.ask(&app, of, |_| true).await);
    }
    let wrong = survey.wrong(&table);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(app.store.breaches(), 0, "no wall was needed");
    check_in(&print(&survey.callers, &table, &survey.told));
}

/// Gates whose fields lead to rows that a wall hides from the same callers: open, they show nothing, and only say so in other words. And those that everybody passes who holds
/// the enrollment of the twins, whose learner consents to that, or its sponsorship.
#[cfg(feature = "faults")]
const BEFORE_A_WALL: [(&str, &str); 5] = [
    ("Employee", "learner"),
    ("Enrollment", "learner"),
    ("Enrollment", "state"),
    ("Enrollment", "allowedTransitions"),
    ("Sponsorship", "enrollments"),
];

/// One gate alone stands open, whichever it is: what callers get of its field is not what is promised.
#[cfg(feature = "faults")]
#[tokio::test]
async fn every_open_gate_is_seen() {
    use concord::graphql::gate::GATES;
    for gate in GATES.iter().filter(|gate| !BEFORE_A_WALL.contains(&(gate.of, gate.field))) {
        println!("{}.{}", gate.of, gate.field);
        // Gates stand above the databases; a copy of this one is a file.
        let kept = crate::support::copy(Database::Sqlite, crate::support::Template::Twins).await;
        let app = TestApp::with_faults(kept, |faults| faults.open_gate = Some((gate.of, gate.field))).await;
        // Those who may see nothing behind any gate, and those who see something there.
        let few = ["anonymous", "learner", "instructor", "college admin", "business admin", "other college admin", "consortium admin"];
        let survey = Survey::of_few(&app, &few).await;
        let wrong = survey.wrong(&survey.ask(&app, gate.of, |field| field == gate.field).await);
        assert!(!wrong.is_empty(), "nobody noticed the open gate before {}.{}", gate.of, gate.field);
    }
}

/// The table as people read it.
fn print(callers: &[Caller], table: &BTreeMap<String, Vec<char>>, told: &BTreeMap<String, Vec<String>>) -> String {
    let mut text = "Who reads and does what. y: a value; .: nothing, though it was allowed; F: FORBIDDEN; C: CONSENT_REQUIRED; -: the object does not exist for this caller.\nThings asked for are those of one college and one business. Callers whose token has expired or was revoked get nothing but 401.\n\n".to_owned();
    for (place, caller) in callers.iter().enumerate() {
        let _ = writeln!(text, "{:>2} {}", place + 1, caller.name);
    }
    let numbers = (1..=callers.len()).map(|number| format!("{number:>3}")).collect::<Vec<_>>().concat();
    let _ = writeln!(text, "\n{:48}{numbers}  promised to", "");
    for (coordinate, seen) in table {
        let cells = seen.iter().map(|cell| format!("{cell:>3}")).collect::<Vec<_>>().concat();
        let _ = writeln!(text, "{coordinate:48}{cells}  {}", told[coordinate].join(", "));
    }
    text
}

/// Compares the table with the one that is checked in.
fn check_in(text: &str) {
    let path = crate::clients::file("tests/it/authorization.txt");
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, text).expect("the table is written");
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(known == text, "tests/it/authorization.txt differs: read the difference, then run this test with INSTA_UPDATE=always\n{text}");
}

/// Callers whose token has expired, or was taken away, ask for what anybody may read: the same 401, and no data.
#[tokio::test]
async fn tokens_that_are_no_longer_good() {
    let app = TestApp::twins(Database::Sqlite).await;
    let north = concord::domain::id::GlobalId::parse(&id(&app, Kind::Institution, "north").await).expect("an identifier").uuid;
    let tenant = Tenant::Institution(north);
    let expired = app
        .token_with(&[Role::InstitutionAdmin], tenant, |claims| claims["exp"] = (claims["iat"].as_i64().unwrap_or_default() + 60).into())
        .await;
    let revoked = app.token_with(&[Role::InstitutionAdmin], tenant, |claims| claims["sub"] = "gone".into()).await;
    let question = json!({ "query": "{ regions { code } }" });
    assert_eq!(app.post_as(&revoked, &question).await.status, 200);
    crate::identity::revoke(&app.app, RevocationKind::Subject, Some(crate::support::token::issuer_of(tenant)), "gone".to_owned()).await;
    let (one, other) = (app.post_as(&expired, &question).await, app.post_as(&revoked, &question).await);
    assert_eq!((one.status, one.text()), (other.status, other.text()));
    assert_eq!((one.status.as_u16(), one.code().as_str(), one.json().get("data")), (401, "UNAUTHENTICATED", None));
}
