//! Questions that look for what belongs to others: over every root field and edge, by every identifier, key, cursor and word that there is.

use serde_json::{Value, json};

use super::{Caller, TENANTS};
use crate::support::TestApp;
use crate::walk::named;

/// Makes one question after the other, always the same.
pub(super) struct Probes {
    state: u64,
    ids: Vec<String>,
    keys: Vec<String>,
    cursors: Vec<String>,
}

/// Everything of the things that have something private.
const COURSE: &str = "id code title summary status externalKeys { system value } assessments { title } prerequisites { code } programs { title } institution { slug }";
const PROGRAM: &str = "id title summary status externalKeys { value } components { course { code title } }";
const OFFERING: &str = "id code status externalKeys { value } subject { ... on Course { title status } ... on Program { title } } instructors { name email } enrollments { nodes { requestedAt transitions { reason } learner { displayName } results { feedback } award { revocationReason } } }";
const CREDENTIAL: &str = "id name status description";
const LEARNER: &str = "id displayName legalName email externalKeys { value } employments { name } consents { purpose } disclosures { nodes { actorName purpose } }";
const EMPLOYEE: &str = "id employeeName: name workEmail: email number jobTitle learner { displayName email } consent { purpose }";
const JOB: &str = "fileName items { nodes { problems { message } } }";
const IMPORT: &str = "fileName problems { nodes { file message } }";
const LOG: &str = "id actorName action subjectId changedFields requestId";

impl Probes {
    pub(super) async fn new(app: &TestApp) -> Self {
        let mut ids = Vec::new();
        let mut keys = Vec::new();
        for kind in concord::domain::id::Kind::ALL {
            for (key, id) in named(app, kind).await {
                keys.push(key);
                ids.push(id);
            }
            let table = concord::store::noun(kind).table;
            let hex = if app.store.dialect() == concord::store::sql::Dialect::Postgres { "id" } else { "hex(id)" };
            for id in app.rows(&format!("SELECT {hex} FROM {table}")).await {
                ids.push(concord::domain::id::GlobalId::new(kind, uuid::Uuid::try_parse(&id).expect("a UUID")).to_string());
            }
        }
        Self { state: 42, ids, keys, cursors: vec!["x".to_owned()] }
    }

    /// Pseudo-random numbers, the same in every run (xorshift, Marsaglia 2003).
    fn random(&mut self, below: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state % below as u64) as usize
    }

    fn pick(&mut self, of: &[&str]) -> String {
        of[self.random(of.len())].to_owned()
    }

    fn id(&mut self) -> String {
        let place = self.random(self.ids.len());
        self.ids[place].clone()
    }

    /// Keeps cursors that were answered: they are tried by everybody.
    pub(super) fn learn(&mut self, text: &str) {
        if let Some((_, rest)) = text.split_once("\"endCursor\":\"") {
            let cursor: String = rest.chars().take_while(|letter| *letter != '"').collect();
            let place = self.random(64);
            if self.cursors.len() < 64 {
                self.cursors.push(cursor);
            } else {
                self.cursors[place] = cursor;
            }
        }
    }

    /// The next question.
    pub(super) fn next(&mut self, caller: &Caller) -> Value {
        let institution = self.institution(caller);
        let mut variables = json!({ "id": self.id(), "ids": (0..20).map(|_| self.id()).collect::<Vec<_>>(), "institution": institution });
        let place = self.random(self.cursors.len());
        variables["after"] = self.cursors[place].clone().into();
        let key = self.random(self.keys.len());
        variables["key"] = self.keys[key].clone().into();
        variables["tenant"] = self.id().into();
        let word = self.random(TENANTS.len());
        variables["word"] = TENANTS[word].word.into();
        let sort = self.pick(&["TITLE", "PRICE", "STARTS_SOONEST", "RECENTLY_UPDATED", "RELEVANCE"]);
        let first = 1 + self.random(100);
        let all = format!(
            "... on Course {{ {COURSE} }} ... on Program {{ {PROGRAM} }} ... on Offering {{ {OFFERING} }} ... on Credential {{ {CREDENTIAL} }} ... on Institution {{ slug auditEvents {{ nodes {{ {LOG} }} }} staffMembers {{ nodes {{ name email }} }} }} \
             ... on Business {{ name auditEvents {{ nodes {{ {LOG} }} }} externalKeys {{ value }} enrollmentJobs {{ nodes {{ {JOB} }} }} importJobs {{ nodes {{ {IMPORT} }} }} }} ... on AuditEvent {{ {LOG} }} ... on StaffMember {{ name email }} ... on Assessment {{ assessmentTitle: title }} ... on Learner {{ {LEARNER} }} ... on Employee {{ {EMPLOYEE} }} ... on ConsentGrant {{ purpose }} ... on AssessmentResult {{ feedback }} ... on Award {{ revocationReason learner {{ displayName }} }} ... on Enrollment {{ requestedAt learner {{ displayName }} offering {{ code }} }} ... on Sponsorship {{ sponsorshipName: name budget vouchers {{ nodes {{ id enrollment {{ requestedAt }} }} }} enrollments {{ nodes {{ requestedAt }} }} }} ... on EnrollmentJob {{ {JOB} }} ... on ImportJob {{ {IMPORT} }}"
        );
        let questions = [
            format!("query($id: ID!) {{ node(id: $id) {{ __typename {all} }} }}"),
            format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ __typename {all} }} }}"),
            format!(
                "query($institution: ID!) {{ institution(by: {{ id: $institution }}) {{ slug courses(first: {first}, sort: {sort}) {{ totalCount nodes {{ {COURSE} }} pageInfo {{ endCursor }} }} offerings(first: {first}) {{ totalCount nodes {{ {OFFERING} }} }} }} }}"
            ),
            format!(
                "query($institution: ID!) {{ institution(by: {{ id: $institution }}) {{ programs {{ nodes {{ {PROGRAM} }} }} credentials {{ nodes {{ {CREDENTIAL} }} }} staffMembers {{ totalCount nodes {{ name email }} }} learners {{ totalCount nodes {{ {LEARNER} }} }} enrollments(sort: OLDEST) {{ totalCount nodes {{ requestedAt transitions {{ actorName reason }} }} }} }} }}"
            ),
            format!(
                "query($institution: ID!) {{ institution(by: {{ id: $institution }}) {{ auditEvents(first: {first}) {{ totalCount nodes {{ {LOG} }} pageInfo {{ endCursor }} }} }} }}"
            ),
            format!(
                "query($institution: ID!, $word: String) {{ institution(by: {{ id: $institution }}) {{ courses(search: $word, filter: {{ updatedSince: \"2020-01-01T00:00:00Z\" }}) {{ nodes {{ {COURSE} }} }} }} courses(search: $word) {{ totalCount nodes {{ id }} }} }}"
            ),
            format!(
                "query($institution: ID!, $after: String) {{ institution(by: {{ id: $institution }}) {{ courses(first: {first}, after: $after) {{ nodes {{ {COURSE} }} pageInfo {{ endCursor }} }} }} }}"
            ),
            format!(
                "query($institution: ID!) {{ courses(first: {first}, sort: {sort}, filter: {{ institutionIds: [$institution] }}) {{ totalCount nodes {{ {COURSE} }} pageInfo {{ endCursor }} }} programs {{ nodes {{ {PROGRAM} }} }} own: institution(by: {{ id: $institution }}) {{ courses {{ nodes {{ code }} }} }} }}"
            ),
            format!(
                "query($institution: ID!) {{ offerings(first: {first}, filter: {{ institutionIds: [$institution], updatedSince: \"2020-01-01T00:00:00Z\" }}) {{ totalCount nodes {{ {OFFERING} }} }} credentials {{ nodes {{ {CREDENTIAL} }} }} viewer {{ displayName grants {{ role tenant {{ ... on Business {{ name externalKeys {{ value }} auditEvents {{ nodes {{ {LOG} }} }} }} ... on Institution {{ slug auditEvents {{ nodes {{ {LOG} }} }} }} }} }} }} }}"
            ),
            format!(
                "query($tenant: ID!, $key: String!) {{ course(by: {{ externalKey: {{ tenantId: $tenant, system: \"banner\", value: $key }} }}) {{ {COURSE} }} business(by: {{ externalKey: {{ tenantId: $tenant, system: \"banner\", value: $key }} }}) {{ name externalKeys {{ value }} }} viewer {{ grants {{ tenant {{ ... on Business {{ externalKeys {{ value }} }} ... on Institution {{ courses {{ nodes {{ externalKeys {{ value }} }} }} }} }} }} }} }}"
            ),
            format!(
                "query($id: ID!) {{ course(by: {{ id: $id }}) {{ {COURSE} }} offering(by: {{ id: $id }}) {{ {OFFERING} }} program(by: {{ id: $id }}) {{ {PROGRAM} }} credential(by: {{ id: $id }}) {{ {CREDENTIAL} }} business(by: {{ id: $id }}) {{ name auditEvents {{ nodes {{ {LOG} }} }} externalKeys {{ value }} }} }}"
            ),
            format!(
                "{{ businesses(first: {first}) {{ nodes {{ name externalKeys {{ value }} auditEvents {{ nodes {{ {LOG} }} }} }} }} auditEvents {{ nodes {{ {LOG} }} }} viewer {{ grants {{ tenant {{ ... on Business {{ externalKeys {{ value }} }} ... on Institution {{ auditEvents {{ nodes {{ {LOG} }} }} }} }} }} }} }}"
            ),
            format!(
                "{{ institutions {{ nodes {{ courses(first: {first}) {{ nodes {{ {COURSE} }} }} auditEvents {{ nodes {{ {LOG} }} }} staffMembers {{ nodes {{ email }} }} }} }} }}"
            ),
            format!(
                "query($id: ID!, $tenant: ID!, $key: String!) {{ learner(by: {{ id: $id }}) {{ {LEARNER} }} keyed: learner(by: {{ externalKey: {{ tenantId: $tenant, system: \"banner\", value: $key }} }}) {{ {LEARNER} }} viewer {{ learner {{ {LEARNER} }} grants {{ tenant {{ ... on Business {{ employees(first: {first}) {{ totalCount nodes {{ {EMPLOYEE} }} }} enrollments {{ nodes {{ transitions {{ reason }} }} }} }} ... on Institution {{ slug courses {{ nodes {{ code }} }} }} }} }} }} }}"
            ),
            format!(
                "query($tenant: ID!, $word: String!) {{ business(by: {{ id: $tenant }}) {{ employees(search: $word, first: {first}) {{ totalCount nodes {{ {EMPLOYEE} }} }} sponsorships {{ nodes {{ name budget }} }} enrollments {{ nodes {{ requestedAt }} }} }} viewer {{ grants {{ tenant {{ ... on Business {{ name externalKeys {{ value }} }} ... on Institution {{ courses {{ nodes {{ code }} }} }} }} }} }} }}"
            ),
            format!(
                "mutation($id: ID!) {{ employeesSeparate(input: {{ ids: [$id, \"x\"] }}) {{ employees {{ {EMPLOYEE} }} userErrors {{ code message path }} }} employeesInvite(input: {{ ids: [$id, \"x\"] }}) {{ employees {{ {EMPLOYEE} }} userErrors {{ code message path }} }} consentRevoke(input: {{ id: $id }}) {{ consent {{ purpose }} userErrors {{ message }} }} }}"
            ),
            format!(
                "mutation($id: ID!) {{ courseUpdate(input: {{ id: $id, fields: {{}} }}) {{ course {{ {COURSE} }} userErrors {{ code message path }} }} offeringUpdate(input: {{ id: $id, fields: {{ capacity: -1 }} }}) {{ offering {{ {OFFERING} }} userErrors {{ code message }} }} }}"
            ),
            format!(
                "mutation($institution: ID!, $word: String!) {{ courseCreate(input: {{ institutionId: $institution, fields: {{ code: $word, title: $word, summary: \"\", price: \"-1\" }} }}) {{ course {{ {COURSE} }} userErrors {{ code message path }} }} }}"
            ),
            format!(
                "mutation($institution: ID!, $id: ID!) {{ courseCreate(input: {{ institutionId: $institution, fields: {{ code: \"\", prerequisiteIds: [$id], credentialId: $id }} }}) {{ course {{ {COURSE} }} userErrors {{ code message path }} }} }}"
            ),
        ];
        let place = self.random(questions.len());
        let question = &questions[place];
        // A word that is not asked for would excuse an answer that holds it.
        if let Some(variables) = variables.as_object_mut() {
            variables.retain(|name, _| question.contains(&format!("${name}:")));
        }
        json!({ "query": question, "variables": variables })
    }

    /// The caller's own institution more often than not, so that there is something to see.
    fn institution(&mut self, caller: &Caller) -> String {
        match &caller.tenant {
            Some(own) if self.random(10) < 7 => own.clone(),
            _ => self.id(),
        }
    }
}
