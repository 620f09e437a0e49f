//! A world as a stage for transcripts.

use super::{CLIENT_LIMIT, Client, World, disguise};
use crate::stage::{Received, Response, Stage};
use axum::body::Body;
use commonroom_core::command::{Actor, Command};
use commonroom_core::env::Timestamp;
use commonroom_core::ids::SessionId;
use commonroom_hub::gateway::Peer;
use commonroom_hub::session::{Inbound, Opening};
use commonroom_hub::shard::Shard;
use commonroom_websocket::client::ClientDecoder;
use http_body_util::BodyExt as _;
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};
use tower::ServiceExt as _;

impl Stage for World {
    fn open(
        &mut self,
        name: &str,
        protocol: &str,
        target: &str,
        headers: &[(String, String)],
    ) -> Result<(), String> {
        let index = self
            .adapters
            .iter()
            .position(|(mounted, _)| mounted == protocol)
            .ok_or_else(|| format!("{protocol} is not mounted"))?;
        if self.clients.get(name).is_some_and(|client| client.slot.is_some()) {
            return Err(format!("{name} is open already"));
        }
        self.env.now = Timestamp(self.env.now.0 + 1);
        let opening = Opening {
            id: SessionId(self.env.uuid()),
            address: address(headers),
            target: target.to_owned(),
            headers: headers.to_vec(),
            secure: false,
            now: self.env.now,
        };
        self.start_shard();
        let Some(shard) = &mut self.shard else { return Err("there is no shard".to_owned()) };
        let slot = shard.open(index, &opening);
        let client =
            Client { slot: Some(slot), decoder: ClientDecoder::new(CLIENT_LIMIT), inbox: VecDeque::new() };
        self.clients.insert(name.to_owned(), client);
        self.step();
        Ok(())
    }

    fn send(&mut self, name: &str, text: &str) {
        self.inbound(name, Inbound::Text(text));
    }

    fn send_binary(&mut self, name: &str, bytes: &[u8]) {
        self.inbound(name, Inbound::Binary(bytes));
    }

    fn receive(&mut self, name: &str) -> Option<Received> {
        self.client(name).inbox.pop_front()
    }

    fn close(&mut self, name: &str) {
        self.hang_up(name);
        self.step();
    }

    fn wait(&mut self, millis: i64) {
        let end = self.env.now.plus_millis(millis);
        loop {
            let shard = self.shard.as_ref().and_then(Shard::deadline);
            let restart = self.restart.filter(|due| *due > self.env.now);
            let next = self.hub.deadline().into_iter().chain(shard).chain(restart).min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            self.env.now = self.env.now.max(next);
            if let Some(shard) = &mut self.shard {
                shard.tick(self.env.now);
                if self.restart == Some(self.env.now) {
                    shard.going_away();
                }
            }
            self.step();
        }
        self.env.now = end;
        if let Some(shard) = &mut self.shard {
            self.lines.sweep(shard, end);
        }
        self.step();
    }

    fn owner(&mut self, name: &str, password: &str) -> Result<(), String> {
        let command = Command::CreateOwner { username: name.to_owned(), password: disguise(password) };
        self.command(Actor::System, command).map(|_| ()).map_err(|refusal| format!("{refusal:?}"))
    }

    fn http(
        &mut self,
        protocol: &str,
        method: &str,
        target: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<Response, String> {
        let router =
            self.routers.get(protocol).cloned().ok_or_else(|| format!("{protocol} is not mounted"))?;
        let mut request = axum::http::Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let peer = Peer { address: address(headers), secure: false };
        let request =
            request.extension(peer).body(Body::from(body.to_vec())).map_err(|error| error.to_string())?;
        let Ok(response) = self.complete(router.oneshot(request));
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let body = self.complete(response.into_body().collect()).map_err(|error| error.to_string())?;
        self.step();
        Ok(Response { status, headers, body: body.to_bytes().to_vec() })
    }
}

/// Who comes: as a trusted proxy on loopback would tell it.
fn address(headers: &[(String, String)]) -> IpAddr {
    let forwarded = headers.iter().find(|(name, _)| name == "x-forwarded-for");
    forwarded.and_then(|(_, value)| value.parse().ok()).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}
