//! The columns of each file of the documented format.

use super::format::{Column, Item, Shape};

const KEY_LENGTH: usize = 200;
const URL_LENGTH: usize = 500;

const KEY: Column = Column::required("key", Shape::Key, KEY_LENGTH);
const INSTITUTION: Column = Column::required("institution", Shape::Key, KEY_LENGTH);
const NAME: Column = Column::required("name", Shape::Text, 200);
const TITLE: Column = Column::required("title", Shape::Text, 200);
const CODE: Column = Column::required("code", Shape::Text, 40);
const SUMMARY: Column = Column::required("summary", Shape::Text, 1_000);
const DESCRIPTION: Column = Column::optional("description", Shape::Markdown, 20_000);
const ALIGNMENTS: Column = Column::optional("alignments", Shape::List(Item::Alignment), 20);
const WEBSITE: Column = Column::optional("website_url", Shape::Url, URL_LENGTH);
const REGION: Column = Column::with_default("region", Shape::RegionCode, 20, "unassigned");
const CREDENTIAL: Column = Column::optional("credential", Shape::Key, KEY_LENGTH);
const COURSE: Column = Column::optional("course", Shape::Key, KEY_LENGTH);
const PROGRAM: Column = Column::optional("program", Shape::Key, KEY_LENGTH);
const IS_FOR_CREDIT: Column = Column::with_default("is_for_credit", Shape::Boolean, 5, "false");
const CONTACT_HOURS: Column = Column::optional("contact_hours", HOURS, 20);
const SOFT_SKILL_HOURS: Column = Column::optional("soft_skill_hours", HOURS, 20);
const STATUS: Column = Column::with_default("status", Shape::Code(&["DRAFT", "PUBLISHED", "RETIRED"]), 40, "PUBLISHED");

const HOURS: Shape = Shape::Decimal { min: 0.0, max: 10_000.0 };
/// A million dollars: what is above is a slip of the source, and one such price spoils every range of prices that a page shows.
const PRICE: Shape = Shape::Money { max: 100_000_000 };
const SEATS: Shape = Shape::Integer { min: 0, max: 100_000 };

/// A column of keys.
const fn keys(name: &'static str, max: usize) -> Column {
    Column::optional(name, Shape::List(Item::Key), max)
}

/// A required day.
const fn day(name: &'static str) -> Column {
    Column::required(name, Shape::Date, 10)
}

/// A required code.
const fn code(name: &'static str, codes: &'static [&'static str]) -> Column {
    Column::required(name, Shape::Code(codes), 40)
}

/// A count of seats or people that is zero where nothing is said.
const fn count(name: &'static str) -> Column {
    Column::with_default(name, SEATS, 20, "0")
}

pub(super) const REGIONS: &[Column] = &[Column::required("code", Shape::RegionCode, 20), Column::required("name", Shape::Text, 100)];

pub(super) const INDUSTRIES: &[Column] = &[Column::required("naics_code", Shape::Naics, 6), TITLE];

pub(super) const COMPETENCIES: &[Column] =
    &[KEY, NAME, Column::optional("description", Shape::Text, 2_000), code("kind", &["TECHNICAL", "SOFT"]), ALIGNMENTS];

pub(super) const INSTITUTIONS: &[Column] = &[
    KEY,
    NAME,
    code("kind", &["COMMUNITY_COLLEGE", "UNIVERSITY", "TECHNICAL_COLLEGE", "TRAINING_PROVIDER"]),
    Column::optional("slug", Shape::Slug, 60),
    REGION,
    WEBSITE,
    Column::optional("logo_url", Shape::Url, URL_LENGTH),
    ALIGNMENTS,
];

pub(super) const BUSINESSES: &[Column] = &[
    KEY,
    NAME,
    Column::with_default("status", Shape::Code(&["PENDING", "ACTIVE", "SUSPENDED", "LEFT"]), 40, "ACTIVE"),
    Column::with_default("industry", Shape::Naics, 6, "99"),
    REGION,
    WEBSITE,
    Column::optional("partner_since", Shape::Date, 10),
];

pub(super) const CAMPUSES: &[Column] = &[
    KEY,
    INSTITUTION,
    NAME,
    Column::required("line1", Shape::Text, 200),
    Column::optional("line2", Shape::Text, 200),
    Column::required("city", Shape::Text, 100),
    Column::optional("county", Shape::Text, 100),
    Column::required("state", Shape::State, 2),
    Column::required("postal_code", Shape::PostalCode, 10),
    Column::optional("region", Shape::RegionCode, 20),
];

pub(super) const TERMS: &[Column] = &[KEY, INSTITUTION, CODE, Column::required("name", Shape::Text, 100), day("starts_on"), day("ends_on")];

pub(super) const STAFF: &[Column] =
    &[KEY, INSTITUTION, NAME, Column::optional("title", Shape::Text, 200), Column::optional("email", Shape::Email, 254)];

pub(super) const CREDENTIALS: &[Column] = &[
    KEY,
    INSTITUTION,
    code("kind", &["MICRO_CREDENTIAL", "CERTIFICATE", "DEGREE", "INDUSTRY_CERTIFICATION"]),
    STATUS,
    NAME,
    Column::required("description", Shape::Text, 5_000),
    Column::required("criteria", Shape::Markdown, 10_000),
    Column::optional("image_url", Shape::Url, URL_LENGTH),
    Column::optional("valid_months", Shape::Integer { min: 1, max: 1_200 }, 20),
    keys("competencies", 30),
    ALIGNMENTS,
];

pub(super) const COURSES: &[Column] = &[
    KEY,
    INSTITUTION,
    CODE,
    TITLE,
    SUMMARY,
    DESCRIPTION,
    STATUS,
    IS_FOR_CREDIT,
    Column::optional("credits", Shape::Decimal { min: 0.0, max: 100.0 }, 20),
    CONTACT_HOURS,
    SOFT_SKILL_HOURS,
    Column::required("price", PRICE, 20),
    Column::with_default("languages", Shape::List(Item::Language), 5, "en"),
    keys("competencies", 30),
    keys("prerequisites", 10),
    CREDENTIAL,
];

pub(super) const PROGRAMS: &[Column] = &[
    KEY,
    INSTITUTION,
    code("kind", &["MICRO_PATHWAY", "CERTIFICATE", "DEGREE", "APPRENTICESHIP"]),
    STATUS,
    TITLE,
    SUMMARY,
    DESCRIPTION,
    IS_FOR_CREDIT,
    Column::optional("duration_weeks", Shape::Integer { min: 1, max: 1_000 }, 20),
    CONTACT_HOURS,
    SOFT_SKILL_HOURS,
    Column::optional("price", PRICE, 20),
    CREDENTIAL,
    Column::optional("components", Shape::List(Item::Component), 40),
    Column::optional("industries", Shape::List(Item::Naics), 10),
    Column::optional("occupations", Shape::List(Item::Alignment), 10),
];

const SCORE: Shape = Shape::Decimal { min: 0.0, max: 1_000_000.0 };

pub(super) const ASSESSMENTS: &[Column] = &[
    KEY,
    INSTITUTION,
    COURSE,
    PROGRAM,
    TITLE,
    code("kind", &["FORMATIVE", "SUMMATIVE"]),
    Column::required("max_score", SCORE, 20),
    Column::required("pass_score", SCORE, 20),
    keys("competencies", 20),
];

pub(super) const REQUIREMENTS: &[Column] = &[
    KEY,
    Column::required("credential", Shape::Key, KEY_LENGTH),
    TITLE,
    Column::with_default("choose", Shape::Integer { min: 1, max: 30 }, 20, "1"),
    Column::required("options", Shape::List(Item::Choice), 30),
];

pub(super) const ARTICULATIONS: &[Column] = &[
    KEY,
    Column::required("credential", Shape::Key, KEY_LENGTH),
    INSTITUTION,
    PROGRAM,
    Column::optional("course_equivalent", Shape::Text, 40),
    Column::required("credits", Shape::Decimal { min: 0.0, max: 200.0 }, 20),
    day("valid_from"),
    Column::optional("valid_through", Shape::Date, 10),
];

pub(super) const OFFERINGS: &[Column] = &[
    KEY,
    INSTITUTION,
    COURSE,
    PROGRAM,
    CODE,
    Column::optional("term", Shape::Key, KEY_LENGTH),
    Column::optional("campus", Shape::Key, KEY_LENGTH),
    code("modality", &["IN_PERSON", "ONLINE_LIVE", "ONLINE_SELF_PACED", "HYBRID"]),
    code("status", &["SCHEDULED", "OPEN", "CLOSED", "RUNNING", "FINISHED", "CANCELLED"]),
    day("starts_on"),
    day("ends_on"),
    Column::optional("schedule", Shape::Text, 200),
    Column::optional("registration_opens_at", Shape::Instant, 40),
    Column::optional("registration_closes_at", Shape::Instant, 40),
    Column::optional("price", PRICE, 20),
    Column::optional("capacity", SEATS, 20),
    count("seats_taken"),
    count("waitlisted"),
    count("waitlist_capacity"),
    keys("instructors", 10),
    Column::optional("reserved_for", Shape::Key, KEY_LENGTH),
];
