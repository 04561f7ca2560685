//! A time as mails and pages show it, in the five languages of the mails (APT-14).

use chrono::{Datelike, Timelike};
use kernel::{clock::Timestamp, mail_language::MailLanguage};

use super::{Zone, to_instant};

/// A time in words. Subject, body and page take it from here, so they say the same (APT-14).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownTime {
    /// `Monday`.
    pub weekday: &'static str,
    /// `30 March 2026`.
    pub date: String,
    /// `09:00`, of 24 hours in every language.
    pub time: String,
    /// `CEST`; `UTC+05:45` for a zone without an abbreviation.
    pub zone: String,
    /// `Zurich`, the city of the zone's name; empty for UTC.
    pub city: String,
    /// All of them in one line: `Monday, 30 March 2026, 09:00 (CEST, Zurich)`.
    pub line: String,
}

impl Zone {
    /// `at` in words of `language`.
    pub fn shown(&self, at: Timestamp, language: MailLanguage) -> ShownTime {
        let wall = self.wall(at);
        let words = words(language);
        let weekday = word(&words.weekdays, wall.weekday().num_days_from_monday());
        let month = word(&words.months, wall.month0());
        let (day, year) = (wall.day(), wall.year());
        let date = match language {
            MailLanguage::French if day == 1 => format!("1er {month} {year}"),
            MailLanguage::English | MailLanguage::French | MailLanguage::Hindi => {
                format!("{day} {month} {year}")
            }
            MailLanguage::German => format!("{day}. {month} {year}"),
            MailLanguage::Spanish => format!("{day} de {month} de {year}"),
        };
        let time = format!("{:02}:{:02}", wall.hour(), wall.minute());
        let (zone, city) = (self.abbreviation(at), self.city());
        let place = match city.as_str() {
            "" => zone.clone(),
            city => format!("{zone}, {city}"),
        };
        let line = match language {
            MailLanguage::German => format!("{weekday}, {date}, {time} Uhr ({place})"),
            MailLanguage::French => format!("{weekday} {date}, {time} ({place})"),
            _ => format!("{weekday}, {date}, {time} ({place})"),
        };
        ShownTime {
            weekday,
            date,
            time,
            zone,
            city,
            line,
        }
    }

    /// `CEST`, or `UTC+05:45` where the database has only digits for an abbreviation.
    fn abbreviation(&self, at: Timestamp) -> String {
        let info = self.0.to_offset_info(to_instant(at));
        if info.abbreviation().starts_with(['+', '-']) {
            let local = self.local_text(at);
            let offset = local.get(local.len().saturating_sub(6)..);
            return format!("UTC{}", offset.unwrap_or_default());
        }
        info.abbreviation().to_owned()
    }

    /// The last part of the zone's name, with blanks. Names such as `Etc/UTC` have no city.
    fn city(&self) -> String {
        match self.name().rsplit_once('/') {
            Some((region, city)) if region != "Etc" => city.replace('_', " "),
            _ => String::new(),
        }
    }
}

struct Words {
    weekdays: [&'static str; 7],
    months: [&'static str; 12],
}

fn word(words: &[&'static str], index: u32) -> &'static str {
    let index = usize::try_from(index).unwrap_or_default();
    words.get(index).copied().unwrap_or_default()
}

#[rustfmt::skip]
const fn words(language: MailLanguage) -> Words {
    match language {
        MailLanguage::English => Words {
            weekdays: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
            months: ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                "November", "December"],
        },
        MailLanguage::German => Words {
            weekdays: ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
            months: ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
                "November", "Dezember"],
        },
        MailLanguage::French => Words {
            weekdays: ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
            months: ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
                "novembre", "décembre"],
        },
        MailLanguage::Spanish => Words {
            weekdays: ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
            months: ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
                "noviembre", "diciembre"],
        },
        MailLanguage::Hindi => Words {
            weekdays: ["सोमवार", "मंगलवार", "बुधवार", "गुरुवार", "शुक्रवार", "शनिवार", "रविवार"],
            months: ["जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर", "दिसंबर"],
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::parse(name).unwrap()
    }

    // APT-14
    #[test]
    fn a_shown_time_speaks_each_language_of_the_mails() {
        let at: Timestamp = "2026-03-01T08:05:00Z".parse().unwrap();
        let zurich = zone("Europe/Zurich");
        for (language, line) in [
            (
                MailLanguage::English,
                "Sunday, 1 March 2026, 09:05 (CET, Zurich)",
            ),
            (
                MailLanguage::German,
                "Sonntag, 1. März 2026, 09:05 Uhr (CET, Zurich)",
            ),
            (
                MailLanguage::French,
                "dimanche 1er mars 2026, 09:05 (CET, Zurich)",
            ),
            (
                MailLanguage::Spanish,
                "domingo, 1 de marzo de 2026, 09:05 (CET, Zurich)",
            ),
            (
                MailLanguage::Hindi,
                "रविवार, 1 मार्च 2026, 09:05 (CET, Zurich)",
            ),
        ] {
            let shown = zurich.shown(at, language);
            assert_eq!(shown.line, line);
            for part in [
                shown.weekday,
                &shown.date,
                &shown.time,
                &shown.zone,
                &shown.city,
            ] {
                assert!(!part.is_empty() && shown.line.contains(part), "{part}");
            }
        }
        let nepal = zone("Asia/Kathmandu").shown(at, MailLanguage::English);
        assert_eq!(
            (nepal.time.as_str(), nepal.zone.as_str()),
            ("13:50", "UTC+05:45")
        );
        assert_eq!(
            zone("America/New_York")
                .shown(at, MailLanguage::French)
                .city,
            "New York"
        );
        assert_eq!(
            Zone::utc().shown(at, MailLanguage::French).line,
            "dimanche 1er mars 2026, 08:05 (UTC)"
        );
    }

    #[test]
    fn every_word_of_a_language_is_another() {
        for language in MailLanguage::ALL {
            let mut words: Vec<&str> =
                [&words(language).weekdays[..], &words(language).months].concat();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), 7 + 12, "{language:?}");
        }
    }
}
