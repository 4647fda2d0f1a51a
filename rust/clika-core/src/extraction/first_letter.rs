//! The release's own rule.

use super::{Extraction, INVALID};

/// The letters that the release's script looks for, however few options a task has.
const RELEASE_LETTERS: usize = 5;

/// The first character that is not white space, if it is an option's capital letter.
///
/// The letters looked for are A to E, as in the release, or up to the last option where there are
/// more. One beyond the options is `out-of-options`, so that it can be counted apart.
#[must_use]
pub fn first_letter(response: &str, n_options: usize) -> Extraction {
    let Some(first) = strip(response).chars().next() else {
        return Extraction { code: INVALID, fired: "empty" };
    };
    let Some(option) = (first as usize)
        .checked_sub('A' as usize)
        .filter(|option| *option < n_options.max(RELEASE_LETTERS))
    else {
        return Extraction { code: INVALID, fired: "no-letter" };
    };
    if option >= n_options {
        return Extraction { code: INVALID, fired: "out-of-options" };
    }
    Extraction { code: option as i8, fired: "letter" }
}

/// White space as Python's `str.strip` sees it, which the release used: the four separator controls
/// are white space there, but not by the Unicode property that `str::trim` goes by.
fn strip(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\u{1C}'..='\u{1F}').contains(&c))
}
