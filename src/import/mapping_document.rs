//! The shape of a mapping file, as it is written. What it means is checked in `mapping.rs`.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use toml::Spanned;

use super::format::Kind;

/// A mapping file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) system: Option<String>,
    #[serde(default)]
    pub(super) tables: BTreeMap<String, BTreeMap<String, Scalar>>,
    #[serde(default)]
    regions: Vec<FeedDocument>,
    #[serde(default)]
    industries: Vec<FeedDocument>,
    #[serde(default)]
    competencies: Vec<FeedDocument>,
    #[serde(default)]
    institutions: Vec<FeedDocument>,
    #[serde(default)]
    businesses: Vec<FeedDocument>,
    #[serde(default)]
    campuses: Vec<FeedDocument>,
    #[serde(default)]
    terms: Vec<FeedDocument>,
    #[serde(default)]
    staff: Vec<FeedDocument>,
    #[serde(default)]
    credentials: Vec<FeedDocument>,
    #[serde(default)]
    courses: Vec<FeedDocument>,
    #[serde(default)]
    programs: Vec<FeedDocument>,
    #[serde(default)]
    assessments: Vec<FeedDocument>,
    #[serde(default)]
    requirements: Vec<FeedDocument>,
    #[serde(default)]
    articulations: Vec<FeedDocument>,
    #[serde(default)]
    offerings: Vec<FeedDocument>,
}

impl Document {
    /// Takes out what feeds a kind.
    pub(super) fn take(&mut self, kind: Kind) -> Vec<FeedDocument> {
        std::mem::take(match kind {
            Kind::Regions => &mut self.regions,
            Kind::Industries => &mut self.industries,
            Kind::Competencies => &mut self.competencies,
            Kind::Institutions => &mut self.institutions,
            Kind::Businesses => &mut self.businesses,
            Kind::Campuses => &mut self.campuses,
            Kind::Terms => &mut self.terms,
            Kind::Staff => &mut self.staff,
            Kind::Credentials => &mut self.credentials,
            Kind::Courses => &mut self.courses,
            Kind::Programs => &mut self.programs,
            Kind::Assessments => &mut self.assessments,
            Kind::Requirements => &mut self.requirements,
            Kind::Articulations => &mut self.articulations,
            Kind::Offerings => &mut self.offerings,
        })
    }
}

/// One source of rows of a kind: a file, or rows written in the mapping itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FeedDocument {
    pub(super) file: Option<String>,
    #[serde(default, rename = "where")]
    pub(super) conditions: Vec<ConditionDocument>,
    #[serde(default)]
    pub(super) distinct: bool,
    #[serde(default)]
    pub(super) fields: BTreeMap<String, FieldEntry>,
    #[serde(default)]
    pub(super) rows: Vec<Spanned<BTreeMap<String, Scalar>>>,
}

/// Which rows are wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConditionDocument {
    pub(super) column: String,
    pub(super) is: Option<Scalar>,
    #[serde(rename = "in")]
    pub(super) among: Option<Vec<Scalar>>,
    pub(super) starts_with: Option<String>,
    pub(super) empty: Option<bool>,
    #[serde(default)]
    pub(super) not: bool,
}

/// How a field is made.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct FieldDocument {
    pub(super) column: Option<String>,
    pub(super) first: Option<Vec<String>>,
    pub(super) template: Option<String>,
    #[serde(rename = "const")]
    pub(super) constant: Option<Scalar>,
    pub(super) each: Option<Vec<FieldEntry>>,
    pub(super) split: Texts,
    pub(super) empty: Vec<Scalar>,
    pub(super) replace: Vec<(String, String)>,
    pub(super) title_case: bool,
    pub(super) keep: Vec<String>,
    pub(super) table: Option<String>,
    pub(super) otherwise: Option<Scalar>,
    pub(super) date_format: Option<String>,
    pub(super) first_sentence: bool,
    pub(super) zero_pad: usize,
    pub(super) slug: bool,
    pub(super) max_chars: Option<usize>,
    pub(super) prefix: Option<String>,
    pub(super) suffix: Option<String>,
    pub(super) default: Option<Scalar>,
}

/// A field as it is written: a table, or the name of a column alone.
#[derive(Debug)]
pub(super) struct FieldEntry(pub(super) FieldDocument);

impl<'de> Deserialize<'de> for FieldEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entry;
        impl<'de> Visitor<'de> for Entry {
            type Value = FieldEntry;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the name of a column, or a table such as { column = \"name\" }")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<FieldEntry, E> {
                Ok(FieldEntry(FieldDocument { column: Some(text.to_owned()), ..FieldDocument::default() }))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FieldEntry, A::Error> {
                FieldDocument::deserialize(MapAccessDeserializer::new(map)).map(FieldEntry)
            }
        }
        deserializer.deserialize_any(Entry)
    }
}

/// A value as it is written: quoted or not, a cell is text.
#[derive(Debug, Clone)]
pub(super) struct Scalar(pub(super) String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Value;
        impl Visitor<'_> for Value {
            type Value = Scalar;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text, a number, true or false")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar(text.to_owned()))
            }
            fn visit_bool<E: Error>(self, value: bool) -> Result<Scalar, E> {
                Ok(Scalar(value.to_string()))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Scalar, E> {
                Ok(Scalar(number.to_string()))
            }
            fn visit_f64<E: Error>(self, number: f64) -> Result<Scalar, E> {
                Ok(Scalar(number.to_string()))
            }
        }
        deserializer.deserialize_any(Value)
    }
}

/// One text, or several.
#[derive(Debug, Default)]
pub(super) struct Texts(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;
        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Texts;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text or a list of texts")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Texts, E> {
                Ok(Texts(vec![text.to_owned()]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Texts, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = items.next_element()? {
                    texts.push(text);
                }
                Ok(Texts(texts))
            }
        }
        deserializer.deserialize_any(OneOrMore)
    }
}
