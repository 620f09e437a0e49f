//! Why an ask has no answer, in plain words.

use std::error::Error;
use std::{fmt, io};

/// Why an ask has no answer. The text never quotes the URL: it may hold a secret.
///
/// Telling people apart [`Forbidden`](Self::Forbidden), [`Unreachable`](Self::Unreachable) and the like lets them explore
/// the network from inside: give users one text for all, and this one to the operator's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No URL that can be asked: not absolute, no host, no `http` or `https`, or too long.
    BadUrl,
    /// The URL holds a user name or a password.
    Credentials,
    /// `http` where only `https` may be asked.
    NotHttps,
    /// The host is, or its name leads to, an address that is not public, or the port belongs to another service.
    Forbidden,
    /// The name leads to no address, or lookups fail.
    NoSuchHost,
    /// No connection came about.
    Unreachable,
    /// No secure connection came about: the certificate is not trusted, or the other side does not speak TLS.
    Insecure,
    /// The answer was not complete in time.
    TimedOut,
    /// The body is larger than wanted.
    TooLarge,
    /// More redirects than wanted.
    TooManyRedirects,
    /// A redirect leads to no URL.
    BadRedirect,
    /// The answer is no HTTP, or ends early.
    BadReply,
    /// Too many asks are under way and waiting.
    Busy,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadUrl => "this is no web address",
            Self::Credentials => "the address holds a user name or a password",
            Self::NotHttps => "the address does not begin with https",
            Self::Forbidden => "the address is not public",
            Self::NoSuchHost => "the host is not known",
            Self::Unreachable => "the host cannot be reached",
            Self::Insecure => "no secure connection to the host can be made",
            Self::TimedOut => "the answer did not come in time",
            Self::TooLarge => "the answer is too large",
            Self::TooManyRedirects => "the address redirects too often",
            Self::BadRedirect => "the address redirects to nowhere",
            Self::BadReply => "the answer is broken",
            Self::Busy => "too many requests to other servers are under way",
        })
    }
}

impl Error for Trouble {}

impl From<&reqwest::Error> for Trouble {
    /// Finds the cause in the chain of errors: first ours from the lookup, then the one of TLS.
    fn from(error: &reqwest::Error) -> Self {
        let mut next: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(cause) = next {
            if let Some(ours) = cause.downcast_ref::<Self>() {
                return *ours;
            }
            if cause.is::<rustls::Error>() {
                return Self::Insecure;
            }
            if cause.is::<rustls::pki_types::InvalidDnsNameError>() {
                return Self::NoSuchHost;
            }
            // An I/O error passes over the error that it wraps when asked for its source.
            let wrapped = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            next = wrapped.map(|wrapped| wrapped as &(dyn Error + 'static)).or_else(|| cause.source());
        }
        if error.is_timeout() {
            Self::TimedOut
        } else if error.is_connect() {
            Self::Unreachable
        } else {
            Self::BadReply
        }
    }
}
