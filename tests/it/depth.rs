//! A page in the middle of a long list costs what the first one does, as the database itself counts it.

use std::fmt;

use concord::domain::id::Kind;
use concord::store::competency::COMPETENCY;
use concord::store::course::COURSE;
use concord::store::credential::CREDENTIAL;
use concord::store::institution::INSTITUTION;
use concord::store::noun::{Data, Edge, Noun};
use concord::store::offering::OFFERING;
use concord::store::program::PROGRAM;
use serde_json::{Value, json};

use crate::support::{Database, TestApp, both};

/// Items on a page.
const FIRST: usize = 20;

/// Rows of the lists that are not filled with a great number.
const FEW: u32 = 2_000;

/// Fills the catalog of one college with so many courses, and one of its courses with so many offerings. No order of a list follows the order of storing.
pub(crate) async fn fill(app: &TestApp, database: Database, number: u32) {
    let of = Generated::of(database);
    let (tenant, subject) = ("(SELECT id FROM institution WHERE slug = 'penasco')", "(SELECT id FROM course WHERE code = 'HVA 101')");
    let Generated { id, text, day, instant } = of;
    let numbers = Generated::numbers(database, number);
    app.execute(&format!(
        "INSERT INTO course (tenant_id, id, code, title, title_key, summary, status, is_for_credit, price_cents, languages, next_starts_on, updated_at) \
         SELECT {tenant}, {id}, 'G ' || n, 'Generated ' || {text}, 'generated ' || {text}, 'Made in numbers.', 'PUBLISHED', FALSE, n * 7919 % 1009, 'en', {day}, {instant} FROM ({numbers}) x"
    ))
    .await;
    app.execute(&format!(
        "INSERT INTO offering (tenant_id, id, course_id, code, modality, status, starts_on, ends_on, price_cents, is_public, updated_at) \
         SELECT {tenant}, {id}, {subject}, 'G-' || n, 'HYBRID', 'OPEN', {day}, '2040-01-01', n * 7919 % 1009, TRUE, {instant} FROM ({numbers}) x"
    ))
    .await;
    app.execute("ANALYZE").await;
    if database == Database::Sqlite {
        // Connections that are open plan by what was there before, until they see the schema change.
        app.execute("CREATE TABLE changed (n integer); DROP TABLE changed").await;
    }
}

/// Fills the other lists of the catalog, those of one college too.
async fn fill_others(app: &TestApp, database: Database) {
    let of = Generated::of(database);
    let tenant = "(SELECT id FROM institution WHERE slug = 'penasco')";
    let Generated { id, text, instant, .. } = of;
    let numbers = Generated::numbers(database, FEW);
    let name = format!("'Generated ' || {text}, 'generated ' || {text}");
    for insert in [
        format!(
            "program (tenant_id, id, kind, status, title, title_key, summary, is_for_credit, updated_at) SELECT {tenant}, {id}, 'DEGREE', 'PUBLISHED', {name}, 'S', FALSE, {instant}"
        ),
        format!(
            "credential (tenant_id, id, kind, status, name, name_key, description, criteria, updated_at) SELECT {tenant}, {id}, 'DEGREE', 'PUBLISHED', {name}, 'D', 'C', {instant}"
        ),
        format!("competency (id, name, name_key, kind, updated_at) SELECT {id}, {name}, 'SOFT', {instant}"),
        format!(
            "institution (id, slug, name, name_key, kind, region_code, updated_at) SELECT {id}, 'g-' || n, {name}, 'UNIVERSITY', (SELECT min(code) FROM region), {instant}"
        ),
    ] {
        app.execute(&format!("INSERT INTO {insert} FROM ({numbers}) x")).await;
    }
    app.execute("ANALYZE").await;
}

/// Expressions over a number `n` that give each row values of its own.
#[derive(Clone, Copy)]
struct Generated {
    id: &'static str,
    text: &'static str,
    day: &'static str,
    instant: &'static str,
}

impl Generated {
    const fn of(database: Database) -> Self {
        match database {
            Database::Postgres => Self {
                id: "gen_random_uuid()",
                text: "lpad((n * 7919::bigint % 1000003)::text, 8, '0')",
                day: "date '2020-01-01' + (n * 7919::bigint % 4001)::integer",
                instant: "timestamptz '2027-01-01T00:00:00Z' + (n * 7919::bigint % 1000003) * interval '1 second'",
            },
            Database::Sqlite => Self {
                id: "randomblob(16)",
                text: "printf('%08d', n * 7919 % 1000003)",
                day: "date('2020-01-01', '+' || (n * 7919 % 4001) || ' days')",
                instant: "strftime('%Y-%m-%dT%H:%M:%S+00:00', 1800000000 + n * 7919 % 1000003, 'unixepoch')",
            },
        }
    }

    /// A query that gives the numbers.
    fn numbers(database: Database, number: u32) -> String {
        match database {
            Database::Postgres => format!("SELECT n FROM generate_series(1::bigint, {number}) AS s (n)"),
            Database::Sqlite => {
                format!("WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {number}) SELECT n FROM s")
            }
        }
    }
}

/// A list that is paged through.
pub(crate) struct List {
    /// What it is.
    pub(crate) name: String,
    /// The question, `#` in the place of the cursor.
    pub(crate) document: String,
    /// Where the page is in the answer.
    pub(crate) page: String,
    /// Its table and the column that it is sorted by.
    of: (&'static str, &'static str),
    /// Whether it hangs on an institution.
    is_nested: bool,
    /// Whether [`fill`] fills it.
    pub(crate) is_long: bool,
}

/// Lists of the root: every noun that has one.
const ROOT: [(&str, &Noun); 6] = [
    ("courses", &COURSE),
    ("offerings", &OFFERING),
    ("programs", &PROGRAM),
    ("credentials", &CREDENTIAL),
    ("institutions", &INSTITUTION),
    ("competencies", &COMPETENCY),
];

/// Orders that are left out, with the reason.
const WITHOUT: [(&str, &str, &str); 1] = [("programs", "RECENTLY_UPDATED", "declared, but no argument of the schema asks for it")];

/// Lists below other objects than institutions: their orders have no index of their own, so that a page reads what hangs on the object.
const BELOW_OTHERS: [(&str, &str, &str); 20] = [
    ("Business", "audit_events", "by the tenant and the instant there is an index; only its administrators may ask"),
    (
        "Competency",
        "courses",
        "an index would need the courses' columns in the table of links; a page reads the courses that teach one competency",
    ),
    ("Competency", "credentials", "as above"),
    ("StaffMember", "teaching", "as above; a person teaches few sections"),
    ("Course", "offerings", "by start there is an index; by price or change a page reads the sections of one course"),
    ("Program", "offerings", "as above, the cohorts of one program"),
    ("Business", "employees", "by name there is an index with the tenant; only the business itself may ask"),
    ("Business", "enrollments", "by request, change and ticket there are indexes with the tenant; only the business itself may ask"),
    ("Business", "sponsorships", "by age there is an index with the tenant; only those who run it may ask"),
    ("Business", "enrollment_jobs", "by age there is an index with the tenant; only those who run it may ask"),
    ("Business", "import_jobs", "by age there is an index with the tenant; only those who run it may ask"),
    ("ImportJob", "problems", "by line there is an index with the job; only those who run its business may ask"),
    ("EnrollmentJob", "items", "by line there is an index with the job; only those who run its tenant may ask"),
    ("Sponsorship", "vouchers", "by age there is an index with the sponsorship; only the business itself may ask"),
    ("Sponsorship", "enrollments", "a page reads what one sponsorship pays for, by the sponsorship"),
    ("Learner", "awards", "by day there is an index with the learner; a learner holds few awards"),
    ("Learner", "disclosures", "by instant there is an index with the learner; only the learner may ask"),
    ("Offering", "enrollments", "by request and ticket there are indexes; by change a page reads the roster of one offering"),
    ("Learner", "enrollments", "by request there is an index; a learner takes few courses"),
    ("Employee", "enrollments", "as above"),
];

/// Every declared order of every list of the root and of an institution.
pub(crate) fn lists() -> Vec<List> {
    let mut lists = Vec::new();
    let nested = INSTITUTION.fields.iter().filter_map(|field| match field.data {
        // Visitors ask: what is behind a gate is not theirs.
        Data::Edge(Edge::Page { target, private: false, .. }) => Some((true, field.name, *target)),
        _ => None,
    });
    for (is_nested, field, noun) in ROOT.into_iter().map(|(field, noun)| (false, field, noun)).chain(nested) {
        let sorts = noun.list.expect("a list").sorts;
        for sort in sorts.iter().filter(|sort| !WITHOUT.iter().any(|(of, name, _)| (*of, *name) == (field, sort.name))) {
            let has_argument = matches!(field, "courses" | "offerings");
            let argument = if has_argument { format!("sort: {}, ", sort.name) } else { String::new() };
            let list = format!("{field}({argument}first: {FIRST}#) {{ nodes {{ id }} pageInfo {{ endCursor }} }}");
            let (document, page, of) = if is_nested {
                (
                    format!("{{ institution(by: {{ slug: \"penasco\" }}) {{ {list} }} }}"),
                    format!("/data/institution/{field}"),
                    " of an institution",
                )
            } else {
                (format!("{{ {list} }}"), format!("/data/{field}"), "")
            };
            let column = sort.by.by.strip_prefix("t.").expect("a column");
            lists.push(List {
                name: format!("{field}{of} by {}", sort.name),
                document,
                page,
                of: (noun.table, column),
                is_nested,
                is_long: has_argument,
            });
        }
    }
    lists
}

/// A list is declared below some noun: it hangs on an institution, whose lists are held to their indexes, or it is named with the reason why it is not.
#[test]
fn every_list_is_known() {
    let mut others = Vec::new();
    for noun in Kind::ALL.into_iter().map(concord::store::noun).filter(|noun| noun.name != "Institution") {
        let pages = noun.fields.iter().filter(|field| matches!(field.data, Data::Edge(Edge::Page { .. })));
        others.extend(pages.map(|field| (noun.name, field.name)));
    }
    let mut named: Vec<_> = BELOW_OTHERS.iter().map(|(noun, field, _)| (*noun, *field)).collect();
    others.sort_unstable();
    named.sort_unstable();
    assert_eq!(others, named);
    assert_eq!(lists().len(), 6 + 3 + 3 + 4 + 4 + 1 + 1, "each order at the root and below an institution");
}

/// The statements that the server sends for the first page and for the one behind it.
async fn statements(app: &TestApp, list: &List) -> [String; 2] {
    let answer = app.query(&list.document.replace('#', "")).await;
    let page = answer.pointer(&list.page).unwrap_or_else(|| panic!("a page in {answer:#}"));
    assert_eq!(page["nodes"].as_array().map(Vec::len), Some(FIRST));
    let first = app.last_statement().await;
    let cursor = page["pageInfo"]["endCursor"].as_str().expect("a cursor");
    let answer = app.query(&list.document.replace('#', &format!(", after: \"{cursor}\""))).await;
    assert_eq!(answer.pointer(&list.page).map(|page| page["nodes"].as_array().map(Vec::len)), Some(Some(FIRST)), "{answer:#}");
    let second = app.last_statement().await;
    assert!(first != second && [&first, &second].iter().all(|text| text.contains(list.of.1)), "{first}\n{second}");
    [first, second]
}

/// What a plan of PostgreSQL read: rows of the tables, and buffers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Work {
    pub(crate) rows: f64,
    pub(crate) buffers: f64,
    pub(crate) milliseconds: f64,
}

impl Work {
    /// Whether a page costs what the first one did. Each of its rows may lie on a page of the table of its own, however few the first one met.
    pub(crate) fn is_no_more_than(&self, first: &Self) -> bool {
        self.rows <= 1.3 * first.rows && self.buffers <= 1.3 * first.buffers.max(FIRST as f64 + 1.0)
    }
}

impl fmt::Display for Work {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, buffers, milliseconds } = self;
        write!(formatter, "{rows} rows, {buffers} buffers, {milliseconds} ms")
    }
}

/// Adds up the rows that the scans of a plan read.
fn rows(plan: &Value) -> f64 {
    let number = |name: &str| plan[name].as_f64().unwrap_or_default();
    let is_scan = plan["Node Type"].as_str().is_some_and(|node| node.ends_with("Scan")) && plan["Relation Name"].is_string();
    let own = if is_scan { (number("Actual Rows") + number("Rows Removed by Filter")) * number("Actual Loops") } else { 0.0 };
    own + plan["Plans"].as_array().into_iter().flatten().map(rows).sum::<f64>()
}

/// Runs a statement with its values and gives what it cost.
async fn explain(app: &TestApp, statement: &str, values: &str) -> Work {
    let sql = format!("PREPARE page AS {statement}; EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE page ({values})");
    // The first run may find pages of the table that nobody has looked at since they were written.
    app.rows(&sql).await;
    let told = app.rows(&sql).await.join("\n");
    let plan: Value = serde_json::from_str(&told).unwrap_or_else(|error| panic!("{error} in {told}"));
    let (plan, milliseconds) = (&plan[0]["Plan"], plan[0]["Execution Time"].as_f64().expect("a time"));
    assert_eq!(plan["Actual Rows"].as_f64(), Some(FIRST as f64 + 1.0), "{plan:#}");
    let buffers = ["Shared Hit Blocks", "Shared Read Blocks"].iter().filter_map(|name| plan[*name].as_f64()).sum();
    Work { rows: rows(plan), buffers, milliseconds }
}

/// What the first page of a list costs, and the one in the middle.
pub(crate) async fn first_and_middle(app: &TestApp, list: &List) -> [Work; 2] {
    let [first, behind] = statements(app, list).await;
    let (table, column) = list.of;
    let middle = format!("SELECT {column}, id FROM {table} ORDER BY 1, 2 LIMIT 1 OFFSET (SELECT count(*) / 2 FROM {table})");
    let middle = app.rows(&middle).await.concat();
    let (key, id) = middle.split_once('|').expect("a position");
    let owner = app.rows("SELECT id FROM institution WHERE slug = 'penasco'").await.concat();
    let owner = if list.is_nested { format!("ARRAY['{owner}']::uuid[], ") } else { String::new() };
    let limit = FIRST + 1;
    [explain(app, &first, &format!("{owner}{limit}")).await, explain(app, &behind, &format!("{owner}'{key}', '{id}', {limit}")).await]
}

/// A client is in the middle of each list, of 20,000 courses or offerings or fewer others, in each of its orders: PostgreSQL reads as many rows and buffers for its page as for the first.
#[tokio::test]
async fn postgres_reads_no_more_in_the_middle() {
    let app = TestApp::start(Database::Postgres, crate::support::Template::Twins, |settings| settings.database.connections = 1).await;
    fill(&app, Database::Postgres, 20_000).await;
    fill_others(&app, Database::Postgres).await;
    for list in &lists() {
        let [first, middle] = first_and_middle(&app, list).await;
        assert!(first.rows <= 2.0 * FIRST as f64, "{}: the first page reads {first:?}", list.name);
        assert!(middle.is_no_more_than(&first), "{}: {first:?}, in the middle {middle:?}", list.name);
    }
}

/// The same on SQLite, by its plan: each page is a search in an index in the order asked for, and the rows of a list are never sorted.
#[tokio::test]
async fn sqlite_searches_in_order() {
    let app = TestApp::start(Database::Sqlite, crate::support::Template::Twins, |settings| settings.database.connections = 1).await;
    fill(&app, Database::Sqlite, 20_000).await;
    fill_others(&app, Database::Sqlite).await;
    for list in &lists() {
        for statement in statements(&app, list).await {
            let plan = app.rows(&format!("EXPLAIN QUERY PLAN {statement}")).await;
            let plan: Vec<&str> = plan.iter().filter_map(|line| line.rsplit('|').next()).collect();
            // What is sorted is the page, never the list: rows are picked in the order of an index, and a list begins at its beginning on the first page only.
            let index = plan.iter().rposition(|line| line.starts_with("SEARCH t USING") || line.starts_with("SCAN t USING"));
            let index = index.unwrap_or_else(|| panic!("{}: {plan:#?}", list.name));
            let from_the_beginning = plan[index].starts_with("SCAN");
            assert!(plan[index].contains("INDEX") && !plan[index].contains("PRIMARY KEY"), "{}: {plan:#?}", list.name);
            assert!(!from_the_beginning || !(list.is_nested || statement.contains(" > (")), "{}: {plan:#?}", list.name);
            let sorted = plan.iter().position(|line| line.contains("TEMP B-TREE"));
            let is_page_only = list.is_nested && sorted == Some(plan.len() - 1) && plan[index - 1].starts_with("CORRELATED LIST SUBQUERY");
            assert!(sorted.is_none() || is_page_only, "{}: {plan:#?}", list.name);
        }
    }
}

both! {
    /// A client pages through a list to its middle: every item comes once, in order, wherever ties lie.
    async fn pages_meet_without_gap(database) {
        let app = TestApp::twins(database).await;
        fill(&app, database, 500).await;
        let (mut seen, mut after, mut keys) = (Vec::new(), Value::Null, Vec::new());
        loop {
            let document = "query Q($after: String) { offerings(sort: STARTS_SOONEST, first: 100, after: $after) { nodes { id startsOn } pageInfo { endCursor hasNextPage } } }";
            let answer = app.ask(document, json!({ "after": after })).await;
            let page = &answer["data"]["offerings"];
            for node in page["nodes"].as_array().unwrap_or_else(|| panic!("{answer:#}")) {
                seen.push(node["id"].to_string());
                keys.push(node["startsOn"].to_string());
            }
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] != true {
                break;
            }
        }
        assert!(keys.is_sorted(), "{keys:?}");
        let all = seen.len();
        seen.sort_unstable();
        seen.dedup();
        let public = app.rows("SELECT count(*) FROM offering WHERE is_public").await.concat();
        assert_eq!((all.to_string(), seen.len()), (public, all));
    }
}
