//! What can be set of a sponsorship, read from an input. Everything that is wrong is told at once.

use std::collections::HashSet;

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::super::actor::{Actor, Refused};
use super::super::user_error::{UserError, UserErrorCode};
use crate::domain::id::{GlobalId, Kind};
use crate::domain::money::Cents;
use crate::domain::text::is_line;
use crate::policy::Scope;
use crate::store::change::Value as Column;
use crate::store::sql::Type;
use crate::store::{Cell, Row, Transaction, noun};

/// Most cents of a budget or a cap: a billion dollars.
const MOST_CENTS: i64 = 100_000_000_000;
/// Most seats or vouchers.
const MOST_SEATS: i64 = 100_000;

/// The fields that were given.
#[derive(Debug, Default)]
pub(super) struct Fields {
    columns: Vec<Column>,
    kind: String,
    pub budget: Option<i64>,
    pub seats: Option<i64>,
    pub institutions: Option<Vec<Vec<Cell>>>,
    pub covers: Option<Vec<Vec<Cell>>>,
    pub holds: Option<Vec<Vec<Cell>>>,
    named: Vec<(&'static str, usize, GlobalId)>,
    pub given: Vec<&'static str>,
    pub errors: Vec<UserError>,
}

impl Fields {
    /// Reads the `fields` of an input; `row` is the sponsorship that is changed.
    pub(super) fn read(input: &Map<String, Value>, row: Option<&Row>) -> Self {
        let kind = match row {
            Some(row) => row.text("kind").unwrap_or_default().to_owned(),
            None => input.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned(),
        };
        let mut fields = Self { kind, ..Self::default() };
        let is_new = row.is_none();
        for name in ["name", "kind", "startsOn", "endsOn"] {
            match input.get(name) {
                None if is_new => fields.complain(UserErrorCode::Required, name, "give it to create one"),
                Some(Value::Null) => fields.complain(UserErrorCode::Required, name, "it cannot be cleared"),
                _ => {}
            }
        }
        let known = [
            "name",
            "kind",
            "institutionIds",
            "coverIds",
            "heldOfferingIds",
            "startsOn",
            "endsOn",
            "budget",
            "seats",
            "perLearnerCap",
            "status",
        ];
        fields.given = known.into_iter().filter(|name| input.contains_key(*name)).collect();
        fields.texts(input, row);
        fields.days(input, row);
        fields.amounts(input, is_new);
        fields.institutions = fields.list(input, "institutionIds", &[Kind::Institution], 50);
        fields.covers = fields.list(input, "coverIds", &[Kind::Course, Kind::Program], 100);
        fields.holds = fields.list(input, "heldOfferingIds", &[Kind::Offering], 50);
        if let Some(institutions) = &fields.institutions {
            let is_anywhere = institutions.is_empty();
            fields.columns.push(("is_anywhere", Type::Boolean, Cell::Boolean(is_anywhere)));
        }
        let has_holds = fields.holds.as_ref().is_some_and(|holds| !holds.is_empty());
        match (fields.kind.as_str(), has_holds) {
            ("SEAT_BLOCK", false) if is_new || fields.holds.is_some() => {
                fields.complain(UserErrorCode::Required, "heldOfferingIds", "name the offerings that are reserved for you");
            }
            ("BUDGET" | "VOUCHERS", true) => {
                fields.complain(UserErrorCode::Invalid, "heldOfferingIds", "only seat blocks hold seats: leave it out");
            }
            _ => {}
        }
        fields
    }

    pub(super) fn kind(&self) -> &str {
        &self.kind
    }

    pub(super) fn complain(&mut self, code: UserErrorCode, field: &str, text: impl Into<String>) {
        self.errors.push(UserError::at(code, &["fields", field], text));
    }

    fn texts(&mut self, input: &Map<String, Value>, row: Option<&Row>) {
        if let Some(name) = input.get("name").and_then(Value::as_str) {
            let name = name.trim();
            if is_line(name, 200) {
                self.columns.push(("name", Type::Text, Cell::Text(name.into())));
            } else {
                self.complain(UserErrorCode::Invalid, "name", "give 1 to 200 characters in one line");
            }
        }
        match (input.get("kind").and_then(Value::as_str), row) {
            (Some(kind), None) => self.columns.push(("kind", Type::Text, Cell::Text(kind.into()))),
            (Some(kind), Some(row)) if row.text("kind").ok() != Some(kind) => {
                self.complain(UserErrorCode::Invalid, "kind", "it is fixed: create another sponsorship");
            }
            _ => {}
        }
        let status = input.get("status").and_then(Value::as_str);
        let before = row.and_then(|row| row.text("status").ok());
        match (before, status) {
            (None, status) => {
                let status = status.unwrap_or("DRAFT");
                if matches!(status, "DRAFT" | "ACTIVE") {
                    self.columns.push(("status", Type::Text, Cell::Text(status.into())));
                } else {
                    self.complain(UserErrorCode::Invalid, "status", "a new one is DRAFT or ACTIVE");
                }
            }
            (Some(_), None) => {}
            (Some(before), Some(status)) if before == status || (before == "EXHAUSTED" && status == "ACTIVE") => {}
            (Some("DRAFT"), Some("ACTIVE" | "ENDED")) | (Some("ACTIVE" | "EXHAUSTED"), Some("ENDED")) => {
                self.columns.push(("status", Type::Text, Cell::Text(status.unwrap_or_default().into())));
            }
            (Some(before), Some(_)) => {
                self.complain(
                    UserErrorCode::InvalidTransition,
                    "status",
                    format!("it is {before}: a draft becomes active, and either ends for good"),
                );
            }
        }
    }

    fn days(&mut self, input: &Map<String, Value>, row: Option<&Row>) {
        let mut day = |field: &str, column: &'static str| {
            let given = input.get(field).and_then(Value::as_str).and_then(|text| text.parse::<NaiveDate>().ok());
            self.columns.extend(given.map(|day| (column, Type::Date, Cell::Date(day))));
            given.or_else(|| row.and_then(|row| row.date(column).ok().flatten()))
        };
        let (first, last) = (day("startsOn", "starts_on"), day("endsOn", "ends_on"));
        if first.zip(last).is_some_and(|(first, last)| first > last) {
            self.complain(UserErrorCode::Invalid, "endsOn", "the last day must not come before the first");
        }
    }

    fn amounts(&mut self, input: &Map<String, Value>, is_new: bool) {
        let cents = |value: &Value| value.as_str().and_then(Cents::parse).map(|cents| cents.0);
        if let Some(value) = input.get("perLearnerCap") {
            match cents(value) {
                _ if value.is_null() => self.columns.push(("per_learner_cap_cents", Type::Long, Cell::Null)),
                Some(cap) if (0..=MOST_CENTS).contains(&cap) => {
                    self.columns.push(("per_learner_cap_cents", Type::Long, Cell::Integer(cap)));
                }
                _ => self.complain(UserErrorCode::Invalid, "perLearnerCap", "it must be 0.00 to 1000000000.00"),
            }
        }
        let (is_money, is_seats) = (self.kind == "BUDGET", matches!(self.kind.as_str(), "VOUCHERS" | "SEAT_BLOCK"));
        match input.get("budget").filter(|value| !value.is_null()) {
            Some(_) if !is_money => self.complain(UserErrorCode::Invalid, "budget", "only budgets have one: leave it out"),
            Some(value) => match cents(value).filter(|cents| (0..=MOST_CENTS).contains(cents)) {
                Some(budget) => self.budget = Some(budget),
                None => self.complain(UserErrorCode::Invalid, "budget", "it must be 0.00 to 1000000000.00"),
            },
            None if is_money && (is_new || input.contains_key("budget")) => {
                self.complain(UserErrorCode::Required, "budget", "a budget needs an amount");
            }
            None => {}
        }
        match input.get("seats").filter(|value| !value.is_null()) {
            Some(_) if !is_seats => self.complain(UserErrorCode::Invalid, "seats", "a budget has none: leave it out"),
            Some(value) => match value.as_i64().filter(|seats| (0..=MOST_SEATS).contains(seats)) {
                Some(seats) => {
                    self.seats = Some(seats);
                    self.columns.push(("seats", Type::Integer, Cell::Integer(seats)));
                }
                None => self.complain(UserErrorCode::Invalid, "seats", "it must be 0 to 100000"),
            },
            None if is_seats && (is_new || input.contains_key("seats")) => self.complain(UserErrorCode::Required, "seats", "say how many"),
            None => {}
        }
    }

    /// A list of objects, each once; `None` when it was not given.
    fn list(&mut self, input: &Map<String, Value>, field: &'static str, kinds: &[Kind], most: usize) -> Option<Vec<Vec<Cell>>> {
        let items = match input.get(field)? {
            Value::Array(items) => items.clone(),
            _ => Vec::new(),
        };
        if items.len() > most {
            self.complain(UserErrorCode::TooMany, field, format!("at most {most}"));
            return Some(Vec::new());
        }
        let mut seen = HashSet::new();
        let mut rows = Vec::new();
        for (place, item) in items.iter().enumerate() {
            let id = item.as_str().and_then(GlobalId::parse).filter(|id| kinds.contains(&id.kind));
            match id {
                Some(id) if seen.insert(id) => {
                    self.named.push((field, place, id));
                    rows.push(match id.kind {
                        Kind::Course => vec![Cell::Uuid(id.uuid), Cell::Null],
                        Kind::Program => vec![Cell::Null, Cell::Uuid(id.uuid)],
                        _ => vec![Cell::Uuid(id.uuid)],
                    });
                }
                Some(_) => {
                    self.errors.push(UserError::at(UserErrorCode::Invalid, &["fields", field, &place.to_string()], "it is listed twice"));
                }
                None => self.missing(field, place),
            }
        }
        Some(rows)
    }

    fn missing(&mut self, field: &str, place: usize) {
        self.errors.push(UserError::hidden(&["fields", field, &place.to_string()]));
    }

    /// Looks for what is named: institutions, what anybody may learn, and offerings that are reserved for the business.
    pub(super) async fn check(&mut self, actor: &Actor, transaction: &mut Transaction, scope: &Scope) -> Result<(), Refused> {
        for (field, place, id) in std::mem::take(&mut self.named) {
            let row = actor.store.rows_in(transaction, scope, noun(id.kind), &[id.uuid]).await?.pop().flatten();
            let business = scope.runs();
            let is_there =
                row.is_some_and(|row| id.kind != Kind::Offering || row.uuid("reserved_for_business_id").ok().flatten() == business);
            if !is_there {
                self.missing(field, place);
            }
        }
        Ok(())
    }

    /// The columns that are set.
    pub(super) fn values(&self) -> Vec<Column> {
        self.columns.clone()
    }
}
