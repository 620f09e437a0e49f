//! How an item looks on the wire (chatgrid.md 4.2).

use super::{CAPABILITIES, item_type};
use crate::config::Config;
use crate::wire;
use crate::world;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::AccountId;
use commonroom_core::item::{Item, Param};
use commonroom_hub::session::State;
use std::collections::BTreeMap;

/// An item as clients see it.
pub fn on_wire(item: &Item, config: &Config, state: &State) -> wire::Item {
    let kind = item_type(&item.kind);
    let directory = &state.directory;
    let (x, y) = world::square_of(config, state, item);
    let touched = touched(item, state);
    let name_of = |id| directory.account(id).map_or_else(String::new, |account| account.handle.clone());
    let system = || "system".to_owned();
    let mut wire = wire::Item {
        id: item.id.to_string(),
        kind: item.kind.clone(),
        title: item.title.clone(),
        x,
        y,
        created_by: world::number(directory, item.owner),
        created_by_name: item.owner_name.clone(),
        updated_by: touched.by.map_or_else(system, |id| world::number(directory, id)),
        updated_by_name: touched.by.map_or_else(system, name_of),
        created_at: item.created_at.millis(),
        updated_at: touched.at.millis(),
        version: item.version,
        capabilities: CAPABILITIES,
        use_sound: kind.and_then(|kind| kind.use_sound),
        emit_sound: kind.and_then(|kind| kind.emit_sound),
        params: kind.map_or_else(|| item.params.clone(), |kind| kind.params_of(item)),
        carrier_id: state.live.carrier(item.id).map(|carrying| carrying.session.to_string()),
        display: BTreeMap::new(),
    };
    wire.display = display(&wire, item, touched.at, carrier_name(item, state));
    wire
}

/// Who touched an item last, and when.
struct Touched {
    by: Option<AccountId>,
    at: Timestamp,
}

/// Carrying and falling touch an item too, and are not stored until it lies somewhere.
fn touched(item: &Item, state: &State) -> Touched {
    let stored = Touched { by: item.updated_by, at: item.updated_at };
    let live = match state.live.carrier(item.id) {
        Some(carrying) => {
            let by = state.live.session(carrying.session).map(|session| session.account);
            Some(Touched { by, at: carrying.moved })
        }
        None => state.live.fallen(item.id).map(|laid| Touched { by: laid.by, at: laid.at }),
    };
    // The two clocks agree to the millisecond.
    live.filter(|live| live.at.millis() >= stored.at.millis()).unwrap_or(stored)
}

fn carrier_name(item: &Item, state: &State) -> String {
    let carrier = state.live.carrier(item.id).and_then(|carrying| state.live.session(carrying.session));
    carrier.map_or_else(
        || "none".to_owned(),
        |session| world::shown(&state.directory, item.space, session.account).into_owned(),
    )
}

/// How an item's properties read.
fn display(
    wire: &wire::Item,
    item: &Item,
    updated_at: Timestamp,
    carrier: String,
) -> BTreeMap<&'static str, String> {
    let sound = |key: &str, own: Option<&'static str>| {
        let chosen = match item.params.get(key) {
            Some(Param::Text(text)) => text.as_str(),
            Some(Param::Bool(_) | Param::Int(_) | Param::Real(_)) | None => own.unwrap_or_default(),
        };
        file_name(chosen)
    };
    let either = |name: &str, id: &str| if name.is_empty() { id.to_owned() } else { name.to_owned() };
    BTreeMap::from([
        ("type", wire.kind.clone()),
        ("x", wire.x.to_string()),
        ("y", wire.y.to_string()),
        ("version", wire.version.to_string()),
        ("carrierId", carrier),
        ("createdBy", either(&wire.created_by_name, &wire.created_by)),
        ("updatedBy", either(&wire.updated_by_name, &wire.updated_by)),
        ("createdAt", minute(item.created_at)),
        ("updatedAt", minute(updated_at)),
        ("capabilities", CAPABILITIES.join(", ")),
        ("useSound", sound("useSound", wire.use_sound)),
        ("emitSound", sound("emitSound", wire.emit_sound)),
    ])
}

/// `YYYY-MM-DD HH:MM` in UTC.
fn minute(moment: Timestamp) -> String {
    moment.rfc3339().chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect()
}

fn file_name(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    if name.is_empty() { "none".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_reads_as_its_file() {
        assert_eq!(file_name("sounds/roll.ogg"), "roll.ogg");
        assert_eq!(file_name("https://a.example/x/ding.ogg?b=/c#d"), "ding.ogg");
        assert_eq!(file_name(""), "none");
    }

    #[test]
    fn a_moment_reads_to_the_minute() {
        assert_eq!(minute(Timestamp(1_795_262_400_000_000)), "2026-11-21 12:00");
    }
}
