//! One connection: its phase, its clocks, and where its frames go (chatgrid.md 2.4).

use crate::cookie;
use crate::decode::{self, Packet};
use crate::encode::Scene;
use crate::keyboard::{self, Keyboard};
use crate::limits;
use crate::news::Gatherer;
use crate::signin::{self, Joining};
use crate::texts;
use crate::wire::Frame;
use crate::{Grid, admin, play, show, thing, whisper};
use commonroom_core::command::Command;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, LoginId, SessionId, SpaceId};
use commonroom_core::permission::Permissions;
use commonroom_hub::bucket::Bucket;
use commonroom_hub::live::LiveCommand;
use commonroom_hub::request::Answer;
use commonroom_hub::session::{Context, Happening, Inbound, Opening, Session, Show, State};
use std::collections::{BTreeSet, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

/// Tags of requests: what an answer is about.
pub mod tag {
    /// A password was checked or an account registered.
    pub const PASSWORD: u32 = 1;
    /// A sign-in began or was extended.
    pub const LOGIN: u32 = 2;
    /// The account joined the space.
    pub const JOIN: u32 = 3;
    /// The account got a name that is free.
    pub const NAME: u32 = 4;
    /// The sign-in ended.
    pub const LOGOUT: u32 = 5;
    /// A new name.
    pub const NICKNAME: u32 = 6;
    /// A message.
    pub const CHAT: u32 = 7;
    /// What an administrator does.
    pub const ADMIN: u32 = 21;
    /// A conversation for a private message.
    pub const WHISPER: u32 = 22;
    /// A restart of the server.
    pub const REBOOT: u32 = 23;
    /// Something done with an item.
    pub const ITEM: u32 = 8;
    /// A recording was stored.
    pub const SONG: u32 = 9;
}

/// Somebody in the world.
#[derive(Debug)]
pub struct Player {
    /// The connection.
    pub id: SessionId,
    /// Who.
    pub account: AccountId,
    /// Where.
    pub space: SpaceId,
    /// The sign-in.
    pub login: LoginId,
    /// The sign-in came with the handshake.
    pub by_cookie: bool,
    /// When `welcome` was sent.
    pub welcomed: Timestamp,
    /// Others know.
    pub ready: bool,
    /// Is signing out.
    pub leaving: bool,
    /// Stands here.
    pub square: (i32, i32),
    /// Square that is stored.
    pub saved: Option<(i32, i32)>,
    /// When to store the square next.
    pub save_at: Option<Timestamp>,
    /// What the client was told that it may do.
    pub held: Permissions,
    /// What it was told that its role is.
    pub role: String,
    /// People in the client's list who are not announced yet.
    pub unready: BTreeSet<SessionId>,
    /// People of other protocols who are left out of it because they want to be.
    pub invisible: BTreeSet<AccountId>,
    /// Lines about other protocols.
    pub news: Gatherer,
    /// The name asked for, and the one before it.
    pub renaming: Option<(String, String)>,
    /// What is being done with an item, and how it is told.
    pub acting: Option<thing::Acting>,
    /// What is being done as an administrator.
    pub administering: Option<admin::Pending>,
    /// A private message whose conversation is being opened.
    pub whispering: Option<String>,
    /// What is said when the restart asked for is announced.
    pub rebooting: Option<String>,
    /// What is played on pianos.
    pub keyboard: Keyboard,
    /// How often something was done lately.
    pub rates: Rates,
}

/// How often something was done lately.
#[derive(Debug)]
pub struct Rates {
    /// Steps.
    pub steps: Bucket,
    /// Jumps.
    pub teleports: Bucket,
    /// Chat lines.
    pub chats: Bucket,
    /// Pings.
    pub pings: Bucket,
    /// Signals.
    pub signals: Bucket,
    /// Names.
    pub nicknames: Bucket,
    /// Actions with items.
    pub items: Bucket,
    /// Actions of an administrator.
    pub admin: Bucket,
    /// Notes of pianos.
    pub notes: Bucket,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            steps: Bucket::new(limits::STEPS),
            teleports: Bucket::new(limits::TELEPORTS),
            chats: Bucket::new(limits::CHATS),
            pings: Bucket::new(limits::PINGS),
            signals: Bucket::new(limits::SIGNALS),
            nicknames: Bucket::new(limits::NICKNAMES),
            items: Bucket::new(limits::ITEM_ACTIONS),
            admin: Bucket::new(limits::ADMIN_ACTIONS),
            notes: Bucket::new(limits::NOTES),
        }
    }
}

/// How far a connection has come.
#[derive(Debug)]
pub enum Phase {
    /// Nobody has signed in.
    New,
    /// Somebody is signing in.
    Joining(Joining),
    /// In the world.
    In(Box<Player>),
    /// Ended; who was in the world, if anybody.
    Over(Option<Box<Player>>),
}

/// One connection.
#[derive(Debug)]
pub struct GridSession {
    pub(crate) grid: Arc<Grid>,
    pub(crate) address: IpAddr,
    /// Tokens of the handshake's cookies that may be used.
    pub(crate) cookies: Vec<String>,
    pub(crate) phase: Phase,
    /// When a connection on which nobody signs in ends.
    idle_until: Timestamp,
    /// Invalid messages, and since when they are counted.
    invalid: (Timestamp, u32),
    /// Answers to failed sign-ins that are told a little later (3.5).
    pub(crate) delayed: VecDeque<(Timestamp, String)>,
}

impl GridSession {
    /// A connection as it opens.
    pub fn new(grid: Arc<Grid>, opening: &Opening) -> Self {
        let trusted = signin::may_use_cookies(&grid.config, &grid.setup, opening);
        let header = opening.header("cookie").filter(|_| trusted).unwrap_or_default();
        let cookies =
            cookie::tokens(header, &grid.config.server.base_path).into_iter().map(str::to_owned).collect();
        Self {
            grid,
            address: opening.address,
            cookies,
            phase: Phase::New,
            idle_until: opening.now.plus_seconds(limits::PRE_AUTH_SECONDS),
            invalid: (opening.now, 0),
            delayed: VecDeque::new(),
        }
    }

    /// Ends the connection.
    pub(crate) fn end(&mut self, code: u16, reason: &str, cx: &mut Context<'_>) {
        let before = std::mem::replace(&mut self.phase, Phase::Over(None));
        if let Phase::In(player) | Phase::Over(Some(player)) = before {
            self.phase = Phase::Over(Some(player));
        }
        cx.close(code, reason);
    }

    fn count_invalid(&mut self, cx: &mut Context<'_>) {
        if cx.now > self.invalid.0.plus_seconds(limits::INVALID_SECONDS) {
            self.invalid = (cx.now, 0);
        }
        self.invalid.1 += 1;
        if self.invalid.1 >= limits::INVALID_MESSAGES {
            self.end(1008, "too many invalid messages", cx);
        }
    }

    fn packet(&mut self, packet: Packet, cx: &mut Context<'_>) {
        match &mut self.phase {
            Phase::New if packet.is_auth() => self.sign_in(packet, cx),
            Phase::New => {
                let refused = signin::refused(texts::FIRST, None);
                cx.send(&refused);
            }
            Phase::Joining(_) | Phase::Over(_) => {}
            Phase::In(_) if packet.is_auth() => self.second_auth(&packet, cx),
            Phase::In(player) => play::packet(&self.grid, player, packet, cx),
        }
    }

    /// Asks to be woken when something is due next.
    pub(crate) fn rest(&self, cx: &mut Context<'_>) {
        let delayed = self.delayed.front().map(|(due, _)| *due);
        let own = match &self.phase {
            Phase::New => Some(self.idle_until),
            Phase::Joining(_) | Phase::Over(_) => None,
            Phase::In(player) => {
                let activation = player.welcomed.plus_seconds(limits::ACTIVATION_SECONDS);
                let activation = (!player.ready).then_some(activation);
                [activation, player.save_at, player.news.deadline(), player.keyboard.deadline()]
                    .into_iter()
                    .flatten()
                    .min()
            }
        };
        if let Some(moment) = delayed.into_iter().chain(own).min() {
            cx.wake_at(moment);
        }
    }
}

impl Session for GridSession {
    fn opened(&mut self, cx: &mut Context<'_>) {
        self.resume_by_cookie(cx);
        self.rest(cx);
    }

    fn frame(&mut self, frame: Inbound<'_>, cx: &mut Context<'_>) {
        let text = match frame {
            Inbound::Text(text) => Some(text),
            Inbound::Binary(bytes) => std::str::from_utf8(bytes).ok(),
        };
        // People sit at the sign-in form with the connection open; only trying to sign in keeps it open longer.
        if text.is_some_and(|text| text.contains(r#""auth_"#)) {
            self.idle_until = cx.now.plus_seconds(limits::PRE_AUTH_SECONDS);
        }
        match text.and_then(decode::decode) {
            Some(packet) => self.packet(packet, cx),
            None => self.count_invalid(cx),
        }
        self.rest(cx);
    }

    fn overlaps(&self, frame: Inbound<'_>) -> bool {
        let Inbound::Text(text) = frame else { return false };
        let Phase::In(player) = &self.phase else { return false };
        let plain_chat = text.starts_with(r#"{"type":"chat_message","message":""#)
            && !text.starts_with(r#"{"type":"chat_message","message":"/"#);
        // A ping must not queue behind slow work (2.6).
        player.ready && (plain_chat || text.starts_with(r#"{"type":"ping","#))
    }

    fn answer(&mut self, tag: u32, answer: Answer, cx: &mut Context<'_>) {
        match tag {
            tag::PASSWORD | tag::LOGIN | tag::JOIN | tag::NAME => self.joining(tag, answer, cx),
            tag::LOGOUT => self.logged_out(cx),
            _ => {
                if let Phase::In(player) = &mut self.phase {
                    match tag {
                        tag::NICKNAME => play::renamed(player, answer, cx),
                        tag::CHAT => play::said(answer, cx),
                        tag::ADMIN => admin::done(player, answer, cx),
                        tag::WHISPER => whisper::opened(player, answer, cx),
                        tag::REBOOT => play::rebooting(player, answer, cx),
                        tag::SONG => keyboard::saved(player, &answer, cx),
                        _ => thing::acted(player, answer, cx),
                    }
                }
            }
        }
        self.rest(cx);
    }

    fn show(&mut self, happening: &Happening, state: &State) -> Show {
        let Phase::In(player) = &mut self.phase else { return Show::Nothing };
        match Scene::of(&self.grid.config, state, player.space) {
            Some(scene) => show::show(scene, player, happening),
            None => Show::Private,
        }
    }

    fn tell(&mut self, happening: &Happening, cx: &mut Context<'_>) {
        self.tell_own(happening, cx);
        self.rest(cx);
    }

    fn tick(&mut self, cx: &mut Context<'_>) {
        while let Some((due, frame)) = self.delayed.front()
            && *due <= cx.now
        {
            cx.send(frame);
            self.delayed.pop_front();
        }
        match &mut self.phase {
            Phase::New if cx.now >= self.idle_until => self.end(1008, "nobody signed in", cx),
            Phase::New | Phase::Joining(_) | Phase::Over(_) => {}
            Phase::In(player) => {
                if cx.now >= player.welcomed.plus_seconds(limits::ACTIVATION_SECONDS) {
                    play::activate(player, cx);
                }
                if player.save_at.is_some_and(|due| due <= cx.now) {
                    play::save(player, cx);
                }
                keyboard::tick(&self.grid, player, cx);
                let scene = Scene::new(&self.grid.config, cx.state);
                for line in scene.map(|scene| player.news.due(scene, cx.now)).unwrap_or_default() {
                    cx.send(&line);
                }
            }
        }
        self.rest(cx);
    }

    fn closed(&mut self, cx: &mut Context<'_>) {
        if let Phase::In(player) | Phase::Over(Some(player)) = &mut self.phase {
            keyboard::leave(&self.grid, player, cx);
            play::save(player, cx);
            cx.live(LiveCommand::Detach { session: cx.id, grace_millis: 0 });
        } else if let Phase::Joining(Joining { account, login: Some(login), fresh: true, .. }) = &self.phase {
            // Nobody has received the token.
            cx.command(0, *account, Command::EndLogin { login: *login });
        }
    }
}

/// A line that the server says to this client only.
pub(crate) fn say(cx: &mut Context<'_>, text: &str) {
    cx.send(&Frame::line(text));
}
