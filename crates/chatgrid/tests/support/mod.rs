//! A world with a grid and a stand-in for the other protocols, and a stage that holds every frame against the client's
//! schema.
#![allow(dead_code, reason = "each test binary uses a part of it")]

pub mod elsewhere;
pub mod schema;

use commonroom_chatgrid::Config;
use commonroom_testkit::World;
use commonroom_testkit::stage::{Received, Response, Stage};
use std::collections::BTreeSet;

/// A stage on which every frame to a Chat Grid client is checked (chatgrid.md 14, scenario 22).
pub struct Checked {
    pub world: World,
    grid: BTreeSet<String>,
    all: BTreeSet<String>,
}

impl Checked {
    pub fn new(config: Config) -> Self {
        Self::on(World::new(), config)
    }

    /// On a world that may have a past.
    pub fn on(mut world: World, config: Config) -> Self {
        let (setup, gateway) = (world.setup(), world.gateway());
        let router = commonroom_chatgrid::router(config.clone(), setup.clone(), gateway);
        world.mount("chatgrid", commonroom_chatgrid::adapter(config, setup), router);
        world.mount("elsewhere", elsewhere::adapter(), axum::Router::new());
        Self { world, grid: BTreeSet::new(), all: BTreeSet::new() }
    }

    /// Looks at what nobody has received.
    pub fn finish(&mut self) {
        for name in self.all.clone() {
            while self.receive(&name).is_some() {}
        }
    }

    /// All frames that have arrived.
    pub fn all(&mut self, name: &str) -> Vec<serde_json::Value> {
        let mut frames = Vec::new();
        while let Some(received) = self.receive(name) {
            if let Received::Text(text) = received {
                frames.push(serde_json::from_str(&text).expect("a frame is JSON"));
            }
        }
        frames
    }

    /// Somebody registered and in the world.
    pub fn register(&mut self, name: &str) {
        self.open(name, "chatgrid", "/ws", &[]).expect("opens");
        self.send(name, &format!(r#"{{"type":"auth_register","username":"{name}","password":"password1"}}"#));
        self.send(name, r#"{"type":"welcome_ready"}"#);
    }
}

impl Checked {
    /// Somebody known, signed in and in the world.
    pub fn login(&mut self, name: &str, username: &str) {
        self.open(name, "chatgrid", "/ws", &[]).expect("opens");
        let login = format!(r#"{{"type":"auth_login","username":"{username}","password":"password1"}}"#);
        self.send(name, &login);
        self.send(name, r#"{"type":"welcome_ready"}"#);
    }

    /// Sends a packet and takes what comes back.
    pub fn ask(&mut self, name: &str, packet: &serde_json::Value) -> Vec<serde_json::Value> {
        self.send(name, &packet.to_string());
        self.all(name)
    }
}

impl Stage for Checked {
    fn open(
        &mut self,
        name: &str,
        protocol: &str,
        target: &str,
        headers: &[(String, String)],
    ) -> Result<(), String> {
        self.all.insert(name.to_owned());
        if protocol == "chatgrid" {
            self.grid.insert(name.to_owned());
        } else {
            self.grid.remove(name);
        }
        self.world.open(name, protocol, target, headers)
    }

    fn send(&mut self, name: &str, text: &str) {
        self.world.send(name, text);
    }

    fn send_binary(&mut self, name: &str, bytes: &[u8]) {
        self.world.send_binary(name, bytes);
    }

    fn receive(&mut self, name: &str) -> Option<Received> {
        let received = self.world.receive(name);
        if let Some(Received::Text(text)) = &received
            && self.grid.contains(name)
            && let Err(why) = schema::check(text)
        {
            panic!("{name} got a frame that clients drop: {why}\n{text}");
        }
        received
    }

    fn close(&mut self, name: &str) {
        self.world.close(name);
    }

    fn wait(&mut self, millis: i64) {
        self.world.wait(millis);
    }

    fn owner(&mut self, name: &str, password: &str) -> Result<(), String> {
        self.world.owner(name, password)
    }

    fn http(
        &mut self,
        protocol: &str,
        method: &str,
        target: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<Response, String> {
        self.world.http(protocol, method, target, headers, body)
    }
}
