//! Voice: who is in a call. Peer ids are for participants only (originchats.md 6.6).

use super::{View, people};
use crate::wire;
use commonroom_core::ids::ChannelId;
use commonroom_hub::live::Seat;
use serde_json::{Value, json};

/// Who is in a call, who joined first first.
pub fn seats<'a>(view: &View<'a>, channel: ChannelId) -> Vec<&'a Seat> {
    let mut seats: Vec<&Seat> = view.live.call(channel).map(|seat| &**seat).collect();
    seats.sort_by_key(|seat| (seat.joined_at, seat.account));
    seats
}

/// The participants as everybody sees them beside the channel.
pub fn sidebar(view: &View<'_>, channel: ChannelId) -> Vec<Value> {
    let one = |seat: &Seat| {
        let account = view.directory.account(seat.account);
        json!({
            "username": people::username(view.directory, seat.account),
            "muted": seat.muted,
            "pfp": account.and_then(|account| people::picture(view, account)),
        })
    };
    seats(view, channel).into_iter().map(one).collect()
}

/// One participant.
pub fn participant(view: &View<'_>, seat: &Seat, with_peer: bool) -> Value {
    let (id, username) =
        (people::id(view.directory, seat.account), people::username(view.directory, seat.account));
    let mut shape = json!({"id": id, "username": username, "muted": seat.muted});
    if with_peer && let Some(peer_id) = &seat.peer_id {
        shape["peer_id"] = Value::String(peer_id.clone());
    }
    shape
}

/// An event of a call, with its name under `cmd` and `type` (originchats.md 12).
pub fn event(name: &'static str, channel: &str, user: Value) -> String {
    let key = if user.is_string() { "username" } else { "user" };
    wire::frame(name, json!({"type": name, "channel": channel, key: user, "global": true}), None)
}
