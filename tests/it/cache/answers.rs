//! What is kept is what would have been answered, and costs nothing.

use serde_json::json;

use super::{counts, data, keeping, plain, post_to, questions, twins};
use crate::support::{Template, TestApp, both};

both! {
    /// A visitor asks everything that anyone may read, twice: letter by letter the same as on a server that keeps nothing, and the second time without a statement.
    async fn are_those_that_would_be_made(database) {
        let app = twins(database).await;
        let fresh = app.second(plain).await;
        let questions = questions::all(&app).await;
        assert!(questions.len() > 50, "{} questions", questions.len());
        let mut expected = Vec::new();
        for question in &questions {
            let answer = data(&post_to(&app, fresh.address, None, question, json!({})).await);
            assert!(!answer.contains("\"errors\""), "{question}: {answer}");
            assert_eq!(data(&post_to(&app, app.address, None, question, json!({})).await), answer, "{question}");
            expected.push(answer);
        }
        let again = async {
            for (question, expected) in questions.iter().zip(&expected) {
                assert_eq!(data(&post_to(&app, app.address, None, question, json!({})).await), *expected, "{question}");
            }
        };
        assert_eq!(app.statements(again).await.0, 0);
        // Those that hold something of the caller's own are made of kept parts each time.
        let number = questions.iter().filter(|question| !question.contains("viewer")).count() as u64;
        assert_eq!((counts(&app).misses(), counts(&app).fills(), counts(&app).hits()), (number, number, number));
    }

    /// Twenty visitors ask the same at once: it is read once, and whoever asks pays for it.
    async fn are_made_once(database) {
        let app = TestApp::start(database, Template::Twins, |settings| {
            keeping(settings);
            settings.database.connections = 4;
        }).await;
        let question = "{ courses { nodes { code institution { name } } } }";
        app.query("{ regions { code } }").await;
        let (statements, answers) = app.statements(futures_util::future::join_all((0..20).map(|_| app.query(question)))).await;
        assert!(answers.iter().all(|answer| *answer == answers[0] && answer["data"]["courses"]["nodes"][0]["code"].is_string()), "{:#}", answers[0]);
        assert_eq!(statements, 2);
        let costs: Vec<_> = answers.iter().map(|answer| answer["extensions"]["cost"]["requested"].clone()).collect();
        assert!(costs.iter().all(|cost| cost.as_u64() > Some(20)), "{costs:?}");
    }

    /// A caller breaks off while it makes an answer that others wait for: they make it themselves.
    async fn do_not_wait_for_the_dead(database) {
        let app = TestApp::start(database, Template::Twins, keeping).await;
        let question = "{ courses { nodes { code institution { name } } } }";
        for _ in 0..20 {
            let mut broken = Box::pin(app.query(question));
            // Sends the request and goes away, wherever the server is with it.
            assert!(futures_util::poll!(&mut broken).is_pending());
            tokio::task::yield_now().await;
            drop(broken);
            let answer = app.query(question).await;
            assert!(answer.get("errors").is_none(), "{answer:#}");
        }
    }

    /// Variables in another order are the same question; another value, another operation and other defaults are not.
    async fn belong_to_their_question(database) {
        let app = twins(database).await;
        let document = "query A($a: Int, $f: CourseFilter) { courses(first: $a, filter: $f) { nodes { code } } } query B($a: Int = 1) { courses(first: $a) { nodes { title } } }";
        let ask = async |name: &str, variables: &str| {
            let body = format!("{{\"query\":{},\"operationName\":\"{name}\",\"variables\":{variables}}}", json!(document));
            let headers = [("content-type", "application/json")];
            data(&app.send(axum::http::Method::POST, "/graphql", &headers, body).await)
        };
        let one = ask("A", r#"{"a":2,"f":{"isForCredit":true,"hasSeats":true}}"#).await;
        assert_eq!(one, ask("A", r#"{"f":{"hasSeats":true,"isForCredit":true},"a":2}"#).await);
        assert_eq!((counts(&app).misses(), counts(&app).hits()), (1, 1));
        for (name, variables) in [("A", r#"{"a":1,"f":{"isForCredit":true,"hasSeats":true}}"#), ("A", "{}"), ("A", r#"{"a":2}"#), ("B", "{}"), ("B", r#"{"a":2}"#)] {
            ask(name, variables).await;
        }
        assert_eq!((counts(&app).misses(), counts(&app).hits()), (6, 1));
    }

    /// Answers with errors, and those of questions about the caller or the schema, are never kept.
    async fn are_not_kept_with_errors(database) {
        let app = twins(database).await;
        for question in [
            "{ courses { nodes { code } } viewer { kind } }",
            "{ viewer { rateLimit { remaining } } }",
            "{ courses { nodes { code externalKeys { value } } } }",
            "{ businesses { nodes { name } } }",
            "{ __schema { queryType { name } } }",
            "{ courses { nodes { code } } __typename }",
        ] {
            app.query(question).await;
            app.query(question).await;
            assert_eq!((counts(&app).hits(), counts(&app).fills()), (0, 0), "{question}");
        }
        for _ in 0..2 {
            assert_eq!(app.query("{ courses(after: \"x\") { nodes { code } } }").await["errors"][0]["extensions"]["code"], "BAD_CURSOR");
        }
        assert_eq!((counts(&app).hits(), counts(&app).fills(), counts(&app).misses()), (0, 0, 2));
    }
}
