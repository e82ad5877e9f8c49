//! How an object of each type is reached, so that its fields can be asked for.

mod jobs;
mod people;

use concord::domain::id::{Kind, digits};
use concord::domain::tenant::Tenant;

use crate::support::TestApp;
use crate::support::people::{INVITATION, key, literal, people, person, records};
use crate::support::token::issuer;
use crate::walk::id;

/// Identifiers of the things that are asked for: a college's and a business'.
pub(super) struct Names {
    north: String,
    south: String,
    acme: String,
    course: String,
    draft: String,
    program: String,
    offering: String,
    cohort: String,
    credential: String,
    stack: String,
    competency: String,
    campus: String,
    term: String,
    staff: String,
    assessment: String,
    issuer: String,
    upload: String,
    roster: String,
}

impl Names {
    pub(super) async fn of(app: &TestApp) -> Self {
        let names = Self {
            north: id(app, Kind::Institution, "north").await,
            south: id(app, Kind::Institution, "south").await,
            acme: id(app, Kind::Business, "acme").await,
            course: id(app, Kind::Course, "north-101").await,
            draft: id(app, Kind::Course, "north-200").await,
            program: id(app, Kind::Program, "north-path").await,
            offering: id(app, Kind::Offering, "n1").await,
            cohort: id(app, Kind::Offering, "n6").await,
            credential: id(app, Kind::Credential, "north-badge").await,
            stack: id(app, Kind::Credential, "south-certificate").await,
            competency: id(app, Kind::Competency, "brazing").await,
            campus: id(app, Kind::Campus, "north-main").await,
            term: id(app, Kind::Term, "north-27sp").await,
            staff: id(app, Kind::StaffMember, "north-ana").await,
            assessment: id(app, Kind::Assessment, "north-101-check").await,
            upload: jobs::upload(app, 200).await,
            roster: jobs::upload(app, 201).await,
            issuer: issuer(Tenant::named(&id(app, Kind::Institution, "north").await).expect("a tenant")).issuer,
        };
        names.write_a_log(app).await;
        people(app).await;
        records(app).await;
        names
    }

    /// A line in the log of the college, and one in that of the business.
    async fn write_a_log(&self, app: &TestApp) {
        for (number, tenant) in
            ["(SELECT id FROM institution WHERE slug = 'penasco')", "(SELECT id FROM business WHERE name = 'Larkspur Heating LLC')"]
                .iter()
                .enumerate()
        {
            let of = |number: u128| literal(app, uuid::Uuid::from_u128(0x019b_76da_0000_7000_8000_0000_0000_0000 | number));
            let (line, actor) = (of(0x100 | number as u128), of(1));
            app.execute(&format!("INSERT INTO audit_chain (tenant_id, number, hash) VALUES ({tenant}, 1, '')")).await;
            app.execute(&format!(
                "INSERT INTO audit_event (tenant_id, id, number, at, actor_name, actor_issuer, actor_subject, action, subject_id, changed_fields, request_id, ip_address, previous_hash, hash) \
                 VALUES ({tenant}, {line}, 1, '2027-01-10T00:00:00+00:00', 'Somebody', {actor}, 's', 'courseUpdate', 'crs_1', 'title', 'r', '192.0.2.1', '', '')"
            ))
            .await;
        }
    }
}

/// A way to the objects of a type.
pub(super) struct Way {
    before: String,
    after: &'static str,
    /// Fields from the root to the object.
    pub(super) path: &'static [&'static str],
    arguments: Vec<(&'static str, String)>,
}

impl Way {
    /// A question for fields of the object.
    pub(super) fn document(&self, selection: &str) -> String {
        format!("{} {selection} {}", self.before, self.after)
    }

    /// The arguments of a field: those that must be given are listed with the way.
    pub(super) fn arguments(&self, field: &str) -> String {
        self.arguments.iter().find(|(name, _)| *name == field).map(|(_, arguments)| format!("({arguments})")).unwrap_or_default()
    }
}

/// A key of an act that is to be done once.
const KEY: &str = "0a4f0c52-7a54-4c0b-8a1d-5a3f5f3a9c01";

/// Fields that are empty for the things that are asked for here, and are read in the snapshots of their nouns.
pub(super) const EMPTY: &[&str] = &[
    "Alignment.url",
    "BusinessCreatePayload.userErrors",
    "ConsentGrant.revokedAt",
    "ConsentGrantPayload.userErrors",
    "ConsentRevokePayload.userErrors",
    "Course.credential",
    "Course.credits",
    "Course.prerequisites",
    "Credential.requirements",
    "Disclosure.tenant",
    "Employee.enrollments",
    "EmploymentConfirmPayload.userErrors",
    "Enrollment.seatOfferExpiresAt",
    "Enrollment.waitlistPosition",
    "EnrollmentBulkRequestPayload.userErrors",
    "EnrollmentJob.failure",
    "ImportJob.failure",
    "EnrollmentJobItem.problems",
    "EnrollmentRequestPayload.userErrors",
    "EnrollmentRequestResult.enrollment",
    "EnrollmentTransition.from",
    "EnrollmentTransition.reason",
    "EnrollmentTransitionPayload.userErrors",
    "Funding.aidReference",
    "Sponsorship.heldOfferings",
    "SponsorshipCreatePayload.userErrors",
    "SponsorshipUpdatePayload.userErrors",
    "UploadCreatePayload.userErrors",
    "Voucher.code",
    "Voucher.enrollment",
    "VouchersIssuePayload.userErrors",
    "VouchersVoidPayload.vouchers",
];

/// The way to a type; `None` where nobody has said one.
pub(super) fn way(of: &str, names: &Names) -> Option<Way> {
    let plain = |before: String, after, path| Some(Way { before, after, path, arguments: Vec::new() });
    let node = |id: &str, of: &str| format!("{{ node(id: \"{id}\") {{ ... on {of} {{");
    let institution = format!("{{ institution(by: {{ id: \"{}\" }}) {{", names.north);
    match of {
        "Query" => {
            let by = |id: &str| format!("by: {{ id: \"{id}\" }}");
            Some(Way {
                before: "{".to_owned(),
                after: "}",
                path: &[],
                arguments: vec![
                    ("node", format!("id: \"{}\"", names.course)),
                    ("nodes", format!("ids: [\"{}\"]", names.course)),
                    ("institution", by(&names.north)),
                    ("course", by(&names.course)),
                    ("program", by(&names.program)),
                    ("offering", by(&names.offering)),
                    ("credential", by(&names.credential)),
                    ("business", by(&names.acme)),
                    ("learner", by(&person(Kind::Learner, 1))),
                    ("award", format!("verificationCode: \"{}\"", digits(key(Kind::Award, 2)))),
                ],
            })
        }
        "Mutation" => Some(mutations(names)),
        "Viewer" => plain("{ viewer {".to_owned(), "} }", &["viewer"]),
        "Grant" => plain("{ viewer { grants {".to_owned(), "} } }", &["viewer", "grants"]),
        "RateLimit" => plain("{ viewer { rateLimit {".to_owned(), "} } }", &["viewer", "rateLimit"]),
        "Institution" => plain(institution, "} }", &["institution"]),
        "Region" => plain("{ regions {".to_owned(), "} }", &["regions"]),
        "Industry" => plain("{ industries {".to_owned(), "} }", &["industries"]),
        "Alignment" => plain(format!("{institution} alignments {{"), "} } }", &["institution", "alignments"]),
        "Campus" => plain(node(&names.campus, of), "} } }", &["node"]),
        "Address" => plain(format!("{} address {{", node(&names.campus, "Campus")), "} } } }", &["node", "address"]),
        "Term" => plain(node(&names.term, of), "} } }", &["node"]),
        "StaffMember" => plain(node(&names.staff, of), "} } }", &["node"]),
        "Course" => plain(node(&names.course, of), "} } }", &["node"]),
        "Program" => plain(node(&names.program, of), "} } }", &["node"]),
        "ProgramComponent" => plain(format!("{} components {{", node(&names.program, "Program")), "} } } }", &["node", "components"]),
        "Offering" => plain(node(&names.offering, of), "} } }", &["node"]),
        "Seats" => plain(format!("{} seats {{", node(&names.offering, "Offering")), "} } } }", &["node", "seats"]),
        "Competency" => plain(node(&names.competency, of), "} } }", &["node"]),
        "Credential" => plain(node(&names.credential, of), "} } }", &["node"]),
        "CredentialRequirement" => {
            plain(format!("{} requirements {{", node(&names.stack, "Credential")), "} } } }", &["node", "requirements"])
        }
        "CreditArticulation" => {
            plain(format!("{} articulations {{", node(&names.credential, "Credential")), "} } } }", &["node", "articulations"])
        }
        "Assessment" => plain(node(&names.assessment, of), "} } }", &["node"]),
        "Business" => plain(node(&names.acme, of), "} } }", &["node"]),
        "ExternalKey" => plain(format!("{} externalKeys {{", node(&names.acme, "Business")), "} } } }", &["node", "externalKeys"]),
        "AuditEvent" => plain(format!("{institution} auditEvents {{ nodes {{"), "} } } }", &["institution", "auditEvents", "nodes"]),
        "AuditEventConnection" => plain(format!("{institution} auditEvents {{"), "} } }", &["institution", "auditEvents"]),
        "AuditEventEdge" => plain(format!("{institution} auditEvents {{ edges {{"), "} } } }", &["institution", "auditEvents", "edges"]),
        "StaffMemberConnection" => plain(format!("{institution} staffMembers {{"), "} } }", &["institution", "staffMembers"]),
        "StaffMemberEdge" => plain(format!("{institution} staffMembers {{ edges {{"), "} } } }", &["institution", "staffMembers", "edges"]),
        "PageInfo" => plain("{ courses { pageInfo {".to_owned(), "} } }", &["courses", "pageInfo"]),
        "InstitutionConnection" => plain("{ institutions {".to_owned(), "} }", &["institutions"]),
        "InstitutionEdge" => plain("{ institutions { edges {".to_owned(), "} } }", &["institutions", "edges"]),
        "CourseConnection" => plain("{ courses {".to_owned(), "} }", &["courses"]),
        "CourseEdge" => plain("{ courses { edges {".to_owned(), "} } }", &["courses", "edges"]),
        "ProgramConnection" => plain("{ programs {".to_owned(), "} }", &["programs"]),
        "ProgramEdge" => plain("{ programs { edges {".to_owned(), "} } }", &["programs", "edges"]),
        "OfferingConnection" => plain("{ offerings {".to_owned(), "} }", &["offerings"]),
        "OfferingEdge" => plain("{ offerings { edges {".to_owned(), "} } }", &["offerings", "edges"]),
        "CredentialConnection" => plain("{ credentials {".to_owned(), "} }", &["credentials"]),
        "CredentialEdge" => plain("{ credentials { edges {".to_owned(), "} } }", &["credentials", "edges"]),
        "CompetencyConnection" => plain("{ competencies {".to_owned(), "} }", &["competencies"]),
        "CompetencyEdge" => plain("{ competencies { edges {".to_owned(), "} } }", &["competencies", "edges"]),
        "BusinessConnection" => plain("{ businesses {".to_owned(), "} }", &["businesses"]),
        "BusinessEdge" => plain("{ businesses { edges {".to_owned(), "} } }", &["businesses", "edges"]),
        "UserError" => plain(
            format!("mutation {{ courseUpdate(input: {{ id: \"{}\", fields: {{ title: \"\" }} }}) {{ userErrors {{", names.course),
            "} } }",
            &["courseUpdate", "userErrors"],
        ),
        other => people::way(other, names).or_else(|| payloads(other, names)).or_else(|| jobs::way(other, names)),
    }
}

/// Mutations that change nothing: an object is told to be as it is, or lacks all that it must have.
fn mutations(names: &Names) -> Way {
    let update = |id: &str| format!("input: {{ id: \"{id}\", fields: {{}} }}");
    let create = |owner: &str, id: &str| format!("input: {{ {owner}: \"{id}\", fields: {{}} }}");
    Way {
        before: "mutation {".to_owned(),
        after: "}",
        path: &[],
        arguments: vec![
            ("courseCreate", create("institutionId", &names.north)),
            ("courseUpdate", update(&names.draft)),
            ("programCreate", create("institutionId", &names.north)),
            ("programUpdate", update(&names.program)),
            ("offeringCreate", create("subjectId", &names.course)),
            ("offeringUpdate", update(&names.offering)),
            ("credentialCreate", create("issuerId", &names.north)),
            ("credentialUpdate", update(&names.credential)),
            ("businessCreate", "input: { fields: {} }".to_owned()),
            ("businessUpdate", update(&names.acme)),
            ("accessRevoke", "input: { access: { token: { name: \"\" } } }".to_owned()),
            ("employeesUpsert", format!("input: {{ businessId: \"{}\", items: [] }}", names.acme)),
            ("employeesInvite", "input: { ids: [] }".to_owned()),
            ("employeesSeparate", "input: { ids: [] }".to_owned()),
            ("enrollmentRequest", format!("input: {{ idempotencyKey: \"{KEY}\", offeringId: \"\" }}")),
            ("enrollmentTransition", "input: { id: \"\", to: ACTIVE }".to_owned()),
            ("awardIssue", format!("input: {{ idempotencyKey: \"{KEY}\", learnerId: \"\", credentialId: \"\" }}")),
            ("awardRevoke", "input: { id: \"\", reason: \"\" }".to_owned()),
            ("assessmentResultsRecord", format!("input: {{ idempotencyKey: \"{KEY}\", items: [] }}")),
            ("enrollmentBulkRequest", format!("input: {{ idempotencyKey: \"{}\", items: [] }}", KEY.replace("9c01", "9c06"))),
            ("sponsorshipCreate", format!("input: {{ idempotencyKey: \"{KEY}\", businessId: \"{}\", fields: {{}} }}", names.acme)),
            ("sponsorshipUpdate", update(&person(Kind::Sponsorship, 1))),
            (
                "vouchersIssue",
                format!(
                    "input: {{ idempotencyKey: \"{KEY}\", sponsorshipId: \"\", count: 0, value: \"1.00\", expiresOn: \"2027-02-01\" }}"
                ),
            ),
            ("vouchersVoid", "input: { ids: [] }".to_owned()),
            ("uploadCreate", "input: { fileName: \"\", byteSize: 0 }".to_owned()),
            ("enrollmentJobStart", format!("input: {{ idempotencyKey: \"{KEY}\", uploadToken: \"\" }}")),
            (
                "importStart",
                format!("input: {{ idempotencyKey: \"{KEY}\", tenantId: \"{}\", kind: ROSTER_CSV, uploadToken: \"\" }}", names.acme),
            ),
            ("jobCancel", "input: { id: \"\" }".to_owned()),
            ("employmentConfirm", "input: { invitationCode: \"\", scopes: [] }".to_owned()),
            ("consentGrant", "input: { granteeId: \"\", scopes: [] }".to_owned()),
            ("consentRevoke", "input: { id: \"\" }".to_owned()),
        ],
    }
}

fn payloads(of: &str, names: &Names) -> Option<Way> {
    let way = |name: &'static str, arguments: &str, path| {
        Some(Way { before: format!("mutation {{ {name}({arguments}) {{"), after: "} }", path, arguments: Vec::new() })
    };
    let update = |id: &str| format!("input: {{ id: \"{id}\", fields: {{}} }}");
    match of {
        "CourseUpdatePayload" => way("courseUpdate", &update(&names.course), &["courseUpdate"]),
        "ProgramUpdatePayload" => way("programUpdate", &update(&names.program), &["programUpdate"]),
        "OfferingUpdatePayload" => way("offeringUpdate", &update(&names.offering), &["offeringUpdate"]),
        "CredentialUpdatePayload" => way("credentialUpdate", &update(&names.credential), &["credentialUpdate"]),
        // Every caller makes the same: what is past gives its code up for the next.
        "CourseCreatePayload" => way(
            "courseCreate",
            &format!(
                "input: {{ institutionId: \"{}\", fields: {{ code: \"A\", title: \"A\", summary: \"A\", price: \"1.00\", status: RETIRED }} }}",
                names.north
            ),
            &["courseCreate"],
        ),
        "ProgramCreatePayload" => way(
            "programCreate",
            &format!("input: {{ institutionId: \"{}\", fields: {{ kind: DEGREE, title: \"A\", summary: \"A\" }} }}", names.north),
            &["programCreate"],
        ),
        "OfferingCreatePayload" => way(
            "offeringCreate",
            &format!(
                "input: {{ subjectId: \"{}\", fields: {{ code: \"A\", modality: HYBRID, startsOn: \"2027-02-01\", endsOn: \"2027-02-02\", capacity: 1, status: CANCELLED }} }}",
                names.course
            ),
            &["offeringCreate"],
        ),
        "CredentialCreatePayload" => way(
            "credentialCreate",
            &format!(
                "input: {{ issuerId: \"{}\", fields: {{ kind: DEGREE, name: \"A\", description: \"A\", criteria: \"A\" }} }}",
                names.north
            ),
            &["credentialCreate"],
        ),
        "BusinessCreatePayload" => {
            way("businessCreate", "input: { fields: { name: \"A\", naicsCode: \"23\", regionCode: \"NORTH\" } }", &["businessCreate"])
        }
        "AccessRevokePayload" => way(
            "accessRevoke",
            // A name that nobody bears: whoever may take it away takes nothing from anybody here.
            &format!("input: {{ access: {{ token: {{ issuer: \"{}\", name: \"none\" }} }} }}", names.issuer),
            &["accessRevoke"],
        ),
        "EnrollmentRequestPayload" => way(
            "enrollmentRequest",
            &format!("input: {{ idempotencyKey: \"{}\", offeringId: \"{}\" }}", KEY.replace("9c01", "9c03"), names.cohort),
            &["enrollmentRequest"],
        ),
        // It is so already.
        "EnrollmentTransitionPayload" => way(
            "enrollmentTransition",
            &format!("input: {{ id: \"{}\", to: ACTIVE }}", person(Kind::Enrollment, 1)),
            &["enrollmentTransition"],
        ),
        "EnrollmentBulkRequestPayload" => way("enrollmentBulkRequest", &jobs::bulk(names), &["enrollmentBulkRequest"]),
        "SponsorshipCreatePayload" => way(
            "sponsorshipCreate",
            &format!(
                "input: {{ idempotencyKey: \"{KEY}\", businessId: \"{}\", fields: {{ name: \"A\", kind: BUDGET, budget: \"1.00\", startsOn: \"2027-01-01\", endsOn: \"2027-02-02\" }} }}",
                names.acme
            ),
            &["sponsorshipCreate"],
        ),
        "SponsorshipUpdatePayload" => way("sponsorshipUpdate", &update(&person(Kind::Sponsorship, 1)), &["sponsorshipUpdate"]),
        "VouchersIssuePayload" => way(
            "vouchersIssue",
            &format!(
                "input: {{ idempotencyKey: \"{}\", sponsorshipId: \"{}\", count: 1, value: \"1.00\", expiresOn: \"2027-02-01\" }}",
                KEY.replace("9c01", "9c02"),
                person(Kind::Sponsorship, 1)
            ),
            &["vouchersIssue"],
        ),
        // One that there is not.
        "VouchersVoidPayload" => way("vouchersVoid", &format!("input: {{ ids: [\"{}\"] }}", person(Kind::Voucher, 77)), &["vouchersVoid"]),
        "EmployeesUpsertPayload" => {
            let item = "{ name: \"New One\", email: \"one@new.example\" }";
            way("employeesUpsert", &format!("input: {{ businessId: \"{}\", items: [{item}] }}", names.acme), &["employeesUpsert"])
        }
        // Somebody who has not confirmed yet.
        "EmployeesInvitePayload" => {
            way("employeesInvite", &format!("input: {{ ids: [\"{}\"] }}", person(Kind::Employee, 2)), &["employeesInvite"])
        }
        // Somebody who has left already.
        "EmployeesSeparatePayload" => {
            way("employeesSeparate", &format!("input: {{ ids: [\"{}\"] }}", person(Kind::Employee, 3)), &["employeesSeparate"])
        }
        "EmploymentConfirmPayload" => {
            way("employmentConfirm", &format!("input: {{ invitationCode: \"{INVITATION}\", scopes: [] }}"), &["employmentConfirm"])
        }
        "ConsentGrantPayload" => {
            way("consentGrant", &format!("input: {{ granteeId: \"{}\", scopes: [AWARDS] }}", names.south), &["consentGrant"])
        }
        "ConsentRevokePayload" => {
            way("consentRevoke", &format!("input: {{ id: \"{}\" }}", person(Kind::ConsentGrant, 2)), &["consentRevoke"])
        }
        "BusinessUpdatePayload" => way("businessUpdate", &update(&names.acme), &["businessUpdate"]),
        _ => None,
    }
}
