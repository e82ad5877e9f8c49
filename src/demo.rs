//! The invented state of the demo: written content, and a generator that fills it to the size of a real one. The same on every machine but for its dates, which lie around
//! the day of its creation.

mod businesses;
mod catalog;
mod chance;
mod content;
pub mod enrollments;
pub mod identities;
mod offerings;
mod people;
mod records;
pub mod rosters;
pub mod sponsorships;
mod stacks;

use anyhow::Context;
use chrono::NaiveDate;

pub use records::Records;

use chance::Chance;
use content::Content;

/// What the state's own system is called in external keys.
pub const SYSTEM: &str = "banner";

/// Seed of everything that is drawn.
const SEED: u64 = 2_718_281_828;

/// The records of the state, as an import would read them.
///
/// # Errors
/// When the written content contradicts itself, which is a mistake of the program.
pub fn records(today: NaiveDate) -> anyhow::Result<Records> {
    let content = Content::read().context("the demo's content cannot be read")?;
    let mut chance = Chance::new(SEED);
    let mut records = Records::default();
    content.reference(&mut records)?;
    businesses::write(&content, &mut chance, today, &mut records)?;
    people::write(&content, &mut chance, today, &mut records)?;
    let catalog = catalog::write(&content, &mut chance, &mut records)?;
    stacks::write(&content, &catalog, &mut chance, today, &mut records)?;
    offerings::write(&content, &catalog, &mut chance, today, &mut records)?;
    Ok(records)
}
