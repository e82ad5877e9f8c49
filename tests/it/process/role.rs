//! A server whose role does not hold.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

use super::{program, refusal};
use crate::support::{Database, TestApp};

/// A pooler of the sort that leaves out with which options a connection begins; its address.
fn forgetful(server: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let server = TcpStream::connect(&server).expect("the server");
            std::thread::spawn(move || pass(client, server));
        }
    });
    address
}

/// A message without a type, as a connection begins with one: its length, itself included, and the rest.
fn first(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut length = [0; 4];
    client.read_exact(&mut length).ok()?;
    let mut rest = vec![0; u32::from_be_bytes(length) as usize - 4];
    client.read_exact(&mut rest).ok()?;
    Some(rest)
}

fn pass(mut client: TcpStream, mut server: TcpStream) -> Option<()> {
    let mut rest = first(&mut client)?;
    // The wish for TLS comes first, and is declined.
    if rest == 80_877_103_u32.to_be_bytes() {
        client.write_all(b"N").ok()?;
        rest = first(&mut client)?;
    }
    let (version, told) = rest.split_at(4);
    let texts: Vec<&[u8]> = told.split(|byte| *byte == 0).collect();
    let mut message = version.to_vec();
    for pair in texts.chunks(2).filter(|pair| pair.len() == 2 && !pair[0].is_empty() && pair[0] != b"options") {
        for text in pair {
            message.extend_from_slice(text);
            message.push(0);
        }
    }
    message.push(0);
    server.write_all(&(message.len() as u32 + 4).to_be_bytes()).ok()?;
    server.write_all(&message).ok()?;
    let (mut from, mut to) = (server.try_clone().ok()?, client.try_clone().ok()?);
    let back = std::thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
    });
    let _ = std::io::copy(&mut client, &mut server);
    let _ = server.shutdown(Shutdown::Both);
    back.join().ok()
}

/// An operator puts a pooler in between that drops startup options: the server refuses to start as whoever it logged in, and says why.
#[tokio::test]
async fn refuses_to_serve_as_another() {
    let app = TestApp::twins(Database::Postgres).await;
    let url = app.url();
    let (_, rest) = url.split_once('@').expect("a user");
    let (server, database) = rest.split_once('/').expect("a database");
    let through = url.replace(rest, &format!("{}/{database}", forgetful(server.to_owned())));
    let told = refusal(
        program(&["serve"])
            .env("CONCORD__DATABASE__URL", through)
            .env("CONCORD__CURSORS__SECRET", "a secret of the tests, long enough to sign")
            .env("CONCORD__SERVER__LISTEN", "127.0.0.1:0"),
    );
    assert!(told.starts_with("concord: the role concord_app does not hold (the connection acts as another one, "), "{told}");
}
