//! What is written of businesses.

use async_graphql::{ID, InputObject};

use super::act::payload;
use super::business::{Business, BusinessStatus};
use super::scalars::{DateTime, Url};

/// Input of `businessCreate`.
#[derive(Debug, InputObject, Clone)]
pub struct BusinessCreateInput {
    /// Its values.
    pub fields: BusinessFields,
}

/// Input of `businessUpdate`.
#[derive(Debug, InputObject, Clone)]
pub struct BusinessUpdateInput {
    /// The business.
    pub id: ID,
    /// Refuses with STALE when the business changed since.
    pub expected_updated_at: Option<DateTime>,
    /// Its new values.
    pub fields: BusinessFields,
}

/// What can be set on a business. In an update, a field left out stays as it is and null clears it.
#[derive(Debug, InputObject, Clone)]
pub struct BusinessFields {
    /// Name. Required to create.
    pub name: Option<String>,
    /// Main industry. Required to create.
    pub naics_code: Option<String>,
    /// Region of its main site. Required to create.
    pub region_code: Option<String>,
    /// Public website.
    pub website_url: Option<Url>,
    /// Whether it takes part. Only admins may change it.
    pub status: Option<BusinessStatus>,
    /// Its contact at the consortium. Only navigators and admins may change it.
    pub corporate_navigator_id: Option<ID>,
    /// Places where its employees work, in the place of those that there are; one at which somebody works cannot be left out. At most 250.
    pub sites: Option<Vec<BusinessSiteItem>>,
}

/// A site that a business is to have.
#[derive(Debug, InputObject, Clone)]
pub struct BusinessSiteItem {
    /// The site, if it is there; left out for a new one.
    pub id: Option<ID>,
    /// Name; at most 200 characters.
    pub name: String,
    /// Where it is.
    pub address: AddressInput,
}

/// A postal address to write down.
#[derive(Debug, InputObject, Clone)]
pub struct AddressInput {
    /// Street and number; at most 200 characters.
    pub line1: String,
    /// Suite, building or similar; at most 200 characters.
    pub line2: Option<String>,
    /// City or town; at most 100 characters.
    pub city: String,
    /// County; at most 100 characters.
    pub county: Option<String>,
    /// Two-letter state code, in capital letters.
    pub state: String,
    /// ZIP or ZIP+4 code.
    pub postal_code: String,
}

payload!(BusinessCreatePayload, business: Business, "Result of `businessCreate`. Visible to: navigators, admins.", "The new business. Visible to: navigators, admins.", "Problems the caller can fix; empty on success. Visible to: navigators, admins.");
payload!(BusinessUpdatePayload, business: Business, "Result of `businessUpdate`. Visible to: business, navigators, admins.", "The changed business. Visible to: business, navigators, admins.", "Problems the caller can fix; empty on success. Visible to: business, navigators, admins.");
