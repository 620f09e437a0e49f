//! An echo server on the real sockets, shards and framing, for WebSocket conformance suites.

use crate::addresses::Addresses;
use crate::clock;
use crate::listener::{self, Listener, SocketPath};
use crate::origin::Rule;
use crate::shard_loop::{ShardLoop, WAKER};
use crate::switch::{ShardHandle, ShardInput, Switch};
use anyhow::Result;
use arc_swap::ArcSwap;
use commonroom_core::account::Protocol;
use commonroom_core::env::Env;
use commonroom_hub::limits;
use commonroom_hub::request::Answer;
use commonroom_hub::session::{
    Adapter, Context, Frames, Happening, Inbound, Opening, Session, Show, State, Variant,
};
use commonroom_hub::shard::Shard;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

/// Bytes of the largest message echoed.
const MESSAGE_BYTES: usize = 64 << 20;

struct Echo;

impl Adapter for Echo {
    fn protocol(&self) -> Protocol {
        Protocol::OriginChats
    }

    fn open(&self, _: &Opening) -> Box<dyn Session> {
        Box::new(Self)
    }

    fn render(&self, _: &Happening, _: Variant, _: &State, _: &mut Frames) {}

    fn first_limit(&self) -> usize {
        MESSAGE_BYTES
    }
}

impl Session for Echo {
    fn opened(&mut self, _: &mut Context<'_>) {}

    fn frame(&mut self, frame: Inbound<'_>, cx: &mut Context<'_>) {
        match frame {
            Inbound::Text(text) => cx.send(text),
            Inbound::Binary(bytes) => cx.send_binary(bytes),
        }
    }

    fn answer(&mut self, _: u32, _: Answer, _: &mut Context<'_>) {}

    fn show(&mut self, _: &Happening, _: &State) -> Show {
        Show::Nothing
    }

    fn tell(&mut self, _: &Happening, _: &mut Context<'_>) {}

    fn tick(&mut self, _: &mut Context<'_>) {}

    fn closed(&mut self, _: &mut Context<'_>) {}
}

/// A shard that echoes, with its queue and its way out.
///
/// # Errors
/// When nothing can be watched, or there is no TLS.
pub fn shard() -> Result<(ShardLoop, Receiver<ShardInput>, Arc<Switch>)> {
    let adapters: Vec<Arc<dyn Adapter>> = vec![Arc::new(Echo)];
    let poll = mio::Poll::new()?;
    let waker = mio::Waker::new(poll.registry(), WAKER)?;
    let (sender, queue) = sync_channel(limits::SHARD_QUEUE);
    let switch = Arc::new(Switch {
        writer: sync_channel(1).0,
        readers: sync_channel(1).0,
        hub: sync_channel(1).0,
        hashers: sync_channel(1).0,
        shards: vec![ShardHandle::new(sender, waker)],
        adapters: adapters.clone(),
        outside: tokio::sync::mpsc::channel(1).0,
        fetcher: crate::fetcher::Fetcher::new(&[])?,
        restart: crate::restart::Restart::default(),
        keeps: tokio::sync::mpsc::channel(1).0,
        logs: sync_channel(1).0,
        rereads: tokio::sync::mpsc::channel(1).0,
        notices: tokio::sync::mpsc::channel(1).0,
        blobs: crate::blobs::DiskBlobs::new(&std::env::temp_dir()),
        state: ArcSwap::from_pointee(State::default()),
    });
    let shard = Shard::new(0, adapters, State::default(), Env::seeded(clock::now(), clock::seed()));
    Ok((ShardLoop::new(poll, shard, switch.clone()), queue, switch))
}

/// Echoes on `/` of an address until the process ends.
///
/// # Errors
/// When it cannot listen.
pub fn run(listen: &str) -> Result<()> {
    let (mut turning, queue, switch) = shard()?;
    std::thread::Builder::new().name("shard".to_owned()).spawn(move || turning.run(&queue))?;
    let data = std::env::temp_dir().join(format!("commonroom-echo-{}", std::process::id()));
    std::fs::create_dir_all(&data)?;
    let tls = tokio_rustls::TlsAcceptor::from(crate::tls::config(None, &data)?);
    std::fs::remove_dir_all(&data)?;
    let address = listen.parse()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let socket = listener::bind(address)?;
        tracing::info!("echo listens on {address}");
        let echo = Listener {
            name: "echo",
            sockets: vec![SocketPath { path: "/".to_owned(), adapter: 0, origins: Rule::Any }],
            router: axum::Router::new(),
            tls,
            proxies: Vec::new(),
            addresses: Addresses::new(limits::CONNECTIONS_PER_ADDRESS),
            switch,
        };
        Arc::new(echo).run(socket).await;
        Ok(())
    })
}
