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
        ask.icy = true;
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    /// A station on this machine: its answer once, then silence. Gives its URL and, later, what it was asked.
    async fn station(answer: Vec<u8>) -> (String, tokio::task::JoinHandle<String>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/live", listener.local_addr().expect("bound"));
        let asked = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a listener");
            let mut request = vec![0; 4_096];
            let read = stream.read(&mut request).await.expect("a request");
            stream.write_all(&answer).await.expect("an answer");
            request.truncate(read);
            // Open until the other side has had enough.
            let _ = stream.read(&mut [0; 1]).await;
            String::from_utf8(request).expect("a request is text").to_lowercase()
        });
        (url, asked)
    }

    fn live(head: &str, sound: usize, metadata: &str) -> Vec<u8> {
        let mut answer = format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n").into_bytes();
        answer.resize(answer.len() + sound, b'x');
        let units = metadata.len().div_ceil(16);
        answer.push(u8::try_from(units).expect("short"));
        answer.extend_from_slice(metadata.as_bytes());
        answer.resize(answer.len() + units * 16 - metadata.len(), 0);
        answer
    }

    fn fetcher() -> Fetcher {
        Fetcher::new(&["127.0.0.1".to_owned()]).expect("no certificates")
    }

    fn said(name: &str, title: &str) -> Answer {
        Ok(Reply::Station { name: name.to_owned(), title: title.to_owned() })
    }

    #[tokio::test]
    async fn a_station_says_its_name_and_what_it_plays() {
        let (url, asked) =
            station(live("icy-name: Night Owl\r\nicy-metaint: 8192", 8_192, "StreamTitle='Moon - River';"))
                .await;
        assert_eq!(fetcher().station(&url).await, said("Night Owl", "Moon - River"));
        assert!(asked.await.expect("asked").contains("icy-metadata: 1\r\n"));
    }

    #[tokio::test]
    async fn a_station_without_metadata_has_a_name_only() {
        let (url, _) = station(live("ice-name: Plain", 100, "")).await;
        assert_eq!(fetcher().station(&url).await, said("Plain", ""));
        let far = live("icy-name: Far\r\nicy-metaint: 262145", 100, "");
        assert_eq!(fetcher().station(&station(far).await.0).await, said("Far", ""));
    }

    #[tokio::test]
    async fn an_old_station_answers_before_http() {
        let old = |head: &str, title: &str| {
            let answer = String::from_utf8(live(head, 20_000, title)).expect("text");
            answer.replacen("HTTP/1.1", "ICY", 1).into_bytes()
        };
        let head = "icy-notice1: <BR>\r\nicy-name:Night Owl\r\nicy-metaint:20000";
        let (url, asked) = station(old(head, "StreamTitle='Moon - River';")).await;
        assert_eq!(fetcher().station(&url).await, said("Night Owl", "Moon - River"));
        assert!(asked.await.expect("asked").contains("icy-metadata: 1\r\n"));
        let full = b"ICY 401 Service Unavailable\r\nicy-name: Full\r\n\r\n".to_vec();
        let endless = [b"ICY 200 OK\r\nicy-name: ".to_vec(), vec![b'x'; 100_000]].concat();
        let other = b"+OK this is no station\r\n\r\n".to_vec();
        for answer in [full, endless, other] {
            let (url, _) = station(answer).await;
            assert_eq!(fetcher().station(&url).await, Err(Refusal::Unreachable));
        }
        let (url, asked) = station(old("icy-name: Inside", "")).await;
        assert_eq!(
            Fetcher::new(&[]).expect("no certificates").station(&url).await,
            Err(Refusal::Unreachable)
        );
        assert!(!asked.is_finished(), "nobody has come");
    }

    #[tokio::test]
    async fn what_is_no_station_says_nothing() {
        let (url, _) = station(b"HTTP/1.1 404 Not Found\r\nicy-name: Gone\r\n\r\n".to_vec()).await;
        assert_eq!(fetcher().station(&url).await, Err(Refusal::Unreachable));
    }

    #[tokio::test]
    async fn a_private_station_is_asked_only_on_the_operators_word() {
        let (url, asked) = station(live("icy-name: Inside", 0, "")).await;
        let strict = Fetcher::new(&[]).expect("no certificates");
        assert_eq!(strict.station(&url).await, Err(Refusal::Unreachable));
        assert!(!asked.is_finished(), "nobody has come");
    }
}
