//! The shape of a protocol: an [`Adapter`] opens [`Session`]s and renders happenings; a session turns frames into
//! [`Request`]s and answers into frames.

use crate::commons::Commons;
use crate::live::{Live, LiveCommand, LiveEvent, Scope};
use crate::outbox::{Kind, Outbox};
use crate::request::{Answer, Request};
use bytes::Bytes;
use commonroom_core::account::Protocol;
use commonroom_core::command::{Actor, Command};
use commonroom_core::directory::Directory;
use commonroom_core::env::{Env, Timestamp};
use commonroom_core::event::Event;
use commonroom_core::ids::{AccountId, SessionId, SpaceId};
use commonroom_core::secret::Signer;
use commonroom_websocket::Opcode;
use std::net::IpAddr;
use std::sync::Arc;
use uuid::Uuid;

/// What the server knows at one moment: shared by everything that happens in that moment.
#[derive(Clone, Default, Debug)]
pub struct State {
    /// Who there is, where, and what they may.
    pub directory: Arc<Directory>,
    /// Who is connected, and what they do.
    pub live: Arc<Live>,
}

/// What an adapter is told when the server starts.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Signs with the instance key.
    pub signer: Signer,
    /// The public base URL, without a trailing slash, when the operator set one.
    pub public_url: Option<String>,
    /// An id of this run of the server: another one after a restart.
    pub run: Uuid,
    /// The version of this software.
    pub version: &'static str,
    /// When the server started.
    pub started: Timestamp,
    /// The public key that browsers take pushes from (RFC 8292), base64url; none when nothing is pushed.
    pub push_key: Option<String>,
    /// What the sessions and the routes of one protocol have in common.
    pub commons: Commons,
}

/// Something that has happened: stored or live, in one order.
#[derive(Clone, PartialEq, Debug)]
pub enum Happening {
    /// Stored.
    Event(Arc<Event>),
    /// Live.
    Live(Arc<LiveEvent>),
}

/// One of a few renderings of a happening in a protocol: the meaning of the number is the adapter's own.
pub type Variant = u8;

/// What a session shows of a happening.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Show {
    /// Nothing.
    Nothing,
    /// The rendering that it shares with others: [`Adapter::render`] makes it once.
    Shared(Variant),
    /// A rendering of its own: [`Session::tell`] makes it.
    Private,
}

/// A message from the client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Inbound<'a> {
    /// A text message.
    Text(&'a str),
    /// A binary message.
    Binary(&'a [u8]),
}

/// How a connection came about.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The session's id.
    pub id: SessionId,
    /// The client's address, behind trusted proxies the forwarded one.
    pub address: IpAddr,
    /// Request path and query.
    pub target: String,
    /// Request headers that adapters may need, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The request came over TLS, also at a trusted proxy.
    pub secure: bool,
    /// When.
    pub now: Timestamp,
}

impl Opening {
    /// The first header of that name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first query parameter of that name, percent-decoding not applied.
    pub fn query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.target.split_once('?')?;
        query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (key == name).then_some(value)
        })
    }
}

/// One of the protocols.
pub trait Adapter: Send + Sync {
    /// Which.
    fn protocol(&self) -> Protocol;

    /// A session for a new connection. Its first frames are sent from [`Session::opened`].
    fn open(&self, opening: &Opening) -> Box<dyn Session>;

    /// More response headers for the upgrade of a connection, for example to drop a stale cookie.
    fn upgrade_headers(&self, opening: &Opening, state: &State) -> Vec<(String, String)> {
        let _ = (opening, state);
        Vec::new()
    }

    /// HTTP status with which this upgrade is refused before it happens; `None` lets it happen.
    fn refuse(&self, opening: &Opening) -> Option<u16> {
        let _ = opening;
        None
    }

    /// Renders a happening in one variant as zero or more frames, the same for every session that shows this variant.
    fn render(&self, happening: &Happening, variant: Variant, state: &State, frames: &mut Frames);

    /// The kind of a happening's frames, for readers that fall behind.
    fn kind(&self, happening: &Happening) -> Kind {
        Kind::of(happening)
    }

    /// Close code and reason for a reader that is too slow.
    fn too_slow(&self) -> (u16, &'static str) {
        (1008, "connection too slow to keep up with messages")
    }

    /// Close code and reason at a shutdown.
    fn going_away(&self) -> (u16, &'static str) {
        (1001, "server is going away")
    }

    /// Bytes of the largest message accepted from a client that has not signed in; a session may raise it.
    fn first_limit(&self) -> usize;

    /// What this protocol needs to be done whether or not anybody is connected: a session without a connection that lives
    /// as long as the server, on one shard. It is opened first, is woken like others, and may watch a space.
    fn resident(&self) -> Option<Box<dyn Session>> {
        None
    }
}

/// One connection's side of its protocol. Owns its phase, heartbeat and rates; knows no socket and no clock.
pub trait Session: Send {
    /// The connection is open.
    fn opened(&mut self, cx: &mut Context<'_>);

    /// The client sent something.
    fn frame(&mut self, frame: Inbound<'_>, cx: &mut Context<'_>);

    /// True when this frame may be handled while commands of earlier ones are under way: it leads to a command itself,
    /// and nothing in its answer depends on theirs.
    fn overlaps(&self, frame: Inbound<'_>) -> bool {
        let _ = frame;
        false
    }

    /// The answer to the request with that tag. Events that it caused came before it.
    fn answer(&mut self, tag: u32, answer: Answer, cx: &mut Context<'_>);

    /// What to show of a happening that this account may see. Called for every happening and session: cheap.
    fn show(&mut self, happening: &Happening, state: &State) -> Show;

    /// The client answered a ping.
    fn pong(&mut self, cx: &mut Context<'_>) {
        let _ = cx;
    }

    /// Renders a happening for which `show` said [`Show::Private`].
    fn tell(&mut self, happening: &Happening, cx: &mut Context<'_>);

    /// The moment asked for with [`Context::wake_at`] has come.
    fn tick(&mut self, cx: &mut Context<'_>);

    /// The connection is gone: frames are no longer sent, requests still are.
    fn closed(&mut self, cx: &mut Context<'_>);
}

/// Frames in the making: each is a whole WebSocket frame, header included.
#[derive(Default, Debug)]
pub struct Frames {
    buffer: Vec<u8>,
}

impl Frames {
    /// Adds a text frame.
    pub fn text(&mut self, payload: &str) {
        commonroom_websocket::encode::frame_into(&mut self.buffer, Opcode::Text, payload.as_bytes());
    }

    /// True when nothing was added.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// The frames as shared bytes.
    pub fn take(&mut self) -> Bytes {
        Bytes::from(std::mem::take(&mut self.buffer))
    }
}

/// What a session asks of its shard.
#[derive(Debug)]
pub(crate) enum Action {
    Run { tag: u32, request: Box<Request> },
    Subscribe { account: AccountId, scope: Scope },
    Watch(SpaceId),
    Unsubscribe,
    Hold,
    Release,
    Close { code: u16, reason: String },
    WakeAt(Timestamp),
    Limit(usize),
}

/// A session's view of the world during one call, and its way to act.
pub struct Context<'a> {
    /// The session's id.
    pub id: SessionId,
    /// The moment of this call.
    pub now: Timestamp,
    /// What is known at this moment.
    pub state: &'a State,
    /// Ids, secrets and chance.
    pub env: &'a mut Env,
    pub(crate) outbox: &'a mut Outbox,
    pub(crate) actions: &'a mut Vec<Action>,
}

impl Context<'_> {
    /// Sends a text frame to this client.
    pub fn send(&mut self, payload: &str) {
        self.outbox.push(commonroom_websocket::encode::text(payload.as_bytes()), Kind::Kept);
    }

    /// Sends a binary frame to this client.
    pub fn send_binary(&mut self, payload: &[u8]) {
        self.outbox.push(commonroom_websocket::encode::binary(payload), Kind::Kept);
    }

    /// Sends frames made before, shared with other connections.
    pub fn send_frames(&mut self, frames: Bytes, kind: Kind) {
        self.outbox.push(frames, kind);
    }

    /// Asks the client for a sign of life, which comes as [`Session::pong`].
    pub fn ping(&mut self) {
        self.outbox.push(commonroom_websocket::encode::ping(b""), Kind::Kept);
    }

    /// Asks for something; the answer comes with the same tag. Tag 0 wants no answer.
    pub fn run(&mut self, tag: u32, request: Request) {
        self.actions.push(Action::Run { tag, request: Box::new(request) });
    }

    /// Runs a command on behalf of an account.
    pub fn command(&mut self, tag: u32, account: AccountId, command: Command) {
        self.run(tag, Request::Command(Actor::Account(account), command));
    }

    /// Changes live state; no answer.
    pub fn live(&mut self, command: LiveCommand) {
        self.run(0, Request::Live(command));
    }

    /// From now on this session is told what the account may see. Nothing between this moment's state and the first
    /// happening told is lost.
    pub fn subscribe(&mut self, account: AccountId, scope: Scope) {
        self.actions.push(Action::Subscribe { account, scope });
    }

    /// From now on this resident is told everything of a space, whoever may see it. For [`Adapter::resident`] only.
    pub fn watch(&mut self, space: SpaceId) {
        self.actions.push(Action::Watch(space));
    }

    /// From now on this session is told nothing.
    pub fn unsubscribe(&mut self) {
        self.actions.push(Action::Unsubscribe);
    }

    /// Keeps back what happens until [`Context::release`].
    pub fn hold(&mut self) {
        self.actions.push(Action::Hold);
    }

    /// Shows what was kept back.
    pub fn release(&mut self) {
        self.actions.push(Action::Release);
    }

    /// Closes the connection after what was sent has been written.
    pub fn close(&mut self, code: u16, reason: &str) {
        self.actions.push(Action::Close { code, reason: reason.to_owned() });
    }

    /// Calls [`Session::tick`] at that moment; replaces an earlier wish.
    pub fn wake_at(&mut self, moment: Timestamp) {
        self.actions.push(Action::WakeAt(moment));
    }

    /// Accepts messages of at most that many bytes from now on.
    pub fn limit(&mut self, bytes: usize) {
        self.actions.push(Action::Limit(bytes));
    }
}
