//! Names of fixture rows as identifiers, and lists walked to their end.

use concord::domain::id::{GlobalId, Kind};
use concord::store::sql::Dialect;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::TestApp;

/// Table of the objects of a kind, which is also what external keys call the kind.
const fn table(kind: Kind) -> &'static str {
    match kind {
        Kind::Institution => "institution",
        Kind::Campus => "campus",
        Kind::Term => "term",
        Kind::StaffMember => "staff_member",
        Kind::Program => "program",
        Kind::Course => "course",
        Kind::Offering => "offering",
        Kind::Competency => "competency",
        Kind::Credential => "credential",
        Kind::Assessment => "assessment",
        Kind::Business => "business",
        Kind::AuditEvent => "audit_event",
        Kind::Learner => "learner",
        Kind::BusinessSite => "business_site",
        Kind::Employee => "employee",
        Kind::ConsentGrant => "consent_grant",
        Kind::Sponsorship => "sponsorship",
        Kind::Voucher => "voucher",
        Kind::Enrollment => "enrollment",
        Kind::EnrollmentJob => "enrollment_job",
        Kind::ImportJob => "import_job",
        Kind::AssessmentResult => "assessment_result",
        Kind::Award => "award",
    }
}

/// Every object of a kind, hidden or not: its key in the fixture and its identifier.
pub(crate) async fn named(app: &TestApp, kind: Kind) -> Vec<(String, String)> {
    let id = match app.store.dialect() {
        Dialect::Postgres => "object_id",
        Dialect::Sqlite => "hex(object_id)",
    };
    let sql = format!("SELECT value, {id} FROM external_key WHERE kind = '{}' ORDER BY value", table(kind));
    let read = |line: String| {
        let (key, id) = line.split_once('|').expect("a key and an identifier");
        (key.to_owned(), GlobalId::new(kind, Uuid::try_parse(id).expect("a UUID")).to_string())
    };
    app.rows(&sql).await.into_iter().map(read).collect()
}

/// Identifier of the fixture row with that key.
pub(crate) async fn id(app: &TestApp, kind: Kind, key: &str) -> String {
    let all = named(app, kind).await;
    all.into_iter().find(|(known, _)| known == key).unwrap_or_else(|| panic!("no {} has the key {key}", table(kind))).1
}

/// A list that can be walked: what stands around it (`#` is its place), its field, its arguments but for the page, and what is wanted of an item.
#[derive(Debug, Clone, Copy)]
pub(crate) struct List<'a> {
    pub(crate) around: &'a str,
    pub(crate) field: &'a str,
    pub(crate) arguments: &'a str,
    pub(crate) item: &'a str,
}

impl<'a> List<'a> {
    /// A list of the root.
    pub(crate) const fn root(field: &'a str, arguments: &'a str, item: &'a str) -> Self {
        Self { around: "#", field, arguments, item }
    }

    /// One page as the answer has it.
    pub(crate) async fn page(&self, app: &TestApp, first: u32, after: Option<&str>) -> Value {
        let Self { around, field, arguments, item } = self;
        let list = format!(
            "list: {field}(first: {first}, after: $after{}{arguments}) {{ nodes {{ {item} }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }}",
            if arguments.is_empty() { "" } else { ", " }
        );
        let document = format!("query ($after: String) {{ {} }}", around.replace('#', &list));
        let answer = app.ask(&document, json!({ "after": after })).await;
        assert!(answer.get("errors").is_none(), "{document}: {answer:#}");
        find(&answer["data"]).unwrap_or_else(|| panic!("no list in {answer:#}")).clone()
    }

    /// All items, page by page.
    pub(crate) async fn walk(&self, app: &TestApp, first: u32) -> Vec<Value> {
        let mut items = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self.page(app, first, after.as_deref()).await;
            let nodes = page["nodes"].as_array().expect("nodes");
            let has_next = page["pageInfo"]["hasNextPage"] == true;
            assert_eq!(page["pageInfo"]["hasPreviousPage"], after.is_some(), "{self:?}");
            assert!(nodes.len() <= first as usize, "{self:?}");
            assert!(!has_next || nodes.len() == first as usize, "a page before the last is full: {self:?}");
            items.extend(nodes.iter().cloned());
            if !has_next {
                return items;
            }
            after = Some(page["pageInfo"]["endCursor"].as_str().expect("a cursor").to_owned());
        }
    }

    /// Identifiers of all items, in order.
    pub(crate) async fn ids(&self, app: &TestApp, first: u32) -> Vec<String> {
        self.walk(app, first).await.iter().map(|item| item["id"].as_str().expect("an identifier").to_owned()).collect()
    }
}

/// What stands under the key `list`.
fn find(value: &Value) -> Option<&Value> {
    let object = value.as_object()?;
    object.get("list").or_else(|| object.values().find_map(find))
}
