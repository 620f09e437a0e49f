//! The kinds of bytes that are told apart.

/// What bytes are, by their content. Names and declared types are claims; this is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is the format of its name")]
pub enum Kind {
    Png,
    Jpeg,
    Gif,
    Webp,
    Avif,
    Heif,
    Bmp,
    Svg,
    Xml,
    Html,
    Mp4,
    M4a,
    Mov,
    Webm,
    Mkv,
    Ogg,
    Mp3,
    Wav,
    Flac,
    Aac,
    Pdf,
    Zip,
    /// Valid UTF-8 without control characters, and none of the above.
    Text,
    /// None of the above.
    Unknown,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 24] = [
        Self::Png,
        Self::Jpeg,
        Self::Gif,
        Self::Webp,
        Self::Avif,
        Self::Heif,
        Self::Bmp,
        Self::Svg,
        Self::Xml,
        Self::Html,
        Self::Mp4,
        Self::M4a,
        Self::Mov,
        Self::Webm,
        Self::Mkv,
        Self::Ogg,
        Self::Mp3,
        Self::Wav,
        Self::Flac,
        Self::Aac,
        Self::Pdf,
        Self::Zip,
        Self::Text,
        Self::Unknown,
    ];

    /// The registered MIME type, without parameters. To answer a request use [`crate::serving::of`]: not every type may
    /// be sent to a browser.
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Avif => "image/avif",
            Self::Heif => "image/heif",
            Self::Bmp => "image/bmp",
            Self::Svg => "image/svg+xml",
            Self::Xml => "application/xml",
            Self::Html => "text/html",
            Self::Mp4 => "video/mp4",
            Self::M4a => "audio/mp4",
            Self::Mov => "video/quicktime",
            Self::Webm => "video/webm",
            Self::Mkv => "video/matroska",
            Self::Ogg => "audio/ogg",
            Self::Mp3 => "audio/mpeg",
            Self::Wav => "audio/wav",
            Self::Flac => "audio/flac",
            Self::Aac => "audio/aac",
            Self::Pdf => "application/pdf",
            Self::Zip => "application/zip",
            Self::Text => "text/plain",
            Self::Unknown => "application/octet-stream",
        }
    }

    /// The usual extension of a file name, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Gif => "gif",
            Self::Webp => "webp",
            Self::Avif => "avif",
            Self::Heif => "heif",
            Self::Bmp => "bmp",
            Self::Svg => "svg",
            Self::Xml => "xml",
            Self::Html => "html",
            Self::Mp4 => "mp4",
            Self::M4a => "m4a",
            Self::Mov => "mov",
            Self::Webm => "webm",
            Self::Mkv => "mkv",
            Self::Ogg => "ogg",
            Self::Mp3 => "mp3",
            Self::Wav => "wav",
            Self::Flac => "flac",
            Self::Aac => "aac",
            Self::Pdf => "pdf",
            Self::Zip => "zip",
            Self::Text => "txt",
            Self::Unknown => "bin",
        }
    }

    /// Whether it is one of the four pictures that [`crate::picture`] reads: PNG, JPEG, GIF, WebP.
    pub const fn is_raster(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Gif | Self::Webp)
    }

    /// Whether it is sound, film or a container of either.
    pub const fn is_audio_or_video(self) -> bool {
        matches!(
            self,
            Self::Mp4
                | Self::M4a
                | Self::Mov
                | Self::Webm
                | Self::Mkv
                | Self::Ogg
                | Self::Mp3
                | Self::Wav
                | Self::Flac
                | Self::Aac
        )
    }

    /// Whether it is made of text, also when the text is active in a browser.
    pub const fn is_textual(self) -> bool {
        matches!(self, Self::Svg | Self::Xml | Self::Html | Self::Text)
    }

    /// Whether a browser may show it in place; everything else is a download (originchats.md 7.5).
    pub const fn is_inline_safe(self) -> bool {
        self.is_raster() || self.is_audio_or_video() || matches!(self, Self::Pdf)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_is_listed_once_and_has_its_own_names() {
        let all: BTreeSet<Kind> = Kind::ALL.into_iter().collect();
        assert_eq!(all.len(), Kind::ALL.len());
        assert_eq!(Kind::Unknown as usize + 1, Kind::ALL.len());
        let types: BTreeSet<&str> = all.iter().map(|kind| kind.mime()).collect();
        let extensions: BTreeSet<&str> = all.iter().map(|kind| kind.extension()).collect();
        assert_eq!((types.len(), extensions.len()), (all.len(), all.len()));
    }

    #[test]
    fn nothing_that_runs_is_shown_in_place() {
        for kind in [Kind::Html, Kind::Svg, Kind::Xml, Kind::Text, Kind::Zip, Kind::Unknown, Kind::Avif] {
            assert!(!kind.is_inline_safe(), "{kind:?}");
        }
        for kind in [Kind::Png, Kind::Mp4, Kind::Ogg, Kind::Pdf] {
            assert!(kind.is_inline_safe(), "{kind:?}");
        }
    }
}
