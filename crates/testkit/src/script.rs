//! Reading transcripts.

use crate::pattern::Pattern;

/// One line of a transcript.
#[derive(Clone, Debug)]
pub enum Line {
    /// Makes an owner account.
    Owner {
        /// Name.
        name: String,
        /// Password.
        password: String,
    },
    /// Opens a connection.
    Open {
        /// What it is called in the transcript.
        name: String,
        /// The protocol mounted.
        protocol: String,
        /// Path and query.
        target: String,
        /// More headers.
        headers: Vec<(String, String)>,
    },
    /// The client sends a text frame.
    Send(String, String),
    /// The client sends a binary frame (hexadecimal).
    SendBinary(String, Vec<u8>),
    /// The next frame must match.
    Expect(String, Pattern),
    /// Frames are skipped until one matches.
    Await(String, Pattern),
    /// The server has closed the connection with a code.
    ExpectClose(String, u16),
    /// Nothing more has arrived.
    ExpectNothing(String),
    /// What has arrived is forgotten.
    Drop(String),
    /// The client goes.
    Close(String),
    /// The clock moves.
    Wait {
        /// By so many milliseconds.
        millis: i64,
    },
    /// An HTTP request.
    Http(HttpLine),
}

/// An HTTP request and what must come back.
#[derive(Clone, Debug)]
pub struct HttpLine {
    /// The protocol mounted.
    pub protocol: String,
    /// Method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Body; empty for none.
    pub body: String,
    /// Expected status.
    pub status: u16,
    /// Expected body, when it matters.
    pub pattern: Option<Pattern>,
}

/// Reads a transcript: its lines with their numbers.
///
/// # Errors
/// The first line that is no transcript line.
pub fn parse(text: &str) -> Result<Vec<(usize, Line)>, String> {
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let parsed = parse_line(line).map_err(|error| format!("line {}: {error}", index + 1))?;
        lines.push((index + 1, parsed));
    }
    Ok(lines)
}

fn parse_line(line: &str) -> Result<Line, String> {
    if let Some(amount) = line.strip_prefix('+') {
        return wait(amount);
    }
    if let Some(rest) = line.strip_prefix("http ") {
        return http(rest).map(Line::Http);
    }
    let (name, rest) = line.split_once(' ').ok_or_else(|| format!("not understood: {line}"))?;
    let name = name.to_owned();
    if name == "owner" {
        let (name, password) = rest.split_once(' ').ok_or("owner NAME PASSWORD")?;
        return Ok(Line::Owner { name: name.to_owned(), password: password.to_owned() });
    }
    if rest == "drop" {
        return Ok(Line::Drop(name));
    }
    if rest == "close" {
        return Ok(Line::Close(name));
    }
    if rest == "<nothing" {
        return Ok(Line::ExpectNothing(name));
    }
    if let Some(code) = rest.strip_prefix("<close ") {
        return code
            .trim()
            .parse()
            .map(|code| Line::ExpectClose(name, code))
            .map_err(|e| format!("{code}: {e}"));
    }
    if let Some(hex) = rest.strip_prefix(">binary ") {
        return binary(hex).map(|bytes| Line::SendBinary(name, bytes));
    }
    if let Some(text) = rest.strip_prefix("> ") {
        return Ok(Line::Send(name, text.to_owned()));
    }
    if let Some(text) = rest.strip_prefix("< ") {
        return Ok(Line::Expect(name, Pattern::parse(text)?));
    }
    if let Some(text) = rest.strip_prefix("? ") {
        return Ok(Line::Await(name, Pattern::parse(text)?));
    }
    if let Some(rest) = rest.strip_prefix("= ") {
        let mut parts = rest.split(" | ");
        let (protocol, target) =
            parts.next().and_then(|first| first.split_once(' ')).ok_or("NAME = PROTOCOL TARGET")?;
        let headers = parts.map(header).collect::<Result<_, _>>()?;
        return Ok(Line::Open { name, protocol: protocol.to_owned(), target: target.to_owned(), headers });
    }
    Err(format!("not understood: {line}"))
}

fn wait(amount: &str) -> Result<Line, String> {
    let bad = |_| format!("not a time: +{amount}");
    let millis = match amount.strip_suffix("ms") {
        Some(number) => number.parse::<i64>().map_err(bad)?,
        None => amount.trim_end_matches('s').parse::<i64>().map_err(bad)? * 1_000,
    };
    Ok(Line::Wait { millis })
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or_else(|| format!("not a header: {text}"))?;
    Ok((name.trim().to_lowercase(), value.trim().to_owned()))
}

fn binary(hex: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| {
            let pair = std::str::from_utf8(pair).map_err(|e| e.to_string())?;
            u8::from_str_radix(pair, 16).map_err(|e| e.to_string())
        })
        .collect()
}

fn http(rest: &str) -> Result<HttpLine, String> {
    let (request, answer) = rest.rsplit_once(" -> ").ok_or("http ... -> STATUS [PATTERN]")?;
    let mut parts = request.splitn(4, ' ');
    let mut next = || parts.next().ok_or_else(|| format!("http PROTOCOL METHOD TARGET: {request}"));
    let (protocol, method, target) = (next()?, next()?, next()?);
    let mut body = parts.next().unwrap_or("").trim();
    let mut headers = Vec::new();
    while let Some(inner) = body.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        if !inner.0.contains(": ") {
            break;
        }
        headers.push(header(inner.0)?);
        body = inner.1.trim_start();
    }
    let (status, pattern) = answer.trim().split_once(' ').unwrap_or((answer.trim(), ""));
    Ok(HttpLine {
        protocol: protocol.to_owned(),
        method: method.to_owned(),
        target: target.to_owned(),
        headers,
        body: body.to_owned(),
        status: status.parse().map_err(|e| format!("status {status}: {e}"))?,
        pattern: if pattern.is_empty() { None } else { Some(Pattern::parse(pattern)?) },
    })
}
