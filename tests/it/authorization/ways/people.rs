//! The ways to what is about people, money and places.

use concord::domain::id::{Kind, digits};

use super::jobs::bulk;
use super::{KEY, Names, Way};
use crate::support::people::{key, person};

/// The way to a type of what is about people, money and places.
pub(super) fn way(of: &str, names: &Names) -> Option<Way> {
    let plain = |before: String, after, path| Some(Way { before, after, path, arguments: Vec::new() });
    let node = |id: &str, of: &str| format!("{{ node(id: \"{id}\") {{ ... on {of} {{");
    let institution = format!("{{ institution(by: {{ id: \"{}\" }}) {{", names.north);
    let business = format!("{{ business(by: {{ id: \"{}\" }}) {{", names.acme);
    match of {
        "Learner" => plain(node(&person(Kind::Learner, 1), of), "} } }", &["node"]),
        "Disclosure" => plain(
            format!("{} disclosures {{ nodes {{", node(&person(Kind::Learner, 1), "Learner")),
            "} } } } }",
            &["node", "disclosures", "nodes"],
        ),
        "DisclosureConnection" => {
            plain(format!("{} disclosures {{", node(&person(Kind::Learner, 1), "Learner")), "} } } }", &["node", "disclosures"])
        }
        "DisclosureEdge" => plain(
            format!("{} disclosures {{ edges {{", node(&person(Kind::Learner, 1), "Learner")),
            "} } } } }",
            &["node", "disclosures", "edges"],
        ),
        "LearnerConnection" => plain(format!("{institution} learners {{"), "} } }", &["institution", "learners"]),
        "LearnerEdge" => plain(format!("{institution} learners {{ edges {{"), "} } } }", &["institution", "learners", "edges"]),
        "EnrollmentTransition" => {
            plain(format!("{} transitions {{", node(&person(Kind::Enrollment, 1), "Enrollment")), "} } } }", &["node", "transitions"])
        }
        "Employee" => plain(node(&person(Kind::Employee, 1), of), "} } }", &["node"]),
        "BusinessSite" => plain(node(&person(Kind::BusinessSite, 1), of), "} } }", &["node"]),
        "ConsentGrant" => plain(node(&person(Kind::ConsentGrant, 1), of), "} } }", &["node"]),
        "Sponsorship" => plain(node(&person(Kind::Sponsorship, 1), of), "} } }", &["node"]),
        "Voucher" => plain(node(&person(Kind::Voucher, 1), of), "} } }", &["node"]),
        "Enrollment" => plain(node(&person(Kind::Enrollment, 1), of), "} } }", &["node"]),
        "AssessmentResult" => plain(node(&person(Kind::AssessmentResult, 1), of), "} } }", &["node"]),
        "Award" => plain(format!("{{ award(verificationCode: \"{}\") {{", digits(key(Kind::Award, 2))), "} }", &["award"]),
        "AwardConnection" => {
            plain(format!("{} awards(includeRevoked: true) {{", node(&person(Kind::Learner, 1), "Learner")), "} } } }", &["node", "awards"])
        }
        "AwardEdge" => plain(
            format!("{} awards(includeRevoked: true) {{ edges {{", node(&person(Kind::Learner, 1), "Learner")),
            "} } } } }",
            &["node", "awards", "edges"],
        ),
        "AwardIssuePayload" => plain(
            format!(
                "mutation {{ awardIssue(input: {{ idempotencyKey: \"{}\", learnerId: \"{}\", credentialId: \"{}\" }}) {{",
                KEY.replace("9c01", "9c07"),
                person(Kind::Learner, 1),
                names.credential
            ),
            "} }",
            &["awardIssue"],
        ),
        // It is so already.
        "AwardRevokePayload" => plain(
            format!("mutation {{ awardRevoke(input: {{ id: \"{}\", reason: \"None.\" }}) {{", person(Kind::Award, 1)),
            "} }",
            &["awardRevoke"],
        ),
        "CompetencyRating" => plain(
            format!("{} competencyRatings {{", node(&person(Kind::AssessmentResult, 1), "AssessmentResult")),
            "} } } }",
            &["node", "competencyRatings"],
        ),
        "AssessmentResultsRecordPayload" => plain(
            format!(
                "mutation {{ assessmentResultsRecord(input: {{ idempotencyKey: \"{}\", items: [{{ enrollmentId: \"{}\", assessmentId: \"{}\", score: 1 }}] }}) {{",
                KEY.replace("9c01", "9c06"),
                person(Kind::Enrollment, 1),
                names.assessment
            ),
            "} }",
            &["assessmentResultsRecord"],
        ),
        "Progress" => plain(format!("{} progress {{", node(&person(Kind::Enrollment, 1), "Enrollment")), "} } } }", &["node", "progress"]),
        "Funding" => plain(format!("{} funding {{", node(&person(Kind::Enrollment, 1), "Enrollment")), "} } } }", &["node", "funding"]),
        "EnrollmentConnection" => {
            plain(format!("{} enrollments {{", node(&names.offering, "Offering")), "} } } }", &["node", "enrollments"])
        }
        "EnrollmentEdge" => {
            plain(format!("{} enrollments {{ edges {{", node(&names.offering, "Offering")), "} } } } }", &["node", "enrollments", "edges"])
        }
        "EnrollmentRequestResult" => plain(
            format!("mutation {{ enrollmentBulkRequest({}) {{ results {{", bulk(names)),
            "} } }",
            &["enrollmentBulkRequest", "results"],
        ),
        "SponsorshipConnection" => plain(format!("{business} sponsorships {{"), "} } }", &["business", "sponsorships"]),
        "SponsorshipEdge" => plain(format!("{business} sponsorships {{ edges {{"), "} } } }", &["business", "sponsorships", "edges"]),
        "VoucherConnection" => {
            plain(format!("{} vouchers {{", node(&person(Kind::Sponsorship, 1), "Sponsorship")), "} } } }", &["node", "vouchers"])
        }
        "VoucherEdge" => plain(
            format!("{} vouchers {{ edges {{", node(&person(Kind::Sponsorship, 1), "Sponsorship")),
            "} } } } }",
            &["node", "vouchers", "edges"],
        ),
        "EmployeeConnection" => plain(format!("{business} employees {{"), "} } }", &["business", "employees"]),
        "EmployeeEdge" => plain(format!("{business} employees {{ edges {{"), "} } } }", &["business", "employees", "edges"]),
        _ => None,
    }
}
