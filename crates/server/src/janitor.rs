//! Tidies up: what has had its time is taken away, and bytes that nothing speaks of any more.

use crate::blobs::DiskBlobs;
use commonroom_core::command::{Actor, Command};
use commonroom_core::file::picture_hash;
use commonroom_core::query::{Found, Query};
use commonroom_core::{Directory, Reply};
use commonroom_hub::Gateway;
use commonroom_hub::blobs::Shelf;
use commonroom_hub::request::Request;
use std::collections::BTreeSet;
use std::time::Duration;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(60);
/// Passes after which bytes are looked through too: an hour.
const PASSES: u32 = 60;
/// How long bytes may lie before something speaks of them: an upload under way is left alone.
const GRACE: Duration = Duration::from_secs(3_600);

/// Tidies up for as long as the server runs.
pub async fn run(gateway: Gateway, blobs: DiskBlobs) {
    let mut pass = 0;
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(refusal) = gateway.command(Actor::System, Command::Sweep).await {
            tracing::warn!(?refusal, "old files and entries were not swept");
        }
        pass = (pass + 1) % PASSES;
        if pass == 0 {
            sweep_bytes(&gateway, &blobs).await;
        }
    }
}

async fn sweep_bytes(gateway: &Gateway, blobs: &DiskBlobs) {
    for name in listed(blobs, Shelf::Files).await {
        let query = Query::FileContent { hash: name.clone() };
        if let Ok(Reply::Found(Found::Known(false))) = gateway.request(Request::Query(query)).await {
            remove(blobs, Shelf::Files, &name);
        }
    }
    let used = pictures(&gateway.state().directory);
    for name in listed(blobs, Shelf::Pictures).await {
        if !used.contains(name.as_str()) {
            remove(blobs, Shelf::Pictures, &name);
        }
    }
}

async fn listed(blobs: &DiskBlobs, shelf: Shelf) -> Vec<String> {
    let blobs = blobs.clone();
    tokio::task::spawn_blocking(move || blobs.older_than(shelf, GRACE)).await.unwrap_or_default()
}

fn remove(blobs: &DiskBlobs, shelf: Shelf, name: &str) {
    if let Err(error) = blobs.remove(shelf, name) {
        tracing::warn!(%error, "a file that nothing speaks of could not be removed");
    }
}

/// The pictures that something shows.
fn pictures(directory: &Directory) -> BTreeSet<String> {
    let faces = directory.accounts().filter_map(|account| account.avatar.as_deref());
    let spaces =
        directory.spaces().flat_map(|space| space.icon.as_deref().into_iter().chain(space.banner.as_deref()));
    let webhooks = directory
        .spaces()
        .flat_map(|space| directory.webhooks_of(space.id))
        .filter_map(|webhook| webhook.avatar.as_deref());
    let emoji = directory
        .spaces()
        .flat_map(|space| directory.emoji_of(space.id))
        .map(|emoji| emoji.picture.hash.clone());
    faces.chain(spaces).chain(webhooks).filter_map(picture_hash).map(str::to_owned).chain(emoji).collect()
}
