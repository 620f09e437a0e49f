//! Whatever comes in: no panic, and what comes out keeps its promises.

mod fixtures;

use commonroom_media::picture::{Wanted, clean, probe, strip};
use commonroom_media::{Kind, data_uri, filename, serving, sniff};
use fixtures::*;
use proptest::prelude::*;

fn wanted() -> Wanted {
    Wanted { max_side: 8, quality: 50, keep_animation: true, max_bytes: 10_000 }
}

fn picture() -> impl Strategy<Value = Vec<u8>> {
    prop::sample::select(vec![
        jpeg_with_everything(20, 10, 6),
        png_with_everything(20, 10, 3),
        webp_with_everything(20, 10, 8),
        gif_with_everything(20, 10, 3),
        webp_animation(20, 10, 2),
        apng(20, 10, 3),
    ])
}

fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    let kind = sniff::kind(bytes);
    let found = probe(bytes);
    let stripped = strip(bytes);
    prop_assert!(found.is_ok() || stripped.is_err());
    if let Ok(picture) = &stripped {
        prop_assert_eq!(picture.kind, kind);
        // A few bytes of canonical pieces may replace shorter ones.
        prop_assert!(picture.bytes.len() <= bytes.len() + 64);
        let again = strip(&picture.bytes);
        prop_assert_eq!(again.as_ref(), Ok(picture));
    }
    if let Ok(picture) = clean(bytes, &wanted()) {
        prop_assert!(picture.width <= 8 && picture.height <= 8 && picture.bytes.len() <= 10_000);
        let after = probe(&picture.bytes).expect("a clean picture is one");
        prop_assert_eq!(
            (after.kind, after.width, after.height),
            (picture.kind, picture.width, picture.height)
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..600), start in 0_usize..6) {
        let starts: [&[u8]; 6] = [
            b"", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x09\0\0\0\x09", b"\xff\xd8\xff", b"GIF89a\x09\0\x09\0",
            b"RIFF\0\x02\0\0WEBPVP8X", b"RIFF\0\x02\0\0WEBPVP8L",
        ];
        check(&[starts[start], &bytes[..]].concat())?;
    }

    #[test]
    fn pictures_with_flipped_bytes(
        picture in picture(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = picture;
        for (place, value) in flips {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        check(&bytes)?;
    }

    #[test]
    fn names(name in any::<String>(), limit in 0_usize..400, inline in any::<bool>()) {
        let safe = filename::safe(&name, limit);
        prop_assert!(!safe.is_empty() && safe.len() <= 255 && safe.len() <= limit.max(16));
        prop_assert!(!safe.starts_with('.') && !safe.contains(['/', '\\']) && !safe.chars().any(char::is_control));
        prop_assert_eq!(&filename::safe(&safe, limit), &safe);
        let header = filename::content_disposition(&name, inline);
        prop_assert!(header.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        prop_assert_eq!(header.matches('"').count(), 2);
    }

    #[test]
    fn texts(text in "(data:)?[a-zA-Z0-9+/=,;: %_-]{0,200}", cap in 0_usize..100) {
        if let Ok(found) = data_uri::parse(&text, cap) {
            prop_assert!(found.bytes.len() <= cap);
        }
    }

    #[test]
    fn base64_round_trip(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        use base64::Engine;
        use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
        for text in [STANDARD.encode(&bytes), STANDARD_NO_PAD.encode(&bytes), URL_SAFE.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            prop_assert_eq!(data_uri::parse(&text, bytes.len()).map(|found| found.bytes), Ok(bytes.clone()));
            if !bytes.is_empty() {
                prop_assert!(data_uri::parse(&text, bytes.len() - 1).is_err());
            }
        }
    }

    #[test]
    fn declared_types(declared in any::<String>(), bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let kind = sniff::kind(&bytes);
        let _fits = serving::fits(&declared, kind);
        let serving = serving::of(kind, &declared);
        prop_assert!(!serving.inline || !matches!(kind, Kind::Html | Kind::Svg | Kind::Xml | Kind::Text | Kind::Unknown));
    }
}
