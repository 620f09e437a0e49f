//! All or nothing, whatever happens in the middle.

use super::Open;
use super::world::{World, assert_same, plain, post};
use commonroom_core::account::Protocol;
use commonroom_core::command::{Actor, Command, Reply};
use commonroom_core::directory::Directory;
use commonroom_core::env::Timestamp;
use commonroom_core::event::{Event, EventBody, Relation, Stream};
use commonroom_core::ids::{AccountId, MessageId, SpaceId};
use commonroom_core::message::Message;
use commonroom_core::query::{Found, Page, Query};
use commonroom_core::refusal::Refusal;
use commonroom_core::store::{Fault, Reader, Store, Tx};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// An event of the instance that is easy to tell from others.
fn mute(seq: u64, from: AccountId, to: AccountId) -> Event {
    let body = EventBody::Related { from, to, relation: Relation::Mute, on: true };
    Event { stream: Stream::Instance, seq, at: Timestamp(1), by: Some(from), origin: None, body }
}

pub fn a_refused_command_leaves_nothing_between_its_neighbours(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (general, main, ann) = (world.general(), world.main(), world.person("Ann"));
    world.person("Bob");
    let bob = world.directory().account_named("Bob").expect("registered").id;
    world.must(Actor::System, Command::Ban { space: main, account: bob, reason: None, until: None });
    let me = Actor::Account(ann);
    let owner = || Command::CreateOwner { username: "Bob".to_owned(), password: "new".to_owned() };
    let guest =
        Command::EnterGuest { name: "ghost".to_owned(), space: SpaceId::MIN, via: Protocol::ChatGrid };
    // The refused ones have made an account or an administrator by the time they are refused.
    let (committed, fault) = world.batch(vec![
        (Actor::System, owner()),
        (me, post(general, "one")),
        (Actor::System, owner()),
        (Actor::System, guest),
        (me, post(general, "two")),
        (Actor::System, owner()),
    ]);
    assert_eq!(fault, None);
    let refused: Vec<_> = committed.answers.iter().map(|answer| answer.as_ref().err().copied()).collect();
    let (banned, nowhere) = (Some(Refusal::Banned), Some(Refusal::NoSuchSpace));
    assert_eq!(refused, [banned, None, banned, nowhere, None, banned]);
    assert_eq!(committed.events.len(), 2);
    let account = world.directory().account(bob).cloned().expect("still there");
    assert!(!account.admin);
    world.check_load(open);
    let found = world.find(&Query::History { channel: general, page: Page::Newest { skip: 0 }, limit: 10 });
    let Found::Messages { messages, total: 2, .. } = found else { panic!("{found:?}") };
    assert_eq!(messages.iter().map(|message| message.text.as_str()).collect::<Vec<_>>(), ["one", "two"]);
}

pub fn undo_goes_back_to_the_newest_mark_only(open: Open<'_>) {
    let ids: Vec<AccountId> = (1..6).map(|number| AccountId(uuid::Uuid::from_u128(number))).collect();
    let mut store = open();
    let mut tx = store.begin().expect("begins");
    tx.record(&mute(1, ids[0], ids[1])).expect("records");
    tx.save().expect("saves");
    tx.record(&mute(2, ids[0], ids[2])).expect("records");
    tx.save().expect("saves again");
    tx.record(&mute(3, ids[0], ids[3])).expect("records");
    tx.undo().expect("goes back");
    tx.record(&mute(3, ids[0], ids[4])).expect("records in its place");
    tx.undo().expect("goes back to the same mark");
    tx.record(&mute(3, ids[1], ids[0])).expect("records in its place");
    tx.commit().expect("commits");
    let directory = open().load().expect("loads");
    let muted = |from: usize, to: usize| directory.related(ids[from], ids[to], Relation::Mute);
    assert!(muted(0, 1) && muted(0, 2) && muted(1, 0));
    assert!(!muted(0, 3) && !muted(0, 4));
    assert_eq!(directory.head(Stream::Instance), 3);
}

pub fn a_dropped_transaction_leaves_nothing(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (ann, bob) = (world.person("Ann"), world.person("Bob"));
    let next = world.directory().head(Stream::Instance) + 1;
    let mut store = open();
    for saved in [false, true] {
        let mut tx = store.begin().expect("begins");
        tx.record(&mute(next, ann, bob)).expect("records");
        if saved {
            tx.save().expect("saves");
            tx.record(&mute(next + 1, bob, ann)).expect("records");
        }
        drop(tx);
        assert_same(&plain(&store.load().expect("loads")), &plain(&world.directory()));
    }
    // And the store goes on.
    let mut tx = store.begin().expect("begins");
    tx.record(&mute(next, ann, bob)).expect("records");
    tx.commit().expect("commits");
    assert!(store.load().expect("loads").related(ann, bob, Relation::Mute));
}

pub fn a_transaction_reads_what_it_wrote(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (general, ann) = (world.general(), world.person("Ann"));
    let said = world.say(ann, general, "one");
    let seq = world.directory().head(Stream::Channel(general)) + 1;
    let mut next = (*said).clone();
    (next.id, next.number, next.seq) = (MessageId(uuid::Uuid::from_u128(7)), said.number + 1, seq);
    next.nonce = Some("n".to_owned());
    let body = EventBody::MessagePosted { message: next.clone().into() };
    let event =
        Event { stream: Stream::Channel(general), seq, at: Timestamp(1), by: Some(ann), origin: None, body };
    let mut store = open();
    let mut tx = store.begin().expect("begins");
    tx.record(&event).expect("records");
    assert_eq!(tx.message(next.id).expect("reads"), Some(next.clone()));
    assert_eq!(tx.message_with_nonce(ann, "n").expect("reads"), Some(next));
    assert_eq!(tx.events_after(event.stream, seq - 1, 5).expect("reads"), [event]);
    let all = Query::History { channel: general, page: Page::Newest { skip: 0 }, limit: 10 };
    assert!(matches!(tx.find(&all), Ok(Found::Messages { total: 2, start: 0, .. })));
}

pub fn a_transaction_behind_the_stored_head_is_refused(open: Open<'_>) {
    let mut first = World::start(open, 0);
    let mut second = World::start(open, 1);
    let ann = first.person("Ann");
    first.say(ann, first.general(), "one");
    // The second instance knows nothing of it: what it would store does not follow.
    let before = plain(&second.directory());
    let (committed, fault) = second.batch(vec![(Actor::System, super::world::register("Bob"))]);
    assert!(fault.is_some());
    assert_eq!(committed.answers, [Err(Refusal::Fault)]);
    assert_same(&plain(&second.directory()), &before);
    first.say(ann, first.general(), "two");
    first.check_load(open);
}

/// How many records and commits work before everything breaks; `None` is all of them.
type Fuse = Arc<Mutex<Option<u32>>>;

/// A store that breaks when its fuse has burnt down.
struct Fused {
    inner: Box<dyn Store>,
    fuse: Fuse,
}

struct FusedTx<'a> {
    inner: Box<dyn Tx + 'a>,
    fuse: Fuse,
}

impl FusedTx<'_> {
    fn burn(&self) -> Result<(), Fault> {
        let mut left = self.fuse.lock().expect("no test panics with it");
        match left.as_mut() {
            Some(0) => Err(Fault("the disk is on fire".to_owned())),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Store for Fused {
    fn load(&mut self) -> Result<Directory, Fault> {
        self.inner.load()
    }

    fn begin(&mut self) -> Result<Box<dyn Tx + '_>, Fault> {
        Ok(Box::new(FusedTx { inner: self.inner.begin()?, fuse: self.fuse.clone() }))
    }

    fn reader(&self) -> Result<Box<dyn Reader + Send>, Fault> {
        self.inner.reader()
    }

    fn instance_key(&mut self, make: &mut dyn FnMut() -> [u8; 32]) -> Result<[u8; 32], Fault> {
        self.inner.instance_key(make)
    }
}

impl Reader for FusedTx<'_> {
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

impl Tx for FusedTx<'_> {
    fn record(&mut self, event: &Event) -> Result<(), Fault> {
        self.burn()?;
        self.inner.record(event)
    }

    fn save(&mut self) -> Result<(), Fault> {
        self.inner.save()
    }

    fn undo(&mut self) -> Result<(), Fault> {
        self.inner.undo()
    }

    fn commit(self: Box<Self>) -> Result<(), Fault> {
        self.burn()?;
        self.inner.commit()
    }
}

pub fn a_fault_refuses_the_whole_batch(open: Open<'_>) {
    let fuse = Fuse::default();
    let mut world = World::start_on(Box::new(Fused { inner: open(), fuse: fuse.clone() }), 0);
    let (general, ann) = (world.general(), world.person("Ann"));
    let me = Actor::Account(ann);
    let batch = || vec![(me, post(general, "one")), (me, post(general, "two")), (me, post(general, "three"))];
    let before = plain(&world.directory());
    // Three records and a commit: the fourth step left is one too few.
    for steps in 0..4 {
        *fuse.lock().expect("no test panics with it") = Some(steps);
        let (committed, fault) = world.batch(batch());
        assert!(fault.is_some(), "after {steps} steps");
        assert_eq!(committed.answers, [Err(Refusal::Fault), Err(Refusal::Fault), Err(Refusal::Fault)]);
        assert!(committed.events.is_empty());
        assert_same(&plain(&committed.directory), &before);
        assert_same(&plain(&world.directory()), &before);
        world.check_load(open);
        assert!(matches!(world.find(&Query::Counts), Found::Counts { messages: 0, .. }));
    }
    *fuse.lock().expect("no test panics with it") = None;
    let (committed, fault) = world.batch(batch());
    assert_eq!(fault, None);
    let number = |answer: &Result<Reply, Refusal>| match answer {
        Ok(Reply::Message { message, .. }) => message.number,
        other => panic!("{other:?}"),
    };
    assert_eq!(committed.answers.iter().map(number).collect::<Vec<_>>(), [1, 2, 3]);
    world.check_load(open);
}

pub fn readers_on_other_threads_see_whole_batches(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (general, ann) = (world.general(), world.person("Ann"));
    let me = Actor::Account(ann);
    let done = Arc::new(AtomicBool::new(false));
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let (mut reader, done) = (world.engine.reader().expect("a reader"), done.clone());
            std::thread::spawn(move || {
                let query = Query::History { channel: general, page: Page::Newest { skip: 0 }, limit: 200 };
                while !done.load(Ordering::Relaxed) {
                    let found = reader.find(&query).expect("reads beside the writer");
                    let Found::Messages { messages, start, total } = found else { panic!("{found:?}") };
                    assert_eq!((start + messages.len() as u64, total % 3), (total, 0));
                }
            })
        })
        .collect();
    for _ in 0..60 {
        let batch = ["one", "two", "three"].map(|text| (me, post(general, text)));
        assert_eq!(world.batch(batch.into()).1, None);
    }
    done.store(true, Ordering::Relaxed);
    for thread in threads {
        thread.join().expect("no reader failed");
    }
}
