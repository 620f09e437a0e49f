//! The load generator behind `make bench`: starts the server on free loopback ports with a temporary store, measures
//! it beside the floor of the same run (docs of the method: performance figures are ratios, never absolute), prints one
//! table, and leaves nothing behind. A message lost, repeated or out of order makes the run FAILED.

mod case;
mod check;
mod conn;
mod crowd;
mod drive;
mod flights;
mod floor;
mod http;
mod load;
mod marker;
mod post;
mod process;
mod report;
mod server;
mod signin;
mod stats;
mod swarm;

use crate::case::fanout::{self, Crowd, Outcome};
use crate::case::{Setup, Sizes, durable, memory, quiet, say, storm, stuck};
use crate::report::Row;
use crate::server::Protocol;
use anyhow::{Context as _, Result, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// Measures a Commonroom server beside what the kernel alone costs.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Be the floor: send on what the first connection sends to all others.
    #[command(hide = true)]
    Floor {
        /// Bytes of a frame.
        #[arg(long)]
        frame: usize,
        /// How many receivers will come.
        #[arg(long)]
        receivers: usize,
        /// Write what came together in one write.
        #[arg(long)]
        joined: bool,
    },
}

#[derive(Debug, Args)]
struct Options {
    /// The server's program; the one beside this program by default.
    #[arg(long)]
    server: Option<PathBuf>,
    /// Few receivers and short runs, about a minute in all: to see that everything works.
    #[arg(long)]
    quick: bool,
    /// Only these cases, separated by commas.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Name>,
    /// Receivers of the fan-out.
    #[arg(long)]
    receivers: Option<usize>,
    /// How often each run is repeated; medians are told.
    #[arg(long)]
    rounds: Option<usize>,
    /// A directory on a real disk for temporary stores.
    #[arg(long, default_value = "/var/tmp")]
    dir: PathBuf,
}

/// A case.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Name {
    /// The floor alone, without a server.
    Floor,
    /// The fan-outs of all protocols and of the mixed room.
    Fanout,
    /// Fan-out to OriginChats.
    Originchats,
    /// Fan-out to Chat Grid.
    Chatgrid,
    /// Fan-out to BareRTC.
    Barertc,
    /// Fan-out to Together.
    Together,
    /// Fan-out to all four in one room.
    Mixed,
    /// A room in which little is said.
    Quiet,
    /// Memory of idle connections.
    Memory,
    /// Messages with fsync.
    Durable,
    /// Everybody comes back at once.
    Storm,
    /// Somebody stops reading.
    Stuck,
}

/// Share of the CPU that others may use before figures are doubtful.
const QUIET_SHARE: f64 = 0.05;

/// Measures and tells.
type Case = fn(&Setup) -> Result<Vec<Row>>;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.verb {
        Some(Verb::Floor { frame, receivers, joined }) => {
            // It ends when its sender is gone, in whatever way.
            let _ = floor::serve(frame, joined, receivers);
            return ExitCode::SUCCESS;
        }
        None => measure(&cli.options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// What has been measured so far.
#[derive(Default)]
struct Results {
    rows: Vec<Row>,
    alone: Vec<Outcome>,
    failures: Vec<String>,
}

impl Results {
    fn add(&mut self, name: &str, outcome: Result<Vec<Row>>) {
        match outcome {
            Ok(rows) => self.rows.extend(rows),
            Err(error) => {
                say(&format!("{name} FAILED: {error:#}"));
                self.failures.push(format!("{name}: {error:#}"));
            }
        }
    }
}

fn measure(options: &Options) -> Result<()> {
    let setup = setup(options)?;
    let wants = |name: Name| match name {
        Name::Floor => options.only.contains(&name),
        Name::Originchats | Name::Chatgrid | Name::Barertc | Name::Together | Name::Mixed => {
            options.only.is_empty() || options.only.contains(&name) || options.only.contains(&Name::Fanout)
        }
        Name::Fanout | Name::Quiet | Name::Memory | Name::Durable | Name::Storm | Name::Stuck => {
            options.only.is_empty() || options.only.contains(&name)
        }
    };
    let mut results = Results::default();
    let (start, used_before) = (Instant::now(), process::others_cpu_seconds()?);
    if wants(Name::Floor) {
        results.add("floor", case::floor::run(&setup));
    }
    fan_outs(&setup, wants, &mut results);
    let others: [(Name, &str, Case); 5] = [
        (Name::Quiet, "quiet", quiet::run),
        (Name::Durable, "durable", durable::run),
        (Name::Storm, "storm", storm::run),
        (Name::Stuck, "stuck", stuck::run),
        (Name::Memory, "memory", memory::run),
    ];
    for (name, text, run) in others {
        if wants(name) {
            results.add(text, run(&setup));
        }
    }
    let cores = std::thread::available_parallelism()?.get() as f64;
    let share = (process::others_cpu_seconds()? - used_before) / (start.elapsed().as_secs_f64() * cores);
    print!("{}", report::table(&results.rows));
    println!(
        "{:.0} s; others used {:.0} % of the CPU meanwhile.",
        start.elapsed().as_secs_f64(),
        share * 100.0
    );
    if share > QUIET_SHARE {
        println!(
            "The machine was not quiet: compare figures within this run only, and do not trust the verdicts."
        );
    }
    if !results.failures.is_empty() {
        for failure in &results.failures {
            println!("FAILED: {failure}");
        }
        bail!("{} cases FAILED", results.failures.len());
    }
    Ok(())
}

fn fan_outs(setup: &Setup, wants: impl Fn(Name) -> bool, results: &mut Results) {
    let names = [Name::Originchats, Name::Chatgrid, Name::Barertc, Name::Together];
    for (name, protocol) in names.into_iter().zip(Protocol::ALL) {
        if wants(name) {
            let outcome = fanout::run(setup, &Crowd::of(protocol, setup.sizes.receivers));
            let rows = outcome.map(|outcome| {
                results.alone.push(outcome.clone());
                outcome.rows
            });
            results.add(protocol.name(), rows);
        }
    }
    if wants(Name::Mixed) {
        let outcome = fanout::run(setup, &Crowd::mixed(setup.sizes.receivers));
        let rows = outcome.map(|outcome| {
            let compared = fanout::compare(&outcome, &results.alone);
            outcome.rows.into_iter().chain(compared).collect()
        });
        results.add("four protocols", rows);
    }
}

fn setup(options: &Options) -> Result<Setup> {
    let mut sizes = if options.quick { Sizes::quick() } else { Sizes::full() };
    sizes.receivers = options.receivers.unwrap_or(sizes.receivers).max(Protocol::ALL.len());
    sizes.rounds = options.rounds.unwrap_or(sizes.rounds).max(1);
    let files = process::raise_open_files();
    let largest = sizes.storms.iter().copied().chain([sizes.idle, sizes.receivers * 2]).max().unwrap_or(0);
    if files < largest as u64 + 200 {
        bail!("{files} open files are too few for {largest} connections: raise `ulimit -n`");
    }
    let place =
        options.dir.canonicalize().with_context(|| format!("no directory {}", options.dir.display()))?;
    if process::is_in_memory(&place)? {
        say(&format!("{} is in memory: figures of durable messages mean nothing there", place.display()));
    }
    let beside = std::env::current_exe()?.with_file_name("commonroom");
    let program = options.server.clone().unwrap_or(beside);
    if options.only != [Name::Floor] && !program.is_file() {
        bail!(
            "no server at {}: `cargo build --release -p commonroom-server`, or --server PATH",
            program.display()
        );
    }
    Ok(Setup { program: program.canonicalize().unwrap_or(program), place, sizes })
}
