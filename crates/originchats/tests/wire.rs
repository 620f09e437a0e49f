//! Plays every transcript of this folder, each in a world of its own. A line `# config: {...}` sets the adapter's table.

use commonroom_core::engine::Rules;
use commonroom_originchats::{Config, adapter, router};
use commonroom_testkit::{World, play_file, transcripts};

fn config_of(text: &str) -> Config {
    let line = text.lines().find_map(|line| line.strip_prefix("# config: ")).unwrap_or("{}");
    serde_json::from_str(line).expect("the transcript's configuration is one")
}

fn world(config: &Config) -> World {
    let mut rules = Rules::default();
    config.add_to(&mut rules);
    let mut world = World::ruled(rules);
    let (setup, gateway) = (world.setup(), world.gateway());
    world.mount(
        "originchats",
        adapter(config.clone(), setup.clone()),
        router(config.clone(), setup, gateway),
    );
    world
}

#[test]
fn every_transcript_holds() {
    let files = transcripts(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wire"), 100);
    let mut broken = Vec::new();
    for file in &files {
        let text = std::fs::read_to_string(file).expect("a readable transcript");
        assert!(text.starts_with("# originchats.md "), "{}: begins with what it rests on", file.display());
        if let Err(why) = play_file(&mut world(&config_of(&text)), file) {
            broken.push(why);
        }
    }
    assert!(broken.is_empty(), "{} of {} transcripts:\n{}", broken.len(), files.len(), broken.join("\n"));
}
