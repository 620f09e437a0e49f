//! Accepting connections: TLS or plain, HTTP or an upgrade to a WebSocket, which then moves to a shard.

use crate::addresses::{Addresses, Guard};
use crate::clock;
use crate::forwarded;
use crate::origin;
use crate::patience::Arrived;
use crate::switch::{NewConnection, ShardInput, Switch};
use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Body;
use commonroom_core::SessionId;
use commonroom_hub::gateway::Peer;
use commonroom_hub::limits;
use commonroom_hub::session::Opening;
use commonroom_websocket::handshake;
use http::{HeaderMap, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tower::ServiceExt as _;

/// First byte of a TLS connection: a handshake record.
const TLS_HANDSHAKE: u8 = 0x16;

/// A path on which WebSockets are taken.
#[derive(Clone, Debug)]
pub struct SocketPath {
    /// The exact path.
    pub path: String,
    /// Which of the mounted adapters takes them.
    pub adapter: usize,
    /// Which web pages may open them.
    pub origins: origin::Rule,
}

/// One listening address.
pub struct Listener {
    /// What it is called in the log.
    pub name: &'static str,
    /// Where WebSockets go.
    pub sockets: Vec<SocketPath>,
    /// Where every other request goes.
    pub router: Router,
    /// TLS for connections that begin with it.
    pub tls: TlsAcceptor,
    /// Whose forwarding headers are believed.
    pub proxies: Vec<IpNet>,
    /// Connections per address.
    pub addresses: Addresses,
    /// The queues.
    pub switch: Arc<Switch>,
}

/// Opens a listening socket with a long backlog.
///
/// # Errors
/// When the address is taken or not ours.
pub fn bind(address: SocketAddr) -> Result<TcpListener> {
    let domain = socket2::Domain::for_address(address);
    let socket = socket2::Socket::new(domain, socket2::Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into()).with_context(|| format!("cannot listen on {address}"))?;
    socket.listen(limits::BACKLOG)?;
    Ok(TcpListener::from_std(socket.into())?)
}

impl Listener {
    /// Accepts until the process ends.
    pub async fn run(self: Arc<Self>, listener: TcpListener) {
        let local = listener.local_addr().ok();
        loop {
            let (stream, remote) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of descriptors, mostly: others close meanwhile.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let this = self.clone();
            tokio::spawn(async move { this.connection(stream, remote, local).await });
        }
    }

    async fn connection(self: Arc<Self>, stream: TcpStream, remote: SocketAddr, local: Option<SocketAddr>) {
        let address = remote.ip().to_canonical();
        let Some(guard) = self.addresses.enter(address) else { return };
        let socket = socket2::SockRef::from(&stream);
        // Both only make things faster.
        let _ = socket.set_tcp_nodelay(true);
        let _ = socket.set_tcp_notsent_lowat(limits::NOTSENT_LOWAT);
        let local_proxy = local.is_some_and(|local| local.ip().is_loopback()) && address.is_loopback();
        let proxied = local_proxy || self.proxies.iter().any(|net| net.contains(&address));
        let deadline = Duration::from_secs(limits::HEADER_SECONDS);
        let mut first = [0; 1];
        let Ok(Ok(1)) = tokio::time::timeout(deadline, stream.peek(&mut first)).await else { return };
        let visit =
            Visit { listener: self, address, proxied, tls: first[0] == TLS_HANDSHAKE, guard: Some(guard) };
        if first[0] == TLS_HANDSHAKE {
            let accept = visit.listener.tls.accept(stream);
            if let Ok(Ok(stream)) = tokio::time::timeout(deadline, accept).await {
                visit.serve(stream).await;
            }
        } else {
            visit.serve(stream).await;
        }
    }
}

/// One connection while it speaks HTTP.
struct Visit {
    listener: Arc<Listener>,
    address: IpAddr,
    proxied: bool,
    tls: bool,
    guard: Option<Guard>,
}

impl Visit {
    async fn serve<S>(mut self, stream: S)
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        let guard = Arc::new(std::sync::Mutex::new(self.guard.take()));
        let this = Arc::new(self);
        let service = hyper::service::service_fn(move |request| {
            let (this, guard) = (this.clone(), guard.clone());
            async move { this.answer(request, &guard).await }
        });
        let served = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(limits::HEADER_SECONDS))
            .max_buf_size(limits::HEADER_BYTES)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades()
            .await;
        if let Err(error) = served {
            tracing::debug!(%error, "a connection ended early");
        }
    }

    async fn answer(
        &self,
        mut request: Request<Incoming>,
        guard: &std::sync::Mutex<Option<Guard>>,
    ) -> Result<Response<Body>, std::convert::Infallible> {
        let peer = self.peer(request.headers());
        if handshake::wants_upgrade(request.headers()) {
            return Ok(self.upgrade(&mut request, peer, guard));
        }
        request.extensions_mut().insert(peer);
        let arrived = Arrived::default();
        let answer = self.listener.router.clone().oneshot(arrived.counting(request));
        match arrived.within(answer).await {
            Some(Ok(response)) => Ok(response),
            None => Ok(plain(StatusCode::REQUEST_TIMEOUT, "the request took too long")),
        }
    }

    /// The client's address and whether it came over TLS: as forwarded, if a trusted proxy says so.
    fn peer(&self, headers: &HeaderMap) -> Peer {
        let direct = Peer { address: self.address, secure: self.tls };
        if self.proxied { forwarded::peer(direct, headers, &self.listener.proxies) } else { direct }
    }

    fn upgrade(
        &self,
        request: &mut Request<Incoming>,
        peer: Peer,
        guard: &std::sync::Mutex<Option<Guard>>,
    ) -> Response<Body> {
        let path = request.uri().path();
        let Some(socket) = self.listener.sockets.iter().find(|socket| socket.path == path).cloned() else {
            return plain(StatusCode::NOT_FOUND, "not found");
        };
        if request.method() != http::Method::GET || request.version() != http::Version::HTTP_11 {
            return plain(StatusCode::BAD_REQUEST, "a WebSocket begins with GET over HTTP/1.1");
        }
        let accept = match handshake::check_upgrade(request.headers()) {
            Ok(accept) => accept,
            Err(error) => {
                let mut response = plain(error.status(), error.reason());
                let version = header::HeaderValue::from_static(handshake::VERSION);
                response.headers_mut().insert(header::SEC_WEBSOCKET_VERSION, version);
                return response;
            }
        };
        if !socket.origins.allows(request.headers()) {
            return plain(StatusCode::FORBIDDEN, "origin not allowed");
        }
        let opening = opening(request, peer);
        if let Some(status) = self.listener.switch.adapters[socket.adapter].refuse(&opening) {
            return plain(StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN), "refused");
        }
        let taken = guard.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        let Some(guard) = taken else { return plain(StatusCode::BAD_REQUEST, "upgraded already") };
        let more = self.listener.switch.upgrade_headers(socket.adapter, &opening);
        let upgraded = hyper::upgrade::on(&mut *request);
        let (switch, tls) = (self.listener.switch.clone(), self.tls);
        tokio::spawn(async move {
            match upgraded.await.map_err(anyhow::Error::from).and_then(|upgraded| raw(upgraded, tls)) {
                Ok(raw) => hand_over(&switch, raw, socket.adapter, opening, guard),
                Err(error) => tracing::debug!(%error, "an upgrade did not finish"),
            }
        });
        let mut response = Response::builder()
            .status(StatusCode::SWITCHING_PROTOCOLS)
            .header(header::UPGRADE, "websocket")
            .header(header::CONNECTION, "Upgrade")
            .header(header::SEC_WEBSOCKET_ACCEPT, accept);
        for (name, value) in more {
            response = response.header(name, value);
        }
        response
            .body(Body::empty())
            .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "bad header"))
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}

fn opening(request: &Request<Incoming>, peer: Peer) -> Opening {
    let headers = request
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let id = SessionId(
        uuid::Builder::from_random_bytes(clock::seed()[..16].try_into().expect("16 of 32")).into_uuid(),
    );
    Opening { id, address: peer.address, target, headers, secure: peer.secure, now: clock::now() }
}

/// A socket out of hyper's hands.
struct Raw {
    stream: TcpStream,
    tls: Option<Box<rustls::ServerConnection>>,
    early: Vec<u8>,
}

fn raw(upgraded: hyper::upgrade::Upgraded, tls: bool) -> Result<Raw> {
    let lost = |_| anyhow::anyhow!("the connection is of another kind");
    if tls {
        let parts = upgraded.downcast::<TokioIo<TlsStream<TcpStream>>>().map_err(lost)?;
        let (stream, connection) = parts.io.into_inner().into_inner();
        Ok(Raw { stream, tls: Some(Box::new(connection)), early: parts.read_buf.to_vec() })
    } else {
        let parts = upgraded.downcast::<TokioIo<TcpStream>>().map_err(lost)?;
        Ok(Raw { stream: parts.io.into_inner(), tls: None, early: parts.read_buf.to_vec() })
    }
}

/// Gives a socket to the next shard.
fn hand_over(switch: &Switch, raw: Raw, adapter: usize, opening: Opening, guard: Guard) {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    match raw.stream.into_std() {
        Ok(stream) => {
            let shard = NEXT.fetch_add(1, Ordering::Relaxed) % switch.shards.len();
            let connection =
                NewConnection { adapter, opening, stream, tls: raw.tls, early: raw.early, guard };
            switch.shards[shard].send(ShardInput::Open(Box::new(connection)));
        }
        Err(error) => tracing::warn!(%error, "a socket could not be handed over"),
    }
}
