//! The public page of an award, as a browser gets it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use concord::domain::clock::Clock;
use concord::domain::role::Role;
use serde_json::{Value, json};

use super::awards::{code, complete, revoke};
use crate::cache::keeping;
use crate::support::people::people;
use crate::support::{Answer, Template, TestApp, both, now, snapshot};
use crate::tenant::college;

/// What a browser acts on, and the text. The tag changes with every byte, so it is shown as being there.
fn seen(answer: &Answer) -> Value {
    let text = |name: &str| answer.headers.get(name).map(|value| value.to_str().expect("text").to_owned());
    let body = answer.text();
    let main =
        body.split_once("<main class=\"award\">").and_then(|(_, rest)| rest.split_once("</main>")).map(|(main, _)| main.trim().to_owned());
    json!({
        "status": answer.status.as_u16(),
        "content-type": text("content-type"),
        "content-security-policy": text("content-security-policy"),
        "cache-control": text("cache-control"),
        "referrer-policy": text("referrer-policy"),
        "x-content-type-options": text("x-content-type-options"),
        "x-robots-tag": text("x-robots-tag"),
        "etag": text("etag").is_some(),
        "title": body.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>")).map(|(title, _)| title.to_owned()),
        "main": main,
    })
}

fn tag(answer: &Answer) -> String {
    answer.headers["etag"].to_str().expect("text").to_owned()
}

both! {
    /// A stranger opens the address of an award while it is valid, after its last day, and when it was revoked; and addresses that are none. Nothing tells who holds it.
    async fn tells_how_an_award_stands(database) {
        let moved = Arc::new(AtomicI64::new(now().timestamp_micros()));
        let app = TestApp::at(database, Template::Twins, Clock::Moved(Arc::clone(&moved)), keeping).await;
        people(&app).await;
        app.execute("UPDATE credential SET description = 'Handles <b>refrigerants</b> & \"tools\" safely.' WHERE name = 'Refrigerant Technician'").await;
        let award = complete(&app).await;
        let staff = college(&app, "north", Role::InstitutionAdmin).await;
        let address = award["verificationUrl"].as_str().expect("an address").to_owned();
        let mut pages = serde_json::Map::new();
        let valid = app.get(&address).await;
        pages.insert("valid".to_owned(), seen(&valid));
        app.execute("UPDATE award SET expires_on = '2027-01-15'").await;
        moved.store((now() + TimeDelta::hours(12)).timestamp_micros(), Ordering::Relaxed);
        let expired = app.get(&address).await;
        pages.insert("expired".to_owned(), seen(&expired));
        moved.store(now().timestamp_micros(), Ordering::Relaxed);
        revoke(&app, &staff, &award, "Issued to the wrong person.").await;
        let revoked = app.get(&address).await;
        pages.insert("revoked".to_owned(), seen(&revoked));
        let unknown = format!("/awards/{}", code(&award).chars().rev().collect::<String>());
        pages.insert("unknown".to_owned(), seen(&app.get(&unknown).await));
        for page in [&valid, &expired, &revoked] {
            let text = page.text();
            assert!(!text.contains("Pat") && !text.contains("Lane") && !text.contains("wrong person") && !text.contains("<script"), "{text}");
        }
        let none = app.get(&unknown).await.text();
        for address in ["/awards/x", "/awards/%00", address.to_uppercase().replace("AWARDS", "awards").as_str(), format!("{address}0").as_str()] {
            let answer = app.get(address).await;
            assert_eq!((answer.status, answer.text()), (StatusCode::NOT_FOUND, none.clone()), "{address}");
        }
        assert_eq!(app.send(Method::POST, &address, &[], "").await.status, StatusCode::METHOD_NOT_ALLOWED);
        snapshot!("award_pages", pages);
        assert_eq!(app.store.breaches(), 0);
    }

    /// A browser comes back with what it kept: it is told that it still holds, until the award is revoked, from that moment on and on every node.
    async fn is_never_stale(database) {
        let app = TestApp::start(database, Template::Twins, keeping).await;
        people(&app).await;
        let award = complete(&app).await;
        let staff = college(&app, "north", Role::InstitutionAdmin).await;
        let address = award["verificationUrl"].as_str().expect("an address");
        let node = app.second(keeping).await;
        let known = tag(&app.get(address).await);
        let headers = [("if-none-match", known.as_str())];
        let everywhere = async || {
            let far = app.send_to(node.address, Method::GET, address, &headers, "").await;
            [app.send(Method::GET, address, &headers, "").await, far].map(|answer| (answer.status.as_u16(), answer.text().contains("was revoked")))
        };
        for _ in 0..2 {
            assert_eq!(everywhere().await, [(304, false), (304, false)]);
        }
        let head = app.send(Method::HEAD, address, &[], "").await;
        assert_eq!((head.status, head.body.len(), tag(&head)), (StatusCode::OK, 0, known.clone()));
        revoke(&app, &staff, &award, "Issued to the wrong person.").await;
        // Another node hears of it when it looks, which it does twice a second.
        node.app.hear().await.expect("what is new");
        for _ in 0..2 {
            assert_eq!(everywhere().await, [(200, true), (200, true)]);
        }
    }

    /// Somebody tries addresses of awards without end: their budget is spent as by questions, and they are told when to come back.
    async fn costs_points(database) {
        let app = TestApp::start(database, Template::Empty, |settings| {
            settings.budget.anonymous.capacity = 12;
            settings.budget.anonymous.refill_per_second = 1;
            settings.cost.anonymous = 1;
        }).await;
        let mut statuses = Vec::new();
        for _ in 0..3 {
            statuses.push(app.get("/awards/x").await.status.as_u16());
        }
        assert_eq!(statuses, [404, 404, 429]);
        let refused = app.get("/awards/x").await;
        assert!(refused.headers["retry-after"].to_str().is_ok_and(|seconds| seconds == "3"), "{:?}", refused.headers);
    }

    /// The database fails: the page says that nothing is known, and nobody keeps it.
    async fn tells_that_nothing_is_known(database) {
        let app = TestApp::empty(database).await;
        app.execute("ALTER TABLE award RENAME TO elsewhere").await;
        let answer = app.get("/awards/0123456789abcdefghjkmnpqrs").await;
        let page = seen(&answer);
        assert_eq!((&page["status"], &page["cache-control"]), (&json!(503), &json!("no-store")), "{page:#}");
    }
}
