//! Numbers that bound what is asked of others and what they may answer.

use std::time::Duration;

/// Asks under way at the same time, unless [`Options`](crate::Options) say otherwise.
pub const RUNNING: usize = 32;
/// Asks that wait for one under way to end, unless [`Options`](crate::Options) say otherwise.
pub const WAITING: usize = 1024;
/// Name lookups under way at the same time. They hold a thread until the system gives up, longer than an ask lasts.
pub const LOOKUPS: usize = 16;
/// Addresses of one name that are tried.
pub const ADDRESSES: usize = 8;
/// Bytes of a URL, written by people or by a `Location` header.
pub const URL_BYTES: usize = 8 * 1024;
/// Hops that an [`Ask`](crate::Ask) can want at most.
pub const REDIRECTS: u8 = 10;
/// Header fields of an answer; one with more is no answer.
pub const REPLY_HEADERS: usize = 100;
/// Bytes of the head of an answer from before HTTP had a say ([`Ask::icy`](crate::Ask::icy)).
pub const ICY_HEAD_BYTES: usize = 16 * 1024;
/// Time of an ask unless it says otherwise.
pub const DEFAULT_TIME: Duration = Duration::from_secs(10);
/// Bytes of an answer's body unless the ask says otherwise.
pub const DEFAULT_BYTES: usize = 64 * 1024;
/// Connections kept per host for asks that want theirs kept.
pub const IDLE_PER_HOST: usize = 4;
/// Time that a kept connection lives without an ask.
pub const IDLE_TIME: Duration = Duration::from_secs(20);

/// Bytes of a push subscription's endpoint.
pub const ENDPOINT_BYTES: usize = 2048;
/// Bytes of the contact address told to push services.
pub const SUBJECT_BYTES: usize = 256;
/// Bytes of a push before sealing: what fits the 4096 that every push service takes (RFC 8291 section 4).
pub const PUSH_BYTES: usize = 3993;
/// Seconds that a push may wait for its receiver: four weeks, what the large services keep at most.
pub const PUSH_TTL_SECONDS: u32 = 28 * 24 * 60 * 60;
/// Seconds that a push's proof of sender is good for: half of what RFC 8292 section 2 allows, for clocks that differ.
pub const VAPID_SECONDS: u64 = 12 * 60 * 60;
