//! The server under measurement: a process of its own with a temporary configuration and a temporary store.

use crate::process;
use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long a start or a stop may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// Bytes of the log that are shown when something goes wrong.
const LOG_BYTES: usize = 2_000;

/// One of the four protocols.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Protocol {
    /// docs/protocols/originchats.md
    OriginChats,
    /// docs/protocols/chatgrid.md
    ChatGrid,
    /// docs/protocols/barertc.md
    BareRtc,
    /// docs/protocols/together.md
    Together,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::OriginChats, Self::ChatGrid, Self::BareRtc, Self::Together];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::OriginChats => "OriginChats",
            Self::ChatGrid => "Chat Grid",
            Self::BareRtc => "BareRTC",
            Self::Together => "Together",
        }
    }
}

/// The running server.
#[derive(Debug)]
pub struct Server {
    child: Child,
    home: Home,
    ports: [u16; 4],
}

impl Server {
    /// Starts the program with its data in a new directory below `place`.
    ///
    /// # Errors
    /// When it does not accept connections soon.
    pub fn start(program: &Path, place: &Path) -> Result<Self> {
        let home = Home::new(place)?;
        let ports = free_ports()?;
        std::fs::write(home.config(), configuration(ports))?;
        let log = File::create(home.log())?;
        let mut command = Command::new(program);
        command.arg("serve").arg("--config").arg(home.config()).arg("--data").arg(home.path.join("data"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("COMMONROOM_")) {
            command.env_remove(name);
        }
        command.env("RUST_LOG", "warn").stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let mut server = Self { child, home, ports };
        server.wait_until_open()?;
        Ok(server)
    }

    fn wait_until_open(&mut self) -> Result<()> {
        let start = Instant::now();
        for port in self.ports {
            while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
                if let Some(status) = self.child.try_wait()? {
                    bail!("the server ended with {status}: {}", self.log());
                }
                if start.elapsed() > PATIENCE {
                    bail!("the server does not listen on {port}: {}", self.log());
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        Ok(())
    }

    /// Where a protocol is served.
    pub fn address(&self, protocol: Protocol) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.ports[protocol as usize]))
    }

    /// Reads the CPU seconds that it has used.
    pub fn cpu(&self) -> impl Fn() -> Result<f64> + use<> {
        let pid = self.child.id();
        move || process::cpu_seconds(pid)
    }

    /// Bytes of memory that it holds.
    ///
    /// # Errors
    /// When it is gone.
    pub fn resident_bytes(&self) -> Result<f64> {
        process::resident_bytes(self.child.id())
    }

    /// The end of its log.
    fn log(&self) -> String {
        let log = std::fs::read(self.home.log()).unwrap_or_default();
        String::from_utf8_lossy(&log[log.len().saturating_sub(LOG_BYTES)..]).trim().to_owned()
    }

    /// Adds the end of the log, if there is one, to what went wrong.
    ///
    /// # Errors
    /// What went wrong.
    pub fn explain<T>(&self, outcome: Result<T>) -> Result<T> {
        outcome.map_err(|error| match self.log() {
            log if log.is_empty() => error,
            log => error.context(format!("the server says: {log}")),
        })
    }

    fn stop(&mut self) -> Result<()> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("no process")?;
        kill_process(pid, Signal::TERM)?;
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("it does not stop")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.stop().is_err() {
            // Asked in vain, or gone already.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// A temporary directory, removed when dropped.
#[derive(Debug)]
pub struct Home {
    path: PathBuf,
}

impl Home {
    /// A new directory.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(place: &Path) -> Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("commonroom-bench-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = place.join(name);
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self { path })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn config(&self) -> PathBuf {
        self.path.join("commonroom.toml")
    }

    fn log(&self) -> PathBuf {
        self.path.join("log")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // What stays behind is in a directory for temporary files.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

fn free_ports() -> Result<[u16; 4]> {
    let listeners = [(); 4].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
    let mut ports = [0; 4];
    for (port, listener) in ports.iter_mut().zip(&listeners) {
        let listener = listener.as_ref().map_err(|error| anyhow::anyhow!("no free port: {error}"))?;
        *port = listener.local_addr()?.port();
    }
    Ok(ports)
}

/// All four listeners, nobody limited: the rates that people live with are not what is measured.
fn configuration([originchats, chatgrid, barertc, together]: [u16; 4]) -> String {
    format!(
        r#"[server]
listen = ""

[accounts]
registration = "open"

[originchats]
listen = "127.0.0.1:{originchats}"
rate_limiting.enabled = false
rate_limiting.exempt = ["127.0.0.0/8"]

[chatgrid]
listen = "127.0.0.1:{chatgrid}"

[barertc]
listen = "127.0.0.1:{barertc}"
guests = true
rate_limits = false

[together]
listen = "127.0.0.1:{together}"
rate_limit.exempt = ["127.0.0.0/8"]
tokens.access_seconds = 7200
"#
    )
}
