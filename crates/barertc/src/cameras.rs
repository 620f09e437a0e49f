//! Cameras: one's own state, opening others', and the signalling between two browsers (barertc.md 5.4 to 5.7).
//!
//! The server never sees a picture. It hands signalling on between two people of whom one has opened the other's
//! camera, and otherwise not: signalling tells addresses and proves presence (13 D11).

use crate::Shared;
use crate::encode;
use crate::here::{Here, Pending};
use crate::limits;
use crate::markup::escape;
use crate::quirks::words;
use crate::session::tags;
use crate::wire::{Me, Word};
use crate::world::{self, flags};
use commonroom_core::account::Protocol;
use commonroom_core::command::Command;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, SessionId};
use commonroom_hub::live::{LiveCommand, LiveSession, Signal, SignalKind, SignalTarget};
use commonroom_hub::request::Request;
use commonroom_hub::session::{Context, State};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Lower case letters of an open secret.
const SECRET_LETTERS: usize = 16;

impl Here {
    /// My camera and status. Too fast a change waits, and the newest wins: a camera going off must not be lost.
    pub(crate) fn me(&mut self, me: Me, shared: &Shared, cx: &mut Context<'_>) {
        let me = match self.late.take() {
            Some(late) => Me {
                video: me.video.or(late.video),
                status: me.status.or(late.status),
                dnd: me.dnd.or(late.dnd),
            },
            None => me,
        };
        if shared.config.rate_limits && !self.rates.acts.take(cx.now) {
            self.late = Some(me);
            return;
        }
        let camera = me.video.map(|video| self.allowed_camera(video, shared, cx));
        let camera = camera.filter(|camera| *camera != self.live.camera);
        let dnd = me.dnd.filter(|dnd| *dnd != self.live.dnd);
        self.live.camera = camera.unwrap_or(self.live.camera);
        self.live.dnd = dnd.unwrap_or(self.live.dnd);
        if camera.is_some() || dnd.is_some() {
            cx.live(LiveCommand::Camera { session: cx.id, flags: camera, dnd });
        }
        if let Some(status) = me.status {
            self.set_status(status, cx);
        }
        self.want_roll(shared, cx);
    }

    /// The flags asked for, as far as rules allow them.
    fn allowed_camera(&mut self, video: i64, shared: &Shared, cx: &mut Context<'_>) -> u32 {
        let vip = self.badge.vip || world::is_vip(cx.state, self.space, self.account());
        let mut camera = world::settable(video, vip);
        if camera & flags::ACTIVE == 0 {
            self.cut = false;
        } else if self.cut {
            return 0;
        }
        let rules = self.rules(shared);
        let strings = &shared.config.strings;
        if camera & flags::ACTIVE != 0 && rules.no_broadcast {
            cx.send(&encode::cut());
            cx.send(&encode::error(&escape(&strings.mod_rule_error_no_broadcast)));
            return 0;
        }
        if camera & flags::ACTIVE != 0 && rules.red_camera && camera & flags::EXPLICIT == 0 {
            camera |= flags::EXPLICIT;
            cx.send(&encode::error(&escape(&strings.mod_rule_error_camera_always_nsfw)));
            cx.send(&encode::me(&self.username, camera));
        }
        camera
    }

    /// A camera that is on keeps to rules that may be new.
    pub(crate) fn keep_rules(&mut self, shared: &Shared, cx: &mut Context<'_>) {
        let before = self.live.camera;
        if before & flags::ACTIVE == 0 {
            return;
        }
        let camera = self.allowed_camera(i64::from(before), shared, cx);
        if camera != before {
            self.live.camera = camera;
            cx.live(LiveCommand::Camera { session: cx.id, flags: Some(camera), dnd: None });
        }
    }

    /// What the person sent is what they see of themselves, letter by letter: clients answer anything else with a
    /// frame of their own, for ever (13 D15). Others see a plain word, and `away` of who may not hide.
    pub(crate) fn set_status(&mut self, status: String, cx: &mut Context<'_>) {
        let me = self.account();
        let plain = world::plain_word(&status);
        let may_hide = self.badge.operator || world::moderates(cx.state, self.space, me);
        let shown = if plain == "hidden" && !may_hide { "away".to_owned() } else { plain };
        self.status = status;
        if self.badge.status == shown {
            return;
        }
        self.badge.status = shown;
        cx.live(LiveCommand::Describe { session: cx.id, badge: Arc::new(self.badge.clone()) });
        if let Some(account) = cx.state.directory.account(me) {
            let status = world::status(&self.badge.status, &account.status);
            cx.command(0, me, Command::SetStatus(status));
        }
    }

    /// Asks to watch a camera.
    pub(crate) fn open(&mut self, name: &str, shared: &Shared, cx: &mut Context<'_>) {
        if shared.config.rate_limits && !self.rates.signals.take(cx.now) {
            return;
        }
        if self.rules(shared).no_video {
            return cx.send(&encode::error(&escape(&shared.config.strings.mod_rule_error_no_video)));
        }
        let state = cx.state;
        let owner = match self.opens(name, state) {
            Ok(owner) => owner,
            Err(reason) => return cx.send(&encode::error(&format!("Could not open that video: {reason}"))),
        };
        let account = owner.account;
        if let Some(how) = self.notable(account, state) {
            cx.send(&encode::error(&format!(
                "Note: {} had {how} before, and won't be notified of your watch.",
                escape(world::name(state, account))
            )));
        }
        let secret: String = (0..SECRET_LETTERS)
            .map(|_| char::from(b'a' + u8::try_from(cx.env.below(26)).unwrap_or(0)))
            .collect();
        note(&mut self.watching, owner.id, cx.now);
        self.pending =
            Some(Pending::Open { username: world::name(state, account).to_owned(), secret: secret.clone() });
        // Answered after the broadcaster was told: the viewer's client begins at once, and must not be early.
        let ring = self.signal(owner, words::RING, secret, cx.id);
        cx.run(tags::OPEN, Request::Live(ring));
    }

    /// The camera to be opened, or why not. Who was booted or muted learns what they would of a camera that is off.
    fn opens<'a>(&self, name: &str, state: &'a State) -> Result<&'a Arc<LiveSession>, String> {
        let me = self.account();
        let offline = || format!("{} appears to be offline.", escape(name));
        let off = || "Their video is not currently enabled.".to_owned();
        let owner = state
            .directory
            .account_named(name)
            .map(|account| account.id)
            .filter(|id| world::is_present(state, self.space, *id) && !world::blocked(state, *id, me))
            .ok_or_else(offline)?;
        let session = world::session_of(state, owner).filter(|_| owner != me).ok_or_else(off)?;
        let operator = world::is_operator(state, self.space, me);
        if session.camera & flags::ACTIVE == 0 || (!operator && refuses(state, owner, me)) {
            return Err(off());
        }
        let invited = world::invites(state, owner, me);
        let broadcasts = self.live.camera & flags::ACTIVE != 0;
        if !invited && session.camera & flags::MUTUAL_REQUIRED != 0 && !broadcasts {
            return Err(format!(
                "{} has requested that you should share your own camera too before opening theirs.",
                escape(world::name(state, owner))
            ));
        }
        let vip = operator || world::is_vip(state, self.space, me);
        if !invited && session.camera & flags::ONLY_VIP != 0 && !vip {
            return Err("You do not have permission to view that camera.".to_owned());
        }
        Ok(session)
    }

    /// What an operator is told who watches all the same.
    fn notable(&self, owner: AccountId, state: &State) -> Option<&'static str> {
        if world::boots(state, owner, self.account()) {
            Some("booted you off their camera")
        } else if world::mutes(state, owner, self.account()) {
            Some("muted you")
        } else {
            None
        }
    }

    /// The broadcaster was rung: the viewer may begin.
    pub(crate) fn rung(&mut self, cx: &mut Context<'_>) {
        if let Some(Pending::Open { username, secret }) = self.take_pending() {
            cx.send(&encode::open("open", &username, &secret));
        }
    }

    /// Somebody opened this camera.
    pub(crate) fn hear_ring(&mut self, signal: &Signal, cx: &mut Context<'_>) {
        note(&mut self.watched_by, signal.from, cx.now);
        cx.send(&encode::open("ring", world::name(cx.state, signal.sender), &signal.body));
    }

    /// Hands a part of a negotiation on, silently or not at all.
    pub(crate) fn relay(
        &mut self,
        word: Word,
        name: &str,
        body: String,
        shared: &Shared,
        cx: &mut Context<'_>,
    ) {
        if shared.config.rate_limits && !self.rates.signals.take(cx.now) {
            return;
        }
        let state = cx.state;
        let target = state.directory.account_named(name).map(|account| account.id);
        let target = target.filter(|target| *target != self.account());
        let Some(to) = target.and_then(|target| world::session_of(state, target)) else { return };
        if !self.may_relay(word, to, cx.now, state) {
            return;
        }
        let signal = self.signal(to, encode::word(word), body, cx.id);
        cx.live(signal);
    }

    fn may_relay(&mut self, word: Word, to: &LiveSession, now: Timestamp, state: &State) -> bool {
        let me = self.account();
        let admits =
            |owner, viewer| world::is_operator(state, self.space, viewer) || !refuses(state, owner, viewer);
        let recent = |opened: Option<&Timestamp>| {
            opened.is_some_and(|at| now <= at.plus_seconds(limits::OPEN_SECONDS))
        };
        let i_watch = recent(self.watching.get(&to.id)) && admits(to.account, me);
        let they_watch = recent(self.watched_by.get(&to.id)) && admits(me, to.account);
        let may = match word {
            Word::Unwatch => !world::blocked(state, me, to.account),
            Word::Watch => i_watch,
            Word::Sdp | Word::Candidate => i_watch || they_watch,
        };
        if i_watch {
            note(&mut self.watching, to.id, now);
        }
        if they_watch {
            note(&mut self.watched_by, to.id, now);
        }
        may
    }

    fn signal(&self, to: &LiveSession, word: &'static str, body: String, from: SessionId) -> LiveCommand {
        LiveCommand::Signal(Box::new(Signal {
            from,
            sender: self.account(),
            protocol: Protocol::BareRtc,
            to: SignalTarget::Session(to.id),
            kind: SignalKind::Other,
            word,
            body,
        }))
    }
}

/// True when somebody does not let another watch.
fn refuses(state: &State, owner: AccountId, viewer: AccountId) -> bool {
    world::boots(state, owner, viewer) || world::mutes(state, owner, viewer)
}

/// Notes an opening; the oldest beyond the limit is forgotten.
fn note(opened: &mut BTreeMap<SessionId, Timestamp>, who: SessionId, now: Timestamp) {
    opened.insert(who, now);
    if opened.len() > limits::OPEN_CAMERAS
        && let Some(oldest) = opened.iter().min_by_key(|(_, at)| **at).map(|(id, _)| *id)
    {
        opened.remove(&oldest);
    }
}
