//! What the core answers when it says yes.

use crate::channel::Override;
use crate::file::{File, Kept};
use crate::ids::{AccountId, ChannelId, InviteId, LoginId, RoleId, SpaceId, WebhookId};
use crate::item::Item;
use crate::message::Message;
use std::sync::Arc;

/// What the core answers when it says yes.
#[derive(Clone, PartialEq, Debug)]
pub enum Reply {
    /// Done.
    Done,
    /// This account.
    Account(AccountId),
    /// This sign-in.
    Login(LoginId),
    /// This space.
    Space(SpaceId),
    /// This channel; `new` when it did not exist before.
    Channel {
        /// Which.
        channel: ChannelId,
        /// Made just now.
        new: bool,
    },
    /// This message; `new` is false when its nonce was known.
    Message {
        /// The message.
        message: Arc<Message>,
        /// Stored just now.
        new: bool,
    },
    /// This override.
    Override(Override),
    /// This role.
    Role(RoleId),
    /// This file.
    File(Arc<File>),
    /// This emoji's number.
    Emoji(i64),
    /// This invitation.
    Invite(InviteId),
    /// This webhook.
    Webhook(WebhookId),
    /// This item.
    Item(Arc<Item>),
    /// What a service outside answered, as text.
    Outside(String),
    /// What a radio station says of itself; empty where it says nothing.
    Station {
        /// What it is called.
        name: String,
        /// What it plays.
        title: String,
    },
    /// These bytes were kept.
    Kept(Kept),
    /// A number that was asked for.
    Number(i64),
    /// The configuration was read again.
    Reconfigured {
        /// Keys that changed and take effect only after a restart.
        later: Vec<&'static str>,
    },
    /// What a query found.
    Found(crate::query::Found),
}
