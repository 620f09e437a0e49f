//! What bytes are, from their first bytes (as in the WHATWG MIME Sniffing Standard, sections 6 and 7).

use crate::Kind;
use crate::limits::XML_HEAD_BYTES;

/// Signatures at the very start.
const MAGIC: [(&[u8], Kind); 14] = [
    (b"\x89PNG\r\n\x1a\n", Kind::Png),
    (b"\xff\xd8\xff", Kind::Jpeg),
    (b"GIF87a", Kind::Gif),
    (b"GIF89a", Kind::Gif),
    (b"OggS\0", Kind::Ogg),
    (b"fLaC", Kind::Flac),
    (b"ID3", Kind::Mp3),
    (b"ADIF", Kind::Aac),
    (b"%PDF-", Kind::Pdf),
    (b"PK\x03\x04", Kind::Zip),
    (b"PK\x05\x06", Kind::Zip),
    (b"PK\x07\x08", Kind::Zip),
    (b"\xef\xbb\xbf%PDF-", Kind::Pdf),
    (b"\0\0\0\x0cJXL ", Kind::Unknown),
];

/// Tags that make a browser take a text for HTML when a blank or `>` follows.
const HTML_TAGS: [&str; 17] = [
    "<!doctype html",
    "<html",
    "<head",
    "<script",
    "<iframe",
    "<h1",
    "<div",
    "<font",
    "<table",
    "<a",
    "<style",
    "<title",
    "<b",
    "<body",
    "<br",
    "<p",
    "<!--",
];

/// What the bytes are. Linear in their length (only text is read to its end), allocates at most a kilobyte.
pub fn kind(bytes: &[u8]) -> Kind {
    if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return *kind;
    }
    riff(bytes)
        .or_else(|| iso_media(bytes))
        .or_else(|| matroska(bytes))
        .or_else(|| bitmap(bytes))
        .or_else(|| audio_frames(bytes))
        .or_else(|| markup(bytes))
        .unwrap_or_else(|| if is_text(bytes) { Kind::Text } else { Kind::Unknown })
}

fn riff(bytes: &[u8]) -> Option<Kind> {
    if !bytes.starts_with(b"RIFF") {
        return None;
    }
    match bytes.get(8..12)? {
        b"WEBP" => Some(Kind::Webp),
        b"WAVE" => Some(Kind::Wav),
        _other => None,
    }
}

/// MP4 and its relatives: a box `ftyp` that lists brands of four letters (ISO/IEC 14496-12 4.3).
fn iso_media(bytes: &[u8]) -> Option<Kind> {
    let length = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?);
    if bytes.get(4..8)? != b"ftyp" || length < 16 {
        return None;
    }
    let major = bytes.get(8..12)?;
    let listed = bytes.get(16..bytes.len().min(length as usize).min(256)).unwrap_or_default();
    let has = |brands: &[&[u8]]| brands.contains(&major) || listed.chunks(4).any(|one| brands.contains(&one));
    Some(match major {
        b"qt  " => Kind::Mov,
        b"M4A " | b"M4B " | b"M4P " => Kind::M4a,
        _other if has(&[b"avif", b"avis"]) => Kind::Avif,
        _other if has(&[b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"]) => {
            Kind::Heif
        }
        _other => Kind::Mp4,
    })
}

/// WebM and Matroska: an EBML header that names its document type.
fn matroska(bytes: &[u8]) -> Option<Kind> {
    if !bytes.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]) {
        return None;
    }
    let head = &bytes[..bytes.len().min(64)];
    let names = |name: &[u8]| head.windows(name.len()).any(|found| found == name);
    if names(b"\x42\x82\x84webm") {
        Some(Kind::Webm)
    } else if names(b"\x42\x82\x88matroska") {
        Some(Kind::Mkv)
    } else {
        None
    }
}

/// `BM` alone could begin any text: the reserved bytes and the size of the second header must fit too.
fn bitmap(bytes: &[u8]) -> Option<Kind> {
    let header = u32::from_le_bytes(bytes.get(14..18)?.try_into().ok()?);
    let fits = bytes.starts_with(b"BM")
        && bytes.get(6..10)? == [0; 4]
        && [12, 40, 52, 56, 64, 108, 124].contains(&header);
    fits.then_some(Kind::Bmp)
}

/// MPEG audio without a container: eleven set bits, then a header whose reserved values are not used.
fn audio_frames(bytes: &[u8]) -> Option<Kind> {
    let [0xff, second, third, _, ..] = *bytes else { return None };
    let layer = (second >> 1) & 3;
    match layer {
        // ADTS: twelve bits of sync, layer 0, one of thirteen rates.
        0 if second & 0xf0 == 0xf0 && (third >> 2) & 0xf < 13 => Some(Kind::Aac),
        // Layers III and II. Layer I is not told from the byte order mark of UTF-16 and nobody uses it.
        1 | 2 if second & 0xe0 == 0xe0 => {
            let (version, rate_of_bits, rate_of_samples) = ((second >> 3) & 3, third >> 4, (third >> 2) & 3);
            (version != 1 && rate_of_bits != 15 && rate_of_bits != 0 && rate_of_samples != 3)
                .then_some(Kind::Mp3)
        }
        _other => None,
    }
}

fn markup(bytes: &[u8]) -> Option<Kind> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    if !text.starts_with(b"<") {
        return None;
    }
    let head = text[..text.len().min(XML_HEAD_BYTES)].to_ascii_lowercase();
    let begins = |tag: &[u8]| {
        head.starts_with(tag) && head.get(tag.len()).is_none_or(|next| b" \t\r\n\x0c>/".contains(next))
    };
    let holds = |tag: &[u8]| head.windows(tag.len()).any(|found| found == tag);
    if begins(b"<svg") {
        return Some(Kind::Svg);
    }
    if head.starts_with(b"<?xml") || head.starts_with(b"<!doctype svg") {
        return Some(if holds(b"<svg") || holds(b"<!doctype svg") { Kind::Svg } else { Kind::Xml });
    }
    HTML_TAGS.iter().any(|tag| begins(tag.as_bytes())).then_some(Kind::Html)
}

fn is_text(bytes: &[u8]) -> bool {
    let binary = |byte: &u8| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f);
    !bytes.iter().any(binary) && std::str::from_utf8(bytes).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_their_first_bytes() {
        let cases: [(&[u8], Kind); 40] = [
            (b"\x89PNG\r\n\x1a\n....", Kind::Png),
            (b"\xff\xd8\xff\xe0..", Kind::Jpeg),
            (b"GIF89a<script>", Kind::Gif),
            (b"GIF90a", Kind::Text),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Kind::Webp),
            (b"RIFF\x10\0\0\0WAVEfmt ", Kind::Wav),
            (b"RIFF\x10\0\0\0AVI LIST", Kind::Unknown),
            (b"\0\0\0\x18ftypavif\0\0\0\0avifmif1", Kind::Avif),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", Kind::Avif),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Kind::Heif),
            (b"\0\0\0\x18ftypisom\0\0\0\0isomavc1", Kind::Mp4),
            (b"\0\0\0\x14ftypM4A \0\0\0\0", Kind::M4a),
            (b"\0\0\0\x14ftypqt  \0\0\0\0", Kind::Mov),
            (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", Kind::Webm),
            (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x88matroska", Kind::Mkv),
            (b"OggS\0\x02", Kind::Ogg),
            (b"ID3\x04\0\0", Kind::Mp3),
            (b"\xff\xfb\x90\x64", Kind::Mp3),
            (b"\xff\xf1\x50\x80", Kind::Aac),
            (b"fLaC\0\0\0\x22", Kind::Flac),
            (b"%PDF-1.7", Kind::Pdf),
            (b"PK\x03\x04\x14\0", Kind::Zip),
            (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", Kind::Bmp),
            (b"BMW drives by the sea", Kind::Text),
            (b"<!DOCTYPE html><p>", Kind::Html),
            (b"\xef\xbb\xbf \n<ScRiPt>alert(1)", Kind::Html),
            (b"<!-- x --><svg>", Kind::Html),
            (b"<a href=x>", Kind::Html),
            (b"<abc def", Kind::Text),
            (b"<svg/onload=alert(1)>", Kind::Svg),
            (b"<?xml version='1.0'?>\n<svg xmlns='x'>", Kind::Svg),
            (b"<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN'>", Kind::Svg),
            (b"<?xml version='1.0'?><feed/>", Kind::Xml),
            (b"plain words, \xc3\xa9\n", Kind::Text),
            (b"latin words, \xe9\n", Kind::Unknown),
            (b"\xff\xfeh\0i\0", Kind::Unknown),
            (b"a\0b", Kind::Unknown),
            (b"MZ\x90\0\x03", Kind::Unknown),
            (b"\x7fELF\x02", Kind::Unknown),
            (b"", Kind::Text),
        ];
        for (bytes, expected) in cases {
            assert_eq!(kind(bytes), expected, "{}", bytes.escape_ascii());
        }
    }
}
