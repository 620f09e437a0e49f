//! The rows, in the order of section 7.

use crate::common::form::PNG;
use crate::need::Need::{Account, Bit, BitThere, LoudBit, Membership, Nothing, Ownership, Speak, View};
use crate::need::Who;
use crate::need::{
    ADD_REACTIONS, ADMINISTRATOR, ATTACH_FILES, BAN_MEMBERS, CONNECT_VOICE, CREATE_INVITES, KICK_MEMBERS,
    MANAGE_CHANNELS, MANAGE_MESSAGES, MANAGE_ROLES, MANAGE_SERVER, MUTE_MEMBERS, SEND_MESSAGES, VIEW_CHANNEL,
};
use crate::row::{Row, row};
use serde_json::json;

/// Accounts and what is asked without a server (3.3, 7.10, 7.22).
pub fn accounts() -> Vec<Row> {
    vec![
        row("POST", "/auth/register", Nothing, 201)
            .json(json!({"username": "newcomer", "password": "secret-password"})),
        row("POST", "/auth/login", Nothing, 200)
            .json(json!({"username": "tess", "password": "secret-password"})),
        row("POST", "/auth/refresh", Nothing, 401).json(json!({"refresh_token": "none"})),
        row("POST", "/auth/logout", Account, 204),
        row("POST", "/auth/forgot-password", Account, 403).json(json!({"email": "a@b.example"})),
        row("POST", "/auth/reset-password", Nothing, 401)
            .json(json!({"token": "none", "new_password": "long-enough"})),
        row("GET", "/instance/registration-mode", Nothing, 200),
        row("GET", "/users/@me", Account, 200),
        row("PATCH", "/users/@me", Account, 200).json(json!({"bio": "x"})),
        row("GET", "/users/{user}", Account, 200),
        row("GET", "/users/{user}", Account, 404).with("user", "nobody"),
        row("GET", "/ice-servers", Account, 200),
        row("GET", "/server-templates", Account, 200),
        row("GET", "/ws", Nothing, 400),
        row("GET", "/health", Nothing, 200),
        row("GET", "/health/ready", Nothing, 200),
        row("GET", "/health/live", Nothing, 200),
    ]
}

/// Servers and channels (7.1 to 7.3).
pub fn servers() -> Vec<Row> {
    let rule = json!({"user_id": "00000000-0000-0000-0000-000000000000", "allow": 0, "deny": 1});
    vec![
        row("POST", "/servers", Account, 201).json(json!({"name": "x"})),
        row("GET", "/servers", Account, 200),
        row("GET", "/servers/browse", Account, 200),
        row("GET", "/servers/{server}", Membership, 200),
        row("GET", "/servers/{server}", Account, 404).with("server", "nobody"),
        row("PATCH", "/servers/{server}", Bit(MANAGE_SERVER), 200).json(json!({"name": "x"})),
        row("PATCH", "/servers/{server}", Bit(MANAGE_SERVER), 200).json(json!({})),
        row("PATCH", "/servers/{server}", Ownership, 200).json(json!({"owner_id": "{user}"})),
        row("DELETE", "/servers/{server}", Ownership, 204),
        row("POST", "/servers/{server}/join", Account, 409).but(Who::Outsider, 201).but(Who::Banned, 403),
        row("DELETE", "/servers/{server}/leave", Membership, 204).but(Who::Owner, 400),
        row("GET", "/servers/{server}/members", Membership, 200),
        row("PATCH", "/servers/{server}/members/{user}", Bit(ADMINISTRATOR), 200)
            .json(json!({"nickname": "x"})),
        row("PATCH", "/servers/{server}/members/{user}", Membership, 404)
            .with("user", "nobody")
            .json(json!({"nickname": "x"})),
        row("POST", "/servers/{server}/channels", Bit(MANAGE_CHANNELS), 201)
            .json(json!({"name": "x", "type": "text"})),
        row("GET", "/servers/{server}/channels", Membership, 200),
        row("GET", "/servers/{server}/channels/{channel}", View, 200),
        row("PATCH", "/servers/{server}/channels/{channel}", BitThere(MANAGE_CHANNELS), 200)
            .json(json!({"topic": "x"})),
        row("PATCH", "/servers/{server}/channels/{channel}", BitThere(MANAGE_CHANNELS), 200).json(json!({})),
        row("DELETE", "/servers/{server}/channels/{channel}", BitThere(MANAGE_CHANNELS), 204),
        row("GET", "/channels/{channel}/overrides", View, 200),
        row("PUT", "/channels/{channel}/overrides", BitThere(MANAGE_CHANNELS), 404).json(rule),
        row("DELETE", "/channels/{channel}/overrides/{rule}", BitThere(MANAGE_CHANNELS), 204),
    ]
}

/// Messages, threads, reactions, pins (7.4, 7.5).
pub fn messages() -> Vec<Row> {
    let said = || json!({"content": "x"});
    let reaction = "/channels/{channel}/messages/{message}/reactions/{emoji}";
    let pin = "/channels/{channel}/messages/{message}/pin";
    vec![
        row("POST", "/channels/{channel}/messages", Speak(SEND_MESSAGES), 201).json(said()),
        row("GET", "/channels/{channel}/messages", View, 200),
        row("GET", "/channels/{channel}/messages", Account, 404).with("channel", "conversation"),
        row("GET", "/channels/{channel}/messages/{message}", View, 200),
        row("PATCH", "/messages/{message}", Speak(SEND_MESSAGES), 200).json(said()).own(),
        row("PATCH", "/messages/{message}", View, 403).json(said()),
        row("DELETE", "/messages/{message}", View, 204).own(),
        row("DELETE", "/messages/{message}", BitThere(MANAGE_MESSAGES), 204),
        row("POST", "/channels/{channel}/messages/{message}/thread", Speak(SEND_MESSAGES), 201).json(said()),
        row("GET", "/channels/{channel}/messages/{message}/thread", View, 200),
        row("PUT", reaction, Speak(ADD_REACTIONS), 204),
        row("DELETE", reaction, View, 204).first("PUT", reaction).but(Who::Muted, 404),
        row("GET", "/channels/{channel}/messages/{message}/reactions", View, 200),
        row("POST", pin, BitThere(MANAGE_MESSAGES), 204),
        row("DELETE", pin, BitThere(MANAGE_MESSAGES), 204).first("POST", pin),
        row("GET", "/channels/{channel}/pinned-messages", View, 200),
        row("POST", "/channels/{channel}/ack", View, 204),
        row("POST", "/channels/{channel}/ack", View, 204).with("channel", "voice"),
        row("GET", "/servers/{server}/search", Membership, 200).query("?q=said"),
    ]
}

/// Polls, events, conversations, files, emoji (7.6 to 7.9).
pub fn more_talk() -> Vec<Row> {
    let upload: &[(&str, Option<&str>, &[u8])] = &[("files", Some("a.txt"), b"a text")];
    let picture: &[(&str, Option<&str>, &[u8])] = &[("name", None, b"x"), ("image", Some("p.png"), PNG)];
    vec![
        row("POST", "/channels/{channel}/polls", Speak(SEND_MESSAGES), 201)
            .json(json!({"question": "x", "options": ["a", "b"]})),
        row("GET", "/polls/{poll}", View, 200),
        row("POST", "/polls/{poll}/vote", Speak(VIEW_CHANNEL), 200).json(json!({"option_id": "{option}"})),
        row("POST", "/channels/{channel}/events", Speak(SEND_MESSAGES), 201)
            .json(json!({"name": "x", "starts_at": "2027-01-01T00:00:00Z"})),
        row("GET", "/servers/{server}/events", Membership, 200),
        row("POST", "/dm-channels", Account, 404)
            .json(json!({"user_id": "00000000-0000-0000-0000-000000000000"})),
        row("GET", "/dm-channels", Account, 200),
        row("POST", "/dm-channels/{channel}/messages", Account, 404)
            .with("channel", "conversation")
            .json(json!({"content": "x"}))
            .but(Who::Owner, 201),
        row("GET", "/dm-channels/{channel}/messages", Account, 404)
            .with("channel", "conversation")
            .but(Who::Owner, 200),
        row("POST", "/dm-channels/{channel}/ack", Account, 404)
            .with("channel", "conversation")
            .but(Who::Owner, 204),
        row("POST", "/messages/{message}/attachments", Speak(ATTACH_FILES), 201).form(upload).own(),
        row("POST", "/messages/{message}/attachments", View, 403).form(upload),
        row("GET", "/messages/{message}/attachments", View, 200),
        row("GET", "/files/{message}/{name}", View, 200),
        row("GET", "/servers/{server}/emojis", Membership, 200),
        row("POST", "/servers/{server}/emojis", Bit(ADMINISTRATOR), 201).form(picture),
        row("DELETE", "/servers/{server}/emojis/{emoji}", Bit(ADMINISTRATOR), 204).with("emoji", "custom"),
        row("GET", "/emojis/{emoji}", Nothing, 200).with("emoji", "custom"),
    ]
}

/// Calls (7.10).
pub fn calls() -> Vec<Row> {
    let call = "/channels/{channel}/voice";
    let live = "/channels/{channel}/go-live";
    vec![
        row("POST", call, View, 400),
        row("POST", call, BitThere(CONNECT_VOICE), 201).with("channel", "voice"),
        row("GET", call, View, 200).with("channel", "voice"),
        row("PATCH", call, View, 200)
            .with("channel", "voice")
            .first("POST", call)
            .json(json!({"self_mute": true})),
        row("PATCH", call, View, 404).with("channel", "voice").json(json!({"self_mute": true})),
        row("DELETE", call, View, 204).with("channel", "voice").first("POST", call),
        row("DELETE", call, View, 404).with("channel", "voice"),
        row("POST", live, View, 201)
            .with("channel", "voice")
            .first("POST", call)
            .json(json!({"quality": "1080p"})),
        row("POST", live, View, 400).with("channel", "voice"),
        row("GET", live, View, 404).with("channel", "voice"),
        row("DELETE", live, View, 404).with("channel", "voice"),
        row("PATCH", "/servers/{server}/members/{user}/voice", Bit(MUTE_MEMBERS), 200)
            .json(json!({"server_mute": true})),
    ]
}

/// Invitations (7.16).
pub fn invitations() -> Vec<Row> {
    vec![
        row("POST", "/servers/{server}/invites", Bit(CREATE_INVITES), 201).json(json!({})),
        row("GET", "/servers/{server}/invites", Bit(CREATE_INVITES), 200),
        row("DELETE", "/servers/{server}/invites/{invite}", Bit(CREATE_INVITES), 204),
        row("DELETE", "/servers/{server}/invites/{invite}", Bit(CREATE_INVITES), 404)
            .with("invite", "nobody"),
        row("GET", "/invites/{code}", Account, 200),
        row("GET", "/invites/{code}", Account, 404).with("code", "nobody"),
        row("POST", "/invites/{code}/accept", Account, 409).but(Who::Outsider, 201).but(Who::Banned, 403),
        row("POST", "/invites/{code}/accept", Account, 404).with("code", "nobody"),
    ]
}

/// Roles, moderation and the log of them (7.11, 7.12, 7.14).
pub fn moderation() -> Vec<Row> {
    let held = "/servers/{server}/members/{user}/roles/{role}";
    vec![
        row("GET", "/servers/{server}/roles", Membership, 200),
        row("POST", "/servers/{server}/roles", Bit(MANAGE_ROLES), 201).json(json!({"name": "x"})),
        row("PATCH", "/servers/{server}/roles/{role}", Bit(MANAGE_ROLES), 200).json(json!({"name": "x"})),
        row("PATCH", "/servers/{server}/roles/{role}", Bit(MANAGE_ROLES), 404)
            .with("role", "nobody")
            .json(json!({"name": "x"})),
        row("DELETE", "/servers/{server}/roles/{role}", Bit(MANAGE_ROLES), 204),
        row("PUT", held, Bit(MANAGE_ROLES), 204),
        row("DELETE", held, Bit(MANAGE_ROLES), 204),
        row("PUT", held, Bit(MANAGE_ROLES), 404).with("role", "nobody"),
        row("POST", "/servers/{server}/members/{user}/kick", Bit(KICK_MEMBERS), 204),
        row("POST", "/servers/{server}/members/{user}/ban", Bit(BAN_MEMBERS), 204)
            .json(json!({"reason": "x"})),
        row("POST", "/servers/{server}/members/{user}/ban", Bit(BAN_MEMBERS), 404).with("user", "nobody"),
        row("POST", "/servers/{server}/members/{user}/timeout", Bit(MUTE_MEMBERS), 200)
            .json(json!({"duration_minutes": 5})),
        row("DELETE", "/servers/{server}/members/{user}/timeout", Bit(MUTE_MEMBERS), 204),
        row("GET", "/servers/{server}/audit-logs", LoudBit(MANAGE_SERVER), 200),
        row("GET", "/servers/{server}/audit-logs", Account, 404).with("server", "nobody"),
        row("GET", "/servers/{server}/bans", LoudBit(BAN_MEMBERS), 200),
        row("GET", "/servers/{server}/bans", Account, 404).with("server", "nobody"),
        row("DELETE", "/servers/{server}/bans/{user}", LoudBit(BAN_MEMBERS), 204),
    ]
}
