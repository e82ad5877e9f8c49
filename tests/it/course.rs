//! Courses and their assessments as a portal sees them.

use concord::domain::id::Kind;

use crate::support::{TestApp, both, snapshot};
use crate::walk::id;

both! {
    /// A visitor lists courses by title, each with everything that hangs on it.
    async fn lists_courses(database) {
        let app = TestApp::twins(database).await;
        let answer = app.query(include_str!("operations/courses.graphql")).await;
        snapshot!("courses", answer);
    }

    /// A visitor finds a course by identifier and by the key of its college's own system.
    async fn finds_a_course(database) {
        let app = TestApp::twins(database).await;
        let (course, north) = (id(&app, Kind::Course, "north-101").await, id(&app, Kind::Institution, "north").await);
        let answer = app
            .query(&format!(
                r#"{{ byId: course(by: {{ id: "{course}" }}) {{ id title }}
                byKey: course(by: {{ externalKey: {{ tenantId: "{north}", system: "banner", value: "north-101" }} }}) {{ id title }} }}"#
            ))
            .await;
        snapshot!("course", answer);
    }

    /// A visitor asks for a course by names that are not its own: of the other college, of another system, of another kind, damaged, or without any meaning.
    async fn finds_no_course_by_wrong_names(database) {
        let app = TestApp::twins(database).await;
        let (course, program) = (id(&app, Kind::Course, "north-101").await, id(&app, Kind::Program, "north-path").await);
        let (north, south) = (id(&app, Kind::Institution, "north").await, id(&app, Kind::Institution, "south").await);
        let upper = course.to_uppercase();
        let answer = app
            .query(&format!(
                r#"{{ otherCollege: course(by: {{ externalKey: {{ tenantId: "{south}", system: "banner", value: "north-101" }} }}) {{ id }}
                otherSystem: course(by: {{ externalKey: {{ tenantId: "{north}", system: "colleague", value: "north-101" }} }}) {{ id }}
                otherKind: course(by: {{ externalKey: {{ tenantId: "{north}", system: "banner", value: "north-path" }} }}) {{ id }}
                noTenant: course(by: {{ externalKey: {{ tenantId: "{course}", system: "banner", value: "north-101" }} }}) {{ id }}
                badTenant: course(by: {{ externalKey: {{ tenantId: "north", system: "banner", value: "north-101" }} }}) {{ id }}
                odd: course(by: {{ externalKey: {{ tenantId: "{north}", system: "ban\u0000ner", value: "%' --" }} }}) {{ id }}
                program: course(by: {{ id: "{program}" }}) {{ id }}
                upper: course(by: {{ id: "{upper}" }}) {{ id }}
                short: course(by: {{ id: "{}" }}) {{ id }}
                long: course(by: {{ id: "{course}0" }}) {{ id }}
                overflow: course(by: {{ id: "crs_8zzzzzzzzzzzzzzzzzzzzzzzzz" }}) {{ id }}
                letters: course(by: {{ id: "crs_ilouilouilouilouilouilouil" }}) {{ id }}
                unknown: course(by: {{ id: "crs_7zzzzzzzzzzzzzzzzzzzzzzzzz" }}) {{ id }}
                empty: course(by: {{ id: "" }}) {{ id }}
                number: course(by: {{ id: 7 }}) {{ id }} }}"#,
                &course[..course.len() - 1],
            ))
            .await;
        snapshot!("course_not_found", answer);
    }

    /// A visitor follows a course to what it asks for first, at the other college, and finds a homonym there.
    async fn tells_homonyms_apart(database) {
        let app = TestApp::twins(database).await;
        let answer = app.query(r#"{ courses(search: "heating basics", sort: TITLE) { nodes { id title code institution { slug } prerequisites { code } } } }"#).await;
        snapshot!("courses_homonyms", answer);
    }
}
