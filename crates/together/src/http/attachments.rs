//! Files shared with a message (together.md 7.8).

use super::caller::{Caller, Ids};
use super::form::{self, Part, Wanted};
use super::{App, Outcome, Problem, created, find, ok};
use crate::encode::file;
use crate::limits;
use axum::extract::{Request, State};
use bytes::Bytes;
use commonroom_core::command::{Actor, Command, NewFile};
use commonroom_core::ids::ChannelId;
use commonroom_core::{Permissions, Refusal, Reply, limits as core_limits, policy};
use commonroom_hub::blobs::Shelf;
use commonroom_media::{Kind, Trouble, filename, picture, sniff};
use uuid::Uuid;

/// The field that holds files.
const FIELD: &str = "files";

/// What a shared file is.
pub struct Content {
    /// The bytes to keep.
    pub bytes: Bytes,
    /// What they are.
    pub kind: Kind,
    /// Pixels, for pictures.
    pub dimensions: Option<(u32, u32)>,
}

/// GET /messages/:mid/attachments
pub async fn list(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    if find::topic(&app.state(), caller, id).is_some() {
        return ok(&[(); 0]);
    }
    let (_, known) = find::message(&app, caller, id).await?;
    if known.deleted { Err(Refusal::NoSuchMessage.into()) } else { ok(&file::attachments(&known)) }
}

/// POST /messages/:mid/attachments
pub async fn add(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>, request: Request) -> Outcome {
    let (channel, known) = find::message(&app, caller, id).await?;
    if known.deleted {
        return Err(Refusal::NoSuchMessage.into());
    }
    // Who may not is not listened to; the command checks it all again.
    if known.author != caller.account {
        return Err(Refusal::NotAuthor.into());
    }
    let directory = app.state().directory;
    policy::may_post(&directory, &channel, Actor::Account(caller.account), app.gateway.now())?;
    if !policy::permissions_in(&directory, &channel, caller.account).has(Permissions::ATTACH_FILES) {
        return Err(Refusal::MayNotShare.into());
    }
    let room = core_limits::FILES_PER_MESSAGE.saturating_sub(known.files.len());
    let wanted = Wanted {
        fields: &[FIELD],
        part_bytes: limits::FILE_BYTES,
        parts: room,
        too_large: "A file has at most 50 MiB",
    };
    let form = form::read(&app, request, wanted).await?;
    if form.parts.is_empty() {
        return Err(Problem::bad("The form holds no files"));
    }
    // All are checked before the first is kept.
    let checked: Result<Vec<Content>, Problem> =
        form.parts.iter().map(|part| content(&part.bytes, is_allowed)).collect();
    let mut files = Vec::new();
    for (part, content) in form.parts.iter().zip(checked?) {
        files.push(keep(&app, channel.id, part, content).await?);
    }
    let count = files.len();
    let command = Command::ShareFiles { message: known.id, files };
    let Reply::Message { message, .. } = app.command(caller.account, command).await? else {
        return Err(Refusal::Fault.into());
    };
    let all = file::attachments(&message);
    created(&&all[all.len().saturating_sub(count)..])
}

async fn keep(app: &App, channel: ChannelId, part: &Part, content: Content) -> Result<NewFile, Problem> {
    let size = content.bytes.len() as u64;
    let kept = app.gateway.blobs().keep(Shelf::Files, content.bytes).await;
    Ok(NewFile {
        name: filename::safe(part.filename.as_deref().unwrap_or_default(), core_limits::FILE_NAME_BYTES),
        mime: content.kind.mime().to_owned(),
        size,
        hash: kept.map_err(|_| Refusal::Fault)?,
        dimensions: content.dimensions,
        channel,
        expires_at: None,
        permanent: false,
        keep: None,
    })
}

/// What bytes are, by what is in them, if that is allowed: pictures without what they say about where they were taken.
pub fn content(bytes: &Bytes, allowed: fn(Kind) -> bool) -> Result<Content, Problem> {
    if bytes.is_empty() {
        return Err(Problem::bad("A file is empty"));
    }
    let kind = sniff::kind(bytes);
    if !allowed(kind) {
        return Err(Problem::bad("Files of this type are not allowed"));
    }
    if !kind.is_raster() {
        return Ok(Content { bytes: bytes.clone(), kind, dimensions: None });
    }
    match picture::strip(bytes) {
        Ok(clean) => {
            let dimensions = Some((clean.width, clean.height));
            Ok(Content { bytes: clean.bytes.into(), kind: clean.kind, dimensions })
        }
        // A picture that is cut off or slightly wrong is shown by browsers all the same.
        Err(Trouble::Damaged) if !holds_metadata(bytes) => {
            let dimensions = picture::probe(bytes).ok().map(|probe| (probe.width, probe.height));
            Ok(Content { bytes: bytes.clone(), kind, dimensions })
        }
        Err(_) => Err(Problem::bad("This picture is damaged or too large")),
    }
}

fn holds_metadata(bytes: &[u8]) -> bool {
    const MARKS: [&[u8]; 5] = [b"Exif\0", b"eXIf", b"EXIF", b"ns.adobe.com/xap", b"Photoshop 3.0"];
    MARKS.iter().any(|mark| bytes.windows(mark.len()).any(|window| window == *mark))
}

/// What may be shared (together.md 9).
fn is_allowed(kind: Kind) -> bool {
    match kind {
        Kind::Png
        | Kind::Jpeg
        | Kind::Gif
        | Kind::Webp
        | Kind::Mp4
        | Kind::Webm
        | Kind::Mp3
        | Kind::Ogg
        | Kind::Pdf
        | Kind::Text => true,
        Kind::Avif
        | Kind::Heif
        | Kind::Bmp
        | Kind::Svg
        | Kind::Xml
        | Kind::Html
        | Kind::M4a
        | Kind::Mov
        | Kind::Mkv
        | Kind::Wav
        | Kind::Flac
        | Kind::Aac
        | Kind::Zip
        | Kind::Unknown => false,
    }
}
