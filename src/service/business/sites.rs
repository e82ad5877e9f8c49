//! Sites of a business as an input gives them: those with an identifier are changed, others are added, and what is left out goes.

use serde_json::Value;
use uuid::Uuid;

use super::super::actor::Actor;
use super::super::input::Draft;
use super::super::shape::Whose;
use super::super::user_error::UserErrorCode;
use crate::domain::id::Kind;
use crate::domain::text::{is_line, sort_key};
use crate::store::business_site::{self, Site};
use crate::store::employee::EMPLOYEE;
use crate::store::{Cell, StoreError, Transaction, change};
use chrono::{DateTime, Utc};

/// Parts of an address as the schema names them, most characters of each, and whether it must be there.
const ADDRESS: [(&str, usize, bool); 6] = [
    ("line1", 200, true),
    ("line2", 200, false),
    ("city", 100, true),
    ("county", 100, false),
    ("state", 2, true),
    ("postalCode", 10, true),
];
/// Most characters of a name.
const NAME: usize = 200;

impl Draft {
    /// Reads the sites.
    pub(in crate::service) fn sites(&mut self, name: &'static str, value: &Value, most: usize) {
        let items: &[Value] = value.as_array().map_or(&[], Vec::as_slice);
        if items.len() > most {
            self.complain(UserErrorCode::TooMany, &[name], format!("it takes at most {most} items"));
            return;
        }
        let mut sites: Vec<Site> = Vec::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            let place = place.to_string();
            let at = [name, place.as_str()];
            let id = match &item["id"] {
                Value::Null => None,
                id => match self.reference(&[name, &place, "id"], id, &[Kind::BusinessSite], Whose::Own) {
                    Some(id) => Some(id.uuid),
                    None => continue,
                },
            };
            if id.is_some() && sites.iter().any(|known| known.id == id) {
                self.complain(UserErrorCode::Invalid, &at, "it is listed twice");
            }
            let title = self.line(&[name, &place, "name"], &item["name"], NAME, true);
            let key = Cell::Text(sort_key(title.text().unwrap_or_default()).into());
            let mut cells = vec![title, key];
            for (part, most, is_required) in ADDRESS {
                let cell = self.line(&[name, &place, "address", part], &item["address"][part], most, is_required);
                if cell.text().is_some_and(|text| !is_fit(part, text)) {
                    let text = "give two capital letters for the state, and a ZIP or ZIP+4 code such as 00001 or 00001-0001";
                    self.complain(UserErrorCode::Invalid, &[name, &place, "address", part], text);
                }
                cells.push(cell);
            }
            sites.push(Site { id, cells });
        }
        self.sites = Some(sites);
    }

    /// A text in one line.
    fn line(&mut self, at: &[&str], value: &Value, most: usize, is_required: bool) -> Cell {
        let text = value.as_str().unwrap_or_default().trim();
        if text.is_empty() && !is_required {
            return Cell::Null;
        }
        if !is_line(text, most) {
            self.complain(UserErrorCode::Invalid, at, format!("give 1 to {most} characters in one line"));
        }
        Cell::Text(text.into())
    }
}

/// Whether a part of an address looks like one.
fn is_fit(part: &str, text: &str) -> bool {
    let are_digits = |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    match part {
        "state" => text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
        "postalCode" => match text.split_once('-') {
            Some((zip, more)) => are_digits(zip, 5) && are_digits(more, 4),
            None => are_digits(text, 5),
        },
        _ => true,
    }
}

/// What becomes of the sites that a business has: `None` in the draft where nothing does. Complains where people work at one that is left out.
pub(in crate::service) async fn compare(transaction: &mut Transaction, draft: &mut Draft, business: Uuid) -> Result<(), StoreError> {
    let Some(sites) = &draft.sites else { return Ok(()) };
    let known = business_site::of(&mut transaction.connection(), business).await?;
    let gone = left_out(&known, sites);
    if gone.is_empty() && sites.len() == known.len() && sites.iter().all(|site| known.contains(site)) {
        draft.sites = None;
        return Ok(());
    }
    if gone.is_empty() {
        return Ok(());
    }
    // Nobody is put to work at one of them meanwhile.
    change::lock_names(&mut transaction.connection(), EMPLOYEE.table, business).await?;
    if business_site::is_used(&mut transaction.connection(), business, &gone).await? {
        draft.complain(UserErrorCode::Invalid, &["sites"], "people work at a site that is left out: move them first, by employeesUpsert");
    }
    Ok(())
}

/// Sites that are there and are not wanted.
fn left_out(known: &[Site], wanted: &[Site]) -> Vec<Uuid> {
    known.iter().filter_map(|site| site.id).filter(|id| !wanted.iter().any(|site| site.id == Some(*id))).collect()
}

/// Writes the sites.
pub(in crate::service) async fn put(
    actor: &Actor,
    transaction: &mut Transaction,
    business: Uuid,
    sites: Vec<Site>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut connection = transaction.connection();
    let known = business_site::of(&mut connection, business).await?;
    business_site::remove(&mut connection, business, &left_out(&known, &sites)).await?;
    let row = |site: Site| {
        let id = site.id.unwrap_or_else(|| actor.ids.next());
        [Cell::Uuid(business), Cell::Uuid(id)].into_iter().chain(site.cells).chain([Cell::Instant(now)]).collect()
    };
    business_site::put(&mut connection, sites.into_iter().map(row).collect()).await
}
