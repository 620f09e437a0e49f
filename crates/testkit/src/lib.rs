//! For tests only: the whole server in one thread with a fake clock, and transcripts that read like the specs.
//!
//! [`world::World`] is a [`stage::Stage`] made of the real engine, hub, shard and store; [`player::play`] plays a
//! transcript on a stage. The same transcripts are played on the built binary.
//!
//! # Transcripts
//! ```text
//! # originchats.md 14.6: everybody sees the same message, only the sender's copy has the listener
//! owner olga secret-password                       an owner account, made out of band
//! ann = originchats /                              opens a WebSocket; more headers after " | "
//! ann < {"cmd":"handshake",...}                    the next frame must match
//! ann > {"cmd":"register","username":"ann","password":"abcd"}
//! ann ? {"cmd":"ready","user":{"id":$ann,...},...} frames are skipped until one matches
//! ann drop                                         forgets what has arrived
//! ann <nothing                                     nothing (more) has arrived
//! +60s                                             moves the clock (+250ms also)
//! ann close                                        the client goes
//! ann <close 1008                                  the server closed with that code
//! http together POST /api/auth/login [Authorization: Bearer $token] {"username":"ann"} -> 200 {"access_token":$t,...}
//! ```
//! In patterns `...` ignores the other keys of an object or the rest of an array, `_` matches any value, and a bare
//! `$name` captures a value the first time and must equal it later. In what is sent, `$name` is replaced by its value
//! (strings without their quotes).

pub mod backend;
pub mod binary;
pub mod laden;
pub mod memory_blobs;
pub mod mirror;
pub mod outside;
pub mod pattern;
pub mod player;
pub mod script;
pub mod stage;
pub mod world;

pub use player::{play, play_file, transcripts};
pub use stage::Stage;
pub use world::World;
