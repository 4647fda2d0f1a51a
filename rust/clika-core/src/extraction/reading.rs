//! Reading one letter at one place of a response, with what stands around it.

use std::cell::OnceCell;

use super::letters::{Named, named};
use super::normal::{
    begins_like, compatible, folded, is_boundary, is_telling, is_word, places, stands_at,
};
use super::wording::{WORDINGS, Wording};

/// What a place of a response says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// This option, and how it was written.
    Option(usize, Written),
    /// A letter beyond the options.
    OutOfOptions,
    /// More than one option.
    Ambiguous,
    /// One option's letter with another option's text.
    Contradiction,
    /// A letter with a number that no option offers.
    NumberNotOffered,
}

/// How an option's letter was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// A Latin letter.
    Latin,
    /// A Latin letter, then that option's text or its beginning.
    LatinWithText,
    /// A letter of another script that looks like a Latin one.
    LookAlike,
    /// A letter of another script, by its place in the alphabet.
    Alphabet,
}

/// The options of a question.
pub(super) struct Options<'a, S> {
    pub count: usize,
    texts: Option<&'a [S]>,
    // Most responses are a bare letter, and then no text is ever looked at.
    folded: OnceCell<Vec<Vec<char>>>,
}

impl<'a, S: AsRef<str>> Options<'a, S> {
    pub(super) const fn new(count: usize, texts: Option<&'a [S]>) -> Self {
        Self { count, texts, folded: OnceCell::new() }
    }

    /// The folded texts; none where the texts are not known.
    pub(super) fn texts(&self) -> &[Vec<char>] {
        self.folded.get_or_init(|| {
            let texts = self.texts.unwrap_or_default().iter();
            texts.map(|text| folded(&compatible(text.as_ref()))).collect()
        })
    }

    /// The options whose whole text this is.
    pub(super) fn named_in_full(&self, text: &[char]) -> Vec<usize> {
        // A single letter or digit can be an option's text, but folding the texts to find that out
        // is wasted where all are longer.
        let texts = self.texts.unwrap_or_default();
        if text.is_empty() || texts.iter().all(|option| is_longer(option.as_ref(), text.len())) {
            return Vec::new();
        }
        (0..texts.len()).filter(|option| self.texts()[*option] == text).collect()
    }

    /// Whether `text` is the option's, its beginning, or has it in it.
    fn is_meant(&self, option: usize, text: &[char]) -> bool {
        let known = self.texts().get(option);
        known.is_some_and(|own| {
            begins_like(text, own) || (is_telling(own) && !places(text, own).is_empty())
        })
    }

    /// Whether all of the option's text stands at the beginning of `text`.
    fn is_spelled_out(&self, option: usize, text: &[char]) -> bool {
        let known = self.texts().get(option).filter(|own| !own.is_empty());
        known.is_some_and(|own| stands_at(text, 0, own))
    }

    /// Whether `text` begins like the option's.
    fn is_begun(&self, option: usize, text: &[char]) -> bool {
        self.texts().get(option).is_some_and(|own| begins_like(text, own))
    }
}

/// Whether the folded text is certainly longer than `length`: folding only ever joins a base
/// letter with marks, or Hangul letters into a syllable, so ASCII letters and digits all remain.
fn is_longer(text: &str, length: usize) -> bool {
    text.bytes().filter(u8::is_ascii_alphanumeric).nth(length).is_some()
}

const OPENERS: &str = "([{<*_`\"'“”„‘’«「『【《#>-•~";
const CLOSERS: &str = ")]}*_`\"'“”’»」』】》";
const STOPS: &str = ".:,;!。、،؛<|/&+";
const BRACKETS: &str = ")]}」』】》";
const DASHES: &str = "-–—";
/// How much of the text after a letter is held against the options. A bound, so that a hostile
/// response with a letter in every other place takes no quadratic time.
const TEXT_CHARS: usize = 512;
const APOSTROPHES: &str = "'’‘`´";

/// Skip spaces, opening brackets, quotes and emphasis.
pub(super) fn skip_openers(text: &[char], mut at: usize) -> usize {
    while text.get(at).is_some_and(|next| is_opener(*next)) {
        at += 1;
    }
    at
}

pub(super) fn is_opener(character: char) -> bool {
    character.is_whitespace() || OPENERS.contains(character)
}

/// Skip a word of this kind, in any language; `None` if there is none at this place.
pub(super) fn skip_word(text: &[char], at: usize, kind: fn(&Wording) -> &[&str]) -> Option<usize> {
    let words = WORDINGS.iter().flat_map(kind);
    words.filter_map(|word| stands(text, at, word)).max()
}

/// The end of `word`, any case, bounded on both sides, at this place.
pub(super) fn stands(text: &[char], at: usize, word: &str) -> Option<usize> {
    let mut end = at;
    for expected in word.chars() {
        if text.get(end).copied().map(lower) != Some(expected) {
            return None;
        }
        end += 1;
    }
    let before = at.checked_sub(1).map(|before| &text[before]);
    let bounded =
        is_boundary(before, text.get(at)) && is_boundary(Some(&text[end - 1]), text.get(end));
    bounded.then_some(end)
}

fn lower(character: char) -> char {
    character.to_lowercase().next().unwrap_or(character)
}

/// How sure a place is to hold a letter rather than a one-letter word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Only text of the same option may follow without punctuation: "A dog" is no answer.
    Open,
    /// Words before it announced a letter: "the answer is A because ..".
    Announced,
}

/// Read the letter at `at`, if one stands there; openers are already skipped.
///
/// The text that belongs to the letter is the rest of its line.
pub(super) fn read_letter<S: AsRef<str>>(
    text: &[char],
    at: usize,
    place: Place,
    options: &Options<'_, S>,
) -> Option<Reading> {
    let name = named(*text.get(at)?)?;
    let tail = Tail::after(text, at + 1)?;
    let said = folded(tail.rest);
    let candidates: Vec<usize> = name.options(options.count).collect();
    let joined = joins_another(text, at + 1, name, options.count);
    let set_apart = if name.bare {
        let followed = || candidates.iter().any(|option| options.is_spelled_out(*option, &said));
        tail.marked || said.is_empty() || place == Place::Announced || joined || followed()
    } else {
        tail.stopped
    };
    if !set_apart {
        return None;
    }
    if candidates.is_empty() {
        return Some(Reading::OutOfOptions);
    }
    if joined || lists_another(tail.rest, &candidates, options) {
        return Some(Reading::Ambiguous);
    }
    Some(settle(&candidates, name, &said, options))
}

/// Whether the letter at `at` is no part of a longer word or of an abbreviation.
pub(super) fn stands_alone(text: &[char], at: usize) -> bool {
    Tail::after(text, at + 1).is_some()
}

/// What follows a letter that is no part of a word.
struct Tail<'a> {
    /// Punctuation, a closing bracket or quote, or the end of the line sets the letter apart.
    marked: bool,
    /// Punctuation or a closing bracket does.
    stopped: bool,
    /// The rest of the line, or its beginning if it is long.
    rest: &'a [char],
}

impl<'a> Tail<'a> {
    /// `None` if the letter is part of a word or of an abbreviation, or is asked about.
    fn after(text: &'a [char], start: usize) -> Option<Self> {
        let is = |at: usize, set: &str| text.get(at).is_some_and(|next| set.contains(*next));
        let is_letter = |at: usize| text.get(at).is_some_and(|next| is_word(*next));
        let elides = is(start, APOSTROPHES) && is_letter(start + 1);
        // "D.C." and "B.C" abbreviate.
        let abbreviates = is(start, ".")
            && text.get(start + 1).is_some_and(char::is_ascii_uppercase)
            && !is_letter(start + 2);
        if elides || abbreviates {
            return None;
        }
        let (mut marked, mut stopped, mut spaced) = (false, false, false);
        let mut at = start;
        while let Some(next) = text.get(at).filter(|next| **next != '\n') {
            if next.is_whitespace() {
                spaced = true;
            } else if STOPS.contains(*next) || (spaced && DASHES.contains(*next)) {
                (marked, stopped) = (true, true);
            } else if CLOSERS.contains(*next) {
                (marked, stopped) = (true, stopped || BRACKETS.contains(*next));
            } else {
                break;
            }
            at += 1;
        }
        let ended = text.get(at).is_none_or(|next| *next == '\n');
        // "答えはBです": beside a script without spaces there can be none.
        let runs_on = is_letter(at) && is_boundary(text.get(start - 1), text.get(at));
        let glued = !(ended || marked || spaced || runs_on || is(at, "("));
        if glued || is(at, "?؟") {
            return None;
        }
        let window = &text[at..text.len().min(at + TEXT_CHARS)];
        let end = window.iter().position(|next| *next == '\n').unwrap_or(window.len());
        Some(Self { marked: marked || ended, stopped, rest: &window[..end] })
    }
}

/// Whether another option's letter is joined to this one: "A or B", "A, B", "A/B".
fn joins_another(text: &[char], start: usize, name: Named, n_options: usize) -> bool {
    let mut at = start;
    let mut joined = false;
    loop {
        let character = text.get(at).copied();
        if let Some(end) = skip_word(text, at, |row| row.connectors) {
            (at, joined) = (end, true);
        } else if character.is_some_and(|next| ",/&+、،".contains(next)) {
            (at, joined) = (at + 1, true);
        } else if character.is_some_and(|next| {
            next != '\n'
                && (next.is_whitespace() || OPENERS.contains(next) || CLOSERS.contains(next))
        }) {
            at += 1;
        } else {
            break;
        }
    }
    let other = text.get(at).copied().and_then(named);
    joined
        && is_boundary(text.get(at), text.get(at + 1))
        && other.is_some_and(|other| {
            other.letters != name.letters && other.options(n_options).next().is_some()
        })
}

/// Whether the rest of the line goes on to list another option, letter and text.
fn lists_another<S: AsRef<str>>(rest: &[char], own: &[usize], options: &Options<'_, S>) -> bool {
    (1..rest.len()).any(|at| {
        let Some(name) = named(rest[at]).filter(|name| name.latin && !is_word(rest[at - 1])) else {
            return false;
        };
        let mut others = name.options(options.count).filter(|option| !own.contains(option));
        let Some(other) = others.next() else { return false };
        let tail = Tail::after(rest, at + 1).filter(|tail| tail.marked);
        tail.is_some_and(|tail| options.is_spelled_out(other, &folded(tail.rest)))
    })
}

impl Named {
    const fn written(self, with_text: bool) -> Written {
        match (self.latin, self.bare, with_text) {
            (true, _, true) => Written::LatinWithText,
            (true, _, false) => Written::Latin,
            (false, true, _) => Written::LookAlike,
            (false, false, _) => Written::Alphabet,
        }
    }
}

/// Hold the text after a letter against the options.
fn settle<S: AsRef<str>>(
    candidates: &[usize],
    name: Named,
    said: &[char],
    options: &Options<'_, S>,
) -> Reading {
    let is_known = !said.is_empty() && !options.texts().is_empty();
    let meant: Vec<usize> = if is_known {
        candidates.iter().copied().filter(|option| options.is_meant(*option, said)).collect()
    } else {
        Vec::new()
    };
    if let [option] = meant[..] {
        return Reading::Option(option, name.written(true));
    }
    if is_known && meant.is_empty() {
        if (0..options.count).any(|option| options.is_begun(option, said)) {
            return Reading::Contradiction;
        }
        if said.iter().all(|character| character.is_numeric() || *character == ' ') {
            return Reading::NumberNotOffered;
        }
    }
    match candidates {
        [option] => Reading::Option(*option, name.written(false)),
        _ => Reading::Ambiguous,
    }
}

/// Skip a word for "option" and what opens after it; the place itself if there is none.
pub(super) fn skip_option_word(text: &[char], at: usize) -> usize {
    skip_word(text, at, |row| row.option).map_or(at, |end| skip_openers(text, end))
}
