//! Questions to other servers: who somebody is, of services that the operator named; and what radio stations play.

use crate::switch::Switch;
use commonroom_core::{Refusal, Reply};
use commonroom_hub::limits::OUTSIDE_BYTES;
use commonroom_hub::request::{Outside, ReturnTo};
use commonroom_outbound::{Ask, Client, Guard};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;

/// What is asked of another server.
pub enum Question {
    /// Of a service that the operator named.
    Service(Outside),
    /// What a radio station plays.
    Station(String),
}

/// Asks until nobody can want anything any more. The client bounds how many questions are under way.
pub async fn run(switch: Arc<Switch>, client: Client, mut queue: Receiver<(Question, ReturnTo)>) {
    while let Some((question, return_to)) = queue.recv().await {
        let (switch, client) = (switch.clone(), client.clone());
        tokio::spawn(async move {
            let answer = match question {
                Question::Service(asked) => {
                    ask(&client, &asked).await.map(Reply::Outside).ok_or(Refusal::Unreachable)
                }
                Question::Station(url) => switch.fetcher.station(&url).await,
            };
            switch.answer(return_to, answer);
        });
    }
}

async fn ask(client: &Client, question: &Outside) -> Option<String> {
    let mut ask = Ask::get(question.url.as_str(), Guard::Operator);
    ask.time = Duration::from_secs(question.seconds);
    ask.max_bytes = OUTSIDE_BYTES;
    ask.keep = true;
    let reply =
        client.ask(ask).await.inspect_err(|trouble| tracing::debug!(%trouble, "no answer from outside"));
    let reply = reply.ok().filter(|reply| reply.status() == http::StatusCode::OK)?;
    String::from_utf8(reply.body().to_vec()).ok()
}
