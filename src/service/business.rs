//! What can be set of a business.

pub(super) mod sites;

use chrono::{DateTime, Utc};

use super::input::Draft;
use super::shape::{Of, Shape, Whose, optional, required};
use crate::domain::id::Kind;
use crate::store::business::BUSINESS;
use crate::store::sql::Type;
use crate::store::{Cell, Row};

/// The field that names its contact at the consortium.
pub(super) const NAVIGATOR: &str = "corporateNavigatorId";

/// A business.
pub static SHAPE: Shape = Shape {
    noun: &BUSINESS,
    name: "business",
    fields: &[
        required("name", Of::Text("name", 200, Some("name_key"))),
        required("naicsCode", Of::Code("naics_code", "industry", "naics_code")),
        required("regionCode", Of::Code("region_code", "region", "code")),
        optional("websiteUrl", Of::Url("website_url")),
        optional("status", Of::Choice("status", Some("PENDING"))),
        optional(NAVIGATOR, Of::One("navigator_id", Kind::StaffMember, Whose::Nobody)),
        optional("sites", Of::Sites(250)),
    ],
    key: None,
    rules,
};

/// A business is a partner from the day on which it first takes part.
fn rules(draft: &mut Draft, row: Option<&Row>, now: DateTime<Utc>) {
    let is_active = draft.column("status").is_some_and(|status| status.text() == Some("ACTIVE"));
    let is_partner = row.is_some_and(|row| row.date("partner_since").is_ok_and(|since| since.is_some()));
    if is_active && !is_partner {
        draft.set("partner_since", Type::Date, Cell::Date(now.date_naive()));
    }
}
