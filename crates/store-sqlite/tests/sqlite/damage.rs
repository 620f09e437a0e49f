//! What is left after a kill, and when the disk says no (checks.md D1, D2, D3).

use crate::contract::world::{World, assert_same, plain, post};
use crate::folder::{Folder, beside};
use commonroom_core::command::Actor;
use commonroom_core::query::{Found, Page, Query};
use commonroom_core::refusal::Refusal;
use commonroom_core::store::Store;
use commonroom_store_sqlite::SqliteStore;
use rusqlite::Connection;
use std::path::Path;

fn open(path: &Path) -> Box<dyn Store> {
    Box::new(SqliteStore::open(path).expect("opens"))
}

fn texts(world: &World) -> Vec<String> {
    let query = Query::History { channel: world.general(), page: Page::Newest { skip: 0 }, limit: 200 };
    let found = world.find(&query);
    let Found::Messages { messages, .. } = found else { panic!("{found:?}") };
    messages.iter().map(|message| message.text.clone()).collect()
}

/// What a killed server leaves: the files as they are, without a last checkpoint.
fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).expect("copies the database");
    std::fs::copy(beside(from, "-wal"), beside(to, "-wal")).expect("copies the log");
}

#[test]
fn a_killed_server_has_lost_nothing_it_told() {
    let folder = Folder::new("kill");
    let path = folder.path("store.db");
    let mut world = World::start(&|| open(&path), 0);
    let (general, ann) = (world.general(), world.person("Ann"));
    for number in 0..100 {
        world.say(ann, general, &format!("{number}"));
    }
    let killed = folder.path("killed.db");
    copy(&path, &killed);
    let after = World::start(&|| open(&killed), 1);
    assert_eq!(texts(&after), texts(&world));
    assert_same(&plain(&after.directory()), &plain(&world.directory()));
    SqliteStore::open(&killed).expect("opens").integrity_check().expect("in order");
}

#[test]
fn a_log_cut_anywhere_is_whole_up_to_a_commit() {
    let folder = Folder::new("cut");
    let path = folder.path("store.db");
    let mut world = World::start(&|| open(&path), 0);
    let (general, ann) = (world.general(), world.person("Ann"));
    let me = Actor::Account(ann);
    let from = std::fs::metadata(beside(&path, "-wal")).expect("a log").len();
    for batch in 0..10 {
        world.batch((0..5).map(|number| (me, post(general, &format!("{batch}.{number}")))).collect());
    }
    let told = texts(&world);
    let to = std::fs::metadata(beside(&path, "-wal")).expect("a log").len();
    assert!(to > from);
    let mut lengths = std::collections::BTreeSet::new();
    for cut in 0..40 {
        let torn = folder.path(&format!("torn{cut}.db"));
        copy(&path, &torn);
        // Odd lengths: in the middle of a frame, of a header, between two frames.
        let log = std::fs::OpenOptions::new().write(true).open(beside(&torn, "-wal")).expect("opens the log");
        log.set_len(from + (to - from) * cut / 39).expect("cuts the log");
        drop(log);
        let store = SqliteStore::open(&torn).expect("opens");
        store.integrity_check().expect("in order");
        let left = texts(&World::start_on(Box::new(store), 1));
        assert_eq!(left, told[..left.len()]);
        assert_eq!(left.len() % 5, 0, "half a batch was kept");
        lengths.insert(left.len());
    }
    assert!(lengths.contains(&0) && lengths.contains(&50) && lengths.len() > 5, "{lengths:?}");
}

#[test]
fn an_error_in_the_middle_refuses_the_whole_batch() {
    // After some errors SQLite ends the transaction by itself.
    for how in ["ABORT", "FAIL", "ROLLBACK"] {
        let folder = Folder::new(&format!("error-{how}"));
        let path = folder.path("store.db");
        let mut world = World::start(&|| open(&path), 0);
        let (general, ann) = (world.general(), world.person("Ann"));
        let me = Actor::Account(ann);
        world.say(ann, general, "before");
        let trigger = format!(
            "CREATE TRIGGER broken BEFORE INSERT ON messages WHEN NEW.body LIKE '%poison%'
             BEGIN SELECT RAISE({how}, 'broken disk'); END"
        );
        let tamper = Connection::open(&path).expect("opens");
        tamper.execute_batch(&trigger).expect("a trigger");
        let before = plain(&world.directory());
        let batch =
            || vec![(me, post(general, "one")), (me, post(general, "poison")), (me, post(general, "two"))];
        let (committed, fault) = world.batch(batch());
        let fault = fault.expect("the disk is broken");
        assert!(fault.contains("broken disk") && !fault.contains("poison"), "{fault}");
        assert_eq!(committed.answers, [Err(Refusal::Fault), Err(Refusal::Fault), Err(Refusal::Fault)]);
        assert_same(&plain(&world.directory()), &before);
        world.check_load(&|| open(&path));
        assert_eq!(texts(&world), ["before"]);
        tamper.execute_batch("DROP TRIGGER broken").expect("repaired");
        assert_eq!(world.batch(batch()).1, None);
        assert_eq!(texts(&world), ["before", "one", "poison", "two"]);
        world.check_load(&|| open(&path));
    }
}
