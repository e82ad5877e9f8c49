//! Questions whose answers are kept, made from the schema, so that no field or edge is forgotten.

use concord::domain::id::Kind;
use concord::graphql::index::{Field, Index, Kind as Shape, base};
use concord::graphql::schema;

use crate::support::TestApp;
use crate::walk::named;

/// The root lists that are pages, and what they hold.
const PAGES: [(&str, &str); 6] = [
    ("institutions", "Institution"),
    ("courses", "Course"),
    ("programs", "Program"),
    ("offerings", "Offering"),
    ("credentials", "Credential"),
    ("competencies", "Competency"),
];
/// Kinds that anyone may look up.
const KINDS: [(Kind, &str); 10] = [
    (Kind::Institution, "Institution"),
    (Kind::Campus, "Campus"),
    (Kind::Term, "Term"),
    (Kind::StaffMember, "StaffMember"),
    (Kind::Program, "Program"),
    (Kind::Course, "Course"),
    (Kind::Offering, "Offering"),
    (Kind::Competency, "Competency"),
    (Kind::Credential, "Credential"),
    (Kind::Assessment, "Assessment"),
];
/// Lists in every order, and by conditions that hang on other rows than those that are listed.
const LISTS: [&str; 22] = [
    "{ courses(sort: STARTS_SOONEST) { totalCount nodes { code } } }",
    "{ courses(sort: RECENTLY_UPDATED) { nodes { code } } }",
    "{ courses(filter: { hasSeats: true }) { totalCount nodes { code } } }",
    "{ courses(filter: { hasSeats: false }) { totalCount nodes { code } } }",
    "{ courses(filter: { modalities: [IN_PERSON] }) { totalCount nodes { code } } }",
    "{ courses(filter: { regionCodes: [\"NORTH\"] }) { totalCount nodes { code } } }",
    "{ courses(filter: { updatedSince: \"2027-01-15T12:00:00.000001Z\" }) { totalCount nodes { code status } } }",
    "{ courses(search: \"heating\") { totalCount nodes { code title } } }",
    "{ courses(search: \"renamed\") { totalCount nodes { code title } } }",
    "{ courses(search: \"brazing\") { totalCount nodes { code title } } }",
    "{ programs(search: \"renamed\") { totalCount nodes { title } } }",
    "{ programs(search: \"brazing\") { totalCount nodes { title } } }",
    "{ credentials(search: \"renamed\") { totalCount nodes { name } } }",
    "{ offerings(sort: STARTS_LATEST) { totalCount nodes { code } } }",
    "{ offerings(sort: RECENTLY_UPDATED) { totalCount nodes { code } } }",
    "{ offerings(filter: { hasSeats: true }) { totalCount nodes { code } } }",
    "{ offerings(filter: { hasSeats: false }) { totalCount nodes { code } } }",
    "{ offerings(filter: { regionCodes: [\"NORTH\"] }) { totalCount nodes { code } } }",
    "{ offerings(filter: { updatedSince: \"2027-01-15T12:00:00.000001Z\" }) { totalCount nodes { code } } }",
    "{ regions { code name } industries { naicsCode title } }",
    "{ institution(by: { slug: \"penasco\" }) { name courses { nodes { code } } } }",
    "{ institutions(search: \"renamed\") { totalCount nodes { name } } }",
];

/// Whether a field answers with objects that have names of their own.
fn is_edge(index: &Index, field: &Field) -> bool {
    let of = base(&field.of);
    index.is_composite(of) && !matches!(of, "Address" | "Seats" | "PageInfo")
}

/// All plain fields of a type that anyone may read, and its edges so many deep.
fn everything(index: &Index, of: &str, depth: u32) -> String {
    match index.get(of) {
        Some(Shape::Abstract(members, _)) => {
            let each = |member: &String| format!(" ... on {member} {{ {} }}", everything(index, member, depth));
            format!("__typename{}", members.iter().map(each).collect::<String>().replace("price", "price: __typename"))
        }
        Some(Shape::Object(fields)) => {
            let mut fields: Vec<_> = fields.iter().filter(|(_, field)| field.is_public).collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            let texts = fields.into_iter().map(|(name, field)| one(index, name, field, depth));
            format!("__typename{}", texts.collect::<String>())
        }
        _ => String::new(),
    }
}

/// One field with what hangs on it, behind a space.
fn one(index: &Index, name: &str, field: &Field, depth: u32) -> String {
    let of = base(&field.of);
    if !index.is_composite(of) {
        return format!(" {name}");
    }
    if !is_edge(index, field) {
        return format!(" {name} {{ {} }}", everything(index, of, 0));
    }
    if depth == 0 {
        return String::new();
    }
    if let Some(node) = of.strip_suffix("Connection") {
        return format!(" {name}(first: 50) {{ totalCount nodes {{ {} }} }}", everything(index, node, depth - 1));
    }
    format!(" {name} {{ {} }}", everything(index, of, depth - 1))
}

/// Everything of a type behind each of its edges, a text for each.
fn by_edge(index: &Index, of: &str) -> Vec<String> {
    let Some(Shape::Object(fields)) = index.get(of) else { return Vec::new() };
    let mut edges: Vec<_> = fields.iter().filter(|(_, field)| field.is_public && is_edge(index, field)).collect();
    edges.sort_unstable_by_key(|(name, _)| *name);
    let plain = everything(index, of, 0);
    let mut texts: Vec<String> = edges.into_iter().map(|(name, field)| format!("{plain}{}", one(index, name, field, 1))).collect();
    if texts.is_empty() {
        texts.push(plain);
    }
    texts
}

/// Questions over everything that anyone may read: as lists, and by the identifiers of all rows.
pub(super) async fn all(app: &TestApp) -> Vec<String> {
    let index = schema::index();
    let mut questions: Vec<String> = LISTS.iter().map(|text| (*text).to_owned()).collect();
    // With something of the caller's own beside it the answer is not kept, but the page is.
    questions.extend(LISTS.iter().step_by(3).filter_map(|text| Some(format!("{{ viewer {{ kind }} {}", text.strip_prefix('{')?))));
    for (field, of) in PAGES {
        let nodes = by_edge(&index, of);
        questions.extend(nodes.iter().map(|text| format!("{{ {field}(first: 50) {{ totalCount nodes {{ {text} }} }} }}")));
    }
    for (kind, of) in KINDS {
        let ids: Vec<String> = named(app, kind).await.into_iter().map(|(_, id)| format!("\"{id}\"")).collect();
        let ids = ids.join(", ");
        // What lists show edge by edge is looked up once: by a key, and by its first edge.
        let number = if PAGES.iter().any(|(_, listed)| *listed == of) { 1 } else { usize::MAX };
        questions.extend(
            by_edge(&index, of).iter().take(number).map(|text| format!("{{ nodes(ids: [{ids}]) {{ ... on {of} {{ {text} }} }} }}")),
        );
    }
    questions
}
