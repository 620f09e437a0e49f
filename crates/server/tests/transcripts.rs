//! The transcripts of the adapters that say `# also on the binary`: they need neither settings of their own nor a clock
//! that jumps, and do not depend on who is faster.

use commonroom_testkit::binary::Binary;
use commonroom_testkit::{play, transcripts};
use std::path::{Path, PathBuf};

/// Fewest transcripts that must be found, so that a moved folder is noticed.
const FEWEST: usize = 3;

fn playable(protocol: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(protocol).join("tests/wire");
    let read = |path: PathBuf| (path.clone(), std::fs::read_to_string(path).expect("a readable transcript"));
    transcripts(folder, FEWEST).into_iter().map(read).filter(|(_, text)| is_playable(text)).collect()
}

fn is_playable(text: &str) -> bool {
    text.lines().any(|line| line == "# also on the binary")
}

fn play_all(protocol: &str) {
    let files = playable(protocol);
    assert!(files.len() >= FEWEST, "only {} transcripts of {protocol} can be played", files.len());
    let mut broken = Vec::new();
    for (path, text) in files {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let place = format!("wire-{protocol}-{name}-{}", std::process::id());
        let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join(place);
        let mut binary = Binary::start(Path::new(env!("CARGO_BIN_EXE_commonroom")), &data, "")
            .unwrap_or_else(|error| panic!("{error}"));
        if let Err(why) = play(&mut binary, &text) {
            broken.push(format!("{name}: {why}"));
        }
        drop(binary);
        std::fs::remove_dir_all(&data).expect("the place can go");
    }
    assert!(broken.is_empty(), "{} broken:\n{}", broken.len(), broken.join("\n"));
}

#[test]
fn originchats() {
    play_all("originchats");
}

#[test]
fn chatgrid() {
    play_all("chatgrid");
}

#[test]
fn barertc() {
    play_all("barertc");
}

#[test]
fn together() {
    play_all("together");
}

#[test]
fn peerjs() {
    play_all("peerjs");
}
