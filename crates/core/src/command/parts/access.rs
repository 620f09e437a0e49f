//! Letting somebody in again who forgot their password, and letting nobody in as them.

use crate::env::Timestamp;
use crate::ids::AccountId;
use crate::secret::TokenHash;

/// What may be asked about who gets in.
#[derive(Clone, PartialEq, Debug)]
pub enum AccessCommand {
    /// Gives an account a code that sets a new password once; an older code dies. Instance administrators.
    IssueReset {
        /// Whose.
        account: AccountId,
        /// Hash of the code.
        code: TokenHash,
        /// Until when it is good.
        until: Timestamp,
    },
    /// Sets a password by such a code. System. → `Reply::Account`
    ResetPassword {
        /// Hash of the code.
        code: TokenHash,
        /// Argon2id hash in PHC form.
        password: String,
    },
    /// Switches an account off or on again. Instance administrators; never the default space's owner.
    SetDisabled {
        /// Whose.
        account: AccountId,
        /// Off or on.
        disabled: bool,
    },
}
