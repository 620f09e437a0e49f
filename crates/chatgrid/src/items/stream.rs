//! Addresses of radio streams (chatgrid.md 4.5). Only what can be said without asking anybody is said here; names are
//! resolved, and checked again, where a station is asked.

use super::values::Complaint;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// Characters of an address.
pub const CHARS: usize = 2_048;

/// An address as it is kept: empty for none, a path of this site, or an http(s) URL.
///
/// # Errors
/// What is wrong with it.
pub fn checked(text: &str, allowed_hosts: &[String]) -> Result<String, Complaint> {
    let wrong = |what: &str| Err(format!("streamUrl must {what}."));
    if text.chars().count() > CHARS {
        return wrong(&format!("be {CHARS} characters or less"));
    }
    let lower = text.to_lowercase();
    if lower.is_empty() || lower == "none" || lower == "off" {
        return Ok(String::new());
    }
    if text.starts_with("//") {
        return wrong("use http or https when specifying a host");
    }
    if text.starts_with('/') {
        return Ok(text.to_owned());
    }
    let Some((scheme, rest)) = text.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) else {
        return wrong("be an absolute http/https URL or site-relative path");
    };
    if !matches!(scheme.to_lowercase().as_str(), "http" | "https") {
        return wrong("use http or https");
    }
    let Some(rest) = rest.strip_prefix("//") else { return wrong("be a valid http/https URL") };
    let Ok(url) = Url::parse(text) else { return wrong("be a valid http/https URL") };
    if !url.username().is_empty() || url.password().is_some() || authority(rest).contains('@') {
        return wrong("not include credentials");
    }
    let Some(host) = url.host() else { return wrong("be a valid http/https URL") };
    if !is_public(&host)
        && !allowed_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(&host.to_string()))
    {
        return wrong("resolve to a public IP address");
    }
    let (authority, rest) = rest.split_at(authority(rest).len());
    Ok(format!("{}://{}{rest}", scheme.to_lowercase(), authority.to_lowercase()))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

fn authority(rest: &str) -> &str {
    rest.split(['/', '?', '#', '\\']).next().unwrap_or_default()
}

fn is_public(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_lowercase();
            !["localhost", "local", "internal"]
                .iter()
                .any(|private| name == *private || name.ends_with(&format!(".{private}")))
        }
        Host::Ipv4(address) => is_public_address(IpAddr::V4(*address)),
        Host::Ipv6(address) => is_public_address(IpAddr::V6(*address)),
    }
}

/// True for an address that the whole internet reaches.
fn is_public_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let special = a == 0 || a >= 240 || (a == 192 && b == 0 && c == 0) || (a == 198 && (b == 18 || b == 19));
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || shared
        || special)
}

/// Only what is handed out as global unicast, and none of the ranges in it that lead elsewhere: to an IPv4 address
/// (6to4, Teredo), or nowhere (documentation).
fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let global = segments[0] & 0xe000 == 0x2000;
    let special =
        segments[0] == 0x2002 || (segments[0] == 0x2001 && (segments[1] < 0x200 || segments[1] == 0xdb8));
    global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> Result<String, String> {
        checked(text, &["10.0.0.5".to_owned(), "Radio.local".to_owned()])
    }

    #[test]
    fn good_addresses_keep_their_path() {
        for (given, expected) in [
            ("", ""),
            ("NONE", ""),
            ("off", ""),
            ("/media/radio.ogg", "/media/radio.ogg"),
            ("HTTP://Radio.Example:8000/Live?A=B", "http://radio.example:8000/Live?A=B"),
            ("https://93.184.216.34/x", "https://93.184.216.34/x"),
            ("http://10.0.0.5/x", "http://10.0.0.5/x"),
            ("http://radio.LOCAL/x", "http://radio.local/x"),
            ("https://[2606:4700::1]/", "https://[2606:4700::1]/"),
        ] {
            assert_eq!(kept(given).as_deref(), Ok(expected), "{given}");
        }
    }

    #[test]
    fn every_fault_has_its_sentence() {
        for (given, what) in [
            ("ftp://x", "use http or https"),
            ("javascript:alert(1)", "use http or https"),
            ("http://", "be a valid http/https URL"),
            ("http:x", "be a valid http/https URL"),
            ("http://a b/", "be a valid http/https URL"),
            ("http://u:p@host.example/", "not include credentials"),
            ("http://@host.example/", "not include credentials"),
            ("http://127.0.0.1/", "resolve to a public IP address"),
            ("http://2130706433/", "resolve to a public IP address"),
            ("http://0x7f.1/", "resolve to a public IP address"),
            ("http://localhost:8000/", "resolve to a public IP address"),
            ("http://box.local/", "resolve to a public IP address"),
            ("http://100.64.0.1/", "resolve to a public IP address"),
            ("http://169.254.1.1/", "resolve to a public IP address"),
            ("http://[::1]/", "resolve to a public IP address"),
            ("http://[::ffff:10.0.0.1]/", "resolve to a public IP address"),
            ("http://[fe80::1]/", "resolve to a public IP address"),
            ("http://[64:ff9b::7f00:1]/", "resolve to a public IP address"),
            ("http://[2002:7f00:1::]/", "resolve to a public IP address"),
            ("//host.example/x", "use http or https when specifying a host"),
            ("host.example/x", "be an absolute http/https URL or site-relative path"),
        ] {
            assert_eq!(kept(given), Err(format!("streamUrl must {what}.")), "{given}");
        }
        let long = format!("http://a.example/{}", "x".repeat(CHARS));
        assert_eq!(kept(&long), Err("streamUrl must be 2048 characters or less.".to_owned()));
    }
}
