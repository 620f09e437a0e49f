//! Keeps what is handed in: pictures are made safe first, a few at a time, where they hold up nobody.

use crate::switch::Switch;
use commonroom_core::Refusal;
use commonroom_hub::gateway::Backend as _;
use commonroom_hub::limits::KEEP_RUNNING;
use commonroom_hub::request::{Answer, Keep, ReturnTo};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::Receiver;

/// Keeps until nobody can want anything any more.
pub async fn run(switch: Arc<Switch>, mut queue: Receiver<(Keep, ReturnTo)>) {
    let places = Arc::new(Semaphore::new(KEEP_RUNNING));
    while let Some((keep, return_to)) = queue.recv().await {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let switch = switch.clone();
        tokio::spawn(async move {
            let answer = kept(&switch, keep).await;
            drop(place);
            switch.answer(return_to, answer);
        });
    }
}

async fn kept(switch: &Switch, keep: Keep) -> Answer {
    let ready = tokio::task::spawn_blocking(move || commonroom_files::ready(keep)).await;
    commonroom_files::keep(switch.blobs(), ready.map_err(|_| Refusal::Fault)??).await
}
