//! References to sounds (chatgrid.md 4.5).

use super::values::{Complaint, Draft};
use commonroom_core::item::Param;

/// Characters of a reference.
const CHARS: usize = 2_048;

/// A reference as it is kept: empty for none, an http(s) address, or a file under `sounds/`.
///
/// # Errors
/// What is wrong with it. What a page would run or what leaves the folder of sounds is refused.
pub fn checked(draft: Draft<'_>, key: &str) -> Result<Param, Complaint> {
    let text = draft.text(key).ok_or_else(|| format!("{key} must be a string."))?;
    if text.chars().count() > CHARS {
        return Err(format!("{key} must be {CHARS} characters or less."));
    }
    normal(&text).map(Param::Text).ok_or_else(|| format!("{key} must be a sound file or an http/https URL."))
}

fn normal(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    if lower.is_empty() || lower == "none" || lower == "off" {
        return Some(String::new());
    }
    if lower.starts_with("http://") || lower.starts_with("https://") {
        return Some(text.to_owned());
    }
    let path = text.strip_prefix('/').filter(|path| path.starts_with("sounds/")).unwrap_or(text);
    if path.contains("..") || path.contains('\\') || path.contains(':') {
        return None;
    }
    if path.starts_with("sounds/") {
        Some(path.to_owned())
    } else if path.contains('/') {
        None
    } else {
        Some(format!("sounds/{path}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_one_form() {
        for (given, kept) in [
            ("", ""),
            ("None", ""),
            ("off", ""),
            ("ding.ogg", "sounds/ding.ogg"),
            ("/sounds/ding.ogg", "sounds/ding.ogg"),
            ("sounds/clock/a.ogg", "sounds/clock/a.ogg"),
            ("https://A.example/X.ogg?b=..", "https://A.example/X.ogg?b=.."),
        ] {
            assert_eq!(normal(given).as_deref(), Some(kept), "{given}");
        }
        for refused in [
            "data:audio/ogg;base64,AAAA",
            "blob:https://a.example/1",
            "javascript:x",
            "../secret",
            "sounds/../x",
            "a\\b",
            "other/folder.ogg",
            "//a.example/x",
        ] {
            assert_eq!(normal(refused), None, "{refused}");
        }
    }
}
