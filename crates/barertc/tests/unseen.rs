//! Who is blocked receives nothing at all of what the other does, and who muted somebody nothing but the list and words
//! taken back, whatever is done in whatever order (barertc.md 5.10, 5.11, 8.2, 13 D11, D12).

mod common;

use commonroom_barertc::Config;
use commonroom_barertc::config::Channel;
use commonroom_testkit::World;
use commonroom_testkit::stage::{Received, Stage};
use proptest::prelude::*;
use serde_json::Value;

/// What ann does, as frames; `#` is the number of a message of carol's.
const ACTS: [&str; 26] = [
    r#"{"action":"message","channel":"lobby","message":"hello @bob"}"#,
    r#"{"action":"message","channel":"@bob","message":"hello"}"#,
    r#"{"action":"message","channel":"@carol","message":"about bob"}"#,
    r#"{"action":"file","channel":"lobby","message":"a.gif","bytes":"R0lGODlhAQABAIAAAAAAAP///yH+BnNlY3JldAAsAAAAAAEAAQAAAgJEAQA7"}"#,
    r#"{"action":"file","channel":"@bob","message":"a.gif","bytes":"R0lGODlhAQABAIAAAAAAAP///yH+BnNlY3JldAAsAAAAAAEAAQAAAgJEAQA7"}"#,
    r#"{"action":"me","video":1}"#,
    r#"{"action":"me","video":49}"#,
    r#"{"action":"me","video":0}"#,
    r#"{"action":"me","status":"away","dnd":true}"#,
    r#"{"action":"me","status":"hidden"}"#,
    r#"{"action":"me","status":"online","dnd":false}"#,
    r#"{"action":"react","msgID":#,"message":"🎉"}"#,
    r#"{"action":"react","msgID":-451,"message":"bob"}"#,
    r#"{"action":"open","username":"bob"}"#,
    r#"{"action":"sdp","username":"bob","description":"{}"}"#,
    r#"{"action":"candidate","username":"bob","candidate":"{}"}"#,
    r#"{"action":"watch","username":"bob"}"#,
    r#"{"action":"unwatch","username":"bob"}"#,
    r#"{"action":"boot","username":"bob"}"#,
    r#"{"action":"unboot","username":"bob"}"#,
    r#"{"action":"video-invite","usernames":["bob"]}"#,
    r#"{"action":"mute","username":"bob"}"#,
    r#"{"action":"unmute","username":"bob"}"#,
    r#"{"action":"report","channel":"@bob","username":"bob","reason":"x"}"#,
    "take back",
    "rejoin",
];

struct Town {
    world: World,
    numbers: Vec<i64>,
    carols: i64,
}

impl Town {
    /// Bob with a camera on, carol with a message, and ann, whose first frames before signing in are given.
    fn new(first: &str) -> Self {
        let lobby = Channel { id: "lobby".to_owned(), permit_photos: true, ..Channel::default() };
        let config =
            Config { channels: vec![lobby], rate_limits: false, dm_photos: true, ..Config::default() };
        let mut town = Self { world: common::world(&config), numbers: Vec::new(), carols: 0 };
        town.enter("bob", "");
        town.world.send("bob", r#"{"action":"me","video":1}"#);
        town.enter("carol", "");
        town.world.send("carol", r#"{"action":"message","channel":"lobby","message":"hi"}"#);
        town.carols = town.numbers_of("carol").pop().expect("a number");
        town.enter("ann", first);
        town
    }

    fn enter(&mut self, name: &str, first: &str) {
        self.world.open(name, "barertc", "/ws", &[]).expect("opens");
        if !first.is_empty() {
            self.world.send(name, first);
        }
        self.world.send(name, &format!(r#"{{"action":"login","username":"{name}"}}"#));
    }

    fn frames(&mut self, name: &str) -> Vec<Value> {
        let mut frames = Vec::new();
        while let Some(received) = self.world.overhear(name) {
            if let Received::Text(text) = received {
                frames.push(serde_json::from_str(&text).expect("JSON"));
            }
        }
        frames
    }

    fn numbers_of(&mut self, name: &str) -> Vec<i64> {
        let own = |frame: &Value| frame["action"] == "message" && frame["username"] == name;
        self.frames(name)
            .iter()
            .filter(|frame| own(frame))
            .filter_map(|frame| frame["msgID"].as_i64())
            .collect()
    }

    fn act(&mut self, act: &str, first: &str) {
        match act {
            "rejoin" => {
                self.world.close("ann");
                self.enter("ann", first);
            }
            "take back" => {
                if let Some(number) = self.numbers.pop() {
                    self.world.send("ann", &format!(r#"{{"action":"takeback","msgID":{number}}}"#));
                }
            }
            frame => self.world.send("ann", &frame.replace('#', &self.carols.to_string())),
        }
        let said = self.numbers_of("ann");
        self.numbers.extend(said);
        self.world.wait(200);
    }
}

fn acts() -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(0..ACTS.len(), 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_is_blocked_receives_nothing(acts in acts()) {
        let first = r#"{"action":"block","username":"bob"}"#;
        let mut town = Town::new(first);
        town.world.wait(1_000);
        town.frames("bob");
        for act in acts {
            town.act(ACTS[act], first);
            let told = town.frames("bob");
            prop_assert!(told.is_empty(), "{} told bob {told:?}", ACTS[act]);
        }
    }

    #[test]
    fn who_blocks_receives_nothing(acts in acts()) {
        let mut town = Town::new("");
        town.world.send("bob", r#"{"action":"blocklist","usernames":["ann"]}"#);
        town.world.wait(1_000);
        town.frames("bob");
        for act in acts {
            town.act(ACTS[act], "");
            let told = town.frames("bob");
            prop_assert!(told.is_empty(), "{} told bob {told:?}", ACTS[act]);
        }
    }

    #[test]
    fn who_muted_somebody_receives_no_word_of_theirs(acts in acts()) {
        let mut town = Town::new("");
        town.world.send("bob", r#"{"action":"mute","username":"ann"}"#);
        town.world.wait(1_000);
        town.frames("bob");
        for act in acts {
            town.act(ACTS[act], "");
            for frame in town.frames("bob") {
                let action = frame["action"].as_str().unwrap_or_default();
                // Cameras are another matter: who is muted may be watched, and watches nobody who muted them.
                prop_assert!(matches!(action, "who" | "takeback" | "unwatch"), "{} told bob {frame}", ACTS[act]);
            }
        }
    }
}
