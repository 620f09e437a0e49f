//! Plays every transcript of `tests/wire` in process.

use commonroom_testkit::{World, play_file, transcripts};
use commonroom_together::{Config, adapter, router};

#[test]
fn every_transcript_holds() {
    let mut failures = Vec::new();
    for file in transcripts(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wire"), 20) {
        let mut world = World::new();
        let config = Config::default();
        let (setup, gateway) = (world.setup(), world.gateway());
        world.mount("together", adapter(config.clone(), setup.clone()), router(config, setup, gateway));
        if let Err(failure) = play_file(&mut world, &file) {
            failures.push(failure);
        }
    }
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
}
