//! Terms and staff of the institutions.

use chrono::{Datelike, NaiveDate};

use super::chance::Chance;
use super::content::Content;
use super::records::Records;
use crate::domain::text::slug;
use crate::import::Kind;

/// A month and a day of it.
type Day = (u32, u32);

/// A term of every institution: suffix of its code, name, first and last day.
const TERMS: [(&str, &str, Day, Day); 3] =
    [("SP", "Spring", (1, 12), (5, 15)), ("SU", "Summer", (6, 1), (8, 7)), ("FA", "Fall", (8, 24), (12, 18))];

/// The key of the term of an institution that a day lies in or comes before.
pub(super) fn term_of(institution: &str, day: NaiveDate) -> String {
    let place = TERMS.iter().position(|(_, _, _, (month, last))| (day.month(), day.day()) <= (*month, *last));
    let (suffix, year) = place.map_or((TERMS[0].0, day.year() + 1), |place| (TERMS[place].0, day.year()));
    format!("{institution}/{year}{suffix}")
}

/// Members of an institution's staff.
pub(super) const STAFF: usize = 16;

/// The key of one of them.
pub(super) fn staff_key(institution: &str, number: usize) -> String {
    format!("{institution}/staff-{number:02}")
}

pub(super) fn write(content: &Content, chance: &mut Chance, today: NaiveDate, records: &mut Records) -> anyhow::Result<()> {
    for institution in &content.places.institution {
        for year in today.year() - 2..=today.year() + 2 {
            for (suffix, name, first, last) in TERMS {
                let day = |(month, day)| NaiveDate::from_ymd_opt(year, month, day).map(|day| day.to_string()).unwrap_or_default();
                let pairs = [
                    ("key", format!("{}/{year}{suffix}", institution.key)),
                    ("institution", institution.key.clone()),
                    ("code", format!("{year}{suffix}")),
                    ("name", format!("{name} {year}")),
                    ("starts_on", day(first)),
                    ("ends_on", day(last)),
                ];
                records.add(Kind::Terms, &pairs)?;
            }
        }
        for number in 0..STAFF {
            let people = &content.places.people;
            let (given, family) = (chance.pick(&people.given), chance.pick(&people.family));
            let mailbox = slug(&format!("{given} {family}"), 40);
            let mailbox = if mailbox.is_empty() { format!("staff-{number}") } else { mailbox.replace('-', ".") };
            let pairs = [
                ("key", staff_key(&institution.key, number)),
                ("institution", institution.key.clone()),
                ("name", format!("{given} {family}")),
                ("title", chance.pick(&people.staff_titles).clone()),
                ("email", format!("{mailbox}@{}.example.edu", institution.slug)),
            ];
            records.add(Kind::Staff, &pairs)?;
        }
    }
    Ok(())
}
