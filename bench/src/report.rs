//! The table: what was measured, what stands beside it, and whether the target was met.

use std::fmt::Write as _;

/// A target and how it was met.
#[derive(Clone, Debug)]
pub struct Aim {
    text: String,
    verdict: String,
}

impl Aim {
    /// The measured figure should be at most the limit; `text` says so.
    pub fn at_most(measured: f64, limit: f64, text: impl Into<String>) -> Self {
        Self::of(measured <= limit, measured / limit, text)
    }

    /// The measured figure should be at least the limit; `text` says so.
    pub fn at_least(measured: f64, limit: f64, text: impl Into<String>) -> Self {
        Self::of(measured >= limit, limit / measured, text)
    }

    /// Something should have happened, and did not.
    pub fn missed(text: impl Into<String>, verdict: impl Into<String>) -> Self {
        Self { text: text.into(), verdict: verdict.into() }
    }

    fn of(is_met: bool, by: f64, text: impl Into<String>) -> Self {
        let verdict = if is_met { "met".to_owned() } else { format!("missed by {by:.2}x") };
        Self { text: text.into(), verdict }
    }
}

/// One line.
#[derive(Clone, Default, Debug)]
pub struct Row {
    case: String,
    figure: String,
    measured: String,
    beside: String,
    ratio: String,
    aim: Option<Aim>,
}

impl Row {
    /// A figure of a case.
    pub fn new(case: impl Into<String>, figure: impl Into<String>, measured: impl Into<String>) -> Self {
        Self { case: case.into(), figure: figure.into(), measured: measured.into(), ..Self::default() }
    }

    /// What was measured beside it in the same run, and the ratio to it.
    #[must_use]
    pub fn beside(mut self, what: impl Into<String>, ratio: f64) -> Self {
        self.beside = what.into();
        self.ratio = format!("{ratio:.2}");
        self
    }

    /// The target.
    #[must_use]
    pub fn aim(mut self, aim: Aim) -> Self {
        self.aim = Some(aim);
        self
    }

    fn cells(&self) -> [&str; 7] {
        let (target, verdict) = self.aim.as_ref().map_or(("", ""), |aim| (&aim.text, &aim.verdict));
        [&self.case, &self.figure, &self.measured, &self.beside, &self.ratio, target, verdict]
    }
}

/// All lines with aligned columns.
pub fn table(rows: &[Row]) -> String {
    let head = ["case", "figure", "measured", "beside", "ratio", "target", "verdict"];
    let lines: Vec<[&str; 7]> = std::iter::once(head).chain(rows.iter().map(Row::cells)).collect();
    let mut widths = [0; 7];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    let mut last = "";
    for line in &lines {
        // A case is named once.
        let case = if line[0] == last { "" } else { line[0] };
        last = line[0];
        let cells = std::iter::once(case).chain(line[1..].iter().copied()).zip(widths);
        let line: String = cells.fold(String::new(), |mut line, (cell, width)| {
            // Writing to a string cannot fail.
            let _ = write!(line, "{cell:width$}  ");
            line
        });
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A number with blanks between thousands.
pub fn count(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aims_say_by_how_much_they_were_missed() {
        assert_eq!(Aim::at_most(1.0, 1.15, "").verdict, "met");
        assert_eq!(Aim::at_most(2.3, 1.15, "").verdict, "missed by 2.00x");
        assert_eq!(Aim::at_least(2.0, 4.0, "").verdict, "missed by 2.00x");
    }

    #[test]
    fn columns_are_aligned_and_cases_named_once() {
        let rows = [Row::new("a", "x", "1").beside("floor 2", 0.5), Row::new("a", "longer", "22")];
        let table = table(&rows);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0].find("measured"), lines[1].find('1'));
        assert!(lines[2].starts_with("      longer") && lines[1].contains("0.50"));
        assert_eq!(
            (count(1_234_567.8), count(12.0), count(123.0)),
            ("1,234,568".into(), "12".into(), "123".into())
        );
    }
}
