//! Runs commands: one after the other, many per transaction, told only after the disk has them.

use crate::audit::{AuditAction, AuditCategory, AuditEntry};
use crate::command::{Actor, Command, Reply};
use crate::directory::Directory;
use crate::env::{Env, Timestamp};
use crate::event::{Event, EventBody, Origin, Stream};
use crate::execute;
use crate::ids::{AccountId, AuditId, SpaceId};
use crate::permission::Permissions;
use crate::refusal::Refusal;
use crate::store::{Fault, Store, Tx};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A command on its way.
#[derive(Clone, PartialEq, Debug)]
pub struct Job {
    /// Who wants it.
    pub actor: Actor,
    /// The session that asked and its tag; `None` for HTTP and the server itself.
    pub origin: Option<Origin>,
    /// What is wanted.
    pub command: Command,
}

/// The outcome of a batch of jobs, all of it durable.
#[derive(Debug)]
pub struct Committed {
    /// What happened, in order.
    pub events: Vec<Arc<Event>>,
    /// One answer for every job, in the order of the jobs.
    pub answers: Vec<Result<Reply, Refusal>>,
    /// The directory after it.
    pub directory: Arc<Directory>,
}

/// What the operator decided that commands depend on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rules {
    /// Who may register.
    pub registration: Registration,
    /// Joining the default space comes with registering and signing in.
    pub auto_join: bool,
    /// What is kept of who did what.
    pub audit: AuditRules,
    /// What the server says to who joins for the first time.
    pub welcome: Option<Welcome>,
    /// Words, in lower case, that nobody may post; who tries is silenced for a while.
    pub blocked_words: Vec<String>,
    /// What somebody must be allowed in a channel for `@everyone` to mention everybody there (together.md 4.5).
    pub mention_everyone: Permissions,
}

/// What is kept of who did what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditRules {
    /// Anything at all.
    pub enabled: bool,
    /// Days for which entries of a kind are kept, where it is not [`AuditCategory::days`].
    pub days: BTreeMap<AuditCategory, i64>,
}

impl Default for AuditRules {
    fn default() -> Self {
        Self { enabled: true, days: BTreeMap::new() }
    }
}

/// What the server says to who joins for the first time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Welcome {
    /// Name of the channel in which it is said.
    pub channel: String,
    /// The words; `{username}` stands for the name.
    pub template: String,
}

/// Who may register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Registration {
    /// Anybody.
    Open,
    /// Who has an invitation.
    Invite,
    /// Nobody.
    Closed,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            registration: Registration::Open,
            auto_join: true,
            audit: AuditRules::default(),
            welcome: None,
            blocked_words: Vec::new(),
            mention_everyone: Permissions::NONE,
        }
    }
}

/// One command being carried out.
pub(crate) struct Step<'a> {
    pub(crate) directory: &'a mut Directory,
    pub(crate) tx: &'a mut dyn Tx,
    pub(crate) env: &'a mut Env,
    pub(crate) rules: &'a Rules,
    pub(crate) actor: Actor,
    origin: Option<Origin>,
    events: &'a mut Vec<Arc<Event>>,
}

impl Step<'_> {
    /// Records an event, applies it and keeps it for publication.
    pub(crate) fn emit(&mut self, stream: Stream, body: EventBody) -> Result<(), Stop> {
        let seq = self.directory.head(stream) + 1;
        let by = match self.actor {
            Actor::System => None,
            Actor::Account(account) => Some(account),
        };
        let event = Event { stream, seq, at: self.env.now, by, origin: self.origin, body };
        self.tx.record(&event)?;
        self.directory.apply(&event);
        self.events.push(Arc::new(event));
        Ok(())
    }

    /// Keeps what is done for those who look after the space. `target` is an id and a name, `details` names and values.
    pub(crate) fn audit(
        &mut self,
        space: SpaceId,
        action: AuditAction,
        target: Option<(String, String)>,
        details: &[(&str, String)],
    ) -> Result<(), Stop> {
        if !self.rules.audit.enabled {
            return Ok(());
        }
        let by = self.account().ok();
        let name = by.and_then(|by| self.directory.account(by)).map(|account| account.username.clone());
        let (target, target_name) = target.unzip();
        let entry = AuditEntry {
            id: AuditId(self.env.uuid()),
            space,
            at: self.env.now,
            by,
            by_name: name.unwrap_or_else(|| crate::name::SERVER.to_owned()),
            action,
            target,
            target_name,
            details: details.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        };
        self.emit(Stream::Space(space), EventBody::Audited { entry: Arc::new(entry) })
    }

    /// An account as the target of an audit entry.
    pub(crate) fn audited_account(&self, account: AccountId) -> Option<(String, String)> {
        self.directory.account(account).map(|known| (account.to_string(), known.username.clone()))
    }

    /// The account that acts.
    ///
    /// # Errors
    /// `NotAllowed` for the system, which has no account.
    pub(crate) fn account(&self) -> Result<AccountId, Stop> {
        match self.actor {
            Actor::Account(account) => Ok(account),
            Actor::System => Err(Stop::Refused(Refusal::NotAllowed)),
        }
    }

    /// The default space.
    pub(crate) fn default_space(&self) -> Result<SpaceId, Stop> {
        self.directory.default_space().map(|space| space.id).ok_or(Stop::Refused(Refusal::NoSuchSpace))
    }
}

/// Why a command ended without effect.
#[derive(Debug)]
pub(crate) enum Stop {
    /// A rule said no.
    Refused(Refusal),
    /// The database failed.
    Failed(Fault),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

/// The one writer of an instance.
pub struct Engine {
    store: Box<dyn Store>,
    directory: Arc<Directory>,
    env: Env,
    rules: Rules,
}

impl Engine {
    /// Loads the directory and makes the default space with its channel when there is none.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn open(mut store: Box<dyn Store>, mut env: Env, rules: Rules) -> Result<Self, Fault> {
        let directory = store.load()?;
        // A clock set back while the server was down does not put new messages before old ones.
        env.now = directory.newest_message_at().unwrap_or_default().max(env.now);
        let mut engine = Self { store, directory: Arc::new(directory), env, rules };
        if engine.directory.default_space().is_none() {
            let committed = engine.batch(&[], true)?;
            engine.directory = committed.directory;
        }
        Ok(engine)
    }

    /// The directory after the last batch.
    pub fn directory(&self) -> Arc<Directory> {
        self.directory.clone()
    }

    /// A reader for another thread.
    ///
    /// # Errors
    /// When the store cannot be opened again.
    pub fn reader(&self) -> Result<Box<dyn crate::store::Reader + Send>, Fault> {
        self.store.reader()
    }

    /// The secret of this instance.
    ///
    /// # Errors
    /// When the store fails.
    pub fn instance_key(&mut self) -> Result<[u8; 32], Fault> {
        let env = &mut self.env;
        self.store.instance_key(&mut || env.bytes())
    }

    /// Carries out jobs in order in one transaction and makes them durable. A fault refuses every job of the batch with
    /// [`Refusal::Fault`], leaves the directory as it was and is returned beside the answers.
    pub fn run(&mut self, jobs: &[Job], now: Timestamp) -> (Committed, Option<Fault>) {
        self.env.now = self.env.now.max(now);
        match self.batch(jobs, false) {
            Ok(committed) => {
                self.directory = committed.directory.clone();
                (committed, None)
            }
            Err(fault) => {
                let answers = jobs.iter().map(|_| Err(Refusal::Fault)).collect();
                (Committed { events: Vec::new(), answers, directory: self.directory.clone() }, Some(fault))
            }
        }
    }

    fn batch(&mut self, jobs: &[Job], found: bool) -> Result<Committed, Fault> {
        let mut directory = (*self.directory).clone();
        let mut events = Vec::new();
        let mut answers = Vec::with_capacity(jobs.len());
        let mut tx = self.store.begin()?;
        let mut step = Step {
            directory: &mut directory,
            tx: tx.as_mut(),
            env: &mut self.env,
            rules: &self.rules,
            actor: Actor::System,
            origin: None,
            events: &mut events,
        };
        if found {
            match execute::found(&mut step) {
                Ok(()) => {}
                Err(Stop::Failed(fault)) => return Err(fault),
                Err(Stop::Refused(refusal)) => {
                    return Err(Fault(format!("first space refused: {refusal:?}")));
                }
            }
        }
        for job in jobs {
            // Times rise strictly, so that (created_at, id) orders messages as seq does.
            step.env.now = Timestamp(step.env.now.0 + 1);
            (step.actor, step.origin) = (job.actor, job.origin);
            let before = step.directory.clone();
            let told = step.events.len();
            step.tx.save()?;
            match execute::execute(&mut step, &job.command) {
                Ok(reply) => answers.push(Ok(reply)),
                Err(Stop::Refused(refusal)) => {
                    if step.events.len() > told {
                        step.events.truncate(told);
                        *step.directory = before;
                        step.tx.undo()?;
                    }
                    answers.push(Err(refusal));
                    if refusal == Refusal::BlockedWord {
                        (step.actor, step.origin) = (Actor::System, None);
                        silence(&mut step, job)?;
                    }
                }
                Err(Stop::Failed(fault)) => return Err(fault),
            }
        }
        tx.commit()?;
        Ok(Committed { events, answers, directory: Arc::new(directory) })
    }
}

/// Whoever tried to post a word that nobody may post is silenced for a while, over every protocol.
fn silence(step: &mut Step<'_>, job: &Job) -> Result<(), Fault> {
    let Actor::Account(account) = job.actor else { return Ok(()) };
    step.tx.save()?;
    match execute::silence(step, account, &job.command) {
        // Nobody silences an owner.
        Ok(()) | Err(Stop::Refused(_)) => Ok(()),
        Err(Stop::Failed(fault)) => Err(fault),
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("rules", &self.rules).finish_non_exhaustive()
    }
}
