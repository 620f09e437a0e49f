//! Plays every transcript of `tests/wire`, each in a world of its own, every frame held against the client's schema.

mod support;

use commonroom_chatgrid::Config;
use commonroom_testkit::{play_file, transcripts};

#[test]
fn transcripts_hold() {
    let mut failures = Vec::new();
    for file in transcripts(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wire"), 30) {
        let mut stage = support::Checked::new(Config::default());
        match play_file(&mut stage, &file) {
            Ok(()) => stage.finish(),
            Err(why) => failures.push(why),
        }
    }
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n\n"));
}
