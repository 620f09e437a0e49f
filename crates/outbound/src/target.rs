//! A URL that may be asked, as far as that can be told before its name is looked up.

use crate::addresses::Reach;
use crate::{Ask, Guard, Trouble, limits};
use std::net::IpAddr;
use url::{Host, Url};

/// Ports of other services that understand, or act on, a line of HTTP: what browsers refuse (Fetch, "bad port").
const BAD_PORTS: [u16; 83] = [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103,
    104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514,
    515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723,
    2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

/// The host of a URL as it will be asked, in lower case.
#[must_use]
pub fn host(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host().map(|host| host.to_string())
}

/// A URL that may be asked. Its name, if it has one, is judged when it is looked up for the connection.
pub(crate) struct Target {
    pub(crate) url: Url,
    pub(crate) guard: Guard,
}

impl Target {
    /// The first URL of an ask.
    pub(crate) fn first(ask: &Ask, reach: &Reach) -> Result<Self, Trouble> {
        let url = if ask.url.len() > limits::URL_BYTES { None } else { Url::parse(&ask.url).ok() };
        Self::check(url.ok_or(Trouble::BadUrl)?, ask.guard, ask.https_only, reach)
    }

    /// Where a redirect leads.
    pub(crate) fn hop(&self, location: &[u8], https_only: bool, reach: &Reach) -> Result<Self, Trouble> {
        let location = std::str::from_utf8(location).ok().filter(|text| text.len() <= limits::URL_BYTES);
        let url = location.and_then(|text| self.url.join(text).ok()).ok_or(Trouble::BadRedirect)?;
        // The operator's word covers the host it names.
        let guard = if url.host() == self.url.host() { self.guard } else { Guard::Public };
        Self::check(url, guard, https_only, reach)
    }

    /// Whether header fields meant for one may be shown to the other.
    pub(crate) fn same_origin(&self, other: &Self) -> bool {
        self.url.origin() == other.url.origin()
    }

    fn check(url: Url, guard: Guard, https_only: bool, reach: &Reach) -> Result<Self, Trouble> {
        match url.scheme() {
            "https" => {}
            "http" if https_only => return Err(Trouble::NotHttps),
            "http" => {}
            _ => return Err(Trouble::BadUrl),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Trouble::Credentials);
        }
        let address: Option<IpAddr> = match url.host().ok_or(Trouble::BadUrl)? {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        };
        let port = url.port_or_known_default().ok_or(Trouble::BadUrl)?;
        let permitted = match guard {
            Guard::Public => {
                !BAD_PORTS.contains(&port) && address.is_none_or(|address| reach.permits(address))
            }
            Guard::Operator => true,
        };
        if permitted { Ok(Self { url, guard }) } else { Err(Trouble::Forbidden) }
    }
}
