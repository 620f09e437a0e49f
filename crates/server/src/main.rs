//! The binary `commonroom`: one community server with four front doors.

mod addresses;
mod blobs;
mod clock;
mod config;
mod control;
mod demo;
mod echo;
mod fetcher;
mod forwarded;
mod hub_thread;
mod janitor;
mod keeper;
mod listener;
mod logbook;
mod mounts;
mod origin;
mod outside;
mod pace;
mod patience;
mod pictures;
mod pushes;
mod reconfigure;
mod restart;
mod run;
mod setup_link;
mod shard_loop;
mod socket;
mod station;
mod switch;
mod tls;
mod web;
mod workers;
mod writer;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Parser, Subcommand};
use commonroom_core::command::{Actor, Command};
use commonroom_core::engine::{Engine, Job};
use commonroom_core::env::Env;
use commonroom_store_sqlite::SqliteStore;
use config::Config;
use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Gives memory back after password hashing, and is faster for many small frames (docs/decisions/0004-allocator.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// One community server that speaks OriginChats, Chat Grid, BareRTC and Together.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the server.
    Serve(Place),
    /// Run a furnished community in a temporary directory, to look around.
    Demo(DemoPlace),
    /// Manage a community, whether its server runs or not.
    Admin {
        #[command(subcommand)]
        verb: AdminVerb,
    },
    /// Look at the configuration.
    Config {
        #[command(subcommand)]
        verb: ConfigVerb,
    },
    /// Echo WebSocket messages with the real stack, for conformance suites.
    #[command(hide = true)]
    Echo {
        /// Where to listen.
        #[arg(long, default_value = "127.0.0.1:9001")]
        listen: String,
    },
}

#[derive(Debug, Args)]
struct Place {
    /// Configuration file; without one, `commonroom.toml` in the data directory if it is there.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Where data is kept.
    #[arg(long, default_value = "commonroom-data")]
    data: PathBuf,
}

#[derive(Debug, Args)]
struct DemoPlace {
    /// Configuration file.
    #[arg(long)]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum AdminVerb {
    /// Make an owner account, or make an account an owner.
    CreateOwner {
        /// Where data is kept.
        #[arg(long, default_value = "commonroom-data")]
        data: PathBuf,
        /// Configuration file.
        #[arg(long)]
        config: Option<PathBuf>,
        /// The owner's name.
        #[arg(long)]
        username: String,
        /// Read the password from standard input (its first line).
        #[arg(long)]
        password_stdin: bool,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigVerb {
    /// Print the commented defaults.
    Default,
    /// Check a configuration file and the environment.
    Check {
        /// The file.
        #[arg(long)]
        config: Option<PathBuf>,
    },
}

/// What is logged unless `RUST_LOG` says otherwise. The HTML parser comments on every odd tag that people type.
const LOGGED: &str = "info,html5ever=error,markup5ever=error,ammonia=error";

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(LOGGED));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    match act(cli.verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn act(verb: Verb) -> Result<()> {
    match verb {
        Verb::Serve(place) => {
            let config = load(place.config.as_deref(), &place.data)?;
            config.tell_doubts();
            let (file, data) = (place.config.clone(), place.data.clone());
            let reread = Box::new(move || load(file.as_deref(), &data));
            run::serve(&config, &place.data, None, reread)
        }
        Verb::Demo(place) => demo::run(place.config.as_deref()),
        Verb::Admin { verb: AdminVerb::CreateOwner { data, config, username, password_stdin } } => {
            if !password_stdin {
                bail!("give the password on standard input with --password-stdin");
            }
            create_owner(&load(config.as_deref(), &data)?, &data, &username)
        }
        Verb::Config { verb: ConfigVerb::Default } => {
            use std::io::Write as _;
            std::io::stdout().write_all(config::DEFAULTS.as_bytes())?;
            Ok(())
        }
        Verb::Config { verb: ConfigVerb::Check { config } } => {
            let config = Config::load(config.as_deref(), std::env::vars())?;
            config.tell_doubts();
            tracing::info!("the configuration is good");
            Ok(())
        }
        Verb::Echo { listen } => echo::run(&listen),
    }
}

fn load(file: Option<&Path>, data: &Path) -> Result<Config> {
    let own = data.join("commonroom.toml");
    let file = file.or_else(|| own.exists().then_some(own.as_path()));
    Config::load(file, std::env::vars())
}

fn create_owner(config: &Config, data: &Path, username: &str) -> Result<()> {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input)?;
    let password = input.lines().next().unwrap_or("").to_owned();
    if password.is_empty() {
        bail!("the password is empty");
    }
    let order = control::Order::CreateOwner { username: username.to_owned(), password: password.clone() };
    if control::order(data, &order)?.is_none() {
        std::fs::create_dir_all(data).with_context(|| format!("cannot make {}", data.display()))?;
        let store = SqliteStore::open(&config.database(data)?)?;
        let mut engine =
            Engine::open(Box::new(store), Env::seeded(clock::now(), clock::seed()), config.rules())?;
        let command =
            Command::CreateOwner { username: username.to_owned(), password }.hashed(workers::hash)?;
        let job = Job { actor: Actor::System, origin: None, command };
        let (committed, fault) = engine.run(&[job], clock::now());
        if let Some(fault) = fault {
            bail!("the store failed: {fault}");
        }
        if let Some(Err(refusal)) = committed.answers.first() {
            bail!("{username} cannot be an owner: {refusal:?}");
        }
    }
    tracing::info!("{username} is an owner");
    Ok(())
}
