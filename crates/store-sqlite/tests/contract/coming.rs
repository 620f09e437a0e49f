//! Invitations, access, and what will happen: checked, stored, found again after a restart.

use super::Open;
use super::world::World;
use commonroom_core::account::Protocol;
use commonroom_core::command::{
    AccessCommand, Actor, Command, InviteCommand, NewFile, NewMessage, Reply, Silence, SpaceSettings,
};
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, InviteId, MessageId, SpaceId};
use commonroom_core::limits;
use commonroom_core::message::Happening;
use commonroom_core::query::{Found, Query};
use commonroom_core::refusal::Refusal;
use commonroom_core::secret::TokenHash;

fn invite(world: &mut World, by: AccountId, space: SpaceId, max_uses: Option<u32>) -> (InviteId, String) {
    let create = InviteCommand::Create { space, max_uses, expires_at: None };
    let Reply::Invite(id) = world.must(Actor::Account(by), Command::Invite(create)) else {
        panic!("an invite")
    };
    (id, world.directory().invite(id).expect("there").code.clone())
}

fn accept(code: &str) -> Command {
    Command::Invite(InviteCommand::Accept { code: code.to_owned(), via: Protocol::Together })
}

pub fn invitations_are_counted_and_never_used_too_often(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (ann, bob, cleo) = (world.person("Ann"), world.person("Bob"), world.person("Cleo"));
    let space = world.space(ann, "club");
    let (once, code) = invite(&mut world, ann, space, Some(1));
    let (_, endless) = invite(&mut world, ann, space, None);
    assert_ne!(code, endless);
    let create = Command::Invite(InviteCommand::Create { space, max_uses: None, expires_at: None });
    assert_eq!(world.run(Actor::Account(bob), create), Err(Refusal::NoSuchSpace));
    assert_eq!(world.run(Actor::Account(bob), accept("nothing")), Err(Refusal::NoSuchInvite));
    // Two at once: one comes in.
    let both = vec![(Actor::Account(bob), accept(&code)), (Actor::Account(cleo), accept(&code))];
    let (committed, _) = world.batch(both);
    assert_eq!(committed.answers, [Ok(Reply::Space(space)), Err(Refusal::InviteUsedUp)]);
    assert_eq!(world.run(Actor::Account(bob), accept(&endless)), Err(Refusal::Already));
    world.check_load(open);
    drop(world);
    let mut world = World::start(open, 1);
    assert_eq!(world.directory().invite(once).expect("kept").uses, 1);
    world.must(Actor::Account(cleo), accept(&endless));
    assert!(world.directory().member(space, cleo).is_some());
    world.must(Actor::Account(ann), Command::Invite(InviteCommand::Revoke { invite: once }));
    assert!(world.directory().invite_with(&code).is_none());
    world.must(Actor::Account(ann), Command::DeleteSpace { space });
    assert!(world.directory().invite_with(&endless).is_none());
    world.check_load(open);
}

pub fn an_invitation_that_is_used_up_makes_room(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (ann, bob) = (world.person("Ann"), world.person("Bob"));
    let space = world.space(ann, "club");
    let (once, code) = invite(&mut world, ann, space, Some(1));
    let create = Command::Invite(InviteCommand::Create { space, max_uses: None, expires_at: None });
    let more = vec![(Actor::Account(ann), create.clone()); limits::INVITES_PER_SPACE - 1];
    let (committed, _) = world.batch(more);
    assert!(committed.answers.iter().all(Result::is_ok));
    assert_eq!(world.run(Actor::Account(ann), create.clone()), Err(Refusal::Full));
    world.must(Actor::Account(bob), accept(&code));
    world.must(Actor::Account(ann), create.clone());
    assert!(world.directory().invite(once).is_none());
    assert_eq!(world.run(Actor::Account(ann), create), Err(Refusal::Full));
    world.check_load(open);
}

pub fn a_space_is_given_away_by_its_owner_only(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (ann, bob) = (world.person("Ann"), world.person("Bob"));
    let space = world.space(ann, "club");
    let give = |to| Command::ChangeSpace {
        space,
        settings: SpaceSettings { owner: Some(to), ..SpaceSettings::default() },
    };
    assert_eq!(world.run(Actor::Account(ann), give(bob)), Err(Refusal::NoSuchAccount));
    let (_, code) = invite(&mut world, ann, space, None);
    world.must(Actor::Account(bob), accept(&code));
    assert_eq!(world.run(Actor::Account(bob), give(bob)), Err(Refusal::NotAllowed));
    let hush = Silence { space, account: bob, muted: Some(true), deafened: None };
    world.must(Actor::Account(ann), Command::SilenceMember(hush));
    assert!(world.directory().member(space, bob).expect("a member").muted);
    world.must(Actor::Account(ann), give(bob));
    assert_eq!(world.directory().space(space).expect("there").owner, Some(bob));
    assert_eq!(world.run(Actor::Account(ann), Command::SilenceMember(hush)), Err(Refusal::NotAllowed));
    world.check_load(open);
}

pub fn leaving_lifts_nothing_that_moderators_imposed(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (ann, bob, cid) = (world.person("Ann"), world.person("Bob"), world.person("Cid"));
    let space = world.space(ann, "club");
    let (_, code) = invite(&mut world, ann, space, None);
    for somebody in [bob, cid] {
        world.must(Actor::Account(somebody), accept(&code));
    }
    let hush = Silence { space, account: bob, muted: Some(true), deafened: None };
    world.must(Actor::Account(ann), Command::SilenceMember(hush));
    for somebody in [bob, cid] {
        world.must(Actor::Account(somebody), Command::LeaveSpace { space });
    }
    world.check_load(open);
    drop(world);
    let mut world = World::start(open, 1);
    assert!(world.directory().member(space, bob).is_none());
    for (somebody, muted) in [(bob, true), (cid, false)] {
        world.must(Actor::Account(somebody), accept(&code));
        assert_eq!(world.directory().member(space, somebody).expect("back").muted, muted);
    }
    world.check_load(open);
    world.must(Actor::Account(bob), Command::LeaveSpace { space });
    world.must(Actor::Account(ann), Command::DeleteSpace { space });
    world.check_load(open);
}

pub fn who_forgot_their_password_gets_in_once_and_who_is_switched_off_not_at_all(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (ann, bob) = (world.person("Ann"), world.person("Bob"));
    let (code, later) = (TokenHash::of("code"), Timestamp(1_700_000_100_000_000));
    let issue = Command::Access(AccessCommand::IssueReset { account: bob, code, until: later });
    assert_eq!(world.run(Actor::Account(ann), issue.clone()), Err(Refusal::NotAllowed));
    world.must(Actor::System, issue);
    world.check_load(open);
    let reset = |code| Command::Access(AccessCommand::ResetPassword { code, password: "new".to_owned() });
    assert_eq!(world.run(Actor::System, reset(TokenHash::of("other"))), Err(Refusal::NoSuchLogin));
    assert_eq!(world.run(Actor::System, reset(code)), Ok(Reply::Account(bob)));
    assert_eq!(world.directory().account(bob).expect("there").password.as_deref(), Some("new"));
    assert_eq!(world.run(Actor::System, reset(code)), Err(Refusal::NoSuchLogin));
    let off = |disabled| Command::Access(AccessCommand::SetDisabled { account: bob, disabled });
    world.must(Actor::System, off(true));
    assert_eq!(world.run(Actor::System, off(true)), Err(Refusal::Already));
    assert!(world.directory().account(bob).expect("there").disabled);
    world.check_load(open);
}

pub fn words_and_happenings_are_found(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let ann = world.person("Ann");
    let (general, other) = (world.general(), world.channel(world.main(), "other"));
    let first = world.say(ann, general, "The quick foxes, über-quick");
    let second = world.say(ann, general, "a slow fox");
    world.say(ann, other, "fox elsewhere");
    let find = |words: &[&str], before: Option<MessageId>| Query::Find {
        channels: vec![general],
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        before,
        limit: 10,
    };
    let found = |world: &World, query: &Query| {
        let found = world.find(query);
        let Found::Messages { messages, total, .. } = found else { panic!("{found:?}") };
        (messages.iter().map(|message| message.id).collect::<Vec<_>>(), total)
    };
    assert_eq!(found(&world, &find(&["FOX"], None)), (vec![second.id, first.id], 2));
    assert_eq!(found(&world, &find(&["fox"], Some(second.id))), (vec![first.id], 2));
    assert_eq!(found(&world, &find(&["fox", "über"], None)), (vec![first.id], 1));
    assert_eq!(found(&world, &find(&["ox"], None)), (vec![], 0));
    let tell = |name: &str, starts_at: i64| {
        let happening =
            Happening { name: name.to_owned(), description: None, starts_at: Timestamp(starts_at) };
        let new = NewMessage { happening: Some(Box::new(happening)), ..NewMessage::said(general, "") };
        Command::PostMessage(new)
    };
    let late = world.message(ann, tell("late", 30));
    let soon = world.message(ann, tell("soon", 20));
    let gone = world.message(ann, tell("gone", 25));
    world.message(ann, tell("past", 10));
    world.delete(ann, gone.id);
    let coming = Query::Happenings { channels: vec![general], after: Timestamp(15), limit: 10 };
    assert_eq!(found(&world, &coming).0, [soon.id, late.id]);
    world.check_load(open);
}

pub fn files_can_be_added_to_what_was_said(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (ann, bob) = (world.person("Ann"), world.person("Bob"));
    let said = world.say(ann, world.general(), "look");
    let file = |name: &str| NewFile {
        name: name.to_owned(),
        mime: "text/plain".to_owned(),
        size: 1,
        hash: "ef".repeat(32),
        dimensions: None,
        channel: said.channel,
        expires_at: None,
        permanent: false,
        keep: None,
    };
    let share = |names: &[&str]| Command::ShareFiles {
        message: said.id,
        files: names.iter().map(|name| file(name)).collect(),
    };
    assert_eq!(world.run(Actor::Account(bob), share(&["a"])), Err(Refusal::NotAuthor));
    assert_eq!(world.run(Actor::Account(ann), share(&["a", ""])), Err(Refusal::BadName));
    let shared = world.message(ann, share(&["a", "b"]));
    assert_eq!(shared.files.len(), 2);
    let found = world.find(&Query::File { file: shared.files[1].id });
    assert_eq!(found, Found::File(Some((shared.files[1].clone(), Some(said.id)))));
    let many: Vec<String> = (0..9).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(world.run(Actor::Account(ann), share(&many)), Err(Refusal::Full));
    world.check_load(open);
}
