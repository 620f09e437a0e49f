//! The whole server in one thread: real engine, hub, shard and store, a fake clock, no sockets.

mod on_stage;
mod record;

use crate::backend::WorldBackend;
use crate::outside;
use crate::stage::Received;
use axum::Router;
use commonroom_core::command::{Actor, Command};
use commonroom_core::engine::{Engine, Job, Rules};
use commonroom_core::env::{Env, Timestamp};
use commonroom_core::event::Event;
use commonroom_core::query::Query;
use commonroom_core::secret::Signer;
use commonroom_core::store::{Reader, Store};
use commonroom_core::{AccountId, Refusal, Reply};
use commonroom_hub::gateway::{Backend as _, Gateway};
use commonroom_hub::line::Lines;
use commonroom_hub::request::{Answer, Keep, Log, Outside, PasswordWork, Request, ReturnTo, Ticket};
use commonroom_hub::roster::Slot;
use commonroom_hub::session::{Adapter, Inbound, Setup, State};
use commonroom_hub::shard::{Batch, Shard};
use commonroom_hub::throttle::Throttle;
use commonroom_hub::{Commons, Hub};
use commonroom_store_sqlite::SqliteStore;
use commonroom_websocket::Message;
use commonroom_websocket::client::ClientDecoder;
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context as TaskContext, Poll, Waker};

/// The first moment of every world: 2026-11-21T12:00:00Z.
pub const START: Timestamp = Timestamp(1_795_262_400_000_000);

/// Bytes of the largest server frame a test client takes.
const CLIENT_LIMIT: usize = 64 << 20;

struct Client {
    slot: Option<Slot>,
    decoder: ClientDecoder,
    inbox: VecDeque<Received>,
}

/// A server without sockets.
pub struct World {
    engine: Engine,
    reader: Box<dyn Reader + Send>,
    hub: Hub,
    shard: Option<Shard>,
    adapters: Vec<(String, Arc<dyn Adapter>)>,
    routers: BTreeMap<String, Router>,
    backend: Arc<WorldBackend>,
    setup: Setup,
    clients: BTreeMap<String, Client>,
    lines: Lines,
    throttle: Throttle,
    env: Env,
    told: Vec<Arc<Event>>,
    asked: Vec<Outside>,
    tuned: Vec<String>,
    restart: Option<Timestamp>,
    logged: Vec<Log>,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// A world with an empty store in memory.
    pub fn new() -> Self {
        Self::ruled(Rules::default())
    }

    /// The same under an operator's rules.
    pub fn ruled(rules: Rules) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("world{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let store = SqliteStore::memory(&name).expect("a store in memory opens");
        Self::with(Box::new(store), rules, 1)
    }

    /// A world on a store, with the operator's rules and a seed for ids and secrets.
    pub fn with(store: Box<dyn Store>, rules: Rules, seed: u8) -> Self {
        let mut engine = Engine::open(store, Env::seeded(START, [seed; 32]), rules).expect("the store loads");
        let reader = engine.reader().expect("the store can be read");
        let key = engine.instance_key().expect("the store keeps a key");
        let mut env = Env::seeded(START, [seed.wrapping_add(100); 32]);
        let setup = Setup {
            signer: Signer::new(key),
            public_url: None,
            run: env.uuid(),
            version: "test",
            started: START,
            push_key: Some("BPushKeyOfTheTestWorld".to_owned()),
            commons: Commons::default(),
        };
        let backend = Arc::new(WorldBackend::new(START));
        let hub = Hub::new(engine.directory());
        let mut world = Self {
            engine,
            reader,
            hub,
            shard: None,
            adapters: Vec::new(),
            routers: BTreeMap::new(),
            backend,
            setup,
            clients: BTreeMap::new(),
            lines: Lines::default(),
            throttle: Throttle::default(),
            env,
            told: Vec::new(),
            asked: Vec::new(),
            tuned: Vec::new(),
            restart: None,
            logged: Vec::new(),
        };
        world.publish();
        world
    }

    /// What adapters are made with.
    pub fn setup(&self) -> Setup {
        self.setup.clone()
    }

    /// What routers are made with.
    pub fn gateway(&self) -> Gateway {
        Gateway::new(self.backend.clone(), self.setup.signer.clone())
    }

    /// Mounts a protocol under a name, before the first connection.
    pub fn mount(&mut self, name: &str, adapter: Arc<dyn Adapter>, router: Router) {
        assert!(self.shard.is_none(), "protocols are mounted before the first connection");
        self.adapters.push((name.to_owned(), adapter));
        self.routers.insert(name.to_owned(), router);
    }

    /// The state that everybody has been told of.
    pub fn state(&self) -> State {
        self.backend.state_now()
    }

    /// Runs a command at once.
    ///
    /// # Errors
    /// The core's refusal.
    pub fn command(&mut self, actor: Actor, command: Command) -> Answer {
        let answers = self.run_commands(vec![(
            Ticket { request: Request::Command(actor, command.clone()), return_to: ReturnTo::Nobody },
            actor,
            command,
        )]);
        self.step();
        answers.into_iter().next().unwrap_or(Err(Refusal::Busy))
    }

    /// Answers a query at once.
    ///
    /// # Errors
    /// `Fault`.
    pub fn query(&mut self, query: &Query) -> Answer {
        self.reader.find(query).map(Reply::Found).map_err(|_| Refusal::Fault)
    }

    /// Makes a member with a display name, for tests that need people.
    pub fn member(&mut self, name: &str) -> AccountId {
        use commonroom_core::account::Protocol;
        use commonroom_core::command::Registration;
        let registration = Registration {
            username: name.to_owned(),
            display_name: None,
            email: None,
            password: disguise("secret-password"),
            invite: None,
            via: Protocol::Together,
        };
        match self.command(Actor::System, Command::Register(registration)) {
            Ok(Reply::Account(id)) => id,
            other => panic!("{name} could not register: {other:?}"),
        }
    }

    /// Carries on until nothing is left to do at this moment.
    pub fn step(&mut self) {
        loop {
            let mut tickets: Vec<Ticket> = self.backend.lock().tickets.drain(..).collect();
            if let Some(shard) = &mut self.shard {
                tickets.extend(shard.take_tickets());
            }
            let spoken = self.speak_on_lines();
            if let Some(shard) = &mut self.shard {
                self.lines.settle(shard, self.env.now);
            }
            self.hub.tick(self.env.now);
            let follow_ups = self.hub.take_commands();
            let idle = tickets.is_empty() && follow_ups.is_empty() && !spoken;
            let own = follow_ups.into_iter().map(|(actor, command)| Ticket {
                request: Request::Command(actor, command),
                return_to: ReturnTo::Nobody,
            });
            self.serve(tickets.into_iter().chain(own).collect());
            self.publish();
            self.deliver();
            let resumed = self.shard.as_mut().map(Shard::take_resumed).unwrap_or_default();
            if idle && resumed.is_empty() {
                return;
            }
        }
    }

    /// Does what handlers did with lines; true when there was something.
    fn speak_on_lines(&mut self) -> bool {
        let inputs: Vec<_> = self.backend.lock().lines.drain(..).collect();
        if inputs.is_empty() {
            return false;
        }
        self.start_shard();
        let adapters: Vec<Arc<dyn Adapter>> =
            self.adapters.iter().map(|(_, adapter)| adapter.clone()).collect();
        if let Some(shard) = &mut self.shard {
            for input in inputs {
                self.lines.input(input, &adapters, shard, self.env.now);
            }
        }
        true
    }

    /// The shard begins with the first connection: then everything is mounted.
    fn start_shard(&mut self) {
        if self.shard.is_none() {
            let adapters = self.adapters.iter().map(|(_, adapter)| adapter.clone()).collect();
            // Always the same chance: transcripts can be read beside one another.
            let env = Env::seeded(self.env.now, [9; 32]);
            let mut shard = Shard::new(0, adapters, self.backend.state_now(), env);
            shard.settle();
            self.shard = Some(shard);
        }
    }

    fn serve(&mut self, tickets: Vec<Ticket>) {
        let mut commands = Vec::new();
        for ticket in tickets {
            match ticket.request.clone() {
                Request::Command(actor, command) => commands.push((ticket, actor, command)),
                Request::Query(query) => {
                    let answer = self.query(&query);
                    self.reply(ticket.return_to, answer);
                }
                Request::Live(command) => {
                    self.hub.command(command, self.env.now);
                    self.publish();
                    self.reply(ticket.return_to, Ok(Reply::Done));
                }
                Request::Outside(asked) => {
                    let answer = match &asked.post {
                        None => outside::answer(&asked.url),
                        Some(post) => outside::answer_post(&asked.url, &post.body),
                    };
                    let answer = answer.map(Reply::Outside).ok_or(Refusal::Unreachable);
                    self.asked.push(asked);
                    self.reply(ticket.return_to, answer);
                }
                Request::Station { url } => {
                    let answer = outside::station(&url).map(|(name, title)| Reply::Station { name, title });
                    self.tuned.push(url);
                    self.reply(ticket.return_to, answer.ok_or(Refusal::Unreachable));
                }
                Request::Restart { seconds } => {
                    let answer = if self.restart.is_some() { Err(Refusal::Already) } else { Ok(Reply::Done) };
                    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
                    self.restart.get_or_insert(self.env.now.plus_seconds(seconds));
                    self.reply(ticket.return_to, answer);
                }
                // There is no file to be read again.
                Request::Reconfigure => {
                    self.reply(ticket.return_to, Ok(Reply::Reconfigured { later: Vec::new() }));
                }
                Request::Log(log) => {
                    self.logged.push(log);
                    self.reply(ticket.return_to, Ok(Reply::Done));
                }
                Request::Keep(keep) => {
                    let answer = self.keep(keep);
                    self.reply(ticket.return_to, answer);
                }
                Request::Password(work) => self.password(work, ticket, &mut commands),
            }
        }
        if !commands.is_empty() {
            let _ = self.run_commands(commands);
        }
    }

    fn run_commands(&mut self, commands: Vec<(Ticket, Actor, Command)>) -> Vec<Answer> {
        let jobs: Vec<Job> = commands
            .iter()
            .map(|(ticket, actor, command)| Job {
                actor: *actor,
                origin: ticket.return_to.origin(),
                command: command.clone(),
            })
            .collect();
        let (committed, _) = self.engine.run(&jobs, self.env.now);
        self.told.extend(committed.events.iter().cloned());
        self.hub.committed(&committed.events, committed.directory, &mut |_, _| Vec::new());
        self.publish();
        for ((ticket, ..), answer) in commands.into_iter().zip(&committed.answers) {
            self.reply(ticket.return_to, answer.clone());
        }
        committed.answers
    }

    /// Blobs in memory never wait.
    fn keep(&self, keep: Keep) -> Answer {
        let ready = commonroom_files::ready(keep)?;
        let mut kept = pin!(commonroom_files::keep(self.backend.blobs(), ready));
        match kept.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer,
            Poll::Pending => Err(Refusal::Fault),
        }
    }

    /// Stands in for the hash workers: a "hash" is the password in disguise, so that tests need no time for it.
    fn password(&mut self, work: PasswordWork, ticket: Ticket, commands: &mut Vec<(Ticket, Actor, Command)>) {
        match work {
            PasswordWork::Login { account, name, password, address, throttling } => {
                let now = self.env.now;
                if throttling.is_some_and(|rule| self.throttle.refuses(address, &name, rule, now)) {
                    return self.reply(ticket.return_to, Err(Refusal::TooMany));
                }
                let directory = self.engine.directory();
                let known = account.and_then(|id| directory.account(id));
                let right =
                    known.is_some_and(|known| known.password.as_deref() == Some(&disguise(&password)));
                let answer = match known {
                    Some(known) if right && known.disabled => Err(Refusal::Disabled),
                    Some(known) if right => {
                        self.throttle.succeeded(address, &name);
                        Ok(Reply::Account(known.id))
                    }
                    _ => {
                        if let Some(rule) = throttling {
                            self.throttle.failed(address, &name, rule, now);
                        }
                        Err(Refusal::BadCredentials)
                    }
                };
                self.reply(ticket.return_to, answer);
            }
            PasswordWork::Register { mut registration, .. } => {
                registration.password = disguise(&registration.password);
                commands.push((ticket, Actor::System, Command::Register(registration)));
            }
            PasswordWork::Change { actor, command } => {
                let Ok(command) = command.hashed(|plain| Ok::<_, std::convert::Infallible>(disguise(plain)));
                commands.push((ticket, actor, command));
            }
        }
    }

    fn publish(&mut self) {
        let (happenings, state) = self.hub.take();
        {
            let mut shared = self.backend.lock();
            shared.state = state.clone();
            shared.env.now = self.env.now;
        }
        if let Some(shard) = &mut self.shard {
            shard.batch(&Batch { happenings, state }, self.env.now);
        }
    }

    fn reply(&mut self, return_to: ReturnTo, answer: Answer) {
        match return_to {
            ReturnTo::Session { origin, command, .. } => {
                if let Some(shard) = &mut self.shard {
                    shard.answer(origin, command, answer, self.env.now);
                }
            }
            ReturnTo::Handler(sender) => {
                let _ = sender.send(answer);
            }
            ReturnTo::Nobody => {}
        }
    }

    /// Moves what is in the outboxes into the clients' inboxes.
    fn deliver(&mut self) {
        let Some(shard) = &mut self.shard else { return };
        let dirty = shard.take_dirty();
        for client in self.clients.values_mut() {
            let Some(slot) = client.slot.filter(|slot| dirty.contains(slot)) else { continue };
            let mut bytes = Vec::new();
            if let Some(outbox) = shard.outbox(slot) {
                while !outbox.is_empty() {
                    let mut slots = [std::io::IoSlice::new(&[]); 16];
                    let used = outbox.slices(&mut slots);
                    let count: usize = slots[..used].iter().map(|slice| slice.len()).sum();
                    for slice in &slots[..used] {
                        bytes.extend_from_slice(slice);
                    }
                    outbox.advance(count, self.env.now);
                }
            }
            receive(client, &mut bytes);
        }
        let closing: Vec<String> = self
            .clients
            .iter()
            .filter(|(_, client)| client.slot.is_some_and(|slot| shard.is_closing(slot)))
            .map(|(name, _)| name.clone())
            .collect();
        for name in closing {
            self.hang_up(&name);
        }
    }

    fn hang_up(&mut self, name: &str) {
        let slot = self.clients.get_mut(name).and_then(|client| client.slot.take());
        if let Some((shard, slot)) = self.shard.as_mut().zip(slot) {
            shard.closed(slot, self.env.now);
        }
    }

    fn client(&mut self, name: &str) -> &mut Client {
        self.clients.get_mut(name).unwrap_or_else(|| panic!("{name} was never opened"))
    }

    fn inbound(&mut self, name: &str, frame: Inbound<'_>) {
        self.env.now = Timestamp(self.env.now.0 + 1);
        let slot = self.client(name).slot;
        if let Some((shard, slot)) = self.shard.as_mut().zip(slot) {
            shard.inbound(slot, frame, self.env.now);
        }
        self.step();
    }

    /// Lets a handler run, stepping the world while it waits.
    pub fn complete<F: Future>(&mut self, future: F) -> F::Output {
        let mut future = pin!(future);
        let mut context = TaskContext::from_waker(Waker::noop());
        for _ in 0..10_000 {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return output;
            }
            self.step();
        }
        panic!("an HTTP handler never finished")
    }
}

/// The stand-in for a password hash.
pub fn disguise(password: &str) -> String {
    format!("plain:{password}")
}

fn receive(client: &mut Client, bytes: &mut [u8]) {
    let mut at = 0;
    loop {
        let step = client.decoder.read(&mut bytes[at..]).expect("the server sends valid frames");
        at += step.consumed;
        match step.message {
            None => return,
            Some(Message::Text(text)) => client.inbox.push_back(Received::Text(text.to_owned())),
            Some(Message::Binary(bytes)) => client.inbox.push_back(Received::Binary(bytes.to_owned())),
            Some(Message::Close { code, .. }) => {
                client.inbox.push_back(Received::Close(code.unwrap_or(1005)))
            }
            Some(Message::Ping(_) | Message::Pong(_)) => {}
        }
    }
}

impl WorldBackend {
    fn state_now(&self) -> State {
        self.lock().state.clone()
    }
}
