//! The partner businesses: many small ones, named after places, families and trades, some alike.

use chrono::{Days, NaiveDate};

use super::chance::Chance;
use super::content::Content;
use super::records::Records;
use crate::domain::text::slug;
use crate::import::Kind;

/// How many there are.
pub(super) const NUMBER: usize = 5_200;
/// Public bodies have no legal form in their names.
const PUBLIC_ADMINISTRATION: &str = "92";

pub(super) fn write(content: &Content, chance: &mut Chance, today: NaiveDate, records: &mut Records) -> anyhow::Result<()> {
    let business = &content.places.business;
    let weights: Vec<i64> = business.sector.iter().map(|sector| sector.weight).collect();
    for number in 1..=NUMBER {
        let sector = &business.sector[chance.weighted(&weights)];
        let mut name = format!("{} {}", chance.pick(&business.stems), chance.pick(&sector.kinds));
        let suffix = chance.pick(&business.suffixes);
        if !suffix.is_empty() && sector.naics != PUBLIC_ADMINISTRATION {
            name = format!("{name} {suffix}");
        }
        let status = ["ACTIVE", "PENDING", "SUSPENDED", "LEFT"][chance.weighted(&[92, 4, 1, 3])];
        let has_site = chance.happens(55);
        let site = slug(&name, 40);
        let since = today - Days::new(chance.between(0, 3_650) as u64);
        let pairs = [
            ("key", format!("business-{number:04}")),
            ("name", name),
            ("status", status.to_owned()),
            ("industry", sector.naics.clone()),
            ("region", chance.pick(&content.places.region).code.clone()),
            ("website_url", if has_site && !site.is_empty() { format!("https://{site}.example.com") } else { String::new() }),
            ("partner_since", if status == "PENDING" { String::new() } else { since.to_string() }),
        ];
        records.add(Kind::Businesses, &pairs)?;
    }
    Ok(())
}
