//! Buckets of points that nodes share by Redis.

use std::future::ready;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use concord::cache::{Buckets, Line, Payer};
use concord::config::{Bucket, Settings};
use concord::domain::id::{GlobalId, Kind};
use concord::domain::role::{Role, Roles};
use concord::domain::tenant::Tenant;
use concord::http::budget;
use concord::policy::{Member, MemberKind};
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use super::post_to;
use super::redis::connected;
use super::server::Server;
use crate::support::{Answer, Database, Node, Template, TestApp};
use crate::walk::id;

/// Costs six points.
const QUESTION: &str = "{ courses(first: 1) { nodes { id } } }";
const COST: u64 = 6;

/// Little to spend, by the Redis at an address, which is waited for: that the machine is busy is no reason to charge elsewhere.
fn spending(settings: &mut Settings, url: &str) {
    settings.redis.url = url.into();
    settings.redis.timeout_ms = 10_000;
    settings.budget.nodes = 2;
    let small = Bucket { capacity: 60, refill_per_second: 1 };
    (settings.budget.anonymous, settings.budget.person, settings.budget.service) = (small, small, small);
    settings.budget.tenant = Bucket { capacity: 600, refill_per_second: 1 };
    (settings.cost.anonymous, settings.cost.person, settings.cost.service) = (20, 20, 20);
    settings.server.trusted_proxies = 1;
}

/// Two nodes and what they share.
struct Two {
    server: Server,
    app: TestApp,
    other: Node,
}

impl Two {
    async fn start(change: impl Fn(&mut Settings)) -> Self {
        let server = Server::start().await;
        let set = |settings: &mut Settings| {
            spending(settings, &server.url());
            change(settings);
        };
        let app = TestApp::start(Database::Sqlite, Template::Twins, set).await;
        let other = app.second(set).await;
        connected(app.app()).await;
        connected(&other.app).await;
        Self { server, app, other }
    }

    fn nodes(&self) -> [SocketAddr; 2] {
        [self.app.address, self.other.address]
    }

    /// A token of an instructor.
    async fn person(&self, college: &str, subject: &str) -> String {
        let uuid = GlobalId::parse(&id(&self.app, Kind::Institution, college).await).expect("an identifier").uuid;
        let token = self.app.token_with(&[Role::Instructor], Tenant::Institution(uuid), |claims| claims["sub"] = subject.into()).await;
        self.other.app.identity().refresh().await.expect("what is registered");
        token
    }

    /// Asks both nodes so many times each, at the same time; how many answers there were, and the refusals.
    async fn spend(&self, token: &str, times: usize) -> (u64, Vec<Answer>) {
        let [one, other] = self.nodes();
        let (mut answered, mut refused) = (0, Vec::new());
        for _ in 0..times {
            let ask = |node| post_to(&self.app, node, Some(token), QUESTION, json!({}));
            let answers = tokio::join!(ask(one), ask(other));
            for answer in [answers.0, answers.1] {
                match answer.status.as_u16() {
                    200 => answered += 1,
                    429 => refused.push(answer),
                    status => panic!("{status}: {}", answer.text()),
                }
            }
        }
        (answered, refused)
    }

    /// How often both nodes charged their own buckets.
    fn local(&self) -> u64 {
        self.app.app().budget().counts().local() + self.other.app.budget().counts().local()
    }
}

/// What an answer says of the bucket.
fn cost(answer: &Answer) -> Value {
    let text: Value = serde_json::from_slice(&answer.body).expect("JSON");
    text.pointer("/errors/0/extensions/cost").or(text.pointer("/extensions/cost")).cloned().unwrap_or_default()
}

/// A caller spends on two nodes at once: out of one bucket, by one call a request. Redis is killed: each node goes on with its part of the bucket, for those that it knows with its part of what was left, and no request fails. Redis comes back, and so does the one bucket.
#[tokio::test]
async fn nodes_charge_one_bucket() {
    let mut two = Two::start(|_| {}).await;
    let [pat, sam, kim] = [two.person("north", "pat").await, two.person("north", "sam").await, two.person("north", "kim").await];
    // Redis is sent the script.
    post_to(&two.app, two.app.address, None, QUESTION, json!({})).await;
    two.server.run(&[b"CONFIG", b"RESETSTAT"]).await;
    let started = Instant::now();
    let (answered, refused) = two.spend(&pat, 10).await;
    let most = 60 + started.elapsed().as_secs() + 1;
    assert!(answered >= 10 && answered * COST <= most, "{answered} answers of {COST} points each out of 60 points");
    assert_eq!(answered as usize + refused.len(), 20);
    for refusal in &refused {
        assert_eq!(refusal.code(), "RATE_LIMITED");
        let wait: u64 = refusal.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
        assert!((1..=COST).contains(&wait), "{wait}");
        assert_eq!((&cost(refusal)["capacity"], &cost(refusal)["refillPerSecond"]), (&json!(60), &json!(1)));
        assert!(cost(refusal)["remaining"].as_u64().expect("points") < COST);
    }
    let stats: String = two.server.ask(&[b"INFO", b"commandstats"]).await;
    assert!(stats.contains("cmdstat_evalsha:calls=20,") && !stats.contains("cmdstat_eval:"), "one call a request: {stats}");
    assert_eq!(two.local(), 0);

    two.server.kill();
    let (answered, refused) = two.spend(&sam, 6).await;
    assert_eq!((answered, refused.len()), (10, 2), "each node has 30 points");
    assert_eq!((&cost(&refused[0])["capacity"], &cost(&refused[0])["remaining"]), (&json!(30), &json!(0)));
    let (answered, refused) = two.spend(&pat, 1).await;
    assert_eq!((answered, refused.len()), (0, 2), "what was spent is spent");
    assert_eq!(two.local(), 14);

    two.server.again().await;
    connected(two.app.app()).await;
    connected(&two.other.app).await;
    let started = Instant::now();
    let (answered, refused) = two.spend(&kim, 10).await;
    let most = 60 + started.elapsed().as_secs() + 1;
    assert!(answered >= 10 && answered * COST <= most && !refused.is_empty(), "{answered}");
    assert_eq!(cost(&refused[0])["capacity"], 60);
    assert_eq!(two.local(), 14);
}

/// Colleagues spend out of the bucket of their tenant and visitors out of that of their address, whichever node they ask; Redis learns nobody's name, and forgets each bucket when it is full again.
#[tokio::test]
async fn redis_learns_no_names() {
    let two = Two::start(|settings| settings.budget.tenant.capacity = 60).await;
    let [one, other] = two.nodes();
    let started = Instant::now();
    let [pat, sam] = [two.person("north", "pat.person").await, two.person("north", "sam.person").await];
    for _ in 0..6 {
        assert_eq!(post_to(&two.app, one, Some(&pat), QUESTION, json!({})).await.status, 200);
    }
    let mut answered = 0;
    for _ in 0..6 {
        answered += u64::from(post_to(&two.app, other, Some(&sam), QUESTION, json!({})).await.status == 200);
    }
    let most = 60 + started.elapsed().as_secs() + 1;
    assert!(answered >= 4 && (6 + answered) * COST <= most, "{answered}");
    let refused = two.other.app.budget().counts().refusals(budget::Kind::Tenant);
    assert_eq!(refused, 6 - answered, "the tenant's bucket is empty, hers is not");
    let lee = two.person("south", "lee").await;
    assert_eq!(post_to(&two.app, other, Some(&lee), QUESTION, json!({})).await.status, 200, "another tenant has a bucket of its own");

    let visit = async |node, address: &str| {
        let headers = [("content-type", "application/json"), ("x-forwarded-for", address)];
        two.app.send_to(node, axum::http::Method::POST, "/graphql", &headers, json!({ "query": QUESTION }).to_string()).await
    };
    let left = async |node, address: &str| cost(&visit(node, address).await)["remaining"].as_u64().expect("points");
    assert_eq!(left(one, "192.0.2.7").await, 60);
    assert!(left(other, "192.0.2.7").await < 60, "the other node knows what was spent");
    assert_eq!(left(one, "2001:db8::1").await, 60);
    assert!(left(other, "2001:db8::2").await < 60, "one network of the sixth version");
    assert_eq!(left(other, "192.0.2.8").await, 60);

    let keys: Vec<String> = two.server.ask(&[b"KEYS", b"*"]).await;
    assert_eq!(keys.len(), 5 + 3, "three persons, two tenants, three addresses: {keys:?}");
    for key in keys {
        let rest = key.strip_prefix("concord:bucket:1:").expect("a bucket");
        assert!(rest.chars().all(|letter| letter.is_ascii_hexdigit() || "{}:".contains(letter)) && rest.len() >= 32, "{key}");
        let wait: i64 = two.server.ask(&[b"PTTL", key.as_bytes()]).await;
        assert!((1..=61_000).contains(&wait), "{key}: {wait}");
    }
    assert_eq!(two.local(), 0);
}

/// Somebody puts something else where buckets are: each counts as a full one, and is one again.
#[tokio::test]
async fn planted_buckets_are_full_ones() {
    let two = Two::start(|_| {}).await;
    let ask = || post_to(&two.app, two.app.address, None, QUESTION, json!({}));
    ask().await;
    let keys: Vec<String> = two.server.ask(&[b"KEYS", b"*"]).await;
    let [key] = keys.as_slice() else { panic!("one bucket: {keys:?}") };
    for planted in ["nonsense", "-5 1", "nan nan", "0 99999999999999999999", "99999999999999999999 1", ""] {
        two.server.run(&[b"SET", key.as_bytes(), planted.as_bytes()]).await;
        assert_eq!(cost(&ask().await)["remaining"], 60, "{planted}");
        assert!(cost(&ask().await)["remaining"].as_u64().expect("points") < 60, "{planted}");
    }
    two.server.run(&[b"DEL", key.as_bytes()]).await;
    two.server.run(&[b"LPUSH", key.as_bytes(), b"x"]).await;
    assert_eq!(cost(&ask().await)["remaining"], 60);
    assert!(cost(&ask().await)["remaining"].as_u64().expect("points") < 60);
    // An empty one is taken at its word.
    two.server.run(&[b"SET", key.as_bytes(), b"0 99999999999999"]).await;
    assert_eq!(cost(&ask().await)["remaining"], 60, "from a day that is far off");
    let now: Vec<String> = two.server.ask(&[b"TIME"]).await;
    two.server.run(&[b"SET", key.as_bytes(), format!("0 {}000", now[0]).as_bytes()]).await;
    assert_eq!(ask().await.status, 429);
    assert_eq!(two.local(), 0);
}

/// Twenty requests of one payer come at once, and one of another: the first is paid for by a call of its own, the nineteen behind it by one more, each in its turn, and no more is given than there is. What is left is told to all alike. Then one goes away while it is paid for: who stands behind it is told. Redis is killed: one call tells nothing, and nobody behind it calls again.
#[tokio::test]
async fn a_crowd_is_paid_for_together() {
    let mut two = Two::start(|_| {}).await;
    let remote = Arc::clone(two.app.app().remote().expect("what nodes share"));
    let buckets = Arc::new(Buckets::new(Arc::clone(&remote), b"a secret of the tests"));
    let sizes = [Bucket { capacity: 60, refill_per_second: 1 }];
    let line = |address: [u8; 4]| buckets.line(Payer::Address(IpAddr::from(address)), &sizes);
    let take = |line: &Arc<Line>, points| {
        let (buckets, line) = (Arc::clone(&buckets), Arc::clone(line));
        async move { buckets.take(&line, points).await }
    };
    assert!(take(&line([192, 0, 2, 9]), COST).await.is_some(), "the server knows the script from now on");
    two.server.run(&[b"CONFIG", b"RESETSTAT"]).await;
    // Two of those behind cost more than is left at their turn, and those after them less.
    let costs = |place: usize| if place == 6 || place == 7 { 50 } else { COST };
    let one = line([192, 0, 2, 1]);
    let (crowd, other) = tokio::join!(join_all((0..20).map(|place| take(&one, costs(place)))), take(&line([192, 0, 2, 2]), COST));
    let stats: String = two.server.ask(&[b"INFO", b"commandstats"]).await;
    assert!(stats.contains("cmdstat_evalsha:calls=3,"), "{stats}");
    let parts = |points: f64| (points * 1_000.0).round() as u64;
    assert_eq!(parts(other.expect("an outcome").before[0]), 60_000);
    let crowd: Vec<_> = crowd.into_iter().map(|taken| taken.expect("an outcome")).collect();
    let before: Vec<u64> = crowd.iter().map(|taken| parts(taken.before[0])).collect();
    assert_eq!((before[0], crowd[0].refused), (60_000, None));
    let mut held = before[0];
    for (place, taken) in crowd.iter().enumerate() {
        // Each call brings what has come in since the one before; those behind share one.
        let is_first = place <= 1;
        assert!(if is_first { before[place] >= held && before[place] < held + 2_000 } else { before[place] == held }, "{before:?}");
        let cost = costs(place) * 1_000;
        assert_eq!(taken.refused.is_none(), before[place] >= cost, "{place}: {before:?}");
        held = before[place] - if taken.refused.is_none() { cost } else { 0 };
    }
    let refused: Vec<usize> = (0..20).filter(|place| crowd[*place].refused.is_some()).collect();
    assert!(refused.starts_with(&[6, 7, 12]), "{refused:?}");
    let left: Vec<u64> = crowd[1..].iter().map(|taken| parts(taken.left[0])).collect();
    assert_eq!(left, [held; 19], "{before:?}");

    // Their tenant has less than a person may spend: it is what is too empty.
    let member = Member {
        issuer: Uuid::from_u128(1),
        subject: "pat".to_owned(),
        kind: MemberKind::Person,
        display_name: "Pat".to_owned(),
        tenant: Tenant::Institution(Uuid::from_u128(2)),
        roles: Roles::from_iter([Role::InstitutionAdmin]),
        learner: Arc::default(),
        teacher: None,
    };
    let staff = buckets.line(Payer::Member(&member), &[sizes[0], Bucket { capacity: 3 * COST, refill_per_second: 1 }]);
    let staff = join_all((0..6).map(|_| take(&staff, COST))).await;
    let refused: Vec<_> = staff.iter().map(|taken| taken.expect("an outcome").refused).collect();
    assert_eq!(refused, [None, None, None, Some(1), Some(1), Some(1)]);
    assert!(
        parts(staff[5].expect("an outcome").before[0]) >= 60_000 - 3 * COST * 1_000,
        "what its tenant refuses is not taken out of its own"
    );

    let one = line([192, 0, 2, 3]);
    let mut first = Box::pin(take(&one, COST));
    let mut second = Box::pin(take(&one, COST));
    for taking in [&mut first, &mut second] {
        tokio::select! {
            biased;
            taken = taking => panic!("before anybody was asked: {taken:?}"),
            () = ready(()) => {}
        }
    }
    drop(first);
    assert_eq!(second.await.expect("an outcome").refused, None);
    assert!(take(&one, COST).await.is_some(), "nobody stands there any more");

    two.server.kill();
    let (calls, one) = (remote.calls().all, line([192, 0, 2, 4]));
    let crowd = join_all((0..20).map(|_| take(&one, COST))).await;
    assert!(crowd.iter().all(Option::is_none), "{crowd:?}");
    assert_eq!(remote.calls().all, calls + 1);
}
