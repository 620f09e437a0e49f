//! together.md 7 and 8: who may ask for what, and who is told of what. A table of every route and every event; one that is
//! added without a row fails here.

#[path = "../common/mod.rs"]
mod common;

mod cast;
mod event_rows;
mod events;
mod need;
mod routes;
mod row;
mod rows;
