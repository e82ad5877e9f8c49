//! Which tags a statement's answer hangs on: told by the tables that it names, so that no condition, order or search can be forgotten.

use uuid::Uuid;

use super::ask::Ask;
use super::noun::Noun;
use super::row::Cell;
use super::sql::Sql;
use super::tree::{PageOrder, PageWish};
use crate::cache::tag;

/// Columns of an offering that change with each seat, and with its number of seats: their changes move tags of their own.
pub const SEATS: &[&str] = &["capacity", "seats_taken", "waitlisted", "waitlist_capacity", "seats_here", "waiting_here", "updated_at"];
/// The table that has them.
const OFFERING: &str = "offering";

/// The tags that change with what a table holds; `None` for one that is not public, or not known.
fn of_table(table: &str) -> Option<&'static [&'static str]> {
    Some(match table {
        "region" => &["region"],
        "industry" => &["industry"],
        "institution" | "institution_alignment" | "institution_search" | "institution_words" => &["institution"],
        "campus" => &["campus"],
        "term" => &["term"],
        "staff_member" => &["staff_member"],
        "competency" | "competency_alignment" | "competency_search" | "competency_words" => &["competency"],
        "credential"
        | "credential_competency"
        | "credential_alignment"
        | "credential_requirement"
        | "requirement_option"
        | "credit_articulation" => &["credential"],
        "course" | "course_competency" | "course_prerequisite" => &["course"],
        "program" | "program_component" | "program_industry" | "program_occupation" => &["program"],
        "assessment" | "assessment_competency" => &["assessment"],
        "offering" | "offering_instructor" => &["offering"],
        "external_key" => &["external_key"],
        "award" => &["award"],
        // Written with the award, and never changed.
        "award_competency" => &[],
        // Words are those of the row and of what it names.
        "credential_search" | "credential_words" => &["credential", "institution", "competency"],
        "course_search" | "course_words" => &["course", "institution", "competency"],
        "program_search" | "program_words" => &["program", "institution", "competency", "course"],
        _ => return None,
    })
}

/// The tables that a statement names behind FROM and JOIN, in order.
fn tables(text: &str) -> impl Iterator<Item = &str> {
    let mut words = text.split_ascii_whitespace();
    std::iter::from_fn(move || {
        loop {
            let word = words.next()?;
            if word != "FROM" && word != "JOIN" {
                continue;
            }
            let name = words.next()?.trim_end_matches([',', ')']);
            // Values that stand as a table, and tables that are made in the statement.
            if !name.contains('(') && name != "LATERAL" {
                return Some(name);
            }
        }
    })
}

impl Ask<'_> {
    /// Notes what a list was read from.
    pub(super) fn saw_list(&self, noun: &Noun, sql: &Sql, wish: Option<&PageWish>) {
        if self.seen.is_none() {
            return;
        }
        self.saw_tables(sql, None);
        let by_seats = wish.is_some_and(|wish| {
            let order = matches!(wish.order, PageOrder::Sort(sort) if SEATS.iter().any(|column| sort.by.by == format!("t.{column}")));
            order || sql.text_so_far().contains("t.updated_at >=")
        });
        if (noun.table == OFFERING && by_seats) || sql.text_so_far().contains("capacity > ") {
            self.saw(tag::SEATS.to_owned());
        }
        // The next start of a course is that of its offerings.
        if sql.text_so_far().contains("next_starts_on") {
            self.saw(tag::any(OFFERING));
        }
    }

    /// Notes which rows of a noun were looked for by their keys. One that was not found may come to be.
    pub(super) fn saw_keys<'k>(&self, noun: &Noun, sql: &Sql, keys: impl Iterator<Item = &'k Cell>) {
        if self.seen.is_none() {
            return;
        }
        self.saw_tables(sql, Some(noun.table));
        self.saw(tag::many(noun.table));
        for key in keys {
            match key {
                Cell::Uuid(id) => self.saw(tag::row(noun.table, *id)),
                _ => self.saw(tag::any(noun.table)),
            }
        }
    }

    /// Notes the seats of offerings whose columns were read.
    pub(super) fn saw_seats(&self, ids: impl Iterator<Item = Option<Uuid>>) {
        if let Some(seen) = self.seen {
            for id in ids {
                match id {
                    Some(id) => seen.note(tag::seats(id)),
                    None => seen.spoil(),
                }
            }
        }
    }

    /// Notes the tables that a statement names, but for one whose rows are known by their keys.
    fn saw_tables(&self, sql: &Sql, by_keys: Option<&str>) {
        let Some(seen) = self.seen else { return };
        if !self.scope.is_public() || self.scope.shows_own() {
            seen.spoil();
        }
        let mut tables: Vec<&str> = tables(sql.text_so_far()).collect();
        if let Some(table) = by_keys {
            // What is made for a row may stand before it.
            match tables.iter().position(|known| *known == table) {
                Some(place) => drop(tables.remove(place)),
                None => seen.spoil(),
            }
        }
        for table in tables {
            match of_table(table) {
                Some(tags) => tags.iter().for_each(|tag| seen.note((*tag).to_owned())),
                None => seen.spoil(),
            }
        }
    }

    fn saw(&self, tag: String) {
        if let Some(seen) = self.seen {
            seen.note(tag);
        }
    }
}

/// Whether what is read of a noun changes with each seat.
pub(super) fn has_seats(noun: &Noun, mut columns: impl Iterator<Item = &'static str>) -> bool {
    noun.table == OFFERING && columns.any(|column| SEATS.contains(&column))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A statement names its tables behind FROM and JOIN, as lists of values, and as tables that it makes.
    #[test]
    fn tables_are_found() {
        let text = "SELECT n.ord FROM (SELECT p.ord, l.* FROM unnest($1::uuid[]) WITH ORDINALITY AS p (id, ord) CROSS JOIN LATERAL (SELECT t.id FROM offering t \
            JOIN (SELECT object_id FROM course_search, CAST($2 AS tsquery) q WHERE words @@ q) f ON TRUE WHERE t.campus_id IN (SELECT c.id FROM campus c WHERE c.id IN (SELECT unhex(value) FROM json_each(?3)))) l) n";
        assert_eq!(tables(text).collect::<Vec<_>>(), ["offering", "course_search", "campus"]);
        for table in ["business", "audit_event", "setting", "x"] {
            assert!(of_table(table).is_none(), "{table}");
        }
    }
}
