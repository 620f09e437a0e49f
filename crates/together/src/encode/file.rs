//! Shared files (together.md 7.8).

use crate::limits;
use crate::wire::entity::Attachment;
use commonroom_core::file::File;
use commonroom_core::ids::FileId;
use commonroom_core::message::Message;
use commonroom_media::filename;
use uuid::Uuid;

/// The files of a message, first shared first.
pub fn attachments(message: &Message) -> Vec<Attachment> {
    message.files.iter().map(|file| attachment(message, file)).collect()
}

fn attachment(message: &Message, file: &File) -> Attachment {
    Attachment {
        id: file.id.0,
        message_id: message.id.0,
        filename: file.name.clone(),
        file_size: file.size,
        mime_type: file.mime.clone(),
        url: format!("/files/{}/{}", message.id, stored_name(file)),
        width: file.dimensions.map(|(width, _)| width),
        height: file.dimensions.map(|(_, height)| height),
        created_at: file.created_at.rfc3339(),
    }
}

/// The last part of a file's address: its id as 32 digits, `_`, and its name in plain letters.
pub fn stored_name(file: &File) -> String {
    let id = file.id.0.simple().to_string();
    let name = filename::ascii(&file.name, limits::STORED_NAME_BYTES - id.len() - 1);
    format!("{id}_{name}")
}

/// The file that a stored name means.
pub fn named(stored: &str) -> Option<FileId> {
    let (id, _) = stored.split_once('_')?;
    if id.len() == 32 { id.parse::<Uuid>().ok().map(FileId) } else { None }
}
