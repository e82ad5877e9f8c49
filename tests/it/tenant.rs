//! Tenants: what each sees of its own, what it never sees of another's, and what it can change.

mod access;
mod catalog;
mod gates;
mod log;
mod rivals;
mod rules;
mod viewer;

use concord::domain::id::{GlobalId, Kind};
use concord::domain::role::Role;
use concord::domain::tenant::Tenant;

use crate::support::TestApp;
use crate::walk::id;

/// The tenant of a twin.
pub(crate) async fn tenant(app: &TestApp, kind: Kind, key: &str) -> Tenant {
    let id = GlobalId::parse(&id(app, kind, key).await).expect("an identifier").uuid;
    if kind == Kind::Business { Tenant::Business(id) } else { Tenant::Institution(id) }
}

/// A token of a college's staff.
pub(crate) async fn college(app: &TestApp, key: &str, role: Role) -> String {
    app.token(&[role], tenant(app, Kind::Institution, key).await).await
}

/// A token of a business' administrator.
pub(crate) async fn business(app: &TestApp, key: &str) -> String {
    app.token(&[Role::BusinessAdmin], tenant(app, Kind::Business, key).await).await
}

/// A token of the consortium's staff.
pub(crate) async fn consortium(app: &TestApp, role: Role) -> String {
    app.token(&[role], Tenant::Consortium).await
}
