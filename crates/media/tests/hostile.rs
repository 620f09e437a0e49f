//! Bombs, polyglots and broken files (checks.md F1, C2).

mod fixtures;

use commonroom_media::picture::{Wanted, clean, probe, strip};
use commonroom_media::{Kind, Trouble, limits, serving, sniff};
use fixtures::*;
use std::io::Write;

const SCRIPT: &[u8] = b"<script>alert(document.cookie)</script>";

#[test]
fn sizes_beyond_the_budget_are_refused_from_the_header() {
    let webp = webp_file(&[webp_head(0, 16_000, 16_000)]);
    let gif = b"GIF89a\xff\xff\xff\xff\0\0\0;".to_vec();
    let jpeg = b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x22\0\x02\x11\x01\x03\x11\x01".to_vec();
    for bytes in [png_header(100_000, 100_000), png_header(u32::MAX, u32::MAX), webp, gif, jpeg] {
        assert_eq!(probe(&bytes), Err(Trouble::TooManyPixels));
        assert_eq!(strip(&bytes), Err(Trouble::TooManyPixels));
        assert_eq!(clean(&bytes, &Wanted::default()), Err(Trouble::TooManyPixels));
    }
}

#[test]
fn what_does_not_fit_into_memory_is_not_decoded() {
    // Under the budget of pixels, above that of memory: three bytes a pixel.
    let mut bytes = png_header(7_000, 7_000);
    bytes.extend(chunk(b"IDAT", b"never looked at"));
    bytes.extend(chunk(b"IEND", b""));
    assert!(probe(&bytes).is_ok());
    assert_eq!(clean(&bytes, &Wanted::default()), Err(Trouble::TooManyPixels));
}

#[test]
fn a_compressed_bomb_ends_at_the_size_of_the_header() {
    let mut zlib = png_encoder_of_zeros(64 * 1024 * 1024);
    let mut bytes = png_header(16, 16);
    bytes.extend(chunk(b"IDAT", &zlib));
    bytes.extend(chunk(b"IEND", b""));
    // More pixels than the header says: the decoder takes what it needs, or refuses.
    if let Ok(picture) = clean(&bytes, &Wanted::default()) {
        assert_eq!((picture.width, picture.height), (16, 16));
    }
    // The same in a text: it is never unpacked, and gone.
    let mut text = b"Comment\0\0".to_vec();
    text.append(&mut zlib);
    let plain = png(16, 16);
    let bytes = [&plain[..33], &chunk(b"zTXt", &text), &plain[33..]].concat();
    assert_eq!(strip(&bytes).map(|picture| picture.bytes), strip(&plain).map(|picture| picture.bytes));
}

/// Zeros, compressed by a PNG encoder: the coded data of one very long row.
fn png_encoder_of_zeros(length: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, length, 1);
    encoder.set_color(png::ColorType::Grayscale);
    let mut header = encoder.write_header().expect("a PNG");
    let mut rows = header.stream_writer_with_size(1 << 30).expect("a PNG");
    let zeros = [0; 65_536];
    for _ in 0..length / 65_536 {
        rows.write_all(&zeros).expect("a PNG");
    }
    rows.finish().expect("a PNG");
    drop(header);
    let data = u32::from_be_bytes(file[33..37].try_into().expect("four bytes")) as usize;
    file[41..41 + data].to_vec()
}

#[test]
fn ten_thousand_frames_become_one() {
    let bytes = gif(4, 4, 10_000);
    assert_eq!(probe(&bytes).map(|found| found.frames_hint), Ok(10_000));
    assert_eq!(strip(&bytes), Err(Trouble::TooManyFrames));
    let first = clean(&bytes, &Wanted::default()).expect("a picture");
    assert_eq!((first.kind, first.frames), (Kind::Png, 1));
}

#[test]
fn frames_of_too_many_pixels_become_one() {
    // Few frames, one block of data each, but large ones.
    let side = 6_000_u16;
    let mut bytes = gif(1, 1, 0);
    bytes.truncate(bytes.len() - 1);
    bytes[6..8].copy_from_slice(&side.to_le_bytes());
    bytes[8..10].copy_from_slice(&side.to_le_bytes());
    for _ in 0..3 {
        bytes.extend_from_slice(b"\x2c\0\0\0\0");
        bytes.extend_from_slice(&[side.to_le_bytes(), side.to_le_bytes()].concat());
        bytes.extend_from_slice(b"\0\x02\x01\x2c\0");
    }
    bytes.push(0x3b);
    assert_eq!(strip(&bytes), Err(Trouble::TooManyFrames));
    // A single one would be too large to decode as well.
    assert_eq!(clean(&bytes, &Wanted::default()), Err(Trouble::TooManyPixels));
}

#[test]
fn two_files_in_one_become_one() {
    for plain in [png(8, 8), jpeg(8, 8), gif(8, 8, 2), webp(8, 8), webp_animation(8, 8, 2)] {
        for tail in [&b"PK\x03\x04rest of an archive"[..], b"%PDF-1.7 rest", SCRIPT, &png(2, 2)] {
            let both = [&plain[..], tail].concat();
            let stripped = strip(&both).expect("a picture");
            assert!(!holds(&stripped.bytes, tail), "{:?}", stripped.kind);
            let clean = clean(&both, &Wanted::default()).expect("a picture");
            assert!(!holds(&clean.bytes, tail), "{:?}", clean.kind);
        }
    }
}

#[test]
fn scripts_in_the_pieces_of_a_picture_are_gone_or_refused() {
    let plain = png(8, 8);
    let in_gamma = [&plain[..33], &chunk(b"gAMA", SCRIPT), &plain[33..]].concat();
    let in_unknown = [&plain[..33], &chunk(b"abCd", SCRIPT), &plain[33..]].concat();
    let comment = [&[0xff, 0xfe, 0, 41][..], SCRIPT].concat();
    let in_comment = [&jpeg(8, 8)[..2], &comment, &jpeg(8, 8)[2..]].concat();
    for bytes in [in_gamma, in_unknown, in_comment] {
        assert!(holds(&bytes, SCRIPT));
        assert!(!holds(&strip(&bytes).expect("a picture").bytes, SCRIPT));
    }
    let critical = [&plain[..33], &chunk(b"ABCD", SCRIPT), &plain[33..]].concat();
    assert_eq!(strip(&critical), Err(Trouble::Damaged));
}

#[test]
fn a_picture_by_name_and_a_page_by_content_is_not_served_as_either() {
    let page = [b"GIF89a=1;".as_slice(), SCRIPT].concat();
    assert_eq!(sniff::kind(&page), Kind::Gif);
    assert_eq!(serving::of(Kind::Gif, "text/html").mime, "image/gif");
    assert!(strip(&page).is_err());
    assert!(!serving::fits("image/png", sniff::kind(SCRIPT)));
}

#[test]
fn sizes_that_contradict_each_other_are_refused() {
    // The canvas is small, the picture in it is not.
    let hidden = webp_file(&[webp_head(0, 8, 8), webp_pixels(64, 64)]);
    assert_eq!(strip(&hidden), Err(Trouble::Damaged));
    assert_eq!(clean(&hidden, &Wanted::default()), Err(Trouble::Damaged));
    // A second frame header.
    let plain = jpeg(8, 8);
    let frame = plain.windows(2).position(|pair| pair == [0xff, 0xc0]).expect("a frame header");
    let twice = [&plain[..frame], &plain[frame..frame + 19], &plain[frame..]].concat();
    assert_eq!(strip(&twice), Err(Trouble::Damaged));
    // A second header, and a short one.
    let plain = png(8, 8);
    for header in [&plain[8..33], &chunk(b"IHDR", b"")] {
        let twice = [&plain[..33], header, &plain[33..]].concat();
        assert_eq!(strip(&twice), Err(Trouble::Damaged));
    }
    // A frame outside the screen.
    let mut outside = gif(8, 8, 1);
    let image = outside.windows(5).position(|part| part == b"\x2c\0\0\0\0").expect("an image");
    outside[image + 1] = 200;
    assert_eq!(strip(&outside), Err(Trouble::Damaged));
}

#[test]
fn files_that_stop_early_are_damaged_and_never_panic() {
    for whole in [png(9, 9), jpeg(9, 9), gif(9, 9, 2), webp(9, 9), webp_animation(9, 9, 2), apng(9, 9, 2)] {
        for length in 0..whole.len() {
            let part = &whole[..length];
            let _size = probe(part);
            assert!(strip(part).is_err() || sniff::kind(part) == Kind::Webp, "{length} of {}", whole.len());
            let _clean = clean(part, &Wanted { max_side: 4, ..Wanted::default() });
        }
    }
}

#[test]
fn scans_are_counted() {
    let plain = jpeg(8, 8);
    let scan = plain.windows(2).position(|pair| pair == [0xff, 0xda]).expect("a scan");
    let scans = plain[scan..plain.len() - 2].repeat(limits::SCANS as usize + 1);
    let bytes = [&plain[..scan], &scans, b"\xff\xd9"].concat();
    assert_eq!(strip(&bytes), Err(Trouble::Damaged));
}
