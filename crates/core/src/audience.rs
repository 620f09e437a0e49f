//! Who may see an event. Decided here and nowhere else, for live delivery and for history alike.

use crate::channel::Home;
use crate::directory::Directory;
use crate::event::{Event, EventBody};
use crate::ids::{AccountId, ChannelId, SpaceId};
use crate::policy;

/// To whom an event goes. Within it, [`may_see`] still hides what a mute or a block hides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Audience {
    /// Everybody who may view the channel.
    Channel(ChannelId),
    /// Every member of the space.
    Space(SpaceId),
    /// Every member of the space, and this account although it is none any more.
    SpaceAnd(SpaceId, AccountId),
    /// Everybody who shares a space or a conversation with the account, and the account itself.
    Around(AccountId),
    /// These accounts only.
    Accounts(Vec<AccountId>),
}

/// The audience of an event. Events about membership are decided before they take effect for who leaves.
pub fn audience(event: &Event) -> Audience {
    match &event.body {
        EventBody::Account { account, .. } => Audience::Around(account.id),
        EventBody::LoginPut { login } => Audience::Accounts(vec![login.account]),
        EventBody::LoginEnded { account, .. } => Audience::Accounts(vec![*account]),
        EventBody::Space { space, .. } => Audience::Space(space.id),
        EventBody::SpaceDeleted { members, .. } => Audience::Accounts(members.clone()),
        EventBody::Member { member, .. } => Audience::Space(member.space),
        EventBody::MemberGone { space, account, .. } => Audience::SpaceAnd(*space, *account),
        EventBody::Banned { ban } => Audience::SpaceAnd(ban.space, ban.account),
        EventBody::Unbanned { space, .. } => Audience::Space(*space),
        EventBody::Channel { channel, .. } => match channel.home {
            // Also to those who may no longer view it: their clients take it off the list.
            Home::Space(space) => Audience::Space(space),
            Home::Thread { parent, .. } => Audience::Channel(parent),
            Home::Conversation(..) => Audience::Channel(channel.id),
        },
        EventBody::ChannelDeleted { parent: Some(parent), .. } => Audience::Channel(*parent),
        EventBody::ChannelDeleted { space, parent: None, .. } => Audience::Space(*space),
        EventBody::ConversationOpened { channel } => Audience::Channel(channel.id),
        EventBody::MessagePosted { message }
        | EventBody::MessageEdited { message, .. }
        | EventBody::MessageDeleted { message }
        | EventBody::Reacted { message, .. }
        | EventBody::Pinned { message, .. }
        | EventBody::Voted { message, .. }
        | EventBody::FilesShared { message }
        | EventBody::PollEnded { message } => Audience::Channel(message.channel),
        EventBody::FileAdded { file } | EventBody::FileGone { file } => Audience::Accounts(vec![file.by]),
        EventBody::Invite { invite, .. } | EventBody::InviteGone { invite } => Audience::Space(invite.space),
        EventBody::Emoji { emoji, .. } | EventBody::EmojiGone { emoji } => Audience::Space(emoji.space),
        EventBody::PushPut { subscription } => Audience::Accounts(vec![subscription.account]),
        EventBody::PushGone { account, .. } => Audience::Accounts(vec![*account]),
        // Asked for, never told: what they say is not for every member.
        EventBody::Webhook { .. }
        | EventBody::WebhookGone { .. }
        | EventBody::Audited { .. }
        | EventBody::Noted { .. }
        | EventBody::AuditSwept { .. } => Audience::Accounts(Vec::new()),
        EventBody::Read { account, .. } => Audience::Accounts(vec![*account]),
        EventBody::Related { from, .. } => Audience::Accounts(vec![*from]),
        EventBody::Item { item, .. } => Audience::Space(item.space),
        EventBody::ItemGone { space, .. } => Audience::Space(*space),
    }
}

/// True when an account belongs to an audience.
pub fn includes(directory: &Directory, audience: &Audience, account: AccountId) -> bool {
    match audience {
        Audience::Channel(channel) => {
            directory.channel(*channel).is_some_and(|channel| policy::may_view(directory, channel, account))
        }
        Audience::Space(space) => directory.member(*space, account).is_some(),
        Audience::SpaceAnd(space, also) => account == *also || directory.member(*space, account).is_some(),
        Audience::Around(centre) => {
            account == *centre
                || directory.share_space(account, *centre)
                || directory.conversation(account, *centre).is_some()
        }
        Audience::Accounts(accounts) => accounts.contains(&account),
    }
}

/// The account whose doing an event shows: who is muted or blocked by a reader is not shown to that reader.
pub fn subject(event: &Event) -> Option<AccountId> {
    match &event.body {
        EventBody::MessagePosted { message }
        | EventBody::MessageEdited { message, .. }
        | EventBody::MessageDeleted { message }
        | EventBody::Pinned { message, .. }
        | EventBody::Voted { message, .. }
        | EventBody::FilesShared { message }
        | EventBody::PollEnded { message } => Some(message.author),
        EventBody::Reacted { account, .. } => Some(*account),
        EventBody::Account { .. }
        | EventBody::LoginPut { .. }
        | EventBody::LoginEnded { .. }
        | EventBody::Space { .. }
        | EventBody::SpaceDeleted { .. }
        | EventBody::Member { .. }
        | EventBody::MemberGone { .. }
        | EventBody::Banned { .. }
        | EventBody::Unbanned { .. }
        | EventBody::Channel { .. }
        | EventBody::ChannelDeleted { .. }
        | EventBody::ConversationOpened { .. }
        | EventBody::FileAdded { .. }
        | EventBody::FileGone { .. }
        | EventBody::Invite { .. }
        | EventBody::InviteGone { .. }
        | EventBody::Emoji { .. }
        | EventBody::EmojiGone { .. }
        | EventBody::Webhook { .. }
        | EventBody::WebhookGone { .. }
        | EventBody::Audited { .. }
        | EventBody::AuditSwept { .. }
        | EventBody::PushPut { .. }
        | EventBody::Noted { .. }
        | EventBody::PushGone { .. }
        | EventBody::Read { .. }
        | EventBody::Related { .. }
        | EventBody::Item { .. }
        | EventBody::ItemGone { .. } => None,
    }
}

/// True when an account may see an event: it is of the audience, and no mute or block hides who did it.
pub fn may_see(directory: &Directory, event: &Event, account: AccountId) -> bool {
    includes(directory, &audience(event), account)
        && subject(event).is_none_or(|author| !policy::hidden_from(directory, account, author))
}
