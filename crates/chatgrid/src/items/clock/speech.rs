//! The words of a clock, as sounds in a row (chatgrid.md 4.6).

use super::time::Local;

/// Why a clock speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Occasion {
    /// Somebody asked it.
    Asked,
    /// The hour is full.
    TopOfHour,
    /// Its alarm rings.
    Alarm,
}

/// The sounds that say a time.
pub fn speech(time: Local, hours24: bool, occasion: Occasion) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut say = |word: &str| words.push(format!("/sounds/clock/el640/{word}.ogg"));
    match occasion {
        Occasion::Asked => {}
        Occasion::TopOfHour => say("hour1"),
        Occasion::Alarm => say("announcement"),
    }
    say("its");
    if hours24 {
        number(time.hour, &mut say);
    } else {
        let hour = time.hour % 12;
        say(&(if hour == 0 { 12 } else { hour }).to_string());
    }
    if time.minute > 0 {
        if time.minute < 10 {
            say("o");
        }
        number(time.minute, &mut say);
    }
    if !hours24 {
        say(if time.hour < 12 { "AM" } else { "PM" });
    }
    match occasion {
        Occasion::Asked => {}
        Occasion::TopOfHour => say("hour2"),
        Occasion::Alarm => say("alarm"),
    }
    words
}

/// A number below sixty: one word up to twenty, else tens and ones.
fn number(number: i8, say: &mut impl FnMut(&str)) {
    if number < 20 {
        return say(&number.to_string());
    }
    say(&(number / 10 * 10).to_string());
    if number % 10 > 0 {
        say(&(number % 10).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(hour: i8, minute: i8, hours24: bool, occasion: Occasion) -> String {
        let words = speech(Local { hour, minute, ..Local::default() }, hours24, occasion);
        let stem = |word: &String| {
            let word = word.strip_prefix("/sounds/clock/el640/").expect("the folder");
            word.strip_suffix(".ogg").expect("a sound").to_owned()
        };
        words.iter().map(stem).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn times_are_said_as_the_recordings_allow() {
        use Occasion::{Alarm, Asked, TopOfHour};
        assert_eq!(said(15, 5, false, Asked), "its,3,o,5,PM");
        assert_eq!(said(16, 40, false, Asked), "its,4,40,PM");
        assert_eq!(said(0, 0, true, TopOfHour), "hour1,its,0,hour2");
        assert_eq!(said(21, 32, true, Asked), "its,20,1,30,2");
        assert_eq!(said(7, 0, false, Alarm), "announcement,its,7,AM,alarm");
        assert_eq!(said(0, 0, false, Asked), "its,12,AM");
        assert_eq!(said(12, 19, false, Asked), "its,12,19,PM");
        assert_eq!(said(20, 20, true, Asked), "its,20,20");
        assert_eq!(said(9, 9, true, Asked), "its,9,o,9");
        assert_eq!(said(23, 59, true, Asked), "its,20,3,50,9");
        assert_eq!(said(12, 0, false, TopOfHour), "hour1,its,12,PM,hour2");
    }

    #[test]
    fn only_recorded_words_are_said() {
        let words: Vec<String> = (0..=20).chain([30, 40, 50]).map(|number: i32| number.to_string()).collect();
        let marks = ["AM", "PM", "o", "its", "hour1", "hour2", "announcement", "alarm"];
        for minute in 0..24 * 60_i32 {
            for hours24 in [true, false] {
                let (hour, minute) = ((minute / 60) as i8, (minute % 60) as i8);
                for word in said(hour, minute, hours24, Occasion::Alarm).split(',') {
                    assert!(marks.contains(&word) || words.iter().any(|known| known == word), "{word}");
                }
            }
        }
    }
}
