//! Bans that hold for an address too, where the operator wants that (barertc.md 13 D19): a guest has a new name in no time.
//! The address from which somebody was sent away is noted with their account, and keeps people out for as long as that
//! account is banned.

use crate::limits;
use commonroom_core::command::{Command, HouseCommand};
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, SpaceId};
use commonroom_core::note::Note;
use commonroom_core::policy;
use commonroom_core::space::Ban;
use commonroom_hub::session::State;
use commonroom_hub::throttle::network;
use std::net::IpAddr;
use std::sync::Arc;

fn key(address: IpAddr) -> String {
    format!("barertc banned {}", network(address))
}

/// Notes the address of somebody who is banned. Loopback is a proxy or the website itself and never noted.
pub fn note(
    account: AccountId,
    address: IpAddr,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Option<Command> {
    #[allow(clippy::cast_possible_truncation)]
    let longest = now.plus_seconds((limits::BAN_HOURS * 3_600.0) as i64);
    let until = until.unwrap_or(longest);
    let note = Note { key: key(address), text: account.to_string(), until };
    (!address.is_loopback()).then_some(Command::House(HouseCommand::Note(note)))
}

/// The ban that keeps an address out.
pub fn of(address: IpAddr, state: &State, space: SpaceId, now: Timestamp) -> Option<&Arc<Ban>> {
    let account = state.directory.note(&key(address), now)?.text.parse().ok()?;
    state.directory.ban(space, account).filter(|_| policy::is_banned(&state.directory, space, account, now))
}
