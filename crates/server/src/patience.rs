//! How long a request may take: a fixed time, and more for what has arrived of a large body, so that a slow line can send
//! a large file and nobody can hold a request open with a few bytes now and then.

use axum::body::Body;
use commonroom_hub::limits::{BODY_BYTES_PER_SECOND, REQUEST_SECONDS};
use http::Request;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// What has arrived of a body.
#[derive(Clone, Default)]
pub struct Arrived(Arc<AtomicU64>);

impl Arrived {
    /// The request with its body counted.
    pub fn counting(&self, request: Request<Incoming>) -> Request<Body> {
        let arrived = self.0.clone();
        request.map(|body| {
            Body::new(body.map_frame(move |frame| {
                let bytes = frame.data_ref().map_or(0, |data| data.len());
                arrived.fetch_add(bytes as u64, Ordering::Relaxed);
                frame
            }))
        })
    }

    /// What becomes of the work; nothing when it takes longer than what has arrived allows.
    pub async fn within<F: Future>(&self, work: F) -> Option<F::Output> {
        let mut work = std::pin::pin!(work);
        let begin = Instant::now();
        loop {
            let deadline = begin + allowed(self.0.load(Ordering::Relaxed));
            match timeout_at(deadline, work.as_mut()).await {
                Ok(done) => return Some(done),
                Err(_) if begin + allowed(self.0.load(Ordering::Relaxed)) > deadline => {}
                Err(_) => return None,
            }
        }
    }
}

/// How long a request may take of which so many bytes have arrived.
fn allowed(arrived: u64) -> Duration {
    Duration::from_secs(REQUEST_SECONDS + arrived / BODY_BYTES_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_file_gets_time_and_a_few_bytes_do_not() {
        assert_eq!(allowed(1_000), Duration::from_secs(REQUEST_SECONDS));
        assert!(allowed(100 << 20) >= Duration::from_secs(25 * 60));
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_grows_with_what_arrives_and_ends_when_nothing_does() {
        let arrived = Arrived::default();
        let count = arrived.0.clone();
        let sending = async {
            for _ in 0..3 {
                tokio::time::sleep(Duration::from_secs(REQUEST_SECONDS - 1)).await;
                count.fetch_add(BODY_BYTES_PER_SECOND * REQUEST_SECONDS, Ordering::Relaxed);
            }
        };
        assert_eq!(arrived.within(sending).await, Some(()));
        assert_eq!(Arrived::default().within(std::future::pending::<()>()).await, None);
    }
}
