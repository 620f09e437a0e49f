//! The file: who may read it, which files are refused, copies of it, and what readers see.

use crate::contract::world::{World, plain, post};
use crate::folder::{Folder, beside};
use commonroom_core::account::Protocol;
use commonroom_core::command::{Actor, Command, NewItem};
use commonroom_core::query::{Found, Page, Query};
use commonroom_core::store::{Fault, Store};
use commonroom_store_sqlite::SqliteStore;
use rusqlite::Connection;
use std::path::Path;

fn open(path: &Path) -> Box<dyn Store> {
    Box::new(SqliteStore::open(path).expect("opens"))
}

fn refused(path: &Path) -> Fault {
    SqliteStore::open(path).expect_err("must not open")
}

fn raw(path: &Path, sql: &str) {
    Connection::open(path).expect("opens").execute_batch(sql).expect("runs");
}

#[test]
fn a_newer_database_is_refused_and_left_alone() {
    let folder = Folder::new("newer");
    let path = folder.path("store.db");
    drop(World::start(&|| open(&path), 0));
    raw(&path, "PRAGMA user_version = 1000");
    let before = std::fs::read(&path).expect("reads");
    let fault = refused(&path);
    assert!(fault.0.contains("form 1000") && fault.0.contains("newer version of Commonroom"), "{fault}");
    assert_eq!(std::fs::read(&path).expect("reads"), before);
}

#[test]
fn a_database_of_another_program_is_refused_and_left_alone() {
    let folder = Folder::new("strange");
    let path = folder.path("cookies.db");
    raw(&path, "CREATE TABLE cookies (name)");
    let before = std::fs::read(&path).expect("reads");
    assert!(refused(&path).0.contains("another program"));
    assert_eq!(std::fs::read(&path).expect("reads"), before);
    let text = folder.path("notes.txt");
    std::fs::write(&text, "not a database at all, but long enough to be looked at".repeat(100))
        .expect("writes");
    assert!(refused(&text).0.contains("not a database"), "{}", refused(&text));
}

#[test]
fn a_path_that_does_not_exist_is_named() {
    let folder = Folder::new("nowhere");
    let fault = refused(&folder.path("no/such/folder.db"));
    assert!(fault.0.contains("no/such/folder.db"), "{fault}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("private");
    let path = folder.path("store.db");
    let world = World::start(&|| open(&path), 0);
    let copy = folder.path("copy.db");
    SqliteStore::open(&path).expect("opens").backup(&copy).expect("copies");
    for file in [path.clone(), beside(&path, "-wal"), beside(&path, "-shm"), copy] {
        let mode = std::fs::metadata(&file).expect("exists").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
    drop(world);
}

#[test]
fn a_reader_sees_what_is_committed_and_cannot_write() {
    let folder = Folder::new("reader");
    let path = folder.path("store.db");
    let mut world = World::start(&|| open(&path), 0);
    let (general, ann) = (world.general(), world.person("Ann"));
    world.say(ann, general, "one");
    let mut reader = world.engine.reader().expect("a reader");
    let mut other = SqliteStore::open(&path).expect("opens");
    let mut tx = other.begin().expect("begins");
    let last =
        tx.events_after(commonroom_core::event::Stream::Channel(general), 0, 1).expect("reads").remove(0);
    let commonroom_core::EventBody::MessagePosted { message } = &last.body else { panic!("{last:?}") };
    let mut message = (**message).clone();
    (message.id, message.number) = (commonroom_core::MessageId::MAX, message.number + 1);
    message.seq = last.seq + 1;
    let body = commonroom_core::EventBody::MessagePosted { message: message.clone().into() };
    tx.record(&commonroom_core::Event { seq: last.seq + 1, body, ..last }).expect("records");
    assert_eq!(reader.message(message.id).expect("reads while another writes"), None);
    tx.commit().expect("commits");
    assert_eq!(reader.message(message.id).expect("reads"), Some(message));
}

#[test]
fn a_backup_is_a_whole_database() {
    let folder = Folder::new("backup");
    let path = folder.path("store.db");
    let mut world = World::start(&|| open(&path), 0);
    let (general, ann) = (world.general(), world.person("Ann"));
    let me = Actor::Account(ann);
    world.batch((0..500).map(|number| (me, post(general, &format!("message {number}")))).collect());
    let store = SqliteStore::open(&path).expect("opens");
    let copy = folder.path("copy.db");
    store.backup(&copy).expect("copies");
    world.say(ann, general, "after the copy");
    assert!(store.backup(&copy).expect_err("it exists").0.contains("exists already"));
    assert!(store.backup(&folder.path("no/such/copy.db")).is_err());
    assert!(!beside(&copy, ".part").exists() && !beside(&copy, "-wal").exists());
    let mut copied = SqliteStore::open(&copy).expect("opens");
    copied.integrity_check().expect("in order");
    let Ok(Found::Counts { messages, .. }) = copied.reader().expect("a reader").find(&Query::Counts) else {
        panic!("no counts")
    };
    assert_eq!(messages, 500);
    assert_eq!(copied.load().expect("loads").next_message_number(), 501);
}

#[test]
fn a_wrong_count_is_noticed() {
    let folder = Folder::new("miscount");
    let path = folder.path("store.db");
    let mut world = World::start(&|| open(&path), 0);
    let (general, ann) = (world.general(), world.person("Ann"));
    world.say(ann, general, "one");
    let store = SqliteStore::open(&path).expect("opens");
    store.integrity_check().expect("in order");
    raw(&path, "UPDATE streams SET live = live + 1 WHERE live > 0");
    assert!(store.integrity_check().expect_err("it is wrong").0.contains("1 channels"));
}

// chatgrid.md defect 17.
#[test]
fn an_item_that_cannot_be_read_is_left_out_and_kept() {
    let folder = Folder::new("items");
    let path = folder.path("store.db");
    let mut world = World::start(&|| open(&path), 0);
    let ann = world.person("Ann");
    let space = world.main();
    if world.directory().member(space, ann).is_none() {
        world.must(Actor::Account(ann), Command::JoinSpace { space, via: Protocol::ChatGrid });
    }
    for title in ["good", "bad"] {
        let (kind, title, params) = ("dice".to_owned(), title.to_owned(), Default::default());
        let place = Command::PlaceItem(NewItem { space, kind, title, square: (1, 2), params });
        world.must(Actor::Account(ann), place);
    }
    raw(&path, "UPDATE items SET body = '{}' WHERE body LIKE '%bad%'");
    let directory = open(&path).load().expect("it loads");
    let titles: Vec<String> = directory.items(space).map(|item| item.title.clone()).collect();
    assert_eq!(titles, ["good"]);
    let kept: i64 = Connection::open(&path)
        .and_then(|conn| conn.query_row("SELECT COUNT(*) FROM items", [], |row| row.get(0)))
        .expect("counts");
    assert_eq!(kept, 2);
}

#[test]
fn an_old_process_beside_a_new_one_harms_nothing() {
    let folder = Folder::new("two");
    let path = folder.path("store.db");
    let mut server = World::start(&|| open(&path), 0);
    let (general, ann) = (server.general(), server.person("Ann"));
    let mut tool = World::start(&|| open(&path), 1);
    let bob = tool.person("Bob");
    // The server knows nothing of Bob yet: no event of the instance may follow, messages may.
    let (_, fault) =
        server.batch(vec![(Actor::Account(ann), Command::MarkRead { channel: general, message: None })]);
    assert!(fault.is_some_and(|text| text.contains("another process writes to it")));
    server.say(ann, general, "still here");
    drop(tool);
    drop(server);
    let restarted = World::start(&|| open(&path), 2);
    assert!(restarted.directory().account(bob).is_some());
    let newest = Query::History { channel: general, page: Page::Newest { skip: 0 }, limit: 5 };
    assert!(matches!(restarted.find(&newest), Found::Messages { total: 1, .. }));
    SqliteStore::open(&path).expect("opens").integrity_check().expect("in order");
}

#[test]
fn two_processes_may_make_one_database() {
    let folder = Folder::new("race");
    let path = folder.path("store.db");
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let path = path.clone();
            std::thread::spawn(move || {
                let mut store = SqliteStore::open(&path)?;
                plain(&store.load()?);
                store.instance_key(&mut || [9; 32])
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().expect("does not panic").expect("opens"), [9; 32]);
    }
}
