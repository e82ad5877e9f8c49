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

/// The code of a voucher of `acme`.
pub(crate) const VOUCHER: &str = "VVVV-VVVV-VVVV-VVVV";

/// Adds the people.
///
/// Learner 1 studies at `north`, works at `acme`, which may see the state of enrollments and the address, and is invited by `zeta`. Learner 2 studies at `south` and lets nobody
/// see anything. `acme` has employee 1, who is learner 1, employee 2, who is invited, and employee 3, who left; `zeta` has employee 4, who is invited. The token of an
/// instructor at `north` is that of Ana Núñez. Learner 1 has begun HVA101-1, enrollment 1, which `acme` pays for by sponsorship 1, and was looked up by `acme` once. `acme` has sponsorship 1 of two vouchers worth 60 dollars each, one of which is voucher 1, for the course HVA 101 at `north`.
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
    let (sponsorship, voucher, entry) = (l(key(Kind::Sponsorship, 1)), l(key(Kind::Voucher, 1)), l(key(Kind::Voucher, 9)));
    let other = l(key(Kind::Voucher, 8));
    app.execute(&format!(
        "INSERT INTO sponsorship (tenant_id, id, name, kind, status, is_anywhere, starts_on, ends_on, seats, per_learner_cap_cents, created_at, updated_at) VALUES ({acme}, {sponsorship}, 'Spring upskilling', 'VOUCHERS', 'ACTIVE', FALSE, '2027-01-01', '2027-06-30', 5, 120000, {at}, {at});
         INSERT INTO sponsorship_institution VALUES ({acme}, {sponsorship}, 0, {north});
         INSERT INTO sponsorship_cover (tenant_id, sponsorship_id, position, course_id) SELECT {acme}, {sponsorship}, 0, id FROM course WHERE code = 'HVA 101';
         INSERT INTO ledger_account (tenant_id, sponsorship_id, unit, name, balance) VALUES ({acme}, {sponsorship}, 'MONEY', 'GRANTED', -6000), ({acme}, {sponsorship}, 'MONEY', 'FREE', 6000), ({acme}, {sponsorship}, 'MONEY', 'RESERVED', 0), ({acme}, {sponsorship}, 'MONEY', 'SPENT', 0),
           ({acme}, {sponsorship}, 'SEAT', 'GRANTED', -5), ({acme}, {sponsorship}, 'SEAT', 'FREE', 4), ({acme}, {sponsorship}, 'SEAT', 'RESERVED', 1), ({acme}, {sponsorship}, 'SEAT', 'SPENT', 0);
         INSERT INTO ledger_entry (tenant_id, id, at) VALUES ({acme}, {entry}, {at}), ({acme}, {other}, {at});
         INSERT INTO ledger_posting (tenant_id, entry_id, sponsorship_id, unit, name, amount) VALUES ({acme}, {entry}, {sponsorship}, 'MONEY', 'GRANTED', -6000), ({acme}, {entry}, {sponsorship}, 'MONEY', 'FREE', 6000),
           ({acme}, {other}, {sponsorship}, 'SEAT', 'GRANTED', -5), ({acme}, {other}, {sponsorship}, 'SEAT', 'FREE', 4), ({acme}, {other}, {sponsorship}, 'SEAT', 'RESERVED', 1);
         INSERT INTO voucher (tenant_id, id, sponsorship_id, state, value_cents, expires_on, issued_at) VALUES ({acme}, {voucher}, {sponsorship}, 'UNUSED', 6000, '2027-06-30', {at});
         INSERT INTO voucher_code (code_hash, business_id, voucher_id) VALUES ('{}', {acme}, {voucher})",
        concord::identity::code::hash(VOUCHER)
    ))
    .await;
    let (enrollment, line, learner) = (l(key(Kind::Enrollment, 1)), l(key(Kind::AuditEvent, 1)), learner(1));
    let offering = "(SELECT id FROM offering WHERE code = 'HVA101-1')";
    app.execute(&format!(
        "INSERT INTO enrollment (tenant_id, id, offering_id, learner_id, state, percent_complete, soft_skill_hours, last_activity_at, requested_at, updated_at) VALUES ({north}, {enrollment}, {offering}, {learner}, 'ACTIVE', 40, 2.5, {at}, {at}, {at});
         UPDATE offering SET seats_here = 1 WHERE code = 'HVA101-1';
         INSERT INTO enrollment_transition (tenant_id, enrollment_id, number, learner_id, from_state, to_state, at, reason, actor_name) VALUES
           ({north}, {enrollment}, 1, {learner}, NULL, 'ENROLLED', {at}, NULL, 'Pat Lane'), ({north}, {enrollment}, 2, {learner}, 'ENROLLED', 'ACTIVE', {at}, 'It has begun.', 'Ana Núñez');
         INSERT INTO disclosure (learner_id, id, business_id, at, actor_name, actor_issuer, actor_subject, fields, purpose, request_id) VALUES ({learner}, {line}, {acme}, {at}, 'Rita Hale', {issuer}, 'rita', 'Learner.displayName Learner.email', 'So that my employer pays.', 'r');
         INSERT INTO funding (tenant_id, enrollment_id, position, learner_id, source, state, amount_cents, payer_id, sponsorship_id) VALUES ({north}, {enrollment}, 0, {learner}, 'SPONSORSHIP', 'CHARGED', 0, {acme}, {sponsorship});
         INSERT INTO business_enrollment (tenant_id, id, institution_id, offering_id, learner_id, is_paid, state, ticket, percent_complete, soft_skill_hours, last_activity_at, requested_at, updated_at) VALUES ({acme}, {enrollment}, {north}, {offering}, {learner}, TRUE, 'ACTIVE', 9223372036854775807, 40, 2.5, {at}, {at}, {at})"
    ))
    .await;
    jobs(app, (&acme, &sponsorship, &enrollment)).await;
    imports(app, &acme).await;
}

/// Imports of `acme`: import 1 has changed an entry and refused a row, import 2 was stopped before it began. File 201 of `acme` is a roster.
async fn imports(app: &TestApp, acme: &str) {
    let l = |number| literal(app, key(Kind::ImportJob, number));
    let (job, stopped, problem, file) = (l(1), l(2), l(101), literal(app, key(Kind::EnrollmentJob, 201)));
    let content = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, "name,email\nNew One,one@new.example\n");
    let (issuer, at) = (l(9), "'2027-01-10T00:00:00+00:00'");
    app.execute(&format!(
        "INSERT INTO upload (tenant_id, id, file_name, byte_size, content, sha256, created_at) VALUES ({acme}, {file}, 'people.csv', 10, '{content}', 'none', {at});
         INSERT INTO import_job (tenant_id, id, kind, state, file_name, column_names, is_dry_run, is_complete, is_confirmed, issuer, subject, actor_name, rows_read, rows_updated, rows_rejected, created_at, finished_at) VALUES
           ({acme}, {job}, 'ROSTER_CSV', 'SUCCEEDED', 'spring-roster.csv', 'name email', FALSE, FALSE, FALSE, {issuer}, 's', 'Somebody', 3, 1, 1, {at}, {at}),
           ({acme}, {stopped}, 'ROSTER_CSV', 'CANCELLED', 'fall-roster.csv', 'name email', TRUE, FALSE, FALSE, {issuer}, 's', 'Somebody', 1, 0, 0, {at}, {at});
         INSERT INTO import_problem (tenant_id, id, job_id, file, line, column_name, code, message, is_row) VALUES
           ({acme}, {problem}, {job}, 'spring-roster.csv', 3, 'email', 'TAKEN', 'the same email stands in line 2', TRUE)"
    ))
    .await;
}

/// What learner 1 achieved, for tests that show it to everybody: result 1 of enrollment 1 with a rating, and award 1 of it, which was revoked.
pub(crate) async fn records(app: &TestApp) {
    let (enrollment, result) = (literal(app, key(Kind::Enrollment, 1)), literal(app, key(Kind::AssessmentResult, 1)));
    let (award, code) = (literal(app, key(Kind::Award, 1)), literal(app, key(Kind::Award, 2)));
    app.execute(&format!(
        "INSERT INTO assessment_result (tenant_id, id, enrollment_id, offering_id, learner_id, assessment_id, attempt, score, max_score, pass_score, is_passed, feedback, recorded_at, recorded_by_id)
           SELECT e.tenant_id, {result}, e.id, e.offering_id, e.learner_id, a.id, 1, 40, a.max_score, a.pass_score, TRUE, 'Careful work.', e.updated_at, s.id
           FROM enrollment e JOIN assessment a ON a.title = 'Label a split system' AND a.tenant_id = e.tenant_id JOIN staff_member s ON s.name = 'Ana Núñez' AND s.tenant_id = e.tenant_id WHERE e.id = {enrollment};
         INSERT INTO competency_rating (tenant_id, result_id, position, offering_id, learner_id, competency_id, level)
           SELECT r.tenant_id, r.id, 0, r.offering_id, r.learner_id, c.id, 'PROFICIENT' FROM assessment_result r JOIN competency c ON c.name = 'Brazing' WHERE r.id = {result};
         INSERT INTO award (tenant_id, id, code, credential_id, learner_id, enrollment_id, offering_id, issued_on, expires_on, revoked_at, revocation_reason)
           SELECT e.tenant_id, {award}, {code}, d.id, e.learner_id, e.id, e.offering_id, '2027-01-10', '2030-01-10', e.updated_at, 'Issued to the wrong person.'
           FROM enrollment e JOIN credential d ON d.name = 'Refrigerant Technician' AND d.tenant_id = e.tenant_id WHERE e.id = {enrollment};
         INSERT INTO award_competency (tenant_id, award_id, position, competency_id) SELECT a.tenant_id, a.id, 0, c.id FROM award a JOIN competency c ON c.name = 'Brazing' WHERE a.id = {award}"
    ))
    .await;
}

/// Lists of `acme`: job 1 has ended with two rows, of which the first is enrollment 1; job 2 was stopped before its only row. File 200 of `acme` asks for a place for employee 2.
async fn jobs(app: &TestApp, (acme, sponsorship, enrollment): (&str, &str, &str)) {
    let l = |number| literal(app, key(Kind::EnrollmentJob, number));
    let (job, stopped, file) = (l(1), l(2), l(200));
    let offering = id(app, Kind::Offering, "n1").await;
    let content =
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("offeringId,email\n{offering},ben@larkspur.example\n"));
    let (issuer, at) = (l(9), "'2027-01-10T00:00:00+00:00'");
    let problem = "[{\"code\":\"NOT_ELIGIBLE\",\"column\":\"email\",\"message\":\"the person has left\"}]";
    app.execute(&format!(
        "INSERT INTO upload (tenant_id, id, file_name, byte_size, content, sha256, created_at) VALUES ({acme}, {file}, 'places.csv', 10, '{content}', 'none', {at});
         INSERT INTO enrollment_job (tenant_id, id, state, file_name, source, payer_id, sponsorship_id, issuer, subject, actor_name, row_count, done_count, enrolled_count, ineligible_count, created_at, finished_at) VALUES
           ({acme}, {job}, 'SUCCEEDED', 'spring.csv', 'SPONSORSHIP', {acme}, {sponsorship}, {issuer}, 's', 'Somebody', 2, 2, 1, 1, {at}, {at}),
           ({acme}, {stopped}, 'CANCELLED', 'fall.csv', 'SPONSORSHIP', {acme}, {sponsorship}, {issuer}, 's', 'Somebody', 1, 0, 0, 0, {at}, {at});
         INSERT INTO enrollment_job_item (tenant_id, id, job_id, line, offering, email, outcome, enrollment_id, problems) VALUES
           ({acme}, {}, {job}, 2, '{offering}', 'pat@larkspur.example', 'ENROLLED', {enrollment}, NULL),
           ({acme}, {}, {job}, 3, '{offering}', 'old@larkspur.example', 'INELIGIBLE', NULL, '{problem}'),
           ({acme}, {}, {stopped}, 2, '{offering}', 'ben@larkspur.example', NULL, NULL, NULL)",
        l(101), l(102), l(103)
    ))
    .await;
}
