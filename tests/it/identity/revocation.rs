//! What is taken away, and what ends by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use chrono::TimeDelta;
use concord::app::App;
use concord::domain::clock::Clock;
use concord::domain::role::Role;
use concord::domain::tenant::Tenant;
use concord::identity::{Reason, tenant_value};
use concord::store::issuer::Issuer;
use concord::store::revocation::{RevocationKind, insert_revocation};
use serde_json::{Value, json};
use uuid::Uuid;

use super::college;
use crate::support::token::{issuer, issuer_of, register};
use crate::support::{Template, TestApp, both, now};

/// A clock that the test moves.
pub(super) struct Hand(Arc<AtomicI64>);

impl Hand {
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(now().timestamp_micros())))
    }

    pub(super) fn clock(&self) -> Clock {
        Clock::Moved(Arc::clone(&self.0))
    }

    pub(super) fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_microseconds().expect("a time"), Ordering::Relaxed);
    }
}

/// What a node makes of a token: nothing, or the reason for which it refuses it.
pub(super) async fn verdict(node: &App, token: &str) -> Option<Reason> {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", format!("Bearer {token}").parse().expect("a header"));
    node.identity().principal(&headers).await.err().map(|rejected| rejected.reason)
}

/// Takes something away at a node.
pub(crate) async fn revoke(node: &App, kind: RevocationKind, issuer: Option<Uuid>, value: String) {
    let revocation = node.identity().revocation(kind, issuer, value);
    let mut transaction = node.store().begin().await.expect("a transaction");
    insert_revocation(&mut transaction.connection(), &revocation).await.expect("a revocation");
    transaction.commit().await.expect("a commit");
    node.identity().apply(&revocation);
}

/// A token of that subject, key and name, of a college's administrator.
async fn token(app: &TestApp, college: Tenant, subject: &str, name: &str) -> String {
    let change = |claims: &mut Value| {
        claims["sub"] = subject.into();
        claims["jti"] = name.into();
    };
    app.token_with(&[Role::InstitutionAdmin], college, change).await
}

/// Changes a registration.
type Change = fn(&mut Issuer);

both! {
    /// An operator takes away a subject, a tenant, a key and a token: the node at hand refuses at once, the other with its next look, and nobody else is touched.
    async fn reaches_every_node(database) {
        let app = TestApp::twins(database).await;
        let college = college(&app).await;
        let other = Tenant::Business(Uuid::from_u128(5));
        let (mine, theirs) = (token(&app, college, "pat", "a").await, token(&app, college, "sam", "b").await);
        let elsewhere = app.token_with(&[Role::BusinessAdmin], other, |claims| { claims["jti"] = "a".into(); }).await;
        let issuer = Some(issuer_of(college));
        for (kind, issuer, value, spares_colleague) in [
            (RevocationKind::Token, issuer, "a".to_owned(), true),
            (RevocationKind::Subject, issuer, "pat".to_owned(), true),
            (RevocationKind::Key, issuer, "test".to_owned(), false),
            (RevocationKind::Tenant, None, tenant_value(college), false),
        ] {
            app.execute("DELETE FROM revocation").await;
            let here = app.beside(Clock::Fixed(now()), |_| {}).await;
            let there = app.beside(Clock::Fixed(now()), |_| {}).await;
            for node in [&here, &there] {
                assert_eq!([verdict(node, &mine).await, verdict(node, &theirs).await, verdict(node, &elsewhere).await], [None; 3], "{kind:?}");
            }
            revoke(&here, kind, issuer, value).await;
            assert_eq!(verdict(&here, &mine).await, Some(Reason::Revoked), "{kind:?}");
            assert_eq!(verdict(&there, &mine).await, None, "{kind:?}: it has not looked yet");
            there.identity().refresh().await.expect("a look");
            let late = app.beside(Clock::Fixed(now()), |_| {}).await;
            for node in [&here, &there, &late] {
                assert_eq!(verdict(node, &mine).await, Some(Reason::Revoked), "{kind:?}");
                assert_eq!(verdict(node, &theirs).await.is_none(), spares_colleague, "{kind:?}");
                assert_eq!(verdict(node, &elsewhere).await, None, "{kind:?}");
            }
        }
    }

    /// An operator takes a subject away while a node serves: it looks by itself.
    async fn looks_by_itself(database) {
        let app = TestApp::twins(database).await;
        let college = college(&app).await;
        let token = token(&app, college, "pat", "a").await;
        let node = app.beside(Clock::Fixed(now()), |settings| settings.identity.poll_ms = 20).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let running = node.clone();
        let server = tokio::spawn(async move { running.serve(listener, std::future::pending()).await });
        assert_eq!(verdict(&node, &token).await, None);
        let other = app.beside(Clock::Fixed(now()), |_| {}).await;
        revoke(&other, RevocationKind::Subject, Some(issuer_of(college)), "pat".to_owned()).await;
        let begun = Instant::now();
        while verdict(&node, &token).await.is_none() {
            assert!(begun.elapsed() < Duration::from_secs(30), "it never looked");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        server.abort();
    }

    /// A subject whose access was taken away signs in again later: the new token is taken, the old one never again.
    async fn lets_a_subject_return(database) {
        let hand = Hand::new();
        let app = TestApp::at(database, Template::Twins, hand.clock(), |_| {}).await;
        let college = college(&app).await;
        let old = token(&app, college, "pat", "a").await;
        let node = app.beside(hand.clock(), |_| {}).await;
        revoke(&node, RevocationKind::Subject, Some(issuer_of(college)), "pat".to_owned()).await;
        for (seconds, expected) in [(30, Some(Reason::Revoked)), (31, None)] {
            let later = |claims: &mut Value| {
                claims["iat"] = (now().timestamp() + seconds).into();
                claims["exp"] = (now().timestamp() + 900).into();
            };
            hand.advance(TimeDelta::seconds(31));
            let new = app.token_with(&[Role::InstitutionAdmin], college, later).await;
            let node = app.beside(hand.clock(), |_| {}).await;
            assert_eq!((verdict(&node, &new).await, verdict(&node, &old).await), (expected, Some(Reason::Revoked)), "{seconds}");
        }
    }

    /// A token that is known ends at its time; a node that has lost its database takes no token, answers strangers, and recovers.
    async fn ends_by_the_clock(database) {
        let hand = Hand::new();
        let app = TestApp::at(database, Template::Twins, hand.clock(), |_| {}).await;
        let college = college(&app).await;
        let token = token(&app, college, "pat", "a").await;
        let node = app.beside(hand.clock(), |_| {}).await;
        assert_eq!(verdict(&node, &token).await, None);
        hand.advance(TimeDelta::milliseconds(4_999));
        assert_eq!(verdict(&node, &token).await, None);
        hand.advance(TimeDelta::milliseconds(1));
        assert_eq!(verdict(&node, &token).await, Some(Reason::Unheard));
        // Over HTTP it is no fault of the token, which the client shall keep.
        let answer = app.post_as(&token, &json!({ "query": "{ viewer { kind } }" })).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (503, "TIMEOUT"));
        assert_eq!(app.get("/health/ready").await.status, 503);
        assert_eq!(app.query("{ viewer { kind } }").await["data"]["viewer"]["kind"], "ANONYMOUS");
        node.identity().refresh().await.expect("a look");
        assert_eq!(verdict(&node, &token).await, None);
        hand.advance(TimeDelta::seconds(624));
        node.identity().refresh().await.expect("a look");
        assert_eq!(verdict(&node, &token).await, None, "a second before its end and the skew");
        hand.advance(TimeDelta::seconds(1));
        node.identity().refresh().await.expect("a look");
        assert_eq!(verdict(&node, &token).await, Some(Reason::Expired));
        hand.advance(TimeDelta::seconds(-10));
        node.identity().refresh().await.expect("a look");
        assert_eq!(verdict(&node, &token).await, None, "it was the clock");
    }

    /// Requests hold every connection that there is: what was revoked is heard of all the same.
    async fn is_heard_beside_requests(database) {
        let app = TestApp::start(database, Template::Twins, |settings| settings.database.connections = 1).await;
        let held = app.store.snapshot().await.expect("the only connection");
        app.identity().refresh().await.expect("a look");
        held.rollback().await.expect("an end");
    }

    /// Staff disable an issuer, change it, and register one that contradicts itself: tokens that are known are judged by what holds now.
    async fn follows_registrations(database) {
        let app = TestApp::twins(database).await;
        let college = college(&app).await;
        let token = token(&app, college, "pat", "a").await;
        let node = app.beside(Clock::Fixed(now()), |_| {}).await;
        let changes: [(Change, Option<Reason>); 8] = [
            (|_| {}, None),
            (|row| row.is_enabled = false, Some(Reason::Issuer)),
            (|row| row.audience = "https://other.test".into(), Some(Reason::Audience)),
            (|row| row.token_type = "JWT".into(), Some(Reason::TokenType)),
            (|row| row.max_lifetime_seconds = 1_199, Some(Reason::Lifetime)),
            (|row| row.role_map = json!({ "dean": "INSTITUTION_ADMIN" }).to_string(), Some(Reason::NoRole)),
            (|row| row.role_map = json!({ "INSTITUTION_ADMIN": "CONSORTIUM_ADMIN" }).to_string(), Some(Reason::Issuer)),
            (|row| row.jwks = Some(json!({ "keys": [crate::support::token::Signer::of(8, "test").jwk()] }).to_string()), Some(Reason::Signature)),
        ];
        for (number, (change, expected)) in changes.into_iter().enumerate() {
            let mut row = issuer(college);
            for (seconds, change, expected) in [(1, change, expected), (2, (|_| {}) as Change, None)] {
                row.updated_at = now() + TimeDelta::seconds(2 * number as i64 + seconds);
                let mut other = row.clone();
                change(&mut other);
                register(&app.operator().await, &other).await;
                node.identity().refresh().await.expect("a look");
                assert_eq!(verdict(&node, &token).await, expected, "change {number}");
            }
        }
    }
}
