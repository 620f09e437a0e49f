//! The built binary as a stage: real processes, sockets and time.

use crate::stage::{Received, Response, Stage};
use commonroom_websocket::Message;
use commonroom_websocket::client::{self, ClientDecoder};
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long something expected may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to listen, once the server is idle, for what should not come.
const MOMENT: Duration = Duration::from_millis(150);
/// Bytes of the largest server frame taken.
const CLIENT_LIMIT: usize = 64 << 20;
/// Masks need not be secret in tests.
const MASK: [u8; 4] = [1, 2, 3, 4];
/// The protocols' own listeners, by their names in the log.
const DOORS: [(&str, &str); 5] = [
    ("main", "main"),
    ("originchats", "OriginChats"),
    ("chatgrid", "Chat Grid"),
    ("barertc", "BareRTC"),
    ("together", "Together"),
];

/// A running server process.
pub struct Binary {
    program: PathBuf,
    data: PathBuf,
    config: PathBuf,
    child: Child,
    addresses: BTreeMap<String, String>,
    clients: BTreeMap<String, Client>,
}

struct Client {
    stream: TcpStream,
    decoder: ClientDecoder,
    inbox: VecDeque<Received>,
}

impl Binary {
    /// Starts `program` on a data directory with more settings than the listeners (TOML), on free ports.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start(program: &Path, data: &Path, settings: &str) -> Result<Self, String> {
        std::fs::create_dir_all(data).map_err(|error| error.to_string())?;
        let config = data.join("test.toml");
        std::fs::write(&config, settings).map_err(|error| error.to_string())?;
        let (child, addresses) = launch(program, data, &config)?;
        let (program, data) = (program.to_owned(), data.to_owned());
        Ok(Self { program, data, config, child, addresses, clients: BTreeMap::new() })
    }

    /// Kills the process without warning and starts it again.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn kill_and_restart(&mut self) -> Result<(), String> {
        self.child.kill().and_then(|()| self.child.wait()).map_err(|error| error.to_string())?;
        self.clients.clear();
        (self.child, self.addresses) = launch(&self.program, &self.data, &self.config)?;
        Ok(())
    }

    /// Asks the process to end and waits for it: true when it ended well within the time.
    pub fn terminate(&mut self, within: Duration) -> bool {
        let asked = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status();
        asked.is_ok() && self.ended(within) == Some(0)
    }

    /// Waits for the process to end by itself: the status with which it ended within the time, if it did.
    pub fn ended(&mut self, within: Duration) -> Option<i32> {
        let end = Instant::now() + within;
        while Instant::now() < end {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        None
    }

    /// The address of a protocol's listener.
    pub fn address(&self, protocol: &str) -> &str {
        self.addresses.get(protocol).map_or("", String::as_str)
    }

    /// Where the data is.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Whether every thread of the process sleeps. A server that still works, or waits for a processor or a disk on a busy
    /// machine, may have something to say. True where the system does not tell.
    fn is_idle(&self) -> bool {
        // One look is not enough: a thread that was seen asleep may have been woken by one that was looked at later.
        let seen = self.threads();
        seen.iter().all(|thread| thread.contains("State:\tS")) && seen == self.threads()
    }

    /// What the system knows of every thread: its state, and how often it slept and was interrupted.
    fn threads(&self) -> Vec<String> {
        let Ok(tasks) = std::fs::read_dir(format!("/proc/{}/task", self.child.id())) else {
            return Vec::new();
        };
        tasks.flatten().filter_map(|task| std::fs::read_to_string(task.path().join("status")).ok()).collect()
    }

    fn next(&mut self, name: &str, patience: Duration) -> Option<Received> {
        let client = self.clients.get_mut(name)?;
        let end = Instant::now() + patience;
        let mut buffer = vec![0; 64 << 10];
        while client.inbox.is_empty() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            client.stream.set_read_timeout(Some(left)).ok()?;
            match client.stream.read(&mut buffer) {
                Ok(0) => {
                    self.clients.remove(name);
                    return Some(Received::Close(1006));
                }
                Ok(count) => take(client, &mut buffer[..count]),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return None;
                }
                Err(_) => return Some(Received::Close(1006)),
            }
        }
        client.inbox.pop_front()
    }

    fn write(&mut self, name: &str, frame: &[u8]) {
        if let Some(client) = self.clients.get_mut(name) {
            // A server that has closed is noticed by the next receive.
            let _ = client.stream.write_all(frame);
        }
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn take(client: &mut Client, bytes: &mut [u8]) {
    let mut at = 0;
    while let Ok(step) = client.decoder.read(&mut bytes[at..]) {
        at += step.consumed;
        match step.message {
            None => return,
            Some(Message::Text(text)) => client.inbox.push_back(Received::Text(text.to_owned())),
            Some(Message::Binary(bytes)) => client.inbox.push_back(Received::Binary(bytes.to_owned())),
            Some(Message::Close { code, .. }) => {
                client.inbox.push_back(Received::Close(code.unwrap_or(1005)))
            }
            Some(Message::Ping(_) | Message::Pong(_)) => {}
        }
    }
}

/// Starts the process and reads from its log where it listens.
fn launch(program: &Path, data: &Path, config: &Path) -> Result<(Child, BTreeMap<String, String>), String> {
    let mut command = Command::new(program);
    command.arg("serve").arg("--config").arg(config).arg("--data").arg(data);
    for (name, _) in DOORS {
        let table = if name == "main" { "SERVER".to_owned() } else { name.to_uppercase() };
        command.env(format!("COMMONROOM_{table}_LISTEN"), "127.0.0.1:0");
    }
    // Who somebody is elsewhere is said by a stand-in that needs no network.
    let mut child = command
        .env("COMMONROOM_ORIGINCHATS_ROTUR_VALIDATE_URL", crate::outside::serve())
        .env("RUST_LOG", "info")
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let log = child.stderr.take().ok_or("no log")?;
    let mut addresses = BTreeMap::new();
    let mut seen = String::new();
    let mut lines = BufReader::new(log).lines();
    while addresses.len() < DOORS.len() {
        let Some(Ok(line)) = lines.next() else { return Err(format!("the server did not come up:\n{seen}")) };
        for (name, shown) in DOORS {
            if let Some((_, rest)) = line.split_once(&format!("{shown} listens on ")) {
                addresses.insert(name.to_owned(), rest.split(' ').next().unwrap_or("").to_owned());
            }
        }
        seen.push_str(&line);
        seen.push('\n');
    }
    // The log must go on being read, or the server would wait for it.
    std::thread::spawn(move || for _ in lines {});
    Ok((child, addresses))
}

impl Stage for Binary {
    fn open(
        &mut self,
        name: &str,
        protocol: &str,
        target: &str,
        headers: &[(String, String)],
    ) -> Result<(), String> {
        let address = self.addresses.get(protocol).ok_or_else(|| format!("{protocol} does not listen"))?;
        let mut stream = TcpStream::connect(address).map_err(|error| format!("{address}: {error}"))?;
        let mut request = format!(
            "GET {target} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        );
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        stream.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
        let mut head = Vec::new();
        let mut byte = [0; 1];
        stream.set_read_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
        while !head.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).map_err(|error| format!("no answer to the upgrade: {error}"))?;
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        if !head.starts_with("HTTP/1.1 101") {
            return Err(format!("not upgraded: {head}"));
        }
        let client = Client { stream, decoder: ClientDecoder::new(CLIENT_LIMIT), inbox: VecDeque::new() };
        self.clients.insert(name.to_owned(), client);
        Ok(())
    }

    fn send(&mut self, name: &str, text: &str) {
        self.write(name, &client::text(text.as_bytes(), MASK));
    }

    fn send_binary(&mut self, name: &str, bytes: &[u8]) {
        self.write(name, &client::binary(bytes, MASK));
    }

    fn receive(&mut self, name: &str) -> Option<Received> {
        self.next(name, PATIENCE)
    }

    fn overhear(&mut self, name: &str) -> Option<Received> {
        let end = Instant::now() + PATIENCE;
        loop {
            let heard = self.next(name, MOMENT);
            if heard.is_some() || self.is_idle() || Instant::now() > end {
                return heard;
            }
        }
    }

    fn close(&mut self, name: &str) {
        self.clients.remove(name);
    }

    fn wait(&mut self, millis: i64) {
        std::thread::sleep(Duration::from_millis(u64::try_from(millis).unwrap_or(0)));
    }

    fn owner(&mut self, name: &str, password: &str) -> Result<(), String> {
        let mut child = Command::new(&self.program)
            .args(["admin", "create-owner", "--username", name, "--password-stdin", "--data"])
            .arg(&self.data)
            .arg("--config")
            .arg(&self.config)
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut input = child.stdin.take().ok_or("no input")?;
        input.write_all(password.as_bytes()).map_err(|error| error.to_string())?;
        drop(input);
        let output = child.wait_with_output().map_err(|error| error.to_string())?;
        if output.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    fn http(
        &mut self,
        protocol: &str,
        method: &str,
        target: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<Response, String> {
        let address = self.addresses.get(protocol).ok_or_else(|| format!("{protocol} does not listen"))?;
        let mut stream = TcpStream::connect(address).map_err(|error| format!("{address}: {error}"))?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
        let mut request = format!("{method} {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        let mut bytes = request.into_bytes();
        bytes.extend_from_slice(body);
        stream.write_all(&bytes).map_err(|error| error.to_string())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).map_err(|error| error.to_string())?;
        parse(&answer)
    }
}

fn parse(answer: &[u8]) -> Result<Response, String> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or("no end of the headers")?;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|status| status.parse().ok())
        .ok_or_else(|| format!("no status: {head}"))?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_lowercase(), value.trim().to_owned()))
        .collect();
    let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = &answer[end + 4..];
    let body = if chunked { unchunk(body)? } else { body.to_vec() };
    Ok(Response { status, headers, body })
}

fn unchunk(mut rest: &[u8]) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n").ok_or("a chunk without a size")?;
        let size = std::str::from_utf8(&rest[..line]).map_err(|error| error.to_string())?;
        let size = usize::from_str_radix(size.trim(), 16).map_err(|error| error.to_string())?;
        if size == 0 {
            return Ok(body);
        }
        let chunk = rest.get(line + 2..line + 2 + size).ok_or("a short chunk")?;
        body.extend_from_slice(chunk);
        rest = rest.get(line + 4 + size..).ok_or("a chunk without an end")?;
    }
}
