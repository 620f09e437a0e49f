//! Metadata is gone, pictures stand upright, animations stay (checks.md F1).

mod fixtures;

use commonroom_media::picture::{Picture, Wanted, clean, probe, strip};
use commonroom_media::{Kind, Trouble, sniff};
use fixtures::*;
use image::{DynamicImage, GenericImageView, ImageFormat};

fn decoded(picture: &Picture) -> DynamicImage {
    assert_eq!(sniff::kind(&picture.bytes), picture.kind);
    let image = image::load_from_memory(&picture.bytes).expect("the result can be decoded");
    let probe = probe(&picture.bytes).expect("the result can be measured");
    assert_eq!((probe.kind, probe.frames_hint), (picture.kind, picture.frames));
    image
}

fn is_red(image: &DynamicImage, x: u32, y: u32) -> bool {
    let [red, _, blue, _] = image.get_pixel(x, y).0;
    red > 200 && blue < 60
}

fn wanted(max_side: u32) -> Wanted {
    Wanted { max_side, ..Wanted::default() }
}

fn with_everything() -> [(Kind, Vec<u8>); 6] {
    [
        (Kind::Jpeg, jpeg_with_everything(64, 32, 1)),
        (Kind::Png, png_with_everything(64, 32, 1)),
        (Kind::Webp, webp_with_everything(64, 32, 1)),
        (Kind::Gif, gif_with_everything(64, 32, 1)),
        (Kind::Gif, gif_with_everything(64, 32, 3)),
        (Kind::Webp, webp_animation(64, 32, 3)),
    ]
}

#[test]
fn sizes_come_from_the_header() {
    for (kind, bytes) in with_everything() {
        let found = probe(&bytes).expect("a picture");
        assert_eq!((found.kind, found.width, found.height), (kind, 64, 32));
    }
    assert_eq!(probe(&png_header(640, 480)).map(|found| (found.width, found.height)), Ok((640, 480)));
    assert_eq!(probe(&gif(8, 8, 5)).map(|found| found.frames_hint), Ok(5));
    assert_eq!(probe(&apng(8, 8, 4)).map(|found| found.frames_hint), Ok(4));
    assert_eq!(probe(&webp_animation(8, 8, 3)).map(|found| found.frames_hint), Ok(3));
    for bytes in [&b"<svg/>"[..], b"", b"BM", b"GIF88a"] {
        assert_eq!(probe(bytes), Err(Trouble::NotAPicture));
    }
    assert_eq!(probe(b"GIF89a"), Err(Trouble::Damaged));
    assert_eq!(probe(&png_header(0, 5)), Err(Trouble::Damaged));
}

#[test]
fn nothing_private_is_left_and_no_pixel_changes_when_stripped() {
    for (kind, bytes) in with_everything() {
        assert!(holds(&bytes, SECRET));
        let before = image::load_from_memory(&bytes).expect("a picture");
        let stripped = strip(&bytes).expect("a picture");
        assert_eq!((stripped.kind, stripped.width, stripped.height), (kind, 64, 32));
        assert!(!holds(&stripped.bytes, SECRET), "{kind:?}");
        assert!(!holds(&stripped.bytes, b"Exif") && !holds(&stripped.bytes, b"eXIf"), "{kind:?}");
        assert_eq!(decoded(&stripped), before, "{kind:?}");
        assert_eq!(strip(&stripped.bytes), Ok(stripped.clone()), "{kind:?}: twice is once");
    }
}

#[test]
fn nothing_private_is_left_when_cleaned() {
    for (kind, bytes) in with_everything() {
        for side in [1_000, 16] {
            let clean = clean(&bytes, &wanted(side)).expect("a picture");
            assert!(!holds(&clean.bytes, SECRET) && !holds(&clean.bytes, b"PROFILE"), "{kind:?} at {side}");
            let image = decoded(&clean);
            let expected = if side == 16 { (16, 8) } else { (64, 32) };
            assert_eq!((image.width(), image.height()), expected, "{kind:?}");
            assert_eq!((clean.width, clean.height), expected, "{kind:?}");
            assert!(is_red(&image, 1, 1), "{kind:?} at {side}");
        }
    }
}

#[test]
fn profiles_stay_when_stripped() {
    for bytes in [jpeg_with_everything(64, 32, 1), webp_with_everything(64, 32, 1)] {
        assert!(holds(&strip(&bytes).expect("a picture").bytes, b"PROFILE"));
    }
}

#[test]
fn pictures_are_turned_upright() {
    // 6: the stored left side is the top. 8: it is the bottom. 3: it is the right side.
    for (orientation, size, red) in [(6, (32, 64), (16, 8)), (8, (32, 64), (16, 56)), (3, (64, 32), (56, 16))]
    {
        for bytes in [
            jpeg_with_everything(64, 32, orientation),
            png_with_everything(64, 32, orientation),
            webp_with_everything(64, 32, orientation),
        ] {
            let upright = clean(&bytes, &wanted(1_000)).expect("a picture");
            assert_eq!((upright.width, upright.height), size);
            assert!(!holds(&upright.bytes, b"Exif") && !holds(&upright.bytes, b"eXIf"));
            assert!(is_red(&decoded(&upright), red.0, red.1), "{:?} {orientation}", upright.kind);
            let small = clean(&bytes, &wanted(32)).expect("a picture");
            assert_eq!((small.width, small.height), (size.0 / 2, size.1 / 2));
            assert!(is_red(&decoded(&small), red.0 / 2, red.1 / 2), "{:?} {orientation}", small.kind);
        }
    }
}

#[test]
fn an_orientation_outlives_stripping_and_nothing_else_does() {
    for bytes in
        [jpeg_with_everything(64, 32, 6), png_with_everything(64, 32, 6), webp_with_everything(64, 32, 6)]
    {
        let stripped = strip(&bytes).expect("a picture");
        assert!(!holds(&stripped.bytes, SECRET));
        assert_eq!((stripped.width, stripped.height), (32, 64), "as shown");
        // Stored as before, turned by whoever shows it.
        assert_eq!(decoded(&stripped), image::load_from_memory(&bytes).expect("a picture"));
        let upright = clean(&stripped.bytes, &wanted(1_000)).expect("a picture");
        assert!(is_red(&decoded(&upright), 16, 8), "{:?}", stripped.kind);
        assert_eq!(strip(&stripped.bytes), Ok(stripped.clone()));
    }
}

#[test]
fn transparency_does_not_bleed() {
    let bytes = encoded(&halves_with_alpha(64, 64), ImageFormat::Png);
    let small = clean(&bytes, &wanted(16)).expect("a picture");
    let image = decoded(&small);
    assert_eq!((small.kind, image.get_pixel(2, 2).0), (Kind::Png, [255, 0, 0, 255]));
    assert_eq!(image.get_pixel(2, 14).0[3], 0);
    let webp =
        clean(&encoded(&halves_with_alpha(64, 64), ImageFormat::WebP), &wanted(16)).expect("a picture");
    assert_eq!((webp.kind, decoded(&webp).get_pixel(2, 2).0), (Kind::Png, [255, 0, 0, 255]));
}

#[test]
fn sixteen_bits_become_eight() {
    let bytes = encoded(&halves(40, 20).into_rgb16().into(), ImageFormat::Png);
    let image = decoded(&clean(&bytes, &wanted(20)).expect("a picture"));
    assert_eq!((image.color(), is_red(&image, 1, 1)), (image::ColorType::Rgb8, true));
    let grey = encoded(&halves(40, 20).into_luma8().into(), ImageFormat::Jpeg);
    assert_eq!(decoded(&clean(&grey, &wanted(20)).expect("a picture")).color(), image::ColorType::L8);
}

#[test]
fn animations_stay_when_asked_for() {
    let bytes = gif_with_everything(64, 32, 5);
    let kept = clean(&bytes, &wanted(1_000)).expect("a picture");
    assert_eq!((kept.kind, kept.frames), (Kind::Gif, 5));
    let small = clean(&bytes, &wanted(20)).expect("a picture");
    assert_eq!((small.kind, small.frames, small.width, small.height), (Kind::Gif, 5, 20, 10));
    let mut frames = gif::DecodeOptions::new().read_info(small.bytes.as_slice()).expect("a GIF");
    let mut delays = vec![];
    while let Some(frame) = frames.read_next_frame().expect("a frame") {
        delays.push((frame.delay, frame.buffer[0]));
    }
    assert_eq!(delays, [(7, 0), (7, 1), (7, 0), (7, 1), (7, 0)]);
    assert_eq!(frames.repeat(), gif::Repeat::Infinite);

    let still = Wanted { keep_animation: false, ..Wanted::default() };
    let first = clean(&bytes, &still).expect("a picture");
    assert_eq!((first.kind, first.frames), (Kind::Png, 1));
    assert!(is_red(&decoded(&first), 60, 30));
}

#[test]
fn animated_png_and_webp_are_stripped_or_become_their_first_frame() {
    for (kind, bytes) in [(Kind::Png, apng(64, 32, 4)), (Kind::Webp, webp_animation(64, 32, 4))] {
        let kept = clean(&bytes, &wanted(64)).expect("a picture");
        assert_eq!((kept.kind, kept.frames), (kind, 4));
        assert!(!holds(&kept.bytes, SECRET));
        decoded(&kept);
        let small = clean(&bytes, &wanted(32)).expect("a picture");
        assert_eq!((small.kind, small.frames, small.width), (Kind::Png, 1, 32));
        assert!(is_red(&decoded(&small), 4, 4));
    }
}

#[test]
fn parts_of_frames_are_scaled_to_where_they_belong() {
    let mut bytes = Vec::new();
    let mut encoder = gif::Encoder::new(&mut bytes, 100, 100, &[255, 0, 0, 0, 0, 255]).expect("a GIF");
    // The left and the right part of a picture, and a pixel that a smaller one does not show.
    for (left, width, colour) in [(0, 33, 0), (33, 67, 1), (1, 1, 1)] {
        let mut frame =
            gif::Frame::from_indexed_pixels(width, 100, vec![colour; usize::from(width) * 100], None);
        (frame.palette, frame.left, frame.delay) = (None, left, 3);
        encoder.write_frame(&frame).expect("a frame");
    }
    drop(encoder);
    let small = clean(&bytes, &wanted(10)).expect("a picture");
    assert_eq!((small.width, small.height, small.frames), (10, 10, 3));
    let mut frames = gif::DecodeOptions::new().read_info(small.bytes.as_slice()).expect("a GIF");
    let mut places = vec![];
    while let Some(frame) = frames.read_next_frame().expect("a frame") {
        places.push((frame.left, frame.width, frame.height, frame.delay));
    }
    assert_eq!(places, [(0, 3, 10, 3), (3, 7, 10, 3), (0, 1, 1, 3)]);
}

#[test]
fn results_fit_into_the_bytes_that_are_wanted() {
    let bytes = encoded(&noise(300, 300), ImageFormat::Png);
    let small = clean(&bytes, &Wanted { max_bytes: 120_000, ..Wanted::default() }).expect("a picture");
    assert!(small.bytes.len() <= 120_000 && small.width < 300, "{} bytes", small.bytes.len());
    decoded(&small);
    let none = clean(&bytes, &Wanted { max_bytes: 50, ..Wanted::default() });
    assert_eq!(none, Err(Trouble::TooLarge { limit: 50 }));
}

#[test]
fn what_is_stored_with_loss_stays_so() {
    let small = clean(&lossy_webp(64, 32), &wanted(16)).expect("a picture");
    assert_eq!((small.kind, small.width, small.height), (Kind::Jpeg, 16, 8));
    let transparent = clean(&lossy_webp_with_alpha(64, 32), &wanted(16)).expect("a picture");
    assert_eq!((transparent.kind, decoded(&transparent).get_pixel(3, 3).0[3]), (Kind::Png, 0));
    let progressive = clean(&progressive_jpeg(64, 32), &wanted(16)).expect("a picture");
    assert_eq!((progressive.kind, progressive.width), (Kind::Jpeg, 16));
}
