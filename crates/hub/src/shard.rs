//! A share of the connections. Knows their sessions and outboxes, not their sockets: the server's event loop reads
//! and writes for it, the tests' loop needs neither.

use crate::connection::{Connection, Stash};
use crate::limits;
use crate::outbox::{Kind, Outbox};
use crate::rendering::{Reach, reach};
use crate::request::{Answer, Request, ReturnTo, Ticket};
use crate::roster::{Roster, Slot};
use crate::session::{Action, Adapter, Context, Happening, Inbound, Opening, Session, State};
use bytes::Bytes;
use commonroom_core::directory::Directory;
use commonroom_core::env::{Env, Timestamp};
use commonroom_core::event::{EventBody, Origin};
use commonroom_core::ids::SessionId;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

mod fan_out;

/// What a shard is told at once: happenings in order, and the state after them.
#[derive(Clone, Debug)]
pub struct Batch {
    /// What has happened.
    pub happenings: Vec<Happening>,
    /// What is known after it.
    pub state: State,
}

/// A share of the connections.
pub struct Shard {
    index: usize,
    adapters: Vec<Arc<dyn Adapter>>,
    connections: Vec<Option<Connection>>,
    free: Vec<Slot>,
    sessions: BTreeMap<SessionId, Slot>,
    roster: Roster,
    state: State,
    env: Env,
    actions: Vec<Action>,
    tickets: Vec<Ticket>,
    dirty: Vec<Slot>,
    resumed: Vec<Slot>,
    wakes: BTreeSet<(Timestamp, Slot)>,
}

impl Shard {
    /// An empty shard.
    pub fn new(index: usize, adapters: Vec<Arc<dyn Adapter>>, state: State, env: Env) -> Self {
        Self {
            index,
            adapters,
            connections: Vec::new(),
            free: Vec::new(),
            sessions: BTreeMap::new(),
            roster: Roster::default(),
            state,
            env,
            actions: Vec::new(),
            tickets: Vec::new(),
            dirty: Vec::new(),
            resumed: Vec::new(),
            wakes: BTreeSet::new(),
        }
    }

    /// Takes a new connection and lets its session say its first words.
    pub fn open(&mut self, adapter: usize, opening: &Opening) -> Slot {
        self.env.now = self.env.now.max(opening.now);
        let protocol = &self.adapters[adapter];
        let (session, limit) = (protocol.open(opening), protocol.first_limit());
        self.enter(Connection::new(adapter, opening.id, session, limit))
    }

    /// Takes in the residents of all adapters: on one shard of a server, before its first connection.
    pub fn settle(&mut self) {
        for adapter in 0..self.adapters.len() {
            if let Some(session) = self.adapters[adapter].resident() {
                let id = SessionId(self.env.random_uuid());
                self.enter(Connection { resident: true, ..Connection::new(adapter, id, session, 0) });
            }
        }
    }

    fn enter(&mut self, connection: Connection) -> Slot {
        let id = connection.id;
        let slot = match self.free.pop() {
            Some(slot) => {
                self.connections[slot as usize] = Some(connection);
                slot
            }
            None => {
                self.connections.push(Some(connection));
                Slot::try_from(self.connections.len() - 1).expect("fewer connections than file descriptors")
            }
        };
        self.sessions.insert(id, slot);
        self.roster.enter(slot, id);
        self.with(slot, |session, cx| session.opened(cx));
        slot
    }

    /// A message from the client. Kept until earlier requests are answered where the session's order asks for it.
    pub fn inbound(&mut self, slot: Slot, frame: Inbound<'_>, now: Timestamp) {
        self.env.now = self.env.now.max(now);
        let Some(connection) = self.connection(slot) else { return };
        if connection.closing {
            return;
        }
        let waits = connection.others > 0
            || !connection.deferred.is_empty()
            || (connection.commands > 0 && !connection.session.overlaps(frame));
        if waits {
            connection.stash = Some(match frame {
                Inbound::Text(text) => Stash::Text(text.to_owned()),
                Inbound::Binary(bytes) => Stash::Binary(bytes.to_owned()),
            });
            return;
        }
        self.with(slot, |session, cx| session.frame(frame, cx));
    }

    /// The client answered a ping.
    pub fn pong(&mut self, slot: Slot, now: Timestamp) {
        self.env.now = self.env.now.max(now);
        if !self.is_closing(slot) {
            self.with(slot, |session, cx| session.pong(cx));
        }
    }

    /// True when the event loop may read on from this connection.
    pub fn wants_input(&self, slot: Slot) -> bool {
        self.connections.get(slot as usize).and_then(Option::as_ref).is_some_and(|connection| {
            connection.stash.is_none()
                && connection.deferred.is_empty()
                && connection.others == 0
                && connection.commands < limits::PIPELINED_COMMANDS
        })
    }

    /// Bytes of the largest message this connection may send.
    pub fn message_limit(&self, slot: Slot) -> usize {
        self.connections.get(slot as usize).and_then(Option::as_ref).map_or(0, |connection| connection.limit)
    }

    /// Tells everybody what has happened, as far as they may see it.
    pub fn batch(&mut self, batch: &Batch, now: Timestamp) {
        self.env.now = self.env.now.max(now);
        self.state = batch.state.clone();
        let directory = self.state.directory.clone();
        let mut rest = &batch.happenings[..];
        let mut next = rest.first().map(|first| self.slots(first, &directory));
        while let Some(slots) = next.take() {
            // Happenings in a row that go to the same list of connections are joined into one write.
            let mut count = 1;
            while let Some(happening) = rest.get(count) {
                let others = self.slots(happening, &directory);
                if !Arc::ptr_eq(&slots, &others) {
                    next = Some(others);
                    break;
                }
                count += 1;
            }
            let (group, later) = rest.split_at(count);
            self.fan_out(group, &slots);
            rest = later;
        }
        if batch.happenings.iter().any(deletes_a_place) {
            self.roster.tidy(&directory);
        }
    }

    fn slots(&mut self, happening: &Happening, directory: &Directory) -> Arc<Vec<Slot>> {
        match reach(happening) {
            Reach::Event(audience) => self.roster.audience(&audience, directory),
            Reach::Live(reach) => self.roster.reach(&reach, directory),
        }
    }

    /// True when everything that the client said has been dealt with.
    pub fn is_settled(&self, slot: Slot) -> bool {
        let connection = self.connections.get(slot as usize).and_then(Option::as_ref);
        connection.is_none_or(|connection| {
            connection.closing
                || (connection.commands == 0
                    && connection.others == 0
                    && connection.deferred.is_empty()
                    && connection.stash.is_none()
                    && connection.held.is_none())
        })
    }

    /// Hands the answer to a request to the session that asked.
    pub fn answer(&mut self, origin: Origin, was_command: bool, answer: Answer, now: Timestamp) {
        self.env.now = self.env.now.max(now);
        let Some(slot) = self.sessions.get(&origin.session).copied() else { return };
        if let Some(connection) = self.connection(slot) {
            if was_command {
                connection.commands = connection.commands.saturating_sub(1);
            } else {
                connection.others = connection.others.saturating_sub(1);
            }
        }
        if origin.tag != 0 {
            self.with(slot, |session, cx| session.answer(origin.tag, answer, cx));
        }
        self.advance(slot);
    }

    /// Wakes the sessions whose moment has come.
    pub fn tick(&mut self, now: Timestamp) {
        self.env.now = self.env.now.max(now);
        while let Some((moment, slot)) = self.wakes.first().copied()
            && moment <= now
        {
            self.wakes.pop_first();
            if let Some(connection) = self.connection(slot) {
                connection.wake = None;
            }
            self.with(slot, |session, cx| session.tick(cx));
        }
    }

    /// The next moment at which [`Shard::tick`] has something to do.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.wakes.first().map(|(moment, _)| *moment)
    }

    /// The socket is gone: the session says its last words and is forgotten.
    pub fn closed(&mut self, slot: Slot, now: Timestamp) {
        self.leave(slot, now, |session, cx| session.closed(cx));
    }

    /// Nothing was heard of the client for too long: as [`Shard::closed`].
    pub fn lost(&mut self, slot: Slot, now: Timestamp) {
        self.leave(slot, now, |session, cx| session.lost(cx));
    }

    fn leave(&mut self, slot: Slot, now: Timestamp, last: impl FnOnce(&mut dyn Session, &mut Context<'_>)) {
        self.env.now = self.env.now.max(now);
        self.with(slot, last);
        let Some(connection) = self.connections.get_mut(slot as usize).and_then(Option::take) else { return };
        self.sessions.remove(&connection.id);
        self.roster.leave(slot, connection.id);
        if let Some(moment) = connection.wake {
            self.wakes.remove(&(moment, slot));
        }
        self.free.push(slot);
    }

    /// Ends a connection that reads too slowly, with its protocol's code.
    pub fn cut(&mut self, slot: Slot) {
        let Some(adapter) = self.connection(slot).map(|connection| connection.adapter) else { return };
        let (code, reason) = self.adapters[adapter].too_slow();
        self.end(slot, code, reason, true);
    }

    /// Ends a connection for breaking the WebSocket rules, for another reason of the transport, or because the client said
    /// goodbye. What waits for it is written first: answers to what it sent before.
    pub fn refuse(&mut self, slot: Slot, code: u16, reason: &str) {
        self.end(slot, code, reason, false);
    }

    /// Ends every connection, each with its protocol's code for a shutdown.
    pub fn going_away(&mut self) {
        for slot in 0..Slot::try_from(self.connections.len()).unwrap_or(Slot::MAX) {
            let Some(connection) = self.connection(slot) else { continue };
            let (adapter, resident) = (connection.adapter, connection.resident);
            if resident {
                self.closed(slot, self.env.now);
                continue;
            }
            let (code, reason) = self.adapters[adapter].going_away();
            self.end(slot, code, reason, false);
        }
    }

    /// Queues a whole control frame.
    pub fn control(&mut self, slot: Slot, frame: Bytes) {
        let Some(connection) = self.connection(slot) else { return };
        if !connection.closing {
            connection.outbox.push(frame, Kind::Kept);
            self.mark(slot);
        }
    }

    /// The requests made since the last call.
    pub fn take_tickets(&mut self) -> Vec<Ticket> {
        std::mem::take(&mut self.tickets)
    }

    /// The connections with something new to write.
    pub fn take_dirty(&mut self) -> Vec<Slot> {
        let dirty = std::mem::take(&mut self.dirty);
        for slot in &dirty {
            if let Some(connection) = self.connections.get_mut(*slot as usize).and_then(Option::as_mut) {
                connection.dirty = false;
            }
        }
        dirty
    }

    /// The connections from which the event loop may read on after having been told to wait.
    pub fn take_resumed(&mut self) -> Vec<Slot> {
        std::mem::take(&mut self.resumed)
    }

    /// What waits to be written to a connection.
    pub fn outbox(&mut self, slot: Slot) -> Option<&mut Outbox> {
        self.connection(slot).map(|connection| &mut connection.outbox)
    }

    /// True when the close frame is queued: after the outbox is empty the socket is to be closed.
    pub fn is_closing(&self, slot: Slot) -> bool {
        self.connections
            .get(slot as usize)
            .and_then(Option::as_ref)
            .is_none_or(|connection| connection.closing)
    }

    /// How many connections there are.
    pub fn len(&self) -> usize {
        self.connections.len() - self.free.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn connection(&mut self, slot: Slot) -> Option<&mut Connection> {
        self.connections.get_mut(slot as usize).and_then(Option::as_mut)
    }

    fn mark(&mut self, slot: Slot) {
        if let Some(connection) = self.connections.get_mut(slot as usize).and_then(Option::as_mut)
            && !connection.dirty
        {
            connection.dirty = true;
            self.dirty.push(slot);
        }
    }

    /// Calls a session and carries out what it asks for.
    fn with(&mut self, slot: Slot, call: impl FnOnce(&mut dyn Session, &mut Context<'_>)) {
        let Some(connection) = self.connections.get_mut(slot as usize).and_then(Option::as_mut) else {
            return;
        };
        let before = connection.outbox.bytes();
        let mut context = Context {
            id: connection.id,
            now: self.env.now,
            state: &self.state,
            env: &mut self.env,
            outbox: &mut connection.outbox,
            actions: &mut self.actions,
        };
        call(connection.session.as_mut(), &mut context);
        if connection.resident {
            connection.outbox.clear();
        } else if connection.outbox.bytes() != before {
            self.mark(slot);
        }
        for action in std::mem::take(&mut self.actions) {
            self.act(slot, action);
        }
    }

    fn act(&mut self, slot: Slot, action: Action) {
        let Some(connection) = self.connections.get_mut(slot as usize).and_then(Option::as_mut) else {
            return;
        };
        match action {
            Action::Run { tag, request } => {
                connection.deferred.push_back((tag, *request));
                self.start_deferred(slot);
            }
            Action::Subscribe { account, scope } => {
                let directory = self.state.directory.clone();
                self.roster.add(slot, account, scope, &directory);
            }
            Action::Watch(space) => {
                let directory = self.state.directory.clone();
                self.roster.watch(slot, space, &directory);
            }
            Action::Unsubscribe => self.roster.remove(slot),
            Action::Hold => connection.held = Some(VecDeque::new()),
            Action::Release => {
                for happening in connection.held.take().into_iter().flatten() {
                    self.fan_out(std::slice::from_ref(&happening), &[slot]);
                }
            }
            Action::Close { code, reason } => self.end(slot, code, &reason, false),
            Action::WakeAt(moment) => {
                if let Some(before) = connection.wake.replace(moment) {
                    self.wakes.remove(&(before, slot));
                }
                self.wakes.insert((moment, slot));
            }
            Action::Limit(bytes) => connection.limit = bytes,
        }
    }

    /// Passes on the requests that need not wait: commands overlap with commands, nothing else overlaps. A resident has no
    /// client whose order would matter: its requests do not wait for one another.
    fn start_deferred(&mut self, slot: Slot) {
        let index = self.index;
        let Some(connection) = self.connections.get_mut(slot as usize).and_then(Option::as_mut) else {
            return;
        };
        while let Some((tag, request)) = connection.deferred.pop_front() {
            // News for the outside wait for nobody and hold up nobody.
            let live =
                matches!(request, Request::Live(_)) || (tag == 0 && matches!(request, Request::Outside(_)));
            let command = matches!(request, Request::Command(..));
            let blocked = !live
                && !connection.resident
                && (connection.others > 0 || (!command && connection.commands > 0));
            if blocked {
                connection.deferred.push_front((tag, request));
                return;
            }
            let origin = Origin { session: connection.id, tag };
            let return_to = if live && tag == 0 {
                ReturnTo::Nobody
            } else {
                if command {
                    connection.commands += 1;
                } else {
                    connection.others += 1;
                }
                ReturnTo::Session { shard: index, origin, command }
            };
            self.tickets.push(Ticket { request, return_to });
        }
    }

    /// After an answer: starts what waited for it, first requests, then the stashed message.
    fn advance(&mut self, slot: Slot) {
        self.start_deferred(slot);
        let Some(connection) = self.connection(slot) else { return };
        let idle = connection.others == 0 && connection.deferred.is_empty();
        if idle && let Some(stash) = connection.stash.take() {
            let now = self.env.now;
            match stash {
                Stash::Text(text) => self.inbound(slot, Inbound::Text(&text), now),
                Stash::Binary(bytes) => self.inbound(slot, Inbound::Binary(&bytes), now),
            }
        }
        if self.wants_input(slot) {
            self.resumed.push(slot);
        }
    }

    fn end(&mut self, slot: Slot, code: u16, reason: &str, drop_queue: bool) {
        let Some(connection) = self.connection(slot) else { return };
        if connection.closing {
            return;
        }
        if drop_queue {
            connection.outbox.clear();
        }
        connection.closing = true;
        connection.outbox.push(commonroom_websocket::encode::close(code, reason), Kind::Kept);
        let id = connection.id;
        self.roster.leave(slot, id);
        self.mark(slot);
    }
}

impl std::fmt::Debug for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shard")
            .field("index", &self.index)
            .field("connections", &self.len())
            .finish_non_exhaustive()
    }
}

/// True when a channel or space is no more: its list of connections goes too.
fn deletes_a_place(happening: &Happening) -> bool {
    matches!(happening, Happening::Event(event)
        if matches!(event.body, EventBody::ChannelDeleted { .. } | EventBody::SpaceDeleted { .. }))
}
