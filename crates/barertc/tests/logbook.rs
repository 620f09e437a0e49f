//! What is said in channels whose operator keeps it, as lines (barertc.md 10.1, 13 D9).

mod common;

use commonroom_barertc::Config;
use commonroom_barertc::config::{Channel, Logging};
use commonroom_testkit::World;
use commonroom_testkit::stage::Stage;
use serde_json::json;

fn world(logging: Logging) -> World {
    let channels = ["lobby", "über uns", "öber uns", "quiet"];
    let channels = channels.map(|id| Channel { id: id.to_owned(), ..Channel::default() }).to_vec();
    common::world(&Config { channels, logging, rate_limits: false, ..Config::default() })
}

fn kept() -> Logging {
    let channels = ["lobby", "über uns", "öber uns"].map(str::to_owned).to_vec();
    Logging { enabled: true, directory: "rooms".to_owned(), channels }
}

fn say(world: &mut World, channel: &str, text: &str) {
    let frame = json!({"action": "message", "channel": channel, "message": text});
    world.send("ann", &frame.to_string());
}

fn enter(world: &mut World, name: &str) {
    world.open(name, "barertc", "/ws", &[]).expect("opens");
    world.send(name, &json!({"action": "login", "username": name}).to_string());
}

#[test]
fn what_is_said_is_a_line_of_its_channels_file() {
    let mut world = world(kept());
    enter(&mut world, "ann");
    enter(&mut world, "bob");
    say(&mut world, "lobby", "hello **all**\n2026-11-21T12:00:00Z [bob] I never said this");
    say(&mut world, "über uns", "elsewhere");
    say(&mut world, "öber uns", "in a file of its own");
    say(&mut world, "quiet", "not kept");
    say(&mut world, "@bob", "nobody's business");
    let lines: Vec<(&str, &str, &str)> = world
        .logged()
        .iter()
        .map(|log| {
            let (at, line) = log.line.split_once(' ').expect("a moment and a line");
            assert!(at.starts_with("2026-11-21T12:00:") && at.ends_with('Z'), "{at}");
            (log.folder.as_str(), log.name.as_str(), line)
        })
        .collect();
    let first = "[ann] hello **all** 2026-11-21T12:00:00Z [bob] I never said this";
    let elsewhere = ("rooms", "_ber_uns-692fb4e1", "[ann] elsewhere");
    let alike = ("rooms", "_ber_uns-583ce3c6", "[ann] in a file of its own");
    assert_eq!(lines, [("rooms", "lobby", first), elsewhere, alike]);
}

#[test]
fn what_other_protocols_say_and_change_is_kept_too() {
    let mut world = world(kept());
    world.member("tom");
    world.open("tom", "other", "/", &[]).expect("opens");
    for words in ["come tom", "say hi", "edit hello"] {
        world.send("tom", words);
    }
    let lines: Vec<&str> =
        world.logged().iter().filter_map(|log| log.line.split_once(' ')).map(|(_, line)| line).collect();
    assert_eq!(lines, ["[tom] hi", "[tom] (edited) hello"]);
}

#[test]
fn nothing_is_kept_unless_it_is_asked_for() {
    for logging in [Logging { enabled: false, ..kept() }, Logging { channels: Vec::new(), ..kept() }] {
        let mut world = world(logging);
        enter(&mut world, "ann");
        say(&mut world, "lobby", "hello");
        assert!(world.logged().is_empty());
    }
}
