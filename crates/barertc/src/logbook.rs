//! What is said in public channels, as lines of text files (barertc.md 10.1): `2026-11-21T12:00:00Z [ann] hello`. Written
//! whether or not anybody is here, by a session without a client.

use crate::encode;
use crate::settings::Settings;
use crate::world;
use commonroom_core::event::{Event, EventBody};
use commonroom_core::fallback::{self, Speaker};
use commonroom_core::ids::SpaceId;
use commonroom_core::message::Message;
use commonroom_hub::limits::LOG_LINE_BYTES;
use commonroom_hub::request::{Answer, Log, Request};
use commonroom_hub::session::{Context, Happening, Inbound, Session, Show, State};
use commonroom_media::filename;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// Seconds until the space is looked for again.
const SEARCH_SECONDS: i64 = 1;
/// Bytes of a file's name.
const NAME_BYTES: usize = 100;
/// Bytes of the hash of a channel's name.
const HASH_BYTES: usize = 4;

/// Who writes the logs.
#[derive(Debug)]
pub struct Clerk {
    settings: Arc<Settings>,
    space: Option<SpaceId>,
}

impl Clerk {
    /// One who has not begun.
    pub fn new(settings: Arc<Settings>) -> Self {
        Self { settings, space: None }
    }

    fn settle(&mut self, cx: &mut Context<'_>) {
        self.space = world::space(cx.state, &self.settings.now().config).map(|space| space.id);
        match self.space {
            Some(space) => cx.watch(space),
            None => cx.wake_at(cx.now.plus_seconds(SEARCH_SECONDS)),
        }
    }

    /// The line that something becomes, if it is kept.
    fn log(&self, event: &Event, state: &State) -> Option<Log> {
        let (message, edited) = said(event)?;
        let shared = self.settings.now();
        let known = world::shown(state, &shared.config, self.space?, message.channel)?;
        let logging = &shared.config.logging;
        if !logging.channels.contains(&known.id) {
            return None;
        }
        let mut line = format!("{} [{}] ", event.at.rfc3339(), speaker(message, state));
        if edited {
            line.push_str("(edited) ");
        }
        line.push_str(&message.text);
        for extra in fallback::extras(message) {
            line.push_str(&format!(" ({})", extra.head));
        }
        line.truncate(line.floor_char_boundary(LOG_LINE_BYTES));
        let line = line.replace(char::is_control, " ");
        Some(Log { folder: logging.directory.clone(), name: name(&known.id), line })
    }
}

/// The name of a channel's file. One that had to be changed gets a part of its hash, because several become the same.
fn name(id: &str) -> String {
    let plain = filename::ascii(id, NAME_BYTES);
    if plain == id {
        return plain;
    }
    let hash =
        Sha256::digest(id).iter().take(HASH_BYTES).map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("{plain}-{hash}")
}

/// The message that somebody said or changed.
fn said(event: &Event) -> Option<(&Message, bool)> {
    if let EventBody::MessagePosted { message } = &event.body {
        Some((message, false))
    } else if let EventBody::MessageEdited { message, .. } = &event.body {
        Some((message, true))
    } else {
        None
    }
}

fn speaker(message: &Message, state: &State) -> String {
    match fallback::speaker(&state.directory, message) {
        Speaker::Account(account) => world::name(state, account).to_owned(),
        Speaker::Server => encode::SERVER.to_owned(),
        Speaker::Named(name) => name.into_owned(),
    }
}

impl Session for Clerk {
    fn opened(&mut self, cx: &mut Context<'_>) {
        self.settle(cx);
    }

    fn frame(&mut self, _: Inbound<'_>, _: &mut Context<'_>) {}

    fn answer(&mut self, _: u32, _: Answer, _: &mut Context<'_>) {}

    fn show(&mut self, happening: &Happening, state: &State) -> Show {
        match happening {
            Happening::Event(event) if self.log(event, state).is_some() => Show::Private,
            Happening::Event(_) | Happening::Live(_) => Show::Nothing,
        }
    }

    fn tell(&mut self, happening: &Happening, cx: &mut Context<'_>) {
        if let Happening::Event(event) = happening
            && let Some(log) = self.log(event, cx.state)
        {
            cx.run(0, Request::Log(log));
        }
    }

    fn tick(&mut self, cx: &mut Context<'_>) {
        if self.space.is_none() {
            self.settle(cx);
        }
    }

    fn closed(&mut self, _: &mut Context<'_>) {}
}
