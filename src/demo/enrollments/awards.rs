//! What learners carry away: an award of each enrollment that was completed and leads to a credential, some of which have expired since, and few of which were revoked.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::chance::Chance;
use super::rows::Drawn;
use crate::domain::clock::Ids;
use crate::domain::enrollment::State;
use crate::service::award::last_day;
use crate::store::award::{self, New};
use crate::store::{StoreError, Transaction};

/// Seed of what is drawn here.
const SEED: u64 = 1_618_033_988;
/// Of awards so many in a hundred were revoked.
const REVOKED: i64 = 8;

/// Writes awards of what was drawn.
pub(super) async fn put(transaction: &mut Transaction, ids: &Ids, drawn: &[Drawn], now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut connection = transaction.connection();
    let completed: Vec<&Drawn> = drawn.iter().filter(|one| one.state() == State::Completed).collect();
    let offerings: Vec<Uuid> = completed.iter().map(|one| one.offering).collect();
    let earned = award::earned(&mut connection, &offerings).await?;
    let mut chance = Chance::new(SEED);
    let mut awards = Vec::new();
    for one in completed {
        let Some((credential, months)) = earned.get(&one.offering).copied() else { continue };
        let issued_on = one.steps.last().map_or(now, |(_, at, _)| *at).date_naive();
        let half = |chance: &mut Chance| chance.between(0, i64::MAX) as u64;
        awards.push(New {
            institution: one.institution,
            id: ids.next(),
            code: Uuid::from_u64_pair(half(&mut chance), half(&mut chance)),
            credential,
            learner: one.learner,
            enrollment: Some((one.id, one.offering)),
            issued_on,
            expires_on: months.and_then(|months| last_day(issued_on, months)),
        });
    }
    award::add(&mut connection, &awards).await?;
    for new in awards.iter().filter(|_| chance.happens(REVOKED)) {
        award::revoke(&mut connection, new.id, "Issued to the wrong person.", now).await?;
    }
    Ok(())
}
