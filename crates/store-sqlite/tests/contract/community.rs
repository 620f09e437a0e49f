//! Threads, pins, polls, files, emoji, webhooks, the audit log and push: checked, stored, found again after a restart.

use super::Open;
use super::world::{World, post};
use commonroom_core::audit::AuditAction;
use commonroom_core::channel::{ChannelKind, Grant};
use commonroom_core::command::{
    Actor, ChannelSettings, Command, NewFile, NewMessage, Reply, RoleSettings, ThreadChange,
};
use commonroom_core::env::Timestamp;
use commonroom_core::file::{File, Picture};
use commonroom_core::ids::{AccountId, ChannelId, FileId, MessageId, RoleId};
use commonroom_core::message::Message;
use commonroom_core::permission::Permissions;
use commonroom_core::policy;
use commonroom_core::poll::{Poll, PollOption};
use commonroom_core::query::{AuditFilter, Found, Page, Query};
use commonroom_core::refusal::Refusal;
use std::sync::Arc;

fn messages(world: &World, query: &Query) -> Vec<MessageId> {
    let found = world.find(query);
    let Found::Messages { messages, .. } = found else { panic!("{found:?}") };
    messages.iter().map(|message| message.id).collect()
}

pub(super) fn owner(world: &mut World) -> AccountId {
    let command = Command::CreateOwner { username: "Olga".to_owned(), password: "$argon2id$".to_owned() };
    let Reply::Account(account) = world.must(Actor::System, command) else { panic!("an account") };
    account
}

pub(super) fn role(world: &mut World, by: AccountId, name: &str, permissions: Permissions) -> RoleId {
    let space = world.main();
    let settings = RoleSettings {
        name: Some(name.to_owned()),
        permissions: Some(permissions),
        ..RoleSettings::default()
    };
    let reply = world.must(Actor::Account(by), Command::CreateRole { space, settings });
    let Reply::Role(role) = reply else { panic!("{reply:?}") };
    role
}

fn forum(world: &mut World) -> ChannelId {
    let space = world.main();
    let settings = ChannelSettings { name: Some("ideas".to_owned()), ..ChannelSettings::default() };
    let create = Command::CreateChannel { space, kind: ChannelKind::Forum, settings };
    let Reply::Channel { channel, .. } = world.must(Actor::System, create) else { panic!("a channel") };
    channel
}

fn thread(world: &mut World, who: AccountId, parent: ChannelId, name: &str) -> ChannelId {
    let create = Command::CreateThread { parent, name: name.to_owned(), root: None };
    let Reply::Channel { channel, .. } = world.must(Actor::Account(who), create) else { panic!("a channel") };
    channel
}

pub fn threads_live_and_end_with_their_forum(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (olga, ann, bob) = (owner(&mut world), world.person("Ann"), world.person("Bob"));
    let (parent, general) = (forum(&mut world), world.general());
    let create = Command::CreateThread { parent: general, name: "no".to_owned(), root: None };
    assert_eq!(world.run(Actor::Account(ann), create), Err(Refusal::WrongChannelKind));
    let room = thread(&mut world, ann, parent, "first");
    assert_eq!(world.run(Actor::Account(ann), post(parent, "x")), Err(Refusal::WrongChannelKind));
    let said = world.say(bob, room, "hello @ann");
    assert_eq!((said.channel, said.seq), (room, 1));
    let known =
        |world: &World| world.directory().channel(room).expect("there").thread.clone().expect("a thread");
    assert_eq!(known(&world).participants, [ann, bob]);
    let change = |change| Command::ChangeThread { thread: room, change };
    let lock = ThreadChange { locked: Some(true), ..ThreadChange::default() };
    assert_eq!(world.run(Actor::Account(ann), change(lock.clone())), Err(Refusal::NotAllowed));
    assert_eq!(world.run(Actor::Account(bob), change(ThreadChange::default())), Err(Refusal::NotAllowed));
    world.must(Actor::Account(olga), change(lock));
    assert_eq!(world.run(Actor::Account(bob), post(room, "x")), Err(Refusal::Locked));
    let page = Query::History { channel: room, page: Page::Newest { skip: 0 }, limit: 10 };
    assert_eq!(messages(&world, &page), [said.id]);
    let open_again =
        ThreadChange { locked: Some(false), archived: Some(true), name: Some("First".to_owned()) };
    world.must(Actor::Account(olga), change(open_again));
    assert!(known(&world).archived);
    world.say(bob, room, "and out of the archive");
    assert!(!known(&world).archived);
    world.must(Actor::Account(bob), Command::FollowThread { thread: room, on: false });
    world.must(Actor::Account(ann), Command::FollowThread { thread: room, on: false });
    assert_eq!(known(&world).participants, [ann], "who opened it stays");
    world.check_load(open);
    drop(world);
    let mut world = World::start(open, 1);
    assert_eq!(world.directory().threads_of(parent).count(), 1);
    let delete = Command::DeleteChannel { channel: room };
    assert_eq!(world.run(Actor::Account(bob), delete.clone()), Err(Refusal::NotAllowed));
    let second = thread(&mut world, ann, parent, "second");
    world.must(Actor::Account(ann), delete);
    world.must(Actor::System, Command::DeleteChannel { channel: parent });
    assert!(world.directory().channel(second).is_none());
    assert_eq!(messages(&world, &page), []);
    world.check_load(open);
}

pub fn role_lists_decide_in_the_order_of_a_members_roles(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (olga, ann) = (owner(&mut world), world.person("Ann"));
    let space = world.main();
    let muted = role(&mut world, olga, "muted", Permissions::NONE);
    let vip = role(&mut world, olga, "vip", Permissions::NONE);
    let user =
        world.directory().space(space).and_then(|space| space.everyone().map(|role| role.id)).expect("one");
    let channel = world.channel(space, "stage");
    let list = |world: &mut World, roles: &[(RoleId, bool)]| {
        let grants = vec![Grant { permission: Permissions::SEND, roles: roles.to_vec() }];
        let settings = ChannelSettings { grants: Some(grants), ..ChannelSettings::default() };
        world.must(Actor::Account(olga), Command::ChangeChannel { channel, settings });
    };
    let give = |world: &mut World, roles: &[RoleId]| {
        let set = Command::SetRoles { space, account: ann, roles: roles.to_vec() };
        world.must(Actor::Account(olga), set);
    };
    let may = |world: &World, who: AccountId| {
        let directory = world.directory();
        let place = directory.channel(channel).expect("there");
        policy::permissions_in(&directory, place, who).has(Permissions::SEND)
    };
    list(&mut world, &[(user, true), (muted, false)]);
    assert!(may(&world, ann));
    give(&mut world, &[muted]);
    assert!(!may(&world, ann));
    list(&mut world, &[(vip, true), (muted, false)]);
    give(&mut world, &[vip, muted]);
    assert!(may(&world, ann));
    give(&mut world, &[muted, vip]);
    assert!(!may(&world, ann));
    list(&mut world, &[]);
    give(&mut world, &[vip]);
    assert!(!may(&world, ann) && may(&world, olga), "nobody but the owner");
    world.check_load(open);
    world.must(Actor::Account(olga), Command::DeleteRole { space, role: vip });
    assert_eq!(world.directory().member(space, ann).expect("a member").roles, []);
    world.check_load(open);
}

pub fn roles_are_ranked_and_nobody_rises_by_themselves(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (olga, ann, bob) = (owner(&mut world), world.person("Ann"), world.person("Bob"));
    let space = world.main();
    let high = role(&mut world, olga, "high", Permissions::MANAGE_ROLES | Permissions::PIN);
    let low = role(&mut world, olga, "low", Permissions::NONE);
    let names = |world: &World| -> Vec<String> {
        world.directory().space(space).expect("there").roles.iter().map(|role| role.name.clone()).collect()
    };
    assert_eq!(names(&world), ["owner", "admin", "moderator", "high", "low", "user", "guest"]);
    world.must(Actor::Account(olga), Command::SetRoles { space, account: ann, roles: vec![high] });
    let settings = |permissions| RoleSettings { permissions: Some(permissions), ..RoleSettings::default() };
    let change = |role, permissions| Command::ChangeRole { space, role, settings: settings(permissions) };
    assert_eq!(
        world.run(Actor::Account(ann), change(low, Permissions::BAN_MEMBERS)),
        Err(Refusal::NotAllowed)
    );
    world.must(Actor::Account(ann), change(low, Permissions::PIN));
    assert_eq!(world.run(Actor::Account(ann), change(high, Permissions::PIN)), Err(Refusal::NotAllowed));
    let set = |account, roles: &[RoleId]| Command::SetRoles { space, account, roles: roles.to_vec() };
    assert_eq!(world.run(Actor::Account(ann), set(ann, &[high, low])), Ok(Reply::Done));
    assert_eq!(world.run(Actor::Account(ann), set(bob, &[high])), Err(Refusal::NotAllowed));
    let all: Vec<RoleId> =
        world.directory().space(space).expect("there").roles.iter().map(|role| role.id).collect();
    assert_eq!(world.run(Actor::Account(ann), set(ann, &[all[0]])), Err(Refusal::NotAllowed));
    assert_eq!(world.run(Actor::Account(ann), set(olga, &[])), Err(Refusal::NotAllowed));
    assert_eq!(world.run(Actor::Account(olga), set(olga, &[])), Err(Refusal::Owner), "the last owner stays");
    let mut order = all.clone();
    order.swap(3, 4);
    assert_eq!(
        world.run(Actor::Account(ann), Command::ReorderRoles { space, roles: order.clone() }),
        Err(Refusal::NotAllowed)
    );
    world.must(Actor::Account(olga), Command::ReorderRoles { space, roles: order });
    assert_eq!(names(&world), ["owner", "admin", "moderator", "low", "high", "user", "guest"]);
    for kept in [all[0], all[5], all[6]] {
        assert_eq!(
            world.run(Actor::Account(olga), Command::DeleteRole { space, role: kept }),
            Err(Refusal::Invalid)
        );
    }
    let offer = RoleSettings { self_assignable: Some(true), ..RoleSettings::default() };
    let offering = |role| Command::ChangeRole { space, role, settings: offer.clone() };
    assert_eq!(world.run(Actor::Account(olga), offering(high)), Err(Refusal::Invalid));
    world.must(Actor::Account(olga), offering(low));
    world.must(Actor::Account(bob), Command::ChooseRole { space, role: low, on: true });
    assert_eq!(
        world.run(Actor::Account(bob), Command::ChooseRole { space, role: high, on: true }),
        Err(Refusal::NotAllowed)
    );
    world.check_load(open);
}

pub fn pins_replies_and_searches_find_what_is_there(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (olga, ann) = (owner(&mut world), world.person("Ann"));
    let (general, other) = (world.general(), world.channel(world.main(), "other"));
    let first = world.say(ann, general, "Grüße aus Köln");
    let second = world.say(ann, general, "100% \"quoted\" text");
    world.say(ann, other, "grüße from elsewhere");
    let answer =
        Command::PostMessage(NewMessage { reply_to: Some(first.id), ..NewMessage::said(general, "yes") });
    let answer = world.message(ann, answer);
    assert_eq!(messages(&world, &Query::Replies { message: first.id, limit: 10 }), [answer.id]);
    let search = |words: &str| Query::Search { channels: vec![general], words: words.to_owned(), limit: 10 };
    assert_eq!(messages(&world, &search("GRÜSSE")), []);
    assert_eq!(messages(&world, &search("grüße AUS")), [first.id]);
    assert_eq!(messages(&world, &search("e")), [answer.id, second.id, first.id]);
    assert_eq!(messages(&world, &search("100% \"QUO")), [second.id]);
    assert_eq!(messages(&world, &search("author")), [], "only the text is searched");
    let pin = |message, on| Command::Pin { message, on };
    assert_eq!(world.run(Actor::Account(ann), pin(first.id, true)), Err(Refusal::NotAllowed));
    world.must(Actor::Account(olga), pin(first.id, true));
    world.must(Actor::Account(olga), pin(second.id, true));
    assert_eq!(world.run(Actor::Account(olga), pin(first.id, true)), Err(Refusal::Already));
    let pins = Query::Pins { channel: general };
    assert_eq!(messages(&world, &pins), [second.id, first.id]);
    world.must(Actor::Account(olga), pin(second.id, false));
    world.delete(ann, first.id);
    assert_eq!(messages(&world, &pins), []);
    assert_eq!(messages(&world, &search("köln")), []);
}

pub fn pings_are_mentions_answers_and_roles(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (olga, ann, bob) = (owner(&mut world), world.person("Ann"), world.person("Bob"));
    let (space, general) = (world.main(), world.general());
    let helpers = role(&mut world, olga, "helpers", Permissions::NONE);
    world.must(Actor::Account(olga), Command::SetRoles { space, account: ann, roles: vec![helpers] });
    let named = world.say(bob, general, "@ann");
    let own = world.say(ann, general, "@ann");
    let reply = |ping| {
        Command::PostMessage(NewMessage { reply_to: Some(own.id), ping, ..NewMessage::said(general, "re") })
    };
    let answered = world.message(bob, reply(true));
    world.message(bob, reply(false));
    let unheard = world.say(bob, general, "@&helpers");
    assert_eq!(unheard.mention_roles, [], "not everybody may mention a role");
    let heard = world.say(olga, general, "@&helpers");
    let pings = |skip, limit| Query::Pings {
        account: ann,
        roles: vec![helpers],
        channels: vec![general],
        skip,
        limit,
    };
    assert_eq!(messages(&world, &pings(0, 10)), [heard.id, answered.id, named.id]);
    assert_eq!(messages(&world, &pings(1, 1)), [answered.id]);
    let Found::Messages { total, .. } = world.find(&pings(2, 1)) else { panic!("messages") };
    assert_eq!(total, 3);
    let elsewhere =
        Query::Pings { account: ann, roles: Vec::new(), channels: Vec::new(), skip: 0, limit: 10 };
    assert_eq!(messages(&world, &elsewhere), []);
}

fn poll(multiple: bool, expires_at: Option<Timestamp>) -> Box<Poll> {
    let option =
        |id: &str| PollOption { id: id.to_owned(), text: id.to_owned(), emoji: None, by: Vec::new() };
    let options = vec![option("a"), option("b")];
    Box::new(Poll { question: "which?".to_owned(), options, multiple, expires_at, ended_at: None })
}

fn ask(world: &mut World, who: AccountId, poll: Box<Poll>) -> Arc<Message> {
    let general = world.general();
    let new = NewMessage { poll: Some(poll), ..NewMessage::said(general, "") };
    world.message(who, Command::PostMessage(new))
}

pub fn polls_count_each_choice_once_and_end(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (ann, bob) = (world.person("Ann"), world.person("Bob"));
    let single = ask(&mut world, ann, poll(false, None)).id;
    let vote = |message, options: &[&str]| Command::Vote {
        message,
        options: options.iter().map(|id| (*id).to_owned()).collect(),
    };
    let votes = |message: &Message| {
        let poll = message.poll.as_ref().expect("a poll");
        poll.options.iter().map(|option| option.by.len()).collect::<Vec<_>>()
    };
    assert_eq!(votes(&world.message(bob, vote(single, &["a"]))), [1, 0]);
    assert_eq!(votes(&world.message(bob, vote(single, &["b"]))), [0, 1]);
    assert_eq!(world.run(Actor::Account(bob), vote(single, &["a", "b"])), Err(Refusal::Invalid));
    assert_eq!(world.run(Actor::Account(bob), vote(single, &["c"])), Err(Refusal::NoSuchOption));
    assert_eq!(
        world.run(Actor::Account(bob), Command::EndPoll { message: single }),
        Err(Refusal::NotAllowed)
    );
    world.message(ann, Command::EndPoll { message: single });
    assert_eq!(world.run(Actor::Account(bob), vote(single, &["a"])), Err(Refusal::PollOver));
    let end = Timestamp(4_000_000_000_000_000);
    let timed = ask(&mut world, ann, poll(true, Some(end))).id;
    assert_eq!(votes(&world.message(bob, vote(timed, &["a", "b"]))), [1, 1]);
    assert_eq!(votes(&world.message(bob, vote(timed, &[]))), [0, 0]);
    assert_eq!(world.directory().next_poll(), Some((end, timed)));
    world.check_load(open);
    drop(world);
    let mut world = World::start(open, 1);
    assert_eq!(world.directory().next_poll(), Some((end, timed)));
    world.must(Actor::System, Command::EndPoll { message: timed });
    assert_eq!(world.directory().next_poll(), None);
    let gone = ask(&mut world, ann, poll(true, Some(end))).id;
    world.delete(ann, gone);
    assert_eq!(world.directory().next_poll(), None);
    world.check_load(open);
}

fn share(world: &mut World, who: AccountId, name: &str, keep: Option<usize>) -> Arc<File> {
    let new = NewFile {
        name: name.to_owned(),
        mime: "image/png".to_owned(),
        size: 3,
        hash: "ab".repeat(32),
        dimensions: Some((1, 2)),
        channel: world.general(),
        expires_at: None,
        permanent: false,
        keep,
    };
    let reply = world.must(Actor::Account(who), Command::AddFile(new));
    let Reply::File(file) = reply else { panic!("{reply:?}") };
    file
}

fn with_file(channel: ChannelId, file: FileId) -> Command {
    Command::PostMessage(NewMessage { files: vec![file], ..NewMessage::said(channel, "") })
}

pub fn files_belong_to_one_message_and_go_with_it(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (ann, bob) = (world.person("Ann"), world.person("Bob"));
    let (general, other) = (world.general(), world.channel(world.main(), "other"));
    let file = share(&mut world, ann, "cat.png", None);
    let known = |world: &World, id| {
        let found = world.find(&Query::File { file: id });
        let Found::File(found) = found else { panic!("{found:?}") };
        found.map(|(_, message)| message)
    };
    assert_eq!(known(&world, file.id), Some(None));
    assert_eq!(world.run(Actor::Account(bob), with_file(general, file.id)), Err(Refusal::NotAuthor));
    assert_eq!(world.run(Actor::Account(ann), with_file(other, file.id)), Err(Refusal::NoSuchFile));
    let message = world.message(ann, with_file(general, file.id));
    assert_eq!(message.files, std::slice::from_ref(&file));
    assert_eq!(known(&world, file.id), Some(Some(message.id)));
    assert_eq!(world.run(Actor::Account(ann), with_file(general, file.id)), Err(Refusal::NoSuchFile));
    let content = Query::FileContent { hash: file.hash.clone() };
    assert_eq!(world.find(&content), Found::Known(true));
    assert_eq!(
        world.run(Actor::Account(bob), Command::RemoveFile { file: file.id }),
        Err(Refusal::NotAuthor)
    );
    world.delete(ann, message.id);
    assert_eq!(known(&world, file.id), None);
    assert_eq!(world.find(&content), Found::Known(false));
    // Nobody posted these in time; the newest two may stay until then.
    let kept: Vec<FileId> = (0..3).map(|_| share(&mut world, ann, "dog.png", Some(2)).id).collect();
    assert_eq!(kept.iter().map(|id| known(&world, *id)).collect::<Vec<_>>(), [None, Some(None), Some(None)]);
    drop(world);
    let mut world = World::start(open, 2);
    world.must(Actor::System, Command::Sweep);
    assert_eq!(known(&world, kept[2]), None);
}

pub fn emoji_webhooks_and_browsers_come_back(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (olga, ann) = (owner(&mut world), world.person("Ann"));
    let space = world.main();
    let picture =
        Picture { hash: "cd".repeat(32), mime: "image/png".to_owned(), extension: "png".to_owned(), size: 9 };
    let add = |name: &str| Command::AddEmoji { space, name: name.to_owned(), picture: picture.clone() };
    assert_eq!(world.run(Actor::Account(ann), add("wave")), Err(Refusal::NotAllowed));
    assert_eq!(world.must(Actor::Account(olga), add("wave")), Reply::Emoji(0));
    assert_eq!(world.run(Actor::Account(olga), add("WAVE")), Err(Refusal::NameTaken));
    assert_eq!(world.must(Actor::Account(olga), add("bye")), Reply::Emoji(1));
    world.must(Actor::Account(olga), Command::RemoveEmoji { space, number: 1 });
    let channel = world.channel(space, "news");
    let create = Command::CreateWebhook { channel, name: "build".to_owned(), avatar: None };
    assert_eq!(world.run(Actor::Account(ann), create.clone()), Err(Refusal::NotAllowed));
    let Reply::Webhook(webhook) = world.must(Actor::Account(olga), create) else { panic!("a webhook") };
    let renew = Command::ChangeWebhook { webhook, name: None, avatar: None, renew: true };
    world.must(Actor::Account(olga), renew);
    assert_eq!(world.directory().webhook(webhook).expect("there").generation, 2);
    let subscribe = |number: usize| Command::SubscribePush {
        endpoint: format!("https://push.example/{number}"),
        p256dh: "k".to_owned(),
        auth: "a".to_owned(),
    };
    (0..12).for_each(|number| drop(world.must(Actor::Account(ann), subscribe(number))));
    assert_eq!(world.directory().pushes_of(ann).count(), 10);
    world.check_load(open);
    drop(world);
    let mut world = World::start(open, 1);
    assert_eq!(
        world.must(Actor::Account(olga), add("again")),
        Reply::Emoji(2),
        "numbers are not given again"
    );
    world.must(Actor::System, Command::DeleteChannel { channel });
    assert!(world.directory().webhook(webhook).is_none());
    world.must(Actor::System, Command::Retire { account: ann });
    assert_eq!(world.directory().pushes().count(), 0);
    world.check_load(open);
}

pub fn what_is_done_to_others_is_kept(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (olga, ann) = (owner(&mut world), world.person("Ann"));
    let (space, general) = (world.main(), world.general());
    let said = world.say(ann, general, "oh no");
    world.delete(olga, said.id);
    let own = world.say(ann, general, "mine");
    world.delete(ann, own.id);
    let ban = Command::Ban { space, account: ann, reason: Some("rude".to_owned()), until: None };
    world.must(Actor::Account(olga), ban);
    let page = |filter: AuditFilter, skip, limit| {
        let found = Query::Audit { space, filter, skip, limit };
        move |world: &World| {
            let found = world.find(&found);
            let Found::Audit { entries, total } = found else { panic!("{found:?}") };
            (entries.iter().map(|entry| entry.action).collect::<Vec<_>>(), total)
        }
    };
    let of = |actions: &[AuditAction]| AuditFilter { actions: actions.to_vec(), ..AuditFilter::default() };
    let both = of(&[AuditAction::UserBan, AuditAction::MessageDelete]);
    assert_eq!(page(both.clone(), 0, 9)(&world), (vec![AuditAction::UserBan, AuditAction::MessageDelete], 2));
    assert_eq!(page(both.clone(), 1, 9)(&world), (vec![AuditAction::MessageDelete], 2));
    let at_ann = AuditFilter { target: Some(ann.to_string()), ..both.clone() };
    assert_eq!(page(at_ann, 0, 1)(&world), (vec![AuditAction::UserBan], 2));
    let by_ann = AuditFilter { by: Some(ann), ..both.clone() };
    assert_eq!(page(by_ann, 0, 9)(&world).1, 0);
    let Found::AuditCounts(counts) = world.find(&Query::AuditCounts { space }) else { panic!("counts") };
    assert!(counts.contains(&(AuditAction::UserBan, 1)));
    drop(world);
    // 100 days later the message is forgotten and the ban is not.
    let mut world = World::start(open, 255);
    let later = world.engine.run(&[], Timestamp(1_700_000_000_000_000).plus_seconds(100 * 86_400));
    assert!(later.1.is_none());
    world.must(Actor::System, Command::Sweep);
    assert_eq!(page(both, 0, 9)(&world), (vec![AuditAction::UserBan], 1));
}
