//! Whatever people do to roles and to one another: nobody rises above what somebody gave them, and somebody is left who
//! may do everything (chatgrid.md 5.19, defect 12).

mod support;

use commonroom_chatgrid::{Config, rights, roles};
use commonroom_core::permission::Permissions;
use commonroom_testkit::stage::Stage;
use support::Checked;

const PEOPLE: [&str; 4] = ["ann", "bob", "cid", "dan"];
const ROLES: [&str; 7] = ["admin", "user", "guest", "moderator", "giver", "warden", "low"];
const SEEDS: u64 = 24;
const STEPS: usize = 120;

/// A small generator: the same steps for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % count
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

fn some_keys(chance: &mut Chance) -> String {
    let keys: Vec<String> =
        rights::keys().into_iter().filter(|_| chance.below(3) == 0).map(|key| format!("\"{key}\"")).collect();
    keys.join(",")
}

fn step(chance: &mut Chance) -> String {
    let everybody = [&PEOPLE[..], &["olga"]].concat();
    let (user, role, other) = (chance.of(&everybody), chance.of(&ROLES), chance.of(&ROLES));
    match chance.below(7) {
        0 => format!(r#"{{"type":"admin_role_create","name":"{role}"}}"#),
        1 | 2 => {
            let keys = some_keys(chance);
            format!(r#"{{"type":"admin_role_update_permissions","role":"{role}","permissions":[{keys}]}}"#)
        }
        3 => format!(r#"{{"type":"admin_role_delete","role":"{role}","replacementRole":"{other}"}}"#),
        4 | 5 => format!(r#"{{"type":"admin_user_set_role","username":"{user}","role":"{role}"}}"#),
        _ => {
            let verb = chance.of(&["ban", "unban", "unban", "delete"]);
            format!(r#"{{"type":"admin_user_{verb}","username":"{user}"}}"#)
        }
    }
}

/// What somebody may, and who has the role with all rights.
fn held(stage: &Checked, name: &str) -> (Permissions, String) {
    let state = stage.world.state();
    let directory = &state.directory;
    let space = directory.default_space().expect("there is one");
    match directory.account_with_handle(name).filter(|account| !account.retired) {
        Some(account) => {
            let held = rights::held(directory, space, account.id);
            (held, roles::of(directory, space, account.id))
        }
        None => (Permissions::NONE, String::new()),
    }
}

fn world(chance: &mut Chance) -> Checked {
    let mut stage = Checked::new(Config::default());
    stage.owner("olga", "secret-password").expect("an owner");
    stage.open("olga", "chatgrid", "/ws", &[]).expect("opens");
    stage.send("olga", r#"{"type":"auth_login","username":"olga","password":"secret-password"}"#);
    for name in PEOPLE {
        stage.register(name);
    }
    for (role, own) in [("giver", "user.change_role"), ("warden", "role.manage"), ("low", "chat.send")] {
        let keys = some_keys(chance);
        let keys = if keys.is_empty() { format!("\"{own}\"") } else { format!("{keys},\"{own}\"") };
        stage.send("olga", &format!(r#"{{"type":"admin_role_create","name":"{role}"}}"#));
        let update = r#"{"type":"admin_role_update_permissions","role":"#;
        stage.send("olga", &format!(r#"{update}"{role}","permissions":[{keys}]}}"#));
        stage.wait(1_000);
    }
    for (name, role) in [("ann", "giver"), ("bob", "warden"), ("cid", "low")] {
        let set = r#"{"type":"admin_user_set_role","username":"#;
        stage.send("olga", &format!(r#"{set}"{name}","role":"{role}"}}"#));
    }
    stage
}

#[test]
fn nobody_rises_and_an_administrator_is_left() {
    let mut changes = 0;
    for seed in 0..SEEDS {
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1);
        let mut stage = world(&mut chance);
        let given = PEOPLE.iter().fold(Permissions::NONE, |sum, name| sum | held(&stage, name).0);
        for at in 0..STEPS {
            let (who, packet) = (chance.of(&PEOPLE), step(&mut chance));
            stage.send(who, &packet);
            stage.wait(300);
            let state = stage.world.state();
            let space = state.directory.default_space().expect("there is one");
            for name in PEOPLE {
                let (now, role) = held(&stage, name);
                assert!(role != "admin", "seed {seed}, step {at}: {name} rose by {who}'s {packet}");
                assert!(given.has(now), "seed {seed}, step {at}: {name} gained by {who}'s {packet}");
            }
            let first = held(&stage, "olga");
            assert_eq!(first, (Permissions::ALL, "admin".to_owned()), "seed {seed}, step {at}: {packet}");
            let names: Vec<String> = roles::all(space).into_iter().map(|role| role.name).collect();
            let mut distinct = names.clone();
            distinct.sort();
            distinct.dedup();
            assert_eq!(distinct.len(), names.len(), "seed {seed}, step {at}: {names:?}");
        }
        for name in PEOPLE {
            let answered = stage.all(name);
            changes += answered
                .iter()
                .filter(|frame| frame["type"] == "admin_action_result" && frame["ok"] == true)
                .count();
        }
        stage.finish();
    }
    assert!(changes > 100, "hardly anything was allowed: {changes}");
}
