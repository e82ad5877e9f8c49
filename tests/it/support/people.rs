//! People for the twins: learners, rosters, and what they let each other see.

use concord::domain::id::{GlobalId, Kind};
use concord::domain::tenant::Tenant;
use concord::store::sql::Dialect;
use uuid::Uuid;

use super::TestApp;
use super::token::issuer_of;
use crate::walk::id;

/// Rows that tests name, each by its kind and number.
pub(crate) fn person(kind: Kind, number: u16) -> String {
    GlobalId::new(kind, key(kind, number)).to_string()
}

/// The key of such a row.
pub(crate) fn key(kind: Kind, number: u16) -> Uuid {
    Uuid::from_u128(0x019b_76da_0000_7000_8000_0000_0000_0000 | (kind as u128 + 1) << 20 | u128::from(number))
}

/// A key as it is written in a statement.
pub(crate) fn literal(app: &TestApp, key: Uuid) -> String {
    match app.store.dialect() {
        Dialect::Postgres => format!("'{key}'"),
        Dialect::Sqlite => format!("X'{}'", key.simple()),
    }
}

/// A code of an invitation to the roster of `zeta`.
pub(crate) const INVITATION: &str = "AAAA-BBBB-CCCC-DDDD";

/// Adds the people.
///
/// Learner 1 studies at `north`, works at `acme`, which may see the state of enrollments and the address, and is invited by `zeta`. Learner 2 studies at `south` and lets nobody
/// see anything. `acme` has employee 1, who is learner 1, employee 2, who is invited, and employee 3, who left; `zeta` has employee 4, who is invited. The token of an
/// instructor at `north` is that of Ana Núñez.
pub(crate) async fn people(app: &TestApp) {
    let tenant = async |kind, name| GlobalId::parse(&id(app, kind, name).await).expect("an identifier").uuid;
    let (north, south) = (tenant(Kind::Institution, "north").await, tenant(Kind::Institution, "south").await);
    let (acme, zeta) = (tenant(Kind::Business, "acme").await, tenant(Kind::Business, "zeta").await);
    let ana = tenant(Kind::StaffMember, "north-ana").await;
    let l = |key| literal(app, key);
    let issuer = l(issuer_of(Tenant::Institution(north)));
    let learner = |number| l(key(Kind::Learner, number));
    let employee = |number| l(key(Kind::Employee, number));
    let (site, navigator, consent, other) =
        (l(key(Kind::BusinessSite, 1)), l(key(Kind::StaffMember, 1)), l(key(Kind::ConsentGrant, 1)), l(key(Kind::ConsentGrant, 2)));
    let (north, south, acme, zeta, ana) = (l(north), l(south), l(acme), l(zeta), l(ana));
    let at = "'2027-01-10T00:00:00+00:00'";
    let hash = concord::identity::code::hash(INVITATION);
    app.execute(&format!(
        "INSERT INTO learner (id, display_name, name_key, legal_name, email, region_code, updated_at) VALUES
           ({}, 'Pat Lane', 'pat lane', 'Patricia Lane', 'pat.lane@mail.example', 'NORTH', {at}), ({}, 'Lou Reyes', 'lou reyes', NULL, NULL, NULL, {at});
         INSERT INTO learner_identity (issuer_id, subject, learner_id) VALUES ({issuer}, 'pat', {});
         INSERT INTO learner_tenant (tenant_id, id, name_key) VALUES ({north}, {}, 'pat lane'), ({south}, {}, 'lou reyes'), ({acme}, {}, 'pat lane');
         INSERT INTO external_key (tenant_id, system, kind, value, object_id) VALUES ({north}, 'sis', 'learner', 'S-100', {}), ({south}, 'sis', 'learner', 'S-200', {}), ({north}, 'sso', 'staff_member', 'pat', {ana});
         INSERT INTO business_site (tenant_id, id, name, name_key, line1, city, state, postal_code, updated_at) VALUES ({acme}, {site}, 'Main shop', 'main shop', '1 Kiln Road', 'Alder', 'VR', '00001', {at});
         INSERT INTO consortium_staff (id, name, name_key, title, email, updated_at) VALUES ({navigator}, 'Noor Vance', 'noor vance', 'Corporate navigator', 'noor@consortium.example', {at});
         UPDATE business SET navigator_id = {navigator} WHERE id = {acme};
         INSERT INTO employee (tenant_id, id, name, name_key, email, email_key, search_key, number, job_title, onet_code, site_id, status, learner_id, separated_at, updated_at) VALUES
           ({acme}, {}, 'Pat Lane', 'pat lane', 'pat@larkspur.example', 'pat@larkspur.example', 'pat lane pat@larkspur.example 10042', '10042', 'Line technician', '17-3024.00', {site}, 'LINKED', {}, NULL, {at}),
           ({acme}, {}, 'Ben Ortiz', 'ben ortiz', 'ben@larkspur.example', 'ben@larkspur.example', 'ben ortiz ben@larkspur.example 10043', '10043', NULL, NULL, NULL, 'INVITED', NULL, NULL, {at}),
           ({acme}, {}, 'Old Hand', 'old hand', 'old@larkspur.example', 'old@larkspur.example', 'old hand old@larkspur.example ', NULL, NULL, NULL, NULL, 'SEPARATED', NULL, {at}, {at}),
           ({zeta}, {}, 'Pat L.', 'pat l', 'pat@zeta.example', 'pat@zeta.example', 'pat l. pat@zeta.example ', NULL, NULL, NULL, NULL, 'INVITED', NULL, NULL, {at});
         INSERT INTO invitation (code_hash, business_id, employee_id, expires_at) VALUES ('{hash}', {zeta}, {}, '2027-03-01T00:00:00+00:00');
         INSERT INTO consent_grant (learner_id, id, business_id, institution_id, scopes, purpose, text_version, granted_at, expires_at) VALUES
           ({}, {consent}, {acme}, NULL, 'ENROLLMENT CONTACT', 'So that my employer pays.', '1', {at}, '2027-12-31T00:00:00+00:00'),
           ({}, {other}, NULL, {north}, 'AWARDS', 'For my adviser.', '1', {at}, NULL)",
        learner(1), learner(2), learner(1), learner(1), learner(2), learner(1), learner(1), learner(2),
        employee(1), learner(1), employee(2), employee(3), employee(4), employee(4), learner(1), learner(1)
    ))
    .await;
}
