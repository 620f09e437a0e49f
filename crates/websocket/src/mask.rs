//! Masking of client frames (RFC 6455 section 5.3).

/// XORs `data` in place with the 4-byte masking `key`, the first byte of `data` with `key[0]`.
///
/// Masking and unmasking are the same operation (RFC 6455 section 5.3). For a payload that arrives in
/// pieces, rotate the key to the left by the number of bytes done so far, modulo 4.
pub fn apply_mask(data: &mut [u8], key: [u8; 4]) {
    let [a, b, c, d] = key;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, tail) = data.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, key) in tail.iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}

/// The key that continues at `done` bytes after the start of `key`.
pub(crate) fn rotated(mut key: [u8; 4], done: usize) -> [u8; 4] {
    key.rotate_left(done % 4);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow(data: &[u8], key: [u8; 4]) -> Vec<u8> {
        data.iter().enumerate().map(|(i, b)| b ^ key[i % 4]).collect()
    }

    #[test]
    fn section_5_3_same_as_the_octet_by_octet_definition_for_every_length_and_alignment() {
        let key = [0x37, 0xfa, 0x21, 0x3d];
        let source: Vec<u8> = (0..100_u8).map(|i| i.wrapping_mul(37)).collect();
        for start in 0..8 {
            for end in start..source.len() {
                let mut buffer = source.clone();
                apply_mask(&mut buffer[start..end], key);
                assert_eq!(&buffer[start..end], slow(&source[start..end], key));
                assert_eq!(&buffer[..start], &source[..start]);
                assert_eq!(&buffer[end..], &source[end..]);
            }
        }
    }

    #[test]
    fn a_rotated_key_continues_where_the_last_piece_stopped() {
        let key = [1, 2, 3, 4];
        let source = [0_u8; 23];
        for cut in 0..source.len() {
            let mut pieces = source;
            apply_mask(&mut pieces[..cut], key);
            apply_mask(&mut pieces[cut..], rotated(key, cut));
            assert_eq!(pieces.to_vec(), slow(&source, key));
        }
    }
}
