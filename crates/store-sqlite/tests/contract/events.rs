//! The events kept for filling gaps.

use super::Open;
use super::world::{World, post, register};
use commonroom_core::command::{Actor, Command};
use commonroom_core::event::{Event, EventBody, Stream};
use commonroom_core::limits;
use std::sync::Arc;

fn after(world: &World, stream: Stream, seq: u64, limit: usize) -> Vec<Event> {
    world.engine.reader().expect("a reader").events_after(stream, seq, limit).expect("reads")
}

pub fn a_stream_is_read_back_as_it_was_told(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (general, ann) = (world.general(), world.person("Ann"));
    let me = Actor::Account(ann);
    let (first, _) = world.batch(vec![(me, post(general, "one")), (Actor::System, register("Bob"))]);
    let (second, _) = world.batch(vec![
        (me, post(general, "two")),
        (me, Command::SetDisplayName { name: Some("Änn".to_owned()) }),
        (me, Command::MarkRead { channel: general, message: None }),
    ]);
    let told: Vec<Arc<Event>> = first.events.into_iter().chain(second.events).collect();
    for stream in [Stream::Instance, Stream::Space(world.main()), Stream::Channel(general)] {
        let of_stream: Vec<Event> =
            told.iter().filter(|event| event.stream == stream).map(|event| (**event).clone()).collect();
        let seq = of_stream[0].seq - 1;
        assert_eq!(after(&world, stream, seq, 100), of_stream);
        assert_eq!(after(&world, stream, seq, 1), of_stream[..1]);
        assert_eq!(after(&world, stream, seq + 1, 100), of_stream[1..]);
        let all = after(&world, stream, 0, 100);
        assert!(all.iter().zip(1..).all(|(event, seq)| event.seq == seq), "without gaps from 1");
        assert_eq!(after(&world, stream, world.directory().head(stream), 100), []);
        assert_eq!(after(&world, stream, u64::MAX, usize::MAX), []);
    }
}

pub fn old_events_are_pruned(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (general, ann) = (world.general(), world.person("Ann"));
    let me = Actor::Account(ann);
    let read = || (me, Command::MarkRead { channel: general, message: None });
    let extra = 1_000;
    while world.directory().head(Stream::Instance) < limits::EVENTS_KEPT + extra {
        let (_, fault) = world.batch((0..500).map(|_| read()).collect());
        assert_eq!(fault, None);
    }
    let head = world.directory().head(Stream::Instance);
    let kept = after(&world, Stream::Instance, 0, usize::MAX);
    let count = kept.len() as u64;
    assert!(count >= limits::EVENTS_KEPT, "{count} are fewer than promised");
    assert!(count < limits::EVENTS_KEPT + extra, "{count} were kept, none pruned");
    assert_eq!(kept.last().map(|event| event.seq), Some(head));
    assert!(kept.iter().zip(head + 1 - count..).all(|(event, seq)| event.seq == seq), "without gaps");
    // Other streams keep theirs.
    assert_eq!(after(&world, Stream::Space(world.main()), 0, 1)[0].seq, 1);
    world.check_load(open);
}

pub fn a_deleted_message_leaves_no_text_behind(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (general, ann) = (world.general(), world.person("Ann"));
    let doomed = world.say(ann, general, "the secret");
    let kept = world.say(ann, general, "the rest");
    world.message(ann, Command::edit(doomed.id, "the secret, again".to_owned()));
    world.message(ann, Command::React { message: doomed.id, emoji: "👍".to_owned(), on: true });
    let stream = Stream::Channel(general);
    let before = after(&world, stream, 0, 100);
    world.delete(ann, doomed.id);
    let events = after(&world, stream, 0, 100);
    assert_eq!(events.len(), before.len() + 1);
    assert!(!format!("{events:?}").contains("secret"));
    assert!(format!("{events:?}").contains("the rest"));
    for (event, old) in events.iter().zip(&before) {
        assert_eq!((event.seq, event.at, event.by), (old.seq, old.at, old.by));
        let same = std::mem::discriminant(&event.body) == std::mem::discriminant(&old.body);
        assert!(same, "{event:?} was {old:?}");
    }
    let EventBody::MessagePosted { message } = &events[0].body else { panic!("{:?}", events[0]) };
    assert!(message.id == doomed.id && message.deleted);
    let EventBody::MessagePosted { message } = &events[1].body else { panic!("{:?}", events[1]) };
    assert_eq!(*message, kept);
}

pub fn what_is_deleted_takes_its_events_along(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let ann = world.person("Ann");
    let space = world.space(ann, "second");
    let (one, two) = (world.channel(space, "one"), world.channel(space, "two"));
    world.say(ann, one, "hello");
    world.say(ann, two, "hello");
    world.must(Actor::System, Command::DeleteChannel { channel: two });
    assert_eq!(after(&world, Stream::Channel(two), 0, 100), []);
    assert_eq!(after(&world, Stream::Channel(one), 0, 100).len(), 1);
    world.must(Actor::Account(ann), Command::DeleteSpace { space });
    assert_eq!(after(&world, Stream::Channel(one), 0, 100), []);
    // That it is gone is what is left to tell.
    let left = after(&world, Stream::Space(space), 0, 100);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].seq, world.directory().head(Stream::Space(space)));
    assert!(matches!(&left[0].body, EventBody::SpaceDeleted { members, .. } if *members == [ann]));
    world.check_load(open);
}
