//! The program: a list of subcommands.

#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use concord::command;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Open back end of a state-wide college-business consortium.
#[derive(Debug, Parser)]
#[command(name = "concord", version, about)]
struct Arguments {
    /// File with settings that differ from the defaults; `config/default.toml` explains each.
    #[arg(long, global = true, env = "CONCORD_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create an invented state in an embedded database and serve it.
    Demo(command::Demo),
    /// Serve a database (production): refuses to start on an incomplete or contradictory configuration.
    Serve,
    /// Bring the database's schema up to date.
    Migrate,
    /// Read foreign files into the database.
    #[command(subcommand)]
    Import(command::Import),
    /// Manage the issuers whose tokens are believed.
    #[command(subcommand)]
    Issuer(command::Issuer),
    /// Manage the machine clients of Concord's own issuer.
    #[command(subcommand)]
    ServiceAccount(command::ServiceAccount),
    /// Manage the keys of Concord's own issuer.
    #[command(subcommand)]
    Key(command::Key),
    /// Take access away, on every node within a second.
    #[command(subcommand)]
    Revoke(command::Revoke),
    /// Manage the documents to which callers may be limited.
    #[command(subcommand)]
    Documents(command::Documents),
    /// Print a token for the demo.
    Token(command::Token),
    /// Work on the audit log.
    #[command(subcommand)]
    Audit(command::Audit),
    /// Ask a live database whether seats, money and enrollments agree: exit code 0 when all holds, 2 when something does not.
    Check,
    /// Print the schema's text (SDL).
    Schema,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let config = arguments.config.as_deref();
    let result = match arguments.command {
        Command::Demo(demo) => command::demo(config, &demo),
        Command::Serve => command::serve(config),
        Command::Migrate => command::migrate(config),
        Command::Import(import) => command::import(config, &import),
        Command::Issuer(issuer) => command::issuer(config, issuer),
        Command::ServiceAccount(account) => command::service_account(config, account),
        Command::Key(key) => command::key(config, &key),
        Command::Revoke(revoke) => command::revoke(config, revoke),
        Command::Documents(documents) => command::documents(config, documents),
        Command::Token(token) => command::token(config, &token),
        Command::Audit(audit) => command::audit(config, &audit),
        Command::Check => command::check(config),
        Command::Schema => command::schema(),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            // One line, and nothing else: an error here has been explained where it arose.
            eprintln!("concord: {error:#}");
            ExitCode::FAILURE
        }
    }
}
