//! Seeded simulation of a small grid full of people and things: they walk, jump, carry, use, change, give away and delete
//! what they find, come and go. After every step nothing is lost or doubled, hands and squares agree, and what a newcomer
//! is told equals what everybody was told before.

mod support;

use commonroom_chatgrid::Config;
use commonroom_core::env::Env;
use commonroom_core::ids::{ItemId, SessionId};
use commonroom_testkit::stage::Stage;
use commonroom_testkit::world::START;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use support::Checked;

const STEPS: usize = 500;
const SIDE: i32 = 3;
const PEOPLE: [&str; 5] = ["olga", "ann", "bob", "eve", "tom"];
const KINDS: [&str; 6] = ["clock", "dice", "piano", "radio_station", "wheel", "widget"];

/// What one client knows, from frames alone.
#[derive(Default)]
struct Seen {
    id: String,
    items: BTreeMap<String, Value>,
    people: BTreeMap<String, (i64, i64)>,
}

impl Seen {
    fn take(&mut self, frame: &Value) {
        let text = |key: &str| frame[key].as_str().unwrap_or_default().to_owned();
        let square = |value: &Value| (value["x"].as_i64().unwrap_or(-1), value["y"].as_i64().unwrap_or(-1));
        match text("type").as_str() {
            "welcome" => {
                self.id = text("id");
                self.items.clear();
                for item in frame["items"].as_array().expect("items") {
                    self.put(item);
                }
                self.people = std::iter::once(&frame["player"])
                    .chain(frame["users"].as_array().expect("users"))
                    .map(|user| (user["id"].as_str().expect("an id").to_owned(), square(user)))
                    .collect();
            }
            "item_upsert" => self.put(&frame["item"]),
            "item_remove" => {
                assert!(self.items.remove(&text("itemId")).is_some(), "an unknown item went: {frame}");
            }
            "signal" => {
                self.people.insert(text("senderId"), square(frame));
            }
            "update_position" => {
                self.people.insert(text("id"), square(frame));
            }
            "user_left" => {
                self.people.remove(&text("id"));
            }
            _ => {}
        }
    }

    fn put(&mut self, item: &Value) {
        let id = item["id"].as_str().expect("an id").to_owned();
        let version = item["version"].as_i64().expect("a version");
        if let Some(before) = self.items.insert(id, item.clone()) {
            assert!(before["version"].as_i64().expect("a version") <= version, "{item} after {before}");
        }
    }
}

struct Sim {
    stage: Checked,
    chance: Env,
    open: BTreeMap<&'static str, Seen>,
    /// Items that were placed and not deleted, by the answers.
    items: BTreeSet<String>,
    carried: usize,
}

impl Sim {
    fn new(seed: u8) -> Self {
        let mut config = Config::default();
        config.world.grid_size = SIDE;
        let mut stage = Checked::new(config);
        stage.owner("olga", "password1").expect("an owner");
        for name in PEOPLE.into_iter().skip(1).chain(["probe"]) {
            stage.register(name);
            stage.close(name);
        }
        let chance = Env::seeded(START, [seed; 32]);
        Self { stage, chance, open: BTreeMap::new(), items: BTreeSet::new(), carried: 0 }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.chance.below(u32::try_from(bound).expect("few")) as usize
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let at = self.below(from.len());
        from[at]
    }

    fn listen(&mut self) {
        for (name, seen) in &mut self.open {
            for frame in self.stage.all(name) {
                seen.take(&frame);
                let (ok, id) = (frame["ok"] == true, frame["itemId"].as_str().unwrap_or_default().to_owned());
                match frame["action"].as_str() {
                    Some("add") if ok => assert!(self.items.insert(id), "placed twice: {frame}"),
                    Some("delete") if ok => assert!(self.items.remove(&id), "deleted twice: {frame}"),
                    _ => {}
                }
            }
        }
    }

    /// An item, rather one that is within reach.
    fn item(&mut self, name: &str) -> Option<String> {
        let seen = &self.open[name];
        let own = seen.people.get(&seen.id).copied();
        let all: Vec<String> = seen.items.keys().cloned().collect();
        let near: Vec<String> = seen
            .items
            .values()
            .filter(|item| item["x"].as_i64().zip(item["y"].as_i64()) == own)
            .filter_map(|item| item["id"].as_str().map(str::to_owned))
            .collect();
        let from = if near.is_empty() || self.below(5) == 0 { all } else { near };
        (!from.is_empty()).then(|| from[self.below(from.len())].clone())
    }

    fn step(&mut self) {
        let name = self.pick(&PEOPLE);
        if !self.open.contains_key(name) {
            self.stage.login(name, name);
            self.open.insert(name, Seen::default());
            return;
        }
        match self.below(24) {
            0 => {
                self.stage.close(name);
                self.open.remove(name);
            }
            1..=5 => {
                let kind = if self.below(2) == 0 { "update_position" } else { "teleport_complete" };
                let (x, y) = (self.below(4), self.below(4));
                self.stage.send(name, &json!({"type": kind, "x": x, "y": y}).to_string());
            }
            6 => {
                let kind = self.pick(&KINDS);
                if self.items.len() < 12 {
                    self.stage.send(name, &json!({"type": "item_add", "itemType": kind}).to_string());
                }
            }
            7 => {
                let wait = self.pick(&[10, 900, 4_000, 70_000]);
                self.stage.wait(wait);
            }
            _ => self.act(name),
        }
        self.stage.wait(150);
    }

    fn act(&mut self, name: &'static str) {
        let Some(item) = self.item(name) else { return };
        let target = self.below(8).to_string();
        let (title, on) = (format!("Thing {}", self.below(3)), self.below(2) == 0);
        let reel = self.pick(&["toggle_record", "stop_record", "playback", "stop_playback"]);
        let packet = match self.below(13) {
            0..=2 => json!({"type": "item_pickup", "itemId": item}),
            3 | 4 => json!({"type": "item_drop", "itemId": item, "x": 0, "y": 0}),
            5 if self.below(3) == 0 => json!({"type": "item_delete", "itemId": item}),
            5 | 6 => json!({"type": "item_use", "itemId": item}),
            7 => json!({"type": "item_update", "itemId": item, "title": title, "params": {"enabled": on}}),
            8 => json!({"type": "item_secondary_use", "itemId": item}),
            9 => json!({"type": "item_transfer", "itemId": item, "targetUserId": target}),
            10 => json!({"type": "item_piano_recording", "itemId": item, "action": reel}),
            _ => json!({"type": "item_piano_note", "itemId": item, "keyId": "KeyA", "midi": 60, "on": on}),
        };
        self.stage.send(name, &packet.to_string());
    }

    fn check(&mut self, step: usize) {
        self.listen();
        let state = self.stage.world.state();
        let space = state.directory.default_space().expect("main").id;
        let stored: BTreeSet<String> = state.directory.items(space).map(|item| item.id.to_string()).collect();
        assert_eq!(stored, self.items, "step {step}: items are lost or doubled");
        let inside = |(x, y): (i64, i64)| (0..3).contains(&x) && (0..3).contains(&y);
        let mut hands: BTreeMap<SessionId, ItemId> = BTreeMap::new();
        for item in state.directory.items(space) {
            let Some(carrying) = state.live.carrier(item.id) else { continue };
            assert_eq!(hands.insert(carrying.session, item.id), None, "step {step}: two in one hand");
            assert_eq!(state.live.carried_by(carrying.session), Some(item.id), "step {step}");
            assert!(state.live.session(carrying.session).is_some(), "step {step}: carried by nobody");
            self.carried += 1;
        }
        for session in state.live.sessions() {
            let held = state.live.carried_by(session.id);
            assert_eq!(held, hands.get(&session.id).copied(), "step {step}: hands hold what is not there");
        }
        for (name, seen) in &self.open {
            assert!(
                seen.people.values().all(|at| inside(*at)),
                "step {step}: {name} sees somebody off the grid"
            );
            for item in seen.items.values() {
                let square = (item["x"].as_i64().expect("x"), item["y"].as_i64().expect("y"));
                assert!(inside(square), "step {step}: {item} is off the grid");
                if let Some(carrier) = item["carrierId"].as_str() {
                    assert_eq!(
                        seen.people.get(carrier),
                        Some(&square),
                        "step {step}: {item} is not with its carrier"
                    );
                }
            }
        }
    }

    /// What a newcomer is told equals what everybody was told.
    fn compare(&mut self, step: usize) {
        self.stage.open("probe", "chatgrid", "/ws", &[]).expect("opens");
        let login = json!({"type": "auth_login", "username": "probe", "password": "password1"});
        let mut fresh = Seen::default();
        for frame in self.stage.ask("probe", &login) {
            fresh.take(&frame);
        }
        self.stage.close("probe");
        self.listen();
        let own = std::mem::take(&mut fresh.id);
        fresh.people.remove(&own);
        for (name, seen) in &self.open {
            assert_eq!(seen.items, fresh.items, "step {step}: {name} was told something else");
            assert_eq!(seen.people, fresh.people, "step {step}: {name} sees other people");
        }
    }
}

fn simulate(seed: u8) {
    let mut sim = Sim::new(seed);
    for step in 0..STEPS {
        sim.step();
        sim.check(step);
        if step % 10 == 9 {
            sim.compare(step);
        }
    }
    assert!(sim.carried > 50, "hardly anything was carried: {}", sim.carried);
}

#[test]
fn many_seeds_hold() {
    for seed in 1..=6 {
        simulate(seed);
    }
}
