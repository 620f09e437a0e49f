//! The client: asks go out here, and nowhere else.

use crate::addresses::Reach;
use crate::ask::keep_harmless;
use crate::icy;
use crate::names::JudgedNames;
use crate::stream::Head;
use crate::target::Target;
use crate::{Ask, BadAuthority, Guard, Options, Overflow, Reply, Stream, Trouble, limits};
use bytes::Bytes;
use http::{HeaderMap, Method, header};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Asks other servers. Cheap to clone; clones share the connections kept and the places for asks.
/// Works inside of a tokio runtime with time and I/O.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    /// Both have their own kept connections: one made on the operator's word never serves an ask without it.
    public: reqwest::Client,
    operator: reqwest::Client,
    reach: Arc<Reach>,
    /// Places for asks under way or waiting.
    places: Arc<Semaphore>,
    /// Places for asks under way.
    running: Arc<Semaphore>,
}

impl Client {
    /// A client with no connection yet.
    ///
    /// # Errors
    /// When one of [`Options::authorities`] is no certificate.
    pub fn new(options: Options) -> Result<Self, BadAuthority> {
        let tls = options.tls()?;
        let reach = Arc::new(Reach::new(&options));
        let build = |reach: Option<Arc<Reach>>| {
            reqwest::Client::builder()
                .user_agent(concat!("commonroom/", env!("CARGO_PKG_VERSION")))
                .tls_backend_preconfigured(tls.clone())
                .dns_resolver(JudgedNames { names: Arc::clone(&options.names), reach })
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .no_proxy()
                .http1_max_headers(limits::REPLY_HEADERS)
                // What has no head comes through as a body, for `icy` to judge; to everybody else it is no answer.
                .http09_responses()
                .pool_max_idle_per_host(limits::IDLE_PER_HOST)
                .pool_idle_timeout(limits::IDLE_TIME)
                .build()
                .expect("the TLS configuration is of the version that the builder knows")
        };
        let running = options.running.clamp(1, Semaphore::MAX_PERMITS / 2);
        let waiting = options.waiting.min(Semaphore::MAX_PERMITS / 2);
        Ok(Self {
            shared: Arc::new(Shared {
                public: build(Some(Arc::clone(&reach))),
                operator: build(None),
                reach,
                places: Arc::new(Semaphore::new(running + waiting)),
                running: Arc::new(Semaphore::new(running)),
            }),
        })
    }

    /// Asks another server and waits for its whole answer. Any status is an answer. Dropping the future ends the ask.
    ///
    /// # Errors
    /// A [`Trouble`] when there is no answer within the ask's limits.
    pub async fn ask(&self, ask: Ask) -> Result<Reply, Trouble> {
        let _place = self.shared.places.try_acquire().map_err(|_| Trouble::Busy)?;
        let under_way = async {
            let _running = self.shared.running.acquire().await.map_err(|_| Trouble::Busy)?;
            let (response, target) = self.follow(&ask).await?;
            if icy::may_be(&response) {
                return Err(Trouble::BadReply);
            }
            read(response, &ask, target).await
        };
        tokio::time::timeout(ask.time, under_way).await.map_err(|_| Trouble::TimedOut)?
    }

    /// Asks another server and waits for the head of its answer; the body is read from the [`Stream`], without the ask's
    /// limits on bytes. The ask's time is for the head. The place is kept until the stream is dropped.
    ///
    /// # Errors
    /// A [`Trouble`] when there is no answer within the ask's time.
    pub async fn open(&self, ask: Ask) -> Result<Stream, Trouble> {
        let place = Arc::clone(&self.shared.places).try_acquire_owned().map_err(|_| Trouble::Busy)?;
        let under_way = async {
            let running = Arc::clone(&self.shared.running).acquire_owned().await;
            let running = running.map_err(|_| Trouble::Busy)?;
            let (mut response, target) = self.follow(&ask).await?;
            let (head, rest) = match icy::may_be(&response) {
                false => (Head::of(&mut response), Bytes::new()),
                true if ask.icy => icy::head(&mut response).await?,
                true => return Err(Trouble::BadReply),
            };
            Ok(Stream { response, head, rest, url: target.url.into(), _places: (place, running) })
        };
        tokio::time::timeout(ask.time, under_way).await.map_err(|_| Trouble::TimedOut)?
    }

    /// Asks, and follows redirects as far as the ask wants.
    async fn follow(&self, ask: &Ask) -> Result<(reqwest::Response, Target), Trouble> {
        let follows = ask.method == Method::GET || ask.method == Method::HEAD;
        let wanted = if follows { ask.redirects.min(limits::REDIRECTS) } else { 0 };
        let mut headers = ask.own_headers();
        let mut body = ask.body.clone();
        let mut target = Target::first(ask, &self.shared.reach)?;
        let mut left = wanted;
        loop {
            let response = self.send(ask, &target, headers.clone(), body.clone()).await?;
            let Some(location) = redirect(&response).filter(|_| wanted > 0) else {
                return Ok((response, target));
            };
            left = left.checked_sub(1).ok_or(Trouble::TooManyRedirects)?;
            let next = target.hop(location, ask.https_only, &self.shared.reach)?;
            if !next.same_origin(&target) {
                keep_harmless(&mut headers);
                body = Bytes::new();
            }
            target = next;
        }
    }

    async fn send(
        &self,
        ask: &Ask,
        target: &Target,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<reqwest::Response, Trouble> {
        let client = match target.guard {
            Guard::Public => &self.shared.public,
            Guard::Operator => &self.shared.operator,
        };
        let request = client.request(ask.method.clone(), target.url.clone()).headers(headers);
        let request = if body.is_empty() { request } else { request.body(body) };
        request.send().await.map_err(|error| Trouble::from(&error))
    }
}

/// Where an answer sends to, if it does.
fn redirect(response: &reqwest::Response) -> Option<&[u8]> {
    let moved = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    response.headers().get(header::LOCATION).filter(|_| moved).map(header::HeaderValue::as_bytes)
}

/// Reads the body up to the limit.
async fn read(mut response: reqwest::Response, ask: &Ask, target: Target) -> Result<Reply, Trouble> {
    let announced = response.content_length().unwrap_or(0);
    let (refuse, wanted) = match ask.overflow {
        Overflow::Refuse => (true, ask.max_bytes),
        Overflow::Cut => (false, ask.max_bytes),
        Overflow::CutAt(tell) => (false, tell(response.headers()).min(ask.max_bytes)),
    };
    if refuse && ask.method != Method::HEAD && announced > wanted as u64 {
        return Err(Trouble::TooLarge);
    }
    let mut body = Vec::new();
    let mut cut = false;
    // A cut does not wait to see whether more comes: a slow stream would make it wait for nothing.
    while !cut && let Some(chunk) = response.chunk().await.map_err(|error| Trouble::from(&error))? {
        let room = wanted - body.len();
        if refuse && chunk.len() > room {
            return Err(Trouble::TooLarge);
        }
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        cut = !refuse && body.len() == wanted && announced != wanted as u64;
    }
    Ok(Reply {
        status: response.status(),
        headers: std::mem::take(response.headers_mut()),
        body: body.into(),
        cut,
        url: target.url.into(),
    })
}
