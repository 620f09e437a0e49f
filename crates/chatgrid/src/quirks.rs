//! Named deviations from the reference server, each with its reason and the section that allows it. Those that are
//! more than a value live where they act:
//!
//! - People are announced by a body-less signal at activation, not by their first offer (2.5, 6.7): `encode::presence`.
//! - Whoever says nothing is announced after two seconds, so that clients without `welcome_ready` work (2.4): `session`.
//! - A bad handshake cookie is not a failed sign-in (3.4): `signin`.
//! - Signals are relayed for who may not speak: they can still listen (5.8): `play`.
//! - Items are put down where their carrier stands, whatever the client says (5.11): `thing`.
//! - Sounds that a page would run, or from outside of its folder, are no sounds (4.5): `items::sound`.
//! - A new stream address forgets what the old station played (4.5): `items::radio`.
//! - A recording ends when its player leaves the piano, and keys come up (4.8, 5.17): `keyboard`.
//! - A walk that does not move is answered to the walker only (5.4): `play`.

use crate::limits;
use commonroom_core::env::Timestamp;

/// The owner of a space is shown with the role that clients know as the one with all rights (chatgrid.md 8).
pub const OWNER_ROLE: &str = "admin";

/// What `serverInfo.version` says: a seed-era client reloads its page for ever on any value but this one (11).
pub const SEED_VERSION: &str = "unknown";

/// Credentials typed into a client that a cookie has already signed in would throw it out right after joining; for the
/// same account they are ignored while the client may still be sending them (3.4, defect 6).
pub fn tolerates_second_auth(ready: bool, by_cookie: bool, welcomed: Timestamp, now: Timestamp) -> bool {
    !ready || (by_cookie && now <= welcomed.plus_seconds(limits::SECOND_AUTH_SECONDS))
}
