//! A world with this protocol, and people in it.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod form;

use commonroom_testkit::stage::{Received, Response};
use commonroom_testkit::{Stage, World};
use commonroom_together::{Config, adapter, router};
use serde_json::{Value, json};

/// Somebody signed in.
#[derive(Clone)]
pub struct Person {
    pub id: String,
    pub token: String,
    pub refresh: String,
}

/// A world whose settings are the usual ones, changed by `settings` (JSON).
pub fn world(settings: &Value) -> World {
    let config: Config = serde_json::from_value(settings.clone()).expect("settings are known");
    with(config)
}

/// A world without rate limits: for tests about something else.
pub fn unlimited() -> World {
    world(&json!({"rate_limit": {"exempt": ["127.0.0.0/8"]}}))
}

/// A world with this configuration.
pub fn with(config: Config) -> World {
    mounted(World::new(), config)
}

/// This world with the protocol.
pub fn mounted(mut world: World, config: Config) -> World {
    let (setup, gateway) = (world.setup(), world.gateway());
    world.mount("together", adapter(config.clone(), setup.clone()), router(config, setup, gateway));
    world
}

/// A request with raw headers and body.
pub fn raw(world: &mut World, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    world.http("together", method, path, &headers, body).expect("an answer")
}

/// A request of somebody (or nobody) with a JSON body (or none): status and body.
pub fn call(world: &mut World, who: Option<&Person>, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let bearer = who.map(|person| format!("Bearer {}", person.token));
    let mut headers: Vec<(&str, &str)> =
        bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
    let text = if body.is_null() { String::new() } else { body.to_string() };
    if !body.is_null() {
        headers.push(("content-type", "application/json"));
    }
    let response = raw(world, method, path, &headers, text.as_bytes());
    (response.status, json_of(&response))
}

/// The body as JSON; null when empty.
pub fn json_of(response: &Response) -> Value {
    if response.body.is_empty() { Value::Null } else { serde_json::from_slice(&response.body).expect("JSON") }
}

/// A header of a response.
pub fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// A call that must succeed with this status: its body.
pub fn must(world: &mut World, status: u16, who: &Person, method: &str, path: &str, body: &Value) -> Value {
    let (found, answer) = call(world, Some(who), method, path, body);
    assert_eq!(found, status, "{method} {path}: {answer}");
    answer
}

/// Somebody new.
pub fn register(world: &mut World, name: &str) -> Person {
    let body = json!({"username": name, "password": "secret-password"});
    let (status, answer) = call(world, None, "POST", "/auth/register", &body);
    assert_eq!(status, 201, "{answer}");
    person(&answer)
}

/// The person of an `AuthResponse`.
pub fn person(answer: &Value) -> Person {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    Person {
        id: text(&answer["user"]["id"]),
        token: text(&answer["access_token"]),
        refresh: text(&answer["refresh_token"]),
    }
}

/// A public server of somebody, with a text and a voice channel: their ids.
pub fn server(world: &mut World, owner: &Person) -> (String, String, String) {
    let id = |value: Value| value["id"].as_str().expect("an id").to_owned();
    let server = id(must(world, 201, owner, "POST", "/servers", &json!({"name": "Club", "is_public": true})));
    let path = format!("/servers/{server}/channels");
    let text = id(must(world, 201, owner, "POST", &path, &json!({"name": "talk", "type": "text"})));
    let voice = id(must(world, 201, owner, "POST", &path, &json!({"name": "voice", "type": "voice"})));
    (server, text, voice)
}

/// Joins a server.
pub fn join(world: &mut World, who: &Person, server: &str) {
    must(world, 201, who, "POST", &format!("/servers/{server}/join"), &Value::Null);
}

/// Opens a gateway connection and takes its READY.
pub fn open(world: &mut World, name: &str, who: &Person) -> Value {
    world.open(name, "together", &format!("/ws?token={}", who.token), &[]).expect("it opens");
    let ready = next(world, name).expect("READY");
    assert_eq!(ready["t"], "READY");
    ready["d"].clone()
}

/// The next frame as JSON.
pub fn next(world: &mut World, name: &str) -> Option<Value> {
    match world.receive(name)? {
        Received::Text(text) => Some(serde_json::from_str(&text).expect("JSON")),
        other @ (Received::Binary(_) | Received::Close(_)) => panic!("{name}: {other:?}"),
    }
}

/// Everything that has arrived.
pub fn all(world: &mut World, name: &str) -> Vec<Value> {
    std::iter::from_fn(|| next(world, name)).collect()
}
