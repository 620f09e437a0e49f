//! Whole crowds: accounts made over the protocols themselves, shared between connections where that is allowed,
//! because every password costs the server tens of milliseconds.

use crate::http::Client;
use crate::server::{Protocol, Server};
use crate::signin::{Member, PASSWORD, Person, Proof, sign_in};
use crate::swarm::Swarm;
use anyhow::{Context as _, Result};
use std::net::SocketAddr;

/// Connections that one account shares: below every protocol's and the hub's own limit (Chat Grid allows 8).
const PER_ACCOUNT: usize = 8;
/// Passwords under way at once.
const HASHES_AT_ONCE: usize = 16;
/// Sign-ins without a password under way at once.
const RESUMES_AT_ONCE: usize = 64;
/// Connections on which accounts are made over REST.
const REST_CLIENTS: usize = 4;

/// Brings `count` people in over a protocol; `tag` makes their names different from others'.
///
/// # Errors
/// When somebody is refused.
pub fn gather(
    swarm: &mut Swarm,
    server: &Server,
    protocol: Protocol,
    count: usize,
    tag: &str,
) -> Result<Vec<Member>> {
    let address = |protocol| server.address(protocol);
    let name = |account: usize| format!("{tag}{account:04}");
    let accounts = count.div_ceil(PER_ACCOUNT);
    let person = |account: usize, proof| Person { protocol, name: name(account), proof };
    match protocol {
        Protocol::BareRtc => {
            let guests = (0..count).map(|guest| person(guest, Proof::Guest)).collect();
            sign_in(swarm, address, guests, RESUMES_AT_ONCE)
        }
        Protocol::OriginChats => {
            let first = (0..accounts).map(|account| person(account, Proof::Register)).collect();
            let mut members = sign_in(swarm, address, first, HASHES_AT_ONCE)?;
            let more = (accounts..count).map(|index| person(index % accounts, Proof::Login)).collect();
            members.extend(sign_in(swarm, address, more, HASHES_AT_ONCE)?);
            Ok(members)
        }
        Protocol::ChatGrid => {
            let first = (0..accounts).map(|account| person(account, Proof::Register)).collect();
            let mut members = sign_in(swarm, address, first, HASHES_AT_ONCE)?;
            let more = (accounts..count)
                .map(|index| {
                    let token = members[index % accounts].token.clone().context("Chat Grid gave no token")?;
                    Ok(person(index % accounts, Proof::Token(token)))
                })
                .collect::<Result<_>>()?;
            members.extend(sign_in(swarm, address, more, RESUMES_AT_ONCE)?);
            Ok(members)
        }
        Protocol::Together => {
            let tokens = together_accounts(server.address(protocol), accounts, tag)?;
            sign_in(swarm, address, together_people(&tokens, count), RESUMES_AT_ONCE)
        }
    }
}

/// People with Together tokens, as many as wanted, the tokens shared evenly.
pub fn together_people(tokens: &[String], count: usize) -> Vec<Person> {
    (0..count)
        .map(|index| Person {
            protocol: Protocol::Together,
            name: format!("person {index}"),
            proof: Proof::Token(tokens[index % tokens.len()].clone()),
        })
        .collect()
}

/// How many accounts so many Together connections need.
pub fn together_accounts_for(connections: usize) -> usize {
    connections.div_ceil(PER_ACCOUNT)
}

/// Makes accounts over REST; returns their access tokens.
///
/// # Errors
/// When one is refused.
pub fn together_accounts(address: SocketAddr, count: usize, tag: &str) -> Result<Vec<String>> {
    let share = count.div_ceil(REST_CLIENTS).max(1);
    let starts: Vec<usize> = (0..count).step_by(share).collect();
    std::thread::scope(|scope| {
        let workers: Vec<_> = starts
            .into_iter()
            .map(|start| scope.spawn(move || register(address, start..count.min(start + share), tag)))
            .collect();
        let mut tokens = Vec::with_capacity(count);
        for worker in workers {
            tokens.extend(worker.join().map_err(|_| anyhow::anyhow!("a worker failed"))??);
        }
        Ok(tokens)
    })
}

fn register(address: SocketAddr, accounts: std::ops::Range<usize>, tag: &str) -> Result<Vec<String>> {
    let mut client = Client::connect(address)?;
    accounts
        .map(|account| {
            let body = format!(r#"{{"username":"{tag}{account:04}","password":"{PASSWORD}"}}"#);
            let answer = client.call("POST", "/auth/register", "", &body)?;
            Ok(answer["access_token"].as_str().context("no access_token")?.to_owned())
        })
        .collect()
}

/// The id of the default channel, as somebody with that token sees it.
///
/// # Errors
/// When there is none.
pub fn together_channel(address: SocketAddr, token: &str) -> Result<String> {
    let mut client = Client::connect(address)?;
    let servers = client.call("GET", "/servers", token, "")?;
    let server =
        servers[0]["id"].as_str().with_context(|| format!("nobody joined a server: {servers}"))?.to_owned();
    let channels = client.call("GET", &format!("/servers/{server}/channels"), token, "")?;
    let general = channels.as_array().and_then(|all| all.iter().find(|channel| channel["name"] == "general"));
    let id = general.and_then(|channel| channel["id"].as_str());
    Ok(id.with_context(|| format!("no channel general: {channels}"))?.to_owned())
}
