//! No who list tells its viewer what is hidden from them, whatever people do and in whatever order (barertc.md 8.2);
//! and everybody ends up with the list they are to see, without anything more happening.

mod common;

use commonroom_barertc::Config;
use commonroom_testkit::World;
use commonroom_testkit::stage::{Received, Stage};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Two guests, a VIP and an operator.
const PEOPLE: [&str; 4] = ["ann", "bob", "olga", "vera"];
const OLGA: usize = 2;
const VERA: usize = 3;
const OLGA_TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJvbGdhIiwib3AiOnRydWV9.cUOi83O2LHEv_ARhMF0VYGLMzU5xnmXm3-8DXkJGi3w";
const VERA_TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ2ZXJhIiwidmlwIjp0cnVlfQ.rDYp9uWsgsF0OKsex8Y-8zda_247tRL4ehLo1Lzbcig";

#[derive(Clone, Debug)]
enum Act {
    Camera(usize, i64),
    Hidden(usize, bool),
    Mute(usize, usize, bool),
    Block(usize, usize),
    Boot(usize, usize, bool),
    Invite(usize, usize),
    Rejoin(usize),
    /// By the operator.
    Op(usize, bool),
    /// By the operator.
    Cut(usize),
    /// By the operator.
    Explicit(usize),
    Wait,
}

/// What is to be seen, kept by the letter of the specification.
#[derive(Clone, Debug)]
struct Model {
    camera: [i64; 4],
    /// Cut by the operator, and not yet off by themselves.
    cut: [bool; 4],
    /// Say of themselves that they are hidden.
    hidden: [bool; 4],
    /// And are.
    gone: [bool; 4],
    operator: [bool; 4],
    muted: BTreeSet<(usize, usize)>,
    blocked: BTreeSet<(usize, usize)>,
    booted: BTreeSet<(usize, usize)>,
    invited: BTreeSet<(usize, usize)>,
}

impl Model {
    fn new() -> Self {
        Self {
            camera: [0; 4],
            cut: [false; 4],
            hidden: [false; 4],
            gone: [false; 4],
            operator: [0, 1, 2, 3].map(|who| who == OLGA),
            muted: BTreeSet::new(),
            blocked: BTreeSet::new(),
            booted: BTreeSet::new(),
            invited: BTreeSet::new(),
        }
    }

    fn apply(&mut self, act: &Act) {
        let put = |set: &mut BTreeSet<(usize, usize)>, pair, on| {
            if on {
                set.insert(pair)
            } else {
                set.remove(&pair)
            };
        };
        match *act {
            Act::Camera(who, video) => {
                let kept = video & 0x17f & if who == VERA { !0 } else { !64 };
                self.cut[who] &= video & 1 != 0;
                self.camera[who] = if video & 1 == 0 || self.cut[who] { 0 } else { kept };
            }
            Act::Hidden(who, on) => {
                self.hidden[who] = on;
                self.gone[who] = on && self.operator[who];
            }
            Act::Op(who, on) if !self.gone[who] => self.operator[who] = on,
            Act::Cut(who) if !self.gone[who] && self.camera[who] != 0 => {
                (self.camera[who], self.cut[who]) = (0, true);
            }
            Act::Explicit(who) if !self.gone[who] && self.camera[who] != 0 => self.camera[who] |= 2,
            Act::Op(..) | Act::Cut(_) | Act::Explicit(_) => {}
            // Refused and forgotten; of an operator who is hidden it is remembered.
            Act::Block(_, to) if self.operator[to] && !self.gone[to] => {}
            Act::Mute(from, to, on) => put(&mut self.muted, (from, to), on),
            Act::Block(from, to) => put(&mut self.blocked, (from, to), true),
            Act::Boot(from, to, on) => put(&mut self.booted, (from, to), on),
            Act::Invite(from, to) => put(&mut self.invited, (from, to), true),
            Act::Rejoin(who) => {
                self.camera[who] = 0;
                self.cut[who] = false;
                self.hidden[who] = false;
                self.gone[who] = false;
                self.operator[who] = who == OLGA;
                for set in [&mut self.muted, &mut self.blocked, &mut self.booted, &mut self.invited] {
                    set.retain(|(from, _)| *from != who);
                }
            }
            Act::Wait => {}
        }
    }

    /// What `viewer` is to see of everybody: name, camera, status.
    fn list(&self, viewer: usize) -> Vec<(String, i64, String)> {
        let mut list = Vec::new();
        for (person, name) in PEOPLE.iter().enumerate() {
            let between =
                self.blocked.contains(&(person, viewer)) || self.blocked.contains(&(viewer, person));
            let in_vain = self.operator[person] || self.operator[viewer];
            let blocked = between && person != viewer && !in_vain;
            if self.gone[person] || blocked {
                continue;
            }
            let status = match (self.hidden[person], person == viewer) {
                (true, true) => "hidden",
                (true, false) => "away",
                (false, _) => "online",
            };
            list.push(((*name).to_owned(), self.video(person, viewer), status.to_owned()));
        }
        list
    }

    fn video(&self, person: usize, viewer: usize) -> i64 {
        let video = self.camera[person];
        let pair = (person, viewer);
        if person == viewer || video == 0 {
            video
        } else if self.booted.contains(&pair) || self.muted.contains(&pair) {
            if self.operator[viewer] { video & !32 } else { 0 }
        } else if self.invited.contains(&pair) {
            video | 128
        } else if video & 64 != 0 && viewer != VERA && !self.operator[viewer] {
            0
        } else {
            video
        }
    }
}

fn act() -> impl Strategy<Value = Act> {
    let one = 0..PEOPLE.len();
    let two = (0..PEOPLE.len(), 1..PEOPLE.len()).prop_map(|(from, by)| (from, (from + by) % PEOPLE.len()));
    prop_oneof![
        4 => (one.clone(), prop_oneof![Just(0i64), Just(-1), 0i64..1024]).prop_map(|(who, v)| Act::Camera(who, v)),
        1 => (one.clone(), any::<bool>()).prop_map(|(who, on)| Act::Hidden(who, on)),
        2 => (two.clone(), any::<bool>()).prop_map(|((from, to), on)| Act::Mute(from, to, on)),
        1 => two.clone().prop_map(|(from, to)| Act::Block(from, to)),
        2 => (two.clone(), any::<bool>()).prop_map(|((from, to), on)| Act::Boot(from, to, on)),
        2 => two.prop_map(|(from, to)| Act::Invite(from, to)),
        1 => one.clone().prop_map(Act::Rejoin),
        1 => (one.clone(), any::<bool>()).prop_filter_map("her own", |(who, on)| {
            (who != OLGA).then_some(Act::Op(who, on))
        }),
        1 => one.clone().prop_map(Act::Cut),
        1 => one.prop_map(Act::Explicit),
        1 => Just(Act::Wait),
    ]
}

fn enter(world: &mut World, who: usize) {
    world.open(PEOPLE[who], "barertc", "/ws", &[]).expect("a connection");
    let token = match who {
        OLGA => OLGA_TOKEN,
        VERA => VERA_TOKEN,
        _ => "",
    };
    let login = json!({"action": "login", "username": PEOPLE[who], "jwt": token});
    world.send(PEOPLE[who], &login.to_string());
}

fn perform(world: &mut World, act: &Act) {
    let command = |word: &str, who: usize| {
        (OLGA, json!({"action": "message", "message": format!("/{word} {}", PEOPLE[who])}))
    };
    let (who, frame) = match *act {
        Act::Camera(who, video) => (who, json!({"action": "me", "video": video})),
        Act::Hidden(who, on) => {
            (who, json!({"action": "me", "status": if on { "hidden" } else { "online" }}))
        }
        Act::Mute(from, to, on) => {
            (from, json!({"action": if on { "mute" } else { "unmute" }, "username": PEOPLE[to]}))
        }
        Act::Block(from, to) => (from, json!({"action": "block", "username": PEOPLE[to]})),
        Act::Boot(from, to, on) => {
            (from, json!({"action": if on { "boot" } else { "unboot" }, "username": PEOPLE[to]}))
        }
        Act::Invite(from, to) => (from, json!({"action": "video-invite", "usernames": [PEOPLE[to]]})),
        Act::Rejoin(who) => {
            world.close(PEOPLE[who]);
            return enter(world, who);
        }
        Act::Op(who, on) => command(if on { "op" } else { "deop" }, who),
        Act::Cut(who) => command("cut", who),
        Act::Explicit(who) => command("nsfw", who),
        Act::Wait => return world.wait(300),
    };
    world.send(PEOPLE[who], &frame.to_string());
}

/// Every list received since the last time.
fn lists(world: &mut World, who: usize) -> Vec<Vec<(String, i64, String)>> {
    let mut lists = Vec::new();
    while let Some(received) = world.receive(PEOPLE[who]) {
        let Received::Text(text) = received else { continue };
        let frame: Value = serde_json::from_str(&text).expect("JSON");
        if frame["action"] == "who" {
            lists.push(summary(&frame["whoList"]));
        }
    }
    lists
}

fn summary(list: &Value) -> Vec<(String, i64, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |entry: &Value| {
        (text(&entry["username"]), entry["video"].as_i64().unwrap_or_default(), text(&entry["status"]))
    };
    list.as_array().into_iter().flatten().map(one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_list_says_what_its_viewer_may_know(acts in proptest::collection::vec(act(), 1..24)) {
        let config = Config { jwt_secret: common::SECRET.to_owned(), rate_limits: false, ..Config::default() };
        let mut world = common::world(&config);
        for who in 0..PEOPLE.len() {
            enter(&mut world, who);
        }
        let mut model = Model::new();
        let mut newest: [_; 4] = std::array::from_fn(|who| lists(&mut world, who).pop());
        for act in &acts {
            let before = model.clone();
            model.apply(act);
            perform(&mut world, act);
            for (who, newest) in newest.iter_mut().enumerate() {
                // Of others nobody is ever shown what is to be seen neither before nor after, however the two are mixed.
                let mut known = [before.list(who), model.list(who)].concat();
                if let Act::Rejoin(again) = act {
                    // Until they are online again they are what they were when they went.
                    known.push((PEOPLE[*again].to_owned(), 0, "away".to_owned()));
                }
                for list in lists(&mut world, who) {
                    for entry in list.iter().filter(|(name, ..)| name != PEOPLE[who]) {
                        prop_assert!(known.contains(entry), "{} sees {entry:?} at {act:?}", PEOPLE[who]);
                    }
                    *newest = Some(list);
                }
            }
        }
        world.wait(1_000);
        for (who, newest) in newest.iter_mut().enumerate() {
            let last = lists(&mut world, who).pop().or(newest.take());
            prop_assert_eq!(&last.expect("a list"), &model.list(who), "{} sees", PEOPLE[who]);
        }
    }
}

#[test]
fn a_mute_costs_nobody_but_who_is_muted() {
    use commonroom_barertc::who::{Counter, Viewer};
    let config = Config::default();
    let mut world = common::world(&config);
    for name in ["ann", "bob", "carol", "dave"] {
        world.open(name, "barertc", "/ws", &[]).expect("a connection");
        world.send(name, &json!({"action": "login", "username": name}).to_string());
    }
    world.send("ann", r#"{"action":"blocklist","usernames":["nobody","is","here"]}"#);
    world.send("ann", r#"{"action":"me","video":1}"#);
    let same = |world: &World| {
        let state = world.state();
        let space = state.directory.default_space().expect("a space").id;
        let census = Counter::default().census(&state, &config, space);
        ["ann", "bob", "carol", "dave"].map(|name| {
            let account = state.directory.account_named(name).expect("somebody").id;
            let session = commonroom_barertc::world::session_of(&state, account).expect("a connection");
            let badge = state.live.badge(session.id).expect("a badge");
            let list = census.list(&state, &config, &Viewer { account, status: "online", session, badge });
            list.frame.as_ptr()
        })
    };
    let [ann, bob, carol, dave] = same(&world);
    assert!(ann == bob && bob == carol && carol == dave, "one list for all");
    world.send("ann", r#"{"action":"mute","username":"bob"}"#);
    let [ann, bob, carol, dave] = same(&world);
    assert!(ann == carol && carol == dave && bob != carol, "one list for all but bob");
}
