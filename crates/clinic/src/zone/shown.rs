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
            MailLanguage::English | MailLanguage::Hindi => format!("{day} {month} {year}"),
            MailLanguage::German => format!("{day}. {month} {year}"),
            MailLanguage::French if day == 1 => format!("1er {month} {year}"),
            MailLanguage::French => format!("{day} {month} {year}"),
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
pub(super) fn all_words(language: MailLanguage) -> Vec<&'static str> {
    let words = words(language);
    [&words.weekdays[..], &words.months].concat()
}
