//! The name that was probably meant.

/// The key of `known` that is most similar to `key`; empty if `known` is empty.
pub fn nearest(key: &str, known: impl Iterator<Item = String>) -> String {
    known
        .map(|known| (strsim::normalized_damerau_levenshtein(key, &known), known))
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
        .unwrap_or_default()
}
