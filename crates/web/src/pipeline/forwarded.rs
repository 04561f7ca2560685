//! Reads the header `Forwarded` by its own syntax (RFC 7239): elements, parameters, quoted values.

use std::net::IpAddr;

/// The most commas that a quoted value may contain. An element with more is not read.
const MAX_COMMAS_IN_ELEMENT: usize = 8;

/// The hops of one line, in their order; `None` for a hop that names no address.
///
/// The line is read from its end, where the last proxy wrote, so that text that an untrusted client wrote left of it
/// cannot hide that proxy's entry (RL-2). A part that cannot be read counts as one hop without an address, and reading
/// stops there.
pub(crate) fn hops(line: &[u8]) -> Vec<Option<IpAddr>> {
    let line = String::from_utf8_lossy(line);
    let mut rest = line.trim_matches(BLANKS);
    let mut hops = Vec::new();
    while !rest.is_empty() {
        let Some((element, left)) = last_element(rest) else {
            hops.push(None);
            break;
        };
        // An empty element does not count (RFC 9110, 5.6.1).
        if !element.is_empty() {
            hops.push(client_of(&element));
        }
        rest = left.trim_matches(BLANKS);
    }
    hops.reverse();
    hops
}

const BLANKS: [char; 2] = [' ', '\t'];

/// The last element of a line, and the text before it. A comma may be part of a quoted value; so the element begins
/// after the right-most comma from which the rest of the line is a valid element.
fn last_element(line: &str) -> Option<(Vec<Pair>, &str)> {
    let commas = line.rmatch_indices(',').take(MAX_COMMAS_IN_ELEMENT);
    let mut found = commas.filter_map(|(at, _)| Some((element(&line[at + 1..])?, &line[..at])));
    found.next().or_else(|| Some((element(line)?, "")))
}

/// A parameter: its name, its value without quotes, and whether the value was quoted.
type Pair = (String, String, bool);

/// The parameters of an element; `None` if the text is not a valid element.
fn element(text: &str) -> Option<Vec<Pair>> {
    let mut pairs = Vec::new();
    let mut rest = text.trim_matches(BLANKS);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(';') {
            rest = after.trim_start_matches(BLANKS);
            continue;
        }
        let (pair, after) = pair(rest)?;
        rest = after.trim_start_matches(BLANKS);
        if !(rest.is_empty() || rest.starts_with(';')) {
            return None;
        }
        pairs.push(pair);
    }
    Some(pairs)
}

fn pair(text: &str) -> Option<(Pair, &str)> {
    let (name, rest) = token(text)?;
    let rest = rest.strip_prefix('=')?;
    let quoted = rest.strip_prefix('"');
    let (value, rest) = match quoted {
        Some(rest) => unquoted(rest)?,
        None => token(rest).map(|(value, rest)| (value.to_owned(), rest))?,
    };
    let pair = (name.to_ascii_lowercase(), value, quoted.is_some());
    Some((pair, rest))
}

/// A token (RFC 9110, 5.6.2), and the text after it.
fn token(text: &str) -> Option<(&str, &str)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// The value of a quoted string whose opening quote was already read, and the text after it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(chars.next()?.1),
            c => value.push(c),
        }
    }
    None
}

/// The address in the `for` parameter of an element; `None` if there are two, since they would contradict each other.
fn client_of(element: &[Pair]) -> Option<IpAddr> {
    let mut clients = element.iter().filter(|(name, ..)| name == "for");
    match (clients.next(), clients.next()) {
        (Some((_, client, quoted)), None) => node(client, *quoted),
        _ => None,
    }
}

/// The address of a node (RFC 7239, 6): IPv4, or IPv6 in brackets, with an optional port. A value with a bracket or a
/// colon must be quoted. `unknown` and names that begin with `_` are not addresses.
fn node(text: &str, quoted: bool) -> Option<IpAddr> {
    let (address, port): (IpAddr, _) = if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        (IpAddr::V6(address.parse().ok()?), port)
    } else {
        let end = text.find(':').unwrap_or(text.len());
        (IpAddr::V4(text[..end].parse().ok()?), &text[end..])
    };
    let plain = port.is_empty() && !text.starts_with('[');
    let fits = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    (fits && (quoted || plain)).then(|| address.to_canonical())
}

/// Whether the text is a port number, or an obfuscated port (RFC 7239, 6.2).
fn is_port(text: &str) -> bool {
    let obfuscated = |rest: &str| {
        let part = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        !rest.is_empty() && rest.chars().all(part)
    };
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    (digits && text.parse::<u16>().is_ok()) || text.strip_prefix('_').is_some_and(obfuscated)
}
