//! A folder that goes away with its test.

use std::path::{Path, PathBuf};

/// An empty folder of this process's own.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("commonroom-store-{}-{name}", std::process::id()));
        if path.exists() {
            std::fs::remove_dir_all(&path).expect("empties the folder");
        }
        std::fs::create_dir_all(&path).expect("makes the folder");
        Self(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that cannot be removed must not hide why the test failed.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// The name of a file beside a database, such as its `-wal`.
pub fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
