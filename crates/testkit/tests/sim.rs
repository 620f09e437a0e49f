//! Seeded simulation: random commands by random people, with connections that come and go, commits that fail and a store
//! that is killed. After every step: numbers rise without gaps, everybody was shown exactly what they may see, and the
//! database equals what was published.

use commonroom_core::audience;
use commonroom_core::channel::{ChannelKind, OverrideTarget};
use commonroom_core::command::{Actor, ChannelSettings, Command, NewMessage, RoleSettings};
use commonroom_core::engine::{Engine, Rules};
use commonroom_core::env::Env;
use commonroom_core::event::{EventBody, Relation, Stream};
use commonroom_core::query::{Found, Page, Query};
use commonroom_core::store::{Fault, Reader, Store, Tx};
use commonroom_core::{
    AccountId, ChannelId, Directory, Event, Message, MessageId, Permissions, Refusal, Reply, SpaceId,
};
use commonroom_hub::live;
use commonroom_hub::session::Happening;
use commonroom_store_sqlite::SqliteStore;
use commonroom_testkit::mirror::{Mirror, mark};
use commonroom_testkit::stage::{Received, Stage};
use commonroom_testkit::world::{START, World};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

const PEOPLE: usize = 6;
const STEPS: usize = 400;

/// A store whose commits fail when told so.
struct Failing {
    inner: SqliteStore,
    fail: Arc<AtomicU32>,
}

struct FailingTx<'a> {
    inner: Box<dyn Tx + 'a>,
    fail: Arc<AtomicU32>,
}

impl Store for Failing {
    fn load(&mut self) -> Result<Directory, Fault> {
        self.inner.load()
    }
    fn begin(&mut self) -> Result<Box<dyn Tx + '_>, Fault> {
        Ok(Box::new(FailingTx { inner: self.inner.begin()?, fail: self.fail.clone() }))
    }
    fn reader(&self) -> Result<Box<dyn Reader + Send>, Fault> {
        self.inner.reader()
    }
    fn instance_key(&mut self, make: &mut dyn FnMut() -> [u8; 32]) -> Result<[u8; 32], Fault> {
        self.inner.instance_key(make)
    }
}

impl Reader for FailingTx<'_> {
    fn find(&mut self, query: &Query) -> Result<Found, Fault> {
        self.inner.find(query)
    }
    fn message(&mut self, id: MessageId) -> Result<Option<Message>, Fault> {
        self.inner.message(id)
    }
    fn message_with_nonce(&mut self, author: AccountId, nonce: &str) -> Result<Option<Message>, Fault> {
        self.inner.message_with_nonce(author, nonce)
    }
    fn events_after(&mut self, stream: Stream, seq: u64, limit: usize) -> Result<Vec<Event>, Fault> {
        self.inner.events_after(stream, seq, limit)
    }
}

impl Tx for FailingTx<'_> {
    fn record(&mut self, event: &Event) -> Result<(), Fault> {
        self.inner.record(event)
    }
    fn save(&mut self) -> Result<(), Fault> {
        self.inner.save()
    }
    fn undo(&mut self) -> Result<(), Fault> {
        self.inner.undo()
    }
    fn commit(self: Box<Self>) -> Result<(), Fault> {
        if self.fail.swap(0, Ordering::Relaxed) > 0 {
            return Err(Fault("the disk is gone".to_owned()));
        }
        self.inner.commit()
    }
}

/// The simulated community.
struct Sim {
    world: World,
    chance: Env,
    fail: Arc<AtomicU32>,
    people: Vec<AccountId>,
    open: BTreeMap<String, AccountId>,
    space: SpaceId,
    messages: Vec<MessageId>,
    /// Messages whose sender saw them accepted: newest text, `None` when deleted.
    accepted: BTreeMap<MessageId, Option<String>>,
    heads: BTreeMap<Stream, u64>,
    seen: usize,
}

impl Sim {
    fn new(seed: u8, path: &Path) -> Self {
        let fail = Arc::new(AtomicU32::new(0));
        let store = Failing { inner: SqliteStore::open(path).expect("the store opens"), fail: fail.clone() };
        let mut world = World::with(Box::new(store), Rules::default(), seed);
        world.mount("mirror", Arc::new(Mirror), axum::Router::new());
        world.owner("olga", "secret-password").expect("an owner");
        let mut people: Vec<AccountId> = (0..PEOPLE).map(|n| world.member(&format!("person{n}"))).collect();
        let directory = world.state().directory;
        people.push(directory.account_named("olga").expect("the owner").id);
        let space = directory.default_space().expect("main").id;
        let chance = Env::seeded(START, [seed; 32]);
        let (messages, accepted, heads) = Default::default();
        let mut sim = Self {
            world,
            chance,
            fail,
            people,
            open: BTreeMap::new(),
            space,
            messages,
            accepted,
            heads,
            seen: 0,
        };
        sim.check("start");
        sim
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        let bound = u32::try_from(from.len()).expect("few");
        from.get(self.chance.below(bound) as usize).copied()
    }

    fn person(&mut self) -> AccountId {
        let people = self.people.clone();
        self.pick(&people).expect("there are people")
    }

    fn channel(&mut self) -> ChannelId {
        let state = self.world.state();
        let mut channels: Vec<ChannelId> = state.directory.channels_of(self.space).map(|c| c.id).collect();
        let someone = self.person();
        channels.extend(state.directory.conversations_of(someone).map(|c| c.id));
        let threads = channels.iter().flat_map(|channel| state.directory.threads_of(*channel));
        let threads: Vec<ChannelId> = threads.map(|thread| thread.id).collect();
        channels.extend(threads);
        self.pick(&channels).expect("there is general")
    }

    fn step(&mut self) {
        match self.chance.below(24) {
            0 => self.connect(),
            1 => self.disconnect(),
            2 => self.fail_once(),
            _ => {
                let actor = self.person();
                let command = self.command(actor);
                self.run(actor, command);
            }
        }
    }

    fn connect(&mut self) {
        let account = self.person();
        let name = format!("c{}", self.chance.below(12));
        if !self.open.contains_key(&name) {
            self.world.open(&name, "mirror", &format!("/{account}"), &[]).expect("it opens");
            self.open.insert(name, account);
        }
    }

    fn disconnect(&mut self) {
        let names: Vec<String> = self.open.keys().cloned().collect();
        let at = self.chance.below(u32::try_from(names.len().max(1)).expect("few")) as usize;
        if let Some(name) = names.get(at) {
            self.world.close(name);
            self.open.remove(name);
        }
    }

    fn fail_once(&mut self) {
        let actor = self.person();
        let before = format!("{:?}", self.world.state().directory);
        self.fail.store(1, Ordering::Relaxed);
        let command = Command::PostMessage(self.message());
        let answer = self.world.command(Actor::Account(actor), command);
        let refused_by_rule = self.fail.swap(0, Ordering::Relaxed) > 0;
        assert!(answer == Err(Refusal::Fault) || refused_by_rule, "{answer:?}");
        assert_eq!(before, format!("{:?}", self.world.state().directory), "a failed commit left a trace");
    }

    fn message(&mut self) -> NewMessage {
        let known = self.messages.clone();
        let channel = self.channel();
        let text = format!("text {} @person{}", self.chance.below(1_000_000), self.chance.below(8));
        NewMessage {
            reply_to: if self.chance.below(5) == 0 { self.pick(&known) } else { None },
            nonce: (self.chance.below(3) == 0).then(|| format!("n{}", self.chance.below(40))),
            ..NewMessage::said(channel, text)
        }
    }

    fn command(&mut self, actor: AccountId) -> Command {
        let known = self.messages.clone();
        let someone = self.person();
        let space = self.space;
        let some_message = self.pick(&known).unwrap_or(MessageId::MIN);
        match self.chance.below(46) {
            0..=10 | 36..=45 => Command::PostMessage(self.message()),
            11 | 12 => Command::edit(some_message, format!("edit {}", self.chance.below(999))),
            13 => Command::DeleteMessage { message: some_message },
            14 | 15 => {
                let emoji = ["👍", "❤️", "🎲"][self.chance.below(3) as usize].to_owned();
                Command::React { message: some_message, emoji, on: self.chance.below(2) == 0 }
            }
            16 => Command::OpenConversation { with: someone },
            17 => Command::MarkRead { channel: self.channel(), message: None },
            18 | 19 => {
                let relation = if self.chance.below(2) == 0 { Relation::Mute } else { Relation::Block };
                Command::Relate { to: someone, relation, on: self.chance.below(2) == 0 }
            }
            20 => {
                let name = Some(format!("room{}", self.chance.below(6)));
                let settings = ChannelSettings { name, ..ChannelSettings::default() };
                Command::CreateChannel { space, kind: ChannelKind::Text, settings }
            }
            21 | 22 => {
                let deny = if self.chance.below(3) == 0 { Permissions::NONE } else { Permissions::VIEW };
                let target = OverrideTarget::Member(someone);
                Command::SetOverride { channel: self.channel(), target, allow: Permissions::NONE, deny }
            }
            23 => Command::DeleteChannel { channel: self.channel() },
            24 => Command::LeaveSpace { space },
            25 | 26 => Command::JoinSpace { space, via: commonroom_core::Protocol::Together },
            27 => Command::SetNickname {
                space,
                account: actor,
                nickname: Some(format!("nick{}", self.chance.below(50))),
            },
            30 => Command::Pin { message: some_message, on: self.chance.below(2) == 0 },
            31 => {
                let settings =
                    ChannelSettings { name: Some("forum".to_owned()), ..ChannelSettings::default() };
                Command::CreateChannel { space, kind: ChannelKind::Forum, settings }
            }
            32 | 33 => {
                Command::CreateThread { parent: self.channel(), name: "thread".to_owned(), root: None }
            }
            34 => {
                let name = format!("role{}", self.chance.below(9));
                let settings = RoleSettings { name: Some(name), ..RoleSettings::default() };
                Command::CreateRole { space, settings }
            }
            28 => Command::Kick { space, account: someone, reason: None },
            _ => Command::Timeout { space, account: someone, until: None, reason: None },
        }
    }

    fn run(&mut self, actor: AccountId, command: Command) {
        let what = format!("{actor:?} {command:?}");
        let answer = self.world.command(Actor::Account(actor), command.clone());
        if let Ok(Reply::Message { message, new }) = &answer {
            if *new {
                self.messages.push(message.id);
            }
            self.accepted.insert(message.id, (!message.deleted).then(|| message.text.clone()));
        }
        let gone = self.world.told()[self.seen..].iter().filter_map(|event| {
            if let EventBody::ChannelDeleted { channel, .. } = &event.body { Some(*channel) } else { None }
        });
        for channel in gone.collect::<Vec<_>>() {
            for id in self.posted_in(channel) {
                self.accepted.remove(&id);
                self.messages.retain(|known| *known != id);
            }
        }
        self.check(&what);
    }

    /// The messages told of in a channel, in order.
    fn posted_in(&self, channel: ChannelId) -> Vec<MessageId> {
        let mut posted = Vec::new();
        for event in self.world.told() {
            if let EventBody::MessagePosted { message } = &event.body
                && message.channel == channel
            {
                posted.push(message.id);
            }
        }
        posted
    }

    /// Everybody was shown exactly what they may see, in order; numbers rise by one.
    fn check(&mut self, what: &str) {
        let state = self.world.state();
        let fresh: Vec<Arc<Event>> = self.world.told()[self.seen..].to_vec();
        self.seen += fresh.len();
        for event in &fresh {
            let head = self.heads.entry(event.stream).or_insert(event.seq - 1);
            assert_eq!(event.seq, *head + 1, "a gap or repeat in {:?} after {what}", event.stream);
            *head = event.seq;
        }
        for (name, account) in self.open.clone() {
            let mut got = Vec::new();
            while let Some(received) = self.world.receive(&name) {
                let Received::Text(text) = received else { panic!("{name} got {received:?} after {what}") };
                got.push(text);
            }
            let wanted: Vec<String> = fresh
                .iter()
                .filter(|event| audience::includes(&state.directory, &audience::audience(event), account))
                .filter(|event| {
                    audience::subject(event).is_none_or(|author| {
                        !live::hidden_from(&state.directory, &state.live, account, author)
                    })
                })
                .map(|event| mark(&Happening::Event(event.clone())))
                .collect();
            assert_eq!(got, wanted, "{name} of {account:?} after {what}");
        }
    }

    /// What senders saw accepted is in the database, in the order in which it was told.
    fn check_store(&self, store: &mut SqliteStore) {
        let state = self.world.state();
        let loaded = store.load().expect("the store loads");
        for account in state.directory.accounts() {
            assert_eq!(loaded.account(account.id), Some(account));
        }
        let mut reader = store.reader().expect("a reader");
        for (id, text) in &self.accepted {
            let found =
                reader.message(*id).expect("it can be read").unwrap_or_else(|| panic!("{id:?} is lost"));
            assert_eq!(&(!found.deleted).then_some(found.text), text, "{id:?}");
        }
        for channel in state.directory.channels_of(self.space) {
            assert_eq!(loaded.channel(channel.id), Some(channel));
            let alive = |id: &MessageId| self.accepted.get(id).is_some_and(Option::is_some);
            let told: Vec<MessageId> = self.posted_in(channel.id).into_iter().filter(alive).collect();
            let query = Query::History { channel: channel.id, page: Page::Newest { skip: 0 }, limit: 200 };
            let Ok(Found::Messages { messages, .. }) = reader.find(&query) else { panic!("no history") };
            let stored: Vec<MessageId> = messages.iter().map(|message| message.id).collect();
            let newest = told.len().saturating_sub(200);
            assert_eq!(stored, told[newest..], "history of {}", channel.name);
        }
    }
}

fn place(name: &str) -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("sim-{name}-{}", std::process::id()));
    if place.exists() {
        std::fs::remove_dir_all(&place).expect("an old place can go");
    }
    std::fs::create_dir_all(&place).expect("a place");
    place
}

/// Takes the files as a crash would leave them: nobody said goodbye to the database.
fn kill(from: &Path, to: &Path) -> SqliteStore {
    std::fs::create_dir_all(to).expect("a place");
    for entry in std::fs::read_dir(from).expect("the place is there") {
        let entry = entry.expect("an entry");
        if entry.file_type().expect("a type").is_file()
            && !entry.file_name().to_string_lossy().ends_with("-shm")
        {
            std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
        }
    }
    SqliteStore::open(&to.join("sim.db")).expect("the killed store opens")
}

fn simulate(seed: u8) {
    let place = place(&seed.to_string());
    let mut sim = Sim::new(seed, &place.join("sim.db"));
    for step in 0..STEPS {
        sim.step();
        if step % 100 == 99 {
            let mut killed = kill(&place, &place.join(format!("killed{step}")));
            sim.check_store(&mut killed);
        }
    }
    assert!(sim.accepted.len() > 50, "the simulation said little: {}", sim.accepted.len());
    let killed = kill(&place, &place.join("last"));
    let again =
        Engine::open(Box::new(killed), Env::seeded(START, [1; 32]), Rules::default()).expect("it goes on");
    assert!(again.directory().next_message_number() > i64::try_from(sim.accepted.len()).expect("few"));
    std::fs::remove_dir_all(&place).expect("the place can go");
}

#[test]
fn many_seeds_hold() {
    for seed in 1..=12 {
        simulate(seed);
    }
}

/// Seeds that failed once.
#[test]
fn kept_seeds_hold() {
    for seed in [42, 77] {
        simulate(seed);
    }
}
