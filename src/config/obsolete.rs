//! Keys of earlier versions: accepted and ignored, so that an upgrade starts, and reported, so that they go.

use super::{environment::PREFIX, variable_of};

/// Keys that `config.json` had once, sections with everything below them. A key that goes from the configuration comes
/// here.
const KEYS: &[&str] = &["throttle.requests_per_ip"];

/// Whether `key` was one of an earlier version.
pub(super) fn is_key(key: &str) -> bool {
    KEYS.contains(&key)
}

/// Whether `variable` overrode a key of an earlier version, or one below it.
pub(super) fn is_variable(variable: &str) -> bool {
    variable.starts_with(PREFIX)
        && KEYS.iter().any(|key| {
            let below = variable.strip_prefix(&variable_of(key));
            below.is_some_and(|rest| rest.is_empty() || rest.starts_with("__"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, tree};

    #[test]
    fn no_key_of_today_is_one_of_an_earlier_version() {
        let config = tree::tree_of(&Config::default());
        for (key, _) in tree::leaves(&config) {
            let above = key.match_indices('.').map(|(dot, _)| &key[..dot]);
            assert!(above.chain([key.as_str()]).all(|key| !is_key(key)), "{key}");
        }
    }
}
