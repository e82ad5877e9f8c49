//! Several nodes over one database: each hears of what the others change.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use concord::domain::clock::Clock;
use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::import::Source;
use concord::import::write::{Options, write};
use serde_json::json;

use super::{counts, data, keeping, plain, post_to, questions, twins};
use crate::support::{Database, Template, TestApp, both, now};
use crate::tenant::college;
use crate::walk::id;

const QUESTION: &str = "{ courses { nodes { code title } } }";
const CHANGE: &str = "mutation($id: ID!, $title: String!) { courseUpdate(input: { id: $id, fields: { title: $title } }) { course { title } userErrors { message } } }";

/// Gives a course another title on the first node.
async fn rename(app: &TestApp, token: &str, course: &str, title: &str) {
    let answer = app.ask_as(token, CHANGE, json!({ "id": course, "title": title })).await;
    assert_eq!(answer["data"]["courseUpdate"]["course"]["title"], *title, "{answer:#}");
}

both! {
    /// A college renames a course on one node: the other gives its old answer until it looks, and never again afterwards.
    async fn hear_by_looking(database) {
        let app = twins(database).await;
        let north = college(&app, "north", Role::InstitutionAdmin).await;
        let course = id(&app, Kind::Course, "north-101").await;
        // It looks only when it is told to, and nobody tells it anything.
        let other = app.second(keeping).await;
        let held = other.app.answers().expect("kept answers").counts();
        let address = other.address;
        for round in 0..5 {
            let before = data(&post_to(&app, address, None, QUESTION, json!({})).await);
            let title = format!("Renamed {round}");
            rename(&app, &north, &course, &title).await;
            assert!(app.query(QUESTION).await.to_string().contains(&title), "at once where it was written");
            assert_eq!(data(&post_to(&app, address, None, QUESTION, json!({})).await), before, "nobody has told it");
            other.app.hear().await.expect("what was moved");
            assert!(data(&post_to(&app, address, None, QUESTION, json!({})).await).contains(&title));
        }
        assert_eq!((held.hits(), held.misses()), (9, 6));
    }

    /// A college renames a course on one node: the other, which is told by PostgreSQL or looks on SQLite, soon gives the new title.
    async fn hear_by_themselves(database) {
        let app = twins(database).await;
        let north = college(&app, "north", Role::InstitutionAdmin).await;
        let course = id(&app, Kind::Course, "north-101").await;
        let other = app.second(|settings| {
            keeping(settings);
            // On PostgreSQL it only listens.
            settings.cache.listen = true;
            settings.cache.poll_ms = if database == Database::Sqlite { 20 } else { 3_600_000 };
        }).await;
        for round in 0..5 {
            post_to(&app, other.address, None, QUESTION, json!({})).await;
            let title = format!("Renamed {round}");
            rename(&app, &north, &course, &title).await;
            let heard = async {
                while !data(&post_to(&app, other.address, None, QUESTION, json!({})).await).contains(&title) {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(30), heard).await.expect("it is heard of");
        }
        assert!(other.app.answers().expect("kept answers").counts().fills() >= 5);
    }

    /// An import in a process of its own changes rows of every kind: the node gives the new ones when it has looked.
    async fn hear_of_imports(database) {
        let app = TestApp::start(database, Template::Empty, keeping).await;
        let questions = questions::all(&app).await;
        for question in &questions {
            app.query(question).await;
        }
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/twins");
        let source = Source::open(&folder, None).expect("the fixture");
        let options = Options { system: "banner".to_owned(), is_dry_run: false, is_strict: false, clock: Clock::Fixed(now()), ids: concord::domain::clock::Ids::counted() };
        let operator = app.operator().await;
        let report = write(&operator, &source, &options, |_, _| {}).await.expect("an import");
        assert!(!report.has_rejections(), "{report}");
        app.app().hear().await.expect("what was moved");
        let fresh = app.second(plain).await;
        let mut filled = 0;
        for question in &questions {
            let expected = data(&post_to(&app, fresh.address, None, question, json!({})).await);
            assert_eq!(data(&post_to(&app, app.address, None, question, json!({})).await), expected, "{question}");
            filled += usize::from(expected.contains("Heating"));
        }
        assert!(filled > 10, "{filled} answers show what was imported");
        // The same once more changes nothing, and nothing is read anew.
        let generations = app.rows("SELECT tag, generation FROM cache_generation ORDER BY tag").await;
        write(&operator, &source, &options, |_, _| {}).await.expect("an import");
        assert_eq!(app.rows("SELECT tag, generation FROM cache_generation ORDER BY tag").await, generations);
        assert!(generations.len() > 20, "{generations:?}");
    }

    /// A node hears nothing from its database for five seconds: it gives no kept answer until it has, and then the same ones again.
    async fn fall_silent(database) {
        let time = Arc::new(AtomicI64::new(now().timestamp_micros()));
        let app = TestApp::at(database, Template::Twins, Clock::Moved(Arc::clone(&time)), keeping).await;
        let question = "{ regions { code } }";
        let statements = async || app.statements(app.query(question)).await.0;
        assert_eq!((statements().await, statements().await), (1, 0));
        let pass = |milliseconds: i64| time.fetch_add(milliseconds * 1_000, std::sync::atomic::Ordering::Relaxed);
        pass(4_999);
        assert_eq!(statements().await, 0);
        pass(1);
        assert_eq!((statements().await, statements().await), (1, 1));
        assert!(counts(&app).silences() >= 2);
        app.app().hear().await.expect("the database answers");
        assert_eq!(statements().await, 0);
        // Ten minutes after it was made it ends, whatever was heard.
        pass(600_000);
        app.app().hear().await.expect("the database answers");
        assert_eq!((statements().await, statements().await), (1, 0));
    }
}
