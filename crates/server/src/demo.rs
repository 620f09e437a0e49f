//! A furnished community in a temporary directory: people, channels, history, things on the grid, and somebody who talks.

use crate::config::Config;
use crate::run;
use anyhow::Result;
use commonroom_core::account::Protocol;
use commonroom_core::channel::ChannelKind;
use commonroom_core::command::{Actor, ChannelSettings, Command, NewItem, NewMessage, Registration};
use commonroom_core::item::Param;
use commonroom_core::{AccountId, ChannelId, Refusal, Reply, SessionId, SpaceId};
use commonroom_hub::Gateway;
use commonroom_hub::live::{LiveCommand, LiveSession, Scope};
use commonroom_hub::request::{PasswordWork, Request};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::Duration;

/// The password of everybody in the demo.
const PASSWORD: &str = "demo-password";
/// How often the resident says something.
const PAUSE: Duration = Duration::from_secs(20);

/// The people, how they are called, and through which door they came.
const PEOPLE: [(&str, &str, Protocol); 5] = [
    ("olga", "Olga", Protocol::OriginChats),
    ("mara", "Mara", Protocol::ChatGrid),
    ("benno", "Benno", Protocol::Together),
    ("suki", "Suki", Protocol::OriginChats),
    ("hearth", "Hearth", Protocol::Together),
];

/// What was said before you came: who (by index), where, and what.
const HISTORY: [(usize, &str, &str); 9] = [
    (0, "general", "Welcome to the **common room**. Whoever comes in through any door lands here."),
    (1, "general", "I came over the grid. It is nice to hear footsteps again."),
    (2, "general", "Together client here. I can read you both."),
    (3, "general", "@mara where are you standing? I put a dice next to the wheel."),
    (1, "general", "At 20, 21. Found it. I rolled a six, of course."),
    (0, "music", "Post what you are listening to. Radio links welcome."),
    (2, "music", "Rain on a tin roof, mostly."),
    (3, "workshop", "The shelf is up. Photos when the light is better."),
    (0, "workshop", "`commonroom backup` ran tonight, all good."),
];

/// What the resident says, in turn.
const TALK: [&str; 6] = [
    "The kettle is on.",
    "Somebody left the window open again. I like it.",
    "If you just arrived: say something, people on all four clients will read it.",
    "It is quiet on the grid. Good time to try the piano.",
    "I keep the fire going. That is all I do, but I do it well.",
    "Edit a message and watch what the others see.",
];

/// Runs the demo until it is told to stop.
///
/// # Errors
/// When the server cannot start.
pub fn run(config_file: Option<&Path>) -> Result<()> {
    let config = Config::load(config_file, std::env::vars())?;
    let data = std::env::temp_dir().join(format!("commonroom-demo-{}", std::process::id()));
    tracing::info!("a furnished community in {} (gone when it ends)", data.display());
    tracing::info!("sign in as olga (the owner), mara, benno or suki; the password is {PASSWORD}");
    let file = config_file.map(Path::to_owned);
    let reread = Box::new(move || Config::load(file.as_deref(), std::env::vars()));
    let served = run::serve(&config, &data, Some(Box::new(move_in)), reread);
    if data.exists() {
        std::fs::remove_dir_all(&data)?;
    }
    served
}

fn move_in(gateway: Gateway) {
    tokio::spawn(async move {
        match furnish(&gateway).await {
            Ok((resident, space, channel)) => live(&gateway, resident, space, channel).await,
            Err(refusal) => tracing::error!(?refusal, "the demo could not be furnished"),
        }
    });
}

async fn furnish(gateway: &Gateway) -> Result<(AccountId, SpaceId, ChannelId), Refusal> {
    let space =
        gateway.state().directory.default_space().map(|space| space.id).ok_or(Refusal::NoSuchSpace)?;
    let mut people = Vec::new();
    for (username, shown, via) in PEOPLE {
        people.push(person(gateway, username, shown, via).await?);
    }
    let owner = Command::CreateOwner { username: "olga".to_owned(), password: PASSWORD.to_owned() };
    gateway.request(Request::Password(PasswordWork::Change { actor: Actor::System, command: owner })).await?;
    for (name, kind, topic) in [
        ("music", ChannelKind::Text, "What are you listening to?"),
        ("workshop", ChannelKind::Text, "Things being made"),
        ("fireside", ChannelKind::Voice, "Talk"),
    ] {
        let settings = ChannelSettings {
            name: Some(name.to_owned()),
            topic: Some(Some(topic.to_owned())),
            ..ChannelSettings::default()
        };
        gateway.command(Actor::System, Command::CreateChannel { space, kind, settings }).await?;
    }
    for (who, place, text) in HISTORY {
        say(gateway, people[who], channel(gateway, space, place)?, text).await?;
    }
    for (kind, title, square) in
        [("dice", "Dice", (20, 21)), ("wheel", "Lunch wheel", (21, 21)), ("clock", "Tall clock", (18, 24))]
    {
        place(gateway, people[1], space, kind, title, square).await?;
    }
    Ok((people[4], space, channel(gateway, space, "general")?))
}

async fn person(gateway: &Gateway, username: &str, shown: &str, via: Protocol) -> Result<AccountId, Refusal> {
    let registration = Registration {
        username: username.to_owned(),
        display_name: Some(shown.to_owned()),
        email: None,
        password: PASSWORD.to_owned(),
        invite: None,
        via,
    };
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let work = PasswordWork::Register { registration, address, throttling: None };
    let reply = gateway.request(Request::Password(work)).await?;
    if let Reply::Account(account) = reply { Ok(account) } else { Err(Refusal::Fault) }
}

fn channel(gateway: &Gateway, space: SpaceId, name: &str) -> Result<ChannelId, Refusal> {
    gateway
        .state()
        .directory
        .channel_named(space, name)
        .map(|channel| channel.id)
        .ok_or(Refusal::NoSuchChannel)
}

async fn say(gateway: &Gateway, who: AccountId, channel: ChannelId, text: &str) -> Result<(), Refusal> {
    let message = NewMessage { ping: false, ..NewMessage::said(channel, text) };
    gateway.command(Actor::Account(who), Command::PostMessage(message)).await.map(|_| ())
}

async fn place(
    gateway: &Gateway,
    owner: AccountId,
    space: SpaceId,
    kind: &str,
    title: &str,
    square: (i32, i32),
) -> Result<(), Refusal> {
    let text = |text: &str| Param::Text(text.to_owned());
    let params: BTreeMap<String, Param> = match kind {
        "dice" => vec![("sides", Param::Int(6)), ("number", Param::Int(2))],
        "wheel" => vec![("spaces", text("soup, noodles, pizza, leftovers"))],
        "clock" => vec![
            ("timeZone", text("UTC")),
            ("use24Hour", Param::Bool(true)),
            ("topOfHourAnnounce", Param::Bool(true)),
            ("alarmEnabled", Param::Bool(false)),
            ("alarmTime", text("12:00")),
        ],
        _ => Vec::new(),
    }
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    let new = NewItem { space, kind: kind.to_owned(), title: title.to_owned(), square, params };
    gateway.command(Actor::Account(owner), Command::PlaceItem(new)).await.map(|_| ())
}

/// The resident is online and says something now and then.
async fn live(gateway: &Gateway, resident: AccountId, space: SpaceId, channel: ChannelId) {
    let id = SessionId(resident.0);
    let session = LiveSession::new(id, resident, Protocol::Together, Scope::Space(space), gateway.now());
    if let Err(refusal) = gateway.live(LiveCommand::Attach(Box::new(session))).await {
        tracing::warn!(?refusal, "the resident did not come in");
    }
    for line in TALK.iter().cycle() {
        tokio::time::sleep(PAUSE).await;
        if let Err(refusal) = say(gateway, resident, channel, line).await {
            tracing::warn!(?refusal, "the resident was not heard");
        }
    }
}
