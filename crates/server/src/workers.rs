//! The readers' and the hash workers' threads.

use crate::clock;
use crate::switch::Switch;
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use commonroom_core::command::{Actor, Command};
use commonroom_core::query::Query;
use commonroom_core::store::Reader;
use commonroom_core::{AccountId, Refusal, Reply};
use commonroom_hub::request::{Answer, PasswordWork, Request, ReturnTo, Ticket};
use commonroom_hub::throttle::{Throttle, Throttling};
use std::net::IpAddr;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};

/// Answers queries until nobody can ask any more.
pub fn read(switch: &Switch, mut reader: Box<dyn Reader + Send>, queue: &Mutex<Receiver<(Query, ReturnTo)>>) {
    while let Some((query, return_to)) = next(queue) {
        let answer = reader.find(&query).map(Reply::Found).map_err(|fault| {
            tracing::error!(%fault, "a query failed");
            Refusal::Fault
        });
        switch.answer(return_to, answer);
    }
}

fn next<T>(queue: &Mutex<Receiver<T>>) -> Option<T> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// The stored form of a password: Argon2id with the crate's recommended cost.
pub fn hash(password: &str) -> anyhow::Result<String> {
    let salt: [u8; 16] = clock::seed()[..16].try_into().expect("16 of 32 bytes");
    let hash = Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|error| anyhow::anyhow!("the password could not be hashed: {error}"))?;
    Ok(hash.to_string())
}

fn verify(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored)
        .is_ok_and(|stored| Argon2::default().verify_password(password.as_bytes(), &stored).is_ok())
}

/// Checks and makes password hashes until nobody can ask any more.
pub struct Hasher {
    /// Where answers and commands go.
    pub switch: Arc<Switch>,
    /// Wrong passwords, as all workers saw them.
    pub throttle: Arc<Mutex<Throttle>>,
    /// Registrations, counted apart: they are no failures.
    pub registrations: Arc<Mutex<Throttle>>,
    /// A hash that nothing matches: checked when there is no account, so that it takes the same time.
    pub decoy: String,
}

impl Hasher {
    /// Works until the queue ends.
    pub fn run(&self, queue: &Mutex<Receiver<(PasswordWork, ReturnTo)>>) {
        while let Some((work, return_to)) = next(queue) {
            self.work(work, return_to);
        }
    }

    fn work(&self, work: PasswordWork, return_to: ReturnTo) {
        match work {
            PasswordWork::Login { account, name, password, address, throttling } => {
                let answer = {
                    let refuses = throttling
                        .is_some_and(|rule| self.throttle().refuses(address, &name, rule, clock::now()));
                    if refuses { Err(Refusal::TooMany) } else { self.login(account, &password) }
                };
                match (&answer, throttling) {
                    (Ok(_), _) => self.throttle().succeeded(address, &name),
                    (Err(Refusal::TooMany), _) | (Err(_), None) => {}
                    (Err(_), Some(rule)) => self.throttle().failed(address, &name, rule, clock::now()),
                }
                self.switch.answer(return_to, answer);
            }
            PasswordWork::Register { mut registration, address, throttling } => {
                if throttling.is_some_and(|rule| self.too_many_registrations(address, rule)) {
                    return self.switch.answer(return_to, Err(Refusal::TooMany));
                }
                match hash(&registration.password) {
                    Ok(hashed) => {
                        registration.password = hashed;
                        self.command(Actor::System, Command::Register(registration), return_to);
                    }
                    Err(error) => self.failed(&error, return_to),
                }
            }
            PasswordWork::Change { actor, command } => match command.hashed(hash) {
                Ok(command) => self.command(actor, command, return_to),
                Err(error) => self.failed(&error, return_to),
            },
        }
    }

    fn too_many_registrations(&self, address: IpAddr, rule: Throttling) -> bool {
        let mut registrations = self.registrations.lock().unwrap_or_else(PoisonError::into_inner);
        let refused = registrations.refuses(address, "", rule, clock::now());
        if !refused {
            registrations.failed(address, "", rule, clock::now());
        }
        refused
    }

    fn login(&self, account: Option<AccountId>, password: &str) -> Answer {
        let state = commonroom_hub::gateway::Backend::state(&*self.switch);
        let account = account.and_then(|id| state.directory.account(id).cloned());
        let stored = account.as_ref().and_then(|account| account.password.as_deref());
        let right = verify(password, stored.unwrap_or(&self.decoy)) && stored.is_some();
        match account {
            Some(account) if right && account.disabled => Err(Refusal::Disabled),
            Some(account) if right => Ok(Reply::Account(account.id)),
            _ => Err(Refusal::BadCredentials),
        }
    }

    fn command(&self, actor: Actor, command: Command, return_to: ReturnTo) {
        // Only live commands come back from a full queue.
        let _ = self.switch.route(Ticket { request: Request::Command(actor, command), return_to });
    }

    fn failed(&self, error: &anyhow::Error, return_to: ReturnTo) {
        tracing::error!(%error, "password work failed");
        self.switch.answer(return_to, Err(Refusal::Fault));
    }

    fn throttle(&self) -> std::sync::MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
