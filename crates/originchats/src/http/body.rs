//! Bodies that are read piece by piece, so that no more is held than is allowed.

use super::traffic::Share;
use axum::body::Body;
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt as _;

/// Why a body was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NotTaken {
    /// It is larger than allowed.
    TooLarge,
    /// Others take up all the room.
    NoRoom,
    /// It ended before its end.
    Broken,
}

/// The whole body, of at most `most` bytes, paid for from a share of the memory.
pub(super) async fn read(
    mut body: Body,
    headers: &HeaderMap,
    most: u64,
    share: &mut Share,
) -> Result<Vec<u8>, NotTaken> {
    let told =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|told| told > most) {
        return Err(NotTaken::TooLarge);
    }
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(|_| NotTaken::Broken)?.into_data() else { continue };
        if (whole.len() + piece.len()) as u64 > most {
            return Err(NotTaken::TooLarge);
        }
        // Room is taken as the body grows and not beyond what it is said to be; what there is is paid for.
        let before = whole.capacity();
        if before < whole.len() + piece.len() {
            let left = told.map_or(whole.len(), |told| {
                usize::try_from(told).unwrap_or(usize::MAX).saturating_sub(whole.len())
            });
            whole.reserve_exact(piece.len().max(whole.len().min(left)));
        }
        if !share.take((whole.capacity() - before) as u64) {
            return Err(NotTaken::NoRoom);
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole)
}
