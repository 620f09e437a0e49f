//! Letting somebody in again who forgot their password, and letting nobody in as them.

use crate::account::ExternalId;
use crate::env::Timestamp;
use crate::ids::{AccountId, LoginId};
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
    /// Lets an outside identity sign in to an account that is theirs too: they have shown it. System.
    LinkOutside {
        /// Whose.
        account: AccountId,
        /// Who, elsewhere.
        identity: ExternalId,
    },
    /// Remembers with a sign-in that an access token of it has opened a connection.
    RememberToken {
        /// Which sign-in.
        login: LoginId,
        /// The end of the token, which tells it from others of the sign-in.
        ends_at: Timestamp,
    },
}
