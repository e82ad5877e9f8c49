//! The program as it is started by people and by the system: what it says, how it ends, and what it leaves behind.

mod demo;
mod documents;
mod migrate;
mod refuse;
mod role;
mod staff;
mod token;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Far more than anything here takes: a test that reaches it has failed.
pub(crate) const PATIENCE: Duration = Duration::from_mins(3);

/// The program with arguments, and without the settings of whoever runs the tests.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_concord"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CONCORD")) {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// What a program that ended had to say.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> Ended {
    let output = command.output().expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ended { status: output.status, stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

/// The one line in which a program says why it cannot start. It prints nothing else.
pub(crate) fn refusal(command: &mut Command) -> String {
    let ended = run(command);
    assert!(ended.status.code().is_some_and(|code| code != 0), "{ended:?}");
    assert_eq!((ended.stdout.as_str(), ended.stderr.lines().count()), ("", 1), "{ended:?}");
    ended.stderr.trim_end().to_owned()
}

/// A program that serves.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
    pub(crate) address: SocketAddr,
}

impl Running {
    /// Starts a program and waits until it has told its address.
    pub(crate) fn start(command: &mut Command) -> Self {
        let (mut child, lines) = spawn(command);
        let mut seen = Vec::new();
        let address = loop {
            let line = lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no address among {seen:?}: {:?}", child.try_wait()));
            let told =
                line.split("127.0.0.1:").nth(1).and_then(|rest| rest.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok());
            seen.push(line);
            if let Some(port) = told {
                break SocketAddr::from(([127, 0, 0, 1], port));
            }
        };
        Self { child, lines, seen, address }
    }

    /// The data of a question that must succeed.
    pub(crate) fn data(&self, document: &str) -> Value {
        let answer = self.ask(&json!({ "query": document }));
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"].clone()
    }

    /// The answer to a request.
    pub(crate) fn ask(&self, body: &Value) -> Value {
        let answer = self.post(body);
        serde_json::from_str(answer.split_once("\r\n\r\n").expect("a body").1).expect("JSON")
    }

    /// The answer to a request with its head.
    pub(crate) fn post(&self, body: &Value) -> String {
        post(self.address, body)
    }

    /// The answer, with its head, to a body that is sent to an address with headers.
    pub(crate) fn post_to(&self, path: &str, headers: &str, body: &str) -> String {
        let length = body.len();
        self.send(&format!("POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\ncontent-length: {length}\r\n\r\n{body}"))
    }

    /// The answer, with its head, to the holder of a token.
    pub(crate) fn post_as(&self, token: &str, document: &str) -> String {
        let headers = format!("content-type: application/json\r\nauthorization: Bearer {token}");
        self.post_to("/graphql", &headers, &json!({ "query": document }).to_string())
    }

    /// Sends bytes and reads to the end.
    pub(crate) fn send(&self, text: &str) -> String {
        send(self.address, text)
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        signal(&self.child, name);
    }

    /// Waits for the end; the status and every line that was printed.
    pub(crate) fn end(mut self) -> (ExitStatus, Vec<String>) {
        let status = wait(&mut self.child);
        let mut seen = std::mem::take(&mut self.seen);
        seen.extend(self.lines.iter());
        (status, seen)
    }

    /// Ends it as the system does, and holds it to ending well.
    pub(crate) fn stop(self) -> Vec<String> {
        self.signal("TERM");
        let (status, lines) = self.end();
        assert_eq!(status.code(), Some(0), "{lines:?}");
        lines
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The answer of a server to a request, with its head.
pub(crate) fn post(address: SocketAddr, body: &Value) -> String {
    let body = body.to_string();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    send(address, &format!("{head}{body}"))
}

/// Sends bytes to a server and reads to the end.
fn send(address: SocketAddr, text: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
    stream.write_all(text.as_bytes()).expect("bytes are sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

/// Starts a program; its process and the lines that it prints, on either stream.
pub(crate) fn spawn(command: &mut Command) -> (Child, Receiver<String>) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let (sender, lines) = mpsc::channel();
    let streams: [Box<dyn Read + Send>; 2] =
        [Box::new(child.stdout.take().expect("stdout")), Box::new(child.stderr.take().expect("stderr"))];
    for stream in streams {
        let sender = sender.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
    }
    (child, lines)
}

/// Sends a signal by its name.
pub(crate) fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status().expect("kill runs");
    assert!(status.success(), "the process is there");
}

/// Waits for a process to end.
pub(crate) fn wait(child: &mut Child) -> ExitStatus {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a process") {
            return status;
        }
        assert!(started.elapsed() < PATIENCE, "the process does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A temporary folder.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// The demo on a folder, on any port.
pub(crate) fn demo(folder: &Path) -> Command {
    program(&["demo", "--listen", "127.0.0.1:0", "--data", text(folder)])
}
