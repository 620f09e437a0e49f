//! What an account has not read.

use super::Open;
use super::world::World;
use commonroom_core::command::{Actor, Command, NewMessage};
use commonroom_core::ids::{AccountId, ChannelId};
use commonroom_core::query::{Found, Query, Unread};

fn unreads(world: &World, account: AccountId, channels: &[ChannelId]) -> Vec<Unread> {
    let found = world.find(&Query::Unreads { account, channels: channels.to_vec(), written_is_read: true });
    let Found::Unreads(unreads) = found else { panic!("{found:?}") };
    unreads
}

fn unread(world: &World, account: AccountId, channel: ChannelId) -> Unread {
    let found = unreads(world, account, &[channel]);
    assert_eq!(found.len(), 1);
    found[0]
}

pub fn unread_counts_follow_the_mark(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (general, ann, bob) = (world.general(), world.person("Ann"), world.person("Bob"));
    let other = world.channel(world.main(), "other");
    let none = Unread { channel: general, last_read: None, marked: false, unread: 0, mentions: 0, total: 0 };
    assert_eq!(unread(&world, ann, general), none);
    let first = world.say(bob, general, "one");
    let own = world.say(ann, general, "who writes has read what stands above");
    let third = world.say(bob, general, "three");
    world.say(bob, other, "elsewhere");
    let written = Unread { marked: true, last_read: Some(own.id), unread: 1, total: 3, ..none };
    assert_eq!(unread(&world, ann, general), written);
    let only_marks = Query::Unreads { account: ann, channels: vec![general], written_is_read: false };
    assert_eq!(world.find(&only_marks), Found::Unreads(vec![Unread { unread: 2, total: 3, ..none }]));
    world.read(ann, general, Some(first.id));
    // Set back by hand, it stays there until she writes again; one's own is never unread.
    let marked = Unread { last_read: Some(first.id), ..written };
    assert_eq!(unread(&world, ann, general), marked);
    world.read(ann, general, None);
    let all_read = Unread { last_read: Some(third.id), unread: 0, ..marked };
    assert_eq!(unread(&world, ann, general), all_read);
    // In the order asked for; unknown channels have nothing in them.
    let listed = unreads(&world, ann, &[other, ChannelId::MIN, general]);
    assert_eq!(listed[0], Unread { channel: other, unread: 1, total: 1, ..none });
    assert_eq!(listed[1], Unread { channel: ChannelId::MIN, ..none });
    assert_eq!(listed[2], all_read);
    // A deleted message is not unread, and not the last one read.
    world.delete(bob, third.id);
    let shorter = Unread { last_read: None, total: 2, ..all_read };
    assert_eq!(unread(&world, ann, general), shorter);
    world.read(ann, general, Some(first.id));
    assert_eq!(unread(&world, ann, general), Unread { total: 2, unread: 0, ..marked });
    drop(world);
    let world = World::start(open, 1);
    assert_eq!(unread(&world, ann, general), Unread { total: 2, unread: 0, ..marked });
}

pub fn mentions_follow_edits_and_deletions(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (general, ann, bob) = (world.general(), world.person("Ann"), world.person("Bob"));
    let mentions = |world: &World, account| unread(world, account, general).mentions;
    let both = world.say(bob, general, "@ann and @everyone, and @ann");
    assert_eq!((mentions(&world, ann), mentions(&world, bob)), (1, 0));
    let plain = world.say(bob, general, "hello");
    world.message(bob, Command::edit(plain.id, "hello @Ann".to_owned()));
    assert_eq!(mentions(&world, ann), 2);
    world.message(ann, Command::React { message: plain.id, emoji: "👋".to_owned(), on: true });
    assert_eq!(mentions(&world, ann), 2);
    let own = world.say(ann, general, "@Ann, note this, @Bob too, @everyone");
    assert_eq!((mentions(&world, ann), mentions(&world, bob)), (0, 1));
    world.read(ann, general, Some(own.id));
    let answer = Command::PostMessage(NewMessage {
        reply_to: Some(own.id),
        ..NewMessage::said(general, "an answer is told and is no mention")
    });
    world.message(bob, answer);
    assert_eq!(mentions(&world, ann), 0);
    world.say(bob, general, "@ann");
    assert_eq!(mentions(&world, ann), 1);
    world.read(ann, general, Some(both.id));
    assert_eq!(mentions(&world, ann), 2);
    world.read(bob, general, Some(own.id));
    assert_eq!(mentions(&world, bob), 0);
    world.message(bob, Command::edit(plain.id, "hello".to_owned()));
    assert_eq!(mentions(&world, ann), 1);
    world.say(bob, general, "`@ann` in code");
    assert_eq!(mentions(&world, ann), 1);
}

pub fn marks_go_with_their_channel(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (ann, bob) = (world.person("Ann"), world.person("Bob"));
    let space = world.space(ann, "second");
    let (one, two) = (world.channel(space, "one"), world.channel(space, "two"));
    for channel in [one, two] {
        world.say(ann, channel, "hello @everyone");
        world.read(ann, channel, None);
        assert!(unread(&world, ann, channel).marked);
    }
    let gone = |channel| Unread { channel, last_read: None, marked: false, unread: 0, mentions: 0, total: 0 };
    // The first one is the default channel, which goes only with its space.
    world.must(Actor::System, Command::DeleteChannel { channel: two });
    assert_eq!(unread(&world, ann, two), gone(two));
    assert_eq!(unread(&world, bob, one).total, 1);
    world.must(Actor::Account(ann), Command::DeleteSpace { space });
    assert_eq!(unread(&world, ann, one), gone(one));
    assert_eq!(unread(&world, bob, one), gone(one));
    world.check_load(open);
}
