//! Asks against servers on this machine, which stand for public and private ones: `127.0.0.2` counts as public here
//! ([`Options::allowed`](commonroom_outbound::Options::allowed)), `127.0.0.1` and all else is private as ever.

mod bounds;
mod forms;
mod guard;
mod push;
mod redirects;
mod site;
mod tls;
mod troubles;
