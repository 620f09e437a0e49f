//! Rules of items that need another store, other settings, many frames or a look inside.

mod support;

use commonroom_chatgrid::Config;
use commonroom_core::command::{Actor, Command, ItemDeed, RoleSettings};
use commonroom_core::engine::Rules;
use commonroom_core::item::Laid;
use commonroom_core::{AccountId, ItemId, Permissions, Refusal, SessionId};
use commonroom_store_sqlite::SqliteStore;
use commonroom_testkit::World;
use commonroom_testkit::stage::Stage;
use commonroom_testkit::world::START;
use serde_json::{Value, json};
use support::Checked;

fn standing(stage: &mut Checked, name: &str, x: i32, y: i32) {
    stage.register(name);
    stage.send(name, &json!({"type": "teleport_complete", "x": x, "y": y}).to_string());
    stage.all(name);
}

fn place(stage: &mut Checked, name: &str, kind: &str) -> String {
    let frames = stage.ask(name, &json!({"type": "item_add", "itemType": kind}));
    let last = frames.last().expect("an answer");
    assert_eq!(last["ok"], true, "{last}");
    last["itemId"].as_str().expect("an id").to_owned()
}

fn message(frames: &[Value]) -> &str {
    frames.last().and_then(|frame| frame["message"].as_str()).unwrap_or_default()
}

fn account(stage: &Checked, name: &str) -> AccountId {
    stage.world.state().directory.account_with_handle(name).expect("registered").id
}

fn id(item: &str) -> ItemId {
    item.parse().expect("an id")
}

// chatgrid.md 4.3, 4.8, 14.15 and defects 5 and 17: after an end without notice what was carried is free and lies where
// its carrier was stored last, and tunes are still there.
#[test]
fn a_restart_frees_what_was_carried_and_keeps_tunes() {
    let open = || SqliteStore::memory("chatgrid-restart").expect("a store in memory opens");
    let _kept = open();
    let mut stage = Checked::on(World::with(Box::new(open()), Rules::default(), 1), Config::default());
    standing(&mut stage, "ann", 5, 5);
    let piano = place(&mut stage, "ann", "piano");
    let reel = |action: &str| json!({"type": "item_piano_recording", "itemId": piano, "action": action});
    stage.ask("ann", &reel("toggle_record"));
    stage.ask(
        "ann",
        &json!({"type": "item_piano_note", "itemId": piano, "keyId": "KeyA", "midi": 60, "on": true}),
    );
    stage.ask("ann", &reel("stop_record"));
    stage.ask("ann", &json!({"type": "item_pickup", "itemId": piano}));
    stage.ask("ann", &json!({"type": "update_position", "x": 6, "y": 5}));
    stage.wait(6_000);
    stage.all("ann");
    stage.ask("ann", &json!({"type": "update_position", "x": 7, "y": 5}));
    drop(stage);

    let mut stage = Checked::on(World::with(Box::new(open()), Rules::default(), 2), Config::default());
    stage.login("ann", "ann");
    let frames = stage.all("ann");
    let welcome = frames.iter().find(|frame| frame["type"] == "welcome").expect("welcome");
    let item = &welcome["items"][0];
    assert_eq!((&welcome["player"]["x"], &welcome["player"]["y"]), (&json!(6), &json!(5)));
    assert_eq!((&item["x"], &item["y"], item.get("carrierId")), (&json!(6), &json!(5), None));
    assert_eq!(item["version"], json!(2), "only the tune made a new one");
    assert_eq!(item["params"]["songId"], json!(format!("item:{piano}:recording")));
    let frames = stage.ask("ann", &reel("playback"));
    assert_eq!(message(&frames[..2]), "Playback started.");
    stage.wait(1);
    let frames = [frames, stage.all("ann")].concat();
    assert!(
        frames.iter().any(|frame| frame["type"] == "item_piano_note" && frame["keyId"] == "KeyA"),
        "{frames:?}"
    );
    let taken = stage.ask("ann", &json!({"type": "item_pickup", "itemId": piano}));
    assert_eq!(message(&taken), "Picked up piano.");
}

// chatgrid.md 5.11 and 8: who may carry no more still puts down what they hold, and takes nothing up again.
#[test]
fn a_right_lost_while_carrying_still_lets_one_put_down() {
    let mut stage = Checked::new(Config::default());
    standing(&mut stage, "ann", 5, 5);
    let dice = place(&mut stage, "ann", "dice");
    stage.ask("ann", &json!({"type": "item_pickup", "itemId": dice}));
    let space = stage.world.state().directory.default_space().expect("main").clone();
    let role = space.everyone().expect("there is one").id;
    let permissions = Some(Permissions::MEMBER.without(Permissions::ITEM_CARRY_OWN));
    let settings = RoleSettings { permissions, ..RoleSettings::default() };
    stage
        .world
        .command(Actor::System, Command::ChangeRole { space: space.id, role, settings })
        .expect("changed");
    stage.wait(500);
    stage.ask("ann", &json!({"type": "update_position", "x": 6, "y": 5}));
    let frames = stage.ask("ann", &json!({"type": "item_drop", "itemId": dice, "x": 6, "y": 5}));
    assert_eq!(message(&frames), "Dropped Dice at 6, 5.");
    let frames = stage.ask("ann", &json!({"type": "item_pickup", "itemId": dice}));
    assert_eq!(message(&frames), "Not authorized to pick up this item.");
}

// chatgrid.md 5.9 and 9: an account owns so many items and no more, also by gift.
#[test]
fn nobody_owns_more_than_their_share() {
    let mut stage = Checked::new(Config::default());
    standing(&mut stage, "ann", 5, 5);
    standing(&mut stage, "bob", 5, 5);
    let gift = place(&mut stage, "bob", "dice");
    for _ in 0..commonroom_core::limits::ITEMS_PER_OWNER {
        place(&mut stage, "ann", "dice");
        stage.wait(100);
    }
    let frames = stage.ask("ann", &json!({"type": "item_add", "itemType": "dice"}));
    assert_eq!(message(&frames), "Item limit reached.");
    let give = json!({"type": "item_transfer", "itemId": gift, "targetUserId": "1"});
    stage.all("bob");
    assert_eq!(message(&stage.ask("bob", &give)), "Item limit reached.");
}

// chatgrid.md 9 and defect 13: items and notes have their pace; a key that is down can always come up.
#[test]
fn items_and_notes_have_their_pace() {
    let mut stage = Checked::new(Config::default());
    standing(&mut stage, "ann", 5, 5);
    standing(&mut stage, "bob", 5, 5);
    let piano = place(&mut stage, "ann", "piano");
    stage.wait(5_000);
    let secondary = json!({"type": "item_secondary_use", "itemId": piano});
    for _ in 0..30 {
        assert_eq!(message(&stage.ask("ann", &secondary)), "No secondary action for piano.");
    }
    assert_eq!(message(&stage.ask("ann", &secondary)), "Too many item actions. Try again shortly.");
    stage.wait(100);
    assert_eq!(message(&stage.ask("ann", &secondary)), "No secondary action for piano.");
    stage.all("bob");
    let note =
        |on: bool| json!({"type": "item_piano_note", "itemId": piano, "keyId": "KeyA", "midi": 60, "on": on});
    for _ in 0..300 {
        stage.send("ann", &note(true).to_string());
    }
    stage.send("ann", &note(false).to_string());
    let frames = stage.all("bob");
    assert_eq!(frames.len(), 201);
    assert_eq!(frames[200]["on"], false);
}

// chatgrid.md 4.3: who does not want to meet somebody still sees where things are, and hears no line of it.
#[test]
fn the_muted_carry_things_visibly() {
    let mut stage = Checked::new(Config::default());
    standing(&mut stage, "ann", 5, 5);
    standing(&mut stage, "bob", 5, 5);
    stage.open("bobs", "elsewhere", "/", &[]).expect("opens");
    stage.send("bobs", r#"{"as":"bob"}"#);
    stage.send("bobs", r#"{"mute":"ann"}"#);
    let dice = place(&mut stage, "ann", "dice");
    stage.all("bob");
    stage.ask("ann", &json!({"type": "item_pickup", "itemId": dice}));
    stage.ask("ann", &json!({"type": "teleport_complete", "x": 9, "y": 9}));
    stage.ask("ann", &json!({"type": "item_drop", "itemId": dice, "x": 9, "y": 9}));
    let frames = stage.all("bob");
    let kinds: Vec<_> = frames.iter().filter_map(|frame| frame["type"].as_str()).collect();
    assert_eq!(kinds, ["item_upsert", "item_upsert", "item_upsert"], "{frames:?}");
    assert_eq!(frames[1]["item"]["x"], 9);
}

// chatgrid.md 4.7: stations are asked while somebody is near, once for all radios, and less often when they fail.
#[test]
fn stations_are_asked_only_when_it_helps() {
    let mut stage = Checked::new(Config::default());
    standing(&mut stage, "ann", 5, 5);
    let tune = |stage: &mut Checked, radio: &str, url: &str| {
        let params = json!({"streamUrl": url, "emitRange": 5});
        stage.ask("ann", &json!({"type": "item_update", "itemId": radio, "params": params}));
    };
    let (one, two) = (place(&mut stage, "ann", "radio_station"), place(&mut stage, "ann", "radio_station"));
    tune(&mut stage, &one, "http://stations.test/A/a");
    tune(&mut stage, &two, "http://stations.test/A/a");
    stage.wait(10_000);
    assert_eq!(stage.world.tuned(), ["http://stations.test/A/a"]);
    let known: Vec<_> =
        stage.all("ann").iter().map(|frame| frame["item"]["params"]["nowPlaying"].clone()).collect();
    assert_eq!(known, ["a", "a"]);
    stage.wait(10_000);
    assert_eq!(stage.world.tuned().len(), 2);

    stage.ask("ann", &json!({"type": "teleport_complete", "x": 11, "y": 5}));
    stage.wait(60_000);
    assert_eq!(stage.world.tuned().len(), 2, "nobody is near");
    stage.ask("ann", &json!({"type": "teleport_complete", "x": 10, "y": 10}));
    stage.wait(10_000);
    assert_eq!(stage.world.tuned().len(), 3);

    stage.ask("ann", &json!({"type": "teleport_complete", "x": 5, "y": 5}));
    stage.ask("ann", &json!({"type": "item_use", "itemId": one}));
    tune(&mut stage, &two, "/media/own.ogg");
    stage.wait(60_000);
    assert_eq!(stage.world.tuned().len(), 3, "switched off, and of this site");

    tune(&mut stage, &two, "http://dead.example/");
    stage.wait(600_000);
    let asked = stage.world.tuned().len() - 3;
    assert!((4..=7).contains(&asked), "{asked} times in ten minutes");
}

// chatgrid.md 4.7: what was known of a station stays for a few failures.
#[test]
fn a_station_that_falls_silent_is_forgotten_later() {
    let mut stage = Checked::new(Config::default());
    standing(&mut stage, "ann", 5, 5);
    let radio = place(&mut stage, "ann", "radio_station");
    let params = json!({"streamUrl": "http://dead.example/"});
    stage.ask("ann", &json!({"type": "item_update", "itemId": radio, "params": params}));
    let known = [("stationName".to_owned(), commonroom_core::item::Param::Text("Known".to_owned()))].into();
    let change = commonroom_core::command::ItemChange { params: known, ..Default::default() };
    stage
        .world
        .command(Actor::System, Command::Item { item: id(&radio), deed: ItemDeed::Change(change) })
        .expect("changed");
    let name = |stage: &Checked| {
        let state = stage.world.state();
        let item = state.directory.item(id(&radio)).expect("placed").clone();
        item.params["stationName"].clone()
    };
    stage.wait(30_000);
    assert_eq!(stage.world.tuned().len(), 2);
    assert_eq!(name(&stage), commonroom_core::item::Param::Text("Known".to_owned()));
    stage.wait(600_000);
    assert_eq!(name(&stage), commonroom_core::item::Param::Text(String::new()));
}

// What the adapter relies on: the core keeps these rules whoever asks.
#[test]
fn the_core_guards_items_too() {
    let mut stage = Checked::new(Config::default());
    standing(&mut stage, "ann", 5, 5);
    standing(&mut stage, "bob", 5, 5);
    let dice = id(&place(&mut stage, "ann", "dice"));
    let (ann, bob) = (account(&stage, "ann"), account(&stage, "bob"));
    let mut ask = |actor, command| stage.world.command(actor, command).err();
    let laid = Laid { square: (1, 1), holder: SessionId::MIN, by: Some(ann), at: START };
    assert_eq!(
        ask(Actor::Account(ann), Command::Item { item: dice, deed: ItemDeed::Lay(laid) }),
        Some(Refusal::NotAllowed)
    );
    assert_eq!(
        ask(Actor::Account(ann), Command::Item { item: dice, deed: ItemDeed::Along((1, 1)) }),
        Some(Refusal::NotAllowed)
    );
    assert_eq!(
        ask(Actor::Account(bob), Command::Item { item: dice, deed: ItemDeed::Transfer(bob) }),
        Some(Refusal::NotAllowed)
    );
    assert_eq!(
        ask(Actor::Account(ann), Command::Item { item: dice, deed: ItemDeed::Transfer(ann) }),
        Some(Refusal::Already)
    );
    let nobody = AccountId::MAX;
    assert_eq!(
        ask(Actor::Account(ann), Command::Item { item: dice, deed: ItemDeed::Transfer(nobody) }),
        Some(Refusal::NoSuchAccount)
    );
    let long = "x".repeat(commonroom_core::limits::ITEM_MEMORY_BYTES + 1);
    let change = commonroom_core::command::ItemChange { memory: Some(long.into()), ..Default::default() };
    assert_eq!(
        ask(Actor::System, Command::Item { item: dice, deed: ItemDeed::Change(change) }),
        Some(Refusal::TooLong)
    );
    let lost = Command::Item { item: ItemId::MAX, deed: ItemDeed::Use(Default::default()) };
    assert_eq!(ask(Actor::Account(ann), lost), Some(Refusal::NoSuchItem));
    let stranger = Command::Item { item: dice, deed: ItemDeed::Use(Default::default()) };
    assert_eq!(ask(Actor::Account(nobody), stranger), Some(Refusal::NotAllowed));
}

// chatgrid.md 4.3: two who reach for one thing at the same moment, and one who reaches for what was moved meanwhile.
#[test]
fn a_thing_is_in_one_hand_only() {
    use commonroom_core::account::Protocol;
    use commonroom_hub::Hub;
    use commonroom_hub::live::{LiveCommand, LiveSession, Scope};
    let mut stage = Checked::new(Config::default());
    standing(&mut stage, "ann", 5, 5);
    standing(&mut stage, "bob", 5, 5);
    let (dice, wheel) = (id(&place(&mut stage, "ann", "dice")), id(&place(&mut stage, "ann", "wheel")));
    let directory = stage.world.state().directory;
    let space = directory.default_space().expect("main").id;
    let mut hub = Hub::new(directory);
    let (one, two) = (SessionId::MIN, SessionId::MAX);
    for (session, name) in [(one, "ann"), (two, "bob")] {
        let scope = Scope::Space(space);
        let mut live = LiveSession::new(session, account(&stage, name), Protocol::ChatGrid, scope, START);
        live.square = Some((5, 5));
        hub.command(LiveCommand::Attach(Box::new(live)), START);
    }
    let mut reach = |session, item, seen| {
        hub.command(LiveCommand::Carry { session, item, seen }, START);
        let (_, state) = hub.take();
        (state.live.carried_by(one), state.live.carried_by(two))
    };
    assert_eq!(reach(one, dice, (4, 5)), (None, None), "it lies elsewhere by now");
    assert_eq!(reach(one, dice, (5, 5)), (Some(dice), None));
    assert_eq!(reach(two, dice, (5, 5)), (Some(dice), None), "it is taken");
    assert_eq!(reach(one, wheel, (5, 5)), (Some(dice), None), "the hands are full");
    assert_eq!(reach(two, wheel, (5, 5)), (Some(dice), Some(wheel)));

    hub.command(LiveCommand::Move { session: one, square: (7, 7), teleport: false }, START);
    hub.command(LiveCommand::Detach { session: one, grace_millis: 0 }, START.plus_seconds(1));
    let (_, state) = hub.take();
    assert_eq!(state.live.carrier(dice), None);
    assert_eq!(state.live.lies_at(state.directory.item(dice).expect("placed")), (7, 7));
    let laid = Laid { square: (7, 7), holder: one, by: None, at: START.plus_seconds(1) };
    assert_eq!(
        hub.take_commands(),
        [(Actor::System, Command::Item { item: dice, deed: ItemDeed::Lay(laid) })]
    );
}

// chatgrid.md 5.9 to 5.18 and 8: every deed takes its right.
#[test]
fn whoever_may_do_nothing_is_told_so() {
    let mut stage = Checked::new(Config::default());
    standing(&mut stage, "ann", 5, 5);
    standing(&mut stage, "bob", 5, 5);
    let piano = place(&mut stage, "ann", "piano");
    let space = stage.world.state().directory.default_space().expect("main").clone();
    let role = space.everyone().expect("there is one").id;
    let settings = RoleSettings { permissions: Some(Permissions::SEND), ..RoleSettings::default() };
    stage
        .world
        .command(Actor::System, Command::ChangeRole { space: space.id, role, settings })
        .expect("changed");
    stage.all("ann");
    stage.all("bob");
    let item = |kind: &str| json!({"type": kind, "itemId": piano});
    let record = json!({"type": "item_piano_recording", "itemId": piano, "action": "toggle_record"});
    let give = json!({"type": "item_transfer", "itemId": piano, "targetUserId": "2"});
    for (packet, text) in [
        (json!({"type": "item_add", "itemType": "dice"}), "Not authorized to create items."),
        (item("item_pickup"), "Not authorized to pick up this item."),
        (item("item_delete"), "Not authorized to delete this item."),
        (item("item_update"), "Not authorized to edit this item."),
        (item("item_use"), "Not authorized to use items."),
        (item("item_secondary_use"), "Not authorized to use items."),
        (record, "Not authorized to use items."),
        (item("item_transfer_targets"), "Not authorized to transfer this item."),
        (give, "Not authorized to transfer this item."),
    ] {
        assert_eq!(message(&stage.ask("ann", &packet)), text, "{packet}");
    }
    let note = json!({"type": "item_piano_note", "itemId": piano, "keyId": "KeyA", "midi": 60, "on": true});
    assert!(stage.ask("ann", &note).is_empty());
    assert!(stage.all("bob").is_empty());
}
