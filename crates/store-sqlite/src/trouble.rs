//! What goes wrong inside, and the text it becomes: never a value of a row, because those are people's words.

use commonroom_core::store::Fault;
use rusqlite::types::FromSqlError;
use std::fmt;

/// A failure on its way to becoming a [`Fault`].
#[derive(Debug)]
pub(crate) enum Trouble {
    /// SQLite said no.
    Sql(rusqlite::Error),
    /// A stored noun cannot be read or written as JSON.
    Json(&'static str, serde_json::Error),
    /// Anything else, in words for the operator.
    Words(String),
}

pub(crate) type Outcome<T> = Result<T, Trouble>;

impl Trouble {
    pub(crate) fn words(text: impl Into<String>) -> Self {
        Self::Words(text.into())
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sql(rusqlite::Error::SqliteFailure(code, Some(text))) => {
                write!(f, "SQLite: {text} (code {})", code.extended_code)
            }
            Self::Sql(error) => write!(f, "SQLite: {error}"),
            // The error's own text may quote the value: only where it is and of what sort.
            Self::Json(noun, error) => {
                write!(f, "stored {noun} is no valid JSON of its kind: {:?} error", error.classify())?;
                write!(f, " in line {} column {}", error.line(), error.column())
            }
            Self::Words(text) => f.write_str(text),
        }
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<FromSqlError> for Trouble {
    fn from(_: FromSqlError) -> Self {
        Self::words("SQLite: a column holds another type than it should")
    }
}

impl From<Trouble> for Fault {
    fn from(trouble: Trouble) -> Self {
        Self(trouble.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_does_not_quote_what_people_wrote() {
        let error = serde_json::from_str::<u32>("\"my secret\"").expect_err("a text is no number");
        assert!(error.to_string().contains("my secret"), "the reason for this test");
        let fault = Fault::from(Trouble::Json("message", error));
        assert!(!fault.0.contains("secret"), "{fault}");
    }
}
