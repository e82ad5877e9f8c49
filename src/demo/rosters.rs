//! Rosters of some of the businesses, with the people on them. All of them are invented; they are written by keys, beside what an import reads.

use anyhow::Context;
use chrono::{DateTime, Days, Utc};
use uuid::Uuid;

use super::chance::Chance;
use super::content::Content;
use crate::domain::clock::Ids;
use crate::domain::consent::ConsentScope;
use crate::domain::tenant::{Tenant, TenantKind};
use crate::domain::text::{fold, slug, sort_key};
use crate::identity::OWN;
use crate::store::sql::Type;
use crate::store::write::{Target, upsert};
use crate::store::{Cell, Store};

/// Seed of what is drawn here.
const SEED: u64 = 1_414_213_562;
/// Businesses with a roster, and the smallest and the largest of these.
pub const BUSINESSES: u32 = 40;
const EMPLOYEES: (i64, i64) = (12, 60);
/// Corporate navigators.
const NAVIGATORS: usize = 6;
/// Occupations, with a title each.
const JOBS: [(&str, &str); 6] = [
    ("17-3024.00", "Line technician"),
    ("31-1131.00", "Nursing assistant"),
    ("43-4051.00", "Customer service representative"),
    ("47-2111.00", "Electrician"),
    ("49-9021.00", "Heating technician"),
    ("15-1232.00", "Support specialist"),
];

const LEARNER: Target = target(
    "learner",
    &[
        ("id", Type::Uuid),
        ("display_name", Type::Text),
        ("name_key", Type::Text),
        ("legal_name", Type::Text),
        ("email", Type::Text),
        ("region_code", Type::Text),
        ("updated_at", Type::Instant),
    ],
);
const IDENTITY: Target = target("learner_identity", &[("issuer_id", Type::Uuid), ("subject", Type::Text), ("learner_id", Type::Uuid)]);
const KNOWN: Target = target("learner_tenant", &[("tenant_id", Type::Uuid), ("id", Type::Uuid), ("name_key", Type::Text)]);
const KEY: Target = target(
    "external_key",
    &[("tenant_id", Type::Uuid), ("system", Type::Text), ("kind", Type::Text), ("value", Type::Text), ("object_id", Type::Uuid)],
);
const NAVIGATOR: Target = target(
    "consortium_staff",
    &[
        ("id", Type::Uuid),
        ("name", Type::Text),
        ("name_key", Type::Text),
        ("title", Type::Text),
        ("email", Type::Text),
        ("updated_at", Type::Instant),
    ],
);
const SITE: Target = target(
    "business_site",
    &[
        ("tenant_id", Type::Uuid),
        ("id", Type::Uuid),
        ("name", Type::Text),
        ("name_key", Type::Text),
        ("line1", Type::Text),
        ("city", Type::Text),
        ("state", Type::Text),
        ("postal_code", Type::Text),
        ("updated_at", Type::Instant),
    ],
);
const EMPLOYEE: Target = target(
    "employee",
    &[
        ("tenant_id", Type::Uuid),
        ("id", Type::Uuid),
        ("name", Type::Text),
        ("name_key", Type::Text),
        ("email", Type::Text),
        ("email_key", Type::Text),
        ("search_key", Type::Text),
        ("number", Type::Text),
        ("job_title", Type::Text),
        ("onet_code", Type::Text),
        ("site_id", Type::Uuid),
        ("status", Type::Text),
        ("learner_id", Type::Uuid),
        ("separated_at", Type::Instant),
        ("updated_at", Type::Instant),
    ],
);
const CONSENT: Target = target(
    "consent_grant",
    &[
        ("learner_id", Type::Uuid),
        ("id", Type::Uuid),
        ("business_id", Type::Uuid),
        ("scopes", Type::Text),
        ("purpose", Type::Text),
        ("text_version", Type::Text),
        ("granted_at", Type::Instant),
        ("expires_at", Type::Instant),
    ],
);

const fn target(table: &'static str, columns: &'static [(&'static str, Type)]) -> Target {
    Target { table, key: 0, columns }
}

/// Rows of each table, in the order in which they are written.
#[derive(Debug, Default)]
struct Rows {
    learners: Vec<Vec<Cell>>,
    identities: Vec<Vec<Cell>>,
    known: Vec<Vec<Cell>>,
    keys: Vec<Vec<Cell>>,
    navigators: Vec<Vec<Cell>>,
    sites: Vec<Vec<Cell>>,
    employees: Vec<Vec<Cell>>,
    consents: Vec<Vec<Cell>>,
}

fn text(text: &str) -> Cell {
    Cell::Text(text.into())
}

/// Draws people.
struct Draw<'a> {
    content: &'a Content,
    chance: Chance,
    ids: &'a Ids,
    now: DateTime<Utc>,
    rows: Rows,
}

impl Draw<'_> {
    fn name(&mut self) -> String {
        let people = &self.content.places.people;
        format!("{} {}", self.chance.pick(&people.given), self.chance.pick(&people.family))
    }

    /// A mailbox of somebody; the number keeps namesakes apart.
    fn mailbox(name: &str, number: usize) -> String {
        let name = slug(name, 40).replace('-', ".");
        if name.is_empty() { format!("person{number}") } else { format!("{name}{number}") }
    }

    fn learner(&mut self, name: &str) -> Uuid {
        let id = self.ids.next();
        let region = self.chance.pick(&self.content.places.region).code.clone();
        let address = format!("{}@mail.example", Self::mailbox(name, self.rows.learners.len()));
        let row =
            vec![Cell::Uuid(id), text(name), text(&sort_key(name)), text(name), text(&address), text(&region), Cell::Instant(self.now)];
        self.rows.learners.push(row);
        id
    }

    fn business(&mut self, business: Uuid, place: usize) {
        let sites: Vec<Uuid> = ["Main site", "North site"].iter().map(|name| self.site(business, name)).collect();
        let host = format!("business{:02}.example", place + 1);
        for number in 0..self.chance.between(EMPLOYEES.0, EMPLOYEES.1) as usize {
            let name = self.name();
            let id = self.ids.next();
            let address = format!("{}@{host}", Self::mailbox(&name, number));
            let has_number = self.chance.happens(85);
            let key = if has_number { format!("{:05}", 10_000 + number) } else { String::new() };
            let (code, title) = *self.chance.pick(&JOBS);
            let status = ["LINKED", "INVITED", "SEPARATED"][self.chance.weighted(&[62, 28, 10])];
            let learner = (status == "LINKED").then(|| self.learner(&name));
            let has_job = self.chance.happens(80);
            let site = *self.chance.pick(&sites);
            self.rows.employees.push(vec![
                Cell::Uuid(business),
                Cell::Uuid(id),
                text(&name),
                text(&sort_key(&name)),
                text(&address),
                text(&address),
                text(&format!("{} {address} {key}", fold(&name))),
                if has_number { text(&key) } else { Cell::Null },
                if has_job { text(title) } else { Cell::Null },
                if has_job { text(code) } else { Cell::Null },
                if self.chance.happens(70) { Cell::Uuid(site) } else { Cell::Null },
                text(status),
                learner.map_or(Cell::Null, Cell::Uuid),
                if status == "SEPARATED" { Cell::Instant(self.now - Days::new(30)) } else { Cell::Null },
                Cell::Instant(self.now),
            ]);
            if let Some(learner) = learner.filter(|_| self.chance.happens(70)) {
                self.consent(learner, business, &name);
            }
        }
    }

    fn site(&mut self, business: Uuid, name: &str) -> Uuid {
        let id = self.ids.next();
        let region = self.chance.pick(&self.content.places.region).name.clone();
        let row = vec![
            Cell::Uuid(business),
            Cell::Uuid(id),
            text(name),
            text(&sort_key(name)),
            text(&format!("{} Foundry Street", self.chance.between(1, 900))),
            text(&region),
            text("VR"),
            text("00001"),
            Cell::Instant(self.now),
        ];
        self.rows.sites.push(row);
        id
    }

    fn consent(&mut self, learner: Uuid, business: Uuid, name: &str) {
        let scopes = [&[ConsentScope::Enrollment, ConsentScope::Progress][..], &[ConsentScope::Enrollment], &ConsentScope::ALL];
        let scopes: Vec<&str> = self.chance.pick(&scopes).iter().map(|scope| scope.name()).collect();
        let row = vec![
            Cell::Uuid(learner),
            Cell::Uuid(self.ids.next()),
            Cell::Uuid(business),
            text(&scopes.join(" ")),
            text("So that my employer sees how I get on."),
            text("1"),
            Cell::Instant(self.now - Days::new(20)),
            if self.chance.happens(50) { Cell::Instant(self.now + Days::new(300)) } else { Cell::Null },
        ];
        self.rows.consents.push(row);
        self.rows.known.push(vec![Cell::Uuid(business), Cell::Uuid(learner), text(&sort_key(name))]);
    }
}

/// Writes the rosters into a state that was imported; how many people are on them.
///
/// # Errors
/// When the database fails.
pub async fn write(store: &Store, ids: &Ids, now: DateTime<Utc>) -> anyhow::Result<usize> {
    let content = Content::read()?;
    let businesses = store.first_tenants(TenantKind::Business, BUSINESSES).await?;
    let institutions = store.first_tenants(TenantKind::Institution, 2).await?;
    let mut draw = Draw { content: &content, chance: Chance::new(SEED), ids, now, rows: Rows::default() };
    for _ in 0..NAVIGATORS {
        let name = draw.name();
        let address = format!("{}@verrano.example", Draw::mailbox(&name, draw.rows.navigators.len()));
        let id = draw.ids.next();
        draw.rows.navigators.push(vec![
            Cell::Uuid(id),
            text(&name),
            text(&sort_key(&name)),
            text("Corporate navigator"),
            text(&address),
            Cell::Instant(now),
        ]);
    }
    for (place, business) in businesses.iter().filter_map(|business| business.id()).enumerate() {
        draw.business(business, place);
    }
    // Those who can ask the demo with a token.
    for (place, institution) in institutions.iter().enumerate() {
        let institution = institution.id().context("an institution")?;
        let suffix = if place == 0 { "" } else { "@2" };
        let name = super::identities::subject(store, &format!("learner{suffix}")).await?.name;
        let learner = draw.learner(&name);
        draw.rows.identities.push(vec![Cell::Uuid(OWN), text(&format!("learner{suffix}")), Cell::Uuid(learner)]);
        draw.rows.known.push(vec![Cell::Uuid(institution), Cell::Uuid(learner), text(&sort_key(&name))]);
        let key =
            |kind: &str, value: &str, id: Uuid| vec![Cell::Uuid(institution), text("concord"), text(kind), text(value), Cell::Uuid(id)];
        draw.rows.keys.push(key("learner", &format!("S-{:05}", place + 1), learner));
        if let Some(teacher) = store.staff_member_of(institution, &teacher_key(store, Tenant::Institution(institution)).await?).await? {
            draw.rows.keys.push(key("staff_member", &format!("instructor{suffix}"), teacher));
        }
    }
    put(store, draw.rows, &businesses).await
}

/// The key by which the demo's records name the first member of an institution's staff.
async fn teacher_key(store: &Store, institution: Tenant) -> anyhow::Result<String> {
    let key = store.key_of(institution, super::SYSTEM).await?.context("an institution has a key")?;
    Ok(super::people::staff_key(&key, 0))
}

async fn put(store: &Store, rows: Rows, businesses: &[Tenant]) -> anyhow::Result<usize> {
    let number = rows.employees.len();
    let navigators: Vec<Uuid> = rows.navigators.iter().filter_map(|row| row[0].uuid()).collect();
    let mut transaction = store.begin().await?;
    let mut connection = transaction.connection();
    for (target, rows) in [
        (LEARNER, rows.learners),
        (IDENTITY, rows.identities),
        (KNOWN, rows.known),
        (KEY, rows.keys),
        (NAVIGATOR, rows.navigators),
        (SITE, rows.sites),
        (EMPLOYEE, rows.employees),
        (CONSENT, rows.consents),
    ] {
        upsert(&mut connection, target, rows).await?;
    }
    for (business, navigator) in businesses.iter().filter_map(|business| business.id()).zip(navigators.iter().cycle()) {
        crate::store::change::update(&mut connection, "business", business, vec![("navigator_id", Type::Uuid, Cell::Uuid(*navigator))])
            .await?;
    }
    transaction.commit().await?;
    Ok(number)
}
