//! Bytes on their way in: looked at, made safe when they are a picture, kept.

use bytes::Bytes;
use commonroom_core::file::Kept;
use commonroom_core::{Refusal, Reply};
use commonroom_hub::blobs::{Blobs, Shelf};
use commonroom_hub::request::{Answer, Keep, Safe};
use commonroom_media::picture::{self, Picture, Wanted};
use commonroom_media::{Trouble, sniff};

/// JPEG quality of pictures that are made smaller (originchats.md 7.4).
const QUALITY: u8 = 85;

/// Bytes that may be kept, and what is known about them but for their name.
pub struct Ready {
    shelf: Shelf,
    bytes: Bytes,
    kept: Kept,
}

/// Looks at bytes and makes pictures safe. Takes its time: not for a thread that others wait for.
///
/// # Errors
/// `Invalid` for what is to be a picture and is no whole one, `TooLong` for one that cannot be made small enough.
pub fn ready(keep: Keep) -> Result<Ready, Refusal> {
    let (bytes, kind, dimensions) = match keep.picture {
        None => {
            let kind = sniff::kind(&keep.bytes);
            (keep.bytes, kind, None)
        }
        Some(safe) => {
            let picture = made_safe(&keep.bytes, safe).map_err(|trouble| match trouble {
                Trouble::TooLarge { .. } | Trouble::TooManyPixels | Trouble::TooManyFrames => {
                    Refusal::TooLong
                }
                Trouble::NotBase64 | Trouble::BadDataUri | Trouble::NotAPicture | Trouble::Damaged => {
                    Refusal::Invalid
                }
            })?;
            (Bytes::from(picture.bytes), picture.kind, Some((picture.width, picture.height)))
        }
    };
    let kept = Kept {
        hash: String::new(),
        mime: kind.mime().to_owned(),
        extension: kind.extension().to_owned(),
        size: bytes.len() as u64,
        dimensions,
    };
    Ok(Ready { shelf: keep.shelf, bytes, kept })
}

/// A picture that is small enough loses its metadata and nothing else; any other is made anew.
fn made_safe(bytes: &[u8], safe: Safe) -> Result<Picture, Trouble> {
    let found = picture::probe(bytes)?;
    if found.width.max(found.height) <= safe.side && bytes.len() <= safe.bytes {
        match picture::strip(bytes) {
            Err(Trouble::TooManyFrames) => {}
            done => return done,
        }
    }
    let wanted =
        Wanted { max_side: safe.side, quality: QUALITY, keep_animation: true, max_bytes: safe.bytes };
    picture::clean(bytes, &wanted)
}

/// Keeps what is ready.
///
/// # Errors
/// `Fault` when it cannot be kept.
pub async fn keep(blobs: &dyn Blobs, ready: Ready) -> Answer {
    let Ready { shelf, bytes, kept } = ready;
    let hash = blobs.keep(shelf, bytes).await.map_err(|_| Refusal::Fault)?;
    Ok(Reply::Kept(Kept { hash, ..kept }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOT: &[u8] =
        b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xfe\x06secret\x00,\x00\x00\x00\x00\
        \x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

    fn picture(bytes: &[u8]) -> Result<Ready, Refusal> {
        let picture = Some(Safe { side: 16, bytes: 1_000 });
        ready(Keep { shelf: Shelf::Pictures, bytes: Bytes::copy_from_slice(bytes), picture })
    }

    #[test]
    fn a_picture_loses_what_it_says_about_its_maker() {
        let ready = picture(DOT).unwrap_or_else(|refusal| panic!("{refusal:?}"));
        assert!(!ready.bytes.windows(6).any(|part| part == b"secret"));
        assert_eq!((ready.kept.mime.as_str(), ready.kept.dimensions), ("image/gif", Some((1, 1))));
    }

    #[test]
    fn what_is_no_picture_is_not_kept_as_one() {
        assert_eq!(picture(b"<svg/>").err(), Some(Refusal::Invalid));
        assert_eq!(picture(&DOT[..20]).err(), Some(Refusal::Invalid));
    }
}
