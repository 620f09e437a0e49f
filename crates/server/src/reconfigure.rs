//! Reads the configuration again when an operator asks for it. What can change while people are here is BareRTC's table;
//! everything else waits for a restart.

use crate::config::Config;
use crate::switch::Switch;
use anyhow::Result;
use commonroom_barertc::Settings;
use commonroom_core::{Refusal, Reply};
use commonroom_hub::Gateway;
use commonroom_hub::request::{Answer, ReturnTo};
use std::sync::Arc;
use tokio::sync::mpsc::Receiver;

/// Reads the configuration from where it came from at the start.
pub type Reread = Box<dyn Fn() -> Result<Config> + Send + Sync>;

/// Reads it whenever somebody asks, one after the other.
pub async fn run(
    switch: Arc<Switch>,
    gateway: Gateway,
    settings: Arc<Settings>,
    reread: Reread,
    mut queue: Receiver<ReturnTo>,
) {
    let reread: Arc<Reread> = Arc::new(reread);
    while let Some(return_to) = queue.recv().await {
        let reread = reread.clone();
        let read = tokio::task::spawn_blocking(move || reread()).await;
        let answer = match read {
            Ok(read) => change(&gateway, &settings, read).await,
            Err(_) => Err(Refusal::Fault),
        };
        switch.answer(return_to, answer);
    }
}

async fn change(gateway: &Gateway, settings: &Settings, read: Result<Config>) -> Answer {
    match read {
        Ok(config) => {
            config.tell_doubts();
            let later = settings.change(config.barertc, gateway).await;
            tracing::info!("the table [barertc] was read again");
            Ok(Reply::Reconfigured { later })
        }
        Err(error) => {
            tracing::error!("the configuration was not read again: {error:#}");
            Err(Refusal::Invalid)
        }
    }
}
