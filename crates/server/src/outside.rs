//! Questions to other servers, and news for them: who somebody is and what was reported, of services that the operator
//! named; and what radio stations play.

use crate::switch::Switch;
use commonroom_core::{Refusal, Reply};
use commonroom_hub::limits::OUTSIDE_BYTES;
use commonroom_hub::request::{Outside, ReturnTo};
use commonroom_outbound::{Ask, Client, Guard};
use http::{HeaderName, HeaderValue};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;

/// Pause after the first failure; after the second it is twice as long, and so on.
const PAUSE: Duration = Duration::from_secs(2);

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

/// Asks, as often as the question allows.
async fn ask(client: &Client, question: &Outside) -> Option<String> {
    let tries = question.post.as_ref().map_or(1, |post| post.tries.max(1));
    for number in 1..=tries {
        if let Some(answer) = ask_once(client, question).await {
            return Some(answer);
        }
        if number < tries {
            tokio::time::sleep(PAUSE * number).await;
        }
    }
    None
}

async fn ask_once(client: &Client, question: &Outside) -> Option<String> {
    let url = question.url.as_str();
    let mut ask = match &question.post {
        None => Ask::get(url, Guard::Operator),
        Some(post) => Ask::post(url, Guard::Operator, "application/json", post.body.clone()),
    };
    for (name, value) in question.post.iter().flat_map(|post| &post.headers) {
        if let Ok(value) = HeaderValue::from_str(value) {
            ask.headers.insert(HeaderName::from_static(name), value);
        }
    }
    ask.time = Duration::from_secs(question.seconds);
    ask.max_bytes = OUTSIDE_BYTES;
    ask.keep = true;
    let reply =
        client.ask(ask).await.inspect_err(|trouble| tracing::debug!(%trouble, "no answer from outside"));
    let reply = reply.ok().filter(|reply| reply.status() == http::StatusCode::OK)?;
    String::from_utf8(reply.body().to_vec()).ok()
}
