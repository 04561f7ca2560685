//! The CBOR that authenticators write (RFC 8949).

/// `-1 - n` of a negative number.
pub fn negative(number: i64) -> Vec<u8> {
    head(0x20, (-1 - number).unsigned_abs())
}

/// A number that is not negative.
pub fn unsigned(number: u64) -> Vec<u8> {
    head(0, number)
}

/// A byte string.
pub fn bytes(content: &[u8]) -> Vec<u8> {
    [head(0x40, content.len() as u64), content.to_vec()].concat()
}

/// A text.
pub fn text(content: &str) -> Vec<u8> {
    [
        head(0x60, content.len() as u64),
        content.as_bytes().to_vec(),
    ]
    .concat()
}

/// An array of encoded items.
pub fn array(items: &[Vec<u8>]) -> Vec<u8> {
    [head(0x80, items.len() as u64), items.concat()].concat()
}

/// A map of encoded keys and values.
pub fn map(entries: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>) -> Vec<u8> {
    let entries: Vec<_> = entries
        .into_iter()
        .map(|(key, value)| [key, value].concat())
        .collect();
    [head(0xa0, entries.len() as u64), entries.concat()].concat()
}

fn head(major: u8, number: u64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let long = |info: u8, length: usize| [&[major | info], &bytes[8 - length..]].concat();
    match number {
        0..=23 => vec![major | bytes[7]],
        24..=0xff => long(24, 1),
        0x100..=0xffff => long(25, 2),
        0x1_0000..=0xffff_ffff => long(26, 4),
        _ => long(27, 8),
    }
}
