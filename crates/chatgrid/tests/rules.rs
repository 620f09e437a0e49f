//! Rules that need many frames, other settings or a look inside.

mod support;

use commonroom_chatgrid::Config;
use commonroom_core::command::{Actor, Command, NewItem};
use commonroom_testkit::stage::{Received, Stage};
use support::Checked;

fn closed_with(stage: &mut Checked, name: &str) -> Option<u16> {
    while let Some(received) = stage.receive(name) {
        if let Received::Close(code) = received {
            return Some(code);
        }
    }
    None
}

// chatgrid.md 2.2: invalid messages are ignored, but not for ever.
#[test]
fn a_hundred_invalid_messages_in_ten_seconds_end_a_connection() {
    let mut stage = Checked::new(Config::default());
    stage.register("ann");
    for round in 0..3 {
        for _ in 0..99 {
            stage.send("ann", r#"{"type":"chat_message","message":5}"#);
        }
        assert_eq!(closed_with(&mut stage, "ann"), None, "round {round}");
        stage.wait(11_000);
    }
    for _ in 0..100 {
        stage.send("ann", "[");
    }
    assert_eq!(closed_with(&mut stage, "ann"), Some(1008));
}

// chatgrid.md 14, scenario 23; defect 9.
#[test]
fn garbage_ends_nothing() {
    let mut stage = Checked::new(Config::default());
    stage.register("ann");
    stage.all("ann");
    let deep = "[".repeat(100_000);
    let big = format!(r#"{{"type":"signal","targetId":"x","sdp":{{"sdp":"{}"}}}}"#, "x".repeat(1_900_000));
    for text in [
        "[]",
        "\"x\"",
        &deep,
        &big,
        r#"{"type":"ping","clientSentAt":1e999}"#,
        r#"{"type":"chat_message","message":"\udc00"}"#,
    ] {
        stage.send("ann", text);
    }
    stage.send_binary("ann", &[0xff, 0xfe, 0x00]);
    stage.send("ann", r#"{"type":"ping","clientSentAt":1}"#);
    assert_eq!(stage.all("ann"), [serde_json::json!({"type": "pong", "clientSentAt": 1})]);
}

// chatgrid.md 5.8: a payload of more than 64 KiB is not relayed.
#[test]
fn a_large_signal_is_not_relayed() {
    let mut stage = Checked::new(Config::default());
    stage.register("ann");
    stage.register("bob");
    let ann = stage.all("ann");
    let bob = ann.iter().find_map(|frame| frame["senderId"].as_str()).expect("bob is announced").to_owned();
    stage.all("bob");
    let mut signal = |size: usize| {
        let sdp = "x".repeat(size);
        stage.send("ann", &format!(r#"{{"type":"signal","targetId":"{bob}","sdp":{{"sdp":"{sdp}"}}}}"#));
        stage.all("bob").len()
    };
    assert_eq!(signal(60_000), 1);
    assert_eq!(signal(70_000), 0);
}

// chatgrid.md 9 and defect 13: pings, signals and names have their pace; what is beyond it is not carried out.
#[test]
fn pings_signals_and_names_have_their_pace() {
    let mut stage = Checked::new(Config::default());
    stage.register("ann");
    stage.register("bob");
    let ann = stage.all("ann");
    let bob = ann.iter().find_map(|frame| frame["senderId"].as_str()).expect("bob is announced").to_owned();
    stage.wait(5_000);
    stage.all("bob");
    for _ in 0..50 {
        stage.send("ann", r#"{"type":"ping","clientSentAt":1}"#);
    }
    assert_eq!(stage.all("ann").len(), 10);
    for _ in 0..1_100 {
        stage.send("ann", &format!(r#"{{"type":"signal","targetId":"{bob}","ice":{{"candidate":"a"}}}}"#));
    }
    assert_eq!(stage.all("bob").len(), 1_000);
    for number in 0..6 {
        stage.send("ann", &format!(r#"{{"type":"update_nickname","nickname":"ann{number}"}}"#));
    }
    let results = stage.all("ann");
    let last = results.last().expect("an answer");
    assert_eq!(last["reason"], "Too many changes of nickname. Try again shortly.", "{last}");
    assert_eq!(last["effectiveNickname"], "ann4");
    stage.wait(1_000);
    assert_eq!(stage.ask("ann", &serde_json::json!({"type": "ping", "clientSentAt": 2})).len(), 1);
}

// chatgrid.md 9: an account has so many connections at most; the oldest goes, and does not come back by itself.
#[test]
fn a_connection_too_many_ends_the_oldest() {
    let mut stage = Checked::new(Config::default());
    stage.register("ann");
    let frames = stage.all("ann");
    let token = frames.iter().find_map(|frame| frame["sessionToken"].as_str()).expect("a token");
    let resume = serde_json::json!({"type": "auth_resume", "sessionToken": token}).to_string();
    let most = commonroom_hub::limits::SESSIONS_PER_ACCOUNT;
    for number in 1..=most {
        assert!(stage.all("ann").iter().all(|frame| frame["ok"] != false), "{number} are not too many");
        stage.wait(10);
        let name = format!("ann{number}");
        stage.open(&name, "chatgrid", "/ws", &[]).expect("opens");
        stage.send(&name, &resume);
    }
    let told = stage.all("ann").into_iter().find(|frame| frame["ok"] == false).expect("a reason");
    assert_eq!(told["message"], "Too many connections of this account.");
    let ping = serde_json::json!({"type": "ping", "clientSentAt": 1});
    assert!(stage.ask("ann", &ping).is_empty(), "it has ended");
    assert_eq!(stage.ask("ann1", &ping).last().expect("a pong")["type"], "pong");
}

// chatgrid.md 3.2: a token is 48 random bytes, and every sign-in has its own.
#[test]
fn tokens_are_long_and_never_the_same() {
    let mut stage = Checked::new(Config::default());
    stage.register("ann");
    stage.login("two", "ann");
    let token = |stage: &mut Checked, name: &str| {
        let frames = stage.all(name);
        frames.iter().find_map(|frame| frame["sessionToken"].as_str()).expect("a token").to_owned()
    };
    let (one, two) = (token(&mut stage, "ann"), token(&mut stage, "two"));
    assert_ne!(one, two);
    for token in [one, two] {
        assert_eq!(token.len(), 64);
        assert!(token.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'), "{token}");
    }
}

// crossing.md C2: lines about other protocols can be switched off; people still appear.
#[test]
fn lines_from_elsewhere_can_be_switched_off() {
    let mut config = Config::default();
    config.crossing.system_lines = false;
    config.crossing.parking_square = (7, 8);
    let mut stage = Checked::new(config);
    stage.register("ann");
    stage.all("ann");
    stage.open("tom", "elsewhere", "/", &[]).expect("opens");
    stage.send("tom", r#"{"as":"tom"}"#);
    stage.send("tom", r#"{"say":"one"}"#);
    stage.send("tom", r#"{"edit":"two"}"#);
    stage.send("tom", r#"{"delete":true}"#);
    stage.send("tom", r#"{"name":"Thomas"}"#);
    stage.close("tom");
    stage.wait(20_000);
    let frames = stage.all("ann");
    let kinds: Vec<_> = frames.iter().filter_map(|frame| frame["type"].as_str()).collect();
    assert_eq!(
        kinds,
        ["signal", "update_position", "update_nickname", "chat_message", "update_nickname", "user_left"]
    );
    assert_eq!((&frames[0]["x"], &frames[0]["y"]), (&7.into(), &8.into()));
}

// chatgrid.md 4.1: a walker's square is stored at most every five seconds.
#[test]
fn a_walk_is_stored_now_and_then() {
    let mut stage = Checked::new(Config::default());
    stage.register("ann");
    stage.send("ann", r#"{"type":"teleport_complete","x":0,"y":0}"#);
    let stored = |stage: &Checked| {
        use commonroom_core::event::{EventBody, MemberChange};
        let square = |event: &&std::sync::Arc<commonroom_core::Event>| {
            matches!(event.body, EventBody::Member { change: MemberChange::Square, .. })
        };
        stage.world.told().iter().filter(square).count()
    };
    let before = stored(&stage);
    for x in 1..=30 {
        stage.wait(400);
        stage.send("ann", &format!(r#"{{"type":"update_position","x":{x},"y":0}}"#));
    }
    assert_eq!(stored(&stage) - before, 2);
    stage.close("ann");
    assert_eq!(stored(&stage) - before, 3);
}

// chatgrid.md 6.3 and 5.19: giving a role shows at once.
#[test]
fn a_role_given_is_told() {
    let mut stage = Checked::new(Config::default());
    stage.register("ann");
    stage.all("ann");
    let state = stage.world.state();
    let space = state.directory.default_space().expect("there is one").clone();
    let account = state.directory.account_with_handle("ann").expect("registered").id;
    let role = space.role_named("admin").expect("there is one").id;
    stage.world.command(Actor::System, Command::GiveRole { space: space.id, account, role }).expect("given");
    let frames = stage.all("ann");
    assert_eq!(frames.len(), 1);
    assert_eq!((&frames[0]["type"], &frames[0]["role"]), (&"auth_permissions".into(), &"admin".into()));
    assert_eq!(frames[0]["permissions"].as_array().map(Vec::len), Some(19));
    assert_eq!(frames[0]["adminMenuActions"].as_array().map(Vec::len), Some(5));
}

// chatgrid.md 3.2: an owner made of a known name has a new password: whoever was signed in with the old one is out.
#[test]
fn an_owner_made_of_a_name_signs_its_holder_out() {
    let mut stage = Checked::new(Config::default());
    stage.register("ann");
    stage.all("ann");
    stage.owner("ann", "another-password").expect("made");
    let frames = stage.all("ann");
    assert!(frames.iter().any(|frame| frame["type"] == "auth_result" && frame["ok"] == false), "{frames:?}");
}

// chatgrid.md 5.7: a silenced member is told so.
#[test]
fn a_timed_out_member_cannot_chat() {
    let mut stage = Checked::new(Config::default());
    stage.register("ann");
    let state = stage.world.state();
    let space = state.directory.default_space().expect("there is one").id;
    let account = state.directory.account_with_handle("ann").expect("registered").id;
    let until = Some(commonroom_testkit::world::START.plus_seconds(3_600));
    let timeout = Command::Timeout { space, account, until, reason: None };
    stage.world.command(Actor::System, timeout).expect("silenced");
    stage.all("ann");
    stage.send("ann", r#"{"type":"chat_message","message":"hi"}"#);
    let frames = stage.all("ann");
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0]["message"], "You are timed out and cannot send chat messages.");
}

// chatgrid.md 3.3: a deleted account hears it and stops coming back.
#[test]
fn a_deleted_account_is_told() {
    let mut stage = Checked::new(Config::default());
    stage.register("ann");
    stage.register("bob");
    stage.all("ann");
    stage.all("bob");
    let account = stage.world.state().directory.account_with_handle("bob").expect("registered").id;
    stage.world.command(Actor::System, Command::Retire { account }).expect("retired");
    let frames = stage.all("bob");
    assert_eq!(
        frames.last(),
        Some(&serde_json::json!({"type": "auth_result", "ok": false, "message": "Account deleted."}))
    );
    stage.wait(1);
    let others = stage.all("ann");
    let kinds: Vec<_> = others.iter().filter_map(|frame| frame["type"].as_str()).collect();
    assert_eq!(kinds, ["user_left", "chat_message"]);
    assert_eq!(others[1]["message"], "bob has logged out.");
}

// chatgrid.md 5.4 and 10: the grid may have another size; people and things outside of it appear inside.
#[test]
fn a_smaller_grid_has_nobody_outside() {
    let mut config = Config::default();
    config.world.grid_size = 3;
    config.crossing.parking_square = (10, 10);
    let mut stage = Checked::new(config);
    let olga = stage.world.member("olga");
    let space = stage.world.state().directory.default_space().expect("main").id;
    let (kind, title, params) = ("dice".to_owned(), "Far".to_owned(), Default::default());
    let far = Command::PlaceItem(NewItem { space, kind, title, square: (40, 1), params });
    stage.world.command(Actor::Account(olga), far).expect("placed");
    stage.register("ann");
    let frames = stage.all("ann");
    let welcome = frames.iter().find(|frame| frame["type"] == "welcome").expect("welcome");
    assert_eq!(welcome["worldConfig"]["gridSize"], 3);
    assert_eq!((&welcome["items"][0]["x"], &welcome["items"][0]["y"]), (&2.into(), &1.into()));
    let at = |key: &str| welcome["player"][key].as_i64().expect("a number");
    assert!((0..3).contains(&at("x")) && (0..3).contains(&at("y")));
    stage.open("tom", "elsewhere", "/", &[]).expect("opens");
    stage.send("tom", r#"{"as":"tom"}"#);
    let tom = stage.all("ann");
    assert_eq!((&tom[0]["x"], &tom[0]["y"]), (&2.into(), &2.into()));
}

// chatgrid.md 4.2 and defect 17: a thing of a type that is not known (any more) is there, and only cannot be used.
#[test]
fn a_thing_of_an_unknown_type_harms_nothing() {
    let mut stage = Checked::new(Config::default());
    stage.register("ann");
    stage.send("ann", r#"{"type":"teleport_complete","x":5,"y":5}"#);
    let directory = stage.world.state().directory;
    let (ann, space) = (
        directory.account_with_handle("ann").expect("known").id,
        directory.default_space().expect("main").id,
    );
    let params = [("colour".to_owned(), commonroom_core::item::Param::Text("red".to_owned()))].into();
    let (kind, title) = ("teapot".to_owned(), "Pot".to_owned());
    let pot = Command::PlaceItem(NewItem { space, kind, title, square: (5, 5), params });
    stage.world.command(Actor::Account(ann), pot).expect("placed");
    let frames = stage.all("ann");
    let item = frames.iter().find_map(|frame| frame.get("item")).expect("it is told");
    assert_eq!((&item["type"], &item["params"]["colour"]), (&"teapot".into(), &"red".into()));
    let ask = |kind: &str| serde_json::json!({"type": kind, "itemId": item["id"]});
    for kind in ["item_use", "item_secondary_use", "item_update", "item_pickup"] {
        let answer = stage.ask("ann", &ask(kind));
        assert!(answer.iter().any(|frame| frame["type"] == "item_action_result"), "{kind}: {answer:?}");
    }
    stage.login("two", "ann");
    let welcome = stage.all("two").into_iter().find(|frame| frame["type"] == "welcome").expect("welcome");
    assert_eq!(welcome["items"][0]["title"], "Pot");
}

// Settings are checked, and unknown ones are errors.
#[test]
fn settings_are_checked() {
    let read = |text: &str| serde_json::from_str::<Config>(text);
    let short = read(r#"{"grid_size": 20, "listen": "", "server": {"grid_name": "G"}}"#).expect("known keys");
    assert_eq!((short.size(), short.check()), (20, Ok(())));
    assert!(read(r#"{"gridsize": 20}"#).is_err());
    assert!(read(r#"{"server": {"name": "G"}}"#).is_err());
    for bad in [
        r#"{"world": {"grid_size": 0}}"#,
        r#"{"auth": {"password_min_length": 9, "password_max_length": 8}}"#,
        r#"{"server": {"base_path": "grid"}}"#,
    ] {
        assert!(read(bad).expect("known keys").check().is_err(), "{bad}");
    }
}
