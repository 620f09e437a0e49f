//! Polls: the card that carries one, how it stands, and what happens to it (originchats.md 4.8, 5.6).

use super::spot::Spot;
use super::{View, message, people, seconds};
use crate::wire;
use commonroom_core::ids::AccountId;
use commonroom_core::message::Message;
use commonroom_core::poll::{Poll, PollOption};
use serde_json::{Value, json};

/// The card of a message that asks, with how it stands now. Without a viewer nobody's own choice is marked.
pub fn embed(view: &View<'_>, message: &Message, poll: &Poll, viewer: Option<AccountId>) -> Value {
    let mut shape = json!({
        "id": message.id.to_string(),
        "question": poll.question,
        "options": options(poll),
        "allow_multiselect": poll.multiple,
        "expires_at": poll.expires_at.map(seconds),
        "results": standing(view, poll, None),
        "total_votes": poll.votes(),
        "ended": poll.ended_at.is_some(),
        "ended_at": poll.ended_at.map(seconds),
    });
    shape["user_votes"] = json!(viewer.map(|viewer| poll.choice(viewer)).unwrap_or_default());
    json!({"type": "poll", "title": poll.question, "poll": shape})
}

/// What may be chosen.
pub fn options(poll: &Poll) -> Vec<Value> {
    let option = |option: &PollOption| {
        let mut shape = json!({"id": option.id, "text": option.text});
        if let Some(emoji) = &option.emoji {
            shape["emoji"] = json!(emoji);
        }
        shape
    };
    poll.options.iter().map(option).collect()
}

/// Votes by option. Who voted for what is told when the poll is over, and not before.
fn standing(view: &View<'_>, poll: &Poll, viewer: Option<AccountId>) -> Vec<Value> {
    let over = poll.ended_at.is_some();
    let name = |id: &AccountId| people::username(view.directory, *id);
    let option = |option: &PollOption| {
        let voters: Vec<String> = if over { option.by.iter().map(name).collect() } else { Vec::new() };
        let mut shape = json!({
            "id": option.id,
            "text": option.text,
            "emoji": option.emoji,
            "votes": option.by.len(),
            "voters": voters,
        });
        if let Some(viewer) = viewer {
            shape["voted"] = json!(option.by.contains(&viewer));
        }
        shape
    };
    poll.options.iter().map(option).collect()
}

/// How a poll stands; for a viewer, with what they chose.
pub fn results(view: &View<'_>, message: &Message, poll: &Poll, viewer: Option<AccountId>) -> Value {
    json!({
        "poll_id": message.id.to_string(),
        "question": poll.question,
        "allow_multiselect": poll.multiple,
        "ended": poll.ended_at.is_some(),
        "ended_at": poll.ended_at.map(seconds),
        "total_votes": poll.votes(),
        "results": standing(view, poll, viewer),
    })
}

/// A poll with all that is kept of it but the votes of others.
pub fn stored(view: &View<'_>, message: &Message, poll: &Poll, viewer: AccountId) -> Value {
    let shape = json!({
        "id": message.id.to_string(),
        "message_id": message.id.to_string(),
        "question": poll.question,
        "options": options(poll),
        "allow_multiselect": poll.multiple,
        "expires_at": poll.expires_at.map(seconds),
        "created_by": people::username(view.directory, message.author),
        "created_at": seconds(message.created_at),
        "ended": poll.ended_at.is_some(),
        "ended_at": poll.ended_at.map(seconds),
        "user_votes": poll.choice(viewer),
    });
    match Spot::of(view.directory, message.channel) {
        Some(spot) => spot.on_both(shape),
        None => shape,
    }
}

/// `poll_vote_update`: only voters themselves are told whose vote it is.
pub fn voted(view: &View<'_>, message: &Message, voter: AccountId, own: bool) -> Option<String> {
    let (poll, spot) = (message.poll.as_deref()?, Spot::of(view.directory, message.channel)?);
    let id = message.id.to_string();
    let mut body = spot.on_both(json!({
        "poll_id": id,
        "message_id": id,
        "option_ids": poll.choice(voter),
        "results": results(view, message, poll, None),
    }));
    if own {
        body["user"] = json!(people::username(view.directory, voter));
    }
    Some(wire::frame("poll_vote_update", body, None))
}

/// `poll_end`
pub fn ended(view: &View<'_>, message: &Message, listener: Option<&str>) -> Option<String> {
    let (poll, spot) = (message.poll.as_deref()?, Spot::of(view.directory, message.channel)?);
    let id = message.id.to_string();
    let results = results(view, message, poll, None);
    let body = spot.on_both(json!({"poll_id": id, "message_id": id, "results": results}));
    Some(wire::frame("poll_end", body, listener))
}

/// The `messages_around` that makes the web client draw a poll anew (originchats.md 11): the range says that there is
/// more above, so that the client keeps what it has.
pub fn redrawn(view: &View<'_>, message: &Message, viewer: AccountId) -> Option<String> {
    let spot = Spot::of(view.directory, message.channel)?;
    let shape = message::seen_by(view, message, viewer);
    let body = spot.on_both(json!({"messages": [shape], "range": {"start": 1, "end": 2}}));
    Some(wire::frame("messages_around", body, None))
}
