//! What is loaded is what was stored.

use super::Open;
use super::world::{World, assert_same, plain, post, register};
use commonroom_core::account::{ExternalId, LoginKind, Protocol, Status, StatusKind};
use commonroom_core::channel::OverrideTarget;
use commonroom_core::command::{
    Actor, ChannelSettings, Command, ItemChange, ItemDeed, NewItem, OutsideProfile, ProfileChange, Reply,
    SpaceSettings,
};
use commonroom_core::event::Relation;
use commonroom_core::ids::{AccountId, SpaceId};
use commonroom_core::item::Param;
use commonroom_core::permission::Permissions;
use commonroom_core::secret::TokenHash;
use commonroom_core::{Refusal, Timestamp};
use std::collections::BTreeMap;

pub fn a_new_database_gets_one_space_once(open: Open<'_>) {
    let empty = open().load().expect("loads");
    assert!(empty.default_space().is_none());
    let world = World::start(open, 0);
    world.check_load(open);
    let (first, before) = (world.main(), plain(&world.directory()));
    drop(world);
    let world = World::start(open, 1);
    assert_eq!(world.main(), first);
    assert_same(&plain(&world.directory()), &before);
}

pub fn every_noun_comes_back(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (ann, bob) = (world.person("Ann"), world.person("Bob"));
    let main = world.main();
    let mut run = |actor: Actor, command: Command| {
        let reply = world.must(actor, command);
        world.check_load(open);
        reply
    };
    accounts(&mut run, main, ann, bob);
    community(&mut run, main, ann, bob);
    grid(&mut run, main, ann);
    departures(&mut run, main, ann, bob);
}

type Run<'a> = &'a mut dyn FnMut(Actor, Command) -> Reply;

fn accounts(run: Run<'_>, main: SpaceId, ann: AccountId, bob: AccountId) {
    let me = Actor::Account(ann);
    run(me, Command::SetDisplayName { name: Some("Änn ♥".to_owned()) });
    let avatar = Some(Some("https://example.org/a.png".to_owned()));
    run(me, Command::SetProfile(ProfileChange { avatar, ..ProfileChange::default() }));
    run(
        me,
        Command::SetStatus(Status { kind: StatusKind::Dnd, text: Some("busy".to_owned()), activity: None }),
    );
    run(
        Actor::System,
        Command::EnterGuest { name: "visitor".to_owned(), space: main, via: Protocol::BareRtc },
    );
    let profile = OutsideProfile { username: "Rita".to_owned(), ..OutsideProfile::default() };
    let identity = ExternalId::Rotur("r-1".to_owned());
    run(Actor::System, Command::SignInOutside { identity, profile, space: main, via: Protocol::OriginChats });
    run(me, Command::Relate { to: bob, relation: Relation::Mute, on: true });
    run(me, Command::Relate { to: bob, relation: Relation::Block, on: true });
    run(me, Command::Relate { to: bob, relation: Relation::Mute, on: false });
    let expires_at = Timestamp(i64::MAX);
    let begin =
        |token| Command::BeginLogin { kind: LoginKind::Refresh, token: TokenHash::of(token), expires_at };
    let Reply::Login(kept) = run(me, begin("one")) else { panic!("a login") };
    let Reply::Login(ended) = run(me, begin("two")) else { panic!("a login") };
    let token = TokenHash::of("three");
    run(me, Command::RenewLogin { login: kept, token, expires_at, grace_until: Timestamp(9) });
    run(me, Command::EndLogin { login: ended });
    run(Actor::System, Command::SetPassword { account: bob, password: "$argon2id$2".to_owned() });
    run(
        Actor::System,
        Command::CreateOwner { username: "Root".to_owned(), password: "$argon2id$".to_owned() },
    );
    let reply = run(Actor::System, register("Leaver"));
    let Reply::Account(leaver) = reply else { panic!("{reply:?}") };
    run(Actor::System, Command::Retire { account: leaver });
    // The name is free again, and taken again.
    run(Actor::System, register("Leaver"));
}

fn community(run: Run<'_>, main: SpaceId, ann: AccountId, bob: AccountId) {
    let me = Actor::Account(ann);
    let settings = SpaceSettings {
        name: Some("Second".to_owned()),
        description: Some(Some("of two".to_owned())),
        public: Some(true),
        ..SpaceSettings::default()
    };
    let Reply::Space(second) = run(me, Command::CreateSpace { settings }) else { panic!("a space") };
    let settings = SpaceSettings { description: Some(None), ..SpaceSettings::default() };
    run(me, Command::ChangeSpace { space: second, settings });
    run(Actor::Account(bob), Command::JoinSpace { space: second, via: Protocol::ChatGrid });
    run(
        Actor::Account(bob),
        Command::SetNickname { space: second, account: bob, nickname: Some("Bobby".to_owned()) },
    );
    run(Actor::Account(bob), Command::LeaveSpace { space: second });
    let mut channel = |space, name: &str| {
        let settings = ChannelSettings { name: Some(name.to_owned()), ..ChannelSettings::default() };
        let kind = commonroom_core::channel::ChannelKind::Text;
        let reply = run(Actor::System, Command::CreateChannel { space, kind, settings });
        let Reply::Channel { channel, .. } = reply else { panic!("{reply:?}") };
        channel
    };
    let (den, attic, hall) = (channel(second, "den"), channel(second, "attic"), channel(main, "hall"));
    let settings = ChannelSettings { topic: Some(Some("dust".to_owned())), ..ChannelSettings::default() };
    run(Actor::System, Command::ChangeChannel { channel: attic, settings });
    run(Actor::System, Command::MoveChannel { channel: attic, position: 0 });
    let (target, allow, deny) = (OverrideTarget::Member(ann), Permissions::SEND, Permissions::NONE);
    run(Actor::System, Command::SetOverride { channel: attic, target, allow, deny });
    messages(run, hall, ann);
    run(Actor::System, Command::ClearOverride { channel: attic, target });
    run(me, post(attic, "gone soon"));
    run(Actor::System, Command::DeleteChannel { channel: attic });
    run(me, post(den, "gone with the space"));
    run(Actor::System, Command::DeleteChannel { channel: hall });
    run(Actor::System, Command::DeleteSpace { space: second });
    let reply = run(me, Command::OpenConversation { with: bob });
    let Reply::Channel { channel: talk, .. } = reply else { panic!("{reply:?}") };
    run(me, Command::Relate { to: bob, relation: Relation::Block, on: false });
    run(Actor::Account(bob), post(talk, "between us"));
    run(me, Command::OpenConversation { with: ann });
}

fn messages(run: Run<'_>, channel: commonroom_core::ChannelId, ann: AccountId) {
    let me = Actor::Account(ann);
    run(me, post(channel, "first"));
    let reply = run(me, post(channel, "hello @everyone"));
    let Reply::Message { message, .. } = reply else { panic!("{reply:?}") };
    let id = message.id;
    run(me, Command::React { message: id, emoji: "👍".to_owned(), on: true });
    run(me, Command::edit(id, "hello @Bob".to_owned()));
    run(me, Command::React { message: id, emoji: "👍".to_owned(), on: false });
    run(me, Command::MarkRead { channel, message: None });
    // The newest message stays the newest one when it is deleted.
    run(me, Command::DeleteMessage { message: id });
}

fn grid(run: Run<'_>, main: SpaceId, ann: AccountId) {
    let me = Actor::Account(ann);
    run(me, Command::SetSquare { space: main, square: (3, -4) });
    // 0.1 + 0.2 needs all its digits.
    let params = BTreeMap::from([
        ("sides".to_owned(), Param::Int(6)),
        ("weight".to_owned(), Param::Real(0.1 + 0.2)),
        ("whole".to_owned(), Param::Real(2.0)),
        ("loaded".to_owned(), Param::Bool(true)),
        ("note".to_owned(), Param::Text("7".to_owned())),
    ]);
    let mut place = |title: &str| {
        let (kind, title, params) = ("dice".to_owned(), title.to_owned(), params.clone());
        let reply = run(me, Command::PlaceItem(NewItem { space: main, kind, title, square: (1, 2), params }));
        let Reply::Item(item) = reply else { panic!("{reply:?}") };
        item.id
    };
    let (kept, removed) = (place("kept"), place("removed"));
    let change = ItemChange { square: Some((-5, 0)), ..ItemChange::default() };
    run(me, Command::Item { item: kept, deed: ItemDeed::Change(change) });
    run(me, Command::Item { item: removed, deed: ItemDeed::Remove });
}

fn departures(run: Run<'_>, main: SpaceId, ann: AccountId, bob: AccountId) {
    let reason = Some("noise".to_owned());
    let until = Some(Timestamp(i64::MAX));
    run(Actor::System, Command::Timeout { space: main, account: bob, until, reason: reason.clone() });
    run(Actor::System, Command::Timeout { space: main, account: bob, until: None, reason: None });
    run(Actor::System, Command::Ban { space: main, account: bob, reason: reason.clone(), until: None });
    run(Actor::System, Command::Unban { space: main, account: bob });
    run(Actor::Account(bob), Command::JoinSpace { space: main, via: Protocol::Together });
    run(Actor::System, Command::Ban { space: main, account: bob, reason: None, until });
    run(Actor::System, Command::Kick { space: main, account: ann, reason });
}

pub fn the_default_space_stays_the_oldest(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (main, ann) = (world.main(), world.person("Ann"));
    for number in 0..20 {
        world.space(ann, &format!("space {number}"));
    }
    world.must(Actor::System, Command::ChangeSpace { space: main, settings: SpaceSettings::default() });
    world.check_load(open);
    drop(world);
    assert_eq!(World::start(open, 1).main(), main);
}

pub fn a_restart_keeps_everything_and_numbers_rise(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (main, general, ann) = (world.main(), world.general(), world.person("Ann"));
    let doomed = world.channel(main, "doomed");
    let mut number = 0;
    let mut seq = 0;
    for run in 1..4 {
        // The newest message goes with its channel, but its number is not given again.
        world.say(ann, general, "before");
        let last = world.say(ann, if run == 1 { doomed } else { general }, "last of its run");
        assert!(last.number > number);
        number = last.number;
        if run == 1 {
            world.must(Actor::System, Command::DeleteChannel { channel: doomed });
        }
        let before = plain(&world.directory());
        drop(world);
        world = World::start(open, run);
        assert_same(&plain(&world.directory()), &before);
        let next = world.say(ann, general, "after");
        assert_eq!(next.number, number + 1);
        assert!(next.seq > seq);
        (number, seq) = (next.number, next.seq);
        let guest = world.person(&format!("Guest {run}"));
        let known = world.directory().account(guest).map(|account| account.number);
        assert_eq!(known, Some(i64::from(run) + 1));
        world.check_load(open);
    }
    assert_eq!(world.run(Actor::System, register("ann")), Err(Refusal::NameTaken));
}

pub fn the_secret_of_the_instance_is_made_once(open: Open<'_>) {
    let first = open().instance_key(&mut || [7; 32]).expect("makes one");
    assert_eq!(first, [7; 32]);
    let again = open().instance_key(&mut || panic!("there is one already")).expect("finds it");
    assert_eq!(again, first);
}
