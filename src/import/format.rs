//! The documented format as data: which files there are, their columns, and the shape of each column.
//!
//! `docs/import-format.md` says the same for people; a test keeps the two in step.

use super::columns;

/// What the rows of one file are. The order of the variants is the order of loading, so that a row names only rows loaded before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Workforce regions.
    Regions,
    /// Industries of the NAICS taxonomy.
    Industries,
    /// Technical and soft skills.
    Competencies,
    /// Colleges, universities and training providers.
    Institutions,
    /// Partner businesses.
    Businesses,
    /// Teaching sites of institutions.
    Campuses,
    /// Academic terms.
    Terms,
    /// People who work for institutions.
    Staff,
    /// Definitions of what learners can earn.
    Credentials,
    /// Units of instruction.
    Courses,
    /// Sets of courses that lead to a credential.
    Programs,
    /// Assessments of courses and programs.
    Assessments,
    /// What a credential asks for.
    Requirements,
    /// Credit that another institution gives for a credential.
    Articulations,
    /// Scheduled sections and cohorts.
    Offerings,
}

impl Kind {
    /// Every kind, in the order of loading.
    pub const ALL: [Self; 15] = [
        Self::Regions,
        Self::Industries,
        Self::Competencies,
        Self::Institutions,
        Self::Businesses,
        Self::Campuses,
        Self::Terms,
        Self::Staff,
        Self::Credentials,
        Self::Courses,
        Self::Programs,
        Self::Assessments,
        Self::Requirements,
        Self::Articulations,
        Self::Offerings,
    ];

    /// The name in mapping files and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Regions => "regions",
            Self::Industries => "industries",
            Self::Competencies => "competencies",
            Self::Institutions => "institutions",
            Self::Businesses => "businesses",
            Self::Campuses => "campuses",
            Self::Terms => "terms",
            Self::Staff => "staff",
            Self::Credentials => "credentials",
            Self::Courses => "courses",
            Self::Programs => "programs",
            Self::Assessments => "assessments",
            Self::Requirements => "requirements",
            Self::Articulations => "articulations",
            Self::Offerings => "offerings",
        }
    }

    /// The file of the documented format.
    #[must_use]
    pub fn file_name(self) -> String {
        format!("{}.csv", self.name())
    }

    /// The columns of the file.
    #[must_use]
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Regions => columns::REGIONS,
            Self::Industries => columns::INDUSTRIES,
            Self::Competencies => columns::COMPETENCIES,
            Self::Institutions => columns::INSTITUTIONS,
            Self::Businesses => columns::BUSINESSES,
            Self::Campuses => columns::CAMPUSES,
            Self::Terms => columns::TERMS,
            Self::Staff => columns::STAFF,
            Self::Credentials => columns::CREDENTIALS,
            Self::Courses => columns::COURSES,
            Self::Programs => columns::PROGRAMS,
            Self::Assessments => columns::ASSESSMENTS,
            Self::Requirements => columns::REQUIREMENTS,
            Self::Articulations => columns::ARTICULATIONS,
            Self::Offerings => columns::OFFERINGS,
        }
    }

    /// The column that identifies a row.
    #[must_use]
    pub const fn key_column(self) -> &'static str {
        match self {
            Self::Regions => "code",
            Self::Industries => "naics_code",
            _ => "key",
        }
    }

    /// Two columns of which each row fills exactly one.
    #[must_use]
    pub const fn choice(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Assessments | Self::Offerings => Some(("course", "program")),
            _ => None,
        }
    }

    /// Pairs of columns of which the first may not exceed the second.
    #[must_use]
    pub const fn ordered(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Terms => &[("starts_on", "ends_on")],
            Self::Assessments => &[("pass_score", "max_score")],
            Self::Articulations => &[("valid_from", "valid_through")],
            Self::Offerings => &[("starts_on", "ends_on"), ("registration_opens_at", "registration_closes_at")],
            _ => &[],
        }
    }

    /// The column of this name.
    #[must_use]
    pub fn column(self, name: &str) -> Option<&'static Column> {
        self.columns().iter().find(|column| column.name == name)
    }
}

/// One column of a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    /// Name in the header.
    pub name: &'static str,
    /// Whether each row must fill it.
    pub required: bool,
    /// What its cells hold.
    pub shape: Shape,
    /// Most characters of a cell, or most items of a list.
    pub max: usize,
    /// What an empty cell stands for; written as a cell would be.
    pub default: Option<&'static str>,
}

impl Column {
    /// A column that each row fills.
    pub(super) const fn required(name: &'static str, shape: Shape, max: usize) -> Self {
        Self { name, required: true, shape, max, default: None }
    }

    /// A column whose cells may be empty.
    pub(super) const fn optional(name: &'static str, shape: Shape, max: usize) -> Self {
        Self { name, required: false, shape, max, default: None }
    }

    /// A column whose empty cells stand for a value.
    pub(super) const fn with_default(name: &'static str, shape: Shape, max: usize, default: &'static str) -> Self {
        Self { name, required: false, shape, max, default: Some(default) }
    }
}

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// The identifier of a row, of this file or of one loaded before.
    Key,
    /// One line of text.
    Text,
    /// Text with line breaks.
    Markdown,
    /// One of these words, in any case, with blanks or hyphens in place of underscores.
    Code(&'static [&'static str]),
    /// Lower-case ASCII letters, digits and single hyphens.
    Slug,
    /// The code of a region.
    RegionCode,
    /// Two to six digits or a range of sectors; a two-digit member of a range stands for its range.
    Naics,
    /// A calendar day.
    Date,
    /// A moment in time.
    Instant,
    /// Dollars, kept as cents.
    Money {
        /// The most cents.
        max: i64,
    },
    /// A whole number.
    Integer {
        /// The least value.
        min: i64,
        /// The greatest value.
        max: i64,
    },
    /// A number with a decimal point.
    Decimal {
        /// The least value.
        min: f64,
        /// The greatest value.
        max: f64,
    },
    /// True or false.
    Boolean,
    /// An absolute `http` or `https` address; a bare host gets `https://` in front.
    Url,
    /// An e-mail address.
    Email,
    /// Two letters of a state.
    State,
    /// ZIP or ZIP+4.
    PostalCode,
    /// Several values.
    List(Item),
}

/// What the items of a list are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// Identifiers of rows.
    Key,
    /// Language tags (BCP 47).
    Language,
    /// NAICS codes.
    Naics,
    /// Entries of a framework: `FRAMEWORK|code|name|url`.
    Alignment,
    /// Courses of a program: `key|sequence|optional`.
    Component,
    /// What fulfills a requirement: `course|key`, `program|key` or `credential|key`.
    Choice,
}
