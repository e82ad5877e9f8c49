//! The ways to Redis: TLS with a login, sentinels whose master falls, a cluster that divides the keys.

use std::collections::HashMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use concord::app::App;
use concord::config::Settings;
use concord::domain::role::Role;
use redis::{Client, TlsCertificates};
use serde_json::json;

use super::redis::{connected, sharing};
use super::server::{Server, port};
use super::{data, plain, post_to};
use crate::support::{Database, Node, Template, TestApp};
use crate::tenant::consortium;

/// A question of many.
fn question(what: &str, number: usize) -> String {
    format!("query Q{what} {{ courses(first: {}) {{ nodes {{ code title }} }} }}", number + 1)
}

/// Asks two nodes so many questions, one after the other, and compares each answer with that of a node that keeps nothing.
async fn ask_both(app: &TestApp, nodes: [SocketAddr; 2], fresh: SocketAddr, what: &str, number: usize) {
    for number in 0..number {
        let question = question(what, number);
        let expected = data(&post_to(app, fresh, None, &question, json!({})).await);
        for node in nodes {
            assert_eq!(data(&post_to(app, node, None, &question, json!({})).await), expected, "{question}");
        }
    }
}

/// How many answers of other nodes a node has given.
fn shared_hits(app: &App) -> u64 {
    app.answers().expect("kept answers").counts().shared_hits()
}

/// Two nodes at a Redis, and one that keeps nothing.
async fn nodes(set: impl Fn(&mut Settings)) -> (TestApp, Node, Node) {
    let app = TestApp::start(Database::Sqlite, Template::Twins, &set).await;
    let other = app.second(&set).await;
    let fresh = app.second(plain).await;
    connected(app.app()).await;
    connected(&other.app).await;
    (app, other, fresh)
}

/// An authority, and a certificate from it for this machine: the paths of the authority's, the server's and its key.
fn certificates(folder: &Path) -> [String; 3] {
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let openssl = |arguments: &[&str]| {
        let output = Command::new("openssl").args(arguments).output().expect("openssl runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let settings = "[req]\ndistinguished_name=n\nprompt=no\n[n]\nCN=concord test\n[a]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n\
                    [s]\nbasicConstraints=critical,CA:FALSE\nsubjectAltName=IP:127.0.0.1\n";
    fs::write(path("settings"), settings).expect("a file");
    let (settings, authority, authority_key) = (path("settings"), path("authority.pem"), path("authority.key"));
    let (server, server_key) = (path("server.pem"), path("server.key"));
    let new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-config", &settings];
    openssl(&[&new[..], &["-extensions", "a", "-keyout", &authority_key, "-out", &authority]].concat());
    let by = ["-CA", &authority, "-CAkey", &authority_key];
    openssl(&[&new[..], &by, &["-extensions", "s", "-keyout", &server_key, "-out", &server]].concat());
    [authority, server, server_key]
}

/// Nodes share answers and budgets over TLS, with an authority of the operator's own and a login that may do no more than the manual says; without the authority, the password, or TLS they go on alone.
#[tokio::test]
async fn over_tls_with_a_login() {
    let (folder, another) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let [authority, certificate, key] = certificates(folder.path());
    let [stranger, ..] = certificates(another.path());
    let port = port();
    let trusted = TlsCertificates { client_tls: None, root_cert: fs::read(&authority).ok() };
    let operator = Client::build_with_tls(format!("rediss://:operator@127.0.0.1:{port}"), trusted).expect("an address");
    let tls = ["--tls-cert-file", &certificate, "--tls-key-file", &key, "--tls-ca-cert-file", &authority, "--tls-auth-clients", "no"];
    let login = ["--requirepass", "operator", "--user", "concord", "on", ">pass@word", "~concord:*"];
    let commands = ["+time", "+getrange", "+get", "+set", "+evalsha", "+script|load"];
    let server = Server::secured(port, &[&tls[..], &login, &commands].concat(), operator).await;
    let to = |url: String, ca_file: &str| {
        let ca_file = ca_file.to_owned();
        move |settings: &mut Settings| {
            sharing(settings, &url);
            settings.redis.ca_file.clone_from(&ca_file);
        }
    };
    let (app, other, fresh) = nodes(to(format!("rediss://concord:pass%40word@127.0.0.1:{port}"), &authority)).await;
    ask_one_then_other(&app, &other, &server, fresh.address, "Secured").await;
    assert_eq!((app.app().budget().counts().local(), other.app.budget().counts().local()), (0, 0));
    for (what, url, ca_file) in [
        ("NoAuthority", format!("rediss://concord:pass%40word@127.0.0.1:{port}"), ""),
        ("OtherAuthority", format!("rediss://concord:pass%40word@127.0.0.1:{port}"), &stranger),
        ("OtherPassword", format!("rediss://concord:password@127.0.0.1:{port}"), &authority),
        ("NoTls", format!("redis://concord:pass%40word@127.0.0.1:{port}"), &authority),
    ] {
        let alone = app.second(to(url, ca_file)).await;
        let remote = alone.app.remote().expect("a Redis");
        let tried = async {
            while remote.unreached() < 2 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), tried).await.expect("attempts to connect");
        assert!(!remote.is_connected(), "{what}");
        ask_both(&app, [alone.address; 2], fresh.address, what, 1).await;
        assert_eq!(remote.calls().all, 0, "{what}");
    }
}

/// Asks one node eight questions, and then the other, which gives what the first has made.
async fn ask_one_then_other(app: &TestApp, other: &Node, server: &Server, fresh: SocketAddr, what: &str) {
    let (there, before) = (server.entries().await.len(), shared_hits(&other.app));
    ask_both(app, [app.address; 2], fresh, what, 8).await;
    server.holds(there + 8).await;
    ask_both(app, [other.address; 2], fresh, what, 8).await;
    assert_eq!(shared_hits(&other.app) - before, 8, "{what}");
}

/// The master that sentinels name is killed: no request fails or is answered wrongly, the replica that takes over is found, and then every answer that one node has made is given by the other again.
#[tokio::test]
async fn a_master_falls() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().to_string_lossy();
    let login = ["--requirepass", "secret", "--masterauth", "secret", "--repl-diskless-sync-delay", "0", "--dir", &home];
    let mut master = Server::with(&login, ":secret@").await;
    let first = master.port.to_string();
    let replica = Server::with(&[&login[..], &["--replicaof", "127.0.0.1", &first]].concat(), ":secret@").await;
    replica.says(&[b"INFO", b"replication"], "master_link_status:up").await;
    let (watch, file) = (port(), folder.path().join("sentinel.conf"));
    let settings = format!(
        "port {watch}\nbind 127.0.0.1\ndir {home}\nsentinel monitor main 127.0.0.1 {first} 1\nsentinel auth-pass main secret\n\
         sentinel down-after-milliseconds main 500\nsentinel failover-timeout main 5000\n"
    );
    fs::write(&file, settings).expect("a file");
    let client = Client::open(format!("redis://127.0.0.1:{watch}")).expect("an address");
    let sentinel = Server::of(watch, &[&file.to_string_lossy(), "--sentinel"], client).await;
    let known = async {
        loop {
            let replicas: Vec<HashMap<String, String>> = sentinel.ask(&[b"SENTINEL", b"REPLICAS", b"main"]).await;
            if replicas.iter().any(|replica| replica["flags"] == "slave" && replica["master-link-status"] == "ok") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), known).await.expect("the sentinel knows the replica");

    // The first sentinel is not there.
    let url = format!("redis+sentinel://:secret@127.0.0.1:{},127.0.0.1:{watch}/main", port());
    let (app, other, fresh) = nodes(|settings| sharing(settings, &url)).await;
    ask_one_then_other(&app, &other, &master, fresh.address, "Before").await;
    assert_eq!(app.app().budget().counts().local(), 0);

    let killed = Instant::now();
    master.kill();
    let before = replica.entries().await.len();
    let mut rounds = 0;
    while replica.entries().await.len() == before {
        rounds += 1;
        assert!(killed.elapsed() < Duration::from_mins(2), "the new master is used");
        ask_both(&app, [app.address, other.address], fresh.address, &format!("Falling{rounds}"), 4).await;
    }
    let asked = rounds * 8;
    println!("the master was killed: the new one was used after {:?}, and {asked} questions", killed.elapsed());
    // Whichever of the two was the first.
    connected(app.app()).await;
    connected(&other.app).await;
    ask_one_then_other(&app, &other, &replica, fresh.address, "After").await;
    let charged = app.app().budget().counts();
    assert!(charged.local() > 0 && charged.shared() > 0, "{charged:?}");
}

/// A cluster of three masters: each keeps some of the answers, all are found by another node, and budgets are charged there; one is killed and comes back, and no request fails.
#[tokio::test]
async fn a_cluster_divides_the_keys() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut servers = Vec::new();
    for number in 0..3 {
        let home = folder.path().join(number.to_string());
        fs::create_dir(&home).expect("a folder");
        let bus = port().to_string();
        let home = home.to_string_lossy();
        let cluster = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--dir", &home, "--cluster-port", &bus];
        let server = Server::with(&cluster, "").await;
        server.run(&[b"CLUSTER", b"SET-CONFIG-EPOCH", (number + 1).to_string().as_bytes()]).await;
        let (from, to) = (number * 5_462, (number * 5_462 + 5_461).min(16_383));
        server.run(&[b"CLUSTER", b"ADDSLOTSRANGE", from.to_string().as_bytes(), to.to_string().as_bytes()]).await;
        servers.push((server, bus));
    }
    for (server, bus) in &servers[1..] {
        let port = server.port.to_string();
        servers[0].0.run(&[b"CLUSTER", b"MEET", b"127.0.0.1", port.as_bytes(), bus.as_bytes()]).await;
    }
    let whole = async |servers: &[(Server, String)]| {
        for (server, _) in servers {
            server.says(&[b"CLUSTER", b"INFO"], "cluster_state:ok").await;
            server.says(&[b"CLUSTER", b"INFO"], "cluster_size:3").await;
        }
    };
    whole(&servers).await;
    let url = format!("redis+cluster://127.0.0.1:{},127.0.0.1:{}", servers[0].0.port, servers[1].0.port);
    let (app, other, fresh) = nodes(|settings| sharing(settings, &url)).await;
    let there = async |servers: &[(Server, String)]| {
        let mut numbers = Vec::new();
        for (server, _) in servers {
            numbers.push(server.entries().await.len());
        }
        numbers
    };
    let kept = async |servers: &[(Server, String)], number: usize| {
        let all = async {
            while there(servers).await.iter().sum::<usize>() < number {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), all).await.expect("what is kept is given to Redis");
    };
    ask_both(&app, [app.address; 2], fresh.address, "Whole", 16).await;
    kept(&servers, 16).await;
    let numbers = there(&servers).await;
    assert!(numbers.iter().all(|number| *number > 0), "every master has some: {numbers:?}");
    ask_both(&app, [other.address; 2], fresh.address, "Whole", 16).await;
    assert_eq!(shared_hits(&other.app), 16);
    // Two buckets in one call lie on one master.
    let staff = consortium(&app, Role::Analyst).await;
    assert_eq!(post_to(&app, app.address, Some(&staff), "{ viewer { kind } }", json!({})).await.status, 200);
    assert_eq!((app.app().budget().counts().local(), other.app.budget().counts().local()), (0, 0));

    servers[2].0.kill();
    ask_both(&app, [app.address, other.address], fresh.address, "Broken", 16).await;
    servers[2].0.again().await;
    whole(&servers).await;
    connected(app.app()).await;
    connected(&other.app).await;
    let (before, hits) = (there(&servers).await.iter().sum::<usize>(), shared_hits(&other.app));
    // The map of the cluster may be of before: the first calls find that out.
    ask_both(&app, [app.address, other.address], fresh.address, "Mended", 16).await;
    ask_both(&app, [app.address; 2], fresh.address, "Again", 16).await;
    kept(&servers, before + 16).await;
    ask_both(&app, [other.address; 2], fresh.address, "Again", 16).await;
    assert!(shared_hits(&other.app) >= hits + 16, "{} of 16", shared_hits(&other.app) - hits);
}
