//! The writer's thread: takes every command that waits, runs them in one transaction, and tells the hub once the disk
//! has them.

use crate::clock;
use crate::switch::HubInput;
use commonroom_core::command::{Actor, Command};
use commonroom_core::engine::{Engine, Job};
use commonroom_hub::limits;
use commonroom_hub::request::ReturnTo;
use std::sync::mpsc::{Receiver, SyncSender};

/// A command with its way back.
pub struct WriteJob {
    /// Who wants it.
    pub actor: Actor,
    /// What is wanted.
    pub command: Command,
    /// Where the answer goes.
    pub return_to: ReturnTo,
}

/// Runs until nobody can send commands any more.
pub fn run(mut engine: Engine, queue: &Receiver<WriteJob>, hub: &SyncSender<HubInput>) {
    while let Ok(first) = queue.recv() {
        let mut batch = vec![first];
        batch.extend(queue.try_iter().take(limits::WRITER_BATCH - 1));
        let (jobs, returns): (Vec<Job>, Vec<ReturnTo>) = batch
            .into_iter()
            .map(|job| {
                let origin = job.return_to.origin();
                (Job { actor: job.actor, origin, command: job.command }, job.return_to)
            })
            .unzip();
        let (committed, fault) = engine.run(&jobs, clock::now());
        if let Some(fault) = fault {
            tracing::error!(%fault, commands = jobs.len(), "the store failed; nothing of this batch was stored");
        }
        if hub.send(HubInput::Committed(committed, returns)).is_err() {
            return;
        }
    }
}
