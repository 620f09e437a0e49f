//! Still pictures: decoded within limits, scaled, turned, encoded anew.

use super::encode::encode;
use super::format::Format;
use super::outline::Outline;
use super::{Picture, Wanted, sides};
use crate::Trouble;
use crate::limits::{MEMORY, SIDE};
use fast_image_resize::{FilterType, MulDiv, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::gif::GifDecoder;
use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageResult, Limits};
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Decodes the first frame, turns and scales it, and encodes it anew.
pub(super) fn clean(format: Format, found: Outline, wanted: &Wanted) -> Result<Picture, Trouble> {
    let target = match format {
        Format::Jpeg => Format::Jpeg,
        Format::Webp if found.lossy => Format::Jpeg,
        Format::Png | Format::Gif | Format::Webp => Format::Png,
    };
    guarded(|| {
        let mut orientation = found.orientation;
        let mut image = eight_bits(decode(format, &found)?);
        drop(found);
        if image.width().max(image.height()) <= wanted.max_side {
            if orientation != Orientation::NoTransforms {
                within(2 * held(&image))?;
            }
            image.apply_orientation(orientation);
            orientation = Orientation::NoTransforms;
        }
        let mut multiplied = false;
        for (width, height) in sides(image.width(), image.height(), wanted.max_side) {
            let found = if (width, height) == (image.width(), image.height()) {
                finished(&image, target, wanted, held(&image))?
            } else {
                // In place and once, so that no copy of the whole source is held.
                if image.color().has_alpha() && !multiplied {
                    MulDiv::new().multiply_alpha_inplace(&mut image).map_err(|_reason| Trouble::Damaged)?;
                    multiplied = true;
                }
                let smaller = scaled(&image, width, height, orientation)?;
                finished(&smaller, target, wanted, held(&image) + held(&smaller))?
            };
            if let Some(picture) = found {
                return Ok(picture);
            }
        }
        Err(Trouble::TooLarge { limit: wanted.max_bytes })
    })
}

/// The file, `None` when it is too large. `besides` bytes are held.
fn finished(
    image: &DynamicImage,
    format: Format,
    wanted: &Wanted,
    besides: u64,
) -> Result<Option<Picture>, Trouble> {
    let bytes = encode(image, format, wanted.quality, wanted.max_bytes, besides)?;
    let (kind, width, height) = (format.kind(), image.width(), image.height());
    Ok(bytes.map(|bytes| Picture { bytes, kind, width, height, frames: 1 }))
}

/// Decodes the first frame and forgets it: whether the file is what it says.
pub(super) fn check(format: Format, found: &Outline) -> Result<(), Trouble> {
    guarded(|| decode(format, found).map(drop))
}

/// A decoder that panics on a file has found it damaged.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Trouble::Damaged))
}

fn decode(format: Format, found: &Outline) -> Result<DynamicImage, Trouble> {
    // The stripped file, the copy of it that a decoder may take, and the pixels.
    let needed = 2 * found.bytes.capacity() as u64 + found.decoding;
    within(needed)?;
    if found.width > SIDE || found.height > SIDE {
        return Err(Trouble::TooManyPixels);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE);
    limits.max_image_height = Some(SIDE);
    limits.max_alloc = Some(MEMORY);
    let file = Cursor::new(found.bytes.as_slice());
    let image = match format {
        Format::Png => {
            PngDecoder::with_limits(file, limits.clone()).and_then(|decoder| limited(decoder, limits))
        }
        Format::Jpeg => JpegDecoder::new(file).and_then(|decoder| limited(decoder, limits)),
        Format::Gif => GifDecoder::new(file).and_then(|decoder| limited(decoder, limits)),
        Format::Webp => WebPDecoder::new(file).and_then(|decoder| limited(decoder, limits)),
    };
    let image = image.map_err(|_reason| Trouble::Damaged)?;
    // What was held against the budget is what came out.
    if (image.width(), image.height()) == (found.width, found.height) {
        Ok(image)
    } else {
        Err(Trouble::Damaged)
    }
}

fn limited(mut decoder: impl ImageDecoder, limits: Limits) -> ImageResult<DynamicImage> {
    decoder.set_limits(limits)?;
    DynamicImage::from_decoder(decoder)
}

/// Sixteen bits a channel are more than anybody sees in a conversation.
fn eight_bits(image: DynamicImage) -> DynamicImage {
    let colour = image.color();
    if colour.bytes_per_pixel() == colour.channel_count() {
        return image;
    }
    match (colour.has_color(), colour.has_alpha()) {
        (false, false) => image.into_luma8().into(),
        (false, true) => image.into_luma_alpha8().into(),
        (true, false) => image.into_rgb8().into(),
        (true, true) => image.into_rgba8().into(),
    }
}

/// A smaller copy, upright, of a picture whose transparency is multiplied into its colours.
fn scaled(
    image: &DynamicImage,
    width: u32,
    height: u32,
    orientation: Orientation,
) -> Result<DynamicImage, Trouble> {
    let channels = u64::from(image.color().channel_count());
    let result = u64::from(width) * u64::from(height) * channels;
    // The first of two passes makes a picture as high as the source; turning makes a copy of the result.
    let between = u64::from(width) * u64::from(image.height()) * channels;
    within(held(image) + result + between.max(result))?;
    let mut scaled = DynamicImage::new(width, height, image.color());
    let lanczos = ResizeAlg::Convolution(FilterType::Lanczos3);
    let options = ResizeOptions::new().resize_alg(lanczos).use_alpha(false);
    Resizer::new().resize(image, &mut scaled, &options).map_err(|_reason| Trouble::Damaged)?;
    if image.color().has_alpha() {
        MulDiv::new().divide_alpha_inplace(&mut scaled).map_err(|_reason| Trouble::Damaged)?;
    }
    scaled.apply_orientation(orientation);
    Ok(scaled)
}

/// Bytes that the pixels take.
fn held(image: &DynamicImage) -> u64 {
    image.as_bytes().len() as u64
}

fn within(bytes: u64) -> Result<(), Trouble> {
    if bytes > MEMORY { Err(Trouble::TooManyPixels) } else { Ok(()) }
}
