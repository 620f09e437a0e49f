//! A server with the people of the matrix in it.

use crate::common::form::{PNG, send};
use crate::common::{Person, call, join, json_of, must, register, server, unlimited};
use crate::need::{ADMINISTRATOR, ALL, MODERATOR, VIEW_CHANNEL, Who};
use commonroom_core::command::RoleSettings;
use commonroom_core::ids::{AccountId, RoleId, SpaceId};
use commonroom_core::{Actor, Command, Permissions, Reply};
use commonroom_testkit::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NO: Value = Value::Null;

/// A world, its people and the ids that paths name.
pub struct Cast {
    pub world: World,
    pub owner: Person,
    /// A plain member: whom others act upon, and who has said what there is.
    pub target: Person,
    /// Those who ask or listen, with what each has said before becoming what they are.
    pub people: BTreeMap<Who, (Person, String)>,
    /// What stands for `{name}` in a path.
    pub names: BTreeMap<&'static str, String>,
}

/// The id of an answer.
pub fn id(answer: &Value) -> String {
    answer["id"].as_str().expect("an id").to_owned()
}

impl Cast {
    /// A server of the owner, with these people beside.
    pub fn of(people: &[Who]) -> Self {
        let mut world = unlimited();
        let (owner, target) = (register(&mut world, "olga"), register(&mut world, "tess"));
        let (server, text, voice) = server(&mut world, &owner);
        join(&mut world, &target, &server);
        let names = BTreeMap::from([
            ("server", server),
            ("channel", text),
            ("voice", voice),
            ("user", target.id.clone()),
            ("nobody", "00000000-0000-0000-0000-000000000000".to_owned()),
        ]);
        let mut cast = Self { world, owner, target, people: BTreeMap::new(), names };
        cast.furnish();
        people.iter().filter(|who| **who != Who::Nobody).for_each(|who| cast.enter(*who));
        // Below the roles of those who are to give and take it.
        let role = cast.role("low", 0);
        cast.names.insert("role", role.to_string());
        cast
    }

    /// The id that a name stands for.
    pub fn name(&self, name: &str) -> String {
        self.names.get(name).unwrap_or_else(|| panic!("{{{name}}} stands for nothing")).clone()
    }

    /// The person.
    pub fn person(&self, who: Who) -> Option<Person> {
        if who == Who::Owner {
            Some(self.owner.clone())
        } else {
            self.people.get(&who).map(|(person, _)| person.clone())
        }
    }

    /// A request of the owner that succeeds.
    pub fn owner(&mut self, status: u16, method: &str, path: &str, body: &Value) -> Value {
        must(&mut self.world, status, &self.owner, method, path, body)
    }

    fn space(&self) -> SpaceId {
        SpaceId(self.name("server").parse().expect("an id"))
    }

    /// A role of the server; later ones are below.
    fn role(&mut self, name: &str, bits: u64) -> RoleId {
        let settings = RoleSettings {
            name: Some(name.to_owned()),
            permissions: Some(Permissions(bits)),
            ..RoleSettings::default()
        };
        let owner = Actor::Account(AccountId(self.owner.id.parse().expect("an id")));
        let made = self.world.command(owner, Command::CreateRole { space: self.space(), settings });
        let Ok(Reply::Role(role)) = made else { panic!("{made:?}") };
        role
    }

    /// What there is to ask for: a message with a file, a poll, an emoji, a rule, a conversation.
    fn furnish(&mut self) {
        let channel = self.name("channel");
        let target = self.target.clone();
        let message = say(&mut self.world, &target, &channel);
        let path = format!("/messages/{message}/attachments");
        let shared = send(&mut self.world, &target, &path, &[("files", Some("a.txt"), b"a text")]);
        let url = json_of(&shared)[0]["url"].as_str().expect("a file").to_owned();
        let name = url.rsplit('/').next().expect("a name").to_owned();
        let asked = json!({"question": "q", "options": ["a", "b"]});
        let poll = must(&mut self.world, 201, &target, "POST", &format!("/channels/{channel}/polls"), &asked);
        let option = id(&poll["poll"]["options"][0]);
        let dm =
            must(&mut self.world, 201, &target, "POST", "/dm-channels", &json!({"user_id": self.owner.id}));
        let rule = json!({"user_id": target.id, "allow": 0, "deny": 0});
        let rule = self.owner(200, "PUT", &format!("/channels/{channel}/overrides"), &rule);
        let form: [crate::common::form::Part<'_>; 2] =
            [("name", None, b"party"), ("image", Some("p.png"), PNG)];
        let path = format!("/servers/{}/emojis", self.name("server"));
        let emoji = json_of(&send(&mut self.world, &self.owner, &path, &form));
        let path = format!("/servers/{}/invites", self.name("server"));
        let invite = self.owner(201, "POST", &path, &json!({}));
        let code = invite["code"].as_str().expect("a code").to_owned();
        self.names.extend([
            ("invite", id(&invite)),
            ("code", code),
            ("message", message),
            ("name", name),
            ("poll", id(&poll)),
            ("option", option),
            ("conversation", id(&dm)),
            ("rule", id(&rule)),
            ("custom", id(&emoji)),
            ("emoji", "%F0%9F%91%8D".to_owned()),
        ]);
    }

    fn enter(&mut self, who: Who) {
        if who == Who::Owner {
            let channel = self.name("channel");
            let said = say(&mut self.world, &self.owner, &channel);
            self.people.insert(who, (self.owner.clone(), said));
            return;
        }
        if who == Who::Target {
            self.people.insert(who, (self.target.clone(), self.name("message")));
            return;
        }
        let name = format!("who_{}", self.people.len());
        let person = register(&mut self.world, &name);
        let (server, channel) = (self.name("server"), self.name("channel"));
        if who == Who::Outsider {
            // Not even of the first server, which everybody begins in.
            let servers = must(&mut self.world, 200, &person, "GET", "/servers", &NO);
            must(
                &mut self.world,
                204,
                &person,
                "DELETE",
                &format!("/servers/{}/leave", id(&servers[0])),
                &NO,
            );
            self.people.insert(who, (person, self.name("message")));
            return;
        }
        join(&mut self.world, &person, &server);
        let said = say(&mut self.world, &person, &channel);
        let member = format!("/servers/{server}/members/{}", person.id);
        match who {
            Who::Banned => drop(self.owner(204, "POST", &format!("{member}/ban"), &NO)),
            Who::Muted => {
                self.owner(200, "POST", &format!("{member}/timeout"), &json!({"duration_minutes": 9}));
            }
            Who::Blind => self.deny(&person, VIEW_CHANNEL),
            Who::Denied(bit) => self.deny(&person, bit),
            Who::Moderator => self.promote(&person, &name, MODERATOR),
            Who::Admin => self.promote(&person, &name, ADMINISTRATOR),
            Who::Only(bit) => self.promote(&person, &name, bit),
            Who::AllBut(bit) => self.promote(&person, &name, ALL & !ADMINISTRATOR & !bit),
            Who::Nobody | Who::Outsider | Who::Owner | Who::Target | Who::Member => {}
        }
        self.people.insert(who, (person, said));
    }

    fn deny(&mut self, person: &Person, bits: u64) {
        for channel in ["channel", "voice"] {
            let path = format!("/channels/{}/overrides", self.name(channel));
            self.owner(200, "PUT", &path, &json!({"user_id": person.id, "allow": 0, "deny": bits}));
        }
    }

    fn promote(&mut self, person: &Person, name: &str, bits: u64) {
        let role = self.role(name, bits);
        let path = format!("/servers/{}/members/{}/roles/{role}", self.name("server"), person.id);
        self.owner(204, "PUT", &path, &NO);
    }
}

fn say(world: &mut World, who: &Person, channel: &str) -> String {
    let path = format!("/channels/{channel}/messages");
    let (status, said) = call(world, Some(who), "POST", &path, &json!({"content": "said before"}));
    assert_eq!(status, 201, "{said}");
    id(&said)
}
