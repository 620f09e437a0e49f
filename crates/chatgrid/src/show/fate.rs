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

impl Fate {
    /// Sent out for good, in these words.
    fn barred(text: &'static str) -> Self {
        Self { line: Some(text.to_owned()), refusal: Some(text) }
    }

    /// Sent out, and may come back.
    fn sent_out(text: &str, reason: Option<&str>) -> Self {
        Self { line: Some(with_reason(text, reason)), refusal: None }
    }

    fn banned(reason: Option<&str>) -> Self {
        Self { line: Some(with_reason("You have been banned.", reason)), refusal: Some(texts::DISABLED) }
    }
}

fn with_reason(text: &str, reason: Option<&str>) -> String {
    reason.map_or_else(|| text.to_owned(), |reason| format!("{text} Reason: {reason}"))
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
    match &event.body {
        EventBody::Account { account, change: AccountChange::Access } if account.disabled => {
            Some(Fate::barred(texts::DISABLED))
        }
        EventBody::Account { change: AccountChange::Retired, .. } => Some(Fate::barred(texts::DELETED)),
        // Switching an account off begins with its sign-ins.
        EventBody::LoginEnded { account, .. }
            if directory.account(*account).is_some_and(|account| account.disabled) =>
        {
            Some(Fate::barred(texts::DISABLED))
        }
        EventBody::LoginEnded { .. } => Some(Fate { line: None, refusal: Some(texts::BAD_RESUME) }),
        EventBody::Banned { ban } => Some(Fate::banned(ban.reason.as_deref())),
        EventBody::MemberGone { departure, reason, .. } => Some(match departure {
            Departure::Banned => Fate::banned(reason.as_deref()),
            Departure::Retired => Fate::barred(texts::DELETED),
            Departure::Kicked => Fate::sent_out("You have been sent out.", reason.as_deref()),
            Departure::Left => Fate::sent_out("You have left this place.", None),
        }),
        EventBody::SpaceDeleted { .. } => Some(Fate::sent_out("This place has been closed.", None)),
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
        | EventBody::Noted { .. }
        | EventBody::PushGone { .. }
        | EventBody::ItemGone { .. } => None,
    }
}
