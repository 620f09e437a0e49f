//! The store on SQLite: the tests of every store, on a file and in memory, and those of the file itself.

#[path = "../contract/mod.rs"]
mod contract;
mod damage;
mod file;
mod folder;

/// The list, each test in a folder of its own.
mod on_a_file {
    use crate::contract::*;
    use crate::folder::Folder;
    use commonroom_core::store::Store;
    use commonroom_store_sqlite::SqliteStore;

    macro_rules! make {
        ($($part:ident::$test:ident),* $(,)?) => {$(
            #[test]
            fn $test() {
                let folder = Folder::new(concat!("list-", stringify!($test)));
                let path = folder.path("store.db");
                $part::$test(&|| -> Box<dyn Store> { Box::new(SqliteStore::open(&path).expect("opens")) });
                SqliteStore::open(&path).expect("opens").integrity_check().expect("in order");
            }
        )*};
    }

    crate::every_store!(make);
}

/// The list, each test in a database of its own name.
mod in_memory {
    use crate::contract::*;
    use commonroom_core::store::Store;
    use commonroom_store_sqlite::SqliteStore;

    macro_rules! make {
        ($($part:ident::$test:ident),* $(,)?) => {$(
            #[test]
            fn $test() {
                // Kept open, so that the database outlives restarts.
                let kept = SqliteStore::memory(stringify!($test)).expect("opens");
                let open = || -> Box<dyn Store> {
                    Box::new(SqliteStore::memory(stringify!($test)).expect("opens"))
                };
                $part::$test(&open);
                kept.integrity_check().expect("in order");
            }
        )*};
    }

    crate::every_store!(make);
}
