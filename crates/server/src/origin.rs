//! Which web pages may open a WebSocket. Programs send no `Origin` and are not web pages.

use http::{HeaderMap, header};

/// What is asked of the `Origin` header.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rule {
    /// Nothing: the protocol carries its own proof in its first frames and no cookies.
    Any,
    /// When there is one, its host must be the request's host or one of these origins (`scheme://host[:port]`).
    SameHostOr(Vec<String>),
}

impl Rule {
    /// Judges a request.
    pub fn allows(&self, headers: &HeaderMap) -> bool {
        let Self::SameHostOr(others) = self else { return true };
        let Some(origin) = headers.get(header::ORIGIN) else { return true };
        let Ok(origin) = origin.to_str() else { return false };
        let origin = normal(origin);
        if others.iter().any(|other| normal(other) == origin) {
            return true;
        }
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
        ["http", "https"].iter().any(|scheme| normal(&format!("{scheme}://{host}")) == origin)
    }
}

/// Lower case, without the scheme's own port and without a path.
fn normal(origin: &str) -> String {
    let origin = origin.trim().to_ascii_lowercase();
    let Some((scheme, rest)) = origin.split_once("://") else { return origin };
    let host = rest.split('/').next().unwrap_or(rest);
    let port = if scheme == "https" { ":443" } else { ":80" };
    format!("{scheme}://{}", host.strip_suffix(port).unwrap_or(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(origin: Option<&str>, host: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().expect("a host"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().expect("an origin"));
        }
        headers
    }

    #[test]
    fn foreign_pages_are_refused_and_programs_are_not() {
        let rule = Rule::SameHostOr(vec!["https://other.example".to_owned()]);
        assert!(rule.allows(&headers(None, "chat.example")));
        assert!(rule.allows(&headers(Some("https://chat.example"), "chat.example")));
        assert!(rule.allows(&headers(Some("https://CHAT.example:443"), "chat.example")));
        assert!(rule.allows(&headers(Some("http://127.0.0.1:9000"), "127.0.0.1:9000")));
        assert!(rule.allows(&headers(Some("https://other.example"), "chat.example")));
        assert!(!rule.allows(&headers(Some("https://evil.example"), "chat.example")));
        assert!(!rule.allows(&headers(Some("null"), "chat.example")));
        assert!(!rule.allows(&headers(Some("http://127.0.0.1:9001"), "127.0.0.1:9000")));
    }
}
