//! What has happened, rendered: once for everybody where everybody sees the same.

use crate::Shared;
use crate::encode::{self, Edition, Presence, Saying};
use crate::limits;
use crate::markup::escape;
use crate::quirks;
use crate::seen::{Farewell, UNQUOTED};
use crate::world;
use commonroom_core::channel::Home;
use commonroom_core::env::Timestamp;
use commonroom_core::event::{Event, EventBody};
use commonroom_core::ids::AccountId;
use commonroom_core::message::Message;
use commonroom_hub::session::{Frames, Happening, State, Variant};

/// The last words to somebody who is sent away.
pub(crate) fn farewell(farewell: Farewell, state: &State, now: Timestamp) -> String {
    encode::error(&match farewell {
        Farewell::Displaced => {
            "You have been signed out of chat because you logged in from another location.".to_owned()
        }
        Farewell::Kicked(by) => format!("You have been kicked from the chat room{by}"),
        Farewell::Banned(space, account, by) => {
            let until = state.directory.ban(space, account).and_then(|ban| ban.until);
            let back = until.map_or_else(String::new, |until| {
                #[allow(clippy::cast_precision_loss)]
                let left = ((until.0 - now.0) as f64 / 3_600e6 * 10.0).ceil() / 10.0;
                format!(" You may come back after {}.", encode::hours(left))
            });
            format!("You have been banned from the chat room{by}.{back}")
        }
        Farewell::Left => "You have left this chat room.".to_owned(),
        Farewell::Disabled => "Your account has been disabled.".to_owned(),
    })
}

/// `@` and the name of the other one.
pub(crate) fn direct_channel(message: &Message, reader: AccountId, state: &State) -> Option<String> {
    let partner = state.directory.channel(message.channel)?.partner(reader)?;
    Some(format!("@{}", world::name(state, partner)))
}

/// True for a message of a conversation.
pub(crate) fn is_direct(message: &Message, state: &State) -> bool {
    state
        .directory
        .channel(message.channel)
        .is_some_and(|channel| matches!(channel.home, Home::Conversation(..)))
}

/// Who did it, for the text to who is sent away.
pub(crate) fn acted_by(event: &Event, state: &State) -> String {
    if let Some(by) = event.by {
        return format!(" by {}", escape(world::name(state, by)));
    }
    if let EventBody::MemberGone { reason: Some(reason), .. } = &event.body
        && reason.starts_with(quirks::ACTED_BY)
    {
        return format!(" {}", escape(reason));
    }
    String::new()
}

/// Whom a happening that changes the who list is about.
pub(crate) fn person(happening: &Happening) -> Option<AccountId> {
    let event = match happening {
        Happening::Event(event) => event,
        Happening::Live(event) => return event.subject(),
    };
    if let EventBody::Account { account, .. } = &event.body {
        Some(account.id)
    } else if let EventBody::Member { member, .. } = &event.body {
        Some(member.account)
    } else if let EventBody::MemberGone { account, .. } = &event.body {
        Some(*account)
    } else {
        None
    }
}

/// The frames of a message or of its edit.
pub(crate) fn frames(
    event: &Event,
    message: &Message,
    channel: &str,
    quoted: bool,
    shared: &Shared,
    state: &State,
) -> Vec<String> {
    let edition = if let EventBody::MessageEdited { newest, .. } = &event.body {
        encode::edition(event, message, *newest)
    } else {
        Edition::First
    };
    let quote = message.reply_to.filter(|_| quoted).map(|reply| shared.quotes.of(reply));
    let saying = Saying { message, channel, quote: quote.as_ref(), edition, posted: None };
    let again = (edition == Edition::Again).then(|| encode::takeback(message.number));
    again.into_iter().chain(encode::message(saying, state, &shared.config)).collect()
}

/// Renders what is the same for all.
pub(crate) fn render(
    shared: &Shared,
    happening: &Happening,
    variant: Variant,
    state: &State,
    out: &mut Frames,
) {
    let presences = [Presence::Joined, Presence::Exited, Presence::Kicked, Presence::Banned];
    if let Some(presence) = presences.into_iter().find(|presence| *presence as Variant == variant) {
        if let Some(account) = person(happening) {
            out.text(&encode::presence(world::name(state, account), presence));
        }
        return;
    }
    let Happening::Event(event) = happening else { return };
    if let EventBody::MessagePosted { message } | EventBody::MessageEdited { message, .. } = &event.body {
        shared.quotes.note(message);
        let Some(channel) = channel_of(message, shared, state) else { return };
        for frame in frames(event, message, channel, variant != UNQUOTED, shared, state) {
            out.text(&frame);
        }
    } else if let EventBody::MessageDeleted { message } = &event.body {
        shared.quotes.forget(message.id);
        out.text(&encode::takeback(message.number));
    } else if let EventBody::Reacted { message, emoji, account, .. } = &event.body {
        let emoji = world::emoji(state, message, emoji);
        if emoji.len() <= limits::REACTION_BYTES {
            out.text(&encode::react(world::name(state, *account), message.number, &emoji));
        }
    }
}

fn channel_of<'a>(message: &Message, shared: &'a Shared, state: &State) -> Option<&'a str> {
    let space = state.directory.channel(message.channel)?.space()?;
    world::shown(state, &shared.config, space, message.channel).map(|known| known.id.as_str())
}
