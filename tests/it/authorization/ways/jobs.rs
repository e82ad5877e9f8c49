//! How the types of work in the background are reached.

use concord::domain::id::Kind;
use concord::graphql::cursor::CursorKey;
use concord::graphql::ticket;
use concord::service::upload::Ticket;

use super::{KEY, Names, Way};
use crate::support::people::{VOUCHER, key, person};
use crate::support::{SECRET, TestApp, now};
use crate::tenant::tenant;

/// What names a file of the business.
pub(super) async fn upload(app: &TestApp, number: u16) -> String {
    let ticket = Ticket { tenant: tenant(app, Kind::Business, "acme").await, id: key(Kind::EnrollmentJob, number), until: now() };
    ticket::write(&CursorKey::new(SECRET.as_bytes()), &ticket)
}

/// A request for a place that somebody has.
pub(super) fn bulk(names: &Names) -> String {
    format!(
        "input: {{ idempotencyKey: \"{}\", isDryRun: true, funding: {{ voucherCode: \"{VOUCHER}\" }}, items: [{{ learner: {{ learnerId: \"{}\" }}, offeringId: \"{}\" }}] }}",
        KEY.replace("9c01", "9c04"),
        person(Kind::Learner, 1),
        names.offering
    )
}

/// The way to a type of work in the background.
pub(super) fn way(of: &str, names: &Names) -> Option<Way> {
    let plain = |before: String, after, path| Some(Way { before, after, path, arguments: Vec::new() });
    let act = |name: &'static str, arguments: &str, path| plain(format!("mutation {{ {name}({arguments}) {{"), "} }", path);
    let node = |id: &str, of: &str| format!("{{ node(id: \"{id}\") {{ ... on {of} {{");
    let business = format!("{{ business(by: {{ id: \"{}\" }}) {{", names.acme);
    let (job, import) = (person(Kind::EnrollmentJob, 1), person(Kind::ImportJob, 1));
    match of {
        "EnrollmentJob" => plain(node(&job, of), "} } }", &["node"]),
        "EnrollmentJobConnection" => plain(format!("{business} enrollmentJobs {{"), "} } }", &["business", "enrollmentJobs"]),
        "EnrollmentJobEdge" => plain(format!("{business} enrollmentJobs {{ edges {{"), "} } } }", &["business", "enrollmentJobs", "edges"]),
        "EnrollmentJobItemConnection" => plain(format!("{} items {{", node(&job, "EnrollmentJob")), "} } } }", &["node", "items"]),
        "EnrollmentJobItemEdge" => {
            plain(format!("{} items {{ edges {{", node(&job, "EnrollmentJob")), "} } } } }", &["node", "items", "edges"])
        }
        "EnrollmentJobItem" => {
            plain(format!("{} items {{ nodes {{", node(&job, "EnrollmentJob")), "} } } } }", &["node", "items", "nodes"])
        }
        "EnrollmentJobProblem" => plain(
            format!("{} items(outcomes: [INELIGIBLE]) {{ nodes {{ problems {{", node(&job, "EnrollmentJob")),
            "} } } } } }",
            &["node", "items", "nodes", "problems"],
        ),
        "UploadCreatePayload" => act("uploadCreate", "input: { fileName: \"a.csv\", byteSize: 5 }", &["uploadCreate"]),
        "EnrollmentJobStartPayload" => act(
            "enrollmentJobStart",
            &format!(
                "input: {{ idempotencyKey: \"{}\", uploadToken: \"{}\", funding: {{ sponsorshipId: \"{}\" }} }}",
                KEY.replace("9c01", "9c05"),
                names.upload,
                person(Kind::Sponsorship, 1)
            ),
            &["enrollmentJobStart"],
        ),
        "ImportJob" => plain(node(&import, of), "} } }", &["node"]),
        "ImportJobConnection" => plain(format!("{business} importJobs {{"), "} } }", &["business", "importJobs"]),
        "ImportJobEdge" => plain(format!("{business} importJobs {{ edges {{"), "} } } }", &["business", "importJobs", "edges"]),
        "ImportProblemConnection" => plain(format!("{} problems {{", node(&import, "ImportJob")), "} } } }", &["node", "problems"]),
        "ImportProblemEdge" => {
            plain(format!("{} problems {{ edges {{", node(&import, "ImportJob")), "} } } } }", &["node", "problems", "edges"])
        }
        "ImportProblem" => {
            plain(format!("{} problems {{ nodes {{", node(&import, "ImportJob")), "} } } } }", &["node", "problems", "nodes"])
        }
        "ImportStartPayload" => act(
            "importStart",
            &format!(
                "input: {{ idempotencyKey: \"{}\", tenantId: \"{}\", kind: ROSTER_CSV, uploadToken: \"{}\" }}",
                KEY.replace("9c01", "9c06"),
                names.acme,
                names.roster
            ),
            &["importStart"],
        ),
        // It was stopped already.
        "JobCancelPayload" => act("jobCancel", &format!("input: {{ id: \"{}\" }}", person(Kind::EnrollmentJob, 2)), &["jobCancel"]),
        _ => None,
    }
}
