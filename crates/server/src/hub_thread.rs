//! The hub's thread: the one place where committed events and live commands become an order.

use crate::clock;
use crate::switch::{HubInput, ShardInput, Switch};
use crate::writer::WriteJob;
use commonroom_core::Reply;
use commonroom_core::event::Stream;
use commonroom_core::event::{Event, EventBody};
use commonroom_core::store::Reader;
use commonroom_hub::Hub;
use commonroom_hub::request::{Answer, ReturnTo};
use commonroom_hub::session::{Happening, State};
use commonroom_hub::shard::Batch;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// Inputs taken in before the shards are told.
const PASS: usize = 256;
/// Longest sleep without a deadline.
const IDLE: Duration = Duration::from_secs(1);
/// How soon a retirement that found the writer's queue full is tried again.
const RETRY: Duration = Duration::from_millis(20);

/// Runs until nobody can send inputs any more.
pub fn run(mut hub: Hub, switch: &Switch, mut reader: Box<dyn Reader + Send>, queue: &Receiver<HubInput>) {
    let mut retirements: VecDeque<WriteJob> = VecDeque::new();
    loop {
        let wait = match hub.deadline() {
            _ if !retirements.is_empty() => RETRY,
            Some(deadline) => {
                let micros = deadline.0.saturating_sub(clock::now().0).max(0);
                Duration::from_micros(u64::try_from(micros).unwrap_or(0)).min(IDLE)
            }
            None => IDLE,
        };
        let first = match queue.recv_timeout(wait) {
            Ok(input) => Some(input),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let mut answers: Vec<(ReturnTo, Answer)> = Vec::new();
        for input in first.into_iter().chain(queue.try_iter().take(PASS)) {
            take(&mut hub, input, reader.as_mut(), &mut answers);
        }
        hub.tick(clock::now());
        publish(&mut hub, switch, answers);
        retirements.extend(hub.take_commands().into_iter().map(|(actor, command)| WriteJob {
            actor,
            command,
            return_to: ReturnTo::Nobody,
        }));
        while let Some(job) = retirements.pop_front() {
            if let Err(std::sync::mpsc::TrySendError::Full(job)) = switch.writer.try_send(job) {
                retirements.push_front(job);
                break;
            }
        }
    }
}

fn take(hub: &mut Hub, input: HubInput, reader: &mut dyn Reader, answers: &mut Vec<(ReturnTo, Answer)>) {
    match input {
        HubInput::Committed(committed, returns) => {
            hub.committed(&committed.events, committed.directory, &mut |stream, after| {
                missed(reader, stream, after)
            });
            answers.extend(returns.into_iter().zip(committed.answers));
        }
        HubInput::Live(command, return_to) => {
            hub.command(command, clock::now());
            answers.push((return_to, Ok(Reply::Done)));
        }
    }
}

fn missed(reader: &mut dyn Reader, stream: Stream, after: u64) -> Vec<Arc<Event>> {
    match reader.events_after(stream, after, commonroom_core::limits::HISTORY_PAGE) {
        Ok(events) => events.into_iter().map(Arc::new).collect(),
        Err(fault) => {
            tracing::error!(%fault, "a gap in the events could not be read");
            Vec::new()
        }
    }
}

/// Passes messages on that may notify somebody by push. Best effort: when too many wait, nobody is notified of the next.
fn notify(happenings: &[Happening], state: &State, switch: &Switch) {
    if state.directory.pushes().next().is_none() {
        return;
    }
    for happening in happenings {
        if let Happening::Event(event) = happening
            && let EventBody::MessagePosted { message } = &event.body
            && switch.notices.try_send((message.clone(), state.clone())).is_err()
        {
            tracing::debug!("too many messages wait to be pushed");
        }
    }
}

/// Tells every shard first and answers then: who gets an answer can rely on what everybody was told.
fn publish(hub: &mut Hub, switch: &Switch, answers: Vec<(ReturnTo, Answer)>) {
    let (happenings, state) = hub.take();
    if !happenings.is_empty() {
        notify(&happenings, &state, switch);
        let batch = Arc::new(Batch { happenings, state: state.clone() });
        for shard in &switch.shards {
            shard.send(ShardInput::Batch(batch.clone()));
        }
        switch.state.store(Arc::new(state));
    }
    for (return_to, answer) in answers {
        switch.answer(return_to, answer);
    }
}
