//! Pages of a channel's history, and single messages.

use super::Open;
use super::world::{World, post};
use commonroom_core::command::{Actor, Command, NewMessage, Reply};
use commonroom_core::ids::{AccountId, ChannelId, MessageId};
use commonroom_core::message::Message;
use commonroom_core::query::{Found, Page, Query};
use commonroom_core::refusal::Refusal;
use std::sync::Arc;

/// A channel with 500 messages, every seventh deleted; and others beside it that must not show.
fn long(open: Open<'_>) -> (World, ChannelId, AccountId, Vec<Arc<Message>>) {
    let mut world = World::start(open, 0);
    let (general, ann) = (world.general(), world.person("Ann"));
    let other = world.channel(world.main(), "other");
    let mut all = Vec::new();
    for batch in 0..50 {
        let me = Actor::Account(ann);
        let mut jobs: Vec<_> =
            (0..10).map(|number| (me, post(general, &format!("{}", batch * 10 + number)))).collect();
        jobs.push((me, post(other, "elsewhere")));
        let (committed, fault) = world.batch(jobs);
        assert_eq!(fault, None);
        all.extend(committed.answers.into_iter().take(10).map(|answer| {
            let Ok(Reply::Message { message, .. }) = answer else { panic!("{answer:?}") };
            message
        }));
    }
    let me = Actor::Account(ann);
    let deletions =
        all.iter().step_by(7).map(|message| (me, Command::DeleteMessage { message: message.id })).collect();
    let (_, fault) = world.batch(deletions);
    assert_eq!(fault, None);
    (world, general, ann, all)
}

fn page(world: &World, channel: ChannelId, page: Page, limit: usize) -> (Vec<MessageId>, u64, u64) {
    let found = world.find(&Query::History { channel, page, limit });
    let Found::Messages { messages, start, total } = found else { panic!("{found:?}") };
    (messages.iter().map(|message| message.id).collect(), start, total)
}

/// What a page should hold: places in the list of live messages.
fn check(
    world: &World,
    channel: ChannelId,
    live: &[Arc<Message>],
    wanted: Page,
    limit: usize,
    range: std::ops::Range<usize>,
) {
    let (ids, start, total) = page(world, channel, wanted, limit);
    let expected: Vec<MessageId> = live[range.clone()].iter().map(|message| message.id).collect();
    assert_eq!(ids, expected, "{wanted:?} {limit}");
    assert_eq!((start, total), (range.start as u64, live.len() as u64), "{wanted:?} {limit}");
}

pub fn every_page_of_a_long_history(open: Open<'_>) {
    let (world, channel, _, all) = long(open);
    let deleted = |index: usize| index.is_multiple_of(7);
    let live: Vec<_> = all
        .iter()
        .enumerate()
        .filter(|(index, _)| !deleted(*index))
        .map(|(_, message)| message.clone())
        .collect();
    let count = live.len();
    for skip in (0..count).step_by(13) {
        let end = count - skip;
        check(&world, channel, &live, Page::Newest { skip: skip as u64 }, 30, end.saturating_sub(30)..end);
    }
    check(&world, channel, &live, Page::Newest { skip: u64::MAX }, 30, 0..0);
    for index in (0..all.len()).step_by(3) {
        let id = all[index].id;
        // The first live message at or above the place, and the first one above it.
        let at = all[..index].iter().enumerate().filter(|(index, _)| !deleted(*index)).count();
        let above = at + usize::from(!deleted(index));
        check(&world, channel, &live, Page::Before(id), 20, at.saturating_sub(20)..at);
        check(&world, channel, &live, Page::Below(all[index].number), 20, at.saturating_sub(20)..at);
        check(&world, channel, &live, Page::After(id), 20, above..(above + 20).min(count));
        let around = Page::Around { message: id, above: 4, below: 6 };
        check(&world, channel, &live, around, 50, at.saturating_sub(6)..(above + 4).min(count));
    }
}

pub fn a_number_is_a_place_although_no_message_of_the_channel_has_it(open: Open<'_>) {
    let (world, channel, _, all) = long(open);
    let live: Vec<_> = all
        .iter()
        .enumerate()
        .filter(|(at, _)| !at.is_multiple_of(7))
        .map(|(_, said)| said.clone())
        .collect();
    for number in (i64::MIN..=i64::MIN + 1).chain((-1..600).step_by(5)).chain([i64::MAX]) {
        let at = live.iter().filter(|message| message.number < number).count();
        check(&world, channel, &live, Page::Below(number), 20, at.saturating_sub(20)..at);
    }
    assert_eq!(page(&world, ChannelId::MIN, Page::Below(1), 10), (Vec::new(), 0, 0));
}

pub fn a_page_has_a_limit_and_the_middle_gets_its_share(open: Open<'_>) {
    let (world, channel, _, all) = long(open);
    let newest = Page::Newest { skip: 0 };
    assert_eq!(page(&world, channel, newest, 1_000).0.len(), 401);
    assert_eq!(page(&world, channel, newest, 0).0.len(), 0);
    let middle = all[120].id;
    for (above, below) in [(0, 0), (100, 100), (1_000, 3), (3, 1_000), (usize::MAX, usize::MAX)] {
        let around = Page::Around { message: middle, above, below };
        let (ids, ..) = page(&world, channel, around, 41);
        assert!(ids.contains(&middle));
        let wanted = below.saturating_add(above).saturating_add(1);
        assert_eq!(ids.len(), wanted.min(41), "{above} above, {below} below");
        let place = ids.iter().position(|id| *id == middle).expect("it is there");
        assert!(place >= below.min(20), "{place} below, {below} were asked for");
        assert!(ids.len() - 1 - place >= above.min(20), "{above} above were asked for");
    }
    assert_eq!(page(&world, channel, Page::Around { message: middle, above: 5, below: 5 }, 0).0.len(), 0);
}

pub fn strange_messages_give_no_page(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (general, ann) = (world.general(), world.person("Ann"));
    let other = world.channel(world.main(), "other");
    world.say(ann, general, "here");
    let elsewhere = world.say(ann, other, "there");
    for id in [elsewhere.id, MessageId::MIN] {
        for wanted in [Page::Before(id), Page::After(id), Page::Around { message: id, above: 5, below: 5 }] {
            assert_eq!(page(&world, general, wanted, 10).0, [], "{wanted:?}");
        }
    }
    assert_eq!(page(&world, ChannelId::MIN, Page::Newest { skip: 0 }, 10), (Vec::new(), 0, 0));
}

pub fn one_message_is_found_by_id_and_number(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (general, ann) = (world.general(), world.person("Ann"));
    let said = world.say(ann, general, "Grüße 👋 \"quoted\" \\ 'it''s'");
    let found = Found::Message(Some(said.clone()));
    assert_eq!(world.find(&Query::Message { message: said.id }), found);
    assert_eq!(world.find(&Query::MessageNumbered { number: said.number }), found);
    assert_eq!(world.find(&Query::MessageNumbered { number: said.number + 1 }), Found::Message(None));
    assert_eq!(world.find(&Query::Message { message: MessageId::MIN }), Found::Message(None));
    world.delete(ann, said.id);
    let Found::Message(Some(gone)) = world.find(&Query::Message { message: said.id }) else { panic!("kept") };
    assert!(gone.deleted && gone.text.is_empty());
    assert_eq!(
        world.engine.reader().expect("a reader").message(said.id).expect("reads"),
        Some((*gone).clone())
    );
}

pub fn a_nonce_posts_once(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (general, ann, bob) = (world.general(), world.person("Ann"), world.person("Bob"));
    let with_nonce = |text: &str| {
        Command::PostMessage(NewMessage {
            ping: false,
            nonce: Some("n-1".to_owned()),
            ..NewMessage::said(general, text)
        })
    };
    let me = Actor::Account(ann);
    // Twice in one transaction, again in another, and after a restart.
    let (committed, _) = world.batch(vec![(me, with_nonce("once")), (me, with_nonce("twice"))]);
    assert_eq!(committed.events.len(), 1);
    let first = world.message(ann, with_nonce("thrice"));
    assert_eq!(first.text, "once");
    assert_ne!(world.message(bob, with_nonce("his own")).id, first.id);
    drop(world);
    let mut world = World::start(open, 1);
    assert_eq!(world.message(ann, with_nonce("later")).id, first.id);
    world.delete(ann, first.id);
    let answer = world.run(me, with_nonce("after the deletion"));
    let Ok(Reply::Message { message, new: false }) = answer else { panic!("{answer:?}") };
    assert!(message.deleted);
    let mut reader = world.engine.reader().expect("a reader");
    assert_eq!(
        reader.message_with_nonce(ann, "n-1").expect("reads").map(|message| message.id),
        Some(first.id)
    );
    assert_eq!(reader.message_with_nonce(ann, "n-2").expect("reads"), None);
    assert_eq!(page(&world, general, Page::Newest { skip: 0 }, 10).0.len(), 1);
}

pub fn counts_are_of_what_is_there(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (general, ann) = (world.general(), world.person("Ann"));
    let other = world.channel(world.main(), "other");
    let counted = |world: &World| {
        let found = world.find(&Query::Counts);
        let Found::Counts { messages, bytes } = found else { panic!("{found:?}") };
        assert!(bytes > 0);
        messages
    };
    assert_eq!(counted(&world), 0);
    let first = world.say(ann, general, "one");
    world.say(ann, general, "two");
    world.say(ann, other, "three");
    assert_eq!(counted(&world), 3);
    world.delete(ann, first.id);
    assert_eq!(counted(&world), 2);
    assert_eq!(
        world.run(Actor::Account(ann), Command::DeleteMessage { message: first.id }),
        Err(Refusal::NoSuchMessage)
    );
    world.must(Actor::System, Command::DeleteChannel { channel: other });
    assert_eq!(counted(&world), 1);
    let mut store = open();
    let mut tx = store.begin().expect("begins");
    assert!(matches!(tx.find(&Query::Counts), Ok(Found::Counts { messages: 1, .. })));
}
