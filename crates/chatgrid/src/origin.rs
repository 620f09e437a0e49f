//! Whose pages may use cookies (chatgrid.md 2.3 and 7.1).

/// A normalised origin: scheme, host, port.
type Origin = (String, String, u16);

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        _ => None,
    }
}

/// The origin of a URL; `None` for `null` and whatever else is none.
fn origin(url: &str) -> Option<Origin> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let authority = rest.split(['/', '?', '#']).next().filter(|authority| !authority.contains('@'))?;
    let (host, port) = host_and_port(authority, default_port(&scheme)?)?;
    Some((scheme, host, port))
}

fn host_and_port(authority: &str, default: u16) -> Option<(String, u16)> {
    let bracketed = authority.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match authority[bracketed..].rfind(':') {
        Some(at) => {
            let at = bracketed + at;
            (&authority[..at], authority[at + 1..].parse().ok()?)
        }
        None => (authority, default),
    };
    (!host.is_empty()).then(|| (host.to_ascii_lowercase(), port))
}

/// True when an `Origin` or `Referer` value belongs to one of the allowed origins or to the host that was asked.
pub fn is_own(value: &str, host: Option<&str>, allowed: &[&str]) -> bool {
    let Some(found) = origin(value) else { return false };
    if allowed.iter().any(|allowed| origin(allowed).as_ref() == Some(&found)) {
        return true;
    }
    let asked = default_port(&found.0).zip(host).and_then(|(port, host)| host_and_port(host, port));
    asked.is_some_and(|asked| asked == (found.1, found.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_asked_host_and_the_allowed_ones_are_own() {
        assert!(is_own("http://127.0.0.1:8765", Some("127.0.0.1:8765"), &[]));
        assert!(is_own("HTTPS://Chat.Example.org", Some("chat.example.org"), &[]));
        assert!(is_own("https://chat.example.org", Some("chat.example.org:443"), &[]));
        assert!(is_own("http://[::1]:8765", Some("[::1]:8765"), &[]));
        assert!(is_own(
            "https://chat.example.org/page?x",
            Some("inner:8080"),
            &["https://chat.example.org:443"]
        ));
        for foreign in [
            "null",
            "",
            "https://evil.example",
            "http://127.0.0.1",
            "http://a@127.0.0.1:8765",
            "ftp://127.0.0.1:8765",
        ] {
            assert!(!is_own(foreign, Some("127.0.0.1:8765"), &["https://chat.example.org"]), "{foreign}");
        }
    }
}
