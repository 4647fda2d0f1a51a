//! Text made comparable: compatibility form, case folding, word boundaries.

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What tokenizers leave of a character that was cut in half.
const CUT_OFF: char = '\u{FFFD}';

/// Unicode compatibility form (NFKC), as characters.
pub(super) fn compatible(text: &str) -> Vec<char> {
    if text.is_ascii() { text.chars().collect() } else { text.nfkc().collect() }
}

/// A text to compare: case folded, vowel points left out, everything that is no word a single
/// space, without any at the ends. It ends where a character was cut in half.
pub(super) fn folded(compatible: &[char]) -> Vec<char> {
    let whole = compatible.iter().copied().take_while(|character| *character != CUT_OFF);
    let mut folded = Vec::with_capacity(compatible.len());
    for character in whole.default_case_fold() {
        if is_word(character) {
            folded.push(character);
        } else if !is_vowel_point(character) && folded.last().is_some_and(|last| *last != ' ') {
            folded.push(' ');
        }
    }
    if folded.last() == Some(&' ') {
        folded.pop();
    }
    folded
}

/// Letters, digits and marks, less the vowel points.
pub(super) fn is_word(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphanumeric();
    }
    (character.is_alphanumeric() || is_combining_mark(character)) && !is_vowel_point(character)
}

/// Hebrew points and accents, Arabic vowel marks and the Arabic stretching stroke: written or not
/// at the writer's pleasure.
fn is_vowel_point(character: char) -> bool {
    let point = matches!(character,
        '\u{0591}'..='\u{05BD}' | '\u{05BF}' | '\u{05C1}'..='\u{05C2}' | '\u{05C4}'..='\u{05C5}'
        | '\u{05C7}' | '\u{0640}' | '\u{064B}'..='\u{0652}' | '\u{0670}');
    point
}

/// Scripts written without spaces between words.
fn runs_on(character: char) -> bool {
    matches!(character,
        '\u{0E00}'..='\u{0EFF}' // Thai, Lao
        | '\u{1000}'..='\u{109F}' // Burmese
        | '\u{1780}'..='\u{17FF}' // Khmer
        | '\u{3040}'..='\u{30FF}' // kana
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{323AF}') // Han
}

/// Whether a word may end, or begin, between two neighbours.
pub(super) fn is_boundary(left: Option<&char>, right: Option<&char>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => {
            !is_word(*left) || !is_word(*right) || runs_on(*left) || runs_on(*right)
        }
        _ => true,
    }
}

/// Whether `word` stands in `text` at `start`, bounded on both sides.
pub(super) fn stands_at(text: &[char], start: usize, word: &[char]) -> bool {
    text[start..].starts_with(word)
        && is_boundary(start.checked_sub(1).map(|before| &text[before]), word.first())
        && is_boundary(word.last(), text.get(start + word.len()))
}

/// Every place where `word` stands in `text`, bounded on both sides. An empty word stands nowhere.
pub(super) fn places(text: &[char], word: &[char]) -> Vec<usize> {
    let last = text.len().checked_sub(word.len()).filter(|_| !word.is_empty());
    let starts = last.map_or(0..0, |last| 0..last + 1);
    starts.filter(|start| stands_at(text, *start, word)).collect()
}

/// Whether a text that was possibly cut off begins like an option, or goes on after it.
pub(super) fn begins_like(text: &[char], option: &[char]) -> bool {
    if text.is_empty() || option.is_empty() {
        return false;
    }
    option.starts_with(text) || stands_at(text, 0, option)
}

/// Whether finding a text inside a longer one means anything: one character of a script without
/// word boundaries is part of too many words.
pub(super) fn is_telling(option: &[char]) -> bool {
    !option.is_empty() && !matches!(option, [only] if runs_on(*only))
}
