//! Absolute addresses without a configured one: each connection is given those under which it reached the server
//! (originchats.md 10). What connections of one base show is still rendered once for all of them: the upper half of a
//! variant's number says for which base.

use crate::Shared;
use commonroom_hub::session::{Show, Variant};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Bits of a variant that say what is shown; the others say for which base.
const KIND_BITS: u32 = 4;
/// Bases that have a number of their own. Connections of further ones are rendered to one by one.
const NUMBERED: usize = 14;
/// The number of a base that has none.
const ALONE: u8 = 15;
/// Bytes of a host that is taken for one.
const HOST_BYTES: usize = 255;

/// The bases that connections have at this moment.
#[derive(Debug, Default)]
pub struct Bases(Mutex<[Weak<Shared>; NUMBERED]>);

impl Bases {
    /// What sessions of a base share; `plain` when the base is the one that everybody has.
    pub fn shared(&self, plain: &Arc<Shared>, base: Option<String>) -> Arc<Shared> {
        let Some(base) = base.filter(|_| plain.base.is_none()) else { return plain.clone() };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.iter().filter_map(Weak::upgrade).find(|shared| shared.base.as_ref() == Some(&base));
        if let Some(known) = known {
            return known;
        }
        let free = all.iter().position(|place| place.strong_count() == 0);
        let number = free.and_then(|free| u8::try_from(free + 1).ok()).unwrap_or(ALONE);
        let shared = Arc::new(Shared { number, ..plain.with_base(base) });
        if let Some(free) = free {
            all[free] = Arc::downgrade(&shared);
        }
        shared
    }

    /// What is to be rendered, and for which base; nothing when its last connection is gone.
    pub fn split(&self, plain: &Arc<Shared>, variant: Variant) -> Option<(Arc<Shared>, Variant)> {
        let number = usize::from(variant >> KIND_BITS);
        let kind = variant & ((1 << KIND_BITS) - 1);
        let shared = match number.checked_sub(1) {
            None => Some(plain.clone()),
            Some(place) => {
                let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                all.get(place).and_then(Weak::upgrade)
            }
        };
        Some((shared?, kind))
    }
}

impl Shared {
    /// True when sessions of this base are rendered to one by one.
    pub fn is_alone(&self) -> bool {
        self.number == ALONE
    }

    /// What a session of this base shows.
    pub fn of_base(&self, show: Show) -> Show {
        match show {
            Show::Shared(_) if self.number == ALONE => Show::Private,
            Show::Shared(kind) => Show::Shared(self.number << KIND_BITS | kind),
            Show::Nothing | Show::Private => show,
        }
    }
}

/// The base under which a request came: its `Host`, when it looks like one.
pub fn of_request(host: Option<&str>, secure: bool) -> Option<String> {
    let host = host.filter(|host| !host.is_empty() && host.len() <= HOST_BYTES)?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte);
    let scheme = if secure { "https" } else { "http" };
    host.bytes().all(fits).then(|| format!("{scheme}://{}", host.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_letters_digits_and_a_port() {
        assert_eq!(of_request(Some("Chat.example:8443"), true).as_deref(), Some("https://chat.example:8443"));
        assert_eq!(of_request(Some("[::1]:80"), false).as_deref(), Some("http://[::1]:80"));
        for odd in ["", "a/b", "a b", "a\"b", "user@host"] {
            assert_eq!(of_request(Some(odd), true), None, "{odd}");
        }
    }
}
