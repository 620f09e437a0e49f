//! Puts the server together: threads, queues, listeners; and takes it apart again.

use crate::addresses::Addresses;
use crate::blobs::DiskBlobs;
use crate::clock;
use crate::config::Config;
use crate::fetcher::Fetcher;
use crate::listener::{self, Listener};
use crate::outside::Question;
use crate::pushes::Pusher;
use crate::reconfigure::Reread;
use crate::restart::Restart;
use crate::shard_loop::{ShardLoop, WAKER};
use crate::switch::{ShardHandle, ShardInput, Switch};
use crate::workers::Hasher;
use crate::{
    control, hub_thread, janitor, keeper, logbook, mounts, outside, reconfigure, setup_link, tls, workers,
    writer,
};
use anyhow::{Context as _, Result};
use arc_swap::ArcSwap;
use commonroom_core::channel::ChannelKind;
use commonroom_core::command::{Actor, ChannelSettings, Command};
use commonroom_core::engine::{Engine, Job};
use commonroom_core::env::Env;
use commonroom_core::message::Message;
use commonroom_core::secret::Signer;
use commonroom_core::{AccountKind, LoginId, SessionId};
use commonroom_hub::live::LiveCommand;
use commonroom_hub::request::{Keep, Log, ReturnTo};
use commonroom_hub::session::{Adapter, Setup, State};
use commonroom_hub::shard::Shard;
use commonroom_hub::{Commons, Gateway, Hub, limits};
use commonroom_outbound::push::VapidKey;
use commonroom_store_sqlite::SqliteStore;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::mpsc::Sender;

/// What runs beside a server: the demo's people.
pub type Guests = Box<dyn FnOnce(Gateway) + Send>;

/// Runs a server until it is told to stop.
///
/// # Errors
/// When it cannot start.
pub fn serve(config: &Config, data: &Path, guests: Option<Guests>, reread: Reread) -> Result<()> {
    std::fs::create_dir_all(data).with_context(|| format!("cannot make {}", data.display()))?;
    let store = SqliteStore::open(&config.database(data)?)?;
    let env = Env::seeded(clock::now(), clock::seed());
    let mut engine = Engine::open(Box::new(store), env, config.rules())?;
    furnish(&mut engine, config)?;
    let signer = Signer::new(engine.instance_key()?);
    let push_key = VapidKey::from_seed(signer.derive("vapid"));
    let setup = Setup {
        signer,
        public_url: Some(config.server.public_url.trim_end_matches('/').to_owned())
            .filter(|url| !url.is_empty()),
        run: Env::seeded(clock::now(), clock::seed()).uuid(),
        version: env!("CARGO_PKG_VERSION"),
        started: clock::now(),
        push_key: Some(push_key.public()),
        commons: Commons::default(),
    };
    let adapters = mounts::adapters(config, &setup).all;
    let (outside, questions) = tokio::sync::mpsc::channel(limits::OUTSIDE_QUEUE);
    let (keeps, kept) = tokio::sync::mpsc::channel(limits::KEEP_QUEUE);
    let (rereads, to_reread) = tokio::sync::mpsc::channel(limits::RECONFIGURE_QUEUE);
    let (logs, to_log) = sync_channel(limits::LOG_QUEUE);
    let (notices, noticed) = tokio::sync::mpsc::channel(limits::NOTICE_QUEUE);
    let blobs = DiskBlobs::new(data);
    let fetcher = Fetcher::new(&config.chatgrid.radio.allow_private_hosts)?;
    let apart = Apart { outside, fetcher, keeps, notices, rereads, logs };
    let folder = data.to_owned();
    let clerk = thread("logbook", move || logbook::run(&folder, &to_log))?;
    let (switch, shards) = start(engine, adapters, apart, blobs.clone())?;
    let gateway = Gateway::new(switch.clone(), setup.signer.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let client = commonroom_outbound::Client::new(commonroom_outbound::Options::default())?;
    let restart = runtime.block_on(async {
        let originchats = commonroom_originchats::Shared::new(config.originchats.clone(), &setup);
        let pusher = Pusher::new(gateway.clone(), client.clone(), push_key, originchats);
        tokio::spawn(pusher.run(noticed));
        tokio::spawn(outside::run(switch.clone(), client, questions));
        tokio::spawn(keeper::run(switch.clone(), kept));
        let settings = setup.commons.of::<commonroom_barertc::Settings>();
        tokio::spawn(reconfigure::run(switch.clone(), gateway.clone(), settings, reread, to_reread));
        tokio::spawn(janitor::run(gateway.clone(), blobs));
        // Heard from before anybody can come, so that no end is without goodbye.
        let told = told_to_stop()?;
        let advice = open_doors(config, data, &setup, &gateway, &switch).await?;
        if let Some(guests) = guests {
            guests(gateway.clone());
        } else if let Some(advice) = advice {
            tracing::info!("nobody owns this community yet: {advice}");
        }
        tokio::select! {
            () = told => Ok::<_, anyhow::Error>(false),
            () = switch.restart.due() => Ok(true),
        }
    })?;
    tracing::info!("going down");
    stop(&switch, shards, &runtime, &gateway);
    finish_logs(&switch, clerk, &runtime);
    runtime.shutdown_timeout(Duration::from_millis(200));
    if restart {
        anyhow::bail!("somebody who may asked for a restart");
    }
    Ok(())
}

/// What must be there before anybody comes: channels named in the configuration; and what must not: guests of a run
/// that ended without goodbye.
fn furnish(engine: &mut Engine, config: &Config) -> Result<()> {
    let directory = engine.directory();
    let space =
        directory.space_named(&config.barertc.space).or(directory.default_space()).map(|space| space.id);
    let channels = config.barertc.channels.iter().filter(|channel| channel.id != "lobby");
    let missing = channels.filter_map(|channel| {
        let space = space.filter(|space| directory.channel_named(*space, &channel.id).is_none())?;
        let settings = ChannelSettings { name: Some(channel.id.clone()), ..ChannelSettings::default() };
        Some(Command::CreateChannel { space, kind: ChannelKind::Text, settings })
    });
    let left = directory.accounts().filter(|account| account.kind == AccountKind::Guest && !account.retired);
    let retired = left.map(|account| Command::Retire { account: account.id });
    let jobs: Vec<Job> =
        missing.chain(retired).map(|command| Job { actor: Actor::System, origin: None, command }).collect();
    match engine.run(&jobs, clock::now()) {
        (_, None) => Ok(()),
        (_, Some(fault)) => Err(fault).context("the store cannot be written"),
    }
}

/// Ways to what tokio does.
struct Apart {
    outside: Sender<(Question, ReturnTo)>,
    fetcher: Fetcher,
    keeps: Sender<(Keep, ReturnTo)>,
    notices: Sender<(Arc<Message>, State)>,
    rereads: Sender<ReturnTo>,
    logs: SyncSender<Option<Log>>,
}

fn start(
    engine: Engine,
    adapters: Vec<Arc<dyn Adapter>>,
    apart: Apart,
    blobs: DiskBlobs,
) -> Result<(Arc<Switch>, Vec<JoinHandle<()>>)> {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let (writer, writer_queue) = sync_channel(limits::WRITER_QUEUE);
    let (readers, reader_queue) = sync_channel(limits::READER_QUEUE);
    let (hub, hub_queue) = sync_channel(limits::HUB_QUEUE);
    let (hashers, hash_queue) = sync_channel(limits::HASH_QUEUE);
    let (mut handles, mut loops): (Vec<ShardHandle>, Vec<(mio::Poll, Receiver<ShardInput>)>) =
        Default::default();
    for _ in 0..cores {
        let poll = mio::Poll::new()?;
        let waker = mio::Waker::new(poll.registry(), WAKER)?;
        let (sender, queue) = sync_channel(limits::SHARD_QUEUE);
        handles.push(ShardHandle::new(sender, waker));
        loops.push((poll, queue));
    }
    let state = State { directory: engine.directory(), live: Arc::default() };
    let switch = Arc::new(Switch {
        writer,
        readers,
        hub: hub.clone(),
        hashers,
        shards: handles,
        adapters: adapters.clone(),
        outside: apart.outside,
        fetcher: apart.fetcher,
        restart: Restart::default(),
        keeps: apart.keeps,
        notices: apart.notices,
        rereads: apart.rereads,
        logs: apart.logs,
        blobs,
        state: ArcSwap::from_pointee(state.clone()),
    });
    let mut spare = (0..=cores).map(|_| engine.reader()).collect::<Result<Vec<_>, _>>()?;
    let gaps = spare.pop().context("a reader for gaps")?;
    let the_hub = Hub::new(engine.directory());
    thread("writer", move || writer::run(engine, &writer_queue, &hub))?;
    let hub_switch = switch.clone();
    thread("hub", move || hub_thread::run(the_hub, &hub_switch, gaps, &hub_queue))?;
    let reader_queue = Arc::new(Mutex::new(reader_queue));
    for reader in spare {
        let (switch, queue) = (switch.clone(), reader_queue.clone());
        thread("reader", move || workers::read(&switch, reader, &queue))?;
    }
    let decoy = workers::hash("nobody has this password")?;
    let (throttle, registrations) = (Arc::default(), Arc::default());
    let hash_queue = Arc::new(Mutex::new(hash_queue));
    for _ in 0..cores.saturating_sub(1).max(1) {
        let hasher = Hasher {
            switch: switch.clone(),
            throttle: Arc::clone(&throttle),
            registrations: Arc::clone(&registrations),
            decoy: decoy.clone(),
        };
        let queue = Arc::clone(&hash_queue);
        thread("hasher", move || hasher.run(&queue))?;
    }
    let mut shards = Vec::new();
    for (index, (poll, queue)) in loops.into_iter().enumerate() {
        let env = Env::seeded(clock::now(), clock::seed());
        let mut shard = Shard::new(index, adapters.clone(), state.clone(), env);
        if index == 0 {
            shard.settle();
        }
        let mut turning = ShardLoop::new(poll, shard, switch.clone());
        shards.push(thread("shard", move || turning.run(&queue))?);
    }
    Ok((switch, shards))
}

/// Ends the process when a thread without which nothing works ends in a panic: a supervisor starts it anew, and what was
/// accepted is on the disk.
struct Vital(String);

impl Drop for Vital {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!("the thread {} failed; the server ends", self.0);
            std::process::abort();
        }
    }
}

fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    let vital = Vital(name.to_owned());
    let work = move || {
        let _vital = vital;
        work();
    };
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .with_context(|| format!("cannot start {name}"))
}

/// Opens every listener; says how to become an owner while nobody owns the community.
async fn open_doors(
    config: &Config,
    data: &Path,
    setup: &Setup,
    gateway: &Gateway,
    switch: &Arc<Switch>,
) -> Result<Option<String>> {
    let files = (!config.tls.cert_file.is_empty())
        .then(|| (config.tls.cert_file.clone().into(), config.tls.key_file.clone().into()));
    let tls = tokio_rustls::TlsAcceptor::from(tls::config(files, data)?);
    let addresses = Addresses::new(config.limits.connections_per_address);
    let (link, setup_routes) = setup_link::make(gateway.clone());
    let mounts = mounts::mounts(config, setup, gateway, setup_routes);
    let mut opened = Vec::new();
    for mount in mounts.into_iter().filter(|mount| !mount.listen.is_empty()) {
        let address = tokio::net::lookup_host(&mount.listen)
            .await
            .with_context(|| format!("{} is not an address", mount.listen))?
            .next()
            .with_context(|| format!("{} is not an address", mount.listen))?;
        let socket = listener::bind(address)?;
        let listener = Listener {
            name: mount.name,
            sockets: mount.sockets,
            router: mount.router,
            tls: tls.clone(),
            proxies: config.server.trusted_proxies.clone(),
            addresses: addresses.clone(),
            switch: switch.clone(),
        };
        opened.push((Arc::new(listener), socket));
    }
    control::serve(data, gateway.clone())?;
    for (listener, socket) in opened {
        let address = socket.local_addr()?;
        let name = listener.name;
        tokio::spawn(listener.run(socket));
        tracing::info!("{name} listens on {address} (plain and TLS)");
    }
    let base = setup.public_url.clone().unwrap_or_else(|| format!("http://{}", config.server.listen));
    let reachable = !config.server.listen.is_empty();
    Ok(link.map(|path| {
        if reachable {
            format!("open {base}{path} to become its owner (good once)")
        } else {
            // The page of the link is on the main listener only.
            "`commonroom admin create-owner` makes an owner".to_owned()
        }
    }))
}

fn told_to_stop() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Says goodbye to everybody, lets them take what was sent, and waits until the last commands are on the disk.
fn stop(switch: &Switch, shards: Vec<JoinHandle<()>>, runtime: &tokio::runtime::Runtime, gateway: &Gateway) {
    for shard in &switch.shards {
        shard.send(ShardInput::Shutdown);
    }
    for shard in shards {
        if shard.join().is_err() {
            tracing::error!("a shard ended in a panic");
        }
    }
    // What follows from the last goodbyes comes first: things that fall, guests who go. The hub asks for it after the pass
    // in which it answers, so its second answer says that it has asked.
    for _ in 0..2 {
        let nothing = gateway.live(LiveCommand::Ready(SessionId::MIN));
        let _ = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(1), nothing).await });
    }
    // Commands run in order: when this one is answered, all before it are durable.
    let last = gateway.command(Actor::System, Command::EndLogin { login: LoginId::MIN });
    let _ = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(1), last).await });
}

/// Lets the lines that wait for text logs be written: the shards, which send them, are gone.
fn finish_logs(switch: &Switch, clerk: JoinHandle<()>, runtime: &tokio::runtime::Runtime) {
    let logs = switch.logs.clone();
    let finish = runtime.spawn_blocking(move || {
        let _ = logs.send(None);
        clerk.join()
    });
    if runtime.block_on(async { tokio::time::timeout(Duration::from_secs(1), finish).await }).is_err() {
        tracing::error!("lines of text logs were not written in time");
    }
}
