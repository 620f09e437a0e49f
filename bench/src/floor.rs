//! The floor: a process that does nothing but one `write()` per receiver, for each message alone or for all that came
//! together. What a chat server adds to it is what the server costs.

use crate::conn::Kind;
use crate::drive::Room;
use crate::post::floor_size;
use crate::process;
use crate::swarm::{ConnId, Deaf, Swarm};
use anyhow::{Context as _, Result, bail};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 4_096;
/// The listener's token; receivers have their index.
const LISTENER: Token = Token(usize::MAX);
/// The sender's token.
const SENDER: Token = Token(usize::MAX - 1);

/// The running process and those who are connected to it.
#[derive(Debug)]
pub struct Floor {
    child: Child,
    /// Everybody but the sender.
    pub room: Room,
    /// The sender.
    pub sender: ConnId,
    /// How long it took until all were connected.
    pub took: Duration,
}

impl Floor {
    /// Starts the process and connects to it.
    ///
    /// # Errors
    /// When it cannot be started or reached.
    pub fn start(frame: usize, joined: bool, receivers: usize) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("floor").arg("--frame").arg(floor_size(frame).to_string());
        command.arg("--receivers").arg(receivers.to_string());
        if joined {
            command.arg("--joined");
        }
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("cannot start the floor")?;
        let outcome = connect(&mut child, receivers);
        match outcome {
            Ok((room, sender, took)) => Ok(Self { child, room, sender, took }),
            Err(error) => {
                stop(&mut child);
                Err(error)
            }
        }
    }

    /// CPU seconds it has used.
    ///
    /// # Errors
    /// When it is gone.
    pub fn cpu(pid: u32) -> impl Fn() -> Result<f64> {
        move || process::cpu_seconds(pid)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        stop(&mut self.child);
    }
}

fn stop(child: &mut Child) {
    // It may have ended already.
    let _ = child.kill();
    let _ = child.wait();
}

fn connect(child: &mut Child, receivers: usize) -> Result<(Room, ConnId, Duration)> {
    let mut lines = BufReader::new(child.stdout.take().context("the floor has no output")?);
    let port: u16 = line(&mut lines)?.parse().context("the floor names no port")?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut swarm = Swarm::new()?;
    let start = Instant::now();
    let sender = swarm.connect(address, &Kind::Frames)?;
    let receivers: Vec<ConnId> =
        (0..receivers).map(|_| swarm.connect(address, &Kind::Frames)).collect::<Result<_>>()?;
    swarm.turn(Duration::from_millis(10), &mut Deaf)?;
    if line(&mut lines)? != "ready" {
        bail!("the floor is not ready");
    }
    let took = start.elapsed();
    swarm.settle(Duration::from_millis(50), Duration::from_secs(5))?;
    Ok((Room::new(swarm, receivers), sender, took))
}

fn line(lines: &mut BufReader<ChildStdout>) -> Result<String> {
    let mut line = String::new();
    lines.read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

/// A receiver with what its socket has not taken yet.
#[derive(Debug)]
struct Receiver {
    stream: TcpStream,
    late: Vec<u8>,
}

impl Receiver {
    fn send(&mut self, bytes: &[u8]) -> Result<()> {
        if !self.late.is_empty() {
            self.late.extend_from_slice(bytes);
            return Ok(());
        }
        let count = match self.stream.write(bytes) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(error) => return Err(error.into()),
        };
        self.late.extend_from_slice(&bytes[count..]);
        Ok(())
    }

    fn send_late(&mut self) -> Result<()> {
        let late = std::mem::take(&mut self.late);
        self.send(&late)
    }
}

/// The process itself: the first connection is the sender, whose frames of `frame` bytes go to all others.
///
/// # Errors
/// When a socket fails, which is also how it ends.
pub fn serve(frame: usize, joined: bool, expected: usize) -> Result<()> {
    process::raise_open_files();
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    socket.listen(BACKLOG)?;
    let mut listener = TcpListener::from_std(socket.into());
    say(&listener.local_addr()?.port().to_string())?;
    let mut poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let (mut sender, mut receivers) = (None, Vec::new());
    let mut events = Events::with_capacity(1_024);
    let mut buffer = vec![0; 256 << 10];
    let mut held = 0;
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            match event.token() {
                LISTENER => accept(&listener, &poll, &mut sender, &mut receivers, expected)?,
                SENDER => {
                    let Some(stream) = &mut sender else { continue };
                    if relay(stream, &mut buffer, &mut held, frame, joined, &mut receivers)? {
                        return Ok(());
                    }
                }
                Token(index) if event.is_writable() => receivers[index].send_late()?,
                Token(_) => {}
            }
        }
    }
}

fn accept(
    listener: &TcpListener,
    poll: &Poll,
    sender: &mut Option<TcpStream>,
    receivers: &mut Vec<Receiver>,
    expected: usize,
) -> Result<()> {
    loop {
        let mut stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        stream.set_nodelay(true)?;
        if sender.is_none() {
            poll.registry().register(&mut stream, SENDER, Interest::READABLE)?;
            *sender = Some(stream);
            continue;
        }
        poll.registry().register(
            &mut stream,
            Token(receivers.len()),
            Interest::READABLE | Interest::WRITABLE,
        )?;
        receivers.push(Receiver { stream, late: Vec::new() });
        if receivers.len() == expected {
            say("ready")?;
        }
    }
}

/// Sends on what the sender has sent; true at its end.
fn relay(
    sender: &mut TcpStream,
    buffer: &mut [u8],
    held: &mut usize,
    frame: usize,
    joined: bool,
    receivers: &mut [Receiver],
) -> Result<bool> {
    loop {
        match sender.read(&mut buffer[*held..]) {
            Ok(0) => return Ok(true),
            Ok(count) => *held += count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        let whole = *held - *held % frame;
        let step = if joined { whole.max(1) } else { frame };
        for part in buffer[..whole].chunks(step) {
            for receiver in &mut *receivers {
                receiver.send(part)?;
            }
        }
        buffer.copy_within(whole..*held, 0);
        *held -= whole;
    }
}

fn say(line: &str) -> Result<()> {
    let mut out = io::stdout();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
