//! What somebody does in the world: being announced, walking, talking, names, signals (chatgrid.md 5).

use crate::Grid;
use crate::admin;
use crate::decode::{Packet, SignalPacket};
use crate::encode::{FOR_ALL, FOR_OTHERS, Scene};
use crate::keyboard;
use crate::limits;
use crate::plain;
use crate::rights;
use crate::session::{Player, say, tag};
use crate::thing;
use crate::whisper;
use crate::wire::Frame;
use crate::world;
use commonroom_core::account::Protocol;
use commonroom_core::command::{Actor, Command, ItemDeed, NewMessage};
use commonroom_core::message::MessageKind;
use commonroom_core::permission::Permissions;
use commonroom_core::{Refusal, SessionId};
use commonroom_hub::live::{Effect, LiveCommand, Signal, SignalTarget};
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::Context;

const MAY_NOT_CHAT: &str = "You are not allowed to send chat messages.";

/// Carries out a packet of somebody in the world. Anything but a ping announces them first (2.4).
pub(crate) fn packet(grid: &Grid, player: &mut Player, packet: Packet, cx: &mut Context<'_>) {
    let Some(scene) = Scene::new(&grid.config, cx.state) else { return };
    if !matches!(packet, Packet::Ping { .. }) {
        activate(player, cx);
    }
    match packet {
        Packet::Ping { sent_at } => {
            if player.rates.pings.take(cx.now) {
                cx.send(&Frame::Pong { client_sent_at: &sent_at }.json());
            }
        }
        Packet::Position { square } => {
            walk(scene, player, square, cx);
            keyboard::recheck(grid, player, cx);
        }
        Packet::Teleport { square } => {
            teleport(scene, player, square, cx);
            keyboard::recheck(grid, player, cx);
        }
        Packet::Nickname { nickname } => rename(scene, player, &nickname, cx),
        Packet::Chat { message } => chat(grid, scene, player, &message, cx),
        Packet::Signal(signal) => relay(player, signal, cx),
        Packet::ItemAdd { kind } => thing::add(scene, player, &kind, cx),
        Packet::Item { action, item } => thing::act(grid, scene, player, &action, &item, cx),
        Packet::Admin(action) => admin::act(scene, player, action, cx),
        Packet::PianoNote { item, key } => keyboard::note(scene, player, &item, key, cx),
        Packet::WelcomeReady => {}
        Packet::Register { .. } | Packet::Login { .. } | Packet::Resume { .. } | Packet::Logout => {}
    }
}

/// Announces somebody to the others, once.
pub(crate) fn activate(player: &mut Player, cx: &mut Context<'_>) {
    if !player.ready {
        player.ready = true;
        cx.live(LiveCommand::Ready(cx.id));
    }
}

/// Stores where somebody stands, and what they carry: should the server end without notice, it lies with them.
pub(crate) fn save(player: &mut Player, cx: &mut Context<'_>) {
    player.save_at = None;
    let square = player.square;
    if player.saved == Some(square) {
        return;
    }
    player.saved = Some(square);
    cx.command(0, player.account, Command::SetSquare { space: player.space, square });
    // What is being put down is stored by that.
    if let Some(item) = cx.state.live.carried_by(cx.id).filter(|_| player.acting.is_none()) {
        let along = Command::Item { item, deed: ItemDeed::Along(square) };
        cx.run(0, Request::Command(Actor::System, along));
    }
}

/// Tells the client where it stands: an echo, or the correction of what it believes.
fn place(player: &Player, cx: &mut Context<'_>) {
    let (x, y) = player.square;
    let id = player.id.to_string();
    cx.send(&Frame::UpdatePosition { id: &id, x, y }.json());
}

fn on_grid(scene: Scene<'_>, (x, y): (i64, i64)) -> Option<(i32, i32)> {
    let square = (i32::try_from(x).ok()?, i32::try_from(y).ok()?);
    scene.config.in_bounds(square).then_some(square)
}

fn walk(scene: Scene<'_>, player: &mut Player, target: (i64, i64), cx: &mut Context<'_>) {
    let Some(target) = on_grid(scene, target) else { return place(player, cx) };
    let steps = i64::from((target.0 - player.square.0).abs().max((target.1 - player.square.1).abs()));
    if steps == 0 || !player.rates.steps.take_many(steps, cx.now) {
        return place(player, cx);
    }
    player.square = target;
    player.save_at = player.save_at.or(Some(cx.now.plus_seconds(limits::SAVE_SECONDS)));
    cx.live(LiveCommand::Move { session: cx.id, square: target, teleport: false });
}

fn teleport(scene: Scene<'_>, player: &mut Player, target: (i64, i64), cx: &mut Context<'_>) {
    let target = on_grid(scene, target).filter(|_| player.rates.teleports.take(cx.now));
    let Some(target) = target else { return place(player, cx) };
    if target == player.square {
        // The animation has walked there already: only the landing is new to the others.
        place(player, cx);
        let id = player.id.to_string();
        let landing = Frame::TeleportComplete { id: &id, x: target.0, y: target.1 }.json();
        let by = Some((cx.id, player.account));
        cx.live(LiveCommand::Effect(Box::new(Effect {
            space: player.space,
            by,
            word: FOR_OTHERS,
            body: landing,
        })));
    } else {
        player.square = target;
        cx.live(LiveCommand::Move { session: cx.id, square: target, teleport: true });
    }
    save(player, cx);
}

fn named(accepted: bool, requested: &str, effective: &str, reason: Option<&str>) -> String {
    let (requested_nickname, effective_nickname) = (requested, effective);
    Frame::NicknameResult { accepted, requested_nickname, effective_nickname, reason }.json()
}

fn rename(scene: Scene<'_>, player: &mut Player, wanted: &str, cx: &mut Context<'_>) {
    let directory = &scene.state.directory;
    let current = &*scene.name(player.account);
    let trimmed = wanted.trim();
    let held = rights::held(directory, scene.space, player.account);
    if !held.has(Permissions::CHANGE_NICKNAME) {
        return cx.send(&named(false, wanted, current, Some("Not authorized to change nickname.")));
    }
    if trimmed.is_empty() {
        return cx.send(&named(false, wanted, current, Some("Nickname is required.")));
    }
    // Before anything that could refuse: every client sends its own name as it joins (defect 7).
    if trimmed == current {
        return cx.send(&named(true, trimmed, current, None));
    }
    if !player.rates.nicknames.take(cx.now) {
        return cx.send(&named(
            false,
            trimmed,
            current,
            Some("Too many changes of nickname. Try again shortly."),
        ));
    }
    if world::name_in_use(scene.state, scene.id(), player.account, trimmed) {
        return cx.send(&named(false, trimmed, current, Some("Nickname already in use.")));
    }
    player.renaming = Some((trimmed.to_owned(), current.to_owned()));
    let rename = Command::SetNickname {
        space: player.space,
        account: player.account,
        nickname: Some(trimmed.to_owned()),
    };
    cx.command(tag::NICKNAME, player.account, rename);
}

/// The answer to a new name; the others have been told of it.
pub(crate) fn renamed(player: &mut Player, answer: Answer, cx: &mut Context<'_>) {
    let effective = world::shown(&cx.state.directory, player.space, player.account).into_owned();
    let (wanted, before) = player.renaming.take().unwrap_or_else(|| (effective.clone(), effective.clone()));
    let reason = match answer {
        Ok(_) => None,
        Err(Refusal::NameTaken) => Some("Nickname already in use."),
        Err(Refusal::NotAllowed | Refusal::NoSuchSpace) => Some("Not authorized to change nickname."),
        Err(Refusal::Busy | Refusal::Fault) => Some("The nickname could not be saved. Try again."),
        Err(_) => Some("Nickname may not contain these characters."),
    };
    cx.send(&named(reason.is_none(), &wanted, &effective, reason));
    if reason.is_none() && effective != before {
        say(cx, &format!("You are now known as {effective}."));
    }
}

fn chat(grid: &Grid, scene: Scene<'_>, player: &mut Player, message: &str, cx: &mut Context<'_>) {
    if !rights::held(&scene.state.directory, scene.space, player.account).has(Permissions::SEND) {
        return say(cx, MAY_NOT_CHAT);
    }
    let message = plain::without_controls(message);
    if message.trim().is_empty() {
        return;
    }
    if !player.rates.chats.take(cx.now) {
        return say(cx, "You are sending messages too fast. Wait a moment.");
    }
    match message.strip_prefix('/') {
        Some(command) => slash(grid, scene, player, command, cx),
        None => post(scene, player, MessageKind::Said, message, cx),
    }
}

fn post(scene: Scene<'_>, player: &Player, kind: MessageKind, text: String, cx: &mut Context<'_>) {
    let Some(channel) = scene.space.default_channel else { return say(cx, MAY_NOT_CHAT) };
    let message = NewMessage {
        channel,
        kind,
        text,
        reply_to: None,
        ping: false,
        nonce: None,
        ..NewMessage::said(channel, "")
    };
    cx.command(tag::CHAT, player.account, Command::PostMessage(message));
}

/// The answer to a message: everybody has it, or it is refused.
pub(crate) fn said(answer: Answer, cx: &mut Context<'_>) {
    match answer {
        Ok(_) => {}
        Err(Refusal::TimedOut { .. }) => say(cx, "You are timed out and cannot send chat messages."),
        Err(Refusal::Busy | Refusal::Fault) => say(cx, "Your message could not be sent. Try again."),
        Err(Refusal::Blocked) => say(cx, "Your message could not be delivered."),
        Err(_) => say(cx, MAY_NOT_CHAT),
    }
}

/// 5.7: the commands of the chat line.
fn slash(grid: &Grid, scene: Scene<'_>, player: &mut Player, line: &str, cx: &mut Context<'_>) {
    let (token, rest) = line.split_once(' ').unwrap_or((line, ""));
    match token.to_lowercase().as_str() {
        "me" if rest.trim().is_empty() => say(cx, "Usage: /me <action>"),
        "me" => post(scene, player, MessageKind::Action, rest.to_owned(), cx),
        "up" => {
            let seconds = (cx.now.seconds() - grid.setup.started.seconds()).max(0);
            say(cx, &format!("Server uptime: {}", duration(seconds)));
        }
        "version" => say(cx, &format!("Server version: {}", grid.setup.version)),
        "reboot" => reboot(scene, player, rest, cx),
        "msg" => whisper::whisper(scene, player, rest, cx),
        _ => say(cx, &format!("Unknown command: /{token}")),
    }
}

/// `1d 2h 3m 4s`, zero parts left out.
fn duration(seconds: i64) -> String {
    let parts =
        [(seconds / 86_400, 'd'), (seconds / 3_600 % 24, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
    let words: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if words.is_empty() { "0s".to_owned() } else { words.join(" ") }
}

/// 5.8: also for who may not speak, so that they can listen; the hub lets only one of two crossing offers pass, and
/// nothing to people who are not on a grid.
fn relay(player: &mut Player, packet: SignalPacket, cx: &mut Context<'_>) {
    let Ok(target) = packet.target.parse::<SessionId>() else { return };
    let empty = packet.body == "{}";
    if target == cx.id || empty || !player.rates.signals.take(cx.now) {
        return;
    }
    cx.live(LiveCommand::Signal(Box::new(Signal {
        from: cx.id,
        sender: player.account,
        protocol: Protocol::ChatGrid,
        to: SignalTarget::Session(target),
        kind: packet.kind,
        word: "signal",
        body: packet.body,
    })));
}

/// 5.7: everybody is told, whatever they may; the server ends a little later and is started anew.
fn reboot(scene: Scene<'_>, player: &mut Player, text: &str, cx: &mut Context<'_>) {
    if !rights::held(&scene.state.directory, scene.space, player.account).has(Permissions::REBOOT) {
        return say(cx, "Not authorized to reboot server.");
    }
    let announcement = format!("Server rebooting in {} seconds.", limits::REBOOT_SECONDS);
    let announcement = if text.trim().is_empty() { announcement } else { format!("{announcement} {text}") };
    player.rebooting = Some(announcement);
    cx.run(tag::REBOOT, Request::Restart { seconds: limits::REBOOT_SECONDS });
}

/// The server will restart, or will do so already.
pub(crate) fn rebooting(player: &mut Player, answer: Answer, cx: &mut Context<'_>) {
    let Some(announcement) = player.rebooting.take() else { return };
    match answer {
        Ok(_) => {
            let body = Frame::line(&announcement);
            let effect = Effect { space: player.space, by: None, word: FOR_ALL, body };
            cx.live(LiveCommand::Effect(Box::new(effect)));
        }
        Err(Refusal::Already) => say(cx, "Server reboot already in progress."),
        Err(_) => say(cx, "The server cannot be rebooted now."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_leaves_zeros_out() {
        assert_eq!(duration(0), "0s");
        assert_eq!(duration(93_784), "1d 2h 3m 4s");
        assert_eq!(duration(3_600), "1h");
        assert_eq!(duration(86_461), "1d 1m 1s");
    }
}
