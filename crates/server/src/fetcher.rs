//! Resources of other servers, handed on to clients of this one piece by piece; and the hosts that the operator names
//! beside the public ones.

use crate::station;
use bytes::Bytes;
use commonroom_core::{Refusal, Reply};
use commonroom_hub::fetch::{Broken, Fetch, Fetched, NotFetched};
use commonroom_hub::limits;
use commonroom_hub::request::Answer;
use commonroom_outbound::{Ask, Client, Guard, Options, Stream, Trouble};
use http::{HeaderValue, Method, StatusCode, header};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;
use tokio::sync::oneshot;

/// Fetches. Cheap to clone.
#[derive(Clone)]
pub struct Fetcher {
    client: Client,
    /// Hosts that are asked although they are not public.
    private: Arc<[String]>,
}

impl Fetcher {
    /// A fetcher with the operator's hosts beside the public ones.
    ///
    /// # Errors
    /// When there is no TLS.
    pub fn new(private: &[String]) -> anyhow::Result<Self> {
        let options = Options { running: limits::FETCHES, waiting: 0, ..Options::default() };
        let private = private.iter().map(|host| host.trim().to_ascii_lowercase()).collect();
        Ok(Self { client: Client::new(options)?, private })
    }

    fn ask(&self, url: &str, seconds: u64) -> Ask {
        let bare = |host: String| host.trim_matches(['[', ']']).to_owned();
        let named = commonroom_outbound::host(url).map(bare).is_some_and(|host| self.private.contains(&host));
        let mut ask = Ask::get(url, if named { Guard::Operator } else { Guard::Public });
        ask.time = Duration::from_secs(seconds);
        ask.redirects = limits::FETCH_REDIRECTS;
        ask.keep = false;
        ask
    }

    /// Asks a radio station what it plays (chatgrid.md 4.7).
    pub async fn station(&self, url: &str) -> Answer {
        let mut ask = self.ask(url, limits::STATION_SECONDS);
        ask.headers.insert("icy-metadata", HeaderValue::from_static("1"));
        let end = tokio::time::Instant::now() + ask.time;
        let mut stream = self.client.open(ask).await.map_err(|trouble| {
            tracing::debug!(%trouble, "a station does not answer");
            if trouble == Trouble::Busy { Refusal::Busy } else { Refusal::Unreachable }
        })?;
        if stream.status() != StatusCode::OK {
            return Err(Refusal::Unreachable);
        }
        let name = station::name(&stream);
        let title = tokio::time::timeout_at(end, station::title(&mut stream)).await;
        Ok(Reply::Station { name, title: title.ok().flatten().unwrap_or_default() })
    }

    /// Begins to fetch; goes on until the body is read or nobody reads it.
    pub async fn fetch(&self, fetch: Fetch, to: oneshot::Sender<Result<Fetched, NotFetched>>) {
        let mut ask = self.ask(&fetch.url, limits::FETCH_SECONDS);
        ask.method = if fetch.head { Method::HEAD } else { Method::GET };
        if let Some(range) = fetch.range.as_deref().and_then(|range| HeaderValue::from_str(range).ok()) {
            ask.headers.insert(header::RANGE, range);
        }
        let stream = match self.client.open(ask).await {
            Ok(stream) => stream,
            Err(trouble) => return drop(to.send(Err(why(trouble)))),
        };
        let (pieces, body) = tokio::sync::mpsc::channel(limits::FETCH_QUEUE);
        let headers = stream
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
        let fetched = Fetched { status: stream.status().as_u16(), headers: headers.collect(), body };
        if to.send(Ok(fetched)).is_ok() {
            hand_on(stream, &pieces).await;
        }
    }
}

/// Hands the body on, not faster than one resource may come.
async fn hand_on(mut stream: Stream, pieces: &Sender<Result<Bytes, Broken>>) {
    let began = Instant::now();
    let mut passed: u64 = 0;
    loop {
        let idle = Duration::from_secs(limits::FETCH_IDLE_SECONDS);
        // Also while the other side is silent, a reader that went away ends it.
        let next = tokio::select! {
            next = stream.piece(idle) => next,
            () = pieces.closed() => return,
        };
        let piece = match next {
            Ok(Some(piece)) => piece,
            Ok(None) => return,
            Err(_) => return drop(pieces.send(Err(Broken)).await),
        };
        passed += piece.len() as u64;
        if pieces.send(Ok(piece)).await.is_err() {
            return;
        }
        let beyond = passed.saturating_sub(limits::FETCH_BURST);
        let due = Duration::from_secs_f64(beyond as f64 / limits::FETCH_BYTES_PER_SECOND as f64);
        tokio::time::sleep(due.saturating_sub(began.elapsed())).await;
    }
}

fn why(trouble: Trouble) -> NotFetched {
    match trouble {
        Trouble::Forbidden => NotFetched::Forbidden,
        Trouble::Busy => NotFetched::Busy,
        Trouble::BadUrl
        | Trouble::Credentials
        | Trouble::NotHttps
        | Trouble::NoSuchHost
        | Trouble::Unreachable
        | Trouble::Insecure
        | Trouble::TimedOut
        | Trouble::TooLarge
        | Trouble::TooManyRedirects
        | Trouble::BadRedirect
        | Trouble::BadReply => NotFetched::Failed,
    }
}
