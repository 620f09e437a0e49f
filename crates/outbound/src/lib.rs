//! Everything the server asks of other servers: guarded HTTP requests ([`Client`]) and sealed web pushes ([`push`]).
//!
//! The crate knows no protocol of ours and no noun of the core. What it holds against:
//!
//! - An address that somebody posted leads into the operator's network ([`Guard::Public`]). Names are looked up once per
//!   connection, every address found is judged, and exactly those addresses are connected to; a redirect is judged like a
//!   first address.
//! - An answer that never ends, or comes slowly ([`Ask::max_bytes`], [`Ask::time`]).
//! - More asks than the machine should have open ([`Options::running`], [`Options::waiting`]).
//! - Secrets that leave: no cookies, no system proxy, no credentials in URLs; headers that tell who asks stay behind when
//!   a redirect leaves the origin; no text of a [`Trouble`] quotes a URL.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use commonroom_outbound::{Ask, Client, Guard, Options};
//!
//! let client = Client::new(Options::default())?;
//! let mut ask = Ask::get("https://example.org/", Guard::Public);
//! ask.redirects = 3;
//! let reply = client.ask(ask).await?;
//! println!("{} {:?}", reply.status(), reply.header("content-type"));
//! # Ok(())
//! # }
//! ```

mod addresses;
mod ask;
mod client;
mod icy;
pub mod limits;
mod names;
mod options;
pub mod push;
mod reply;
mod stream;
mod target;
mod trouble;

pub use addresses::is_public;
pub use ask::{Ask, Guard, Overflow};
pub use client::Client;
pub use names::{Found, Names, SystemNames};
pub use options::{BadAuthority, Options};
pub use reply::Reply;
pub use stream::Stream;
pub use target::host;
pub use trouble::Trouble;
