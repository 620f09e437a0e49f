//! On whose behalf commands are run.

use crate::ids::AccountId;

/// On whose behalf a command is run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Actor {
    /// The server itself or its operator: every permission check passes.
    System,
    /// An account.
    Account(AccountId),
}
