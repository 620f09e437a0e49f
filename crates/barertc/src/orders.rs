//! What the website, or the operator of the server, asks of somebody's connection: an [`Order`] travels to the session as a signal in its own name.

use crate::encode;
use crate::markup;
use crate::session::{Connection, Phase};
use crate::stances::poke;
use crate::token;
use crate::wire::Stance;
use commonroom_hub::live::{LiveCommand, LiveEvent, LiveSession};
use commonroom_hub::session::{Context, Happening};
use serde::{Deserialize, Serialize};

/// An order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Order {
    /// Show this HTML as a notice.
    Hear(String),
    /// Do not meet these people, as if the client had asked so.
    Avoid(Vec<String>),
    /// The same, and the client is told.
    Block(Vec<String>),
    /// Show this, unless it is empty, and go.
    Leave(String),
    /// There are other settings now.
    Follow,
    /// This token is the one in force now.
    Amend(String),
}

/// The word of signals that are orders.
const WORD: &str = "order";

impl Order {
    /// Names in one order, and bytes of one name: more does not fit into a signal.
    pub const NAMES: usize = 400;
    /// Bytes of a name, which is at most 32 characters long.
    pub const NAME_BYTES: usize = 128;
    /// Bytes of HTML.
    pub const HTML_BYTES: usize = 16 << 10;

    /// The order on its way to a session.
    pub fn to(&self, session: &LiveSession) -> LiveCommand {
        poke(session, WORD, serde_json::to_string(self).unwrap_or_default())
    }

    /// The order that a session is given by something that happened.
    pub(crate) fn of(happening: &Happening) -> Option<Self> {
        let Happening::Live(event) = happening else { return None };
        let LiveEvent::Signal { signal, .. } = &**event else { return None };
        if signal.word == WORD { serde_json::from_str(&signal.body).ok() } else { None }
    }
}

impl Connection {
    /// Does what the website asks.
    pub(crate) fn obey(&mut self, order: Order, cx: &mut Context<'_>) {
        match order {
            Order::Hear(html) => cx.send(&encode::error(&markup::clean(&html))),
            Order::Avoid(names) => self.relate(Stance::Blocklist, true, &names, cx),
            Order::Block(names) => {
                self.relate(Stance::Blocklist, true, &names, cx);
                for name in &names {
                    cx.send(&encode::block(name));
                }
                let shared = self.shared.clone();
                if let Phase::Here(here) = &mut self.phase {
                    here.want_roll(&shared, cx);
                }
            }
            Order::Leave(html) => {
                let why = if html.is_empty() { html } else { encode::error(&markup::clean(&html)) };
                self.expel(&why, cx);
            }
            Order::Follow => self.follow_settings(cx),
            Order::Amend(jwt) => self.amend(&jwt, cx),
        }
    }

    fn amend(&mut self, jwt: &str, cx: &mut Context<'_>) {
        let shared = self.shared.clone();
        let Ok(claims) = token::read(&shared.config.jwt_secret, jwt, cx.now) else { return };
        let Phase::Here(here) = &mut self.phase else { return };
        if let Some(account) = cx.state.directory.account(here.account()) {
            here.username.clone_from(&account.username);
            here.key = account.key.clone();
        }
        here.put_claims(claims, cx);
        self.ping(cx);
        if let Phase::Here(here) = &mut self.phase {
            cx.send(&encode::me(&here.username, here.live.camera));
            here.roll.digest = None;
            here.want_roll(&shared, cx);
        }
    }
}
