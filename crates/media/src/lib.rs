//! What bytes that people share are, and safe forms of pictures.
//!
//! Everything here is a function of its arguments: no clock, no socket, no disk. A caller that takes an upload asks in
//! this order: [`data_uri::parse`] for the bytes, [`sniff::kind`] for what they are, [`serving::fits`] against what was
//! declared, [`picture::clean`] or [`picture::strip`] for pictures, [`filename::safe`] for the name. When the bytes go
//! out again, [`serving::of`] and [`filename::content_disposition`] fill the headers.

pub mod data_uri;
pub mod filename;
pub mod kind;
pub mod limits;
pub mod picture;
pub mod serving;
pub mod sniff;
mod trouble;

pub use kind::Kind;
pub use trouble::Trouble;
