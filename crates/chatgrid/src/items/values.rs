//! Values of properties as clients send them, and as they are kept (chatgrid.md 4.5).

use crate::config::Config;
use commonroom_core::item::{Param, Params};
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// Why a change cannot be: told word for word to who asked for it.
pub type Complaint = String;

/// An item's properties about to be changed: what was sent over what is kept.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// All properties of the type as they are.
    pub kept: &'a Params,
    /// What was sent.
    pub sent: &'a Map<String, Value>,
    /// The operator's settings.
    pub config: &'a Config,
}

impl Draft<'_> {
    /// What a property is to be.
    pub fn value(&self, key: &str) -> Value {
        let kept = || match self.kept.get(key) {
            Some(Param::Bool(value)) => Value::from(*value),
            Some(Param::Int(value)) => Value::from(*value),
            Some(Param::Real(value)) => Value::from(*value),
            Some(Param::Text(value)) => Value::from(value.as_str()),
            None => Value::Null,
        };
        self.sent.get(key).cloned().unwrap_or_else(kept)
    }

    /// A property that clients may not change, as it is kept.
    pub fn managed(&self, key: &str) -> Param {
        self.kept.get(key).cloned().unwrap_or(Param::Text(String::new()))
    }

    /// A finite number, also one written as text.
    pub fn number(&self, key: &str) -> Option<f64> {
        let number = match self.value(key) {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse::<f64>().ok(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        number.filter(|number| number.is_finite())
    }

    /// A number without a fraction.
    pub fn whole(&self, key: &str) -> Option<f64> {
        self.number(key).filter(|number| number.fract() == 0.0)
    }

    /// True or false in any of its clothes: a number, `on`, `yes`.
    pub fn on_off(&self, key: &str) -> Option<bool> {
        match self.value(key) {
            Value::Bool(on) => Some(on),
            Value::Number(number) => number.as_f64().map(|number| number != 0.0),
            Value::String(text) => match text.trim().to_lowercase().as_str() {
                "on" | "true" | "1" | "yes" => Some(true),
                "off" | "false" | "0" | "no" => Some(false),
                _ => None,
            },
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// A text without blanks around it and without control characters.
    pub fn text(&self, key: &str) -> Option<String> {
        let value = self.value(key);
        value.as_str().map(|text| text.trim().chars().filter(|c| !c.is_control()).collect())
    }

    /// One of a few words, or `complaint`.
    ///
    /// # Errors
    /// The complaint.
    pub fn one_of(&self, key: &str, options: &[&str], complaint: &str) -> Result<Param, Complaint> {
        let word = self.text(key).map(|word| word.to_lowercase());
        let word = word.filter(|word| options.contains(&word.as_str()));
        word.map(Param::Text).ok_or_else(|| complaint.to_owned())
    }

    /// A whole number of a range.
    ///
    /// # Errors
    /// `no_number`, or that it must lie in the range.
    pub fn whole_in(
        &self,
        key: &str,
        range: RangeInclusive<i32>,
        no_number: &str,
    ) -> Result<Param, Complaint> {
        let number = self.whole(key).ok_or_else(|| format!("{key} {no_number}"))?;
        between(key, number, range)?;
        Ok(int(number))
    }

    /// A number of a range with at most one decimal.
    ///
    /// # Errors
    /// `no_number`, or that it must lie in the range.
    pub fn decimal_in(
        &self,
        key: &str,
        range: RangeInclusive<i32>,
        no_number: &str,
    ) -> Result<Param, Complaint> {
        let number = self.number(key).ok_or_else(|| format!("{key} {no_number}"))?;
        between(key, number, range)?;
        let rounded = (number * 10.0).round() / 10.0;
        Ok(if rounded.fract() == 0.0 { int(rounded) } else { Param::Real(rounded) })
    }
}

fn between(key: &str, number: f64, range: RangeInclusive<i32>) -> Result<(), Complaint> {
    let (min, max) = range.into_inner();
    if (f64::from(min)..=f64::from(max)).contains(&number) {
        Ok(())
    } else {
        Err(format!("{key} must be between {min} and {max}."))
    }
}

/// A small number without its fraction.
#[expect(
    clippy::cast_possible_truncation,
    reason = "numbers of properties are small: they are checked before"
)]
pub fn int(number: f64) -> Param {
    Param::Int(number.round() as i64)
}

/// A text among properties; empty when there is none.
pub fn text_of<'a>(params: &'a Params, key: &str) -> &'a str {
    match params.get(key) {
        Some(Param::Text(text)) => text,
        Some(Param::Bool(_) | Param::Int(_) | Param::Real(_)) | None => "",
    }
}

/// A whole number among properties.
pub fn number_of(params: &Params, key: &str) -> Option<i64> {
    match params.get(key) {
        Some(Param::Int(value)) => Some(*value),
        Some(Param::Bool(_) | Param::Real(_) | Param::Text(_)) | None => None,
    }
}

/// True when a property is switched on.
pub fn is_on(params: &Params, key: &str) -> bool {
    params.get(key) == Some(&Param::Bool(true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn with<T>(value: Value, look: impl FnOnce(Draft<'_>) -> T) -> T {
        let sent = json!({ "key": value }).as_object().expect("an object").clone();
        look(Draft { kept: &Params::new(), sent: &sent, config: &Config::default() })
    }

    #[test]
    fn numbers_are_finite_and_may_be_written_as_text() {
        let whole = |value: Value| with(value, |draft| draft.whole("key"));
        assert_eq!(whole(json!(7)), Some(7.0));
        assert_eq!(whole(json!(7.0)), Some(7.0));
        assert_eq!(whole(json!(" 7 ")), Some(7.0));
        for bad in
            [json!(7.5), json!("inf"), json!("NaN"), json!("1e999"), json!(true), json!(null), json!([])]
        {
            assert_eq!(whole(bad.clone()), None, "{bad}");
        }
        let decimal =
            |value: Value| with(value, |draft| draft.decimal_in("key", 0..=100, "must be a number."));
        assert_eq!(decimal(json!(12.34)), Ok(Param::Real(12.3)));
        assert_eq!(decimal(json!(99.99)), Ok(Param::Int(100)));
        assert_eq!(decimal(json!(100.1)), Err("key must be between 0 and 100.".to_owned()));
        assert_eq!(decimal(json!("x")), Err("key must be a number.".to_owned()));
    }

    #[test]
    fn on_and_off_have_many_clothes() {
        let on_off = |value: Value| with(value, |draft| draft.on_off("key"));
        for on in [json!(true), json!(1), json!(0.5), json!("ON"), json!(" yes "), json!("1"), json!("True")]
        {
            assert_eq!(on_off(on.clone()), Some(true), "{on}");
        }
        for off in [json!(false), json!(0), json!("off"), json!("No"), json!("0"), json!("false")] {
            assert_eq!(on_off(off.clone()), Some(false), "{off}");
        }
        for neither in [json!("maybe"), json!(null), json!([]), json!({})] {
            assert_eq!(on_off(neither.clone()), None, "{neither}");
        }
    }
}
