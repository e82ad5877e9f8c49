//! What learners reached: results of those who have begun, recorded by whoever teaches them.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::super::chance::Chance;
use super::rows::Drawn;
use crate::domain::clock::Ids;
use crate::domain::enrollment::State;
use crate::store::assessment_result::{self, New, Subject};
use crate::store::sql::{Connection, Sql, Type};
use crate::store::{Cell, StoreError, Transaction};

/// Seed of what is drawn here.
const SEED: u64 = 1_732_050_807;
/// Of those who have not finished so many in a hundred were assessed already, and of those who have all but a few.
const ASSESSED: i64 = 60;
/// Of those who pass so many in a hundred do at the first attempt.
const AT_ONCE: i64 = 80;
/// Of results so many in a hundred have a comment.
const COMMENTED: i64 = 35;

const PRAISE: [&str; 4] =
    ["Careful work.", "Explains each step to others.", "Quick and sure at the bench.", "Asks the right questions before starting."];
const ADVICE: [&str; 3] = ["Go over the second unit again.", "Take more time to check the result.", "Come to the open lab on Thursday."];

/// An assessment as it is drawn for.
#[derive(Debug)]
struct Test {
    id: Uuid,
    max: i64,
    pass: i64,
    competencies: Vec<Uuid>,
}

/// Writes results of what was drawn.
pub(super) async fn put(transaction: &mut Transaction, ids: &Ids, drawn: &[Drawn], now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut connection = transaction.connection();
    let offerings: Vec<Uuid> = drawn.iter().map(|one| one.offering).collect();
    let subjects = assessment_result::subjects(&mut connection, &offerings).await?;
    let tests = tests(&mut connection).await?;
    let teachers = teachers(&mut connection).await?;
    let mut chance = Chance::new(SEED);
    let mut results = Vec::new();
    for one in drawn.iter().filter(|one| matches!(one.state(), State::Active | State::Completed | State::NotCompleted)) {
        let of = subjects.get(&one.offering).and_then(|subject| tests.get(subject)).map_or(&[][..], Vec::as_slice);
        for test in of {
            let by = teachers.get(&one.offering).copied();
            draw(&mut chance, one, test, now, |attempt, score, ratings, feedback, at| {
                results.push(New {
                    institution: one.institution,
                    id: ids.next(),
                    enrollment: one.id,
                    offering: one.offering,
                    learner: one.learner,
                    assessment: test.id,
                    attempt,
                    score: score as f64,
                    bounds: (test.max as f64, test.pass as f64),
                    ratings,
                    feedback,
                    at,
                    by,
                });
            });
        }
    }
    assessment_result::add(&mut connection, &results).await
}

/// The attempts of somebody in an assessment: those who completed pass in the end, and those who did not fail.
fn draw(
    chance: &mut Chance,
    one: &Drawn,
    test: &Test,
    now: DateTime<Utc>,
    mut add: impl FnMut(i64, i64, Vec<(Uuid, &'static str)>, Option<String>, DateTime<Utc>),
) {
    let is_over = one.state() != State::Active;
    if !chance.happens(if is_over { 95 } else { ASSESSED }) || test.pass <= 0 {
        return;
    }
    let passes = if is_over { one.state() == State::Completed } else { chance.happens(75) };
    let attempts: &[bool] = match passes {
        true if chance.happens(AT_ONCE) => &[true],
        true => &[false, true],
        false => &[false],
    };
    let began = one.when(|state| state == State::Active).unwrap_or(now);
    let ended = if is_over { one.steps.last().map_or(now, |(_, at, _)| *at) } else { now };
    let hours = (ended - began).num_hours().max(4);
    for (attempt, passed) in (1..).zip(attempts) {
        let score = if *passed { chance.between(test.pass, test.max) } else { chance.between(test.pass / 3, test.pass - 1) };
        let levels: [&'static str; 2] = if *passed { ["PROFICIENT", "EXEMPLARY"] } else { ["EMERGING", "DEVELOPING"] };
        let ratings = test.competencies.iter().map(|competency| (*competency, *chance.pick(&levels))).collect();
        let words: &[&str] = if *passed { &PRAISE } else { &ADVICE };
        let feedback = chance.happens(COMMENTED).then(|| (*chance.pick(words)).to_owned());
        add(attempt, score, ratings, feedback, (began + TimeDelta::hours(hours * attempt / 3)).min(now));
    }
}

/// All assessments with what they measure, by what they belong to.
async fn tests(connection: &mut Connection<'_>) -> Result<BTreeMap<Subject, Vec<Test>>, StoreError> {
    let mut measured: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT l.assessment_id, l.competency_id FROM assessment_competency l ORDER BY l.assessment_id, l.position");
    for cells in connection.fetch(sql, &[Type::Uuid, Type::Uuid]).await? {
        if let (Some(assessment), Some(competency)) = (cells[0].uuid(), cells[1].uuid()) {
            measured.entry(assessment).or_default().push(competency);
        }
    }
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT a.id, a.course_id, a.program_id, a.max_score, a.pass_score FROM assessment a ORDER BY a.kind, a.id");
    let mut tests: BTreeMap<Subject, Vec<Test>> = BTreeMap::new();
    for cells in connection.fetch(sql, &[Type::Uuid, Type::Uuid, Type::Uuid, Type::Real, Type::Real]).await? {
        if let (Some(id), Cell::Real(max), Cell::Real(pass)) = (cells[0].uuid(), &cells[3], &cells[4]) {
            let test = Test { id, max: *max as i64, pass: *pass as i64, competencies: measured.remove(&id).unwrap_or_default() };
            tests.entry((cells[1].uuid(), cells[2].uuid())).or_default().push(test);
        }
    }
    Ok(tests)
}

/// Who teaches each offering first.
async fn teachers(connection: &mut Connection<'_>) -> Result<BTreeMap<Uuid, Uuid>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT i.offering_id, i.staff_member_id FROM offering_instructor i ORDER BY i.offering_id, i.position DESC");
    let rows = connection.fetch(sql, &[Type::Uuid, Type::Uuid]).await?;
    Ok(rows.iter().filter_map(|cells| Some((cells[0].uuid()?, cells[1].uuid()?))).collect())
}
