//! Packets about items (chatgrid.md 5.9 to 5.18).

use super::{Packet, optional, square, string};
use crate::limits;
use crate::song::Key;
use serde_json::{Map, Value};

/// What is to be done with an item.
#[derive(Clone, PartialEq, Debug)]
pub enum ItemAction {
    /// 5.10.
    Pickup,
    /// 5.11.
    Drop {
        /// Where the client believes it stands.
        square: (i64, i64),
    },
    /// 5.12.
    Delete,
    /// 5.13.
    Update {
        /// New title.
        title: Option<String>,
        /// Properties as sent.
        params: Map<String, Value>,
    },
    /// 5.14.
    Use,
    /// 5.15.
    SecondaryUse,
    /// 5.16: to whom it can be given.
    TransferTargets,
    /// 5.16.
    Transfer {
        /// Account number as sent.
        to: String,
    },
    /// 5.18.
    PianoRecording(Reel),
}

/// What is to be done with the recording of a piano.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reel {
    /// Begin, pause or go on.
    Toggle,
    /// End.
    Stop,
    /// Play what is kept.
    Play,
    /// Play no more.
    StopPlaying,
}

/// Reads a packet about an item that exists.
pub(super) fn item(word: &str, fields: &Map<String, Value>) -> Option<Packet> {
    let action = match word {
        "item_pickup" => ItemAction::Pickup,
        "item_drop" => ItemAction::Drop { square: square(fields)? },
        "item_delete" => ItemAction::Delete,
        "item_update" => {
            let params = match fields.get("params") {
                None | Some(Value::Null) => Map::new(),
                Some(Value::Object(params)) => params.clone(),
                Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => return None,
            };
            ItemAction::Update { title: optional(fields, "title", limits::TITLE_CHARS)?, params }
        }
        "item_use" => ItemAction::Use,
        "item_secondary_use" => ItemAction::SecondaryUse,
        "item_transfer_targets" => ItemAction::TransferTargets,
        "item_transfer" => ItemAction::Transfer { to: string(fields, "targetUserId", 0, limits::ID_CHARS)? },
        "item_piano_recording" => ItemAction::PianoRecording(match fields.get("action")?.as_str()? {
            "toggle_record" => Reel::Toggle,
            "stop_record" => Reel::Stop,
            "playback" => Reel::Play,
            "stop_playback" => Reel::StopPlaying,
            _ => return None,
        }),
        _ => return None,
    };
    Some(Packet::Item { action, item: string(fields, "itemId", 1, limits::ID_CHARS)? })
}

/// Reads a note (5.17).
pub(super) fn note(fields: &Map<String, Value>) -> Option<Packet> {
    let midi = super::coordinate(fields.get("midi")?)?;
    let midi = u8::try_from(midi).ok().filter(|midi| *midi < 128)?;
    let id = string(fields, "keyId", 1, limits::KEY_CHARS)?;
    let on = fields.get("on")?.as_bool()?;
    Some(Packet::PianoNote {
        item: string(fields, "itemId", 1, limits::ID_CHARS)?,
        key: Key { id, midi, on },
    })
}
