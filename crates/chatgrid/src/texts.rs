//! Every sentence of the sign-in, exactly as clients and their users know it (chatgrid.md 3.3). A message that means
//! "your saved session is bad" must contain the word `session`, and no other failure may.

pub mod admin;

use crate::config::Auth;
use commonroom_core::Refusal;

/// What a client is asked for.
pub const REQUIRED: &str = "Authentication required.";
/// A sign-in worked.
pub const AUTHENTICATED: &str = "Authenticated.";
/// A sign-out worked.
pub const LOGGED_OUT: &str = "Logged out.";
/// Unknown user, wrong password, disabled account: never says which.
pub const BAD_LOGIN: &str = "We couldn't log you in. Check your details and try again.";
/// Missing, unknown, ended or expired token.
pub const BAD_RESUME: &str = "We couldn't restore your session. Please log in again.";
/// Too many failures.
pub const THROTTLED: &str = "Too many authentication attempts. Try again shortly.";
/// A second sign-in on one connection.
pub const ALREADY: &str = "Already authenticated.";
/// Something broke.
pub const BROKEN: &str = "Authentication failed due to a server error. Please try again.";
/// A packet that needs a sign-in.
pub const FIRST: &str = "Authenticate before sending gameplay actions.";
/// The account was banned or switched off.
pub const DISABLED: &str = "Account is disabled.";
/// The account is gone.
pub const DELETED: &str = "Account deleted.";
/// The account has more connections than it may have.
pub const DISPLACED: &str = "Too many connections of this account.";
/// A name with forbidden characters.
pub const BAD_CHARACTERS: &str =
    "Username may include lowercase letters, numbers, underscores, and dashes only.";

/// Why a new name or password may not be; `None` when both may.
pub fn unacceptable(policy: &Auth, username: &str, password: &str) -> Option<String> {
    let count = username.chars().count();
    if !(policy.username_min_length..=policy.username_max_length).contains(&count) {
        let (min, max) = (policy.username_min_length, policy.username_max_length);
        return Some(format!("Username must be between {min} and {max} characters."));
    }
    if !username.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-')) {
        return Some(BAD_CHARACTERS.to_owned());
    }
    if !(policy.password_min_length..=policy.password_max_length).contains(&password.chars().count()) {
        let (min, max) = (policy.password_min_length, policy.password_max_length);
        return Some(format!("Password must be between {min} and {max} characters."));
    }
    None
}

/// Why somebody was not registered.
pub fn not_registered(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NameTaken => "Username is already taken.",
        Refusal::EmailTaken => "Email is already in use.",
        Refusal::BadName => BAD_CHARACTERS,
        Refusal::Invalid | Refusal::TooLong | Refusal::Empty => "That email address cannot be used.",
        Refusal::TooMany => THROTTLED,
        Refusal::RegistrationClosed => "Registration is closed.",
        Refusal::InviteRequired => "Registration needs an invitation.",
        Refusal::NoSuchAccount
        | Refusal::NoSuchSpace
        | Refusal::NoSuchChannel
        | Refusal::NoSuchMessage
        | Refusal::NoSuchReplyTarget
        | Refusal::NoSuchRole
        | Refusal::NoSuchItem
        | Refusal::NoSuchFile
        | Refusal::NoSuchEmoji
        | Refusal::NoSuchWebhook
        | Refusal::NoSuchInvite
        | Refusal::InviteOver
        | Refusal::InviteUsedUp
        | Refusal::NoSuchOption
        | Refusal::PollOver
        | Refusal::MayNotShare
        | Refusal::Unreachable
        | Refusal::Locked
        | Refusal::BlockedWord
        | Refusal::NoSuchLogin
        | Refusal::MayNotView
        | Refusal::MayNotSend
        | Refusal::NotAllowed
        | Refusal::NotAuthor
        | Refusal::WrongChannelKind
        | Refusal::Banned
        | Refusal::Disabled
        | Refusal::TimedOut { .. }
        | Refusal::Blocked
        | Refusal::BadCredentials
        | Refusal::Already
        | Refusal::Owner
        | Refusal::Full
        | Refusal::Busy
        | Refusal::Fault => BROKEN,
    }
}

/// Why somebody was not signed in, by password or (`resume`) by token.
pub fn not_signed_in(refusal: Refusal, resume: bool) -> &'static str {
    if refusal == Refusal::TooMany {
        THROTTLED
    } else if matches!(refusal, Refusal::Busy | Refusal::Fault) {
        BROKEN
    } else if resume {
        BAD_RESUME
    } else {
        BAD_LOGIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bad_tokens_mention_the_session() {
        let failures =
            [BAD_LOGIN, THROTTLED, ALREADY, BROKEN, FIRST, DISABLED, DELETED, DISPLACED, BAD_CHARACTERS];
        for text in failures {
            assert!(!text.to_lowercase().contains("session"), "{text}");
        }
        assert!(BAD_RESUME.contains("session"));
        for refusal in [Refusal::NameTaken, Refusal::EmailTaken, Refusal::Fault, Refusal::RegistrationClosed]
        {
            assert!(!not_registered(refusal).contains("session"));
        }
    }

    #[test]
    fn a_policy_counts_characters() {
        let policy = Auth::default();
        let refused = |name: &str, password: &str| unacceptable(&policy, name, password);
        assert_eq!(
            refused("a", "password1").as_deref(),
            Some("Username must be between 2 and 32 characters.")
        );
        assert_eq!(refused("a b", "password1").as_deref(), Some(BAD_CHARACTERS));
        assert_eq!(
            refused("ab", "ééééééé").as_deref(),
            Some("Password must be between 8 and 32 characters.")
        );
        assert_eq!(refused("ab", "éééééééé"), None);
    }
}
