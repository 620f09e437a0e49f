//! Plays every transcript of `tests/wire`, each in a world of its own, every frame held against the client's schema.

mod support;

use commonroom_chatgrid::Config;
use std::path::Path;

#[test]
fn transcripts_hold() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire");
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .expect("there are transcripts")
        .map(|entry| entry.expect("readable").path())
        .collect();
    files.sort();
    assert!(files.len() >= 30, "transcripts are missing: {}", files.len());
    let mut failures = Vec::new();
    for file in files {
        let mut stage = support::Checked::new(Config::default());
        match commonroom_testkit::play_file(&mut stage, &file) {
            Ok(()) => stage.finish(),
            Err(why) => failures.push(why),
        }
    }
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n\n"));
}
