//! What the server notes for itself.

use super::Open;
use super::world::{World, post};
use commonroom_core::audit::AuditAction;
use commonroom_core::command::{Actor, Command, HouseCommand, Reply};
use commonroom_core::note::Note;
use commonroom_core::query::{AuditFilter, Found, Query};
use commonroom_core::{Refusal, Timestamp, limits};

fn note(key: &str, text: &str, until: i64) -> Command {
    let note = Note { key: key.to_owned(), text: text.to_owned(), until: Timestamp(until) };
    Command::House(HouseCommand::Note(note))
}

fn text(world: &World, key: &str) -> Option<String> {
    world.directory().note(key, Timestamp(0)).map(|note| note.text.clone())
}

pub fn notes_are_replaced_come_back_and_end(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let ann = Actor::Account(world.person("Ann"));
    assert_eq!(world.run(ann, note("a", "x", i64::MAX)), Err(Refusal::NotAllowed));
    world.must(Actor::System, note("a", "one", i64::MAX));
    world.must(Actor::System, note("a", "two", i64::MAX));
    world.must(Actor::System, note("b", "old", 1));
    world.check_load(open);
    assert_eq!((text(&world, "a").as_deref(), text(&world, "b").as_deref()), (Some("two"), Some("old")));
    assert!(world.directory().note("b", Timestamp(1)).is_none(), "it has ended");
    world.must(Actor::System, Command::Sweep);
    world.check_load(open);
    assert_eq!(world.directory().notes().count(), 1);
    let long = "x".repeat(limits::NOTE_BYTES + 1);
    assert_eq!(world.run(Actor::System, note("a", &long, 1)), Err(Refusal::TooLong));
    drop(world);
    assert_eq!(text(&World::start(open, 1), "a").as_deref(), Some("two"));
}

pub fn what_is_noted_again_is_stored_when_half_its_time_is_over(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let from_now = |world: &World, seconds| world.now.plus_seconds(seconds).0;
    let first = from_now(&world, 100);
    world.must(Actor::System, note("a", "one", first));
    for (text, seconds, stored) in
        [("one", 100, false), ("one", 190, false), ("one", 210, true), ("one", 50, true), ("two", 50, true)]
    {
        let until = from_now(&world, seconds);
        let command = note("a", text, until);
        let (committed, fault) = world.batch(vec![(Actor::System, command)]);
        assert_eq!((committed.answers, fault), (vec![Ok(Reply::Done)], None));
        assert_eq!(committed.events.len(), usize::from(stored), "{text} for {seconds} s");
    }
    world.check_load(open);
}

pub fn of_too_many_notes_of_a_kind_the_one_that_ends_first_goes(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let most = i64::try_from(limits::NOTES).expect("a small number");
    world.must(Actor::System, note("of another kind", "", 2));
    let all = (0..most).map(|number| (Actor::System, note(&format!("of these {number}"), "", 10 + number)));
    world.batch(all.collect());
    world.must(Actor::System, note("of these 5", "again", 10 + most));
    assert_eq!(world.directory().notes().count(), limits::NOTES + 1, "one was only replaced");
    world.must(Actor::System, note("of these too", "", 1));
    assert_eq!(
        (text(&world, "of these 0"), text(&world, "of these 5").as_deref()),
        (None, Some("again")),
        "the first goes"
    );
    assert!(text(&world, "of another kind").is_some(), "what is of another kind stays");
    assert_eq!(world.directory().notes().count(), limits::NOTES + 1);
    world.check_load(open);
}

pub fn a_number_given_away_is_given_once(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (general, ann) = (world.general(), world.person("Ann"));
    let take = || Command::House(HouseCommand::TakeNumber);
    assert_eq!(world.run(Actor::Account(ann), take()), Err(Refusal::NotAllowed));
    let mut numbers = Vec::new();
    for run in 0..3 {
        for command in [take(), post(general, "hi"), take()] {
            let actor = if command == take() { Actor::System } else { Actor::Account(ann) };
            let reply = world.must(actor, command);
            numbers.push(if let Reply::Message { message, .. } = &reply {
                message.number
            } else if let Reply::Number(number) = reply {
                number
            } else {
                panic!("{reply:?}")
            });
        }
        world.check_load(open);
        drop(world);
        world = World::start(open, run + 1);
    }
    assert_eq!(numbers, (1..=9).collect::<Vec<_>>(), "a restart gives none again");
}

pub fn a_channel_is_emptied_in_bounded_steps(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (general, ann) = (world.general(), world.person("Ann"));
    let count = limits::EMPTIED_MESSAGES + 3;
    world.batch((0..count).map(|_| (Actor::Account(ann), post(general, "hi"))).collect());
    let empty = || Command::House(HouseCommand::Empty { channel: general });
    assert_eq!(world.run(Actor::Account(ann), empty()), Err(Refusal::NotAllowed));
    let most = i64::try_from(limits::EMPTIED_MESSAGES).expect("a small number");
    for left in [most, 3, 0] {
        assert_eq!(world.must(Actor::System, empty()), Reply::Number(left));
        world.check_load(open);
    }
}

pub fn a_report_is_kept_for_those_who_look_after_the_space(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (ann, bob) = (world.person("Ann"), world.person("Bob"));
    let space = world.main();
    let details = vec![("reason", "x".repeat(limits::REPORT_CHARS + 1))];
    let report = HouseCommand::Report { space, by: Some(ann), about: bob, details };
    assert_eq!(world.run(Actor::Account(ann), Command::House(report.clone())), Err(Refusal::NotAllowed));
    world.must(Actor::System, Command::House(report));
    let query = Query::Audit { space, filter: AuditFilter::default(), skip: 0, limit: 10 };
    let Found::Audit { entries, .. } = world.find(&query) else { panic!("entries") };
    let entry = entries.iter().find(|entry| entry.action == AuditAction::UserReport).expect("the report");
    assert_eq!((entry.by, entry.target_name.as_deref()), (Some(ann), Some("Bob")));
    assert_eq!(entry.details["reason"].len(), limits::REPORT_CHARS);
}
