//! Mapping files: how the columns of other formats become those of ours. `docs/import-format.md` describes them for people.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::format::{Item as FormatItem, StrftimeItems};

use super::format::{Column, Kind, Shape};
use super::mapping_document::{ConditionDocument, Document, FeedDocument, FieldDocument, FieldEntry, Scalar};
use super::template::Template;
use super::transform::{Condition, Origin, Table, Test, Transform};

/// What a source is called in external keys when nobody names it.
pub const DEFAULT_SYSTEM: &str = "import";

/// Why a mapping cannot be used. The text names the key and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// The file is missing or cannot be read.
    #[error("{}: cannot be read: {error}", path.display())]
    Unreadable {
        /// The mapping file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The file is not TOML, or has a key that does not exist.
    #[error("{}: {message}", path.display())]
    Syntax {
        /// The mapping file.
        path: PathBuf,
        /// The place, the key, and the keys that exist.
        message: String,
    },
    /// A key says something that cannot be done.
    #[error("{}: {place}: {reason}", path.display())]
    Invalid {
        /// The mapping file.
        path: PathBuf,
        /// The kind, the number of its source, the field.
        place: String,
        /// What is wrong and what to write instead.
        reason: String,
    },
}

/// How a directory of other files becomes rows of the documented format.
#[derive(Debug)]
pub struct Mapping {
    /// `None` when the mapping does not say.
    system: Option<String>,
    feeds: BTreeMap<Kind, Vec<Feed>>,
}

/// One source of rows.
#[derive(Debug, Clone)]
pub(super) enum Feed {
    File(Arc<FileFeed>),
    Inline(Arc<InlineFeed>),
}

/// Rows of a file.
#[derive(Debug)]
pub(super) struct FileFeed {
    pub(super) file: String,
    pub(super) conditions: Vec<Condition>,
    pub(super) distinct: bool,
    /// In the order of the kind's columns.
    pub(super) fields: Vec<Option<Transform>>,
}

impl FileFeed {
    /// The columns that the file must have.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        let of_fields = self.fields.iter().flatten().flat_map(Transform::columns);
        of_fields.chain(self.conditions.iter().map(|condition| condition.column.as_str()))
    }
}

/// Rows that stand in the mapping file.
#[derive(Debug)]
pub(super) struct InlineFeed {
    pub(super) label: String,
    /// The line of each row in the mapping file, and its pairs of column and cell.
    pub(super) rows: Vec<(u64, Vec<(&'static str, String)>)>,
}

impl Mapping {
    /// Reads a mapping file.
    pub fn read(path: &Path) -> Result<Self, MappingError> {
        let text = std::fs::read_to_string(path).map_err(|error| MappingError::Unreadable { path: path.to_owned(), error })?;
        Self::parse(path, &text)
    }

    /// Reads the text of a mapping file; the path is for messages only.
    pub fn parse(path: &Path, text: &str) -> Result<Self, MappingError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let document: Document = toml::from_str(text)
            .map_err(|error| MappingError::Syntax { path: path.to_owned(), message: error.to_string().trim_end().to_owned() })?;
        let label = path.file_name().map_or_else(|| "mapping".to_owned(), |name| name.to_string_lossy().into_owned());
        compile(document, text, &label).map_err(|Wrong { place, reason }| MappingError::Invalid { path: path.to_owned(), place, reason })
    }

    /// What the source is called in external keys; `None` when the mapping does not say.
    #[must_use]
    pub fn system(&self) -> Option<&str> {
        self.system.as_deref()
    }

    /// The sources of a kind.
    pub(super) fn feeds(&self, kind: Kind) -> &[Feed] {
        self.feeds.get(&kind).map_or(&[], Vec::as_slice)
    }
}

/// A place in the mapping and what is wrong there.
struct Wrong {
    place: String,
    reason: String,
}

impl Wrong {
    fn at(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { place: place.into(), reason: reason.into() }
    }
}

/// What a source may be called.
pub(super) const SYSTEM_FORM: &str = "write one word of at most 60 letters, digits, dots, hyphens and underscores";

/// Whether a source may be called so.
pub(super) fn is_system(name: &str) -> bool {
    (1..=60).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

type Tables = BTreeMap<String, Arc<Table>>;

fn compile(mut document: Document, text: &str, label: &str) -> Result<Mapping, Wrong> {
    let system = document.system.take();
    if system.as_deref().is_some_and(|system| !is_system(system)) {
        return Err(Wrong::at("system", SYSTEM_FORM));
    }
    let mut tables = Tables::new();
    for (name, entries) in std::mem::take(&mut document.tables) {
        let entries = entries.into_iter().map(|(code, Scalar(meaning))| (code.to_lowercase(), meaning)).collect();
        tables.insert(name.clone(), Arc::new(Table { name, entries }));
    }
    let mut feeds = BTreeMap::new();
    for kind in Kind::ALL {
        let mut of_kind = Vec::new();
        for (index, feed) in document.take(kind).into_iter().enumerate() {
            let place = format!("[[{}]] no. {}", kind.name(), index + 1);
            of_kind.push(compile_feed(kind, feed, &place, &tables, text, label)?);
        }
        if !of_kind.is_empty() {
            feeds.insert(kind, of_kind);
        }
    }
    if feeds.is_empty() {
        return Err(Wrong::at("mapping", "it names no source; begin one with, for instance, [[institutions]]"));
    }
    Ok(Mapping { system, feeds })
}

fn compile_feed(kind: Kind, feed: FeedDocument, place: &str, tables: &Tables, text: &str, label: &str) -> Result<Feed, Wrong> {
    let unknown = |name: &str| {
        let names: Vec<_> = kind.columns().iter().map(|column| column.name).collect();
        Wrong::at(
            format!("{place}, field `{name}`"),
            format!("{} has no such column; its columns are {}", kind.file_name(), names.join(", ")),
        )
    };
    let column = |name: &str| kind.column(name).ok_or_else(|| unknown(name));
    let Some(file) = feed.file else {
        if feed.rows.is_empty() {
            return Err(Wrong::at(place, "it has neither `file` nor `rows`; name the file to read, or write rows"));
        }
        if !feed.fields.is_empty() || !feed.conditions.is_empty() || feed.distinct {
            return Err(Wrong::at(place, "`fields`, `where` and `distinct` go with `file`, not with `rows`"));
        }
        let mut rows = Vec::with_capacity(feed.rows.len());
        for row in feed.rows {
            let before = text.get(..row.span().start).unwrap_or_default();
            let line = 1 + before.matches('\n').count() as u64;
            let pairs = row.into_inner().into_iter().map(|(name, Scalar(value))| column(&name).map(|column| (column.name, value)));
            rows.push((line, pairs.collect::<Result<_, _>>()?));
        }
        return Ok(Feed::Inline(Arc::new(InlineFeed { label: label.to_owned(), rows })));
    };
    if !feed.rows.is_empty() {
        return Err(Wrong::at(place, "it has both `file` and `rows`; make two sources of them"));
    }
    let is_inside = !file.is_empty() && Path::new(&file).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if !is_inside {
        return Err(Wrong::at(format!("{place}, `file`"), format!("`{file}` is not a path below the directory of the import")));
    }
    let mut fields: Vec<Option<Transform>> = kind.columns().iter().map(|_| None).collect();
    for (name, FieldEntry(field)) in feed.fields {
        let column = column(&name)?;
        let place = format!("{place}, field `{name}`");
        let made = compile_field(column, field, tables).map_err(|reason| Wrong::at(place, reason))?;
        if let Some((slot, _)) = fields.iter_mut().zip(kind.columns()).find(|(_, of)| of.name == column.name) {
            *slot = Some(made);
        }
    }
    let is_mapped = |name: &str| kind.columns().iter().zip(&fields).any(|(column, field)| column.name == name && field.is_some());
    if let Some(missing) = kind.columns().iter().find(|column| column.required && !is_mapped(column.name)) {
        return Err(Wrong::at(
            format!("{place}, field `{}`", missing.name),
            "it is required; add it to `fields`, if only as { const = \"...\" }",
        ));
    }
    if let Some((one, other)) = kind.choice().filter(|(one, other)| !is_mapped(one) && !is_mapped(other)) {
        return Err(Wrong::at(place, format!("`{one}` or `{other}` is required; add one of them to `fields`")));
    }
    let conditions = feed.conditions.into_iter().map(|condition| compile_condition(condition, place)).collect::<Result<_, _>>()?;
    Ok(Feed::File(Arc::new(FileFeed { file, conditions, distinct: feed.distinct, fields })))
}

fn compile_condition(condition: ConditionDocument, place: &str) -> Result<Condition, Wrong> {
    let ConditionDocument { column, is, among, starts_with, empty, not } = condition;
    let test = match (is, among, starts_with, empty) {
        (Some(Scalar(value)), None, None, None) => Test::Is(vec![value]),
        (None, Some(values), None, None) => Test::Is(values.into_iter().map(|Scalar(value)| value).collect()),
        (None, None, Some(head), None) => Test::StartsWith(head),
        (None, None, None, Some(wanted)) => Test::Empty(wanted),
        _ => {
            return Err(Wrong::at(format!("{place}, `where` on `{column}`"), "write exactly one of `is`, `in`, `starts_with` and `empty`"));
        }
    };
    Ok(Condition { column, test, not })
}

fn compile_field(column: &Column, field: FieldDocument, tables: &Tables) -> Result<Transform, String> {
    let is_list = matches!(column.shape, Shape::List(_));
    let template = |text: Option<String>| text.map(|text| Template::parse(&text)).transpose();
    let origin = match (field.column, field.first, field.template, field.constant, field.each) {
        (Some(name), None, None, None, None) => Origin::Column(name),
        (None, Some(names), None, None, None) if !names.is_empty() => Origin::First(names),
        (None, None, Some(text), None, None) => Origin::Template(Template::parse(&text)?),
        (None, None, None, Some(Scalar(text)), None) => Origin::Const(text),
        (None, None, None, None, Some(_)) if !is_list => {
            return Err("`each` makes a list, and this column takes one value; use `column`".to_owned());
        }
        (None, None, None, None, Some(items)) => {
            Origin::Each(items.into_iter().map(|FieldEntry(item)| compile_field(column, item, tables)).collect::<Result<_, _>>()?)
        }
        _ => return Err("write exactly one of `column`, `first`, `template`, `const` and `each`".to_owned()),
    };
    if !is_list && !field.split.0.is_empty() {
        return Err("`split` makes a list, and this column takes one value; leave it out".to_owned());
    }
    if field.split.0.iter().any(String::is_empty) || field.replace.iter().any(|(from, _)| from.is_empty()) {
        return Err("an empty text cannot be searched for; write what separates or what to replace".to_owned());
    }
    let table = match field.table {
        Some(name) => Some(tables.get(&name).cloned().ok_or_else(|| format!("there is no code table `{name}`; add [tables.{name}]"))?),
        None => None,
    };
    if table.is_none() && field.otherwise.is_some() {
        return Err("`otherwise` is for codes that a table does not have; add `table`".to_owned());
    }
    if !field.title_case && !field.keep.is_empty() {
        return Err("`keep` names words that `title_case` leaves alone; add `title_case = true`".to_owned());
    }
    if let Some(form) = &field.date_format {
        if !matches!(column.shape, Shape::Date | Shape::Instant) {
            return Err("`date_format` is for days and instants; leave it out".to_owned());
        }
        if StrftimeItems::new(form).any(|item| matches!(item, FormatItem::Error)) {
            return Err(format!("`{form}` is not a date format; write, for instance, %m/%d/%Y"));
        }
    }
    if field.zero_pad > 40 || field.max_chars == Some(0) {
        return Err("`zero_pad` goes to 40, `max_chars` begins at 1".to_owned());
    }
    Ok(Transform {
        origin,
        split: field.split.0,
        empty: field.empty.into_iter().map(|Scalar(text)| text).collect(),
        replace: field.replace,
        title_case: field.title_case,
        keep: field.keep,
        table,
        otherwise: field.otherwise.map(|Scalar(text)| text),
        date_format: field.date_format,
        first_sentence: field.first_sentence,
        zero_pad: field.zero_pad,
        slug: field.slug.then_some(column.max),
        max_chars: field.max_chars,
        prefix: template(field.prefix)?,
        suffix: template(field.suffix)?,
        default: template(field.default.map(|Scalar(text)| text))?,
    })
}
