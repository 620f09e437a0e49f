//! Where a request goes: writer, readers, hub or hash workers, each behind a bounded queue; and where answers go.

use crate::blobs::DiskBlobs;
use crate::clock;
use crate::fetcher::Fetcher;
use crate::outside::Question;
use crate::restart::Restart;
use crate::writer::WriteJob;
use arc_swap::ArcSwap;
use commonroom_core::engine::Committed;
use commonroom_core::env::Timestamp;
use commonroom_core::event::Origin;
use commonroom_core::message::Message;
use commonroom_core::query::Query;
use commonroom_core::{Refusal, Reply};
use commonroom_hub::blobs::Blobs;
use commonroom_hub::fetch::{Fetch, Fetched, NotFetched};
use commonroom_hub::gateway::Backend;
use commonroom_hub::line::LineInput;
use commonroom_hub::live::LiveCommand;
use commonroom_hub::request::{Answer, Keep, Log, PasswordWork, Request, ReturnTo, Ticket};
use commonroom_hub::session::{Adapter, Opening, State};
use commonroom_hub::shard::Batch;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError};

/// What the hub's thread takes in.
pub enum HubInput {
    /// A committed batch, with one way back for each of its answers.
    Committed(Committed, Vec<ReturnTo>),
    /// A live command.
    Live(LiveCommand, ReturnTo),
}

/// What a shard's thread takes in.
pub enum ShardInput {
    /// What has happened.
    Batch(Arc<Batch>),
    /// An answer to one of its sessions.
    Answer {
        /// Session and tag.
        origin: Origin,
        /// It answers a command, which may overlap with others.
        command: bool,
        /// The answer.
        answer: Answer,
    },
    /// A new connection.
    Open(Box<NewConnection>),
    /// Something about a connection without a socket.
    Line(LineInput),
    /// Say goodbye to everybody and end.
    Shutdown,
}

/// A connection whose upgrade is done.
pub struct NewConnection {
    /// Which of the mounted adapters.
    pub adapter: usize,
    /// What its session is told.
    pub opening: Opening,
    /// The socket.
    pub stream: std::net::TcpStream,
    /// The TLS state of the socket, if it has one.
    pub tls: Option<Box<rustls::ServerConnection>>,
    /// Bytes read beyond the upgrade request.
    pub early: Vec<u8>,
    /// Counts the connection for its address until it is dropped.
    pub guard: crate::addresses::Guard,
}

/// One shard's way in.
pub struct ShardHandle {
    sender: SyncSender<ShardInput>,
    waker: mio::Waker,
}

impl ShardHandle {
    /// A handle to a shard's queue and event loop.
    pub fn new(sender: SyncSender<ShardInput>, waker: mio::Waker) -> Self {
        Self { sender, waker }
    }

    /// Hands something over and wakes the shard. Waits while the queue is full: shards never wait for anybody, so
    /// this ends. A shard that has ended takes nothing.
    pub fn send(&self, input: ShardInput) {
        if self.sender.send(input).is_ok() {
            self.wake();
        }
    }

    fn wake(&self) {
        if let Err(error) = self.waker.wake() {
            tracing::error!(%error, "a shard cannot be woken");
        }
    }
}

/// The queues of the server.
pub struct Switch {
    /// Commands to the writer.
    pub writer: SyncSender<WriteJob>,
    /// Queries to the readers.
    pub readers: SyncSender<(Query, ReturnTo)>,
    /// Live commands and commits to the hub.
    pub hub: SyncSender<HubInput>,
    /// Passwords to the hash workers.
    pub hashers: SyncSender<(PasswordWork, ReturnTo)>,
    /// The shards.
    pub shards: Vec<ShardHandle>,
    /// The mounted adapters.
    pub adapters: Vec<Arc<dyn Adapter>>,
    /// Questions to services outside.
    pub outside: tokio::sync::mpsc::Sender<(Question, ReturnTo)>,
    /// Resources of other servers for clients of this one.
    pub fetcher: Fetcher,
    /// A wish to be started anew.
    pub restart: Restart,
    /// Bytes to be looked at and kept.
    pub keeps: tokio::sync::mpsc::Sender<(Keep, ReturnTo)>,
    /// Lines for text logs; nothing at the end.
    pub logs: SyncSender<Option<Log>>,
    /// Who waits for the configuration to be read again.
    pub rereads: tokio::sync::mpsc::Sender<ReturnTo>,
    /// Messages that may notify somebody who is not here, and what was known then.
    pub notices: tokio::sync::mpsc::Sender<(Arc<Message>, State)>,
    /// Where the bytes of files are kept.
    pub blobs: DiskBlobs,
    /// The newest state that every shard has been sent.
    pub state: ArcSwap<State>,
}

impl Switch {
    /// More response headers for an upgrade.
    pub fn upgrade_headers(&self, adapter: usize, opening: &Opening) -> Vec<(String, String)> {
        self.adapters[adapter].upgrade_headers(opening, &self.state.load())
    }

    /// Passes a ticket on. Gives a live command back when the hub's queue is full, so that it is not lost; anything else
    /// is then answered with [`Refusal::Busy`].
    pub fn route(&self, ticket: Ticket) -> Option<Ticket> {
        let Ticket { request, return_to } = ticket;
        match request {
            Request::Command(actor, command) => {
                let job = WriteJob { actor, command, return_to };
                self.refused(self.writer.try_send(job), |job| job.return_to);
            }
            Request::Query(query) => {
                self.refused(self.readers.try_send((query, return_to)), |(_, return_to)| return_to);
            }
            Request::Password(work) => {
                self.refused(self.hashers.try_send((work, return_to)), |(_, return_to)| return_to);
            }
            Request::Outside(asked) => self.ask(Question::Service(asked), return_to),
            Request::Station { url } => self.ask(Question::Station(url), return_to),
            Request::Restart { seconds } => {
                let wished = self.restart.wish(seconds);
                self.answer(return_to, if wished { Ok(Reply::Done) } else { Err(Refusal::Already) });
            }
            Request::Reconfigure => {
                if let Err(unsent) = self.rereads.try_send(return_to) {
                    self.answer(unsent.into_inner(), Err(Refusal::Busy));
                }
            }
            Request::Log(log) => {
                let taken = self.logs.try_send(Some(log)).is_ok();
                self.answer(return_to, if taken { Ok(Reply::Done) } else { Err(Refusal::Busy) });
            }
            Request::Keep(keep) => {
                if let Err(unsent) = self.keeps.try_send((keep, return_to)) {
                    self.answer(unsent.into_inner().1, Err(Refusal::Busy));
                }
            }
            Request::Live(command) => match self.hub.try_send(HubInput::Live(command, return_to)) {
                Ok(()) | Err(TrySendError::Disconnected(_)) => {}
                Err(TrySendError::Full(HubInput::Live(command, return_to))) => {
                    return Some(Ticket { request: Request::Live(command), return_to });
                }
                Err(TrySendError::Full(HubInput::Committed(..))) => {}
            },
        }
        None
    }

    fn ask(&self, question: Question, return_to: ReturnTo) {
        if let Err(unsent) = self.outside.try_send((question, return_to)) {
            self.answer(unsent.into_inner().1, Err(Refusal::Busy));
        }
    }

    fn refused<T>(&self, sent: Result<(), TrySendError<T>>, return_to: impl FnOnce(T) -> ReturnTo) {
        if let Err(TrySendError::Full(unsent) | TrySendError::Disconnected(unsent)) = sent {
            self.answer(return_to(unsent), Err(Refusal::Busy));
        }
    }

    /// Brings an answer back to who asked.
    pub fn answer(&self, return_to: ReturnTo, answer: Answer) {
        match return_to {
            ReturnTo::Session { shard, origin, command } => {
                self.shards[shard].send(ShardInput::Answer { origin, command, answer });
            }
            // A handler whose client went away takes no answer.
            ReturnTo::Handler(sender) => drop(sender.send(answer)),
            ReturnTo::Nobody => {}
        }
    }
}

impl Backend for Switch {
    fn state(&self) -> State {
        State::clone(&self.state.load())
    }

    fn now(&self) -> Timestamp {
        clock::now()
    }

    fn submit(&self, ticket: Ticket) {
        if let Some(ticket) = self.route(ticket) {
            self.answer(ticket.return_to, Err(Refusal::Busy));
        }
    }

    fn random(&self) -> [u8; 32] {
        clock::seed()
    }

    fn blobs(&self) -> &dyn Blobs {
        &self.blobs
    }

    fn line(&self, input: LineInput) {
        // Chance decides where a line lives; its id, known to everybody who speaks of it, is where the chance lies.
        let shard = usize::from(input.line().0.as_bytes()[15]) % self.shards.len();
        self.shards[shard].send(ShardInput::Line(input));
    }

    fn later(&self, millis: u64, to: tokio::sync::oneshot::Sender<()>) {
        tokio::spawn(async move {
            tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
            // Whoever waited may be gone.
            let _ = to.send(());
        });
    }

    fn fetch(&self, fetch: Fetch, to: tokio::sync::oneshot::Sender<Result<Fetched, NotFetched>>) {
        let fetcher = self.fetcher.clone();
        tokio::spawn(async move { fetcher.fetch(fetch, to).await });
    }
}
