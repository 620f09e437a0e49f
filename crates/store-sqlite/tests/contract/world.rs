//! The real engine on the database of the test, and short words for what people do.

use super::Open;
use commonroom_core::account::Protocol;
use commonroom_core::channel::ChannelKind;
use commonroom_core::command::{
    Actor, ChannelSettings, Command, NewMessage, Registration, Reply, SpaceSettings,
};
use commonroom_core::directory::Directory;
use commonroom_core::engine::{Committed, Engine, Job, Rules};
use commonroom_core::env::{Env, Timestamp};
use commonroom_core::ids::{AccountId, ChannelId, MessageId, SpaceId};
use commonroom_core::message::Message;
use commonroom_core::query::{Found, Query};
use commonroom_core::refusal::Refusal;
use commonroom_core::store::Store;
use std::sync::Arc;

/// When every test begins.
const START: Timestamp = Timestamp(1_700_000_000_000_000);

/// A running instance.
pub struct World {
    pub engine: Engine,
    pub now: Timestamp,
}

impl World {
    /// Starts on the database. `run` tells restarts apart: ids must not repeat.
    pub fn start(open: Open<'_>, run: u8) -> Self {
        Self::start_on(open(), run)
    }

    pub fn start_on(store: Box<dyn Store>, run: u8) -> Self {
        let now = START.plus_seconds(i64::from(run) * 3_600);
        let engine =
            Engine::open(store, Env::seeded(now, [run; 32]), Rules::default()).expect("the engine opens");
        Self { engine, now }
    }

    /// Runs one command by itself.
    pub fn run(&mut self, actor: Actor, command: Command) -> Result<Reply, Refusal> {
        let (mut committed, fault) = self.batch(vec![(actor, command)]);
        assert!(fault.is_none(), "{fault:?}");
        committed.answers.pop().expect("one answer for one command")
    }

    /// Runs commands in one transaction; the fault, if any, as text.
    pub fn batch(&mut self, commands: Vec<(Actor, Command)>) -> (Committed, Option<String>) {
        self.now = self.now.plus_millis(1);
        let jobs: Vec<Job> =
            commands.into_iter().map(|(actor, command)| Job { actor, origin: None, command }).collect();
        let (committed, fault) = self.engine.run(&jobs, self.now);
        assert_eq!(committed.answers.len(), jobs.len());
        (committed, fault.map(|fault| fault.0))
    }

    /// Runs a command that must work.
    pub fn must(&mut self, actor: Actor, command: Command) -> Reply {
        let told = format!("{command:?}");
        self.run(actor, command).unwrap_or_else(|refusal| panic!("{told} was refused: {refusal:?}"))
    }

    pub fn directory(&self) -> Arc<Directory> {
        self.engine.directory()
    }

    /// The first space.
    pub fn main(&self) -> SpaceId {
        self.directory().default_space().expect("made at the first start").id
    }

    /// Its channel.
    pub fn general(&self) -> ChannelId {
        let directory = self.directory();
        directory.default_space().and_then(|space| space.default_channel).expect("made at the first start")
    }

    pub fn person(&mut self, name: &str) -> AccountId {
        let reply = self.must(Actor::System, register(name));
        let Reply::Account(account) = reply else { panic!("{reply:?}") };
        account
    }

    pub fn space(&mut self, owner: AccountId, name: &str) -> SpaceId {
        let settings = SpaceSettings { name: Some(name.to_owned()), ..SpaceSettings::default() };
        let reply = self.must(Actor::Account(owner), Command::CreateSpace { settings });
        let Reply::Space(space) = reply else { panic!("{reply:?}") };
        space
    }

    pub fn channel(&mut self, space: SpaceId, name: &str) -> ChannelId {
        let settings = ChannelSettings { name: Some(name.to_owned()), ..ChannelSettings::default() };
        let reply =
            self.must(Actor::System, Command::CreateChannel { space, kind: ChannelKind::Text, settings });
        let Reply::Channel { channel, .. } = reply else { panic!("{reply:?}") };
        channel
    }

    pub fn say(&mut self, who: AccountId, channel: ChannelId, text: &str) -> Arc<Message> {
        self.message(who, post(channel, text))
    }

    /// Runs a command that answers with a message.
    pub fn message(&mut self, who: AccountId, command: Command) -> Arc<Message> {
        let reply = self.must(Actor::Account(who), command);
        let Reply::Message { message, .. } = reply else { panic!("{reply:?}") };
        message
    }

    pub fn delete(&mut self, who: AccountId, message: MessageId) {
        self.must(Actor::Account(who), Command::DeleteMessage { message });
    }

    pub fn read(&mut self, who: AccountId, channel: ChannelId, message: Option<MessageId>) {
        self.must(Actor::Account(who), Command::MarkRead { channel, message });
    }

    /// What a reader finds.
    pub fn find(&self, query: &Query) -> Found {
        self.engine.reader().expect("a reader").find(query).expect("an answer")
    }

    /// The database, opened again, gives the directory that the engine has.
    #[track_caller]
    pub fn check_load(&self, open: Open<'_>) {
        let loaded = open().load().expect("loads");
        assert_same(&plain(&loaded), &plain(&self.directory()));
    }
}

pub fn register(name: &str) -> Command {
    Command::Register(Registration {
        username: name.to_owned(),
        display_name: None,
        email: None,
        password: "$argon2id$".to_owned(),
        invite: None,
        via: Protocol::Together,
    })
}

pub fn post(channel: ChannelId, text: &str) -> Command {
    Command::PostMessage(NewMessage { ping: false, ..NewMessage::said(channel, text) })
}

/// A directory as text, a line for each field, without the versions of rules: those count changes since the start.
pub fn plain(directory: &Directory) -> String {
    let text = format!("{directory:#?}");
    let (before, rest) = text.split_once("\n    rules: {").expect("the directory counts changes of rules");
    let (_, after) = rest.split_once("\n    default_space: ").expect("the next field");
    format!("{before}\n    default_space: {after}")
}

/// Compares texts of directories, and tells of a difference where it begins.
#[track_caller]
pub fn assert_same(found: &str, wanted: &str) {
    let (found, wanted): (Vec<_>, Vec<_>) = (found.lines().collect(), wanted.lines().collect());
    let at = found.iter().zip(&wanted).take_while(|(one, other)| one == other).count();
    if at < found.len().max(wanted.len()) {
        let near = |lines: &[&str]| {
            lines.iter().skip(at.saturating_sub(4)).take(8).copied().collect::<Vec<_>>().join("\n")
        };
        panic!("line {at}: found\n{}\ninstead of\n{}", near(&found), near(&wanted));
    }
}
