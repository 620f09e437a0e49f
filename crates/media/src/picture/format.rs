//! The four formats of pictures that are read.

use crate::{Kind, sniff};

/// One of the kinds for which [`Kind::is_raster`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Png,
    Jpeg,
    Gif,
    Webp,
}

impl Format {
    /// The format by the first bytes, `None` for everything else.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let kind = sniff::kind(bytes);
        [Self::Png, Self::Jpeg, Self::Gif, Self::Webp].into_iter().find(|format| format.kind() == kind)
    }

    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Png => Kind::Png,
            Self::Jpeg => Kind::Jpeg,
            Self::Gif => Kind::Gif,
            Self::Webp => Kind::Webp,
        }
    }
}
