//! One line: from bytes to a checked record, or to everything that is wrong with it.

use std::borrow::Cow;
use std::str::from_utf8;

use simd_json::{Buffers, ErrorType, INPUT_PADDING, Node, StaticNode, Tape, fill_tape_padded};

/// Deeper nesting is refused. The parser is not recursive, so this guards no stack; it only stops
/// lines that cannot be meant.
const MAX_DEPTH: usize = 64;
const KEYS: [&str; 5] = ["id", "input", "res", "label", "uuid"];
/// Text of the file quoted in a reason is cut after this many characters.
const QUOTE_CHARS: usize = 32;

/// The parts of a good line; texts borrow from the reader.
pub(super) struct Record<'line> {
    pub item: i64,
    pub prompt: &'line str,
    pub response: &'line str,
    pub gold: i8,
    pub uuid: Cow<'line, str>,
}

/// One thing wrong with a line.
#[derive(Debug)]
pub(super) struct Flaw {
    pub column: Option<&'static str>,
    pub reason: String,
}

/// Reads lines one after the other into the same memory.
pub(super) struct RecordReader {
    n_options: u8,
    line: Vec<u8>,
    buffers: Buffers,
    tape: Tape<'static>,
}

impl RecordReader {
    pub(super) fn new(n_options: u8) -> Self {
        Self {
            n_options,
            line: Vec::new(),
            buffers: Buffers::with_max_depth(0, MAX_DEPTH),
            tape: Tape::null().reset(),
        }
    }

    pub(super) fn read(&mut self, line: &[u8]) -> Result<Record<'_>, Vec<Flaw>> {
        self.line.clear();
        self.line.extend_from_slice(line);
        // The parser writes unescaped text over its input and reads past the end of it.
        self.line.resize(line.len() + INPUT_PADDING, 0);
        let mut tape = std::mem::replace(&mut self.tape, Tape(Vec::new())).reset();
        let parsed = fill_tape_padded(&mut self.line, line.len(), &mut self.buffers, &mut tape);
        let record = match parsed {
            Ok(()) => check(&tape.0, self.n_options),
            Err(error) => Err(vec![Flaw { column: None, reason: diagnose(line, error.error()) }]),
        };
        self.tape = tape.reset();
        record
    }
}

fn check<'line>(nodes: &[Node<'line>], n_options: u8) -> Result<Record<'line>, Vec<Flaw>> {
    let mut flaws = Vec::new();
    let [id, prompt, response, label, uuid] = match top_level(nodes, &mut flaws) {
        Ok(values) => values,
        Err(reason) => return Err(vec![Flaw { column: None, reason }]),
    };
    let mut keep = |column: &'static str, reason: String| {
        flaws.push(Flaw { column: Some(column), reason });
    };
    let item = id.and_then(|node| integer(node).map_err(|reason| keep("id", reason)).ok());
    let prompt = prompt.and_then(|node| text(node).map_err(|reason| keep("input", reason)).ok());
    let response = response.and_then(|node| text(node).map_err(|reason| keep("res", reason)).ok());
    let gold =
        label.and_then(|node| option(node, n_options).map_err(|reason| keep("label", reason)).ok());
    let uuid = uuid.and_then(|node| identifier(node).map_err(|reason| keep("uuid", reason)).ok());
    match (item, prompt, response, gold, uuid) {
        (Some(item), Some(prompt), Some(response), Some(gold), Some(uuid)) if flaws.is_empty() => {
            Ok(Record { item, prompt, response, gold, uuid })
        }
        _ => {
            // What is missing was found before what is wrong; say both in the order of the keys.
            flaws.sort_by_key(|flaw| KEYS.iter().position(|key| Some(*key) == flaw.column));
            Err(flaws)
        }
    }
}

/// The values of [`KEYS`]; a key that is missing or repeated is a flaw and gives `None`.
fn top_level<'tape, 'line>(
    nodes: &'tape [Node<'line>],
    flaws: &mut Vec<Flaw>,
) -> Result<[Option<&'tape Node<'line>>; KEYS.len()], String> {
    let members = match nodes.first() {
        Some(Node::Object { len, .. }) => *len,
        Some(other) => return Err(format!("not a JSON object but {}", kind(other))),
        None => return Err("not a JSON object".to_owned()),
    };
    let mut values = [None; KEYS.len()];
    let mut repeated = [false; KEYS.len()];
    let mut position = 1;
    for _ in 0..members {
        let Node::String(name) = &nodes[position] else {
            return Err("not a JSON object (a key is no string)".to_owned());
        };
        let value = &nodes[position + 1];
        if let Some(key) = KEYS.iter().position(|key| key == name) {
            repeated[key] |= values[key].is_some();
            values[key] = Some(value);
        }
        position += 1 + match value {
            Node::Object { count, .. } | Node::Array { count, .. } => count + 1,
            Node::String(_) | Node::Static(_) => 1,
        };
    }
    for (index, key) in KEYS.into_iter().enumerate() {
        if repeated[index] {
            values[index] = None;
            flaws.push(Flaw {
                column: Some(key),
                reason: "the key occurs more than once".to_owned(),
            });
        } else if values[index].is_none() {
            flaws.push(Flaw { column: Some(key), reason: "the key is missing".to_owned() });
        }
    }
    Ok(values)
}

fn integer(node: &Node<'_>) -> Result<i64, String> {
    match node {
        Node::Static(StaticNode::I64(value)) if *value < 0 => Err(format!("{value} is negative")),
        Node::Static(StaticNode::I64(value)) => Ok(*value),
        Node::Static(StaticNode::U64(value)) => {
            i64::try_from(*value).map_err(|_| format!("{value} is over the limit of {}", i64::MAX))
        }
        other => Err(format!("expected an integer, found {}", kind(other))),
    }
}

fn text<'line>(node: &Node<'line>) -> Result<&'line str, String> {
    match node {
        Node::String(text) => Ok(text),
        other => Err(format!("expected a string, found {}", kind(other))),
    }
}

fn option(node: &Node<'_>, n_options: u8) -> Result<i8, String> {
    let label = text(node)?;
    let last = b'A' + n_options - 1;
    match label.as_bytes() {
        [letter] if (b'A'..=last).contains(letter) => Ok((letter - b'A') as i8),
        _ => Err(format!("{} is not one of A..{}", quote(label), last as char)),
    }
}

fn identifier<'line>(node: &Node<'line>) -> Result<Cow<'line, str>, String> {
    match node {
        Node::String(text) => Ok(Cow::Borrowed(text)),
        Node::Static(StaticNode::I64(value)) => Ok(Cow::Owned(value.to_string())),
        Node::Static(StaticNode::U64(value)) => Ok(Cow::Owned(value.to_string())),
        other => Err(format!("expected a string or an integer, found {}", kind(other))),
    }
}

const fn kind(node: &Node<'_>) -> &'static str {
    match node {
        Node::String(_) => "a string",
        Node::Object { .. } => "an object",
        Node::Array { .. } => "an array",
        Node::Static(StaticNode::Null) => "null",
        Node::Static(StaticNode::Bool(_)) => "a boolean",
        Node::Static(StaticNode::F64(_)) => "a number with a fraction or exponent",
        Node::Static(StaticNode::I64(_) | StaticNode::U64(_)) => "an integer",
    }
}

/// Say plainly why the parser refused a line.
fn diagnose(line: &[u8], error: &ErrorType) -> String {
    if let Err(not_utf8) = from_utf8(line) {
        let at = not_utf8.valid_up_to();
        return format!("not UTF-8 (byte 0x{:02X} at byte {} of the line)", line[at], at + 1);
    }
    if let Some(at) = memchr::memchr(0, line) {
        return format!("a NUL at byte {} of the line", at + 1);
    }
    let scan = Scan::of(line);
    if *error == ErrorType::DepthLimitExceeded || scan.deepest > MAX_DEPTH {
        return format!("nested more than {MAX_DEPTH} levels deep");
    }
    if let Some(at) = scan.control {
        let byte = line[at];
        return format!(
            "an unescaped control character (0x{byte:02X}) at byte {} of the line",
            at + 1
        );
    }
    if scan.starts_object && scan.open {
        return "not a JSON object (unexpected end)".to_owned();
    }
    if let Some(escape) = scan.lone_surrogate {
        return format!("a lone surrogate, {escape}, which is no character");
    }
    if !scan.starts_object {
        return format!(
            "not a JSON object (starts with {})",
            quote(&String::from_utf8_lossy(line))
        );
    }
    let flaw = match error {
        ErrorType::InvalidNumber | ErrorType::InvalidExponent => {
            "a number is malformed or too large"
        }
        ErrorType::InvalidEscape
        | ErrorType::InvalidUnicodeEscape
        | ErrorType::InvalidUnicodeCodepoint => "an escape is malformed",
        _ => "a syntax error",
    };
    format!("not a JSON object ({flaw})")
}

/// What one walk over a refused line shows. Only bad lines are walked.
#[derive(Default)]
struct Scan {
    starts_object: bool,
    /// A string, an array or an object is still open at the end.
    open: bool,
    deepest: usize,
    control: Option<usize>,
    lone_surrogate: Option<String>,
}

impl Scan {
    fn of(line: &[u8]) -> Self {
        let mut scan =
            Self { starts_object: line.trim_ascii_start().starts_with(b"{"), ..Self::default() };
        let (mut depth, mut in_string) = (0_usize, false);
        let mut at = 0;
        while at < line.len() {
            match (in_string, line[at]) {
                (true, b'\\') => {
                    at += scan.escape(&line[at..]);
                    continue;
                }
                (_, b'"') => in_string = !in_string,
                (true, 0..=0x1F) => scan.control = scan.control.or(Some(at)),
                (false, b'{' | b'[') => {
                    depth += 1;
                    scan.deepest = scan.deepest.max(depth);
                }
                (false, b'}' | b']') => depth = depth.saturating_sub(1),
                _ => {}
            }
            at += 1;
        }
        scan.open = in_string || depth > 0;
        scan
    }

    /// Look at one escape sequence; return its length.
    fn escape(&mut self, text: &[u8]) -> usize {
        match unicode_escape(text) {
            Some(0xD800..=0xDBFF)
                if matches!(unicode_escape(&text[6..]), Some(0xDC00..=0xDFFF)) =>
            {
                12
            }
            Some(unit) => {
                if (0xD800..=0xDFFF).contains(&unit) && self.lone_surrogate.is_none() {
                    self.lone_surrogate = Some(format!("\\u{unit:04x}"));
                }
                6
            }
            None => 2,
        }
    }
}

fn unicode_escape(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(from_utf8(digits).ok()?, 16).ok()
}

/// Text of the file, fit for a terminal: shortened, control and format characters escaped.
fn quote(text: &str) -> String {
    let mut quoted = String::from("'");
    for (count, character) in text.chars().enumerate() {
        if count == QUOTE_CHARS {
            quoted.push('…');
            break;
        }
        match character {
            '"' => quoted.push('"'),
            other => quoted.extend(other.escape_debug()),
        }
    }
    quoted.push('\'');
    quoted
}
