//! Handshake and signing in (originchats.md 2.4, 3, 6.1).

use super::me::Me;
use super::requests::{Asked, Waiting};
use super::{OriginSession, view};
use crate::config::AuthMode;
use crate::decode::{self, SignIn};
use crate::encode::{self, people, places};
use crate::limits;
use crate::permissions;
use crate::wire;
use crate::wording::{Deed, refusal, text};
use commonroom_core::account::{AccountKind, ExternalId, Protocol};
use commonroom_core::command::{Command, Registration};
use commonroom_core::ids::AccountId;
use commonroom_core::{Refusal, Reply, policy};
use commonroom_hub::live::{LiveCommand, LiveSession, Scope};
use commonroom_hub::request::{Answer, PasswordWork, Request};
use commonroom_hub::session::Context;
use serde_json::{Value, json};

impl OriginSession {
    /// The first frame: everything a client must know before it signs in, and only what is public.
    pub(super) fn handshake(&mut self, cx: &mut Context<'_>) {
        self.validator_key = format!("originChats-{}", cx.env.token::<24>());
        let config = &self.shared.config;
        let mut server = match self.shared.space(cx.state) {
            Some(space) => places::server_signs(&self.shared, space),
            None => json!({"name": config.server.name}),
        };
        server["owner"] = json!({"name": config.owner.name});
        if let Some(url) = &config.server.url {
            server["url"] = Value::String(url.clone());
        }
        if let Some(server) = server.as_object_mut() {
            server.retain(|_, value| !value.is_null());
        }
        let files = &config.attachments;
        let permissions = permissions::SERVER.map(|(name, _)| name);
        let val = json!({
            "server": server,
            "limits": {"post_content": config.post_content(), "search_results": config.limits.search_results},
            "attachments": {
                "enabled": files.enabled,
                "max_size": files.max_size,
                "allowed_types": files.allowed_types,
                "max_attachments_per_user": files.max_attachments_per_user,
                "permanent_tiers": files.permanent_tiers,
            },
            "version": wire::VERSION,
            "validator_key": self.validator_key,
            "capabilities": capabilities(config.auth_mode),
            "permissions": permissions,
            "auth_mode": config.auth_mode.word(),
        });
        cx.send(&wire::frame("handshake", json!({"val": val}), None));
    }

    /// `auth_error`
    pub(super) fn auth_error(
        &mut self,
        text: &str,
        src: Option<&str>,
        listener: Option<&str>,
        cx: &mut Context<'_>,
    ) {
        let mut body = json!({"val": text});
        if let Some(src) = src {
            let src = src.chars().take(limits::UNKNOWN_COMMAND_CHARS).collect();
            body["src"] = Value::String(src);
        }
        cx.send(&wire::frame("auth_error", body, listener));
    }

    pub(super) fn reject(&mut self, asked: &Asked, text: &str, cx: &mut Context<'_>) {
        self.auth_error(text, Some(asked.cmd), asked.listener.as_deref(), cx);
    }

    /// Somebody wants to sign in.
    pub(super) fn sign_in(&mut self, sign_in: SignIn, listener: Option<String>, cx: &mut Context<'_>) {
        let mode = self.shared.config.auth_mode;
        match sign_in {
            SignIn::Outside(validator) => {
                let asked = Asked { cmd: "auth", listener };
                if mode == AuthMode::CrackedOnly {
                    let text = "Rotur authentication is disabled. Use login or register commands.";
                    return self.reject(&asked, text, cx);
                }
                self.outside(asked, validator, cx);
            }
            SignIn::Login(pair) => {
                let asked = Asked { cmd: "login", listener };
                match pair {
                    _ if !mode.local() => self.reject(&asked, text::SIGN_IN, cx),
                    Some((name, password)) => self.login(asked, name, password, cx),
                    None => self.reject(&asked, text::CREDENTIALS, cx),
                }
            }
            SignIn::Register(pair) => {
                let asked = Asked { cmd: "register", listener };
                match pair {
                    _ if !mode.local() => self.reject(&asked, text::SIGN_IN, cx),
                    Some((name, password)) => self.register(asked, name, password, cx),
                    None => self.reject(&asked, text::CREDENTIALS, cx),
                }
            }
        }
    }

    fn login(&mut self, asked: Asked, name: String, password: String, cx: &mut Context<'_>) {
        let found = people::find(&cx.state.directory, &name)
            .filter(|account| !account.retired && account.kind != AccountKind::Guest);
        if found.is_some_and(|account| {
            account.password.is_none() && matches!(account.external, Some(ExternalId::Rotur(_)))
        }) {
            return self.reject(&asked, "This account uses Rotur authentication", cx);
        }
        let known = found.is_some();
        let bearable = password.len() <= limits::PASSWORD_BYTES_TRIED;
        let work = PasswordWork::Login {
            // Unknown names and absurd passwords cost the same time as any other.
            account: found.filter(|_| bearable).map(|account| account.id),
            name: name.chars().take(limits::USERNAME_CHARS_MAX).collect(),
            password: if bearable { password } else { String::new() },
            address: self.address,
            throttling: self.throttled().then_some(limits::LOGIN_THROTTLE),
        };
        let tag = self.requests.begin(asked, Waiting::Login { known });
        cx.run(tag, Request::Password(work));
    }

    /// True when failed sign-ins of this client count: also with the rates switched off, but not for exempt networks.
    pub(super) fn throttled(&self) -> bool {
        !self.exempt
    }

    fn register(&mut self, asked: Asked, name: String, password: String, cx: &mut Context<'_>) {
        if let Some(text) = self.not_registrable(&name, &password) {
            return self.reject(&asked, text, cx);
        }
        if cx.state.directory.account_with_handle(&name).is_some() {
            return self.reject(&asked, text::NAME_TAKEN, cx);
        }
        let registration = Registration {
            username: name,
            display_name: None,
            email: None,
            password,
            invite: None,
            via: Protocol::OriginChats,
        };
        let throttling = self.throttled().then_some(limits::REGISTER_THROTTLE);
        let work = PasswordWork::Register { registration, address: self.address, throttling };
        let tag = self.requests.begin(asked, Waiting::Register);
        cx.run(tag, Request::Password(work));
    }

    fn not_registrable(&self, name: &str, password: &str) -> Option<&'static str> {
        if !self.shared.config.cracked.allow_registration {
            return Some(text::NO_REGISTRATION);
        }
        if !(limits::USERNAME_CHARS_MIN..=limits::USERNAME_CHARS_MAX).contains(&name.chars().count()) {
            return Some(text::USERNAME_LENGTH);
        }
        if !(limits::PASSWORD_BYTES_MIN..=limits::PASSWORD_BYTES_MAX).contains(&password.len()) {
            return Some("Password must be 4-72 characters");
        }
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
            return Some(text::USERNAME_LETTERS);
        }
        None
    }

    /// The password was checked.
    pub(super) fn logged_in(&mut self, asked: Asked, known: bool, answer: Answer, cx: &mut Context<'_>) {
        match answer {
            Ok(Reply::Account(account)) => self.admit(asked, account, cx),
            Ok(_) => self.reject(&asked, text::FAULT, cx),
            Err(Refusal::BadCredentials) if known => self.reject(&asked, "Invalid password", cx),
            Err(Refusal::BadCredentials) => self.reject(&asked, text::NO_USER, cx),
            Err(why) => self.reject(&asked, refusal(why, Deed::Other), cx),
        }
    }

    /// The account was made, and is a member unless the operator wants that to be asked for.
    pub(super) fn registered(&mut self, asked: Asked, answer: Answer, cx: &mut Context<'_>) {
        match answer {
            Ok(Reply::Account(account)) => {
                let member = self.shared.space(cx.state).map(|space| space.id);
                let member = member.is_some_and(|space| cx.state.directory.member(space, account).is_some());
                if member { self.enter(&asked, account, true, cx) } else { self.admit(asked, account, cx) }
            }
            Ok(_) => self.reject(&asked, text::FAULT, cx),
            Err(why) => self.reject(&asked, refusal(why, Deed::Other), cx),
        }
    }

    /// Somebody proved who they are: they enter, unless they are kept out.
    fn admit(&mut self, asked: Asked, account: AccountId, cx: &mut Context<'_>) {
        let Some(space) = self.shared.space(cx.state).map(|space| space.id) else {
            return self.reject(&asked, "Access denied: this server has no such community", cx);
        };
        if policy::is_banned(&cx.state.directory, space, account, cx.now) {
            return self.reject(&asked, text::BANNED, cx);
        }
        if cx.state.directory.member(space, account).is_some() {
            return self.enter(&asked, account, false, cx);
        }
        let tag = self.requests.begin(asked, Waiting::Join { account });
        cx.command(tag, account, Command::JoinSpace { space, via: Protocol::OriginChats });
    }

    /// They joined, or may not.
    pub(super) fn joined(&mut self, asked: Asked, account: AccountId, answer: Answer, cx: &mut Context<'_>) {
        match answer {
            Ok(_) => self.enter(&asked, account, true, cx),
            Err(Refusal::Already) => self.enter(&asked, account, false, cx),
            Err(Refusal::NoSuchSpace | Refusal::InviteRequired) => {
                self.reject(&asked, "Access denied: this server is by invitation only", cx);
            }
            Err(why) => self.reject(&asked, refusal(why, Deed::Other), cx),
        }
    }

    /// The sign-in is complete: everything is said and subscribed to at one moment, so that nothing falls between.
    pub(super) fn enter(&mut self, asked: &Asked, id: AccountId, first: bool, cx: &mut Context<'_>) {
        let token = cx.env.token::<32>();
        let Some(view) = view(&self.shared, cx) else { return self.reject(asked, text::FAULT, cx) };
        let parts = view.directory.account(id).zip(view.directory.member(view.space.id, id));
        let Some((account, member)) = parts else { return self.reject(asked, text::FAULT, cx) };
        let me = Me::new(id, token.clone(), &view);
        let mut user = people::user(&view, account, member, Some(id));
        user.id = Some(people::id(view.directory, id));
        let pfp_url = user.pfp.clone();
        let mut user = serde_json::to_value(user).expect("a user is plain data");
        if let Some(url) = pfp_url {
            user["pfp_url"] = Value::String(url);
        }
        let mut frames = vec![
            wire::frame(
                "auth_success",
                json!({"val": "Authentication successful"}),
                asked.listener.as_deref(),
            ),
            wire::frame("ready", json!({"user": user, "validator": &token}), None),
        ];
        if first {
            // Everybody else was told by the event, which came before this connection was subscribed.
            frames.push(encode::user_join(&view, account, member));
        }
        for frame in frames {
            cx.send(&frame);
        }
        let scope = Scope::Space(me.space);
        self.shared.credentials.opened(id, &self.validator_key, &token, cx.now);
        self.me = Some(Box::new(me));
        self.stranger = None;
        cx.subscribe(id, scope);
        cx.limit(limits::FRAME_BYTES);
        let session = LiveSession::new(cx.id, id, Protocol::OriginChats, scope, cx.now);
        cx.live(LiveCommand::Attach(Box::new(session)));
        self.schedule(cx);
    }
}

/// What this server does, in the words that clients look for: exactly what is carried out (originchats.md 6.1).
fn capabilities(mode: AuthMode) -> Vec<&'static str> {
    const TOLD: [&str; 2] = ["user_connect", "user_disconnect"];
    let offered = |cmd: &&str| match *cmd {
        "auth" => mode != AuthMode::CrackedOnly,
        "login" | "register" => mode.local(),
        _ => true,
    };
    decode::commands().filter(offered).chain(TOLD).collect()
}
