//! A web server of a few lines, a listener that nobody may reach, and names that lead where a test wants.

use commonroom_outbound::{Ask, Client, Found, Guard, Names, Options, Reply, Trouble};
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener as Listener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// The address that counts as public in [`options`].
pub const PUBLIC: &str = "127.0.0.2";

/// What a site does after it has written its bytes.
#[derive(Clone, Copy)]
pub enum After {
    /// Waits for the next request.
    Keep,
    /// Ends the connection.
    Close,
    /// Says nothing more.
    Hold,
    /// Repeats the letter x for as long as somebody reads.
    Endless,
}

type Handler = Arc<dyn Fn(&Request) -> (Vec<u8>, After) + Send + Sync>;

/// What a site was asked.
#[derive(Clone)]
pub struct Request {
    /// Request line and header fields, in small letters.
    pub head: String,
    pub path: String,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// A web server that remembers what it was asked. Its tasks end with the test's runtime.
pub struct Site {
    pub address: SocketAddr,
    pub connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Site {
    pub async fn at(
        ip: &str,
        handler: impl Fn(&Request) -> (Vec<u8>, After) + Send + Sync + 'static,
    ) -> Self {
        Self::start(ip, None, Arc::new(handler)).await
    }

    pub async fn tls(
        acceptor: TlsAcceptor,
        handler: impl Fn(&Request) -> (Vec<u8>, After) + Send + Sync + 'static,
    ) -> Self {
        Self::start(PUBLIC, Some(acceptor), Arc::new(handler)).await
    }

    async fn start(ip: &str, acceptor: Option<TlsAcceptor>, handler: Handler) -> Self {
        let listener = TcpListener::bind((ip, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let site = Self { address, connections: Arc::default(), requests: Arc::default() };
        let (connections, requests) = (Arc::clone(&site.connections), Arc::clone(&site.requests));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let (handler, requests, acceptor) =
                    (Arc::clone(&handler), Arc::clone(&requests), acceptor.clone());
                tokio::spawn(async move {
                    match acceptor {
                        None => serve(stream, handler, requests).await,
                        Some(acceptor) => serve(acceptor.accept(stream).await?, handler, requests).await,
                    }
                });
            }
        });
        site
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The same place under a name.
    pub fn url_of(&self, scheme: &str, name: &str, path: &str) -> String {
        format!("{scheme}://{name}:{}{path}", self.address.port())
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("no test fails inside").clone()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    handler: Handler,
    requests: Arc<Mutex<Vec<Request>>>,
) -> io::Result<()> {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        let head = String::from_utf8(head).expect("asks are ASCII");
        let path = head.split(' ').nth(1).expect("a path").to_owned();
        let mut request = Request { head: head.to_lowercase(), path, body: Vec::new() };
        let length = request.header("content-length").map_or(0, |text| text.parse().expect("a length"));
        request.body = vec![0; length];
        stream.read_exact(&mut request.body).await?;
        let (bytes, after) = handler(&request);
        requests.lock().expect("no test fails inside").push(request);
        stream.write_all(&bytes).await?;
        stream.flush().await?;
        match after {
            After::Keep => {}
            After::Close => return stream.shutdown().await,
            After::Hold => std::future::pending().await,
            After::Endless => loop {
                stream.write_all(&[b'x'; 4096]).await?;
            },
        }
    }
}

/// A whole answer.
pub fn answer(status: &str, fields: &str, body: &str) -> (Vec<u8>, After) {
    let length = body.len();
    let text = format!("HTTP/1.1 {status}\r\n{fields}content-length: {length}\r\n\r\n{body}");
    (text.into_bytes(), After::Keep)
}

pub fn ok(body: &str) -> (Vec<u8>, After) {
    answer("200 OK", "content-type: text/plain\r\n", body)
}

pub fn redirect(status: &str, to: &str) -> (Vec<u8>, After) {
    answer(status, &format!("location: {to}\r\n"), "elsewhere")
}

/// A listener that is to see no connection. Nothing is ever accepted until the end, so none is missed.
pub struct Sentinel {
    listener: Listener,
    pub port: u16,
}

impl Sentinel {
    /// On every address of this machine, of both families.
    pub fn everywhere() -> Self {
        Self::on("[::]:0".parse().expect("an address")).expect("a free port")
    }

    pub fn on(address: SocketAddr) -> io::Result<Self> {
        let listener = Listener::bind(address)?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    /// Runs an ask until it connects here: what tests that see no connection are to be compared with.
    pub async fn expect(&self, ask: impl Future<Output = Result<Reply, Trouble>>) {
        let listener = self.listener.try_clone().and_then(TcpListener::from_std).expect("a listener");
        tokio::select! {
            reached = listener.accept() => drop(reached.expect("a connection")),
            ended = ask => panic!("it ended without a connection: {ended:?}"),
        }
    }

    /// Whether somebody has connected since the last question. A connection waits here even when its maker has gone.
    pub fn was_reached(&self) -> bool {
        match self.listener.accept() {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
                false
            }
        }
    }
}

/// Names that lead where a test wants; the answers come one after the other, the last one stays.
#[derive(Default)]
pub struct Book {
    pub lookups: AtomicUsize,
    pages: Mutex<Vec<(String, Vec<Vec<IpAddr>>)>>,
}

impl Book {
    pub fn set(&self, name: &str, answers: &[&[&str]]) {
        let parse = |answer: &&[&str]| answer.iter().map(|ip| ip.parse().expect("an address")).collect();
        let mut pages = self.pages.lock().expect("no test fails inside");
        pages.retain(|(known, _)| known != name);
        pages.push((name.to_owned(), answers.iter().map(parse).collect()));
    }
}

impl Names for Book {
    fn find(&self, host: &str) -> Found {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        let mut pages = self.pages.lock().expect("no test fails inside");
        let page = pages.iter_mut().find(|(name, _)| name == host.trim_end_matches('.'));
        let found =
            page.map(|(_, answers)| if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() });
        Box::pin(async { found.ok_or_else(|| io::ErrorKind::NotFound.into()) })
    }
}

pub fn book(entries: &[(&str, &str)]) -> Arc<Book> {
    let book = Book::default();
    for (name, ip) in entries {
        book.set(name, &[&[*ip]]);
    }
    Arc::new(book)
}

/// [`PUBLIC`] counts as public, names are those of the book.
pub fn options(names: &Arc<Book>) -> Options {
    let allowed = vec![format!("{PUBLIC}/32").parse().expect("a network")];
    Options { allowed, names: Arc::clone(names) as Arc<dyn Names>, ..Options::default() }
}

pub fn client() -> Client {
    client_with(&book(&[("site.test", PUBLIC)]))
}

pub fn client_with(names: &Arc<Book>) -> Client {
    Client::new(options(names)).expect("no certificates")
}

/// A GET under the public guard that follows redirects.
pub fn public(url: impl Into<String>) -> Ask {
    Ask { redirects: 3, ..Ask::get(url, Guard::Public) }
}

pub fn operator(url: impl Into<String>) -> Ask {
    Ask { redirects: 3, ..Ask::get(url, Guard::Operator) }
}

/// Short enough not to be waited for, for asks that are to run out of it.
pub const SHORT: Duration = Duration::from_millis(100);
