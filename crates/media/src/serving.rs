//! Declared MIME types against what the bytes are, and how bytes go out again.

use crate::Kind;

/// How stored bytes are to be served. Every answer also carries `X-Content-Type-Options: nosniff` and
/// `Content-Security-Policy: default-src 'none'; sandbox` (originchats.md 7.5; checks.md C2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Serving {
    /// The value of `Content-Type`. Never a type that a browser runs.
    pub mime: &'static str,
    /// Whether `Content-Disposition` may say `inline`; otherwise `attachment`.
    pub inline: bool,
}

/// How bytes of this kind go out. `declared` only chooses between names of one container, for example `audio/webm` and
/// `video/webm`: the kind decides.
pub fn of(kind: Kind, declared: &str) -> Serving {
    let declared = essence(declared);
    let mime = match kind {
        Kind::Svg | Kind::Xml | Kind::Html | Kind::Unknown => "application/octet-stream",
        Kind::Text => "text/plain; charset=utf-8",
        Kind::Webm if declared == "audio/webm" => "audio/webm",
        Kind::Ogg if declared == "video/ogg" => "video/ogg",
        Kind::Mp4 if declared == "audio/mp4" => "audio/mp4",
        // Browsers play the same container under this name and refuse it under the other.
        Kind::Mov => "video/mp4",
        Kind::Png
        | Kind::Jpeg
        | Kind::Gif
        | Kind::Webp
        | Kind::Avif
        | Kind::Heif
        | Kind::Bmp
        | Kind::Mp4
        | Kind::M4a
        | Kind::Webm
        | Kind::Mkv
        | Kind::Ogg
        | Kind::Mp3
        | Kind::Wav
        | Kind::Flac
        | Kind::Aac
        | Kind::Pdf
        | Kind::Zip => kind.mime(),
    };
    Serving { mime, inline: kind.is_inline_safe() }
}

/// Whether a declared MIME type may stand for bytes of this kind (originchats.md 7.4: 415 otherwise).
///
/// Nothing and `application/octet-stream` claim nothing. Text is text. Sound and film share containers, so one may be
/// declared as the other. Pictures and PDF must be what they say. Bytes of no known kind may be anything that would not
/// have been recognised.
pub fn fits(declared: &str, kind: Kind) -> bool {
    let declared = essence(declared);
    if matches!(declared.as_str(), "" | "application/octet-stream" | "binary/octet-stream") {
        return true;
    }
    if declared == kind.mime() || aliases(kind).contains(&declared.as_str()) {
        return true;
    }
    let audio_or_video = mime_matches("audio/*", &declared) || mime_matches("video/*", &declared);
    let names_another = Kind::ALL
        .iter()
        .any(|other| other.mime() == declared || aliases(*other).contains(&declared.as_str()));
    if kind.is_audio_or_video() {
        audio_or_video
    } else if kind.is_textual() {
        is_text_type(&declared)
    } else if kind == Kind::Zip {
        // Office documents, archives of programs, books: all of them are ZIP files under other names.
        mime_matches("application/*", &declared) && !names_another
    } else if kind == Kind::Unknown {
        mime_matches("text/*", &declared) || !names_another
    } else {
        false
    }
}

/// Whether a MIME type matches a pattern: `image/*`, `*/*`, `*` or a whole type. Letter case and parameters are ignored.
pub fn mime_matches(pattern: &str, mime: &str) -> bool {
    let (pattern, mime) = (essence(pattern), essence(mime));
    let Some((family, subtype)) = mime.split_once('/') else { return false };
    if family.is_empty() || subtype.is_empty() {
        return false;
    }
    match pattern.split_once('/') {
        None => pattern == "*",
        Some(("*", "*")) => true,
        Some((wanted, "*")) => wanted == family,
        Some(_whole) => pattern == mime,
    }
}

/// The type without its parameters, in lower case.
fn essence(mime: &str) -> String {
    mime.split(';').next().unwrap_or("").trim().to_ascii_lowercase()
}

fn is_text_type(declared: &str) -> bool {
    const ALSO_TEXT: [&str; 12] = [
        "application/json",
        "application/javascript",
        "application/xml",
        "application/yaml",
        "application/x-yaml",
        "application/toml",
        "application/sql",
        "application/rtf",
        "application/x-sh",
        "application/x-httpd-php",
        "application/typescript",
        "image/svg+xml",
    ];
    mime_matches("text/*", declared)
        || ALSO_TEXT.contains(&declared)
        || (mime_matches("application/*", declared)
            && (declared.ends_with("+json") || declared.ends_with("+xml")))
}

/// Other names that clients use for a kind.
const fn aliases(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Png => &["image/apng", "image/x-png"],
        Kind::Jpeg => &["image/jpg", "image/pjpeg"],
        Kind::Heif => &["image/heic", "image/heif-sequence", "image/heic-sequence"],
        Kind::Bmp => &["image/x-ms-bmp", "image/x-bmp"],
        Kind::Xml => &["text/xml"],
        Kind::Html => &["application/xhtml+xml"],
        Kind::Mp4 => &["video/x-m4v", "video/3gpp", "video/3gpp2"],
        Kind::M4a => &["audio/x-m4a", "audio/m4a", "audio/m4b"],
        Kind::Webm => &["audio/webm"],
        Kind::Mkv => &["video/x-matroska", "audio/x-matroska", "audio/matroska"],
        Kind::Ogg => &["video/ogg", "application/ogg", "audio/opus"],
        Kind::Mp3 => &["audio/mp3", "audio/x-mp3", "audio/x-mpeg"],
        Kind::Wav => &["audio/x-wav", "audio/wave", "audio/vnd.wave"],
        Kind::Flac => &["audio/x-flac"],
        Kind::Aac => &["audio/x-aac", "audio/aacp"],
        Kind::Pdf => &["application/x-pdf"],
        Kind::Zip => &["application/x-zip-compressed", "application/x-zip"],
        Kind::Gif | Kind::Webp | Kind::Avif | Kind::Svg | Kind::Mov | Kind::Text | Kind::Unknown => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_types_fit_or_do_not() {
        let cases = [
            ("image/png", Kind::Png, true),
            ("Image/PNG; q=1", Kind::Png, true),
            ("image/jpg", Kind::Jpeg, true),
            ("image/png", Kind::Html, false),
            ("image/png", Kind::Svg, false),
            ("image/png", Kind::Jpeg, false),
            ("image/png", Kind::Unknown, false),
            ("application/octet-stream", Kind::Html, true),
            ("", Kind::Zip, true),
            ("text/plain", Kind::Text, true),
            ("text/markdown", Kind::Html, true),
            ("application/json", Kind::Text, true),
            ("image/svg+xml", Kind::Svg, true),
            ("image/svg+xml", Kind::Xml, true),
            ("text/plain", Kind::Unknown, true),
            ("text/plain", Kind::Png, false),
            ("video/mp4", Kind::M4a, true),
            ("audio/webm", Kind::Webm, true),
            ("video/webm", Kind::Ogg, true),
            ("audio/mpeg", Kind::Zip, false),
            ("application/pdf", Kind::Zip, false),
            ("application/pdf", Kind::Unknown, false),
            ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", Kind::Zip, true),
            ("application/x-7z-compressed", Kind::Unknown, true),
            ("image/tiff", Kind::Unknown, true),
        ];
        for (declared, kind, expected) in cases {
            assert_eq!(fits(declared, kind), expected, "{declared} for {kind:?}");
        }
        for kind in Kind::ALL {
            assert!(fits(kind.mime(), kind), "{kind:?}");
        }
    }

    #[test]
    fn what_runs_in_a_browser_is_never_served_as_such() {
        for kind in Kind::ALL {
            for declared in ["text/html", "image/svg+xml", "application/xhtml+xml", "text/javascript", ""] {
                let serving = of(kind, declared);
                for active in ["html", "xml", "javascript"] {
                    assert!(!serving.mime.contains(active), "{kind:?} declared {declared}");
                }
            }
        }
        assert_eq!(of(Kind::Svg, "image/png"), Serving { mime: "application/octet-stream", inline: false });
        assert_eq!(of(Kind::Text, "text/html"), Serving { mime: "text/plain; charset=utf-8", inline: false });
        assert_eq!(of(Kind::Png, "text/html"), Serving { mime: "image/png", inline: true });
        assert_eq!(of(Kind::Webm, "audio/webm; codecs=opus").mime, "audio/webm");
        assert_eq!(of(Kind::Webm, "audio/mpeg").mime, "video/webm");
    }

    #[test]
    fn patterns_of_types() {
        let cases = [
            ("image/*", "image/png", true),
            ("IMAGE/*", "image/PNG; x=y", true),
            ("image/*", "images/png", false),
            ("image/png", "image/png", true),
            ("image/png", "image/pngx", false),
            ("*/*", "a/b", true),
            ("*", "a/b", true),
            ("image", "image/png", false),
            ("image/*", "image/", false),
            ("*", "", false),
            ("", "a/b", false),
        ];
        for (pattern, mime, expected) in cases {
            assert_eq!(mime_matches(pattern, mime), expected, "{pattern} on {mime}");
        }
    }
}
