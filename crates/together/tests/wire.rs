//! Plays every transcript of `tests/wire` in process.

use commonroom_testkit::{World, play_file};
use commonroom_together::{Config, adapter, invite_page, router};
use std::path::{Path, PathBuf};

fn transcripts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire");
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "wire"));
    files.sort();
    files
}

#[test]
fn every_transcript_holds() {
    let mut failures = Vec::new();
    let files = transcripts();
    assert!(files.len() >= 20, "{} transcripts", files.len());
    for file in files {
        let mut world = World::new();
        let config = Config::default();
        let (setup, gateway) = (world.setup(), world.gateway());
        let routes = router(config.clone(), setup.clone(), gateway).merge(invite_page());
        world.mount("together", adapter(config, setup), routes);
        if let Err(failure) = play_file(&mut world, &file) {
            failures.push(failure);
        }
    }
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
}
