//! Enrollments in every state: of people on the rosters, paid by their employers or by themselves, and of the learners who can ask with a token.
//!
//! Seats that are taken here stand beside those that the institutions' own systems have given, and never exceed what is left.

mod awards;
mod read;
mod results;
mod rows;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use uuid::Uuid;

use super::chance::Chance;
use crate::domain::clock::Ids;
use crate::domain::enrollment::{NO_TICKET, State};
use crate::domain::tenant::TenantKind;
use crate::store::Store;
use read::{Person, Purse, Section};
use rows::{Drawn, Part};

/// Seed of what is drawn here.
const SEED: u64 = 2_236_067_977;
/// Of the people on rosters so many in a hundred learn something.
const LEARNING: i64 = 60;
/// Sections in which all is full and people wait, beside one at each of the first two institutions.
const CROWDS: usize = 12;
/// How long a seat is offered to the next who waits.
const OFFERED: TimeDelta = TimeDelta::hours(47);
/// Who moves an enrollment that its learner does not.
const STAFF: &str = "Registrar";

/// Draws enrollments.
struct Draw<'a> {
    chance: Chance,
    ids: &'a Ids,
    now: DateTime<Utc>,
    sections: Vec<Section>,
    purses: BTreeMap<Uuid, Purse>,
    /// What a sponsorship pays for a learner so far.
    paid: BTreeMap<(Uuid, Uuid), i64>,
    taken: BTreeSet<(Uuid, Uuid)>,
    drawn: Vec<Drawn>,
}

/// Writes the enrollments; how many there are.
///
/// # Errors
/// When the database fails.
pub async fn write(store: &Store, ids: &Ids, now: DateTime<Utc>) -> anyhow::Result<usize> {
    let institutions = store.first_tenants(TenantKind::Institution, 2).await?;
    let businesses = store.first_tenants(TenantKind::Business, 2).await?;
    let mut transaction = store.begin().await?;
    let mut connection = transaction.connection();
    let sections = read::sections(&mut connection, now).await?;
    let purses = read::purses(&mut connection).await?;
    let people = read::employees(&mut connection).await?;
    let guests = read::guests(&mut connection).await?;
    let shown = read::shown(&mut connection).await?;
    let mut draw =
        Draw { chance: Chance::new(SEED), ids, now, sections, purses, paid: BTreeMap::new(), taken: BTreeSet::new(), drawn: Vec::new() };
    let mut crowds = Vec::new();
    for institution in institutions.iter().filter_map(|institution| institution.id()) {
        crowds.extend(draw.nearly_full(Some(institution)).first().copied());
    }
    crowds.extend(draw.nearly_full(None).into_iter().filter(|place| !crowds.contains(place)).take(CROWDS).collect::<Vec<_>>());
    // The first two are those of two businesses, which have somebody who waits by that.
    for (number, place) in crowds.into_iter().enumerate() {
        let of = businesses.get(number).and_then(|business| business.id());
        let pool: Vec<&Person> = people.iter().filter(|person| of.is_none() || person.business == of).collect();
        draw.crowd(place, &pool);
    }
    for person in &people {
        if draw.chance.happens(LEARNING) {
            for _ in 0..draw.chance.between(1, 2) {
                let place = draw.chance.between(0, draw.sections.len() as i64 - 1) as usize;
                draw.any(place, person);
            }
        }
    }
    for (guest, institution) in guests.iter().zip(institutions.iter().filter_map(|institution| institution.id())) {
        draw.guest(guest, institution);
    }
    rows::put(&mut transaction, ids, &draw.drawn, &draw.sections, &shown).await?;
    results::put(&mut transaction, ids, &draw.drawn, now).await?;
    awards::put(&mut transaction, ids, &draw.drawn, now).await?;
    transaction.commit().await?;
    Ok(draw.drawn.len())
}

impl Draw<'_> {
    /// Open sections of which few seats are left and for which some can wait, those with the most first.
    fn nearly_full(&self, of: Option<Uuid>) -> Vec<usize> {
        let fits = |section: &Section| {
            let is_of = of.is_none_or(|of| of == section.institution);
            is_of && section.status == "OPEN" && section.room >= 5 && section.left.is_some_and(|left| (1..=6).contains(&left))
        };
        let mut places: Vec<usize> = (0..self.sections.len()).filter(|place| fits(&self.sections[*place])).collect();
        places.sort_by_key(|place| (Reverse(self.sections[*place].left), *place));
        places
    }

    /// Fills a section: the last seat is offered to the first who waited, some wait behind, and one left the list.
    fn crowd(&mut self, place: usize, people: &[&Person]) {
        if people.is_empty() {
            return;
        }
        let mut some = (0..60).map(|_| self.chance.between(0, people.len() as i64 - 1) as usize).collect::<Vec<_>>().into_iter();
        let left = self.sections[place].left.unwrap_or_default();
        let waiting = self.chance.between(2, 4);
        let states = (1..left).map(|_| State::Enrolled).chain([State::Cancelled, State::SeatOffered]);
        for state in states.chain((0..waiting).map(|_| State::Waitlisted)) {
            let Some(person) = some.find(|person| !self.taken.contains(&(people[*person].learner, self.sections[place].id))) else {
                return;
            };
            self.add(place, people[person], state, false);
        }
    }

    /// Something that can be of somebody in a section.
    fn any(&mut self, place: usize, person: &Person) {
        let section = &self.sections[place];
        let is_known = section.left.is_some();
        let is_free = section.left.is_none_or(|left| left > 0);
        let pick = |chance: &mut Chance, states: &[(State, i64)]| {
            let weights: Vec<i64> = states.iter().map(|(_, weight)| *weight).collect();
            states[chance.weighted(&weights)].0
        };
        let state = match section.status.as_str() {
            "FINISHED" => pick(&mut self.chance, &[(State::Completed, 70), (State::NotCompleted, 12), (State::Withdrawn, 18)]),
            "RUNNING" => pick(&mut self.chance, &[(State::Active, 80), (State::Withdrawn, 20)]),
            _ if !is_known => pick(&mut self.chance, &[(State::Requested, 60), (State::Declined, 20), (State::Cancelled, 20)]),
            _ if is_free && section.waiting == 0 => {
                pick(&mut self.chance, &[(State::Enrolled, 64), (State::Cancelled, 14), (State::Requested, 13), (State::Declined, 9)])
            }
            _ => State::Waitlisted,
        };
        let can_have = match state {
            State::Waitlisted => section.room > 0,
            _ => is_free || !state.has_seat(),
        };
        if can_have && !self.taken.contains(&(person.learner, section.id)) {
            // What waits for approval is paid by funds that have to be approved.
            let is_aid = matches!(state, State::Requested | State::Declined) || !is_known;
            self.add(place, person, state, is_aid);
        }
    }

    /// One of everything for somebody who can ask with a token, where the institution offers it.
    fn guest(&mut self, guest: &Person, institution: Uuid) {
        for (status, state) in [
            ("FINISHED", State::Completed),
            ("FINISHED", State::NotCompleted),
            ("RUNNING", State::Active),
            ("OPEN", State::Waitlisted),
            ("OPEN", State::Enrolled),
            ("OPEN", State::Requested),
        ] {
            let fits = |section: &Section| {
                let is_full = section.waiting > 0 && section.room > 0;
                section.institution == institution
                    && section.status == status
                    && !self.taken.contains(&(guest.learner, section.id))
                    && if state == State::Waitlisted { is_full } else { section.waiting == 0 && section.left.is_some_and(|left| left > 0) }
            };
            if let Some(place) = self.sections.iter().position(fits) {
                self.add(place, guest, state, state == State::Requested);
            }
        }
    }

    /// Adds an enrollment that has come to a state.
    fn add(&mut self, place: usize, person: &Person, state: State, is_aid: bool) {
        let steps = self.steps(place, person, state, is_aid);
        let parts = self.parts(place, person, state, is_aid);
        let id = self.ids.next();
        let section = &mut self.sections[place];
        let mut ticket = NO_TICKET;
        if matches!(state, State::Waitlisted | State::SeatOffered) {
            if state == State::Waitlisted {
                ticket = section.next_ticket;
                section.waiting += 1;
                section.room -= 1;
            }
            section.next_ticket += 1;
        }
        if state.has_seat() {
            section.here += 1;
            section.left = section.left.map(|left| left - 1);
        }
        self.taken.insert((person.learner, section.id));
        let has_begun = steps.iter().any(|(state, ..)| *state == State::Active);
        let percent = match state {
            State::Completed => 100,
            _ if has_begun => self.chance.between(5, 90),
            _ => 0,
        };
        let last = steps.last().map_or(self.now, |(_, at, _)| *at);
        let active_at = match state {
            State::Active => Some(last.max(self.now - TimeDelta::minutes(self.chance.between(5, 9_000)))),
            _ => has_begun.then_some(last),
        };
        self.drawn.push(Drawn {
            institution: self.sections[place].institution,
            id,
            offering: self.sections[place].id,
            learner: person.learner,
            ticket,
            offered_until: (state == State::SeatOffered).then(|| self.now + OFFERED),
            percent,
            hours: percent as f64 / 8.0,
            active_at,
            is_refunded: state == State::Withdrawn && self.chance.happens(40),
            steps,
            parts,
        });
    }

    /// How it came to a state, each step after the one before and none in the future.
    fn steps(&mut self, place: usize, person: &Person, state: State, is_aid: bool) -> Vec<(State, DateTime<Utc>, String)> {
        let section = &mut self.sections[place];
        let noon = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(12);
        let (starts, ends) = (noon(section.starts), noon(section.ends));
        let opened = starts - Days::new(59);
        let latest = (starts - Days::new(5)).min(self.now - TimeDelta::hours(3));
        let mut asked = latest - TimeDelta::minutes(self.chance.between(0, (latest - opened).num_minutes().clamp(0, 20_000)));
        if matches!(state, State::Waitlisted | State::SeatOffered) {
            // In the order of their tickets.
            asked = asked.max(section.queued).min(self.now);
            section.queued = asked;
        }
        let (learner, soon) = (person.name.as_str(), asked + TimeDelta::hours(20));
        let first = if is_aid { State::Requested } else { State::Enrolled };
        let path = match state {
            State::Requested | State::Waitlisted => vec![(state, asked, learner)],
            State::SeatOffered => vec![(State::Waitlisted, asked, learner), (state, self.now, "Concord")],
            State::Declined => vec![(State::Requested, asked, learner), (state, soon, STAFF)],
            State::Cancelled => vec![(first, asked, learner), (state, soon, learner)],
            State::Enrolled | State::Active | State::Completed | State::NotCompleted | State::Withdrawn => {
                let mut path = vec![(first, asked, learner)];
                path.extend((first != State::Enrolled).then_some((State::Enrolled, soon, STAFF)));
                path.extend((state != State::Enrolled).then_some((State::Active, starts, STAFF)));
                path.extend((state == State::Withdrawn).then_some((state, (starts + Days::new(9)).min(ends), learner)));
                path.extend(matches!(state, State::Completed | State::NotCompleted).then_some((state, ends, STAFF)));
                path
            }
        };
        path.into_iter().map(|(state, at, doer)| (state, at.min(self.now), doer.to_owned())).collect()
    }

    /// Who pays.
    fn parts(&mut self, place: usize, person: &Person, state: State, is_aid: bool) -> Vec<Part> {
        let price = self.sections[place].price;
        let part = |source, amount| Part { source, amount, book: None, voucher: None };
        if is_aid {
            return vec![part("FINANCIAL_AID", price)];
        }
        let sponsored = self.chance.weighted(&[60, 15, 25]);
        let own = || vec![part("SELF_PAY", price)];
        let Some(purse) = person.business.and_then(|business| self.purses.get_mut(&business)) else { return own() };
        // A voucher that comes back would have to be one that can be used again.
        let is_kept = !matches!(state, State::Cancelled | State::Withdrawn);
        let (book, voucher, most) = match (sponsored, purse.budget) {
            (0, Some((book, left))) => (book, None, left),
            (1, _) if is_kept => match purse.vouchers.pop() {
                Some((book, id, value)) => (book, Some((id, value)), value),
                None => return own(),
            },
            _ => return own(),
        };
        let paid = self.paid.entry((book.sponsorship, person.learner)).or_default();
        let amount = price.min(purse.cap - *paid);
        // A budget pays its part or nothing; a voucher pays what it is worth.
        if amount <= 0 || (voucher.is_none() && amount > most) {
            purse.vouchers.extend(voucher.map(|(id, value)| (book, id, value)));
            return own();
        }
        let amount = amount.min(most);
        // Whoever withdraws may be given it back, or not.
        if state != State::Cancelled {
            *paid += amount;
            if let (None, Some((_, left))) = (voucher, &mut purse.budget) {
                *left -= amount;
            }
        }
        let source = if voucher.is_some() { "VOUCHER" } else { "SPONSORSHIP" };
        let mut parts = vec![Part { source, amount, book: Some(book), voucher }];
        parts.extend((amount < price).then(|| part("SELF_PAY", price - amount)));
        parts
    }
}
