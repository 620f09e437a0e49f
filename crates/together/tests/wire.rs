//! Plays every transcript of `tests/wire` in process.

use commonroom_testkit::{World, play_file, transcripts};
use commonroom_together::{Config, adapter, invite_page, router};

#[test]
fn every_transcript_holds() {
    let mut failures = Vec::new();
    for file in transcripts(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wire"), 20) {
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
