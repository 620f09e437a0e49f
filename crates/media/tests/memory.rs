//! The most bytes that are held at once (checks.md F1). One test, alone in its process, so that nothing else counts.

mod fixtures;

use commonroom_media::limits::MEMORY;
use commonroom_media::picture::{Wanted, clean};
use fixtures::*;
use image::ImageFormat;
use peak_alloc::PeakAlloc;

#[global_allocator]
static PEAK: PeakAlloc = PeakAlloc;

#[test]
fn decoding_scaling_and_encoding_stay_within_the_limit() {
    let whole = Wanted { max_side: u32::MAX, quality: 95, keep_animation: true, max_bytes: usize::MAX };
    let small = Wanted::default();
    let inputs = [
        ("a photo of a telephone", jpeg_with_everything(4_000, 3_000, 6), true),
        ("a wide PNG", png(5_000, 2_000), true),
        ("noise", encoded(&noise(1_500, 1_500), ImageFormat::Png), true),
        ("a picture of a screen", encoded(&halves_with_alpha(3_456, 2_234), ImageFormat::Png), true),
        ("WebP without loss", webp(2_400, 2_400), true),
        ("WebP noise", encoded(&noise(1_000, 1_000), ImageFormat::WebP), true),
        ("a GIF", gif(2_000, 1_000, 5), true),
        ("progressive", progressive_jpeg(2_500, 2_500), true),
        ("too large and progressive", progressive_jpeg(3_000, 3_000), false),
        ("WebP with loss", lossy_webp(3_000, 3_000), true),
        ("WebP with loss and transparency", lossy_webp_with_alpha(2_000, 1_800), true),
        ("too large", png(5_000, 5_000), false),
    ];
    for (name, bytes, fits) in inputs {
        for wanted in [whole, small] {
            PEAK.reset_peak_usage();
            let before = PEAK.current_usage();
            let picture = clean(&bytes, &wanted);
            let held = (PEAK.peak_usage() - before) as u64;
            assert!(held <= MEMORY, "{name}: {held} bytes, {:?}", picture.err());
            if wanted == small {
                assert_eq!(picture.is_ok(), fits, "{name}: {:?}", picture.err());
            }
        }
    }
}
