//! Scheduled sections and cohorts around the day of creation: past, running, open and to come, with the irregularities of life.

use chrono::{Days, NaiveDate, Weekday};

use super::businesses;
use super::catalog::Catalog;
use super::chance::Chance;
use super::content::{Content, Institution};
use super::people::{STAFF, staff_key, term_of};
use super::records::Records;
use crate::import::Kind;

/// How many offerings there are.
const OFFERINGS: usize = 2_500;
/// Cohorts of each pathway.
const COHORTS: usize = 4;

/// What an offering teaches.
struct Subject<'a> {
    column: &'static str,
    key: &'a str,
    code: &'a str,
    weeks: i64,
    at: &'a Institution,
}

pub(super) fn write(
    content: &Content,
    catalog: &Catalog,
    chance: &mut Chance,
    today: NaiveDate,
    records: &mut Records,
) -> anyhow::Result<()> {
    for (pathway, home) in content.pathways.iter().zip(&catalog.homes) {
        let code = pathway.course[0].code.split(' ').next().unwrap_or("COH");
        for number in 0..COHORTS {
            let at = &content.places.institution[home.institution];
            let subject = Subject { column: "program", key: &home.program, code, weeks: pathway.duration_weeks, at };
            offering(content, &subject, (number, COHORTS), chance, today, records)?;
        }
    }
    let sections = OFFERINGS - catalog.homes.len() * COHORTS;
    for number in 0..sections {
        let course = &catalog.courses[number % catalog.courses.len()];
        let weeks = content.pathways[course.pathway].duration_weeks.min(chance.between(3, 8));
        let at = &content.places.institution[course.institution];
        let subject = Subject { column: "course", key: &course.key, code: &course.code, weeks, at };
        let rounds = sections.div_ceil(catalog.courses.len());
        offering(content, &subject, (number / catalog.courses.len(), rounds), chance, today, records)?;
    }
    Ok(())
}

/// Writes one offering; the first of a subject lie in the past, the last in the future.
fn offering(
    content: &Content,
    subject: &Subject<'_>,
    (round, rounds): (usize, usize),
    chance: &mut Chance,
    today: NaiveDate,
    records: &mut Records,
) -> anyhow::Result<()> {
    // From five months ago to seven months ahead; classes begin on a Monday more often than not.
    let span = 360 / rounds.max(1) as i64;
    let offset = -150 + round as i64 * span + chance.between(0, span);
    let drawn = day(today, offset);
    let starts = if chance.happens(60) { drawn.week(Weekday::Mon).first_day() } else { drawn };
    let ends = day(starts, subject.weeks * 7 - 3);
    let status = status(today, starts, ends, chance);
    let modality = ["IN_PERSON", "HYBRID", "ONLINE_LIVE", "ONLINE_SELF_PACED"][chance.weighted(&[45, 25, 20, 10])];
    let is_on_site = matches!(modality, "IN_PERSON" | "HYBRID");
    let capacity = (!chance.happens(6)).then(|| chance.between(8, 36));
    let (taken, waitlisted) = seats(status, capacity, chance);
    let staff: Vec<String> =
        (0..=usize::from(chance.happens(20))).map(|_| staff_key(&subject.at.key, chance.between(0, STAFF as i64 - 1) as usize)).collect();
    let is_reserved = chance.happens(2);
    let number = records.count(Kind::Offerings) + 1;
    let pairs = [
        ("key", format!("section-{number:05}")),
        ("institution", subject.at.key.clone()),
        (subject.column, subject.key.to_owned()),
        ("code", format!("{}-{:02}", subject.code, round + 1)),
        ("term", if chance.happens(92) { term_of(&subject.at.key, starts) } else { String::new() }),
        ("campus", if is_on_site { chance.pick(&subject.at.campus).key.clone() } else { String::new() }),
        ("modality", modality.to_owned()),
        ("status", status.to_owned()),
        ("starts_on", starts.to_string()),
        ("ends_on", ends.to_string()),
        ("schedule", schedule(content, modality, chance)),
        ("registration_opens_at", format!("{}T13:00:00Z", day(starts, -60))),
        ("registration_closes_at", format!("{}T23:00:00Z", day(starts, -3))),
        ("capacity", capacity.map(|capacity| capacity.to_string()).unwrap_or_default()),
        ("seats_taken", taken.to_string()),
        ("waitlisted", waitlisted.to_string()),
        ("waitlist_capacity", if capacity.is_some() { "10".to_owned() } else { "0".to_owned() }),
        ("instructors", staff.join(";")),
        ("reserved_for", if is_reserved { format!("business-{:04}", chance.between(1, businesses::NUMBER as i64)) } else { String::new() }),
    ];
    records.add(Kind::Offerings, &pairs)
}

fn day(from: NaiveDate, offset: i64) -> NaiveDate {
    let days = Days::new(offset.unsigned_abs());
    if offset < 0 { from - days } else { from + days }
}

/// Where an offering is in its life.
fn status(today: NaiveDate, starts: NaiveDate, ends: NaiveDate, chance: &mut Chance) -> &'static str {
    if chance.happens(4) {
        return "CANCELLED";
    }
    match (starts - today).num_days() {
        _ if ends < today => "FINISHED",
        ..=0 => "RUNNING",
        1..=3 => "CLOSED",
        4..=150 => "OPEN",
        _ => "SCHEDULED",
    }
}

/// Seats taken and learners waiting.
fn seats(status: &str, capacity: Option<i64>, chance: &mut Chance) -> (i64, i64) {
    match (status, capacity) {
        ("SCHEDULED" | "CANCELLED", _) => (0, 0),
        // One in eight is full, and some of these have people waiting.
        (_, Some(capacity)) if chance.happens(12) => (capacity, chance.between(0, 7)),
        (_, Some(capacity)) => (chance.between(0, capacity - 1), 0),
        (_, None) => (chance.between(0, 12), 0),
    }
}

fn schedule(content: &Content, modality: &str, chance: &mut Chance) -> String {
    let schedule = &content.places.schedule;
    chance
        .pick(match modality {
            "IN_PERSON" => &schedule.in_person,
            "HYBRID" => &schedule.hybrid,
            "ONLINE_LIVE" => &schedule.online_live,
            _ => &schedule.self_paced,
        })
        .clone()
}
