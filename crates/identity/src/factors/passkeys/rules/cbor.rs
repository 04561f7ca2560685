//! A strict reader of the CBOR of authenticators (RFC 8949; CTAP 2.1, 8). The library of passkeys reads what this one let
//! pass: it would also take indefinite lengths, and the last of two equal keys (PK-14).

/// How deep maps and arrays may be nested: an attestation object has three levels.
const MAX_DEPTH: u8 = 4;

/// The key of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key<'a> {
    /// A number that is not negative.
    Unsigned(u64),
    /// `-1 - n`.
    Negative(u64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A text.
    Text(&'a str),
}

/// A map: each key once, with the bytes of its value.
pub(super) type Map<'a> = Vec<(Key<'a>, &'a [u8])>;

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const SIMPLE: u8 = 7;

/// The map that `bytes` are, and nothing after it; `None` if it is not well-formed.
pub(super) fn map(bytes: &[u8]) -> Option<Map<'_>> {
    match map_of(bytes, MAX_DEPTH)? {
        (map, []) => Some(map),
        _ => None,
    }
}

/// The bytes of a map at the beginning of `bytes`, and what follows it.
pub(super) fn leading_map(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (_, rest) = map_of(bytes, MAX_DEPTH)?;
    bytes.split_at_checked(bytes.len() - rest.len())
}

/// The value of a key.
pub(super) fn value<'a>(map: &Map<'a>, key: Key<'_>) -> Option<&'a [u8]> {
    let mut found = map.iter().filter(|(name, _)| *name == key);
    found.next().map(|(_, value)| *value)
}

/// The text that `bytes` are.
pub(super) fn text(bytes: &[u8]) -> Option<&str> {
    match key(bytes)? {
        (Key::Text(text), []) => Some(text),
        _ => None,
    }
}

/// The byte string that `bytes` are.
pub(super) fn byte_string(bytes: &[u8]) -> Option<&[u8]> {
    match key(bytes)? {
        (Key::Bytes(content), []) => Some(content),
        _ => None,
    }
}

fn map_of(bytes: &[u8], depth: u8) -> Option<(Map<'_>, &[u8])> {
    let (MAP, count, mut rest) = head(bytes)? else {
        return None;
    };
    let inner = depth.checked_sub(1)?;
    // The count is not believed: memory grows with the entries that are there.
    let mut map = Map::new();
    for _ in 0..count {
        let (key, from_value) = key(rest)?;
        if map.iter().any(|(name, _)| *name == key) {
            return None;
        }
        let after = item(from_value, inner)?;
        let value = from_value.get(..from_value.len() - after.len())?;
        map.push((key, value));
        rest = after;
    }
    Some((map, rest))
}

/// What follows the first item.
fn item(bytes: &[u8], depth: u8) -> Option<&[u8]> {
    match head(bytes)? {
        (ARRAY, count, mut rest) => {
            let inner = depth.checked_sub(1)?;
            for _ in 0..count {
                rest = item(rest, inner)?;
            }
            Some(rest)
        }
        (MAP, ..) => map_of(bytes, depth).map(|(_, rest)| rest),
        // false, true and null.
        (SIMPLE, 20..=22, rest) => Some(rest),
        // Tags, floats and other simple values stand nowhere in what an authenticator sends.
        _ => key(bytes).map(|(_, rest)| rest),
    }
}

fn key(bytes: &[u8]) -> Option<(Key<'_>, &[u8])> {
    let (major, number, rest) = head(bytes)?;
    match major {
        UNSIGNED => Some((Key::Unsigned(number), rest)),
        NEGATIVE => Some((Key::Negative(number), rest)),
        BYTES | TEXT => {
            let (content, rest) = rest.split_at_checked(usize::try_from(number).ok()?)?;
            let key = match major {
                BYTES => Key::Bytes(content),
                _ => Key::Text(str::from_utf8(content).ok()?),
            };
            Some((key, rest))
        }
        _ => None,
    }
}

/// The major type, the number in the head, and what follows it. `None` for indefinite lengths and reserved forms.
fn head(bytes: &[u8]) -> Option<(u8, u64, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (major, short) = (first >> 5, first & 0x1f);
    let length = match short {
        0..=23 => return Some((major, short.into(), rest)),
        24..=27 => 1_usize << (short - 24),
        _ => return None,
    };
    // A simple value and a float have other forms here, and neither is taken.
    let (number, rest) = rest.split_at_checked(length)?;
    let number = number
        .iter()
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    (major != SIMPLE).then_some((major, number, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // PK-14
    #[test]
    fn what_is_not_one_strict_map_is_refused() {
        let deep = [[0x81_u8; 4000].as_slice(), &[0]].concat();
        let nested = [&[0xa1, 0x00][..], &deep].concat();
        let hostile: [(&str, &[u8]); 16] = [
            ("nothing", b""),
            ("no map", b"\x80"),
            ("a map without its value", b"\xa1\x01"),
            (
                "a length beyond the end",
                b"\xa1\x01\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
            ),
            (
                "a map that says it is huge",
                b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff",
            ),
            (
                "an array that says it is huge",
                b"\xa1\x01\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
            ),
            ("a key twice", b"\xa2\x01\x00\x01\x00"),
            ("a key twice in two spellings", b"\xa2\x01\x00\x18\x01\x00"),
            ("a trailing byte", b"\xa0\x00"),
            ("an indefinite map", b"\xbf\xff"),
            ("indefinite bytes", b"\xa1\x01\x5f\x41\x00\xff"),
            ("a tag", b"\xa1\x01\xc0\x00"),
            ("a float", b"\xa1\x01\xfb\x00\x00\x00\x00\x00\x00\x00\x00"),
            ("a map as a key", b"\xa1\xa0\x00"),
            ("text that is no UTF-8", b"\xa1\x01\x61\xff"),
            ("a tower", &nested),
        ];
        for (what, bytes) in hostile {
            assert_eq!(map(bytes), None, "{what}");
        }
    }

    #[test]
    fn a_map_is_read_with_its_values() {
        let bytes = b"\xa3\x63fmt\x64none\x20\x43\x01\x02\x03\x19\x01\x00\xf5";
        let map = map(bytes).unwrap();
        assert_eq!(value(&map, Key::Text("fmt")).and_then(text), Some("none"));
        let numbers = value(&map, Key::Negative(0)).and_then(byte_string);
        assert_eq!(numbers, Some(&[1, 2, 3][..]));
        assert_eq!(value(&map, Key::Unsigned(256)), Some(&[0xf5][..]));
        assert_eq!(value(&map, Key::Unsigned(1)), None);
        assert_eq!(
            leading_map(b"\xa1\x01\x02\x07"),
            Some((&b"\xa1\x01\x02"[..], &b"\x07"[..]))
        );
    }

    proptest! {
        // PK-14
        #[test]
        fn reading_any_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = map(&bytes);
            let _ = leading_map(&bytes);
        }
    }
}
