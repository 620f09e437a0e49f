//! Shared files (originchats.md 5.15). They are uploaded over HTTP.

use super::OriginSession;
use crate::encode::message;
use crate::session::requests::Asked;
use crate::session::{plain, view};
use crate::wording::{Deed, text};
use commonroom_core::command::Command;
use commonroom_core::env::Timestamp;
use commonroom_core::file::File;
use commonroom_core::ids::{AccountId, FileId, MessageId};
use commonroom_core::query::{Found, Query};
use commonroom_core::{Directory, Refusal, Reply, policy};
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::Context;
use serde_json::json;
use std::sync::Arc;

/// Not there, or not for the asker.
const NO_FILE: &str = "Attachment not found or expired";

impl OriginSession {
    /// `attachment_get`
    pub(super) fn file(&mut self, id: &str, asked: Asked, cx: &mut Context<'_>) {
        let Ok(file) = id.parse::<FileId>() else { return self.refuse(&asked, &plain(NO_FILE), cx) };
        let then = |session: &mut Self, asked: Asked, answer: Answer, cx: &mut Context<'_>| {
            let found = match answer {
                Ok(Reply::Found(Found::File(found))) => found,
                Ok(_) => None,
                Err(why) => return session.refused(&asked, why, Deed::Other, cx),
            };
            let account = session.account();
            let seen = found.filter(|(file, shared)| {
                account.is_some_and(|account| is_for(&cx.state.directory, account, file, *shared, cx.now))
            });
            let shown = seen.zip(view(&session.shared, cx));
            match shown.map(|((file, _), view)| message::attachment(&view, &file)) {
                Some(attachment) => {
                    let body = json!({"attachment": attachment});
                    let frame = crate::wire::frame("attachment_info", body, asked.listener.as_deref());
                    session.requests.say(frame, cx);
                }
                None => session.refuse(&asked, &plain(NO_FILE), cx),
            }
        };
        self.request(asked, Request::Query(Query::File { file }), then, cx);
    }

    /// `attachment_delete`
    pub(super) fn remove_file(&mut self, id: &str, asked: Asked, cx: &mut Context<'_>) {
        let Ok(file) = id.parse::<FileId>() else {
            return self.refuse(&asked, &plain("Attachment not found"), cx);
        };
        let then = move |session: &mut Self, asked: Asked, answer: Answer, cx: &mut Context<'_>| {
            let wrong = match answer {
                Ok(_) => {
                    let body = json!({"attachment_id": file.to_string(), "deleted": true});
                    let frame = crate::wire::frame("attachment_deleted", body, asked.listener.as_deref());
                    return session.requests.say(frame, cx);
                }
                Err(Refusal::NoSuchFile) => "Attachment not found",
                Err(Refusal::NotAuthor) => "You can only delete your own attachments",
                Err(Refusal::Busy) => text::BUSY,
                Err(_) => "Failed to delete attachment",
            };
            session.refuse(&asked, &plain(wrong), cx);
        };
        self.command(asked, Command::RemoveFile { file }, then, cx);
    }
}

/// True when an account may know of a file: its uploader, and who may view the channel once a message shares it.
fn is_for(
    directory: &Directory,
    account: AccountId,
    file: &Arc<File>,
    shared: Option<MessageId>,
    now: Timestamp,
) -> bool {
    let channel = directory.channel(file.channel);
    let visible = channel.is_some_and(|channel| policy::may_view(directory, channel, account));
    let lasting = file.expires_at.is_none_or(|end| end > now);
    lasting && visible && (shared.is_some() || file.by == account)
}
