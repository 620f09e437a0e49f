//! The session cookie (chatgrid.md 7.1).

use crate::limits;

/// Name of the cookie at the root, and of the seed-era cookie everywhere.
pub const ROOT_NAME: &str = "chgrid_session_token";

/// The name of the cookie under a base path.
pub fn name(base: &str) -> String {
    let words: Vec<String> = base
        .to_ascii_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    if words.is_empty() { ROOT_NAME.to_owned() } else { format!("chgrid_session_{}", words.join("_")) }
}

/// A `Set-Cookie` value that keeps a token.
pub fn keep(base: &str, token: &str, secure: bool) -> String {
    set(base, token, limits::COOKIE_SECONDS, secure)
}

/// A `Set-Cookie` value that forgets it.
pub fn forget(base: &str, secure: bool) -> String {
    set(base, "", 0, secure)
}

fn set(base: &str, token: &str, seconds: i64, secure: bool) -> String {
    let end = if secure { "; Secure" } else { "" };
    format!("{}={token}; Path={base}; HttpOnly; SameSite=Lax; Max-Age={seconds}{end}", name(base))
}

/// The tokens of a `Cookie` header under either name, the one of this base path first.
pub fn tokens<'a>(header: &'a str, base: &str) -> Vec<&'a str> {
    let own = name(base);
    let mut found: Vec<(bool, &str)> = header
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, value)| {
            !value.is_empty() && value.len() <= limits::TOKEN_CHARS && key.starts_with("chgrid_session_")
        })
        .map(|(key, value)| (key != own, value))
        .collect();
    found.sort_by_key(|(other, _)| *other);
    found.into_iter().map(|(_, value)| value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_base_path() {
        assert_eq!(name("/"), "chgrid_session_token");
        assert_eq!(name("/chatgrid/"), "chgrid_session_chatgrid");
        assert_eq!(name("/My-Chat//grid_2/"), "chgrid_session_my_chat_grid_2");
    }

    #[test]
    fn both_names_are_read() {
        let header = "theme=dark; chgrid_session_token=old; chgrid_session_chatgrid=new; chgrid_session_x=";
        assert_eq!(tokens(header, "/chatgrid/"), ["new", "old"]);
        assert_eq!(tokens(header, "/"), ["old", "new"]);
        assert!(tokens("a=b", "/").is_empty());
    }

    #[test]
    fn a_cookie_is_written_with_all_its_attributes() {
        assert_eq!(
            keep("/", "t", true),
            "chgrid_session_token=t; Path=/; HttpOnly; SameSite=Lax; Max-Age=1209600; Secure"
        );
        assert_eq!(
            forget("/chatgrid/", false),
            "chgrid_session_chatgrid=; Path=/chatgrid/; HttpOnly; SameSite=Lax; Max-Age=0"
        );
    }
}
