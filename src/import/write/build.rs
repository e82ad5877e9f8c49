//! From a record to the row that is written: references resolved, defaults taken from what the row hangs on.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::NO_TENANT;
use super::links::{self, Link};
use super::resolve::References;
use super::values::Values;
use crate::domain::clock::Ids;
use crate::domain::hex::hex;
use crate::domain::text;
use crate::import::{Kind, Problem, Record};
use crate::store::Cell;
use crate::store::import::Known;

/// The region of what says none; it is made when it is needed first.
pub(super) const NO_REGION: &str = "unassigned";
/// Longest slug.
const SLUG: usize = 60;

/// A row, ready to write.
#[derive(Debug)]
pub(super) struct Row {
    /// Its tenant; nil for things without one.
    pub tenant: Uuid,
    /// Its key.
    pub id: Uuid,
    /// Its key in the source.
    pub key: String,
    /// Its columns behind tenant, key and time of change, in the order of its table.
    pub cells: Vec<Cell>,
    /// What hangs on it.
    pub links: Vec<Link>,
    /// What it says, in short.
    pub digest: String,
    known: Option<Known>,
}

impl Row {
    /// Whether the database holds what the row says.
    pub(super) fn is_unchanged(&self) -> bool {
        self.known.as_ref().is_some_and(|known| known.digest.as_deref() == Some(self.digest.as_str()))
    }

    /// Whether the database knows the object.
    pub(super) const fn was_known(&self) -> bool {
        self.known.is_some()
    }
}

/// Builds the row of a record, or says why not.
pub(super) fn row(record: &Record, references: &References, ids: &Ids) -> Result<Row, Vec<Problem>> {
    let known = references.own.get(record.key()).cloned();
    let id = known.as_ref().map_or_else(|| ids.next(), |known| known.id);
    let mut problems = Vec::new();
    let tenant = tenant(record, references, id).map_err(|problem| problems.push(problem)).ok();
    let of = Values::new(record, references, tenant);
    let cells = cells(&of, id);
    let links = links::of(&of);
    problems.extend(of.problems());
    // The institution of what belongs to a credential is looked up by the column that is looked up as itself too.
    problems.dedup();
    let tenant = tenant.unwrap_or(NO_TENANT);
    if let Some(known) = &known
        && known.tenant != tenant
        && problems.is_empty()
    {
        problems.push(record.problem(
            "institution",
            "the row belongs to another institution since an earlier import, and cannot move",
            None,
        ));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let digest = digest(tenant, &cells, &links);
    Ok(Row { tenant, id, key: record.key().to_owned(), cells, links, digest, known })
}

/// 128 bits of what a row says.
fn digest(tenant: Uuid, cells: &[Cell], links: &[Link]) -> String {
    let mut hash = Sha256::new();
    hash.update(tenant.as_bytes());
    for cell in cells.iter().chain(links.iter().flat_map(|link| link.rows.iter().flatten())) {
        hash.update(format!("{cell:?}\u{0}").as_bytes());
    }
    hex(&hash.finalize()[..16])
}

/// Whose row it is.
fn tenant(record: &Record, references: &References, id: Uuid) -> Result<Uuid, Problem> {
    let named = |column: &str, kind| {
        let key = record.text(column).unwrap_or_default();
        references.find(record, column, kind, key)
    };
    match record.kind {
        Kind::Institutions | Kind::Businesses => Ok(id),
        Kind::Regions | Kind::Industries | Kind::Competencies => Ok(NO_TENANT),
        // They belong to the issuer of their credential.
        Kind::Requirements | Kind::Articulations => named("credential", Kind::Credentials).map(|known| known.tenant),
        _ => named("institution", Kind::Institutions).map(|known| known.id),
    }
}

/// The columns of a row.
fn cells(of: &Values<'_>, id: Uuid) -> Vec<Cell> {
    let (record, references) = (of.record, of.references);
    match record.kind {
        Kind::Competencies => vec![of.text("name"), of.sorted("name"), of.text("description"), of.text("kind")],
        Kind::Institutions => {
            let region = of.region().unwrap_or_else(|| NO_REGION.to_owned());
            vec![
                Cell::Text(free_slug(record, references, id).into()),
                of.text("name"),
                of.sorted("name"),
                of.text("kind"),
                Cell::Text(region.into()),
                of.text("website_url"),
                of.text("logo_url"),
            ]
        }
        Kind::Businesses => {
            let industry = of.take(references.industry(record, "industry", record.text("industry").unwrap_or("99")));
            let region = of.region().unwrap_or_else(|| NO_REGION.to_owned());
            vec![
                of.text("name"),
                of.sorted("name"),
                of.text("status"),
                Cell::Text(industry.unwrap_or_default().into()),
                Cell::Text(region.into()),
                of.text("website_url"),
                of.date("partner_since"),
            ]
        }
        Kind::Campuses => {
            let of_institution = || references.institution_region(of.tenant?).map(str::to_owned);
            let region = of.region().or_else(of_institution);
            let region = region.unwrap_or_else(|| NO_REGION.to_owned());
            let mut cells = vec![of.text("name"), of.sorted("name")];
            cells.extend(["line1", "line2", "city", "county", "state", "postal_code"].map(|column| of.text(column)));
            cells.push(Cell::Text(region.into()));
            cells
        }
        Kind::Terms => vec![of.text("code"), of.text("name"), of.date("starts_on"), of.date("ends_on")],
        Kind::Staff => vec![of.text("name"), of.sorted("name"), of.text("title"), of.text("email")],
        Kind::Credentials => vec![
            of.text("kind"),
            of.text("status"),
            of.text("name"),
            of.sorted("name"),
            of.text("description"),
            of.text("criteria"),
            of.text("image_url"),
            of.integer("valid_months"),
        ],
        Kind::Courses => vec![
            of.text("code"),
            of.text("title"),
            of.sorted("title"),
            of.text("summary"),
            of.text("description"),
            of.text("status"),
            of.boolean("is_for_credit"),
            of.real("credits"),
            of.real("contact_hours"),
            of.real("soft_skill_hours"),
            of.cents("price"),
            Cell::Text(record.list("languages").join(";").into()),
            of.own("credential", Kind::Credentials),
        ],
        Kind::Programs => vec![
            of.text("kind"),
            of.text("status"),
            of.text("title"),
            of.sorted("title"),
            of.text("summary"),
            of.text("description"),
            of.boolean("is_for_credit"),
            of.integer("duration_weeks"),
            of.real("contact_hours"),
            of.real("soft_skill_hours"),
            of.cents("price"),
            of.own("credential", Kind::Credentials),
        ],
        Kind::Assessments => vec![
            of.own("course", Kind::Courses),
            of.own("program", Kind::Programs),
            of.text("title"),
            of.text("kind"),
            of.real("max_score"),
            of.real("pass_score"),
        ],
        Kind::Requirements => vec![of.own("credential", Kind::Credentials), of.text("title"), of.integer("choose")],
        Kind::Articulations => vec![
            of.own("credential", Kind::Credentials),
            of.any("institution", Kind::Institutions),
            of.any("program", Kind::Programs),
            of.text("course_equivalent"),
            of.real("credits"),
            of.date("valid_from"),
            of.date("valid_through"),
        ],
        Kind::Offerings => offering(of),
        Kind::Regions | Kind::Industries => Vec::new(),
    }
}

fn offering(of: &Values<'_>) -> Vec<Cell> {
    let course = of.own("course", Kind::Courses);
    let program = of.own("program", Kind::Programs);
    let reserved_for = of.any("reserved_for", Kind::Businesses);
    let subject = course.uuid().or(program.uuid()).and_then(|id| of.references.subject(id));
    let is_open_and = |wanted: &str| Cell::Boolean(reserved_for == Cell::Null && subject.is_some_and(|(status, _)| status == wanted));
    let (is_public, is_retired) = (is_open_and("PUBLISHED"), is_open_and("RETIRED"));
    let price = of.record.cents("price").or_else(|| subject.and_then(|(_, price)| *price)).unwrap_or_default();
    vec![
        course,
        program,
        of.text("code"),
        of.own("term", Kind::Terms),
        of.own("campus", Kind::Campuses),
        of.text("modality"),
        of.text("status"),
        of.date("starts_on"),
        of.date("ends_on"),
        of.text("schedule"),
        of.instant("registration_opens_at"),
        of.instant("registration_closes_at"),
        Cell::Integer(price),
        of.integer("capacity"),
        of.integer("seats_taken"),
        of.integer("waitlisted"),
        of.integer("waitlist_capacity"),
        reserved_for,
        is_public,
        is_retired,
    ]
}

/// The slug that a row of institutions asks for.
pub(super) fn slug(record: &Record) -> String {
    let asked = record.text("slug").map_or_else(|| text::slug(record.text("name").unwrap_or_default(), SLUG), str::to_owned);
    // A name without a Latin letter gives none.
    if asked.is_empty() { text::slug(&format!("institution {}", record.key()), SLUG) } else { asked }
}

/// A slug that nobody else has. One that the institution got from an earlier import stays.
fn free_slug(record: &Record, references: &References, id: Uuid) -> String {
    if record.text("slug").is_none()
        && let Some(own) = references.own_slugs.get(&id)
    {
        return own.clone();
    }
    let wanted = slug(record);
    match references.slugs.get(&wanted) {
        Some(owner) if *owner != id => {
            let suffix: String = id.simple().to_string().chars().rev().take(6).collect();
            format!("{}-{suffix}", wanted.chars().take(SLUG - 7).collect::<String>().trim_end_matches('-'))
        }
        _ => wanted,
    }
}
