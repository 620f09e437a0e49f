//! Pixels to a file of at most so many bytes.

use super::format::Format;
use crate::Trouble;
use crate::limits::MEMORY;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageEncoder};
use png::{BitDepth, ColorType};
use std::io::{Error, Write};

/// A file that refuses to grow beyond a size.
struct File {
    bytes: Vec<u8>,
    max_bytes: usize,
    full: bool,
}

impl Write for File {
    fn write(&mut self, more: &[u8]) -> Result<usize, Error> {
        if more.len() > self.max_bytes - self.bytes.len() {
            self.full = true;
            return Err(Error::other("the file would be too large"));
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// Encodes a picture of eight bits a channel as JPEG, or else as PNG. `None` when the file would be larger than `max_bytes`. `held` bytes are
/// held besides, and counted against `limits::MEMORY`.
///
/// # Errors
/// `TooManyPixels` when memory would not suffice, `Damaged` when the encoder refuses.
pub(super) fn encode(
    image: &DynamicImage,
    format: Format,
    quality: u8,
    max_bytes: usize,
    held: u64,
) -> Result<Option<Vec<u8>>, Trouble> {
    // A growing list doubles, so it may hold twice what it has.
    let left = MEMORY.checked_sub(held).ok_or(Trouble::TooManyPixels)? / 2;
    let room = usize::try_from(left).unwrap_or(usize::MAX);
    let mut file = File { bytes: Vec::new(), max_bytes: max_bytes.min(room), full: false };
    let (width, height) = (image.width(), image.height());
    let (data, colour) = (image.as_bytes(), image.color().into());
    let written = match format {
        Format::Jpeg => JpegEncoder::new_with_quality(&mut file, quality.clamp(1, 100))
            .write_image(data, width, height, colour)
            .is_ok(),
        Format::Png | Format::Gif | Format::Webp => write_png(&mut file, image).is_ok(),
    };
    match (written, file.full) {
        (true, _) => Ok(Some(file.bytes)),
        (false, true) if room < max_bytes => Err(Trouble::TooManyPixels),
        (false, true) => Ok(None),
        (false, false) => Err(Trouble::Damaged),
    }
}

/// Writes as it compresses, so that no second copy of the result is held.
fn write_png(file: &mut File, image: &DynamicImage) -> Result<(), png::EncodingError> {
    let mut encoder = png::Encoder::new(file, image.width(), image.height());
    let colour = image.color();
    encoder.set_color(match (colour.has_color(), colour.has_alpha()) {
        (false, false) => ColorType::Grayscale,
        (false, true) => ColorType::GrayscaleAlpha,
        (true, false) => ColorType::Rgb,
        (true, true) => ColorType::Rgba,
    });
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    let mut header = encoder.write_header()?;
    let mut rows = header.stream_writer()?;
    rows.write_all(image.as_bytes())?;
    rows.finish()?;
    header.finish()
}
