//! Who is in a call.

use super::View;
use crate::quirks;
use crate::wire::entity::VoiceState;
use commonroom_core::Permissions;
use commonroom_core::ids::{AccountId, ChannelId};
use commonroom_core::policy;
use commonroom_hub::live::Seat;

/// A seat in a call. Who may not speak there is muted by the server (together.md 8.1).
pub fn seated(view: View<'_>, channel: ChannelId, seat: &Seat) -> VoiceState {
    let directory = &view.state.directory;
    let server_mute = directory.channel(channel).is_some_and(|channel| {
        !policy::permissions_in(directory, channel, seat.account).has(Permissions::SPEAK)
    });
    VoiceState {
        user_id: seat.account.0,
        username: username(view, seat.account),
        channel_id: Some(channel.0),
        self_mute: seat.muted,
        self_deaf: seat.deafened,
        self_video: seat.video,
        self_screen: seat.screen,
        server_mute,
        server_deaf: false,
        muted: seat.muted || server_mute,
        deafened: seat.deafened,
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
