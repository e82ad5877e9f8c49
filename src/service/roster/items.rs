//! From the items of a roster to its entries: checked, and matched by number or else by address. Everything that is wrong is told at once.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::super::actor::Actor;
use super::super::user_error::{UserError, UserErrorCode};
use crate::domain::id::{GlobalId, Kind};
use crate::domain::text::{is_code, is_line, is_seen};
use crate::store::StoreError;
use crate::store::roster::{self, Entry};
use crate::store::sql::Connection;

/// Most characters of each text.
const NAME: usize = 200;
const ADDRESS: usize = 254;
const NUMBER: usize = 60;
const TITLE: usize = 200;

/// A roster entry as a business writes it.
#[derive(Debug, Clone, Default)]
pub struct Item {
    /// Number in the business' own system.
    pub number: Option<String>,
    /// Name.
    pub name: String,
    /// Work email.
    pub email: String,
    /// Job title.
    pub job_title: Option<String>,
    /// O*NET-SOC code of the job.
    pub onet_code: Option<String>,
    /// Where the person works.
    pub site: Option<String>,
}

impl Item {
    fn number(&self) -> Option<&str> {
        self.number.as_deref().map(str::trim).filter(|number| !number.is_empty())
    }

    fn address(&self) -> String {
        self.email.trim().to_lowercase()
    }

    fn site(&self) -> Option<Uuid> {
        let id = self.site.as_deref().and_then(GlobalId::parse)?;
        (id.kind == Kind::BusinessSite).then_some(id.uuid)
    }
}

/// What is to be done with an entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    pub is_changed: bool,
    pub is_invited: bool,
}

pub(super) fn numbers(items: &[Item]) -> Vec<String> {
    items.iter().filter_map(Item::number).map(str::to_owned).collect()
}

pub(super) fn addresses(items: &[Item]) -> Vec<String> {
    items.iter().map(Item::address).collect()
}

/// What is wrong with items by themselves.
pub(super) fn check(items: &[Item]) -> Vec<UserError> {
    let mut errors = Vec::new();
    let (mut numbers, mut addresses) = (HashSet::new(), HashSet::new());
    for (place, item) in items.iter().enumerate() {
        let place = place.to_string();
        let mut complain = |field: &str, text: &str| errors.push(UserError::at(UserErrorCode::Invalid, &["items", &place, field], text));
        if !is_line(&item.name, NAME) {
            complain("name", "give 1 to 200 characters in one line");
        }
        if !is_address(item.email.trim()) {
            complain("email", "give one address such as ana@example.com, of at most 254 characters");
        } else if !addresses.insert(item.address()) {
            complain("email", "it is listed twice");
        }
        if item.number.as_deref().is_some_and(|number| !is_code(number, NUMBER)) {
            complain("number", "give 1 to 60 characters in one line, all of which can be seen, or leave it out");
        } else if item.number().is_some_and(|number| !numbers.insert(number.to_owned())) {
            complain("number", "it is listed twice");
        }
        if item.job_title.as_deref().is_some_and(|title| !is_line(title, TITLE)) {
            complain("jobTitle", "give 1 to 200 characters in one line, or leave it out");
        }
        if item.onet_code.as_deref().is_some_and(|code| !is_onet(code)) {
            complain("onetCode", "give a code such as 17-3024.00");
        }
        if item.site.is_some() && item.site().is_none() {
            errors.push(no_site(&place));
        }
    }
    errors
}

/// Sites that are no sites of the business.
pub(super) async fn check_sites(
    connection: &mut Connection<'_>,
    business: Uuid,
    items: &[Item],
    errors: &mut Vec<UserError>,
) -> Result<(), StoreError> {
    let named: Vec<Uuid> = items.iter().filter_map(Item::site).collect();
    if named.is_empty() {
        return Ok(());
    }
    let known = roster::sites(connection, business, &named).await?;
    let wrong = items.iter().enumerate().filter(|(_, item)| item.site().is_some_and(|site| !known.contains(&site)));
    errors.extend(wrong.map(|(place, _)| no_site(&place.to_string())));
    Ok(())
}

fn no_site(place: &str) -> UserError {
    UserError::at(UserErrorCode::NotFound, &["items", place, "siteId"], "it is no site of the business")
}

fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_plain = text.len() <= ADDRESS && text.chars().all(|sign| is_seen(sign) && !sign.is_whitespace() && !"<>,;\"".contains(sign));
    is_plain && !local.is_empty() && !local.contains('@') && domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.')
}

/// Whether a text has the form `99-9999.99` or `99-9999`.
fn is_onet(code: &str) -> bool {
    let fits = |form: &str| {
        code.len() == form.len()
            && code.bytes().zip(form.bytes()).all(|(sign, form)| if form == b'9' { sign.is_ascii_digit() } else { sign == form })
    };
    fits("99-9999.99") || fits("99-9999")
}

/// The entry of each item as it is to be: the one with its number, else the one with its address, else a new one. Somebody who comes back is invited anew.
pub(super) fn matched(actor: &Actor, known: &[Entry], items: &[Item], errors: &mut Vec<UserError>) -> (Vec<Entry>, Vec<Change>) {
    let is_there = |entry: &&Entry| entry.status != "SEPARATED";
    let by_number: HashMap<&str, &Entry> =
        known.iter().filter(is_there).filter_map(|entry| Some((entry.number.as_deref()?, entry))).collect();
    let by_address: HashMap<&str, &Entry> = known.iter().filter(is_there).map(|entry| (entry.email_key.as_str(), entry)).collect();
    let mut taken: HashSet<Uuid> = HashSet::new();
    let (mut entries, mut changes) = (Vec::new(), Vec::new());
    for (place, item) in items.iter().enumerate() {
        let place = place.to_string();
        let address = item.address();
        let numbered = item.number().and_then(|number| by_number.get(number).copied());
        let addressed = by_address.get(address.as_str()).copied();
        let mut complain = |field: &str, text: &str| errors.push(UserError::at(UserErrorCode::Taken, &["items", &place, field], text));
        let found = match (numbered, addressed) {
            (Some(one), Some(other)) if one.id != other.id => {
                complain("email", "another person of the roster has it: separate that entry, or give another address");
                None
            }
            (None, Some(other)) if item.number().is_some() && other.number.is_some() => {
                complain("email", "a person with another number has it: separate that entry, or give another address");
                None
            }
            (one, other) => one.or(other),
        };
        let former = || {
            let mut gone = known.iter().filter(|entry| entry.status == "SEPARATED" && !taken.contains(&entry.id));
            gone.find(|entry| match (item.number(), entry.number.as_deref()) {
                (Some(given), Some(had)) => given == had,
                _ => entry.email_key == address,
            })
        };
        let before = found.or_else(former);
        if before.is_some_and(|entry| !taken.insert(entry.id)) {
            complain("email", "two of the items are about the same person");
        }
        let is_invited = found.is_none();
        let text = |text: Option<&String>| text.map(|text| text.trim().to_owned());
        let entry = Entry {
            id: before.map_or_else(|| actor.ids.next(), |entry| entry.id),
            name: item.name.trim().to_owned(),
            email: item.email.trim().to_owned(),
            email_key: address,
            number: item.number().map(str::to_owned).or_else(|| found.and_then(|entry| entry.number.clone())),
            job_title: text(item.job_title.as_ref()),
            onet_code: item.onet_code.clone(),
            site: item.site(),
            status: if is_invited { "INVITED".to_owned() } else { before.map_or_else(String::new, |entry| entry.status.clone()) },
            learner: found.and_then(|entry| entry.learner),
            separated_at: None,
        };
        changes.push(Change { is_changed: before != Some(&entry), is_invited });
        entries.push(entry);
    }
    (entries, changes)
}
