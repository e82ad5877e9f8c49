//! Many callers of several tenants ask by the same texts at the same time, on two nodes that share a Redis which is flushed and killed meanwhile.

use std::collections::BTreeMap;

use concord::config::Settings;
use concord::domain::id::{GlobalId, Kind};
use concord::domain::role::Role;
use concord::domain::tenant::Tenant;
use concord::store::sql::Dialect;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::redis::{connected, sharing};
use super::server::Server;
use super::{data, plain, post_to};
use crate::isolation::mark;
use crate::support::{Database, Node, Template, TestApp};
use crate::walk::{id, named};

/// Who asks; without a token a visitor.
struct Caller {
    token: Option<String>,
    /// The word that stands in what is private to the tenant, for those who may read it.
    own: Option<&'static str>,
}

/// Two nodes, those who ask, and what each is to be answered.
struct Round {
    server: Server,
    app: TestApp,
    other: Node,
    callers: Vec<Caller>,
    documents: Vec<(&'static str, Value)>,
    /// By caller and document.
    expected: BTreeMap<(usize, usize), String>,
}

/// What it came to.
#[derive(Debug, Default)]
struct Outcome {
    asked: usize,
    by_owners: usize,
    own: usize,
    wrong: Vec<String>,
}

impl Round {
    /// Over the server that the function starts with these settings.
    async fn over(start: impl AsyncFnOnce(&dyn Fn(&mut Settings)) -> TestApp) -> Self {
        let server = Server::start().await;
        let url = server.url();
        let set = |settings: &mut Settings| {
            sharing(settings, &url);
            settings.cost.service = 1_000_000;
        };
        let app = start(&set).await;
        mark(&app).await;
        let callers = callers(&app).await;
        let other = app.second(set).await;
        let fresh = app.second(plain).await;
        connected(app.app()).await;
        connected(&other.app).await;
        let documents = documents(&app).await;
        let mut expected = BTreeMap::new();
        for (place, caller) in callers.iter().enumerate() {
            for (number, (document, variables)) in documents.iter().enumerate() {
                // As long as the names are, for errors tell columns.
                let document = document.replace("NAME", "Fresh");
                let answer = post_to(&app, fresh.address, caller.token.as_deref(), &document, variables.clone()).await;
                expected.insert((place, number), data(&answer));
            }
        }
        Self { server, app, other, callers, documents, expected }
    }

    /// Asks at least so many questions: each text by all callers at once, on either node.
    async fn ask(&mut self, number: usize) -> Outcome {
        let mut outcome = Outcome::default();
        let size = self.callers.len() * 2;
        let groups = number.div_ceil(size);
        for group in 0..groups {
            // Away for a tenth of the time, twice; and flushed every now and then while it is there.
            match group * 10 / groups.max(1) {
                3 | 7 => self.server.kill(),
                4 | 8 if !self.server.runs() => self.server.again().await,
                _ if self.server.runs() && group % 7 == 3 => self.server.run(&[b"FLUSHALL"]).await,
                _ => {}
            }
            let document = group % self.documents.len();
            // Texts that were not asked yet are made by whoever comes first, others are there.
            let name = format!("Q{:04}", if group % 3 == 0 { group / 3 } else { group });
            let (text, variables) = &self.documents[document];
            let text = text.replace("NAME", &name);
            for wave in 0..2 {
                let asked = (0..self.callers.len()).map(|turn| {
                    let place = (turn + group) % self.callers.len();
                    let node = if (turn + wave) % 2 == 0 { self.app.address } else { self.other.address };
                    let token = self.callers[place].token.as_deref();
                    let answer = post_to(&self.app, node, token, &text, variables.clone());
                    async move { (place, data(&answer.await)) }
                });
                for (place, answer) in join_all(asked).await {
                    outcome.asked += 1;
                    if let Some(own) = self.callers[place].own {
                        outcome.by_owners += 1;
                        outcome.own += usize::from(answer.contains(own));
                    }
                    if answer != self.expected[&(place, document)] {
                        outcome.wrong.push(format!("caller {place}: {text}: {answer}"));
                    }
                }
            }
        }
        println!(
            "{} questions by {} callers on two nodes: {} wrong, {:.1} % of the owners' answers hold their word; {} answers of the own node, {} of the other, {} made",
            outcome.asked,
            self.callers.len(),
            outcome.wrong.len(),
            outcome.own as f64 * 100.0 / outcome.by_owners.max(1) as f64,
            self.sum(concord::cache::Counts::hits),
            self.sum(concord::cache::Counts::shared_hits),
            self.sum(concord::cache::Counts::fills),
        );
        outcome
    }

    /// A count of both nodes.
    fn sum(&self, count: impl Fn(&concord::cache::Counts) -> u64) -> u64 {
        [self.app.app(), &self.other.app].map(|app| count(app.answers().expect("kept answers").counts())).iter().sum()
    }
}

/// Six callers of three tenants, two of each, and a visitor.
async fn callers(app: &TestApp) -> Vec<Caller> {
    let mut callers = vec![Caller { token: None, own: None }];
    let (north, south) = ((Kind::Institution, "north", "canarynorth"), (Kind::Institution, "south", "canarysouth"));
    for ((kind, key, word), roles) in [
        (north, [Role::InstitutionAdmin, Role::Learner]),
        (south, [Role::InstitutionAdmin, Role::Instructor]),
        ((Kind::Business, "acme", "canaryacme"), [Role::BusinessAdmin, Role::Learner]),
    ] {
        let uuid = GlobalId::parse(&id(app, kind, key).await).expect("an identifier").uuid;
        let tenant = if kind == Kind::Business { Tenant::Business(uuid) } else { Tenant::Institution(uuid) };
        for role in roles {
            let subject = format!("{key} {role:?}");
            let token = app.token_with(&[role], tenant, |claims| claims["sub"] = subject.into()).await;
            callers.push(Caller { token: Some(token), own: (role != Role::Learner).then_some(word) });
        }
    }
    callers
}

/// Texts that callers see different things by, with the same variables.
async fn documents(app: &TestApp) -> Vec<(&'static str, Value)> {
    let mut ids: Vec<String> = Vec::new();
    let hex = if app.store.dialect() == Dialect::Postgres { "id" } else { "hex(id)" };
    for (kind, table) in
        [(Kind::Course, "course"), (Kind::Offering, "offering"), (Kind::Program, "program"), (Kind::Credential, "credential")]
    {
        for row in app.rows(&format!("SELECT {hex} FROM {table}")).await {
            ids.push(GlobalId::new(kind, uuid::Uuid::try_parse(&row).expect("a UUID")).to_string());
        }
    }
    ids.extend(named(app, Kind::Business).await.into_iter().map(|(_, id)| id));
    let (north, south) = (id(app, Kind::Institution, "north").await, id(app, Kind::Institution, "south").await);
    let all = "query NAME($ids: [ID!]!) { nodes(ids: $ids) { ... on Course { code status } ... on Offering { code status } ... on Program { title } ... on Credential { name } ... on Business { name externalKeys { value } } } }";
    let shared = "query NAME($ids: [ID!]!) { nodes(ids: $ids) { ... on Course { code status } ... on Offering { code status } } }";
    let colleges = "query NAME($north: ID!, $south: ID!) { north: institution(by: { id: $north }) { courses { nodes { code } } staffMembers { nodes { name email } } } south: institution(by: { id: $south }) { courses { nodes { code } } staffMembers { nodes { name email } } } }";
    let catalogs = "query NAME($north: ID!, $south: ID!) { north: institution(by: { id: $north }) { courses { totalCount nodes { code } } } south: institution(by: { id: $south }) { courses { totalCount nodes { code } } } }";
    let public = "query NAME { courses { nodes { code title } } institutions { nodes { name } } }";
    let both = json!({ "north": north, "south": south });
    vec![(all, json!({ "ids": ids })), (shared, json!({ "ids": ids })), (colleges, both.clone()), (catalogs, both), (public, json!({}))]
}

/// So many questions on a server that is whole.
async fn prove(database: Database, number: usize) {
    let mut round = Round::over(async |set| TestApp::start(database, Template::Twins, set).await).await;
    let outcome = round.ask(number).await;
    assert!(outcome.wrong.is_empty(), "{} of {}, first: {}", outcome.wrong.len(), outcome.asked, outcome.wrong[0]);
    assert!(outcome.asked >= number && outcome.own * 10 >= outcome.by_owners * 3, "{outcome:?}");
    let (hits, shared, fills) =
        (round.sum(concord::cache::Counts::hits), round.sum(concord::cache::Counts::shared_hits), round.sum(concord::cache::Counts::fills));
    assert!(hits > 0 && shared > 0 && fills > 0, "answers were made, found and shared: {hits}, {shared}, {fills}");
}

/// Six callers of three tenants and a visitor ask 420 questions by the same texts, with Redis flushed and killed in between: each is answered as by a server that keeps nothing.
#[tokio::test]
async fn everybody_gets_their_own() {
    prove(Database::Sqlite, 420).await;
}

/// The same with twenty thousand questions.
#[tokio::test]
#[ignore = "the full counts, which scripts/prove cache runs"]
async fn prove_cache_scope() {
    prove(Database::Postgres, 20_000).await;
}

/// The same on a server that keeps answers as whoever asked first has read them, under keys without a scope: others are given what is not theirs.
#[cfg(feature = "faults")]
#[tokio::test]
async fn without_scopes_answers_are_anothers() {
    let mut round = Round::over(async |set| {
        let kept = crate::support::copy(Database::Sqlite, Template::Twins).await;
        TestApp::with_faults_and(kept, set, |faults| faults.no_scope = true).await
    })
    .await;
    let outcome = round.ask(140).await;
    let foreign = outcome.wrong.iter().filter(|answer| answer.contains("canary")).count();
    assert!(foreign > 0, "{outcome:?}");
}
