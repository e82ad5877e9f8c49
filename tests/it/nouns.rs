//! The declared nouns against the tables and the schema: a slip in a declaration is found here, not by a caller.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use concord::store::noun::{Data, Edge, Noun, Sort};
use concord::store::sql::{Dialect, Type};
use concord::store::{
    award, business, competency, course, credential, enrollment, industry, institution, learner, offering, program, region,
};

use crate::support::{TestApp, both};

/// Fields that are read and never shown by their own name, each with the reason.
const INNER: &[(&str, &str, &str)] = &[("Institution", "runningTerms", "`terms` without `includePast`")];

/// Every noun: those of the root, and what their edges lead to.
fn nouns() -> Vec<&'static Noun> {
    let mut found: Vec<&'static Noun> = vec![
        &institution::INSTITUTION,
        &course::COURSE,
        &program::PROGRAM,
        &offering::OFFERING,
        &credential::CREDENTIAL,
        &competency::COMPETENCY,
        &industry::INDUSTRY,
        &region::REGION,
        &business::BUSINESS,
        &learner::KNOWN_LEARNER,
        &enrollment::ENROLLMENT,
        &award::PROVEN_AWARD,
    ];
    let mut place = 0;
    while let Some(noun) = found.get(place) {
        for target in edges(noun).flat_map(|(_, edge)| edge.targets()) {
            if !found.iter().any(|known| std::ptr::eq(*known, target)) {
                found.push(target);
            }
        }
        place += 1;
    }
    found
}

/// The edges of a noun, by the names of their fields.
fn edges(noun: &'static Noun) -> impl Iterator<Item = (&'static str, &'static Edge)> {
    noun.fields.iter().filter_map(|field| match field.data {
        Data::Edge(edge) => Some((field.name, edge)),
        Data::Columns(_) => None,
    })
}

/// A noun that no edge leads to, and that nobody lists here, would pass every other test of this module.
#[test]
fn every_declared_noun_is_known() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let texts = std::fs::read_dir(folder).expect("the sources").filter_map(|entry| std::fs::read_to_string(entry.ok()?.path()).ok());
    let declared: usize =
        texts.map(|text| text.lines().filter(|line| line.starts_with("pub static") && line.contains(": Noun =")).count()).sum();
    assert_eq!(declared, nouns().len());
}

/// A field reads columns that are not declared, or is declared twice.
#[test]
fn fields_read_declared_columns() {
    for noun in nouns() {
        let names: BTreeSet<&str> = noun.fields.iter().map(|field| field.name).collect();
        assert_eq!(names.len(), noun.fields.len(), "{}: a field is declared twice", noun.name);
        let columns: BTreeSet<&str> = noun.columns.iter().map(|column| column.name).collect();
        assert_eq!(columns.len(), noun.columns.len(), "{}: a column is declared twice", noun.name);
        for field in noun.fields {
            let read: Vec<&str> = match field.data {
                Data::Columns(columns) => columns.to_vec(),
                Data::Edge(edge) => edge.columns().collect(),
            };
            // What a noun without an identifier hangs its lists on is its table's own key.
            let missing: Vec<_> = read.iter().filter(|column| noun.column(column).is_none()).collect();
            assert!(missing.is_empty(), "{}.{} reads {missing:?}, which is not declared", noun.name, field.name);
        }
        for (name, edge) in edges(noun) {
            let keys: Vec<&str> = match edge {
                Edge::One { key, .. } => vec![key],
                Edge::Either { .. } => vec!["id"],
                Edge::Many { .. } | Edge::Page { .. } => Vec::new(),
            };
            for (target, key) in edge.targets().flat_map(|target| keys.iter().map(move |key| (target, key))) {
                assert!(target.column(key).is_some(), "{}.{name} leads to {}.{key}, which is not declared", noun.name, target.name);
            }
            if let Edge::Page { target, .. } = edge {
                assert!(target.list.is_some(), "{}.{name} is a page of {}, which is not listed", noun.name, target.name);
            }
        }
    }
}

/// What a column of a type is called by a database.
const fn type_name(dialect: Dialect, of: Type) -> &'static str {
    match (dialect, of) {
        (Dialect::Postgres, Type::Uuid) => "uuid",
        (Dialect::Sqlite, Type::Uuid) => "blob",
        (_, Type::Text) | (Dialect::Sqlite, Type::Date | Type::Instant) => "text",
        (_, Type::Integer) => "integer",
        (_, Type::Long) => "bigint",
        (_, Type::Real) => "double precision",
        (_, Type::Boolean) => "boolean",
        (Dialect::Postgres, Type::Date) => "date",
        (Dialect::Postgres, Type::Instant) => "timestamp with time zone",
    }
}

/// Columns of a table with their types.
async fn columns(app: &TestApp, table: &str) -> BTreeMap<String, String> {
    let sql = match app.store.dialect() {
        Dialect::Postgres => {
            format!(
                "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}'"
            )
        }
        Dialect::Sqlite => format!("SELECT name, lower(type) FROM pragma_table_info('{table}')"),
    };
    app.rows(&sql).await.iter().filter_map(|row| row.split_once('|')).map(|(name, of)| (name.to_owned(), of.to_owned())).collect()
}

/// Columns of each index that begins with these, with its condition, which is empty for a whole index.
async fn indexes(app: &TestApp, table: &str) -> Vec<(String, String)> {
    let sql = match app.store.dialect() {
        Dialect::Postgres => format!("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = '{table}'"),
        Dialect::Sqlite => format!("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = '{table}' AND sql IS NOT NULL"),
    };
    let plain = |text: &str| text.replace("::text", "").replace(['(', ')'], "");
    let read = |sql: String| {
        let (index, condition) = sql.split_once(" WHERE ").unwrap_or((&sql, ""));
        let (_, columns) = index.split_once('(').expect("columns");
        (plain(columns), plain(condition))
    };
    app.rows(&sql).await.into_iter().map(read).collect()
}

/// What a condition says of the table alone.
fn bare(condition: &str) -> String {
    condition.replace("t.", "")
}

both! {
    /// A declaration names a column that its table lacks, or calls it by another type.
    async fn columns_are_there(database) {
        let app = TestApp::empty(database).await;
        for noun in nouns() {
            let there = columns(&app, noun.table).await;
            for column in noun.columns.iter().filter(|column| column.made.is_none()) {
                let of = there.get(column.name).map(String::as_str);
                assert_eq!(of, Some(type_name(app.store.dialect(), column.of)), "{}.{} in {}", noun.name, column.name, noun.table);
            }
        }
    }

    /// An edge, an order or a condition of visibility names what its tables lack: the database runs each of them.
    async fn conditions_can_be_run(database) {
        let app = TestApp::twins(database).await;
        let mut run = 0;
        for noun in nouns() {
            for condition in [noun.public.listed, noun.public.named].into_iter().filter(|condition| !condition.is_empty()) {
                app.rows(&format!("SELECT 1 FROM {} t WHERE {condition}", noun.table)).await;
                run += 1;
            }
            for made in noun.columns.iter().filter_map(|column| column.made) {
                let made = made.replace("{tenant}", "NULL");
                app.rows(&format!("SELECT {made} FROM {} t", noun.table)).await;
                run += 1;
            }
            for sort in noun.list.iter().flat_map(|list| list.sorts) {
                app.rows(&format!("SELECT {} FROM {} t", sort.by.by, noun.table)).await;
                run += 1;
            }
            for (_, edge) in edges(noun) {
                let (column, from, on, orders) = match edge {
                    Edge::Many { column, from, on, order, .. } => (column, (*from).to_owned(), on, order.iter().map(|order| order.by).collect()),
                    Edge::Page { target, column, on, .. } => (column, format!("{} t", target.table), on, vec!["t.id"]),
                    Edge::One { .. } | Edge::Either { .. } => continue,
                };
                let (on, orders) = (on.replace("{today}", "'2027-01-15'"), orders.join(", "));
                app.rows(&format!("SELECT {orders} FROM (SELECT {column} AS id FROM {}) p, {from} WHERE {on}", noun.table)).await;
                run += 1;
            }
        }
        assert!(run > 50, "only {run} were run");
    }

    /// A list is sorted by what no index holds in that order, for what the public sees: its pages would cost more the more there is.
    async fn every_sort_has_an_index(database) {
        let app = TestApp::empty(database).await;
        let mut missing = Vec::new();
        for noun in nouns() {
            let there = indexes(&app, noun.table).await;
            let has = |sort: &Sort, condition: &str| {
                let columns = format!("{}, id", bare(sort.by.by));
                // What is only listed for one tenant or learner at a time may lead with that.
                let owner = if matches!(noun.name, "Disclosure" | "Award") { "learner_id" } else { "tenant_id" };
                let below = format!("{owner}, {columns}");
                let is_there = |known: &String| *known == columns || (matches!(noun.name, "StaffMember" | "AuditEvent" | "Employee" | "Learner" | "Sponsorship" | "Voucher" | "Enrollment" | "EnrollmentJob" | "ImportJob" | "Disclosure" | "Award") && *known == below)
                    // Rows of a list are listed for the list alone.
                    || (matches!(noun.name, "EnrollmentJobItem" | "ImportProblem") && *known == format!("job_id, {columns}"));
                there.iter().any(|(known, only)| is_there(known) && (only.is_empty() || *only == bare(condition)))
            };
            for sort in noun.list.iter().flat_map(|list| list.sorts) {
                // Lists of what changed show what is only found by its identifier otherwise.
                let is_delta = sort.by.by == "t.updated_at";
                if !has(sort, noun.public.listed) || (is_delta && !has(sort, noun.public.named)) {
                    missing.push(format!("{} by {}", noun.name, sort.name));
                }
            }
        }
        assert!(missing.is_empty(), "no index for {missing:?}");
    }
}

/// The fields of each type of the schema.
fn schema() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql")).expect("the schema");
    let document = parse_schema(text).expect("the schema can be read");
    let mut types = BTreeMap::new();
    for definition in document.definitions {
        if let TypeSystemDefinition::Type(of) = definition
            && let TypeKind::Object(object) = of.node.kind
        {
            types.insert(of.node.name.node.to_string(), object.fields.iter().map(|field| field.node.name.node.to_string()).collect());
        }
    }
    types
}

/// A name in camel case.
fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| name + &part[..1].to_uppercase() + &part[1..])
}

/// A field of a noun is not in the schema, or a field of the schema has no declaration: it could be asked for and never be loaded.
#[test]
fn fields_are_those_of_the_schema() {
    let schema = schema();
    let is_inner = |noun: &str, field: &str| INNER.iter().any(|(of, name, _)| (*of, *name) == (noun, field));
    for noun in nouns() {
        // An option only points at what can be earned; the schema shows that in its place.
        if matches!(noun.name, "RequirementOption" | "SponsorshipCover") {
            continue;
        }
        let shown = schema.get(noun.name).unwrap_or_else(|| panic!("the schema has no type {}", noun.name));
        let declared: BTreeSet<String> =
            noun.fields.iter().map(|field| camel(field.name)).filter(|name| !is_inner(noun.name, name)).collect();
        assert_eq!(declared, *shown, "{}: declared, and shown by the schema", noun.name);
    }
    for (noun, field, reason) in INNER {
        let known = nouns().into_iter().any(|known| known.name == *noun && known.fields.iter().any(|known| camel(known.name) == *field));
        assert!(known && !reason.is_empty(), "{noun}.{field} is no longer there: take it off the list");
    }
}
