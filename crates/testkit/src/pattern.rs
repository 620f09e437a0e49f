//! What a frame must look like: JSON with holes.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Values captured so far.
pub type Captures = BTreeMap<String, Value>;

const REST: &str = "\u{1}rest";

/// A parsed pattern.
#[derive(Clone, Debug)]
pub struct Pattern(Value);

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A sentence saying what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let json = with_holes(text);
        serde_json::from_str(&json).map(Self).map_err(|error| format!("bad pattern {text}: {error}"))
    }

    /// Compares a value, adding captures when everything matches.
    ///
    /// # Errors
    /// A sentence saying where they differ.
    pub fn matches(&self, value: &Value, captures: &mut Captures) -> Result<(), String> {
        let mut trial = captures.clone();
        compare(&self.0, value, "", &mut trial)?;
        *captures = trial;
        Ok(())
    }
}

/// Replaces the holes by marked strings, outside of string literals.
fn with_holes(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut chars = text.char_indices().peekable();
    let mut in_string = false;
    while let Some((at, c)) = chars.next() {
        if in_string {
            out.push(c);
            if c == '\\' {
                out.extend(chars.next().map(|(_, c)| c));
            }
            in_string = c != '"';
            continue;
        }
        match c {
            '"' => {
                in_string = true;
                out.push(c);
            }
            '.' if text[at..].starts_with("...") => {
                chars.next();
                chars.next();
                let in_array = text[at + 3..].trim_start().starts_with(']');
                let literal = if in_array { "\"\\u0001rest\"" } else { "\"\\u0001rest\":0" };
                out.push_str(literal);
            }
            '$' => {
                let name: String =
                    text[at + 1..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                for _ in 0..name.chars().count() {
                    chars.next();
                }
                out.push_str(&format!("\"\\u0001${name}\""));
            }
            '_' => out.push_str("\"\\u0001any\""),
            other => out.push(other),
        }
    }
    out
}

fn compare(pattern: &Value, value: &Value, path: &str, captures: &mut Captures) -> Result<(), String> {
    let mark = pattern.as_str().and_then(|text| text.strip_prefix('\u{1}'));
    if let Some(mark) = mark {
        return match mark.strip_prefix('$') {
            Some(name) => capture(name, value, path, captures),
            None => Ok(()),
        };
    }
    if let Value::Object(wanted) = pattern {
        let found = value.as_object().ok_or_else(|| format!("{path}: expected an object, found {value}"))?;
        return object(wanted, found, path, captures);
    }
    if let Value::Array(wanted) = pattern {
        let found = value.as_array().ok_or_else(|| format!("{path}: expected an array, found {value}"))?;
        return array(wanted, found, path, captures);
    }
    if pattern == value { Ok(()) } else { Err(format!("{path}: expected {pattern}, found {value}")) }
}

fn capture(name: &str, value: &Value, path: &str, captures: &mut Captures) -> Result<(), String> {
    match captures.get(name) {
        Some(known) if known == value => Ok(()),
        Some(known) => Err(format!("{path}: ${name} was {known}, found {value}")),
        None => {
            captures.insert(name.to_owned(), value.clone());
            Ok(())
        }
    }
}

fn object(
    wanted: &Map<String, Value>,
    found: &Map<String, Value>,
    path: &str,
    captures: &mut Captures,
) -> Result<(), String> {
    for (key, pattern) in wanted.iter().filter(|(key, _)| *key != REST) {
        let value = found.get(key).ok_or_else(|| format!("{path}.{key}: missing"))?;
        compare(pattern, value, &format!("{path}.{key}"), captures)?;
    }
    if !wanted.contains_key(REST)
        && let Some(extra) = found.keys().find(|key| !wanted.contains_key(*key))
    {
        return Err(format!("{path}.{extra}: not expected"));
    }
    Ok(())
}

fn array(wanted: &[Value], found: &[Value], path: &str, captures: &mut Captures) -> Result<(), String> {
    let open = wanted.last().is_some_and(|last| last == REST);
    let wanted = if open { &wanted[..wanted.len() - 1] } else { wanted };
    if found.len() < wanted.len() || (!open && found.len() > wanted.len()) {
        return Err(format!("{path}: expected {} elements, found {}", wanted.len(), found.len()));
    }
    for (index, (pattern, value)) in wanted.iter().zip(found).enumerate() {
        compare(pattern, value, &format!("{path}[{index}]"), captures)?;
    }
    Ok(())
}

/// Replaces `$name` by captured values in what is sent.
///
/// # Errors
/// The name of a value that was never captured.
pub fn fill(text: &str, captures: &Captures) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let name: String = rest[at + 1..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if name.is_empty() {
            out.push('$');
            rest = &rest[at + 1..];
            continue;
        }
        match captures.get(&name) {
            Some(Value::String(text)) => out.push_str(text),
            Some(other) => out.push_str(&other.to_string()),
            None => return Err(format!("${name} was never captured")),
        }
        rest = &rest[at + 1 + name.len()..];
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, value: &str) -> Result<Captures, String> {
        let mut captures = Captures::new();
        let value: Value = serde_json::from_str(value).expect("test value is JSON");
        Pattern::parse(pattern)?.matches(&value, &mut captures)?;
        Ok(captures)
    }

    #[test]
    fn an_object_must_match_exactly_unless_it_says_rest() {
        assert!(check(r#"{"a":1}"#, r#"{"a":1}"#).is_ok());
        assert!(check(r#"{"a":1}"#, r#"{"a":1,"b":2}"#).is_err());
        assert!(check(r#"{"a":1,...}"#, r#"{"a":1,"b":2}"#).is_ok());
        assert!(check(r#"{...}"#, r#"{"b":2}"#).is_ok());
        assert!(check(r#"{"a":1,...}"#, r#"{"a":2}"#).is_err());
        assert!(check(r#"[1,...]"#, "[1,2,3]").is_ok());
        assert!(check(r#"[1]"#, "[1,2]").is_err());
        assert!(check(r#"{"t":"a...$b_"}"#, r#"{"t":"a...$b_"}"#).is_ok());
    }

    #[test]
    fn a_captured_value_must_stay_the_same() {
        assert_eq!(
            check(r#"{"a":$x,"b":$x}"#, r#"{"a":7,"b":7}"#).map(|c| c["x"].clone()),
            Ok(Value::from(7))
        );
        assert!(check(r#"{"a":$x,"b":$x}"#, r#"{"a":7,"b":8}"#).is_err());
        assert!(check(r#"{"a":_}"#, r#"{"a":null}"#).is_ok());
    }
}
