//! No answer holds what belongs to another tenant: thousands of questions by all sorts of callers, each tenant's rows marked with a word of its own.
//!
//! The ordinary tests ask a small share; `prove_tenants` asks all, and prints how many answers held the caller's own word.

mod cost;
mod probes;
mod walls;

use std::fmt::Write as _;

use concord::domain::id::{GlobalId, Kind};
use concord::domain::role::Role;
use concord::domain::tenant::Tenant;
use serde_json::{Value, json};

use crate::support::{Database, Template, TestApp, both};
use crate::walk::id;
use probes::Probes;

/// A tenant of the twins with its word, and a day of its own for what has no words.
pub(crate) struct Marked {
    pub(crate) word: &'static str,
    pub(crate) day: &'static str,
    pub(crate) kind: Kind,
    key: &'static str,
    role: Role,
}

/// The four tenants.
pub(crate) const TENANTS: [Marked; 4] = [
    Marked { word: "canarynorth", day: "2031-05-01", kind: Kind::Institution, key: "north", role: Role::InstitutionAdmin },
    Marked { word: "canarysouth", day: "2031-05-02", kind: Kind::Institution, key: "south", role: Role::InstitutionAdmin },
    Marked { word: "canaryacme", day: "2031-05-03", kind: Kind::Business, key: "acme", role: Role::BusinessAdmin },
    Marked { word: "canaryzeta", day: "2031-05-04", kind: Kind::Business, key: "zeta", role: Role::BusinessAdmin },
];

/// Everything private of every tenant, marked with its word: drafts, reserved offerings, addresses of staff, keys of other systems, the log; and enrollments, by their day. The lines of
/// the log have the number 0: they stand before the first of its chain, where acts go on.
pub(crate) async fn mark(app: &TestApp) {
    let mut sql = String::new();
    let key_of = |number: usize, row: u32| match app.store.dialect() {
        concord::store::sql::Dialect::Postgres => format!("'019b76da-0000-7000-8000-0000000{number}{row:04}'"),
        concord::store::sql::Dialect::Sqlite => format!("X'019b76da0000700080000000000{number}{row:04}'"),
    };
    // What anybody may read of a college, for what hangs on it and is nobody else's.
    let slugs = ["penasco", "south-twin-university"];
    let public = |slug: &str| {
        format!(
            "(SELECT o.id FROM offering o JOIN institution i ON i.id = o.tenant_id WHERE i.slug = '{slug}' AND o.is_public ORDER BY o.id LIMIT 1)"
        )
    };
    for (number, (slug, Marked { word, day, .. })) in (1..).zip(slugs.into_iter().zip(&TENANTS[..2])) {
        // What was shown of a learner is the learner's to know, and not the college's: it bears the word of the other.
        let other = TENANTS[2 - number].word;
        let tenant = format!("(SELECT id FROM institution WHERE slug = '{slug}')");
        let (key, public) = (|row| key_of(number, row), public(slug));
        let job = key(99);
        let (enrollment, assessment, result, award) = (key(9), key(5), key(11), key(12));
        let at = "'2027-01-10T00:00:00+00:00'";
        let _ = write!(
            sql,
            "UPDATE staff_member SET email = '{word}@example.edu' WHERE tenant_id = {tenant};
             UPDATE external_key SET value = '{word}-' || value WHERE tenant_id = {tenant} AND kind IN ('course', 'program', 'offering');
             INSERT INTO course (tenant_id, id, code, title, title_key, summary, status, is_for_credit, price_cents, languages, updated_at) VALUES ({tenant}, {}, '{word}', '{word}', '{word}', '{word}', 'DRAFT', FALSE, 100, 'en', {at});
             INSERT INTO program (tenant_id, id, kind, title, title_key, summary, status, is_for_credit, updated_at) VALUES ({tenant}, {}, 'DEGREE', '{word}', '{word}', '{word}', 'DRAFT', FALSE, {at});
             INSERT INTO credential (tenant_id, id, kind, name, name_key, description, criteria, status, updated_at) VALUES ({tenant}, {}, 'DEGREE', '{word}', '{word}', '{word}', '{word}', 'DRAFT', {at});
             INSERT INTO offering (tenant_id, id, course_id, code, modality, status, starts_on, ends_on, price_cents, is_public, updated_at) VALUES ({tenant}, {}, {}, '{word}', 'HYBRID', 'OPEN', '2027-02-01', '2027-03-01', 100, FALSE, {at});
             INSERT INTO assessment (tenant_id, id, course_id, title, kind, max_score, pass_score, updated_at) VALUES ({tenant}, {}, {}, '{word}', 'FORMATIVE', 10, 5, {at});
             INSERT INTO audit_event (tenant_id, id, number, at, actor_name, actor_issuer, actor_subject, action, subject_id, changed_fields, request_id, previous_hash, hash) VALUES ({tenant}, {}, 0, {at}, '{word}', {}, '{word}', '{word}', '{word}', '{word}', '{word}', '', '');
             INSERT INTO learner (id, display_name, name_key, legal_name, email, updated_at) VALUES ({}, '{word}', '{word}', '{word}', '{word}', {at});
             INSERT INTO learner_tenant (tenant_id, id, name_key) VALUES ({tenant}, {}, '{word}');
             INSERT INTO external_key (tenant_id, system, kind, value, object_id) VALUES ({tenant}, 'banner', 'learner', 'number-{word}', {});
             INSERT INTO enrollment (tenant_id, id, offering_id, learner_id, state, requested_at, updated_at) VALUES ({tenant}, {}, {public}, {}, 'ENROLLED', '{day}T00:00:00+00:00', {at});
             INSERT INTO enrollment_transition (tenant_id, enrollment_id, number, learner_id, to_state, at, reason, actor_name) VALUES ({tenant}, {}, 1, {}, 'ENROLLED', {at}, '{word}', '{word}');
             INSERT INTO disclosure (learner_id, id, at, actor_name, actor_issuer, actor_subject, fields, purpose, request_id) VALUES ({}, {}, {at}, '{other}', {}, '{other}', '{other}', '{other}', '{other}');
             INSERT INTO assessment_result (tenant_id, id, enrollment_id, offering_id, learner_id, assessment_id, attempt, score, max_score, pass_score, is_passed, feedback, recorded_at) SELECT e.tenant_id, {result}, e.id, e.offering_id, e.learner_id, {assessment}, 1, 5, 10, 5, TRUE, '{word}', {at} FROM enrollment e WHERE e.id = {enrollment};
             INSERT INTO award (tenant_id, id, code, credential_id, learner_id, enrollment_id, offering_id, issued_on, revoked_at, revocation_reason) SELECT e.tenant_id, {award}, {award}, (SELECT d.id FROM credential d WHERE d.tenant_id = e.tenant_id AND d.status = 'PUBLISHED' ORDER BY d.id LIMIT 1), e.learner_id, e.id, e.offering_id, '2027-01-10', {at}, '{word}' FROM enrollment e WHERE e.id = {enrollment};
             UPDATE offering SET seats_here = 1 WHERE id = {public};
             INSERT INTO enrollment_job (tenant_id, id, state, file_name, source, issuer, subject, actor_name, row_count, done_count, created_at) VALUES ({tenant}, {job}, 'QUEUED', '{word}', 'SELF_PAY', {job}, '{word}', '{word}', 1, 0, '2027-01-10T00:00:00+00:00');
             INSERT INTO enrollment_job_item (tenant_id, id, job_id, line, outcome, problems) VALUES ({tenant}, {job}, {job}, 2, 'INELIGIBLE', '[{{\"code\":\"INVALID\",\"column\":null,\"message\":\"{word}\"}}]');",
            key(1), key(2), key(3), key(4), key(1), key(5), key(1), key(6), key(7), key(8), key(8), key(8), key(9), key(8), key(9), key(8), key(8), key(10), key(7)
        );
    }
    for (number, (slug, Marked { word, day, key, .. })) in (3..).zip(slugs.into_iter().zip(&TENANTS[2..])) {
        let tenant = format!("(SELECT object_id FROM external_key WHERE kind = 'business' AND value = '{key}')");
        let (key, public) = (|row| key_of(number, row), public(slug));
        let (job, import) = (key(99), key(98));
        let _ = write!(
            sql,
            "INSERT INTO offering (tenant_id, id, course_id, code, modality, status, starts_on, ends_on, price_cents, is_public, reserved_for_business_id, updated_at) SELECT c.tenant_id, {}, c.id, '{word}', 'HYBRID', 'OPEN', '2027-02-01', '2027-03-01', 100, FALSE, {tenant}, '2027-01-10T00:00:00+00:00' FROM course c WHERE c.code = 'HVA 101';
             INSERT INTO external_key (tenant_id, system, kind, value, object_id) VALUES ({tenant}, 'hris', 'business', '{word}', {tenant});
             INSERT INTO audit_event (tenant_id, id, number, at, actor_name, actor_issuer, actor_subject, action, subject_id, changed_fields, request_id, previous_hash, hash) VALUES ({tenant}, {}, 0, '2027-01-10T00:00:00+00:00', '{word}', {}, '{word}', '{word}', '{word}', '{word}', '{word}', '', '');
             INSERT INTO learner (id, display_name, name_key, legal_name, email, updated_at) VALUES ({}, '{word}', '{word}', '{word}', '{word}', '2027-01-10T00:00:00+00:00');
             INSERT INTO learner_tenant (tenant_id, id, name_key) VALUES ({tenant}, {}, '{word}');
             INSERT INTO consent_grant (learner_id, id, business_id, scopes, purpose, text_version, granted_at) VALUES ({}, {}, {tenant}, 'ENROLLMENT CONTACT', '{word}', '1', '2027-01-10T00:00:00+00:00');
             INSERT INTO sponsorship (tenant_id, id, name, kind, status, is_anywhere, starts_on, ends_on, seats, created_at, updated_at) VALUES ({tenant}, {}, '{word}', 'VOUCHERS', 'DRAFT', TRUE, '2027-01-01', '2027-12-31', 1, '2027-01-10T00:00:00+00:00', '2027-01-10T00:00:00+00:00');
             INSERT INTO employee (tenant_id, id, name, name_key, email, email_key, search_key, number, job_title, status, learner_id, updated_at) VALUES ({tenant}, {}, '{word}', '{word}', '{word}', '{word}', '{word}', '{word}', '{word}', 'LINKED', {}, '2027-01-10T00:00:00+00:00');
             INSERT INTO business_enrollment (tenant_id, id, institution_id, offering_id, learner_id, is_paid, state, ticket, percent_complete, soft_skill_hours, requested_at, updated_at) SELECT {tenant}, {}, o.tenant_id, o.id, {}, TRUE, 'ENROLLED', 9223372036854775807, 0, 0, '{day}T00:00:00+00:00', '2027-01-10T00:00:00+00:00' FROM offering o WHERE o.id = {public};
             INSERT INTO enrollment_job (tenant_id, id, state, file_name, source, issuer, subject, actor_name, row_count, done_count, created_at) VALUES ({tenant}, {job}, 'QUEUED', '{word}', 'SELF_PAY', {job}, '{word}', '{word}', 1, 0, '2027-01-10T00:00:00+00:00');
             INSERT INTO enrollment_job_item (tenant_id, id, job_id, line, outcome, problems) VALUES ({tenant}, {job}, {job}, 2, 'INELIGIBLE', '[{{\"code\":\"INVALID\",\"column\":null,\"message\":\"{word}\"}}]');
             INSERT INTO import_job (tenant_id, id, kind, state, file_name, column_names, is_dry_run, is_complete, is_confirmed, issuer, subject, actor_name, rows_read, rows_rejected, created_at) VALUES ({tenant}, {import}, 'ROSTER_CSV', 'QUEUED', '{word}', 'name', TRUE, FALSE, FALSE, {import}, '{word}', '{word}', 1, 1, '2027-01-10T00:00:00+00:00');
             INSERT INTO import_problem (tenant_id, id, job_id, file, line, code, message, is_row) VALUES ({tenant}, {import}, {import}, '{word}', 2, 'INVALID', '{word}', TRUE);",
            key(1), key(2), key(3), key(4), key(4), key(4), key(5), key(7), key(6), key(4), key_of(number - 2, 9), key(4)
        );
    }
    app.execute(&sql).await;
}

/// Who asks, and what they may read of marked rows.
pub(crate) struct Caller {
    token: Option<String>,
    own: Option<&'static str>,
    pub(crate) tenant: Option<String>,
    /// Words that the caller may read beside the own one: a college sees what it reserved for a business.
    others: &'static [&'static str],
}

/// The callers: an administrator of each tenant, somebody without a private view at each, and a visitor.
pub(crate) async fn callers(app: &TestApp) -> Vec<Caller> {
    let mut callers = vec![Caller { token: None, own: None, tenant: None, others: &[] }];
    for marked in &TENANTS {
        let name = id(app, marked.kind, marked.key).await;
        let key = GlobalId::parse(&name).expect("an identifier").uuid;
        let tenant = if marked.kind == Kind::Business { Tenant::Business(key) } else { Tenant::Institution(key) };
        let others: &[&str] = if marked.key == "north" { &["canaryacme", "canaryzeta"] } else { &[] };
        let token = Some(app.token(&[marked.role], tenant).await);
        callers.push(Caller { token, own: Some(marked.word), tenant: Some(name.clone()), others });
        let token = Some(app.token_with(&[Role::Learner], tenant, |claims| claims["sub"] = "learner".into()).await);
        callers.push(Caller { token, own: None, tenant: Some(name), others: &[] });
    }
    callers
}

/// What the probes came to.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) asked: u64,
    pub(crate) by_owners: u64,
    pub(crate) own: u64,
    pub(crate) leaks: Vec<String>,
}

/// Questions under way.
pub(crate) struct Probing {
    callers: Vec<Caller>,
    probes: Probes,
    turn: usize,
}

impl Probing {
    pub(crate) async fn new(app: &TestApp) -> Self {
        Self { callers: callers(app).await, probes: Probes::new(app).await, turn: 0 }
    }

    /// Asks so many questions, by every caller in turn; what these came to.
    pub(crate) async fn ask(&mut self, app: &TestApp, number: u64) -> Seen {
        let mut seen = Seen::default();
        for _ in 0..number {
            let caller = &self.callers[self.turn % self.callers.len()];
            self.turn += 1;
            let body = self.probes.next(caller);
            let text = match &caller.token {
                Some(token) => app.post_as(token, &body).await.text(),
                None => app.post(&body).await.text(),
            };
            self.probes.learn(&text);
            // What a caller wrote itself comes back in errors.
            let written = body.to_string();
            seen.asked += 1;
            seen.by_owners += u64::from(caller.own.is_some());
            seen.own += u64::from(caller.own.is_some_and(|word| text.contains(word)));
            for marked in &TENANTS {
                let is_own = caller.own == Some(marked.word);
                let may = is_own || caller.others.contains(&marked.word) || written.contains(marked.word);
                if (!may && text.contains(marked.word)) || (!is_own && text.contains(marked.day)) {
                    seen.leaks.push(format!("{} for {:?}: {body}", marked.word, caller.own));
                }
            }
        }
        seen
    }
}

/// Asks so many questions from the beginning.
pub(crate) async fn probe(app: &TestApp, number: u64) -> Seen {
    Probing::new(app).await.ask(app, number).await
}

/// The twins, marked.
async fn marked(database: Database) -> TestApp {
    let app = TestApp::start(database, Template::Twins, |settings| {
        settings.cost.anonymous = 1_000_000_000;
        settings.cost.person = 1_000_000_000;
    })
    .await;
    mark(&app).await;
    app
}

both! {
    /// Callers of all tenants ask for everything, their own and each other's: nobody reads a word of another's, and their own they do.
    async fn nobody_reads_anothers_word(database) {
        let app = marked(database).await;
        let seen = probe(&app, 600).await;
        assert!(seen.leaks.is_empty(), "{:#?}", &seen.leaks[..seen.leaks.len().min(5)]);
        assert!(seen.own * 100 >= seen.by_owners * 30, "too few answers held the caller's own word to prove anything: {seen:?}");
        assert_eq!(app.store.breaches(), 0, "the first wall was enough");
    }
}

/// All probes, on either database.
#[tokio::test]
#[ignore = "the full counts, which scripts/prove tenants runs"]
async fn prove_tenants_isolation() {
    for database in [Database::Sqlite, Database::Postgres] {
        let app = marked(database).await;
        let seen = probe(&app, 20_000).await;
        println!(
            "isolation on {database:?}: {} questions, {} by owners, {} of those answers ({} %) held the own word, {} leaks, {} breaches",
            seen.asked,
            seen.by_owners,
            seen.own,
            seen.own * 100 / seen.by_owners,
            seen.leaks.len(),
            app.store.breaches()
        );
        assert!(seen.leaks.is_empty() && seen.own * 100 >= seen.by_owners * 30 && app.store.breaches() == 0);
    }
}

/// The tables of tenants as the database knows them.
#[tokio::test]
async fn every_table_of_a_tenant_has_its_wall() {
    let app = TestApp::empty(Database::Postgres).await;
    let tables = app
        .rows(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, (SELECT count(DISTINCT p.polcmd) FROM pg_policy p WHERE p.polrelid = c.oid), \
             EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indkey[0] = a.attnum) \
             FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1",
        )
        .await;
    assert!(tables.len() > 20, "{tables:?}");
    for table in &tables {
        assert!(
            table.ends_with("|t|5|t"),
            "{table}: forced row-level security, policies for reading, adding, changing, removing and operating, an index that leads with the tenant"
        );
    }
    let roles = app.rows("SELECT rolname, rolsuper OR rolbypassrls OR rolcanlogin FROM pg_roles WHERE rolname LIKE 'concord\\_%' AND rolname IN ('concord_app', 'concord_operator') ORDER BY 1").await;
    assert_eq!(roles, ["concord_app|f", "concord_operator|f"]);
    let acting = app.rows("SELECT DISTINCT usesysid::regrole::text FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'concord'").await;
    assert_eq!(acting.len(), 1, "{acting:?}");
    let granted = app.rows("SELECT privilege_type FROM information_schema.role_table_grants WHERE grantee = 'concord_app' AND table_name = 'audit_event' ORDER BY 1").await;
    assert_eq!(granted, ["INSERT", "SELECT"], "the log is only added to");
    // What a caller of one tenant sees is not left to the program alone.
    let answer: Value = json!(app.rows("SET ROLE concord_app; SELECT count(*) FROM course WHERE status = 'DRAFT'").await);
    assert_eq!(answer, json!(["0"]));
}

/// The two colleges' administrators, as the program knows them.
#[cfg(feature = "faults")]
pub(crate) async fn callers_as(app: &TestApp) -> Vec<concord::policy::Principal> {
    let mut principals = Vec::new();
    for caller in callers(app).await.iter().filter(|caller| caller.own.is_some_and(|word| word.ends_with("th"))) {
        let mut headers = axum::http::HeaderMap::new();
        let bearer = format!("Bearer {}", caller.token.as_deref().unwrap_or_default());
        headers.insert("authorization", bearer.parse().expect("a header"));
        principals.push(app.identity().principal(&headers).await.expect("a principal"));
    }
    principals
}

/// A server over a database with a wall taken down.
#[cfg(feature = "faults")]
pub(crate) async fn without(kept: crate::support::Kept, change: impl FnOnce(&mut concord::store::Faults)) -> TestApp {
    TestApp::with_faults(kept, change).await
}
