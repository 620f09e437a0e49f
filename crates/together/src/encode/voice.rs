//! Who is in a call.

use super::View;
use crate::quirks;
use crate::wire::entity::{GoLiveSession, VoiceState};
use commonroom_core::channel::Channel;
use commonroom_core::ids::{AccountId, ChannelId};
use commonroom_core::policy;
use commonroom_core::space::Member;
use commonroom_hub::live::{Broadcast, Seat};
use std::sync::Arc;

/// A seat in a call.
pub fn seated(view: View<'_>, channel: ChannelId, seat: &Seat) -> VoiceState {
    VoiceState {
        user_id: seat.account.0,
        username: username(view, seat.account),
        channel_id: Some(channel.0),
        self_mute: seat.muted,
        self_deaf: seat.deafened,
        self_video: seat.video,
        self_screen: seat.screen,
        server_mute: seat.server_muted,
        server_deaf: seat.server_deafened,
        muted: seat.muted || seat.server_muted,
        deafened: seat.deafened || seat.server_deafened,
        joined_at: Some(seat.joined_at.rfc3339()),
    }
}

/// Somebody who has left.
pub fn left(view: View<'_>, account: AccountId) -> VoiceState {
    VoiceState {
        user_id: account.0,
        username: username(view, account),
        channel_id: None,
        self_mute: false,
        self_deaf: false,
        self_video: false,
        self_screen: false,
        server_mute: false,
        server_deaf: false,
        muted: false,
        deafened: false,
        joined_at: None,
    }
}

/// A member in no call: only what a moderator has set.
fn elsewhere(view: View<'_>, member: &Member) -> VoiceState {
    VoiceState {
        server_mute: member.muted,
        server_deaf: member.deafened,
        muted: member.muted,
        deafened: member.deafened,
        ..left(view, member.account)
    }
}

/// A member of a server, in a call of it that the viewer may see or not.
pub fn of_member(view: View<'_>, member: &Member) -> VoiceState {
    let (live, directory) = (&view.state.live, &view.state.directory);
    let seen = |channel: &&Arc<Channel>| {
        channel.space() == Some(member.space)
            && view.viewer.is_some_and(|viewer| policy::may_view(directory, channel, viewer))
    };
    let call = live.call_of(member.account).and_then(|channel| directory.channel(channel)).filter(seen);
    let seat = call.and_then(|call| Some((call.id, live.seat(call.id, member.account)?)));
    seat.map_or_else(|| elsewhere(view, member), |(channel, seat)| seated(view, channel, seat))
}

/// Who broadcasts in a call.
pub fn live(channel: ChannelId, seat: &Seat, broadcast: Broadcast) -> GoLiveSession {
    GoLiveSession {
        channel_id: channel.0,
        broadcaster_id: seat.account.0,
        quality: quality(broadcast.lines),
        started_at: broadcast.since.rfc3339(),
    }
}

/// Lines of the picture of a quality word.
pub fn lines(quality: &str) -> Option<u16> {
    match quality {
        "480p" => Some(480),
        "720p" => Some(720),
        "1080p" => Some(1_080),
        _ => None,
    }
}

fn quality(lines: u16) -> &'static str {
    match lines {
        0..=480 => "480p",
        481..=720 => "720p",
        721.. => "1080p",
    }
}

/// The people in a call, by arrival.
pub fn call(view: View<'_>, channel: ChannelId) -> Vec<VoiceState> {
    let mut seats: Vec<_> = view.state.live.call(channel).collect();
    seats.sort_by_key(|seat| (seat.joined_at, seat.account));
    seats.into_iter().map(|seat| seated(view, channel, seat)).collect()
}

fn username(view: View<'_>, account: AccountId) -> String {
    view.state
        .directory
        .account(account)
        .map_or_else(String::new, |account| quirks::username(account).to_owned())
}
