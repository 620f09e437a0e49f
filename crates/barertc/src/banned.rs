//! Bans that hold for an address too, where the operator wants that (barertc.md 13 D19): a guest has a new name in no time.
//! The address from which somebody was sent away is noted with their account, a note each, and keeps people out for as long
//! as one of those accounts is banned.

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

/// What the keys of an address begin with.
fn prefix(address: IpAddr) -> String {
    format!("barertc banned {} ", network(address))
}

/// Notes the address of somebody who is banned. Loopback is a proxy or the website itself and never noted. The note stays for
/// as long as a ban can last: this one may be made longer when nobody is here to note it.
pub fn note(account: AccountId, address: IpAddr, now: Timestamp) -> Option<Command> {
    #[allow(clippy::cast_possible_truncation)]
    let until = now.plus_seconds((limits::BAN_HOURS * 3_600.0) as i64);
    let text = account.to_string();
    let note = Note { key: prefix(address) + &text, text, until };
    (!address.is_loopback()).then_some(Command::House(HouseCommand::Note(note)))
}

/// A ban that keeps an address out.
pub fn of(address: IpAddr, state: &State, space: SpaceId, now: Timestamp) -> Option<&Arc<Ban>> {
    let directory = &state.directory;
    let accounts = directory.notes_under(prefix(address), now).filter_map(|note| note.text.parse().ok());
    let mut banned = accounts.filter(|account| policy::is_banned(directory, space, *account, now));
    directory.ban(space, banned.next()?)
}
