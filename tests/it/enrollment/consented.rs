//! What an employer reads of people and places, before, while and after each of them lets it, on a server that keeps answers and on one that does not.

use std::collections::BTreeSet;

use concord::domain::consent::ConsentScope;
use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::graphql::gate::GATES;
use concord::policy::Audience;
use serde_json::{Value, json};

use crate::cache::keeping;
use crate::support::people::{people, person};
use crate::support::{Template, TestApp, both, snapshot};
use crate::tenant::{business, college};
use crate::walk::id;

const GRANT: &str = "mutation($id: ID!, $scopes: [ConsentScope!]!) { consentGrant(input: { granteeId: $id, scopes: $scopes }) { consent { id } userErrors { code } } }";
const REVOKE: &str = "mutation($id: ID!) { consentRevoke(input: { id: $id }) { userErrors { code } } }";

/// Fields that consent opens, each by its gate: type, field, and the scope; `None` for any that shows something.
fn gates() -> Vec<(&'static str, &'static str, Option<ConsentScope>)> {
    let opens = |audiences: &[Audience]| {
        audiences.iter().find_map(|audience| if let Audience::Sponsor(scope) = audience { Some(*scope) } else { None })
    };
    let gates = GATES.iter().filter(|gate| matches!(gate.of, "Enrollment" | "Learner" | "Employee"));
    gates.filter_map(|gate| Some((gate.of, gate.field, opens(gate.audiences)?))).collect()
}

/// A field with what is selected of it.
fn written(field: &str) -> String {
    match field {
        "learner" => "learner { displayName }".to_owned(),
        "progress" => "progress { percentComplete }".to_owned(),
        "results" => "results { score }".to_owned(),
        "award" | "awards" => format!("{field} {{ __typename }}"),
        _ => field.to_owned(),
    }
}

/// A question for all of them: of a place that the employer pays for, and of one of its people.
fn question() -> String {
    let of = |of: &str| gates().iter().filter(|gate| gate.0 == of).map(|gate| written(gate.1)).collect::<Vec<_>>().join(" ");
    format!(
        "query($place: ID!, $person: ID!) {{ place: node(id: $place) {{ ... on Enrollment {{ id funding {{ state amount }} {} }} }}
            person: node(id: $person) {{ ... on Employee {{ name consent {{ scopes isActive }} enrollments {{ totalCount }} {} }} }}
            record: node(id: $person) {{ ... on Employee {{ learner {{ {} }} }} }} }}",
        of("Enrollment"),
        of("Employee"),
        of("Learner")
    )
}

/// The fields that were refused for want of a consent.
fn refused(answer: &Value) -> BTreeSet<String> {
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    let path = |error: &Value| {
        assert_eq!(error["extensions"]["code"], "CONSENT_REQUIRED", "{error:#}");
        let names = error["path"].as_array().expect("a path").iter().filter_map(Value::as_str).collect::<Vec<_>>();
        names.join(".")
    };
    errors.iter().map(path).collect()
}

/// Which are to be refused while a learner lets the employer see so much.
fn expected(scope: Option<ConsentScope>) -> BTreeSet<String> {
    let is_open = |wanted: Option<ConsentScope>, of: &str| match (scope, wanted) {
        (None, _) => false,
        (Some(given), Some(wanted)) => given == wanted,
        // Who is enrolled is not shown by what is said of an address.
        (Some(given), None) => of != "Enrollment" || ConsentScope::shows_places(given.name()),
    };
    let path = |of: &str, field: &str| match of {
        "Enrollment" => format!("place.{field}"),
        "Employee" => format!("person.{field}"),
        _ => format!("record.learner.{field}"),
    };
    let closed = gates().into_iter().filter(|(of, _, wanted)| !is_open(*wanted, of)).map(|(of, field, _)| path(of, field));
    let mut closed: BTreeSet<String> = closed.collect();
    if closed.contains("person.learner") {
        // Whoever is not shown is not asked for anything more.
        closed.retain(|path| !path.starts_with("record.learner."));
        closed.insert("record.learner".to_owned());
    }
    closed
}

both! {
    /// A learner lets the employer see one part of the record after the other and takes each back: every field is shown while its part is, and neither before nor after, kept or not.
    async fn fields_open_and_close_with_consent(database) {
        for keeps in [false, true] {
            let app = TestApp::start(database, Template::Twins, |settings| if keeps { keeping(settings) }).await;
            people(&app).await;
            let (acme, pat) = (business(&app, "acme").await, college(&app, "north", Role::Learner).await);
            let (question, employer) = (question(), id(&app, Kind::Business, "acme").await);
            let variables = json!({ "place": person(Kind::Enrollment, 1), "person": person(Kind::Employee, 1) });
            let ask = async || {
                let answer = app.ask_as(&acme, &question, variables.clone()).await;
                assert_eq!(app.ask_as(&acme, &question, variables.clone()).await["data"], answer["data"], "asked again");
                answer
            };
            app.execute("UPDATE consent_grant SET revoked_at = granted_at WHERE business_id IS NOT NULL").await;
            let before = ask().await;
            assert_eq!(refused(&before), expected(None), "before");
            let mut during = serde_json::Map::new();
            for scope in ConsentScope::ALL {
                let granted = app.ask_as(&pat, GRANT, json!({ "id": employer, "scopes": [scope.name()] })).await;
                let answer = ask().await;
                assert_eq!(refused(&answer), expected(Some(scope)), "{scope:?}: {answer:#}");
                during.insert(scope.name().to_owned(), answer["data"].clone());
                let revoked = app.ask_as(&pat, REVOKE, json!({ "id": granted["data"]["consentGrant"]["consent"]["id"] })).await;
                assert_eq!(revoked["data"]["consentRevoke"]["userErrors"], json!([]), "{revoked:#}");
                let after = ask().await;
                assert_eq!((&after["data"], refused(&after)), (&before["data"], expected(None)), "after {scope:?}");
            }
            snapshot!("consented", json!({ "before": before["data"], "during": during }));
            assert_eq!(app.store.breaches(), 0);
        }
    }
}
