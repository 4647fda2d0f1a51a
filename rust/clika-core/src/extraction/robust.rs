//! The cascade for chat answers.

use super::letters::named;
use super::normal::{compatible, folded, is_boundary, is_telling, is_word, places};
use super::reading::{
    Options, Place, Reading, Written, is_opener, read_letter, skip_openers, skip_option_word,
    skip_word, stands, stands_alone,
};
use super::wording::{END_MARKS, NEXT_QUESTION};
use super::{Extraction, INVALID};

/// Read the option that a chat answer names, or none: never guess.
///
/// The response is cut at an end-of-sequence mark and where the model begins the next question,
/// and brought into compatibility form (NFKC: full-width forms, circled letters). Then, in this
/// order, with what `fired` is called:
///
/// 1. `empty`: nothing is left.
/// 2. `option-text`: all of it is the full text of exactly one option (folded: no case, no
///    punctuation, no vowel points), and it names no other option by letter.
/// 3. `statement`: the answer is announced ("The answer is (B)"), in any of the ten languages; if a
///    letter also opens the response, both agree.
/// 4. A letter opens the response, alone or set apart by punctuation, brackets or emphasis, with or
///    without a word for "option" before it: `letter`; with the option's own text, or its beginning,
///    after it `letter-and-text`; a letter of another script (see
///    [`super::letters::FOREIGN_LETTERS`]) `look-alike` or `alphabet`. A capital with no more than a
///    space before other words ("A dog", "I think") is no letter, unless those words are the
///    option's text.
/// 5. `option-text-within`: exactly one option's text stands in it, bounded as words, and nothing
///    in the rest denies.
/// 6. `lower-case`: a lower-case letter and punctuation are all of it.
///
/// What gives no option, and why: `ambiguous` (two options are named, or one letter stands for two),
/// `contradiction` (an option's letter with another option's text), `number-not-offered` (a letter
/// with a number that is no option's text: a copied example such as "D. 5"), `out-of-options` (a
/// capital letter beyond the options), `no-answer`. A letter with other words that are no option's
/// text, a reason or a translation, say, counts: they do not speak against it.
#[must_use]
pub fn robust<S: AsRef<str>>(response: &str, n_options: usize, texts: Option<&[S]>) -> Extraction {
    let options = Options::new(n_options, texts);
    let text = answer_part(&compatible(before_end_mark(response)));
    let whole = folded(&text);
    if whole.is_empty() {
        return invalid("empty");
    }
    let opening = opening_letter(&text, &options);
    match options.named_in_full(&whole)[..] {
        [] => {}
        [option] => match opening {
            Some(Reading::Option(letter, _)) if letter != option => return invalid("ambiguous"),
            Some(Reading::Ambiguous | Reading::Contradiction) => return invalid("ambiguous"),
            _ => return valid(option, "option-text"),
        },
        _ => return invalid("ambiguous"),
    }
    let opening = opening.map(|reading| (reading, lists_options(&text, &options)));
    if let Some(stated) = statements(&text, &options) {
        return match (stated, opening) {
            (Reading::Option(stated, _), Some((Reading::Option(opened, _), false)))
                if stated != opened =>
            {
                invalid("ambiguous")
            }
            (Reading::Option(stated, _), _) => valid(stated, "statement"),
            (other, _) => decide(other),
        };
    }
    match opening {
        Some((_, true)) => return invalid("ambiguous"),
        Some((reading, false)) => return decide(reading),
        None => {}
    }
    if let Some(extraction) = text_within(&whole, &options) {
        return extraction;
    }
    if let Some(option) = lower_case_letter(&text) {
        return if option < n_options {
            valid(option, "lower-case")
        } else {
            invalid("out-of-options")
        };
    }
    invalid(if names_several(&text, n_options) { "ambiguous" } else { "no-answer" })
}

const fn valid(option: usize, fired: &'static str) -> Extraction {
    Extraction { code: option as i8, fired }
}

const fn invalid(fired: &'static str) -> Extraction {
    Extraction { code: INVALID, fired }
}

const fn decide(reading: Reading) -> Extraction {
    match reading {
        Reading::Option(option, Written::Latin) => valid(option, "letter"),
        Reading::Option(option, Written::LatinWithText) => valid(option, "letter-and-text"),
        Reading::Option(option, Written::LookAlike) => valid(option, "look-alike"),
        Reading::Option(option, Written::Alphabet) => valid(option, "alphabet"),
        Reading::OutOfOptions => invalid("out-of-options"),
        Reading::Ambiguous => invalid("ambiguous"),
        Reading::Contradiction => invalid("contradiction"),
        Reading::NumberNotOffered => invalid("number-not-offered"),
    }
}

fn before_end_mark(response: &str) -> &str {
    let end = END_MARKS.iter().filter_map(|mark| response.find(mark)).min();
    end.map_or(response, |end| &response[..end])
}

/// Up to the line, not the first, with which the model begins the next question.
fn answer_part(text: &[char]) -> Vec<char> {
    let start = text.iter().position(|character| !character.is_whitespace()).unwrap_or(text.len());
    let text = &text[start..];
    let begins_next = |at: &usize| {
        text[*at] == '\n' && {
            let line = &text[at + 1..];
            let indent = line.iter().take_while(|next| **next != '\n' && is_opener(**next)).count();
            NEXT_QUESTION.iter().any(|marker| stands(line, indent, marker).is_some())
        }
    };
    let end = (0..text.len()).find(begins_next).unwrap_or(text.len());
    text[..end].to_vec()
}

fn opening_letter<S: AsRef<str>>(text: &[char], options: &Options<'_, S>) -> Option<Reading> {
    let start = skip_openers(text, 0);
    let at = skip_option_word(text, start);
    let place = if at > start { Place::Announced } else { Place::Open };
    read_letter(text, at, place, options)
}

/// Whether two lines open with different letters: the options are listed, none is chosen.
fn lists_options<S: AsRef<str>>(text: &[char], options: &Options<'_, S>) -> bool {
    let mut first = None;
    text.split(|character| *character == '\n').any(|line| {
        let at = skip_openers(line, 0);
        let Some(Reading::Option(..) | Reading::Contradiction | Reading::NumberNotOffered) =
            read_letter(line, at, Place::Open, options)
        else {
            return false;
        };
        let letter = named(line[at]).map(|name| name.letters);
        *first.get_or_insert(letter) != letter
    })
}

/// What all announced answers say together; `None` if there is none.
fn statements<S: AsRef<str>>(text: &[char], options: &Options<'_, S>) -> Option<Reading> {
    let mut stated: Option<Reading> = None;
    for at in 0..text.len() {
        let Some(head) = skip_word(text, at, |row| row.heads) else { continue };
        let Some(reading) = announced_letter(text, head, options) else { continue };
        match (stated, reading) {
            (Some(Reading::Option(before, _)), Reading::Option(now, _)) if before == now => {}
            (Some(_), Reading::Option(..)) => return Some(Reading::Ambiguous),
            (_, Reading::Option(..)) => stated = Some(reading),
            // What cannot be read stays unread, whatever else is announced.
            (_, unread) => return Some(unread),
        }
    }
    stated
}

/// The letter after an announcement, past filling words and punctuation that ends no sentence.
fn announced_letter<S: AsRef<str>>(
    text: &[char],
    head: usize,
    options: &Options<'_, S>,
) -> Option<Reading> {
    let mut at = head;
    let mut place = Place::Open;
    loop {
        let filler = skip_word(text, at, |row| row.fillers)
            .or_else(|| skip_word(text, at, |row| row.option));
        if let Some(end) = filler {
            (at, place) = (end, Place::Announced);
        } else if text.get(at).is_some_and(|next| !is_word(*next) && !".!?。؟;".contains(*next)) {
            at += 1;
        } else {
            break;
        }
    }
    if at == head {
        return None;
    }
    read_letter(text, at, place, options)
}

/// The one option whose text stands in the response, if nothing beside it denies.
fn text_within<S: AsRef<str>>(whole: &[char], options: &Options<'_, S>) -> Option<Extraction> {
    let mut found: Vec<(usize, Vec<usize>)> = Vec::new();
    for (option, text) in options.texts().iter().enumerate() {
        let starts = if is_telling(text) { places(whole, text) } else { Vec::new() };
        if !starts.is_empty() {
            found.push((option, starts));
        }
    }
    let end = |option: usize, start: usize| start + options.texts()[option].len();
    // An option's text inside a longer option's text is not named by it.
    let is_covered = |option: usize, start: usize| {
        let length = options.texts()[option].len();
        found.iter().any(|(longer, starts)| {
            // Places rise: of those at or before this one, the last reaches farthest.
            let before = starts.partition_point(|at| *at <= start);
            options.texts()[*longer].len() > length
                && before > 0
                && start + length <= end(*longer, starts[before - 1])
        })
    };
    let named: Vec<&(usize, Vec<usize>)> = found
        .iter()
        .filter(|(option, starts)| !starts.iter().all(|start| is_covered(*option, *start)))
        .collect();
    match named[..] {
        [] => None,
        [(option, starts)] => {
            let mut rest = whole.to_vec();
            for start in starts {
                rest[*start..end(*option, *start)].fill(' ');
            }
            let denied =
                (0..rest.len()).any(|at| skip_word(&rest, at, |row| row.negations).is_some());
            Some(if denied { invalid("no-answer") } else { valid(*option, "option-text-within") })
        }
        _ => Some(invalid("ambiguous")),
    }
}

fn lower_case_letter(text: &[char]) -> Option<usize> {
    let start = skip_openers(text, 0);
    let letter = text.get(start).filter(|letter| letter.is_ascii_lowercase())?;
    let alone =
        text[start + 1..].iter().all(|next| next.is_whitespace() || ".:)]}*_`\"'".contains(*next));
    alone.then(|| *letter as usize - 'a' as usize)
}

/// Whether at least two options' capital letters stand somewhere, each by itself.
fn names_several(text: &[char], n_options: usize) -> bool {
    let mut seen = None;
    (0..text.len()).any(|at| {
        let before = at.checked_sub(1).map(|before| &text[before]);
        let option = named(text[at])
            .filter(|name| name.latin && is_boundary(before, text.get(at)))
            .filter(|_| stands_alone(text, at))
            .and_then(|name| name.options(n_options).next());
        option.is_some_and(|option| *seen.get_or_insert(option) != option)
    })
}
