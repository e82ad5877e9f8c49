//! What must hold between the tables of people, seats and money whatever was done, as questions to which a sound database answers with nothing.
//!
//! Foreign keys and checks of the tables hold by themselves. What stands here is what the acts keep true between rows, and what a hand in the database can break.

use uuid::Uuid;

use super::Store;
use super::error::StoreError;
use super::sql::{Sql, Type};
use super::transaction::Transaction;
use crate::domain::enrollment::{NO_TICKET, State, TRANSITIONS};
use crate::domain::id::{GlobalId, Kind};

/// Something that must hold.
#[derive(Debug, Clone, Copy)]
pub struct Invariant {
    /// Name.
    pub name: &'static str,
    /// What is wrong with what is found.
    pub told: &'static str,
    /// What the keys are of that are found; `None` for those that have no identifiers.
    of: Option<Kind>,
    /// Query that gives the key of each break as `id`. `{seated}`, `{open}`, `{steps}`, `{none}` and `{unnamed}` stand for the states with a seat, the open ones, the steps of the
    /// table of transitions, the ticket of whoever does not wait, and that nothing is there of what a name stands for.
    sql: &'static str,
}

/// An invariant that does not hold.
#[derive(Debug, Clone)]
pub struct Break {
    /// Which.
    pub invariant: &'static Invariant,
    /// How often.
    pub number: i64,
    /// Where, for example: an identifier, or a key where there is none.
    pub example: String,
}

const fn invariant(name: &'static str, told: &'static str, of: Kind, sql: &'static str) -> Invariant {
    Invariant { name, told, of: Some(of), sql }
}

const fn keyed(name: &'static str, told: &'static str, sql: &'static str) -> Invariant {
    Invariant { name, told, of: None, sql }
}

/// Tables of what other systems have names for, which are the kinds of these names.
const NAMED: [&str; 15] = [
    "institution",
    "campus",
    "term",
    "staff_member",
    "program",
    "course",
    "offering",
    "competency",
    "credential",
    "credential_requirement",
    "credit_articulation",
    "assessment",
    "business",
    "learner",
    "employee",
];

/// Every invariant: the ledger, vouchers, seats and the waitlist, enrollments, what others see, and what is left over.
pub const INVARIANTS: &[Invariant] = &[
    keyed(
        "entries",
        "the postings of an entry of the ledger do not sum to zero",
        "SELECT p.entry_id AS id FROM ledger_posting p GROUP BY p.entry_id, p.sponsorship_id, p.unit HAVING sum(p.amount) <> 0",
    ),
    keyed(
        "empty_entries",
        "an entry of the ledger moves nothing",
        "SELECT e.id FROM ledger_entry e WHERE NOT EXISTS (SELECT 1 FROM ledger_posting p WHERE p.tenant_id = e.tenant_id AND p.entry_id = e.id)",
    ),
    invariant(
        "balances",
        "the balance of an account of a sponsorship is not the sum of its postings",
        Kind::Sponsorship,
        "SELECT a.sponsorship_id AS id FROM ledger_account a WHERE a.balance <> coalesce((SELECT sum(p.amount) FROM ledger_posting p \
         WHERE p.tenant_id = a.tenant_id AND p.sponsorship_id = a.sponsorship_id AND p.unit = a.unit AND p.name = a.name), 0)",
    ),
    invariant(
        "overspent",
        "an account of a sponsorship is overdrawn, or less than nothing was granted",
        Kind::Sponsorship,
        "SELECT a.sponsorship_id AS id FROM ledger_account a WHERE CASE WHEN a.name = 'GRANTED' THEN a.balance > 0 ELSE a.balance < 0 END",
    ),
    invariant(
        "accounts",
        "a sponsorship has not the accounts of its kind",
        Kind::Sponsorship,
        "SELECT s.id FROM sponsorship s WHERE (SELECT count(*) FROM ledger_account a WHERE a.sponsorship_id = s.id AND a.unit = 'MONEY') <> \
         CASE WHEN s.kind = 'SEAT_BLOCK' THEN 0 ELSE 4 END OR (SELECT count(*) FROM ledger_account a WHERE a.sponsorship_id = s.id AND a.unit = 'SEAT') <> \
         CASE WHEN s.kind = 'BUDGET' THEN 0 ELSE 4 END",
    ),
    invariant(
        "granted_seats",
        "a sponsorship has not granted as many seats as it says",
        Kind::Sponsorship,
        "SELECT s.id FROM sponsorship s JOIN ledger_account a ON a.sponsorship_id = s.id AND a.unit = 'SEAT' AND a.name = 'GRANTED' WHERE -a.balance <> coalesce(s.seats, 0)",
    ),
    invariant(
        "reserved_money",
        "a sponsorship has not reserved what its enrollments wait to be charged",
        Kind::Sponsorship,
        "SELECT a.sponsorship_id AS id FROM ledger_account a WHERE a.unit = 'MONEY' AND a.name = 'RESERVED' AND a.balance <> \
         coalesce((SELECT sum(f.amount_cents) FROM funding f WHERE f.sponsorship_id = a.sponsorship_id AND f.state = 'RESERVED'), 0)",
    ),
    invariant(
        "spent_money",
        "a sponsorship has not spent what its enrollments were charged",
        Kind::Sponsorship,
        "SELECT a.sponsorship_id AS id FROM ledger_account a WHERE a.unit = 'MONEY' AND a.name = 'SPENT' AND a.balance <> \
         coalesce((SELECT sum(f.amount_cents) FROM funding f WHERE f.sponsorship_id = a.sponsorship_id AND f.state = 'CHARGED'), 0)",
    ),
    invariant(
        "block_seats",
        "a block has not given as many seats as its enrollments have",
        Kind::Sponsorship,
        "SELECT s.id FROM sponsorship s JOIN ledger_account a ON a.sponsorship_id = s.id AND a.unit = 'SEAT' AND a.name IN ('RESERVED', 'SPENT') \
         WHERE s.kind = 'SEAT_BLOCK' AND a.balance <> (SELECT count(*) FROM funding f WHERE f.sponsorship_id = s.id AND f.state = \
         CASE WHEN a.name = 'SPENT' THEN 'CHARGED' ELSE 'RESERVED' END)",
    ),
    invariant(
        "voucher_seats",
        "a sponsorship has not given as many seats as there are vouchers of it",
        Kind::Sponsorship,
        "SELECT s.id FROM sponsorship s JOIN ledger_account a ON a.sponsorship_id = s.id AND a.unit = 'SEAT' AND a.name IN ('RESERVED', 'SPENT') \
         WHERE s.kind = 'VOUCHERS' AND a.balance <> (SELECT count(*) FROM voucher v WHERE v.sponsorship_id = s.id AND v.state = \
         CASE WHEN a.name = 'SPENT' THEN 'REDEEMED' ELSE 'UNUSED' END)",
    ),
    invariant(
        "voucher_money",
        "what is free of a sponsorship is not what its unused vouchers are worth",
        Kind::Sponsorship,
        "SELECT s.id FROM sponsorship s JOIN ledger_account a ON a.sponsorship_id = s.id AND a.unit = 'MONEY' AND a.name = 'FREE' \
         WHERE s.kind = 'VOUCHERS' AND a.balance <> coalesce((SELECT sum(v.value_cents) FROM voucher v WHERE v.sponsorship_id = s.id AND v.state = 'UNUSED'), 0)",
    ),
    invariant(
        "vouchers",
        "a voucher was used and pays for nothing, or for several, or pays though it can still be used",
        Kind::Voucher,
        "SELECT v.id FROM voucher v WHERE (SELECT count(*) FROM funding f WHERE f.sponsorship_id = v.sponsorship_id AND f.voucher_id = v.id AND f.state <> 'RELEASED') <> \
         CASE WHEN v.state = 'REDEEMED' THEN 1 ELSE 0 END",
    ),
    invariant(
        "voucher_codes",
        "a voucher has no code, or several",
        Kind::Voucher,
        "SELECT v.id FROM voucher v WHERE 1 <> (SELECT count(*) FROM voucher_code c WHERE c.business_id = v.tenant_id AND c.voucher_id = v.id)",
    ),
    invariant(
        "voucher_ends",
        "an unused voucher is not known to the sweep as it is, or the sweep knows one that there is not",
        Kind::Voucher,
        "SELECT v.id FROM voucher v WHERE v.state = 'UNUSED' AND NOT EXISTS (SELECT 1 FROM voucher_end e WHERE e.voucher = v.id AND e.business = v.tenant_id AND e.expires_on = v.expires_on) UNION ALL \
         SELECT e.voucher FROM voucher_end e WHERE NOT EXISTS (SELECT 1 FROM voucher v WHERE v.id = e.voucher AND v.state = 'UNUSED')",
    ),
    invariant(
        "exhausted",
        "a sponsorship has something left and counts as exhausted, or the other way round",
        Kind::Sponsorship,
        "SELECT s.id FROM sponsorship s WHERE s.status IN ('ACTIVE', 'EXHAUSTED') AND (s.status = 'ACTIVE') <> EXISTS (SELECT 1 FROM ledger_account a WHERE a.sponsorship_id = s.id \
         AND a.balance > 0 AND ((s.kind = 'BUDGET' AND a.unit = 'MONEY' AND a.name = 'FREE') OR (s.kind <> 'BUDGET' AND a.unit = 'SEAT' AND \
         (a.name = 'FREE' OR (a.name = 'RESERVED' AND s.kind = 'VOUCHERS')))))",
    ),
    invariant(
        "seats",
        "the seats of an offering that are taken are not those of its enrollments",
        Kind::Offering,
        "SELECT o.id FROM offering o WHERE o.seats_here <> (SELECT count(*) FROM enrollment e WHERE e.offering_id = o.id AND e.state IN ({seated}))",
    ),
    invariant(
        "waiting",
        "not as many wait for an offering as it counts",
        Kind::Offering,
        "SELECT o.id FROM offering o WHERE o.waiting_here <> (SELECT count(*) FROM enrollment e WHERE e.offering_id = o.id AND e.state = 'WAITLISTED')",
    ),
    invariant(
        "tickets",
        "whoever waits for an offering has no ticket alone, a ticket is nobody's, or the next one was given already",
        Kind::Offering,
        "SELECT e.offering_id AS id FROM enrollment e WHERE e.state = 'WAITLISTED' AND (NOT EXISTS (SELECT 1 FROM waitlist_ticket w WHERE w.offering = e.offering_id AND w.ticket = e.ticket) \
         OR EXISTS (SELECT 1 FROM enrollment d WHERE d.offering_id = e.offering_id AND d.ticket = e.ticket AND d.id <> e.id)) UNION ALL \
         SELECT w.offering FROM waitlist_ticket w WHERE NOT EXISTS (SELECT 1 FROM enrollment e WHERE e.offering_id = w.offering AND e.ticket = w.ticket AND e.ticket < {none}) UNION ALL \
         SELECT o.id FROM offering o WHERE EXISTS (SELECT 1 FROM waitlist_ticket w WHERE w.offering = o.id AND w.ticket >= o.next_ticket)",
    ),
    invariant(
        "offers",
        "a seat is offered and not known to the sweep as it is, or the sweep knows an offer that there is not",
        Kind::Enrollment,
        "SELECT e.id FROM enrollment e WHERE e.state = 'SEAT_OFFERED' AND NOT EXISTS (SELECT 1 FROM seat_offer s WHERE s.enrollment = e.id AND s.institution = e.tenant_id \
         AND s.expires_at = e.seat_offer_expires_at) UNION ALL \
         SELECT s.enrollment FROM seat_offer s WHERE NOT EXISTS (SELECT 1 FROM enrollment e WHERE e.id = s.enrollment AND e.state = 'SEAT_OFFERED')",
    ),
    invariant(
        "twice",
        "a learner has two open enrollments in one offering",
        Kind::Offering,
        "SELECT e.offering_id AS id FROM enrollment e WHERE e.state IN ({open}) GROUP BY e.offering_id, e.learner_id HAVING count(*) > 1",
    ),
    invariant(
        "history",
        "the history of an enrollment does not lead to where it stands, by steps that there are",
        Kind::Enrollment,
        "SELECT e.id FROM enrollment e WHERE NOT EXISTS (SELECT 1 FROM enrollment_transition h WHERE h.enrollment_id = e.id AND h.to_state = e.state \
         AND h.number = (SELECT count(*) FROM enrollment_transition n WHERE n.enrollment_id = e.id)) UNION ALL \
         SELECT h.enrollment_id FROM enrollment_transition h WHERE CASE WHEN h.from_state IS NULL THEN h.number <> 1 OR h.to_state NOT IN ('REQUESTED', 'WAITLISTED', 'ENROLLED') \
         ELSE h.from_state || ' ' || h.to_state NOT IN ({steps}) OR NOT EXISTS (SELECT 1 FROM enrollment_transition b WHERE b.enrollment_id = h.enrollment_id \
         AND b.number = h.number - 1 AND b.to_state = h.from_state) END",
    ),
    invariant(
        "ended",
        "an enrollment is open in an offering that was cancelled, or waits in one that is over",
        Kind::Enrollment,
        "SELECT e.id FROM enrollment e JOIN offering o ON o.id = e.offering_id WHERE (o.status = 'CANCELLED' AND e.state IN ({open})) \
         OR (o.status = 'FINISHED' AND e.state IN ('REQUESTED', 'WAITLISTED', 'SEAT_OFFERED'))",
    ),
    invariant(
        "prices",
        "nobody pays for an enrollment",
        Kind::Enrollment,
        "SELECT e.id FROM enrollment e WHERE NOT EXISTS (SELECT 1 FROM funding f WHERE f.enrollment_id = e.id)",
    ),
    invariant(
        "settled",
        "what is paid for an enrollment is reserved, charged or given back at another time than its state says",
        Kind::Enrollment,
        "SELECT e.id FROM funding f JOIN enrollment e ON e.id = f.enrollment_id WHERE CASE f.state \
         WHEN 'RESERVED' THEN e.state NOT IN ('REQUESTED', 'WAITLISTED', 'SEAT_OFFERED', 'ENROLLED') \
         WHEN 'CHARGED' THEN e.state NOT IN ('ACTIVE', 'COMPLETED', 'NOT_COMPLETED', 'WITHDRAWN') ELSE e.state NOT IN ('CANCELLED', 'DECLINED', 'WITHDRAWN') END",
    ),
    invariant(
        "owners",
        "a part of a price or a step is another learner's than its enrollment, or a part another's than its sponsorship",
        Kind::Enrollment,
        "SELECT f.enrollment_id AS id FROM funding f JOIN enrollment e ON e.id = f.enrollment_id WHERE f.learner_id <> e.learner_id UNION ALL \
         SELECT h.enrollment_id FROM enrollment_transition h JOIN enrollment e ON e.id = h.enrollment_id WHERE h.learner_id <> e.learner_id UNION ALL \
         SELECT f.enrollment_id FROM funding f JOIN sponsorship s ON s.id = f.sponsorship_id WHERE s.tenant_id <> f.payer_id",
    ),
    invariant(
        "shown",
        "a business is shown something else of an enrollment than it is, or one that there is not",
        Kind::Enrollment,
        "SELECT b.id FROM business_enrollment b LEFT JOIN enrollment e ON e.id = b.id WHERE e.id IS NULL OR e.tenant_id <> b.institution_id OR e.offering_id <> b.offering_id \
         OR e.learner_id <> b.learner_id OR e.state <> b.state OR e.ticket <> b.ticket OR e.seat_offer_expires_at IS DISTINCT FROM b.seat_offer_expires_at \
         OR e.percent_complete <> b.percent_complete OR e.soft_skill_hours <> b.soft_skill_hours OR e.last_activity_at IS DISTINCT FROM b.last_activity_at \
         OR e.requested_at <> b.requested_at OR e.updated_at < b.updated_at",
    ),
    invariant(
        "payers",
        "a business pays for an enrollment and does not see it as its own, or sees one so that it does not pay for",
        Kind::Enrollment,
        "SELECT f.enrollment_id AS id FROM funding f WHERE f.payer_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM business_enrollment b WHERE b.tenant_id = f.payer_id AND b.id = f.enrollment_id \
         AND b.is_paid) UNION ALL SELECT b.id FROM business_enrollment b JOIN enrollment e ON e.id = b.id WHERE b.is_paid AND NOT EXISTS (SELECT 1 FROM funding f WHERE f.enrollment_id = b.id \
         AND f.payer_id = b.tenant_id)",
    ),
    invariant(
        "consents",
        "a business sees an enrollment that it neither pays for nor may see, or does not see one that it may",
        Kind::Enrollment,
        "SELECT b.id FROM business_enrollment b JOIN enrollment e ON e.id = b.id WHERE NOT b.is_paid AND NOT EXISTS (SELECT 1 FROM consent_grant c WHERE c.learner_id = e.learner_id \
         AND c.business_id = b.tenant_id AND c.revoked_at IS NULL) AND NOT EXISTS (SELECT 1 FROM funding f WHERE f.enrollment_id = b.id AND f.payer_id = b.tenant_id) UNION ALL \
         SELECT e.id FROM consent_grant c JOIN enrollment e ON e.learner_id = c.learner_id WHERE c.revoked_at IS NULL AND c.business_id IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM business_enrollment b WHERE b.tenant_id = c.business_id AND b.id = e.id)",
    ),
    invariant(
        "known",
        "a tenant does not know a learner who is enrolled with it or shows it something, or a business knows one who does not",
        Kind::Learner,
        "SELECT e.learner_id AS id FROM enrollment e WHERE NOT EXISTS (SELECT 1 FROM learner_tenant k WHERE k.tenant_id = e.tenant_id AND k.id = e.learner_id) UNION ALL \
         SELECT c.learner_id FROM consent_grant c WHERE c.revoked_at IS NULL AND c.business_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM learner_tenant k WHERE k.tenant_id = c.business_id \
         AND k.id = c.learner_id) UNION ALL SELECT k.id FROM learner_tenant k JOIN business b ON b.id = k.tenant_id WHERE NOT EXISTS (SELECT 1 FROM consent_grant c WHERE c.learner_id = k.id \
         AND c.business_id = k.tenant_id AND c.revoked_at IS NULL)",
    ),
    invariant(
        "imports",
        "an import counts other rows as refused than have problems, keeps rows though it has ended, or waits for nobody",
        Kind::ImportJob,
        "SELECT j.id FROM import_job j WHERE j.finished_at IS NOT NULL AND j.rows_rejected <> (SELECT count(DISTINCT p.line) FROM import_problem p WHERE p.job_id = j.id AND p.is_row) UNION ALL \
         SELECT r.job_id FROM import_row r JOIN import_job j ON j.id = r.job_id WHERE j.finished_at IS NOT NULL UNION ALL \
         SELECT j.id FROM import_job j WHERE (j.finished_at IS NULL) <> EXISTS (SELECT 1 FROM import_lease l WHERE l.job = j.id)",
    ),
    invariant(
        "results",
        "a result is above what can be reached or below nothing, or is passed where it is not, or the other way round",
        Kind::AssessmentResult,
        "SELECT r.id FROM assessment_result r WHERE r.score < 0 OR r.score > r.max_score OR r.is_passed <> (r.score >= r.pass_score)",
    ),
    invariant(
        "attempts",
        "the attempts of an enrollment in an assessment are not numbered from 1 without a gap",
        Kind::Enrollment,
        "SELECT r.enrollment_id AS id FROM assessment_result r GROUP BY r.enrollment_id, r.assessment_id HAVING min(r.attempt) <> 1 OR max(r.attempt) <> count(*)",
    ),
    invariant(
        "records",
        "a result is of another learner, offering or subject than its enrollment, or of one that has not begun, or a rating is another's than its result",
        Kind::AssessmentResult,
        "SELECT r.id FROM assessment_result r JOIN enrollment e ON e.id = r.enrollment_id WHERE e.learner_id <> r.learner_id OR e.offering_id <> r.offering_id \
         OR e.state IN ('REQUESTED', 'WAITLISTED', 'SEAT_OFFERED', 'DECLINED') UNION ALL \
         SELECT r.id FROM assessment_result r JOIN assessment a ON a.id = r.assessment_id JOIN offering o ON o.id = r.offering_id \
         WHERE a.course_id IS DISTINCT FROM o.course_id OR a.program_id IS DISTINCT FROM o.program_id UNION ALL \
         SELECT r.id FROM competency_rating c JOIN assessment_result r ON r.id = c.result_id WHERE c.learner_id <> r.learner_id OR c.offering_id <> r.offering_id",
    ),
    invariant(
        "awards",
        "an award came from an enrollment that was not completed or is another learner's, or is of a learner whom the institution does not know",
        Kind::Award,
        "SELECT a.id FROM award a JOIN enrollment e ON e.id = a.enrollment_id WHERE e.state <> 'COMPLETED' OR e.learner_id <> a.learner_id OR e.offering_id <> a.offering_id UNION ALL \
         SELECT a.id FROM award a WHERE NOT EXISTS (SELECT 1 FROM learner_tenant k WHERE k.tenant_id = a.tenant_id AND k.id = a.learner_id)",
    ),
    invariant(
        "held_twice",
        "a learner holds two valid awards of a credential from one enrollment, or from none",
        Kind::Award,
        "SELECT a.id FROM award a JOIN award b ON b.learner_id = a.learner_id AND b.credential_id = a.credential_id AND b.id <> a.id AND b.enrollment_id IS NOT DISTINCT FROM a.enrollment_id \
         WHERE a.revoked_at IS NULL AND b.revoked_at IS NULL AND a.issued_on <= b.issued_on AND coalesce(a.expires_on >= b.issued_on, TRUE)",
    ),
    keyed(
        "answers",
        "an act was done, and what was answered to its key is not kept",
        "SELECT k.key AS id FROM idempotency_key k WHERE k.answer IS NULL",
    ),
    keyed(
        "names",
        "a name of another system stands for something that there is not",
        "SELECT k.object_id AS id FROM external_key k WHERE {unnamed}",
    ),
    keyed(
        "strays",
        "a row of the ledger is about nothing that there is, or a learner is known to a tenant that there is not",
        "SELECT e.id FROM ledger_entry e WHERE e.about IS NOT NULL AND NOT EXISTS (SELECT 1 FROM enrollment t WHERE t.id = e.about) \
         AND NOT EXISTS (SELECT 1 FROM voucher v WHERE v.id = e.about) UNION ALL SELECT k.id FROM learner_tenant k \
         WHERE NOT EXISTS (SELECT 1 FROM institution t WHERE t.id = k.tenant_id) AND NOT EXISTS (SELECT 1 FROM business t WHERE t.id = k.tenant_id)",
    ),
];

/// Texts between quotes, in a list.
fn list(names: impl Iterator<Item = String>) -> String {
    names.map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
}

impl Invariant {
    /// The query that gives one key of those where it does not hold, and how many there are.
    fn question(&self) -> String {
        let states = |is: fn(State) -> bool| list(State::ALL.into_iter().filter(|state| is(*state)).map(|state| state.name().to_owned()));
        let unnamed: Vec<String> = NAMED
            .iter()
            .map(|table| format!("NOT EXISTS (SELECT 1 FROM {table} t WHERE t.id = k.object_id AND k.kind = '{table}')"))
            .collect();
        let keys = self
            .sql
            .replace("{seated}", &states(State::has_seat))
            .replace("{open}", &states(State::is_open))
            .replace("{steps}", &list(TRANSITIONS.iter().map(|(from, to, _)| format!("{} {}", from.name(), to.name()))))
            .replace("{none}", &NO_TICKET.to_string())
            .replace("{unnamed}", &unnamed.join(" AND "));
        format!("SELECT b.id, count(*) OVER () FROM ({keys}) b ORDER BY b.id LIMIT 1")
    }

    fn example(&self, id: Uuid) -> String {
        self.of.map_or_else(|| id.to_string(), |kind| GlobalId::new(kind, id).to_string())
    }
}

impl Transaction {
    /// Invariants that do not hold, as this transaction sees it.
    pub async fn breaks(&mut self) -> Result<Vec<Break>, StoreError> {
        let mut connection = self.connection();
        let mut found = Vec::new();
        for invariant in INVARIANTS {
            let mut sql = Sql::new(connection.dialect());
            sql.push(&invariant.question());
            let rows = connection.fetch(sql, &[Type::Uuid, Type::Long]).await?;
            if let Some(cells) = rows.first() {
                let number = cells[1].integer().unwrap_or_default();
                found.push(Break { invariant, number, example: invariant.example(cells[0].uuid().unwrap_or_default()) });
            }
        }
        Ok(found)
    }
}

impl Store {
    /// Invariants that do not hold, all of them looked at as of one instant.
    pub async fn breaks(&self) -> Result<Vec<Break>, StoreError> {
        let mut transaction = self.snapshot().await?;
        let found = transaction.breaks().await;
        transaction.rollback().await?;
        found
    }
}
