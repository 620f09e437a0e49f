//! The operator's way into a running server: a socket in the data directory that only its owner may open.

use anyhow::{Context as _, Result, bail};
use commonroom_core::command::{Actor, Command};
use commonroom_hub::Gateway;
use commonroom_hub::request::{PasswordWork, Request};
use serde::{Deserialize, Serialize};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixListener;

/// The socket's name in the data directory.
const NAME: &str = "control.sock";

/// What the operator may ask for: one JSON line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Make an owner account, or make an account an owner.
    CreateOwner {
        /// The name.
        username: String,
        /// The password.
        password: String,
    },
}

/// The answer: one JSON line.
#[derive(Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// It was done.
    pub ok: bool,
    /// Why not.
    pub why: String,
}

/// The socket's path by way of an open directory: short, however deep the data directory is.
fn path(directory: &std::fs::File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}/{NAME}", directory.as_raw_fd()))
}

/// Takes orders until the process ends.
///
/// # Errors
/// When the socket cannot be made.
pub fn serve(data: &Path, gateway: Gateway) -> Result<()> {
    let directory = std::fs::File::open(data).with_context(|| format!("cannot open {}", data.display()))?;
    let path = path(&directory);
    if path.exists() {
        std::fs::remove_file(&path).context("cannot replace the control socket")?;
    }
    let listener = UnixListener::bind(&path).context("cannot make the control socket")?;
    let only_owner = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&path, only_owner).context("cannot protect the control socket")?;
    tokio::spawn(async move {
        // The path leads through this directory for as long as it is open.
        let _directory = directory;
        while let Ok((stream, _)) = listener.accept().await {
            let gateway = gateway.clone();
            tokio::spawn(async move {
                if let Err(error) = answer(stream, &gateway).await {
                    tracing::warn!(%error, "an operator's order was not understood");
                }
            });
        }
    });
    Ok(())
}

async fn answer(stream: tokio::net::UnixStream, gateway: &Gateway) -> Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut line = String::new();
    tokio::io::BufReader::new(reader).read_line(&mut line).await?;
    let Order::CreateOwner { username, password } = serde_json::from_str(&line)?;
    let command = Command::CreateOwner { username, password };
    let work = PasswordWork::Change { actor: Actor::System, command };
    let outcome = match gateway.request(Request::Password(work)).await {
        Ok(_) => Outcome { ok: true, why: String::new() },
        Err(refusal) => Outcome { ok: false, why: format!("{refusal:?}") },
    };
    let mut text = serde_json::to_string(&outcome)?;
    text.push('\n');
    writer.write_all(text.as_bytes()).await?;
    Ok(())
}

/// Gives an order to the server that runs on this data directory; `None` when none runs.
///
/// # Errors
/// When it refuses or does not answer.
pub fn order(data: &Path, order: &Order) -> Result<Option<()>> {
    let Ok(directory) = std::fs::File::open(data) else { return Ok(None) };
    let Ok(mut stream) = UnixStream::connect(path(&directory)) else { return Ok(None) };
    let mut text = serde_json::to_string(order)?;
    text.push('\n');
    stream.write_all(text.as_bytes())?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    let outcome: Outcome = serde_json::from_str(&line).context("the server did not answer")?;
    if outcome.ok { Ok(Some(())) } else { bail!("the server refused: {}", outcome.why) }
}
