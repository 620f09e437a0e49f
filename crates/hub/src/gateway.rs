//! The way of HTTP handlers into the server: the same state and the same requests as sessions have.

use crate::blobs::Blobs;
use crate::fetch::{Fetch, Fetched, NotFetched};
use crate::line::{LineInput, Taken};
use crate::live::LiveCommand;
use crate::request::{Answer, Request, ReturnTo, Ticket};
use crate::session::{Opening, State};
use commonroom_core::Refusal;
use commonroom_core::account::Protocol;
use commonroom_core::command::{Actor, Command};
use commonroom_core::env::Timestamp;
use commonroom_core::ids::SessionId;
use commonroom_core::secret::Signer;
use std::net::IpAddr;
use std::sync::Arc;

/// Who sent an HTTP request: an extension of every request that reaches an adapter's router.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Peer {
    /// The client's address, behind trusted proxies the forwarded one.
    pub address: IpAddr,
    /// It came over TLS, also at a trusted proxy.
    pub secure: bool,
}

/// What the server gives to [`Gateway`].
pub trait Backend: Send + Sync {
    /// The newest state that every shard has been told of.
    fn state(&self) -> State;
    /// The clock.
    fn now(&self) -> Timestamp;
    /// Passes a ticket on; a full queue answers it with [`Refusal::Busy`].
    fn submit(&self, ticket: Ticket);
    /// 32 random bytes.
    fn random(&self) -> [u8; 32];
    /// Where the bytes of files are kept.
    fn blobs(&self) -> &dyn Blobs;
    /// Passes something about a line on, in order.
    fn line(&self, input: LineInput);
    /// Tells when so many milliseconds are over.
    fn later(&self, millis: u64, to: tokio::sync::oneshot::Sender<()>);
    /// Begins to fetch something from another server.
    fn fetch(&self, fetch: Fetch, to: tokio::sync::oneshot::Sender<Result<Fetched, NotFetched>>);
}

/// A handle for HTTP handlers; cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    backend: Arc<dyn Backend>,
    signer: Signer,
}

impl Gateway {
    /// A gateway to a running server.
    pub fn new(backend: Arc<dyn Backend>, signer: Signer) -> Self {
        Self { backend, signer }
    }

    /// The newest state.
    pub fn state(&self) -> State {
        self.backend.state()
    }

    /// The clock.
    pub fn now(&self) -> Timestamp {
        self.backend.now()
    }

    /// Signs and verifies with the instance key.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// A URL-safe secret of 32 random bytes, as 64 hexadecimal digits.
    pub fn token(&self) -> String {
        use std::fmt::Write as _;
        let mut text = String::with_capacity(64);
        for byte in self.backend.random() {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// Where the bytes of files are kept.
    pub fn blobs(&self) -> &dyn Blobs {
        self.backend.blobs()
    }

    /// Opens a connection without a socket under the opening's id.
    pub fn open_line(&self, protocol: Protocol, opening: Opening, idle_seconds: i64) {
        self.backend.line(LineInput::Open { protocol, opening: Box::new(opening), idle_seconds });
    }

    /// Says something on a line.
    pub fn say(&self, line: SessionId, text: String) {
        self.backend.line(LineInput::Say { line, text });
    }

    /// Says something on a line, and takes what waits there as soon as that has been dealt with; nothing when there is
    /// no such line (any more).
    pub async fn exchange(&self, line: SessionId, text: String) -> Option<Vec<Taken>> {
        let (to, taken) = tokio::sync::oneshot::channel();
        self.backend.line(LineInput::Exchange { line, text, to });
        taken.await.ok().flatten()
    }

    /// Takes what waits on a line; nothing when there is no such line (any more).
    pub async fn take(&self, line: SessionId) -> Option<Vec<Taken>> {
        let (to, taken) = tokio::sync::oneshot::channel();
        self.backend.line(LineInput::Take { line, to });
        taken.await.ok().flatten()
    }

    /// Ends a line from the client's side.
    pub fn hang_up(&self, line: SessionId) {
        self.backend.line(LineInput::Close { line });
    }

    /// Waits so many milliseconds.
    pub async fn pause(&self, millis: u64) {
        let (to, over) = tokio::sync::oneshot::channel();
        self.backend.later(millis, to);
        // Also over when the server goes down.
        let _ = over.await;
    }

    /// Begins to fetch something from another server and waits for the head of its answer.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn fetch(&self, fetch: Fetch) -> Result<Fetched, NotFetched> {
        let (to, fetched) = tokio::sync::oneshot::channel();
        self.backend.fetch(fetch, to);
        fetched.await.unwrap_or(Err(NotFetched::Failed))
    }

    /// Asks for something and waits for the answer.
    ///
    /// # Errors
    /// The refusal; `Busy` when a queue is full or the server is going down.
    pub async fn request(&self, request: Request) -> Answer {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        self.backend.submit(Ticket { request, return_to: ReturnTo::Handler(sender) });
        receiver.await.unwrap_or(Err(Refusal::Busy))
    }

    /// Runs a command and waits until it is durable and everybody was told.
    ///
    /// # Errors
    /// The refusal.
    pub async fn command(&self, actor: Actor, command: Command) -> Answer {
        self.request(Request::Command(actor, command)).await
    }

    /// Changes live state and waits until everybody was told.
    ///
    /// # Errors
    /// `Busy`.
    pub async fn live(&self, command: LiveCommand) -> Answer {
        self.request(Request::Live(command)).await
    }
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gateway")
    }
}
