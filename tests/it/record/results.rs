//! Results in assessments: recorded by whoever teaches, once, and shown to those whom the learner lets see them.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::service::audit::verify;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{consent, of_enrollment, take_back, told};
use crate::cache::keeping;
use crate::enrollment::{agrees, once};
use crate::roster::peopled;
use crate::support::people::{people, person};
use crate::support::{Template, TestApp, both, snapshot};
use crate::tenant::{business, college, consortium, tenant};
use crate::walk::id;

const RECORD: &str = "mutation($input: AssessmentResultsRecordInput!) { assessmentResultsRecord(input: $input) { results { id attempt score isPassed feedback recordedAt recordedBy { name } \
    assessment { title maxScore passScore } competencyRatings { level competency { name } } } userErrors { code path message } } }";
const RESULTS: &str = "results { id attempt score isPassed recordedAt recordedBy { name } assessment { title kind } competencyRatings { level competency { name } } }";

/// Records results; the payload.
async fn record(app: &TestApp, token: &str, key: u32, items: Value) -> Value {
    let mut answer = app.ask_as(token, RECORD, json!({ "input": { "idempotencyKey": once(key), "items": items } })).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"]["assessmentResultsRecord"].take()
}

/// A result of enrollment 1 in the assessment of its course.
async fn item(app: &TestApp, score: f64) -> Value {
    json!({ "enrollmentId": person(Kind::Enrollment, 1), "assessmentId": id(app, Kind::Assessment, "north-101-check").await, "score": score })
}

/// How many results there are, and ratings.
async fn written(app: &TestApp) -> Vec<String> {
    app.rows("SELECT (SELECT count(*) FROM assessment_result), (SELECT count(*) FROM competency_rating)").await
}

both! {
    /// Whoever teaches records a first and a second attempt: each is counted and judged, and is shown to everybody as the role, the tenant and the consent allow.
    async fn are_recorded_and_shown(database) {
        let app = peopled(database).await;
        let teacher = college(&app, "north", Role::Instructor).await;
        let (brazing, teamwork) = (id(&app, Kind::Competency, "brazing").await, id(&app, Kind::Competency, "teamwork").await);
        let mut first = item(&app, 34.5).await;
        first["competencyRatings"] = json!([{ "competencyId": teamwork, "level": "PROFICIENT" }, { "competencyId": brazing, "level": "EMERGING" }]);
        first["feedback"] = json!(" Go over the second unit again.\nThen come back. ");
        let failed = record(&app, &teacher, 1, json!([first])).await;
        // What decides is what the assessment asks for when a result is recorded.
        let staff = college(&app, "north", Role::InstitutionAdmin).await;
        let passed = record(&app, &staff, 2, json!([item(&app, 35.0).await])).await;
        let mut answers = serde_json::Map::new();
        let question = format!("{{ node(id: \"{}\") {{ ... on Enrollment {{ {RESULTS} commented: results {{ feedback }} }} }} result: node(id: {}) {{ ... on AssessmentResult {{ score feedback }} }} }}", person(Kind::Enrollment, 1), failed["results"][0]["id"]);
        answers.insert("anonymous".to_owned(), app.ask(&question, json!({})).await);
        for (name, token) in [
            ("the learner", college(&app, "north", Role::Learner).await),
            ("another learner", college(&app, "south", Role::Learner).await),
            ("north instructor", teacher),
            ("north admin", staff),
            ("south instructor", college(&app, "south", Role::Instructor).await),
            ("south admin", college(&app, "south", Role::InstitutionAdmin).await),
            ("acme", business(&app, "acme").await),
            ("zeta", business(&app, "zeta").await),
            ("consortium admin", consortium(&app, Role::ConsortiumAdmin).await),
        ] {
            answers.insert(name.to_owned(), app.ask_as(&token, &question, json!({})).await);
        }
        snapshot!("results", json!({ "failed": failed, "passed": passed, "read": answers }));
        let verdict = verify(&app.operator().await).await.expect("a verdict");
        assert_eq!(verdict.breaks.len(), 0, "{verdict:?}");
        let lines = app.rows("SELECT actor_name, changed_fields FROM audit_event WHERE action = 'assessmentResultsRecord'").await;
        assert_eq!(lines, ["Pat|items", "Pat|items"]);
        agrees(&app).await;
        assert_eq!(app.store.breaches(), 0, "no wall was needed");
    }

    /// A teacher records what cannot be: all of it is told at once with its place, and nothing is written.
    async fn are_refused_all_at_once(database) {
        let app = peopled(database).await;
        let (teacher, staff) = (college(&app, "north", Role::Instructor).await, college(&app, "north", Role::InstitutionAdmin).await);
        let (one, fine) = (person(Kind::Enrollment, 1), item(&app, 40.0).await);
        let (final_of_path, of_draft) = (id(&app, Kind::Assessment, "north-final").await, id(&app, Kind::Assessment, "north-200-check").await);
        let (routing, brazing) = (id(&app, Kind::Competency, "routing").await, id(&app, Kind::Competency, "brazing").await);
        let rated = |competency: &str| json!({ "competencyId": competency, "level": "EXEMPLARY" });
        let mut strange = fine.clone();
        strange["competencyRatings"] = json!([rated(&brazing), rated(&routing), rated(&brazing), rated("x")]);
        strange["feedback"] = json!("\u{202e}a");
        let items = json!([
            fine, strange,
            { "enrollmentId": one, "assessmentId": final_of_path, "score": 100.5 },
            { "enrollmentId": one, "assessmentId": of_draft, "score": -1 },
            { "enrollmentId": person(Kind::Enrollment, 2), "assessmentId": person(Kind::Assessment, 1), "score": 1 },
            { "enrollmentId": "x", "assessmentId": one, "score": 1 },
        ]);
        let refused = record(&app, &staff, 1, items).await;
        assert_eq!(refused["results"], Value::Null);
        // Who has not begun, or has left, has nothing to be recorded for; who has finished does.
        let mut by_state = serde_json::Map::new();
        for state in ["REQUESTED", "DECLINED", "CANCELLED", "WITHDRAWN", "NOT_COMPLETED"] {
            app.execute(&format!("UPDATE enrollment SET state = '{state}'")).await;
            by_state.insert(state.to_owned(), record(&app, &teacher, 2, json!([fine])).await["userErrors"].take());
        }
        snapshot!("results_refused", json!({ "all": refused["userErrors"], "by state": by_state }));
        assert_eq!(written(&app).await, ["1|0"]);
        // The same key with other results is a conflict, also for what was refused before.
        let conflict = record(&app, &teacher, 2, json!([item(&app, 1.0).await])).await;
        assert_eq!(conflict["userErrors"][0]["code"], "IDEMPOTENCY_CONFLICT");
        app.execute("INSERT INTO assessment_result SELECT tenant_id, offering_id, enrollment_id, offering_id, learner_id, assessment_id, 2, 1, 50, 35, FALSE, NULL, recorded_at, NULL FROM assessment_result").await;
        assert_eq!(record(&app, &teacher, 3, json!([fine])).await["results"][0]["attempt"], 3);
    }

    /// A teacher sends the same results again and again, and many at once: a retry counts no second attempt, and attempts have no gap.
    async fn are_recorded_once(database) {
        let app = peopled(database).await;
        let teacher = college(&app, "north", Role::Instructor).await;
        let one = json!([item(&app, 40.0).await]);
        let twins = join_all((0..8).map(|_| record(&app, &teacher, 1, one.clone()))).await;
        assert!(twins.iter().all(|twin| *twin == twins[0] && twin["results"][0]["attempt"] == 1), "{twins:#?}");
        let others = join_all((2..10).map(|key| record(&app, &teacher, key, one.clone()))).await;
        let mut attempts: Vec<_> = others.iter().map(|other| other["results"][0]["attempt"].as_u64()).collect();
        attempts.sort_unstable();
        assert_eq!(attempts, (2..10).map(Some).collect::<Vec<_>>(), "{others:#?}");
        assert_eq!(record(&app, &teacher, 1, one).await, twins[0]);
        assert_eq!(written(&app).await, ["9|0"]);
        let lines = app.rows("SELECT count(*) FROM audit_event WHERE action = 'assessmentResultsRecord'").await;
        assert_eq!(lines, ["9"], "a retry leaves none");
        agrees(&app).await;
    }

    /// Those who do not teach an offering, though they teach or learn at the college, and those who may never, record nothing in it.
    async fn are_recorded_by_those_who_teach(database) {
        let app = peopled(database).await;
        let one = json!([item(&app, 40.0).await]);
        let hidden = json!([{ "code": "NOT_FOUND", "path": ["input", "items", "0", "enrollmentId"], "message": "it does not exist, or may not be seen by you" }]);
        app.execute("DELETE FROM offering_instructor WHERE staff_member_id = (SELECT id FROM staff_member WHERE name = 'Ana Núñez') AND offering_id = (SELECT id FROM offering WHERE code = 'HVA101-1')").await;
        // The token of this one is that of the learner too.
        let both = app.token(&[Role::Instructor, Role::Learner], tenant(&app, Kind::Institution, "north").await).await;
        assert!(of_enrollment(&app, &both, "id").await.0.is_object(), "the own place is seen");
        for token in [college(&app, "north", Role::Instructor).await, both] {
            assert_eq!(record(&app, &token, 1, one.clone()).await, json!({ "results": null, "userErrors": hidden }));
        }
        let missing = |code: &str, field: &str| json!({ "code": code, "path": ["input", "items", "0", field], "message": "it does not exist, or may not be seen by you" });
        let elsewhere = record(&app, &college(&app, "south", Role::InstitutionAdmin).await, 1, one.clone()).await;
        assert_eq!(elsewhere["userErrors"], json!([missing("NOT_FOUND", "enrollmentId"), missing("NOT_FOUND", "assessmentId")]), "not a word of another college's assessment");
        for token in [college(&app, "north", Role::Learner).await, college(&app, "north", Role::CareerNavigator).await, business(&app, "acme").await] {
            let answer = app.ask_as(&token, RECORD, json!({ "input": { "idempotencyKey": once(1), "items": one } })).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer:#}");
        }
        assert_eq!(written(&app).await, ["0|0"]);
        // Whoever administers the consortium records for any college, as nobody of its staff, and reads no comments.
        let admin = app.ask_as(&consortium(&app, Role::ConsortiumAdmin).await, RECORD, json!({ "input": { "idempotencyKey": once(1), "items": one } })).await;
        let payload = &admin["data"]["assessmentResultsRecord"];
        assert_eq!((&payload["results"][0]["recordedBy"], &payload["userErrors"]), (&Value::Null, &json!([])), "{admin:#}");
        assert_eq!(admin["errors"][0]["path"], json!(["assessmentResultsRecord", "results", 0, "feedback"]), "{admin:#}");
    }

    /// A learner lets the employer see results, and no longer: the employer sees them meanwhile, whatever is kept, and the learner reads that it did.
    async fn follow_the_consent(database) {
        for keeps in [false, true] {
            let app = TestApp::start(database, Template::Twins, |settings| if keeps { keeping(settings) }).await;
            people(&app).await;
            let teacher = college(&app, "north", Role::Instructor).await;
            let recorded = record(&app, &teacher, 1, json!([item(&app, 40.0).await])).await;
            let (pat, acme, zeta) = (college(&app, "north", Role::Learner).await, business(&app, "acme").await, business(&app, "zeta").await);
            let node = format!("{{ node(id: {}) {{ ... on AssessmentResult {{ score feedback }} }} }}", recorded["results"][0]["id"]);
            let nothing = json!({ "results": null });
            for _ in 0..2 {
                assert_eq!(of_enrollment(&app, &acme, "results { score }").await, (nothing.clone(), vec![json!("CONSENT_REQUIRED")]));
                assert_eq!(app.ask_as(&acme, &node, json!({})).await["data"], json!({ "node": null }));
            }
            let lines = told(&app, &pat).await.len();
            let given = consent(&app, &pat, &["RESULTS"]).await;
            for _ in 0..2 {
                assert_eq!(of_enrollment(&app, &acme, "results { score competencyRatings { level } }").await, (json!({ "results": [{ "score": 40.0, "competencyRatings": [] }] }), vec![]));
            }
            assert_eq!(told(&app, &pat).await[0], json!(["AssessmentResult.competencyRatings", "AssessmentResult.score", "Enrollment.results"]));
            let answer = app.ask_as(&acme, &node, json!({})).await;
            assert_eq!((&answer["data"]["node"], &answer["errors"][0]["extensions"]["code"]), (&json!({ "score": 40.0, "feedback": null }), &json!("FORBIDDEN")), "{answer:#}");
            assert_eq!(told(&app, &pat).await.len(), lines + 3);
            assert_eq!(app.ask_as(&zeta, &node, json!({})).await["data"], json!({ "node": null }), "another employer sees nothing");
            take_back(&app, &pat, &given).await;
            assert_eq!(of_enrollment(&app, &acme, "results { score }").await, (nothing.clone(), vec![json!("CONSENT_REQUIRED")]));
            assert_eq!(app.ask_as(&acme, &node, json!({})).await["data"], json!({ "node": null }));
            // A consent that covers something else shows none of them.
            consent(&app, &pat, &["ENROLLMENT", "PROGRESS", "AWARDS", "CONTACT"]).await;
            assert_eq!(of_enrollment(&app, &acme, "results { score }").await, (nothing, vec![json!("CONSENT_REQUIRED")]));
            assert_eq!(told(&app, &pat).await.len(), lines + 3);
            assert_eq!(app.store.breaches(), 0);
        }
    }

    /// Somebody runs a business and learns: the own results are seen without a consent, and those of others with theirs.
    async fn are_the_own_too(database) {
        let app = peopled(database).await;
        let teacher = college(&app, "north", Role::Instructor).await;
        record(&app, &teacher, 1, json!([item(&app, 40.0).await])).await;
        let acme = tenant(&app, Kind::Business, "acme").await;
        let boss = app.token(&[Role::BusinessAdmin, Role::Learner], acme).await;
        assert_eq!(of_enrollment(&app, &boss, "results { score }").await.1, [json!("CONSENT_REQUIRED")]);
        let issuer = crate::support::people::literal(&app, crate::support::token::issuer_of(acme));
        app.execute(&format!("INSERT INTO learner_identity (issuer_id, subject, learner_id) SELECT {issuer}, 'pat', e.learner_id FROM enrollment e")).await;
        assert_eq!(of_enrollment(&app, &boss, "results { score feedback }").await, (json!({ "results": [{ "score": 40.0, "feedback": null }] }), vec![]));
        assert_eq!(app.store.breaches(), 0);
    }
}
