//! Which part of a file is wanted (RFC 9110, section 14): one range; several are answered with the whole.

/// A part of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Range {
    /// Everything.
    All,
    /// From the first place up to, not including, the second.
    Part(u64, u64),
    /// Nothing that is there.
    Outside,
}

/// What a `Range` header wants of a file of `total` bytes. What is not understood wants everything.
pub(crate) fn wanted(header: Option<&str>, total: u64) -> Range {
    let Some(spec) = header.and_then(|header| header.strip_prefix("bytes=")) else { return Range::All };
    let Some((from, to)) = spec.split_once('-').filter(|_| !spec.contains(',')) else { return Range::All };
    let (from, to) = (from.trim(), to.trim());
    if from.is_empty() {
        return match to.parse::<u64>() {
            Ok(0) => Range::Outside,
            Ok(_) if total == 0 => Range::Outside,
            Ok(last) => Range::Part(total.saturating_sub(last), total),
            Err(_) => Range::All,
        };
    }
    let Ok(from) = from.parse::<u64>() else { return Range::All };
    let end = if to.is_empty() {
        total
    } else {
        match to.parse::<u64>() {
            Ok(last) if last < from => return Range::All,
            Ok(last) => last.saturating_add(1).min(total),
            Err(_) => return Range::All,
        }
    };
    if from >= total { Range::Outside } else { Range::Part(from, end) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_what_is_there() {
        let of_ten = |header| wanted(Some(header), 10);
        assert_eq!(wanted(None, 10), Range::All);
        assert_eq!(of_ten("bytes=0-"), Range::Part(0, 10));
        assert_eq!(of_ten("bytes=2-4"), Range::Part(2, 5));
        assert_eq!(of_ten("bytes=2-400"), Range::Part(2, 10));
        assert_eq!(of_ten("bytes=-3"), Range::Part(7, 10));
        assert_eq!(of_ten("bytes=-30"), Range::Part(0, 10));
        assert_eq!(of_ten("bytes=10-"), Range::Outside);
        assert_eq!(of_ten("bytes=-0"), Range::Outside);
        assert_eq!(wanted(Some("bytes=0-0"), 0), Range::Outside);
    }

    #[test]
    fn what_is_not_understood_wants_everything() {
        for odd in
            ["bytes=4-2", "bytes=a-b", "items=0-1", "bytes=0-1,3-4", "bytes=", "bytes=18446744073709551616-"]
        {
            assert_eq!(wanted(Some(odd), 10), Range::All, "{odd}");
        }
    }
}
