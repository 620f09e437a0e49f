//! What is to be made.

use crate::account::Protocol;
use crate::embed::Embed;
use crate::env::Timestamp;
use crate::ids::{ChannelId, FileId, MessageId, SpaceId};
use crate::item::Param;
use crate::message::{Happening, Interaction, MessageKind, Persona};
use crate::poll::Poll;
use std::collections::BTreeMap;

/// A new account, checked and stored by the core.
#[derive(Clone, PartialEq, Debug)]
pub struct Registration {
    /// The name as typed.
    pub username: String,
    /// The name shown, if another.
    pub display_name: Option<String>,
    /// E-mail address as typed.
    pub email: Option<String>,
    /// Argon2id hash in PHC form, made by the hash workers.
    pub password: String,
    /// The invitation typed, if one was.
    pub invite: Option<String>,
    /// Where it happens.
    pub via: Protocol,
}

/// Profile facts that an outside identity brings along.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OutsideProfile {
    /// The name to use; made acceptable and unique by the core if `exact` is false.
    pub username: String,
    /// The name shown.
    pub display_name: Option<String>,
    /// Picture URL.
    pub avatar: Option<String>,
}

/// A file that was taken in: its bytes are kept already.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewFile {
    /// Its name, without a path.
    pub name: String,
    /// Its MIME type, as found in its content.
    pub mime: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its content, in hexadecimal.
    pub hash: String,
    /// Pixels, for pictures.
    pub dimensions: Option<(u32, u32)>,
    /// Where it will be posted.
    pub channel: ChannelId,
    /// When it goes by itself.
    pub expires_at: Option<Timestamp>,
    /// Kept as long as the rules for supporters say.
    pub permanent: bool,
    /// Files that the account may keep; beyond it the oldest go. `None` is any number.
    pub keep: Option<usize>,
}

/// A new message.
#[derive(Clone, PartialEq, Debug)]
pub struct NewMessage {
    /// Where.
    pub channel: ChannelId,
    /// Said or done.
    pub kind: MessageKind,
    /// The text as typed.
    pub text: String,
    /// What it answers.
    pub reply_to: Option<MessageId>,
    /// The author of that is to be told.
    pub ping: bool,
    /// The client's own key: the same key again gives the stored message back and posts nothing.
    pub nonce: Option<String>,
    /// Files shared with it; the text may then be empty.
    pub files: Vec<FileId>,
    /// Cards below it; the text may then be empty.
    pub embeds: Vec<Embed>,
    /// A question, without votes; the text may then be empty.
    pub poll: Option<Box<Poll>>,
    /// Something that will happen; the text may then be empty.
    pub happening: Option<Box<Happening>>,
    /// The name under which the server speaks. Only for the system.
    pub persona: Option<Box<Persona>>,
    /// The slash command it answers. Whoever asks for it has checked that it does.
    pub interaction: Option<Box<Interaction>>,
}

impl NewMessage {
    /// Something said, and nothing else.
    pub fn said(channel: ChannelId, text: impl Into<String>) -> Self {
        Self {
            channel,
            kind: MessageKind::Said,
            text: text.into(),
            reply_to: None,
            ping: true,
            nonce: None,
            files: Vec::new(),
            embeds: Vec::new(),
            poll: None,
            happening: None,
            persona: None,
            interaction: None,
        }
    }
}

/// A new item.
#[derive(Clone, PartialEq, Debug)]
pub struct NewItem {
    /// The space whose grid it stands on.
    pub space: SpaceId,
    /// Its type's word.
    pub kind: String,
    /// What it is called.
    pub title: String,
    /// Its square.
    pub square: (i32, i32),
    /// Its properties.
    pub params: BTreeMap<String, Param>,
}
