//! Whom the items of a list name: learners by their identifiers, and people on the roster of a business by entry, address or number.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::super::actor::{Actor, Refused};
use super::super::user_error::{HIDDEN, UserErrorCode};
use crate::domain::id::{GlobalId, Kind};
use crate::domain::job::Outcome;
use crate::domain::number::{bare, zeros_lost};
use crate::domain::tenant::Tenant;
use crate::policy::Scope;
use crate::store::roster::{self, Entry};
use crate::store::{Transaction, learner, seen_by};

/// What a person is named by, as clients write it; in the order of [`Names`].
pub(super) const WAYS: [&str; 4] = ["learnerId", "employeeId", "email", "number"];

/// What names a person: learner, roster entry, address and number.
pub(super) type Names<'a> = [Option<&'a str>; WAYS.len()];

/// Places of the ways.
const LEARNER: usize = 0;
const EMPLOYEE: usize = 1;
const EMAIL: usize = 2;
const NUMBER: usize = 3;

/// What an institution is told that names somebody as a roster does.
pub(super) const NO_ROSTER: &str = "an institution names its learners by their identifiers";

/// Why nobody is found.
#[derive(Debug, Clone)]
pub(super) struct Missing {
    /// What becomes of a row that names them.
    pub outcome: Outcome,
    /// The reason.
    pub code: UserErrorCode,
    /// The name at fault.
    pub way: &'static str,
    /// A sentence for a person, with the remedy.
    pub message: String,
}

/// The learner whom an item names, or why there is none.
pub(super) type Found = Result<Uuid, Missing>;

/// The people of a tenant, as far as some rows name them.
struct People {
    learners: HashSet<Uuid>,
    /// Whether it has a roster, whose entries they are.
    has_roster: bool,
    entries: HashMap<Uuid, Entry>,
    /// Entries by address and by number, those who left only where nobody else has it.
    by_email: HashMap<String, Uuid>,
    by_number: HashMap<String, Uuid>,
    /// Numbers without the zeros before them, of people who have not left, with the number as it is.
    stripped: HashMap<String, String>,
}

/// Whom each item names.
pub(super) async fn find(
    actor: &Actor,
    transaction: &mut Transaction,
    (tenant, look): (Tenant, &Scope),
    items: &[Names<'_>],
) -> Result<Vec<Found>, Refused> {
    let keys = |place: usize, kind: Kind| -> Vec<Uuid> {
        let named = items.iter().filter_map(|names| names[place].and_then(GlobalId::parse));
        named.filter(|id| id.kind == kind).map(|id| id.uuid).collect()
    };
    let wanted = keys(LEARNER, Kind::Learner);
    let rows = actor.store.rows_in(transaction, look, seen_by(look, &learner::LEARNER), &wanted).await?;
    let learners = wanted.into_iter().zip(rows).filter_map(|(id, row)| row.map(|_| id)).collect();
    let has_roster = matches!(tenant, Tenant::Business(_));
    let mut people = People {
        learners,
        has_roster,
        entries: HashMap::new(),
        by_email: HashMap::new(),
        by_number: HashMap::new(),
        stripped: HashMap::new(),
    };
    if let Tenant::Business(business) = tenant {
        let texts = |place: usize| -> Vec<String> { items.iter().filter_map(|names| names[place].map(str::to_owned)).collect() };
        let (numbers, emails) = (texts(NUMBER), texts(EMAIL).iter().map(|email| email.to_lowercase()).collect::<Vec<_>>());
        let mut connection = transaction.connection();
        let mut entries = roster::by_ids(&mut connection, business, &keys(EMPLOYEE, Kind::Employee)).await?;
        entries.extend(roster::entries(&mut connection, business, &numbers, &emails).await?);
        let bare: Vec<String> = numbers.iter().filter_map(|number| bare(number)).map(str::to_owned).collect();
        people.stripped = roster::zeroed(&mut connection, business, &bare).await?;
        for entry in entries {
            let has_left = entry.status == "SEPARATED";
            if !has_left || !people.by_email.contains_key(&entry.email_key) {
                people.by_email.insert(entry.email_key.clone(), entry.id);
            }
            if let Some(number) = &entry.number
                && (!has_left || !people.by_number.contains_key(number))
            {
                people.by_number.insert(number.clone(), entry.id);
            }
            people.entries.insert(entry.id, entry);
        }
    }
    Ok(items.iter().map(|names| people.of(names)).collect())
}

fn missing(outcome: Outcome, code: UserErrorCode, way: usize, text: impl Into<String>) -> Found {
    Err(Missing { outcome, code, way: WAYS[way], message: text.into() })
}

fn ineligible(code: UserErrorCode, way: usize, text: impl Into<String>) -> Found {
    missing(Outcome::Ineligible, code, way, text)
}

fn unseen(way: usize) -> Found {
    ineligible(UserErrorCode::NotFound, way, HIDDEN)
}

impl People {
    fn of(&self, names: &Names<'_>) -> Found {
        let [learner, employee, email, number] = *names;
        if let Some(id) = learner {
            let known = GlobalId::parse(id).filter(|id| id.kind == Kind::Learner && self.learners.contains(&id.uuid));
            return known.map_or_else(|| unseen(LEARNER), |id| Ok(id.uuid));
        }
        if let Some(id) = employee {
            let entry = GlobalId::parse(id).filter(|id| id.kind == Kind::Employee).and_then(|id| self.entries.get(&id.uuid));
            return entry.map_or_else(|| unseen(EMPLOYEE), |entry| learner_of(entry, EMPLOYEE));
        }
        if !self.has_roster {
            let way = if email.is_some() { EMAIL } else { NUMBER };
            return ineligible(UserErrorCode::Invalid, way, NO_ROSTER);
        }
        let entry = |id: Option<&Uuid>| id.and_then(|id| self.entries.get(id));
        let by_email = entry(email.and_then(|email| self.by_email.get(&email.to_lowercase())));
        let by_number = entry(number.and_then(|number| self.by_number.get(number)));
        let column = if number.is_some() { NUMBER } else { EMAIL };
        match (by_email, by_number) {
            (Some(one), Some(other)) if one.id != other.id => {
                ineligible(UserErrorCode::Invalid, NUMBER, "the address and the number belong to two people of the roster")
            }
            (Some(one), None) if number.is_some() && one.number.is_some() => {
                let is_zeroed = number.is_some_and(|number| self.zeroed(number) == one.number.as_deref());
                let text = "whoever has the address has another number on the roster";
                if is_zeroed { self.lost(number) } else { ineligible(UserErrorCode::Invalid, NUMBER, text) }
            }
            (None, Some(other)) if email.is_some() => {
                let text = format!(
                    "whoever has the number has another address on the roster: employee {}",
                    GlobalId::new(Kind::Employee, other.id)
                );
                ineligible(UserErrorCode::Invalid, EMAIL, text)
            }
            (one, other) => match (other.or(one), number) {
                (Some(entry), _) => learner_of(entry, column),
                (None, Some(number)) if self.zeroed(number).is_some() => self.lost(Some(number)),
                (None, _) => {
                    let text = "nobody on the roster has it: add the person, and list them again once they have confirmed";
                    missing(Outcome::Pending, UserErrorCode::NotFound, column, text)
                }
            },
        }
    }

    /// The number of somebody that differs from this one by zeros before it alone.
    fn zeroed(&self, number: &str) -> Option<&str> {
        self.stripped.get(bare(number)?).map(String::as_str).filter(|known| *known != number)
    }

    fn lost(&self, number: Option<&str>) -> Found {
        let known = number.and_then(|number| self.zeroed(number)).unwrap_or_default();
        ineligible(UserErrorCode::Invalid, NUMBER, zeros_lost(known))
    }
}

/// The learner of a roster entry.
fn learner_of(entry: &Entry, column: usize) -> Found {
    match (entry.status.as_str(), entry.learner) {
        ("LINKED", Some(learner)) => Ok(learner),
        ("SEPARATED", _) => ineligible(UserErrorCode::NotEligible, column, "the person has left"),
        _ => {
            let text = "the person has not confirmed the invitation yet: list them again once they have";
            missing(Outcome::Pending, UserErrorCode::NotEligible, column, text)
        }
    }
}
