//! Every number that bounds what shared bytes may cost, with its unit.

/// Pixels a picture may have at all (barertc.md 9). Beyond it even a picture that is only passed on would be a bomb for
/// those who look at it.
pub const PIXELS: u64 = 50_000_000;

/// Bytes that decoding, scaling and encoding one picture may hold at once, besides the caller's input (checks.md F1).
pub const MEMORY: u64 = 64 * 1024 * 1024;

/// Pixels of one side of a picture that is decoded.
pub const SIDE: u32 = 65_535;

/// Frames of an animation that is kept.
pub const FRAMES: u32 = 1_000;

/// Pixels of all frames of an animation that is kept, together.
pub const ANIMATION_PIXELS: u64 = 100_000_000;

/// Scans of a progressive JPEG: each costs a pass over the whole picture.
pub const SCANS: u32 = 100;

/// Times a picture is made smaller until it fits into the bytes that are wanted.
pub const SHRINKS: u32 = 4;

/// Bytes of a MIME type (RFC 6838 4.2 allows 127 on each side of the slash).
pub const MIME_BYTES: usize = 255;

/// Bytes of a file name: what common file systems take.
pub const NAME_BYTES: usize = 255;

/// Bytes of a file name below which no limit goes, so that an extension and some of the stem fit.
pub const NAME_BYTES_MIN: usize = 16;

/// Bytes of an extension, with its dot, that a shortened name keeps.
pub const EXTENSION_BYTES: usize = 12;

/// Bytes at the start that are searched for the root element of an XML file.
pub const XML_HEAD_BYTES: usize = 1_024;
