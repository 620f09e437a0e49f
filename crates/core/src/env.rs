//! Time, ids and randomness, handed in by the caller so that tests replay exactly.

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Whole milliseconds since 1970.
    pub fn millis(self) -> i64 {
        self.0 / 1_000
    }

    /// Whole seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0 / 1_000_000
    }

    /// This moment and `seconds` more.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// This moment and `millis` more.
    pub fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis.saturating_mul(1_000)))
    }

    /// RFC 3339 in UTC with `Z` and at most six fractional digits.
    pub fn rfc3339(self) -> String {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000)
            .ok()
            .and_then(|moment| moment.format(&Rfc3339).ok())
            .unwrap_or_else(|| "1970-01-01T00:00:00Z".to_owned())
    }

    /// Reads RFC 3339; `None` when it is not.
    pub fn parse(text: &str) -> Option<Self> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        i64::try_from(moment.unix_timestamp_nanos() / 1_000).ok().map(Self)
    }
}

/// The clock reading and random source of one step.
pub struct Env {
    /// The moment of this step. The caller moves it forward.
    pub now: Timestamp,
    random: ChaCha12Rng,
}

impl Env {
    /// An environment whose ids and secrets follow from `seed`.
    pub fn seeded(now: Timestamp, seed: [u8; 32]) -> Self {
        Self { now, random: ChaCha12Rng::from_seed(seed) }
    }

    /// A UUIDv7 of this moment.
    pub fn uuid(&mut self) -> Uuid {
        let millis = u64::try_from(self.now.millis()).unwrap_or(0);
        let mut bytes = [0; 10];
        self.random.fill_bytes(&mut bytes);
        uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }

    /// A UUIDv4: nothing but chance, for ids that open a door.
    pub fn random_uuid(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill_bytes(&mut bytes);
        bytes
    }

    /// A uniform number in `0..bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        if bound == 0 {
            return 0;
        }
        let wide = u64::from(self.random.next_u32()) * u64::from(bound);
        u32::try_from(wide >> 32).unwrap_or(0)
    }

    /// A URL-safe secret of `N` random bytes.
    pub fn token<const N: usize>(&mut self) -> String {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.bytes::<N>())
    }
}

impl std::fmt::Debug for Env {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Env").field("now", &self.now).finish_non_exhaustive()
    }
}
