//! A community in which people of this protocol meet others, who act through the core.

mod answers;
mod crossing;
mod keeping;
mod notices;
mod pushes;
mod support;
mod talk;
mod threads;
