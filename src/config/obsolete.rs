//! Keys of earlier versions. They are ignored, so that the service still starts after an upgrade, and reported, so that
//! operators remove them.

use super::{environment::PREFIX, variable_of};

/// Keys that `config.json` had in an earlier version; a section means all keys below it. A key that is removed from the
/// configuration is added here.
const KEYS: &[&str] = &["throttle.requests_per_ip"];

/// Whether `key` is a key of an earlier version.
pub(super) fn is_key(key: &str) -> bool {
    KEYS.contains(&key)
}

/// Whether `variable` overrides a key of an earlier version, or a key below one.
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
    fn no_current_key_is_in_the_list_of_obsolete_keys() {
        let config = tree::tree_of(&Config::default());
        for (key, _) in tree::leaves(&config) {
            let above = key.match_indices('.').map(|(dot, _)| &key[..dot]);
            assert!(above.chain([key.as_str()]).all(|key| !is_key(key)), "{key}");
        }
    }
}
