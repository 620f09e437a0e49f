//! A row of the matrix: one request, the right it takes, and what it answers to who has it.

use crate::need::{Need, Who};
use serde_json::Value;

/// What is sent along.
#[derive(Clone, Debug)]
pub enum Sent {
    Nothing,
    Json(Value),
    /// A form: field, file name, content.
    Form(Vec<(&'static str, Option<&'static str>, &'static [u8])>),
}

/// One request.
#[derive(Clone, Debug)]
pub struct Row {
    pub method: &'static str,
    /// As in the router.
    pub path: &'static str,
    pub need: Need,
    /// The status for who may.
    pub status: u16,
    pub sent: Sent,
    pub query: &'static str,
    /// Names of the path that stand for something else than usual: `{channel}` for `voice`.
    pub named: Vec<(&'static str, &'static str)>,
    /// `{message}` is one that the caller has written.
    pub own: bool,
    /// What the caller asks for first, if they may.
    pub first: Option<(&'static str, &'static str)>,
    /// Who gets another answer, and why not.
    pub but: Vec<(Who, u16)>,
}

/// A row.
pub fn row(method: &'static str, path: &'static str, need: Need, status: u16) -> Row {
    Row {
        method,
        path,
        need,
        status,
        sent: Sent::Nothing,
        query: "",
        named: Vec::new(),
        own: false,
        first: None,
        but: Vec::new(),
    }
}

impl Row {
    pub fn json(self, body: Value) -> Self {
        Self { sent: Sent::Json(body), ..self }
    }

    pub fn form(self, parts: &[(&'static str, Option<&'static str>, &'static [u8])]) -> Self {
        Self { sent: Sent::Form(parts.to_vec()), ..self }
    }

    pub fn query(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    pub fn with(mut self, name: &'static str, other: &'static str) -> Self {
        self.named.push((name, other));
        self
    }

    pub fn own(self) -> Self {
        Self { own: true, ..self }
    }

    pub fn first(self, method: &'static str, path: &'static str) -> Self {
        Self { first: Some((method, path)), ..self }
    }

    pub fn but(mut self, who: Who, status: u16) -> Self {
        self.but.push((who, status));
        self
    }

    /// What it answers to somebody.
    pub fn expected(&self, who: Who) -> u16 {
        let other = self.but.iter().find(|(other, _)| *other == who).map(|(_, status)| *status);
        other.or_else(|| self.need.refuses(who)).unwrap_or(self.status)
    }
}
