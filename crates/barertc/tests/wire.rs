//! Plays every transcript of `tests/wire`. A first line `#: {...}` gives the settings (`config`, as in the table
//! `[barertc]`) and the names of members who have accounts (`members`).

mod common;

use commonroom_barertc::Config;
use commonroom_testkit::{play, transcripts};
use serde_json::Value;
use std::path::Path;

#[test]
fn every_transcript_holds() {
    let files = transcripts(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wire"), 60);
    let failures: Vec<String> = files.iter().filter_map(|file| run(file).err()).collect();
    assert!(failures.is_empty(), "{} of {} failed:\n{}", failures.len(), files.len(), failures.join("\n"));
}

fn run(file: &Path) -> Result<(), String> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
    let cites =
        text.lines().any(|line| line.starts_with("# barertc.md ") || line.starts_with("# crossing.md "));
    if !cites {
        return Err(format!("{name}: cites no section"));
    }
    let head = text.lines().find_map(|line| line.strip_prefix("#: ")).unwrap_or("{}");
    let head: Value = serde_json::from_str(head).map_err(|error| format!("{name}: {error}"))?;
    let config: Config = match head.get("config") {
        Some(config) => serde_json::from_value(config.clone()).map_err(|error| format!("{name}: {error}"))?,
        None => Config::default(),
    };
    let mut world = common::world(&config);
    for member in head["members"].as_array().into_iter().flatten() {
        world.member(member.as_str().unwrap_or_default());
    }
    play(&mut world, &text).map_err(|error| format!("{name}: {error}"))
}
