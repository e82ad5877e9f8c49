//! From the items of a roster to its entries: checked, and matched by number or else by address. Everything that is wrong is told at once, by the place of the item: what that is
//! called is for whoever reads the items to know, from an input or from a file.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::super::actor::Actor;
use super::super::user_error::{UserError, UserErrorCode};
use crate::domain::id::{GlobalId, Kind};
use crate::domain::text::{is_code, is_line, is_seen, sort_key};
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
    /// The number, if there is one.
    pub(super) fn number(&self) -> Option<&str> {
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

/// What is wrong with an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    /// The place of the item.
    pub place: usize,
    /// The field at fault, as the input names it.
    pub field: &'static str,
    /// The reason.
    pub code: UserErrorCode,
    /// A sentence for a person, with the remedy.
    pub message: &'static str,
    /// The place of the item before it that is about the same person, where that is what is wrong.
    pub first: Option<usize>,
}

impl Wrong {
    const fn new(place: usize, field: &'static str, code: UserErrorCode, message: &'static str) -> Self {
        Self { place, field, code, message, first: None }
    }

    /// As an error of an input whose items it is about.
    pub(super) fn of_input(self) -> UserError {
        UserError::at(self.code, &["items", &self.place.to_string(), self.field], self.message)
    }
}

/// Which columns the items have; what they do not have stays as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Given {
    pub job_title: bool,
    pub onet_code: bool,
    pub site: bool,
}

impl Given {
    /// All of them.
    pub(super) const ALL: Self = Self { job_title: true, onet_code: true, site: true };
}

/// The entry of an item as it is to be.
#[derive(Debug, Clone)]
pub(super) struct Matched {
    pub entry: Entry,
    pub is_new: bool,
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
pub(super) fn check(items: &[Item]) -> Vec<Wrong> {
    let mut errors = Vec::new();
    let (mut numbers, mut addresses) = (HashMap::new(), HashMap::new());
    for (place, item) in items.iter().enumerate() {
        let invalid = |field, text| Wrong::new(place, field, UserErrorCode::Invalid, text);
        if !is_line(&item.name, NAME) {
            errors.push(invalid("name", "give 1 to 200 characters in one line"));
        }
        if is_address(item.email.trim()) {
            errors.extend(twice(&mut addresses, item.address(), place, "email"));
        } else {
            errors.push(invalid("email", "give one address such as ana@example.com, of at most 254 characters"));
        }
        if item.number.as_deref().is_some_and(|number| !is_code(number, NUMBER)) {
            errors.push(invalid("number", "give 1 to 60 characters in one line, all of which can be seen, or leave it out"));
        } else if let Some(number) = item.number() {
            errors.extend(twice(&mut numbers, number.to_owned(), place, "number"));
        }
        if item.job_title.as_deref().is_some_and(|title| !is_line(title, TITLE)) {
            errors.push(invalid("jobTitle", "give 1 to 200 characters in one line, or leave it out"));
        }
        if item.onet_code.as_deref().is_some_and(|code| !is_onet(code)) {
            errors.push(invalid("onetCode", "give a code such as 17-3024.00"));
        }
        if item.site.is_some() && item.site().is_none() {
            errors.push(no_site(place));
        }
    }
    errors
}

/// That something which is one person's alone stands in an item before.
fn twice(seen: &mut HashMap<String, usize>, value: String, place: usize, field: &'static str) -> Option<Wrong> {
    let first = *seen.entry(value).or_insert(place);
    (first != place).then(|| Wrong { first: Some(first), ..Wrong::new(place, field, UserErrorCode::Invalid, "it is listed twice") })
}

/// Sites that are no sites of the business.
pub(super) async fn check_sites(
    connection: &mut Connection<'_>,
    business: Uuid,
    items: &[Item],
    errors: &mut Vec<Wrong>,
) -> Result<(), StoreError> {
    let named: Vec<Uuid> = items.iter().filter_map(Item::site).collect();
    if named.is_empty() {
        return Ok(());
    }
    let known: HashSet<Uuid> = roster::sites(connection, business, &named).await?.into_iter().collect();
    let wrong = items.iter().enumerate().filter(|(_, item)| item.site().is_some_and(|site| !known.contains(&site)));
    errors.extend(wrong.map(|(place, _)| no_site(place)));
    Ok(())
}

const fn no_site(place: usize) -> Wrong {
    Wrong::new(place, "siteId", UserErrorCode::NotFound, "it is no site of the business")
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

/// Entries of a business, as items name them.
#[derive(Default)]
struct Known<'a> {
    entries: &'a [Entry],
    by_number: HashMap<&'a str, &'a Entry>,
    by_address: HashMap<&'a str, &'a Entry>,
    /// Places of those who left; whoever left last comes first.
    gone_by_number: HashMap<&'a str, Vec<usize>>,
    gone_by_address: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Known<'a> {
    fn of(entries: &'a [Entry]) -> Self {
        let mut known = Self { entries, ..Self::default() };
        for (place, entry) in entries.iter().enumerate() {
            let (number, address) = (entry.number.as_deref(), entry.email_key.as_str());
            if entry.status == "SEPARATED" {
                known.gone_by_address.entry(address).or_default().push(place);
                if let Some(number) = number {
                    known.gone_by_number.entry(number).or_default().push(place);
                }
            } else {
                known.by_address.insert(address, entry);
                if let Some(number) = number {
                    known.by_number.insert(number, entry);
                }
            }
        }
        known
    }

    /// Whoever of an item has not left; or why that cannot be said.
    fn present(&self, item: &Item) -> Result<Option<&'a Entry>, &'static str> {
        let numbered = item.number().and_then(|number| self.by_number.get(number).copied());
        let addressed = self.by_address.get(item.address().as_str()).copied();
        match (numbered, addressed) {
            (Some(one), Some(other)) if one.id != other.id => {
                Err("another person of the roster has it: separate that entry, or give another address")
            }
            (None, Some(other)) if item.number().is_some() && other.number.is_some() => {
                Err("a person with another number has it: separate that entry, or give another address")
            }
            (Some(one), None) if one.status == "LINKED" && sort_key(&one.name) != sort_key(item.name.trim()) => Err(
                "whoever has the number has confirmed with another name and address: change one of the two first, or separate that entry",
            ),
            (one, other) => Ok(one.or(other)),
        }
    }

    /// Whoever of an item has left, and is nobody of an item before.
    fn former(&self, item: &Item, taken: &HashMap<Uuid, usize>) -> Option<&'a Entry> {
        let address = item.address();
        let numbered = item.number().and_then(|number| self.gone_by_number.get(number)).into_iter().flatten();
        // Where both have a number, the numbers tell.
        let is_told = |place: &&usize| item.number().is_some() && self.entries[**place].number.is_some();
        let addressed = self.gone_by_address.get(address.as_str()).into_iter().flatten().filter(|place| !is_told(place));
        let free = numbered.chain(addressed).filter(|place| !taken.contains_key(&self.entries[**place].id));
        free.min().map(|place| &self.entries[*place])
    }
}

/// The entry of each item as it is to be, but for those at these places: the one with its number, else the one with its address, else a new one. Somebody who comes back is invited
/// anew, and so is whoever has another address before the invitation is confirmed.
pub(super) fn matched(
    actor: &Actor,
    known: &[Entry],
    items: &[Item],
    (refused, given): (&HashSet<usize>, impl Fn(usize) -> Given),
    errors: &mut Vec<Wrong>,
) -> Vec<Matched> {
    let known = Known::of(known);
    let mut taken: HashMap<Uuid, usize> = HashMap::new();
    let mut entries = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate().filter(|(place, _)| !refused.contains(place)) {
        let found = match known.present(item) {
            Ok(found) => found,
            Err(text) => {
                errors.push(Wrong::new(place, "email", UserErrorCode::Taken, text));
                continue;
            }
        };
        let before = found.or_else(|| known.former(item, &taken));
        if let Some(entry) = before {
            let first = *taken.entry(entry.id).or_insert(place);
            if first != place {
                let text = "two of the items are about the same person";
                errors.push(Wrong { first: Some(first), ..Wrong::new(place, "email", UserErrorCode::Taken, text) });
                continue;
            }
        }
        // Whoever has the code of an invitation to another address may be somebody else.
        let is_invited = found.is_none_or(|entry| entry.status == "INVITED" && entry.email_key != item.address());
        let given = given(place);
        let text = |text: Option<&String>| text.map(|text| text.trim().to_owned());
        let entry = Entry {
            id: before.map_or_else(|| actor.ids.next(), |entry| entry.id),
            name: item.name.trim().to_owned(),
            email: item.email.trim().to_owned(),
            email_key: item.address(),
            number: item.number().map(str::to_owned).or_else(|| found.and_then(|entry| entry.number.clone())),
            job_title: if given.job_title { text(item.job_title.as_ref()) } else { before.and_then(|entry| entry.job_title.clone()) },
            onet_code: if given.onet_code { item.onet_code.clone() } else { before.and_then(|entry| entry.onet_code.clone()) },
            site: if given.site { item.site() } else { before.and_then(|entry| entry.site) },
            status: if is_invited { "INVITED".to_owned() } else { before.map_or_else(String::new, |entry| entry.status.clone()) },
            learner: found.and_then(|entry| entry.learner),
            separated_at: None,
        };
        entries.push(Matched { is_new: before.is_none(), is_changed: before != Some(&entry), is_invited, entry });
    }
    entries
}
