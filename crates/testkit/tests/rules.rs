//! Rules of the core that hold whatever protocol asks.

use commonroom_core::account::Protocol;
use commonroom_core::channel::{ChannelKind, Grant};
use commonroom_core::command::{Actor, ChannelSettings, Command, NewMessage, Registration as NewAccount};
use commonroom_core::engine::{Registration, Rules};
use commonroom_core::ids::ChannelId;
use commonroom_core::{Permissions, Refusal, Reply, Timestamp, policy};
use commonroom_store_sqlite::SqliteStore;
use commonroom_testkit::World;

fn world(registration: Registration, name: &str) -> World {
    let store = SqliteStore::memory(name).expect("a store in memory opens");
    World::with(Box::new(store), Rules { registration, ..Rules::default() }, 5)
}

fn account(name: &str) -> Command {
    Command::Register(NewAccount {
        username: name.to_owned(),
        display_name: None,
        email: None,
        password: "x".to_owned(),
        invite: None,
        via: Protocol::ChatGrid,
    })
}

fn post(world: &World, text: &str, nonce: Option<&str>) -> Command {
    let directory = world.state().directory;
    let channel = directory.default_space().and_then(|space| space.default_channel).expect("general");
    Command::PostMessage(NewMessage {
        ping: false,
        nonce: nonce.map(str::to_owned),
        ..NewMessage::said(channel, text)
    })
}

#[test]
fn a_closed_instance_registers_nobody() {
    let mut closed = world(Registration::Closed, "closed");
    assert_eq!(closed.command(Actor::System, account("ann")), Err(Refusal::RegistrationClosed));
    let mut invite = world(Registration::Invite, "invite");
    assert_eq!(invite.command(Actor::System, account("ann")), Err(Refusal::InviteRequired));
}

#[test]
fn twins_of_a_name_are_one_name() {
    let mut world = world(Registration::Open, "twins");
    assert!(world.command(Actor::System, account("Alice")).is_ok());
    for twin in ["alice", "ALICE", "аlice", "ａｌｉｃｅ"] {
        assert_eq!(world.command(Actor::System, account(twin)), Err(Refusal::NameTaken), "{twin}");
    }
}

#[test]
fn the_same_nonce_is_the_same_message() {
    let mut world = world(Registration::Open, "nonce");
    let ann = world.member("ann");
    let first = post(&world, "hello", Some("n1"));
    let Ok(Reply::Message { message, new: true }) = world.command(Actor::Account(ann), first.clone()) else {
        panic!("not posted")
    };
    for _ in 0..2 {
        let again = world.command(Actor::Account(ann), first.clone());
        assert_eq!(again, Ok(Reply::Message { message: message.clone(), new: false }));
    }
}

#[test]
fn leaving_and_coming_back_lifts_no_timeout() {
    let mut world = world(Registration::Open, "timeout");
    let ann = world.member("ann");
    let space = world.state().directory.default_space().expect("main").id;
    let until = Timestamp(i64::MAX);
    let silence = Command::Timeout { space, account: ann, until: Some(until), reason: None };
    assert!(world.command(Actor::System, silence).is_ok());
    let back = Command::JoinSpace { space, via: Protocol::Together };
    assert!(world.command(Actor::Account(ann), Command::LeaveSpace { space }).is_ok());
    assert!(world.command(Actor::Account(ann), back).is_ok());
    let said = post(&world, "hello", None);
    assert_eq!(world.command(Actor::Account(ann), said), Err(Refusal::TimedOut { until }));
}

#[test]
fn a_name_that_is_only_dots_and_dashes_costs_nothing() {
    let mut world = world(Registration::Open, "dots");
    let ann = world.member("ann");
    let text = format!("@{}{} @ann- @ann.", "\u{fdfa}".repeat(1_000), "-".repeat(2_000));
    let said = post(&world, &text, None);
    let Ok(Reply::Message { message, .. }) = world.command(Actor::Account(ann), said) else {
        panic!("not posted")
    };
    assert_eq!(message.mentions, [ann]);
}

#[test]
fn an_owner_made_of_a_known_name_leaves_nobody_signed_in() {
    let mut world = world(Registration::Open, "owner");
    let squatter = world.member("boss");
    let token = commonroom_core::secret::TokenHash::of("a token");
    let login = Command::BeginLogin {
        kind: commonroom_core::account::LoginKind::Refresh,
        token,
        expires_at: Timestamp(i64::MAX),
    };
    assert!(world.command(Actor::Account(squatter), login).is_ok());
    world.mount("mirror", std::sync::Arc::new(commonroom_testkit::mirror::Mirror), axum::Router::new());
    commonroom_testkit::Stage::open(&mut world, "old", "mirror", &format!("/{squatter}"), &[])
        .expect("it opens");
    commonroom_testkit::Stage::owner(&mut world, "boss", "another password").expect("an owner");
    let state = world.state();
    assert!(state.directory.login_with(token).is_none(), "the old sign-in still works");
    let displaced = commonroom_testkit::Stage::receive(&mut world, "old");
    let closed = Some(commonroom_testkit::stage::Received::Close(4001));
    assert!(
        std::iter::successors(displaced, |_| commonroom_testkit::Stage::receive(&mut world, "old"))
            .any(|got| Some(got) == closed)
    );
}

#[test]
fn a_guest_is_never_made_an_owner() {
    let mut world = world(Registration::Open, "guest");
    let space = world.state().directory.default_space().expect("main").id;
    let guest = Command::EnterGuest { name: "chief".to_owned(), space, via: Protocol::BareRtc };
    let Ok(Reply::Account(guest)) = world.command(Actor::System, guest) else { panic!("no guest") };
    commonroom_testkit::Stage::owner(&mut world, "chief", "a password").expect("an owner");
    let directory = world.state().directory;
    let owner = directory.account_named("chief").expect("the owner");
    assert_ne!(owner.id, guest);
    assert!(directory.account(guest).is_some_and(|guest| guest.retired));
}

/// A channel whose lists let these roles see it.
fn listed(world: &mut World, name: &str, roles: &[(&str, bool)]) -> ChannelId {
    let space = world.state().directory.default_space().expect("main").clone();
    let id = |name: &str| space.role_named(name).expect("a known role").id;
    let roles = roles.iter().map(|(role, allowed)| (id(role), *allowed)).collect();
    let settings = ChannelSettings {
        name: Some(name.to_owned()),
        grants: Some(vec![Grant { permission: Permissions::VIEW, roles }]),
        ..ChannelSettings::default()
    };
    let create = Command::CreateChannel { space: space.id, kind: ChannelKind::Text, settings };
    match world.command(Actor::System, create) {
        Ok(Reply::Channel { channel, new: true }) => channel,
        other => panic!("{other:?}"),
    }
}

#[test]
fn guests_count_as_everybody_where_lists_do_not_name_them() {
    let mut world = world(Registration::Open, "guests");
    let ann = world.member("ann");
    let space = world.state().directory.default_space().expect("main").id;
    let enter = Command::EnterGuest { name: "visitor".to_owned(), space, via: Protocol::BareRtc };
    let Ok(Reply::Account(guest)) = world.command(Actor::System, enter) else { panic!("not entered") };
    let open = listed(&mut world, "open", &[("user", true)]);
    let members = listed(&mut world, "members", &[("guest", false), ("user", true)]);
    let closed = listed(&mut world, "closed", &[("admin", true)]);
    let state = world.state();
    let sees = |channel, account| {
        let channel = state.directory.channel(channel).expect("made");
        policy::may_view(&state.directory, channel, account)
    };
    assert_eq!([open, members, closed].map(|channel| sees(channel, ann)), [true, true, false]);
    assert_eq!([open, members, closed].map(|channel| sees(channel, guest)), [true, false, false]);
}
