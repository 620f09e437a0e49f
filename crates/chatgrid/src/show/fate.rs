//! What ends somebody's connection, and what they are told before (chatgrid.md 3.3, 5.19).

use crate::session::Player;
use crate::texts;
use commonroom_core::directory::Directory;
use commonroom_core::event::{AccountChange, Departure, EventBody};
use commonroom_hub::live::LiveEvent;
use commonroom_hub::session::Happening;

/// How a connection ends because of something that has happened.
pub(super) struct Fate {
    /// A line said before, because the client overwrites the other text (5.19).
    pub line: Option<String>,
    /// What stops the client from coming back by itself.
    pub refusal: Option<&'static str>,
}

/// How a connection ends by this, if it does.
pub(super) fn fate(player: &Player, happening: &Happening, directory: &Directory) -> Option<Fate> {
    let event = match happening {
        Happening::Event(event) => event,
        Happening::Live(event) => {
            let displaced = matches!(**event, LiveEvent::Displaced { session } if session == player.id);
            return displaced.then_some(Fate { line: None, refusal: Some(texts::DISPLACED) });
        }
    };
    let with_reason = |text: &str, reason: Option<&str>| match reason {
        Some(reason) => format!("{text} Reason: {reason}"),
        None => text.to_owned(),
    };
    let banned = |reason: Option<&str>| Fate {
        line: Some(with_reason("You have been banned.", reason)),
        refusal: Some(texts::DISABLED),
    };
    let deleted = || Fate { line: Some(texts::DELETED.to_owned()), refusal: Some(texts::DELETED) };
    let disabled = || Fate { line: Some(texts::DISABLED.to_owned()), refusal: Some(texts::DISABLED) };
    match &event.body {
        EventBody::Account { account, change: AccountChange::Access } if account.disabled => Some(disabled()),
        EventBody::Account { change: AccountChange::Retired, .. } => Some(deleted()),
        // Switching an account off begins with its sign-ins.
        EventBody::LoginEnded { account, .. }
            if directory.account(*account).is_some_and(|account| account.disabled) =>
        {
            Some(disabled())
        }
        EventBody::LoginEnded { .. } => Some(Fate { line: None, refusal: Some(texts::BAD_RESUME) }),
        EventBody::Banned { ban } => Some(banned(ban.reason.as_deref())),
        EventBody::MemberGone { departure, reason, .. } => Some(match departure {
            Departure::Banned => banned(reason.as_deref()),
            Departure::Retired => deleted(),
            Departure::Kicked => {
                Fate { line: Some(with_reason("You have been sent out.", reason.as_deref())), refusal: None }
            }
            Departure::Left => Fate { line: Some("You have left this place.".to_owned()), refusal: None },
        }),
        EventBody::SpaceDeleted { .. } => {
            Some(Fate { line: Some("This place has been closed.".to_owned()), refusal: None })
        }
        EventBody::Account { .. }
        | EventBody::LoginPut { .. }
        | EventBody::Space { .. }
        | EventBody::Member { .. }
        | EventBody::Unbanned { .. }
        | EventBody::Channel { .. }
        | EventBody::ChannelDeleted { .. }
        | EventBody::ConversationOpened { .. }
        | EventBody::MessagePosted { .. }
        | EventBody::MessageEdited { .. }
        | EventBody::MessageDeleted { .. }
        | EventBody::Reacted { .. }
        | EventBody::Read { .. }
        | EventBody::Related { .. }
        | EventBody::Item { .. }
        | EventBody::Pinned { .. }
        | EventBody::Voted { .. }
        | EventBody::PollEnded { .. }
        | EventBody::FileAdded { .. }
        | EventBody::FileGone { .. }
        | EventBody::Emoji { .. }
        | EventBody::EmojiGone { .. }
        | EventBody::Webhook { .. }
        | EventBody::FilesShared { .. }
        | EventBody::Invite { .. }
        | EventBody::InviteGone { .. }
        | EventBody::WebhookGone { .. }
        | EventBody::Audited { .. }
        | EventBody::AuditSwept { .. }
        | EventBody::PushPut { .. }
        | EventBody::PushGone { .. }
        | EventBody::ItemGone { .. } => None,
    }
}
