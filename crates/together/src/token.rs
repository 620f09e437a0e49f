//! Access tokens and refresh tokens (together.md 3.2).
//!
//! An access token names account, sign-in and end, signed with the instance key; whether the sign-in still lives is
//! asked at every use. A refresh token is random; each successor is the keyed hash of its predecessor, so that a double
//! submit gets the same one again although only hashes are stored, and a stolen old one is recognised by following the
//! chain to the one in force.

use crate::limits;
use commonroom_core::account::{Account, Login, LoginKind};
use commonroom_core::directory::Directory;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, LoginId};
use commonroom_core::secret::{Signer, TokenHash};
use std::sync::Arc;

const ACCESS: &str = "together access";
const FILES: &str = "together files";
const REFRESH: &str = "together refresh";

/// What an access token says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Access {
    /// Who.
    pub account: AccountId,
    /// Which sign-in.
    pub login: LoginId,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Why an account may not act.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Denied {
    /// The sign-in has ended.
    Ended,
    /// The account is switched off or gone.
    Disabled,
}

impl Access {
    /// The token as text: URL-safe.
    pub fn sign(&self, signer: &Signer) -> String {
        signer.sign(ACCESS, &format!("{} {} {}", self.account, self.login, self.expires_at.0))
    }

    /// Reads a token; `None` for any text that this server has not signed as one.
    pub fn read(signer: &Signer, text: &str) -> Option<Self> {
        if text.len() > limits::TOKEN_BYTES {
            return None;
        }
        let payload = signer.verify(ACCESS, text)?;
        let mut parts = payload.split(' ');
        let account = parts.next()?.parse().ok()?;
        let login = parts.next()?.parse().ok()?;
        let expires_at = Timestamp(parts.next()?.parse().ok()?);
        Some(Self { account, login, expires_at })
    }

    /// The account, if its sign-in lives and it is switched on. Does not look at the token's own end.
    pub fn account<'a>(&self, directory: &'a Directory, now: Timestamp) -> Result<&'a Arc<Account>, Denied> {
        let login = directory.login(self.login).filter(|login| login.account == self.account);
        let account = directory.account(self.account).ok_or(Denied::Ended)?;
        if account.disabled || account.retired {
            return Err(Denied::Disabled);
        }
        match login {
            Some(login) if login.expires_at > now => Ok(account),
            _ => Err(Denied::Ended),
        }
    }
}

impl Access {
    /// True for a token that has opened a connection before (2.6).
    pub fn has_opened(&self, directory: &Directory) -> bool {
        directory.login(self.login).is_some_and(|login| login.opened.contains(&self.expires_at))
    }
}

/// What the cookie for shared files says: it opens nothing else, and ends with the sign-in (11.6).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FilePass {
    /// Who.
    pub account: AccountId,
    /// Which sign-in.
    pub login: LoginId,
}

impl FilePass {
    /// The pass as text, good in a cookie.
    pub fn sign(&self, signer: &Signer) -> String {
        signer.sign(FILES, &format!("{} {}", self.account, self.login))
    }

    /// Reads a pass; `None` for any text that this server has not signed as one.
    pub fn read(signer: &Signer, text: &str) -> Option<Self> {
        if text.len() > limits::TOKEN_BYTES {
            return None;
        }
        let payload = signer.verify(FILES, text)?;
        let (account, login) = payload.split_once(' ')?;
        Some(Self { account: account.parse().ok()?, login: login.parse().ok()? })
    }
}

/// The refresh token that follows this one.
pub fn successor(signer: &Signer, token: &str) -> String {
    let signed = signer.sign(REFRESH, token);
    signed.split_once('.').map_or_else(String::new, |(_, mac)| mac.to_owned())
}

/// What a presented refresh token is.
#[derive(Debug)]
pub enum Refresh {
    /// The one in force.
    Current(Arc<Login>),
    /// The one just replaced: the same successor is given again.
    Repeated(Arc<Login>),
    /// One replaced before: whoever presents it may be a thief.
    Stolen(Arc<Login>),
    /// None.
    Unknown,
}

/// Looks a refresh token up.
pub fn look_up(directory: &Directory, signer: &Signer, token: &str, now: Timestamp) -> Refresh {
    let known = |token: &str| {
        directory.login_with(TokenHash::of(token)).filter(|login| login.kind == LoginKind::Refresh)
    };
    let hash = TokenHash::of(token);
    if let Some(login) = known(token) {
        let login = login.clone();
        return match login.previous {
            _ if login.expires_at <= now => Refresh::Unknown,
            _ if login.token == hash => Refresh::Current(login),
            Some((previous, until)) if previous == hash && now <= until => Refresh::Repeated(login),
            Some(_) | None => Refresh::Stolen(login),
        };
    }
    let mut later = token.to_owned();
    for _ in 0..limits::REFRESH_SUCCESSORS {
        later = successor(signer, &later);
        if let Some(login) = known(&later) {
            return Refresh::Stolen(login.clone());
        }
    }
    Refresh::Unknown
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn an_access_token_says_what_was_signed_and_nothing_else_does() {
        let signer = Signer::new([1; 32]);
        let access = Access {
            account: AccountId(Uuid::from_u128(1)),
            login: LoginId(Uuid::from_u128(2)),
            expires_at: Timestamp(3),
        };
        let text = access.sign(&signer);
        assert_eq!(Access::read(&signer, &text), Some(access));
        assert!(text.len() < limits::TOKEN_BYTES);
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)), "{text}");
        let refresh = successor(&signer, "seed");
        for wrong in ["", ".", "zzz", &refresh, &signer.sign("other", "x"), &text[1..]] {
            assert_eq!(Access::read(&signer, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn successors_follow_from_the_token_and_the_key() {
        let signer = Signer::new([1; 32]);
        assert_eq!(successor(&signer, "a"), successor(&signer, "a"));
        assert_ne!(successor(&signer, "a"), successor(&signer, "b"));
        assert_ne!(successor(&signer, "a"), successor(&Signer::new([2; 32]), "a"));
        assert_eq!(successor(&signer, "a").len(), 43);
    }
}
