//! Numbers and pieces of a file: `None` where it ends too early.

/// The first bytes as an array.
pub(super) fn array<const LENGTH: usize>(bytes: &[u8]) -> Option<[u8; LENGTH]> {
    bytes.first_chunk().copied()
}

/// The first four bytes, high byte first.
pub(super) fn be_u32(bytes: &[u8]) -> Option<u32> {
    array(bytes).map(u32::from_be_bytes)
}

/// The first two bytes, high byte first.
pub(super) fn be_u16(bytes: &[u8]) -> Option<u16> {
    array(bytes).map(u16::from_be_bytes)
}

/// The first four bytes, low byte first.
pub(super) fn le_u32(bytes: &[u8]) -> Option<u32> {
    array(bytes).map(u32::from_le_bytes)
}

/// The first three bytes, low byte first.
pub(super) fn le_u24(bytes: &[u8]) -> Option<u32> {
    array(bytes).map(|[low, middle, high]| u32::from_le_bytes([low, middle, high, 0]))
}

/// The first two bytes, low byte first.
pub(super) fn le_u16(bytes: &[u8]) -> Option<u16> {
    array(bytes).map(u16::from_le_bytes)
}
