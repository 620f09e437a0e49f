//! What operators do to others' connections (barertc.md 5.17), and how those take it: one connection never touches
//! another, it is told.

use crate::Shared;
use crate::encode;
use crate::here::Here;
use crate::limits;
use crate::markup::escape;
use crate::quirks::words;
use crate::reports::Matter;
use crate::seen::Farewell;
use crate::session::{Connection, Phase};
use crate::stances::poke;
use crate::world::{self, flags};
use commonroom_core::account::Protocol;
use commonroom_hub::live::{LiveCommand, LiveSession, RelationKind, Relations};
use commonroom_hub::request::Request;
use commonroom_hub::session::{Context, State};
use std::sync::Arc;

const GOING_DOWN: &str = "The chat server is going down for a reboot NOW!";
const NO_SHUTDOWN: &str = "/shutdown is switched off in the configuration of this server.";
const EMPTIED: &str =
    "A chat operator has sent everybody out of the chat room. You may come back in a moment.";
const EXPLICIT: &str =
    "Your camera has been marked as Explicit by a chat operator. Please mark it yourself when it is.";
/// Why a report comes by itself.
const REASON: &str = "NSFW Command Issued";

impl Here {
    /// The connection of somebody who is here.
    fn target<'a>(&self, name: &str, state: &'a State) -> Option<&'a Arc<LiveSession>> {
        let account = state.directory.account_named(name)?.id;
        let present = world::is_present(state, self.space, account);
        world::session_of(state, account).filter(|_| present)
    }

    pub(crate) fn mark_explicit(&mut self, name: &str, shared: &Shared, cx: &mut Context<'_>) {
        let Some((session, shown)) = self.camera_on("nsfw", name, cx) else { return };
        if session.camera & flags::EXPLICIT != 0 {
            let text = format!("/nsfw: {}'s camera was already marked as explicit.", escape(&shown));
            return cx.send(&encode::error(&text));
        }
        cx.live(poke(&session, words::EXPLICIT, String::new()));
        let text = format!("{} now has their camera marked as Explicit", escape(&shown));
        cx.send(&encode::error(&text));
        let matter = Matter::automatic(shown, "n/a".to_owned(), REASON, "", cx.now);
        self.deliver(matter.in_the_name_of(&self.username), shared, cx);
    }

    pub(crate) fn cut(&mut self, name: &str, cx: &mut Context<'_>) {
        let Some((session, shown)) = self.camera_on("cut", name, cx) else { return };
        cx.live(poke(&session, words::CUT, String::new()));
        let text = format!("{} has been told to turn off their camera.", escape(&shown));
        cx.send(&encode::error(&text));
    }

    /// Somebody's connection and name when their camera is on; else says why not.
    fn camera_on(
        &self,
        command: &str,
        name: &str,
        cx: &mut Context<'_>,
    ) -> Option<(Arc<LiveSession>, String)> {
        let Some(session) = self.target(name, cx.state).cloned() else {
            cx.send(&encode::error(&format!("/{command}: username not found: {}", escape(name))));
            return None;
        };
        let shown = world::name(cx.state, session.account).to_owned();
        if session.camera & flags::ACTIVE == 0 {
            let text = format!("/{command}: {}'s camera was not currently enabled.", escape(&shown));
            cx.send(&encode::error(&text));
            return None;
        }
        Some((session, shown))
    }

    pub(crate) fn give_rights(&mut self, name: &str, cx: &mut Context<'_>) {
        let Some(session) = self.target(name, cx.state) else {
            return cx.send(&encode::error("/op: user name was not found."));
        };
        let text = format!(
            "Operator rights have been granted to {}",
            escape(world::name(cx.state, session.account))
        );
        cx.live(poke(session, words::OP, String::new()));
        cx.send(&encode::error(&text));
    }

    /// A role of the community is not taken here: only what this room gave.
    pub(crate) fn take_rights(&mut self, name: &str, cx: &mut Context<'_>) {
        let Some(session) = self.target(name, cx.state) else {
            return cx.send(&encode::error("/deop: user name was not found."));
        };
        let shown = escape(world::name(cx.state, session.account));
        if world::moderates(cx.state, self.space, session.account) {
            let text = format!("/deop: {shown} is an operator by a role of this community, which stays.");
            return cx.send(&encode::error(&text));
        }
        cx.live(poke(session, words::DEOP, String::new()));
        cx.send(&encode::error(&format!("Operator rights have been taken from {shown}")));
    }

    pub(crate) fn kick_all(&mut self, shared: &Shared, cx: &mut Context<'_>) {
        let landing = &shared.config.jwt.landing_page_url;
        let mut text = EMPTIED.to_owned();
        if shared.config.accepts_tokens() && !landing.is_empty() {
            let address = escape(landing);
            text.push_str(&format!("<br><br><a href=\"{address}\">{address}</a>"));
        }
        self.tell_all(words::OUT, &text, cx);
    }

    pub(crate) fn shutdown(&mut self, shared: &Shared, cx: &mut Context<'_>) {
        if !shared.config.operator_shutdown {
            return cx.send(&encode::error(NO_SHUTDOWN));
        }
        self.tell_all(words::NOTICE, GOING_DOWN, cx);
        cx.run(0, Request::Restart { seconds: limits::LAST_WORDS_SECONDS });
    }

    /// Tells every connection of this protocol, one's own too.
    fn tell_all(&self, word: &'static str, html: &str, cx: &mut Context<'_>) {
        let state = cx.state;
        let all: Vec<LiveCommand> = state
            .live
            .sessions()
            .filter(|session| session.protocol == Protocol::BareRtc)
            .map(|session| poke(session, word, html.to_owned()))
            .collect();
        for command in all {
            cx.live(command);
        }
    }

    /// An operator has done something to this connection. `Some` is the end.
    pub(crate) fn suffer(
        &mut self,
        word: &str,
        html: &str,
        wanted: &Relations,
        shared: &Shared,
        cx: &mut Context<'_>,
    ) -> Option<Farewell> {
        match word {
            words::OP | words::DEOP => self.set_rights(word == words::OP, wanted, shared, cx),
            words::EXPLICIT if self.live.camera & flags::ACTIVE != 0 => {
                self.set_camera(self.live.camera | flags::EXPLICIT, cx);
                cx.send(&encode::error(EXPLICIT));
                cx.send(&encode::me(&self.username, self.live.camera));
            }
            words::CUT => {
                self.cut = true;
                self.set_camera(0, cx);
                cx.send(&encode::cut());
            }
            words::NOTICE => cx.send(&encode::error(html)),
            words::OUT => return Some(Farewell::Out(html.to_owned())),
            _ => {}
        }
        None
    }

    fn set_camera(&mut self, camera: u32, cx: &mut Context<'_>) {
        if self.live.camera != camera {
            self.live.camera = camera;
            cx.live(LiveCommand::Camera { session: cx.id, flags: Some(camera), dnd: None });
        }
    }

    /// Rights of this session only: no token is signed for them (barertc.md 13 D1b).
    fn set_rights(&mut self, on: bool, wanted: &Relations, shared: &Shared, cx: &mut Context<'_>) {
        if self.badge.operator == on {
            return;
        }
        self.badge.operator = on;
        if !on {
            self.badge.unblockable = false;
            if self.badge.status == "hidden" {
                self.set_status(self.status.clone(), cx);
            }
        }
        cx.live(LiveCommand::Describe { session: cx.id, badge: Arc::new(self.badge.clone()) });
        self.judge_blocks_as(self.is_operator_now(cx.state), wanted, shared, cx);
        self.want_roll(shared, cx);
    }

    fn is_operator_now(&self, state: &State) -> bool {
        self.badge.operator || world::moderates(state, self.space, self.account())
    }
}

impl Connection {
    /// `/unmute-all`: lifts an operator's mutes, and makes them one whom nobody blocks: what bots ask for.
    pub(crate) fn unmute_all(&mut self, cx: &mut Context<'_>) {
        let Phase::Here(here) = &mut self.phase else { return };
        let muted: Vec<_> = std::mem::take(&mut self.wanted.muted).into_iter().collect();
        here.take_effect(RelationKind::Mute, false, &muted, &self.shared, cx);
        if !here.badge.unblockable {
            here.badge.unblockable = true;
            cx.live(LiveCommand::Describe { session: cx.id, badge: Arc::new(here.badge.clone()) });
        }
        cx.send(&encode::error(&format!("Your mute on {} users has been lifted.", muted.len())));
        here.want_roll(&self.shared, cx);
    }
}
