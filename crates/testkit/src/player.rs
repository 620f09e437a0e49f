//! Plays a transcript on a stage.

use crate::pattern::{Captures, Pattern, fill};
use crate::script::{self, HttpLine, Line};
use crate::stage::{Received, Stage};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The transcripts of a folder, by name.
///
/// # Panics
/// When there are fewer than `fewest`, so that a moved folder is noticed.
pub fn transcripts(folder: impl AsRef<Path>, fewest: usize) -> Vec<PathBuf> {
    let folder = folder.as_ref();
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "wire"))
        .collect();
    files.sort();
    assert!(files.len() >= fewest, "only {} transcripts in {}", files.len(), folder.display());
    files
}

/// Plays a transcript file.
///
/// # Errors
/// File, line and difference of the first line that does not hold.
pub fn play_file(stage: &mut dyn Stage, path: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    play(stage, &text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Plays a transcript.
///
/// # Errors
/// Line and difference of the first line that does not hold; or that it expects nothing at all.
pub fn play(stage: &mut dyn Stage, text: &str) -> Result<(), String> {
    let lines = script::parse(text)?;
    let mut captures = Captures::new();
    let mut checks = 0;
    for (number, line) in lines {
        checks += usize::from(
            play_line(stage, &line, &mut captures).map_err(|error| format!("line {number}: {error}"))?,
        );
    }
    if checks == 0 { Err("a transcript that expects nothing cannot fail".to_owned()) } else { Ok(()) }
}

/// Plays one line; true when it checked something.
fn play_line(stage: &mut dyn Stage, line: &Line, captures: &mut Captures) -> Result<bool, String> {
    match line {
        Line::Owner { name, password } => stage.owner(name, password).map(|()| false),
        Line::Open { name, protocol, target, headers } => {
            let target = fill(target, captures)?;
            let headers = filled(headers, captures)?;
            stage.open(name, protocol, &target, &headers).map(|()| false)
        }
        Line::Send(name, text) => {
            stage.send(name, &fill(text, captures)?);
            Ok(false)
        }
        Line::SendBinary(name, bytes) => {
            stage.send_binary(name, bytes);
            Ok(false)
        }
        Line::Expect(name, pattern) => match stage.receive(name) {
            Some(Received::Text(text)) => compare(pattern, &text, captures).map(|()| true),
            other => Err(format!("{name}: expected a frame, got {other:?}")),
        },
        Line::Await(name, pattern) => await_match(stage, name, pattern, captures).map(|()| true),
        Line::ExpectClose(name, code) => loop {
            match stage.receive(name) {
                Some(Received::Close(found)) if found == *code => return Ok(true),
                Some(Received::Close(found)) => {
                    return Err(format!("{name}: closed with {found}, not {code}"));
                }
                Some(Received::Text(_) | Received::Binary(_)) => {}
                None => return Err(format!("{name}: still open")),
            }
        },
        Line::ExpectNothing(name) => match stage.overhear(name) {
            None => Ok(true),
            Some(found) => Err(format!("{name}: expected nothing, got {found:?}")),
        },
        Line::Drop(name) => {
            while stage.overhear(name).is_some() {}
            Ok(false)
        }
        Line::Close(name) => {
            stage.close(name);
            Ok(false)
        }
        Line::Wait { millis } => {
            stage.wait(*millis);
            Ok(false)
        }
        Line::Http(line) => http(stage, line, captures).map(|()| true),
    }
}

fn await_match(
    stage: &mut dyn Stage,
    name: &str,
    pattern: &Pattern,
    captures: &mut Captures,
) -> Result<(), String> {
    let mut skipped = Vec::new();
    loop {
        match stage.receive(name) {
            Some(Received::Text(text)) => match compare(pattern, &text, captures) {
                Ok(()) => return Ok(()),
                Err(why) => skipped.push(why),
            },
            other => {
                return Err(format!(
                    "{name}: no frame matched; then {other:?}; skipped:\n  {}",
                    skipped.join("\n  ")
                ));
            }
        }
    }
}

fn compare(pattern: &Pattern, text: &str, captures: &mut Captures) -> Result<(), String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("not JSON ({error}): {text}"))?;
    pattern.matches(&value, captures).map_err(|error| format!("{error}\n    in {text}"))
}

fn http(stage: &mut dyn Stage, line: &HttpLine, captures: &mut Captures) -> Result<(), String> {
    let target = fill(&line.target, captures)?;
    let mut headers = filled(&line.headers, captures)?;
    let body = fill(&line.body, captures)?;
    if !body.is_empty() && !headers.iter().any(|(name, _)| name == "content-type") {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    let response = stage.http(&line.protocol, &line.method, &target, &headers, body.as_bytes())?;
    let text = String::from_utf8_lossy(&response.body).into_owned();
    if response.status != line.status {
        return Err(format!(
            "{} {target}: status {} not {}: {text}",
            line.method, response.status, line.status
        ));
    }
    match &line.pattern {
        Some(pattern) => compare(pattern, &text, captures),
        None => Ok(()),
    }
}

fn filled(headers: &[(String, String)], captures: &Captures) -> Result<Vec<(String, String)>, String> {
    headers.iter().map(|(name, value)| Ok((name.clone(), fill(value, captures)?))).collect()
}
