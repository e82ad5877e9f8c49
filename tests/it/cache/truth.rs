//! After every write, every answer is what it would be without the cache.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use serde_json::{Value, json};

use super::{counts, data, plain, post_to, questions, twins};
use crate::support::{Answer, Database, Node, TestApp, both};
use crate::tenant::college;
use crate::walk::id;

/// Two nodes over one database, of which one keeps answers, and everything that is asked of both.
struct Truth {
    app: TestApp,
    fresh: Node,
    staff: String,
    questions: Vec<String>,
    before: Vec<String>,
}

/// What one write came to.
#[derive(Debug, Default)]
struct Outcome {
    /// Answers that it changed.
    changed: usize,
    /// Questions whose kept answer is not what it should be.
    stale: Vec<String>,
}

impl Truth {
    async fn over(app: TestApp) -> Self {
        let staff = college(&app, "north", Role::InstitutionAdmin).await;
        let fresh = app.second(plain).await;
        let questions = questions::all(&app).await;
        let mut truth = Self { app, fresh, staff, questions, before: Vec::new() };
        truth.look().await;
        truth
    }

    async fn ask(&self, question: &str) -> (Answer, Answer) {
        let kept = post_to(&self.app, self.app.address, None, question, json!({})).await;
        (kept, post_to(&self.app, self.fresh.address, None, question, json!({})).await)
    }

    /// Asks everything of both.
    async fn look(&mut self) -> Outcome {
        let mut outcome = Outcome::default();
        let mut after = Vec::with_capacity(self.questions.len());
        for (place, question) in self.questions.iter().enumerate() {
            let (kept, fresh) = self.ask(question).await;
            let fresh = data(&fresh);
            if data(&kept) != fresh {
                outcome.stale.push(question.clone());
            }
            outcome.changed += usize::from(self.before.get(place).is_some_and(|before| *before != fresh));
            after.push(fresh);
        }
        self.before = after;
        outcome
    }

    /// Changes or creates something as the staff of the college, and asks everything of both.
    async fn write(&mut self, act: &str, name: &str, of: (&str, &str), fields: Value) -> (Outcome, Value) {
        let kind = act.trim_end_matches("Update").trim_end_matches("Create");
        let document = format!(
            "mutation($id: ID!, $fields: {}Fields!) {{ {act}(input: {{ {}: $id, fields: $fields }}) {{ {kind} {{ id }} userErrors {{ code message path }} }} }}",
            kind[..1].to_uppercase() + &kind[1..],
            of.0
        );
        let answer = self.app.ask_as(&self.staff, &document, json!({ "id": of.1, "fields": fields })).await;
        assert_eq!(answer.pointer(&format!("/data/{act}/userErrors")), Some(&json!([])), "{name}: {answer:#}");
        (self.look().await, answer["data"][act][kind]["id"].clone())
    }

    /// Every way to write what the public sees.
    async fn writes(&self) -> Vec<(&'static str, &'static str, &'static str, String, Value)> {
        let of = async |kind, key| id(&self.app, kind, key).await;
        let course = of(Kind::Course, "north-101").await;
        let draft = of(Kind::Course, "north-200").await;
        let (section, other) = (of(Kind::Offering, "n1").await, of(Kind::Offering, "n3").await);
        let program = of(Kind::Program, "north-path").await;
        let credential = of(Kind::Credential, "north-badge").await;
        let institution = of(Kind::Institution, "north").await;
        let acme = of(Kind::Business, "acme").await;
        let brazing = of(Kind::Competency, "brazing").await;
        let new = json!({ "code": "S-1", "modality": "HYBRID", "startsOn": "2027-01-20", "endsOn": "2027-05-01", "capacity": 12, "status": "OPEN" });
        let requirement = json!([{ "title": "Any of these", "choose": 1, "optionIds": [course] }]);
        let added = json!({ "code": "NEW 1", "title": "Brazing renamed", "summary": "About it.", "price": "120.00", "competencyIds": [brazing], "status": "PUBLISHED" });
        vec![
            ("a title", "courseUpdate", "id", course.clone(), json!({ "title": "Heating renamed" })),
            ("competencies", "courseUpdate", "id", course.clone(), json!({ "competencyIds": [] })),
            ("competencies again", "courseUpdate", "id", course.clone(), json!({ "competencyIds": [brazing] })),
            ("prerequisites", "courseUpdate", "id", course.clone(), json!({ "prerequisiteIds": [of(Kind::Course, "north-112").await] })),
            ("more seats", "offeringUpdate", "id", section.clone(), json!({ "capacity": 30 })),
            ("no seats", "offeringUpdate", "id", section.clone(), json!({ "capacity": 12 })),
            ("an opening", "offeringUpdate", "id", other.clone(), json!({ "status": "OPEN", "startsOn": "2027-01-18", "capacity": 5 })),
            ("nobody teaches", "offeringUpdate", "id", section.clone(), json!({ "instructorIds": [] })),
            ("nowhere", "offeringUpdate", "id", section.clone(), json!({ "campusId": null })),
            ("a new section", "offeringCreate", "subjectId", course.clone(), new),
            ("a reservation", "offeringUpdate", "id", section.clone(), json!({ "reservedForBusinessId": acme })),
            ("open to all", "offeringUpdate", "id", section, json!({ "reservedForBusinessId": null })),
            ("a publication", "courseUpdate", "id", draft, json!({ "status": "PUBLISHED" })),
            ("a retirement", "courseUpdate", "id", course.clone(), json!({ "status": "RETIRED" })),
            ("a return", "courseUpdate", "id", course.clone(), json!({ "status": "PUBLISHED" })),
            ("a new course", "courseCreate", "institutionId", institution, added),
            ("a program's title", "programUpdate", "id", program.clone(), json!({ "title": "Path renamed" })),
            ("its courses", "programUpdate", "id", program.clone(), json!({ "components": [{ "courseId": course, "sequence": 1 }] })),
            ("its industries", "programUpdate", "id", program, json!({ "naicsCodes": ["23"] })),
            ("a credential's name", "credentialUpdate", "id", credential.clone(), json!({ "name": "Badge renamed" })),
            ("its requirements", "credentialUpdate", "id", credential.clone(), json!({ "requirements": requirement })),
            ("its end", "credentialUpdate", "id", credential, json!({ "status": "RETIRED" })),
        ]
    }
}

both! {
    /// A college changes everything that it can, one after the other: after each change everything that can be asked is answered as by a server that keeps nothing, and much of it without reading.
    async fn no_answer_outlives_a_write(database) {
        let mut truth = Truth::over(twins(database).await).await;
        let hits = counts(&truth.app).hits();
        // What answers hang on is the same on both databases: one of them sees every write, the other some.
        let step = if database == Database::Postgres { 1 } else { 5 };
        let writes: Vec<_> = truth.writes().await.into_iter().step_by(step).collect();
        let asked = (truth.questions.len() * writes.len()) as u64;
        for (name, act, field, id, fields) in writes {
            let (outcome, _) = truth.write(act, name, (field, &id), fields).await;
            assert_eq!(outcome.stale, Vec::<String>::new(), "{name}");
            assert!(outcome.changed > 0, "{name} changes no answer: the questions do not see it");
        }
        let kept = counts(&truth.app).hits() - hits;
        assert!(kept > asked / 4, "{kept} of {asked} answers were kept: writes move too much");
    }
}

#[cfg(feature = "faults")]
mod faults {
    use super::*;
    use crate::cache::keeping;
    use crate::support::{Template, copy};

    both! {
        /// The same on a server whose writes move nothing: after each of them that is tried some answer is found to be wrong, so that the test above can fail.
        async fn without_moves_answers_go_stale(database) {
            let kept = copy(database, Template::Twins).await;
            let app = TestApp::with_faults_and(kept, keeping, |faults| faults.no_move = true).await;
            let mut truth = Truth::over(app).await;
            for (name, act, field, id, fields) in truth.writes().await.into_iter().step_by(8) {
                let (outcome, _) = truth.write(act, name, (field, &id), fields).await;
                assert!(!outcome.stale.is_empty(), "{name}: nothing is stale");
            }
        }

        /// A visitor's question is read, and before its answer is kept a write comes in between: the next visitor gets the new one, whoever was first. Without moves it is the old one.
        async fn a_write_between_read_and_fill_is_seen(database) {
            let whole = "query($id: ID!) { offering(by: { id: $id }) { seats { capacity } } }";
            let part = "query($id: ID!) { viewer { kind } offering(by: { id: $id }) { seats { capacity } } }";
            for (no_move, look) in [(false, whole), (true, whole), (false, part), (true, part)] {
                let kept = copy(database, Template::Twins).await;
                let app = TestApp::with_faults_and(kept, keeping, |faults| {
                    faults.slow_fill = 30;
                    faults.no_move = no_move;
                })
                .await;
                let staff = college(&app, "north", Role::InstitutionAdmin).await;
                let section = id(&app, Kind::Offering, "n1").await;
                let change = "mutation($id: ID!, $seats: Int!) { offeringUpdate(input: { id: $id, fields: { capacity: $seats } }) { offering { seats { capacity } } userErrors { message } } }";
                let mut stale = 0;
                for seats in 0..12 {
                    let (_, written) = tokio::join!(
                        app.ask(look, json!({ "id": section })),
                        app.ask_as(&staff, change, json!({ "id": section, "seats": 30 + seats }))
                    );
                    assert_eq!(written["data"]["offeringUpdate"]["offering"]["seats"]["capacity"], 30 + seats, "{written:#}");
                    let seen = app.ask(look, json!({ "id": section })).await;
                    stale += usize::from(seen["data"]["offering"]["seats"]["capacity"] != 30 + seats);
                }
                assert_eq!(stale > 0, no_move, "{stale} of 12 answers were stale");
            }
        }
    }
}
