//! The text of a message under measurement: of which run, by which stream, and its number there.

use memchr::memmem::Finder;

/// What every marker begins with; then four hexadecimal digits of the run.
const HEAD: &str = "qzb";
/// Hexadecimal digits of a stream.
const STREAM_DIGITS: usize = 2;
/// Hexadecimal digits of a number.
const SEQ_DIGITS: usize = 6;
/// Streams that fit.
pub const STREAMS: usize = 1 << (4 * STREAM_DIGITS);
/// Harmless words to fill a message with: nothing that a renderer would change.
const FILLER: &str = " the quick brown fox jumps over the lazy dog and comes back to see whether it woke up";

/// Makes and finds the markers of one run.
#[derive(Debug)]
pub struct Markers {
    head: String,
    finder: Finder<'static>,
}

impl Markers {
    /// The markers of that run.
    pub fn of(run: u16) -> Self {
        let head = format!("{HEAD}{run:04x}s");
        let finder = Finder::new(head.as_bytes()).into_owned();
        Self { head, finder }
    }

    /// A text of `length` bytes, or as many as the marker needs.
    pub fn text(&self, stream: usize, seq: u32, length: usize) -> String {
        let mut text = format!("{}{stream:0s$x}n{seq:0q$x}z", self.head, s = STREAM_DIGITS, q = SEQ_DIGITS);
        while text.len() < length {
            text.push_str(&FILLER[..FILLER.len().min(length - text.len())]);
        }
        text
    }

    /// The stream and number of the first marker of this run in a frame.
    pub fn find(&self, frame: &[u8]) -> Option<(usize, u32)> {
        let at = self.finder.find(frame)? + self.head.len();
        let stream = hex(frame.get(at..at + STREAM_DIGITS)?)?;
        let rest = frame.get(at + STREAM_DIGITS..)?.strip_prefix(b"n")?;
        let seq = hex(rest.get(..SEQ_DIGITS)?)?;
        (rest.get(SEQ_DIGITS) == Some(&b'z')).then_some((stream as usize, seq))
    }
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, digit| Some(value * 16 + char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_is_found() {
        let markers = Markers::of(0xbeef);
        let text = markers.text(31, 0xabcdef, 200);
        assert_eq!(text.len(), 200);
        assert_eq!(markers.find(format!("{{\"x\":\"<p>{text}</p>\"}}").as_bytes()), Some((31, 0xabcdef)));
    }

    #[test]
    fn other_runs_and_torn_markers_are_not_found() {
        let text = Markers::of(1).text(0, 0, 0);
        assert_eq!(Markers::of(2).find(text.as_bytes()), None);
        assert_eq!(Markers::of(1).find(&text.as_bytes()[..text.len() - 1]), None);
        assert_eq!(Markers::of(1).find(b""), None);
    }
}
