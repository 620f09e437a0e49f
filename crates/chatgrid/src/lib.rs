//! Chat Grid: an audio-first walkable grid.
