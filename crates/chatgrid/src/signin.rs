//! Signing in and out (chatgrid.md 3). A sign-in has steps: the account is known (password, new, token), the token is
//! stored, the account belongs to the space, its name is free; then the world begins.

mod welcome;

use crate::config::Config;
use crate::cookie;
use crate::decode::Packet;
use crate::encode::Scene;
use crate::limits;
use crate::origin;
use crate::play;
use crate::quirks;
use crate::session::{GridSession, Phase, tag};
use crate::texts;
use crate::wire::{Frame, Policy};
use crate::world;
use commonroom_core::Refusal;
use commonroom_core::account::{Account, Login, LoginKind, Protocol};
use commonroom_core::command::{Command, Registration, Reply};
use commonroom_core::directory::Directory;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, LoginId};
use commonroom_core::secret::TokenHash;
use commonroom_hub::request::{Answer, PasswordWork, Request};
use commonroom_hub::session::{Context, Opening, Setup, State};
use commonroom_hub::throttle::Throttling;
use std::net::IpAddr;
use std::sync::Arc;

/// How somebody signs in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum How {
    /// With a password.
    Login,
    /// As a new account.
    Register,
    /// With a token in a packet.
    Resume,
    /// With a token in the handshake.
    Cookie,
}

/// A sign-in under way.
#[derive(Debug)]
pub struct Joining {
    /// How.
    pub how: How,
    /// Who; meaningless until known.
    pub account: AccountId,
    /// The token.
    pub token: String,
    /// The stored sign-in.
    pub login: Option<LoginId>,
    /// The token was made just now.
    pub fresh: bool,
    /// A name has been asked for.
    pub named: bool,
}

/// A failed sign-in.
pub(crate) fn refused(message: &str, policy: Option<Policy>) -> String {
    result(false, message, policy)
}

fn result(ok: bool, message: &str, auth_policy: Option<Policy>) -> String {
    Frame::AuthResult {
        ok,
        message,
        session_token: None,
        username: None,
        role: None,
        permissions: None,
        admin_menu_actions: None,
        nickname: None,
        auth_policy,
    }
    .json()
}

/// True when the cookies of a handshake may sign somebody in: only pages of our own origin send them on purpose (2.3).
pub(crate) fn may_use_cookies(config: &Config, setup: &Setup, opening: &Opening) -> bool {
    opening.header("origin").is_some_and(|value| is_own(config, setup, value, opening.header("host")))
}

pub(crate) fn is_own(config: &Config, setup: &Setup, value: &str, host: Option<&str>) -> bool {
    let allowed: Vec<&str> =
        config.server.allowed_origins.iter().chain(&setup.public_url).map(String::as_str).collect();
    origin::is_own(value, host, &allowed)
}

/// True for the upgrade of another site's page (2.3). Who sends no origin is no page.
pub(crate) fn is_foreign(config: &Config, setup: &Setup, opening: &Opening) -> bool {
    opening.header("origin").is_some_and(|value| !is_own(config, setup, value, opening.header("host")))
}

/// The `Set-Cookie` value that takes back a cookie that is no longer good (3.4).
pub(crate) fn taken_back(config: &Config, setup: &Setup, state: &State, opening: &Opening) -> Option<String> {
    let header = opening.header("cookie").filter(|_| may_use_cookies(config, setup, opening))?;
    let path = opening.target.split('?').next().unwrap_or_default();
    let base = match path.rsplit_once('/').map_or("", |(base, _)| base) {
        "" => config.server.base_path.clone(),
        mounted => format!("{mounted}/"),
    };
    let tokens = cookie::tokens(header, &base);
    let good = tokens.iter().any(|token| login_of(&state.directory, token, opening.now).is_some());
    (!tokens.is_empty() && !good).then(|| cookie::forget(&base, opening.secure))
}

/// The sign-in and account of a token that is good now.
pub(crate) fn login_of<'a>(
    directory: &'a Directory,
    token: &str,
    now: Timestamp,
) -> Option<(&'a Arc<Login>, &'a Arc<Account>)> {
    let hash = TokenHash::of(token);
    let login = directory.login_with(hash)?;
    let good = login.kind == LoginKind::Session && login.token == hash && login.expires_at > now;
    let account = directory.account(login.account).filter(|account| !account.disabled && !account.retired)?;
    good.then_some((login, account))
}

/// The command that extends a sign-in for another fortnight.
pub(crate) fn extension(login: &Login, now: Timestamp) -> Command {
    Command::RenewLogin {
        login: login.id,
        token: login.token,
        expires_at: now.plus_seconds(limits::TOKEN_SECONDS),
        grace_until: now,
    }
}

/// How many registrations of an address are too many (3.5). This machine itself has no limit.
fn registrations(address: IpAddr, most: u32) -> Option<Throttling> {
    let limited = most > 0 && !address.is_loopback();
    limited.then_some(Throttling { per_address: most, per_name: most, seconds: 3_600 })
}

impl GridSession {
    /// The first words: into the world with a good cookie, a request to sign in without one (3.4).
    pub(crate) fn resume_by_cookie(&mut self, cx: &mut Context<'_>) {
        let directory = cx.state.directory.clone();
        for token in std::mem::take(&mut self.cookies) {
            if let Some((login, _)) = login_of(&directory, &token, cx.now) {
                return self.extend(login, token, How::Cookie, cx);
            }
        }
        self.ask(cx);
    }

    fn ask(&mut self, cx: &mut Context<'_>) {
        let config = &self.grid.config;
        let frame = Frame::AuthRequired {
            message: texts::REQUIRED,
            auth_policy: self.grid.policy(),
            grid_name: &config.server.grid_name,
            welcome_message: &config.server.welcome_message,
            release_version: self.grid.setup.version,
            server_version: self.grid.setup.version,
        };
        cx.send(&frame.json());
    }

    fn extend(&mut self, login: &Login, token: String, how: How, cx: &mut Context<'_>) {
        self.phase = Phase::Joining(Joining {
            how,
            account: login.account,
            token,
            login: Some(login.id),
            fresh: false,
            named: false,
        });
        cx.command(tag::LOGIN, login.account, extension(login, cx.now));
    }

    /// A packet that signs in, from somebody who has not.
    pub(crate) fn sign_in(&mut self, packet: Packet, cx: &mut Context<'_>) {
        match packet {
            Packet::Register { username, password, email } => self.register(&username, password, email, cx),
            Packet::Login { username, password } => {
                let name = username.trim().to_lowercase();
                let account = cx.state.directory.account_with_handle(&name).map(|account| account.id);
                let throttling = Some(world::THROTTLING);
                let work = PasswordWork::Login { account, name, password, address: self.address, throttling };
                self.check(How::Login, work, cx);
            }
            Packet::Resume { token } => self.resume(token, cx),
            Packet::Logout => {
                cx.send(&result(true, texts::LOGGED_OUT, None));
                self.end(1000, "logged out", cx);
            }
            Packet::WelcomeReady
            | Packet::Ping { .. }
            | Packet::Position { .. }
            | Packet::Teleport { .. }
            | Packet::Nickname { .. }
            | Packet::Chat { .. }
            | Packet::Signal(_)
            | Packet::ItemAdd { .. }
            | Packet::Item { .. }
            | Packet::PianoNote { .. }
            | Packet::Admin(_) => {}
        }
    }

    fn register(&mut self, username: &str, password: String, email: Option<String>, cx: &mut Context<'_>) {
        let username = username.trim().to_lowercase();
        if let Some(why) = texts::unacceptable(&self.grid.config.auth, &username, &password) {
            return self.fail(&why, cx);
        }
        let email = email.map(|email| email.trim().to_lowercase()).filter(|email| !email.is_empty());
        let registration = Registration {
            username,
            display_name: None,
            email,
            password,
            invite: None,
            via: Protocol::ChatGrid,
        };
        let work = PasswordWork::Register {
            registration,
            address: self.address,
            throttling: registrations(self.address, self.grid.config.auth.registrations_per_hour),
        };
        self.check(How::Register, work, cx);
    }

    fn check(&mut self, how: How, work: PasswordWork, cx: &mut Context<'_>) {
        let (account, token) = (AccountId::MIN, cx.env.token::<{ limits::TOKEN_BYTES }>());
        self.phase = Phase::Joining(Joining { how, account, token, login: None, fresh: true, named: false });
        cx.run(tag::PASSWORD, Request::Password(work));
    }

    fn resume(&mut self, token: String, cx: &mut Context<'_>) {
        if self.grid.world.refuses_resume(self.address, cx.now) {
            return self.fail(texts::THROTTLED, cx);
        }
        let directory = cx.state.directory.clone();
        let found = login_of(&directory, &token, cx.now);
        self.grid.world.resumed(self.address, found.is_some(), cx.now);
        match found {
            Some((login, _)) => self.extend(login, token, How::Resume, cx),
            None => self.fail(texts::BAD_RESUME, cx),
        }
    }

    /// Tells a failure a little later, so that its time tells nothing (3.5).
    fn fail(&mut self, message: &str, cx: &mut Context<'_>) {
        self.phase = Phase::New;
        let chance = i64::from(cx.env.below(limits::FAILURE_SPREAD_MILLIS + 1));
        let last = self.delayed.back().map_or(cx.now, |(due, _)| *due);
        let due = last.max(cx.now.plus_millis(limits::FAILURE_MILLIS + chance));
        self.delayed.push_back((due, refused(message, Some(self.grid.policy()))));
        if self.delayed.len() > limits::DELAYED_ANSWERS {
            self.end(1008, "too many attempts", cx);
        }
    }

    /// An answer that a sign-in waited for.
    pub(crate) fn joining(&mut self, tag: u32, answer: Answer, cx: &mut Context<'_>) {
        let Phase::Joining(joining) = &mut self.phase else { return };
        match answer {
            Ok(Reply::Account(account)) if tag == tag::PASSWORD => {
                joining.account = account;
                let token = TokenHash::of(&joining.token);
                let expires_at = cx.now.plus_seconds(limits::TOKEN_SECONDS);
                let begin = Command::BeginLogin { kind: LoginKind::Session, token, expires_at };
                cx.command(tag::LOGIN, account, begin);
            }
            Ok(Reply::Login(login)) if tag == tag::LOGIN => {
                joining.login = Some(login);
                self.step(cx);
            }
            // Without the name wished for, the colliding one stays.
            _ if tag == tag::NAME => self.step(cx),
            Ok(_) => self.step(cx),
            Err(refusal) => self.not_joined(refusal, cx),
        }
    }

    fn not_joined(&mut self, refusal: Refusal, cx: &mut Context<'_>) {
        let Phase::Joining(joining) = &self.phase else { return };
        if let Some(login) = joining.login.filter(|_| joining.fresh || refusal == Refusal::Banned) {
            cx.command(0, joining.account, Command::EndLogin { login });
        }
        match joining.how {
            How::Register => self.fail(texts::not_registered(refusal), cx),
            How::Login => self.fail(texts::not_signed_in(refusal, false), cx),
            How::Resume => self.fail(texts::not_signed_in(refusal, true), cx),
            How::Cookie => {
                self.phase = Phase::New;
                self.ask(cx);
            }
        }
    }

    /// What is still missing before the world begins.
    fn step(&mut self, cx: &mut Context<'_>) {
        let Phase::Joining(joining) = &mut self.phase else { return };
        let (state, grid) = (cx.state, self.grid.clone());
        let Some(scene) = Scene::new(&grid.config, state) else {
            return self.not_joined(Refusal::Fault, cx);
        };
        let (account, space) = (joining.account, scene.id());
        if state.directory.member(space, account).is_none() {
            let join = Command::JoinSpace { space, via: Protocol::ChatGrid };
            return cx.command(tag::JOIN, account, join);
        }
        if !joining.named {
            joining.named = true;
            if let Some(name) = world::name_at_sign_in(state, space, account) {
                let rename = Command::SetNickname { space, account, nickname: Some(name) };
                return cx.command(tag::NAME, account, rename);
            }
        }
        let Some(login) = joining.login else { return self.not_joined(Refusal::Fault, cx) };
        let token = std::mem::take(&mut joining.token);
        let by_cookie = joining.how == How::Cookie;
        self.enter(scene, (account, login, by_cookie), &token, cx);
    }

    /// A packet that signs in or out, from somebody who is in the world.
    pub(crate) fn second_auth(&mut self, packet: &Packet, cx: &mut Context<'_>) {
        let Phase::In(player) = &mut self.phase else { return };
        if *packet == Packet::Logout {
            player.leaving = true;
            return cx.command(tag::LOGOUT, player.account, Command::EndLogin { login: player.login });
        }
        let directory = &cx.state.directory;
        let meant = if let Packet::Login { username, .. } | Packet::Register { username, .. } = packet {
            directory.account_with_handle(&username.trim().to_lowercase()).map(|account| account.id)
        } else if let Packet::Resume { token } = packet {
            login_of(directory, token, cx.now).map(|(login, _)| login.account)
        } else {
            None
        };
        let tolerated =
            quirks::tolerates_second_auth(player.ready, player.by_cookie, player.welcomed, cx.now);
        if !(tolerated && meant == Some(player.account)) {
            cx.send(&refused(texts::ALREADY, Some(self.grid.policy())));
        }
    }

    /// The sign-in has ended, as asked for.
    pub(crate) fn logged_out(&mut self, cx: &mut Context<'_>) {
        if let Phase::In(player) = &mut self.phase {
            play::save(player, cx);
            cx.send(&result(true, texts::LOGGED_OUT, None));
            self.end(1000, "logged out", cx);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registrations_of_an_address_are_counted_unless_it_is_this_machine() {
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        assert_eq!(registrations(address("127.0.0.1"), 30), None);
        assert_eq!(registrations(address("::1"), 30), None);
        assert_eq!(registrations(address("192.0.2.1"), 0), None);
        let limited = registrations(address("192.0.2.1"), 30).expect("a limit");
        assert_eq!((limited.per_address, limited.seconds), (30, 3_600));
    }
}
