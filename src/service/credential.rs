//! What can be set of a credential.

use super::shape::{Of, Shape, Whose, optional, required};
use crate::domain::id::Kind;
use crate::store::credential::CREDENTIAL;
use crate::store::link;

/// A credential.
pub static SHAPE: Shape = Shape {
    noun: &CREDENTIAL,
    name: "credential",
    fields: &[
        required("kind", Of::Choice("kind", None)),
        required("name", Of::Text("name", 200, Some("name_key"))),
        required("description", Of::Prose("description", 20_000)),
        required("criteria", Of::Prose("criteria", 20_000)),
        optional("status", Of::Choice("status", Some("DRAFT"))),
        optional("validMonths", Of::Integer("valid_months", 1, 1_200)),
        optional("competencyIds", Of::Many(&link::CREDENTIAL_COMPETENCY, Kind::Competency, Whose::Nobody, 30)),
        optional("requirements", Of::Requirements),
    ],
    key: None,
    rules: |_, _, _| {},
};
