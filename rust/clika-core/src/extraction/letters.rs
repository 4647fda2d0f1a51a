//! Letters of other scripts that stand for an option's Latin letter: the one table.

/// A capital (or caseless) letter of another script, and which options it can stand for.
#[derive(Clone, Copy, Debug)]
pub struct ForeignLetter {
    /// The letter.
    pub letter: char,
    /// The Latin letters it can stand for. Those beyond a task's options are left out, and the
    /// letter is read only if exactly one remains, or if the text that follows settles it.
    pub stands_for: &'static str,
    /// Whether it is read without a full stop, bracket or colon after it. Only look-alikes are: a
    /// caseless letter alone may as well be the beginning of a word that was cut off.
    pub bare: bool,
}

const fn look_alike(letter: char, stands_for: &'static str) -> ForeignLetter {
    ForeignLetter { letter, stands_for, bare: true }
}

const fn ordinal(letter: char, stands_for: &'static str) -> ForeignLetter {
    ForeignLetter { letter, stands_for, bare: false }
}

/// Every letter that is folded. Full-width, circled and mathematical Latin letters are not here:
/// Unicode compatibility normalisation (NFKC) folds those.
pub const FOREIGN_LETTERS: [ForeignLetter; 25] = [
    // Cyrillic. A look-alike that is also a letter of the Russian alphabet's beginning stands for both.
    look_alike('А', "A"), // looks like A and is the first letter: both readings agree
    look_alike('В', "BC"), // looks like B, is the third letter
    look_alike('С', "C"), // looks like C; the eighteenth or nineteenth letter, never a label
    look_alike('Е', "EF"), // looks like E, is the sixth letter
    ordinal('Б', "B"),    // the second letter, looks like no Latin one
    ordinal('Г', "D"),    // the fourth
    ordinal('Д', "E"),    // the fifth
    // Greek. All three look like, and are, the first, second and fifth letter.
    look_alike('Α', "A"),
    look_alike('Β', "B"),
    look_alike('Ε', "E"),
    // Arabic, in the abjad order of exam papers. Of the alphabet's newer order, only jim falls
    // among the first letters too.
    ordinal('أ', "A"),
    ordinal('ا', "A"),  // alif written without its hamza
    ordinal('ب', "B"),  // second in both orders
    ordinal('ج', "CE"), // third in the abjad, fifth in the newer order
    ordinal('د', "DH"), // fourth in the abjad, eighth in the newer order
    // Hebrew. Alphabet and numerals have one order.
    ordinal('א', "A"),
    ordinal('ב', "B"),
    ordinal('ג', "C"),
    ordinal('ד', "D"),
    ordinal('ה', "E"),
    // Chinese and Japanese: the heavenly stems, which label nothing but an order. Not kana: イ is
    // the second letter in one order and the first in another.
    ordinal('甲', "A"),
    ordinal('乙', "B"),
    ordinal('丙', "C"),
    ordinal('丁', "D"),
    ordinal('戊', "E"),
];

/// The options that one character can name, and whether it may stand bare.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    /// The Latin letters, in capitals.
    pub letters: &'static str,
    pub latin: bool,
    pub bare: bool,
}

const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// What a character names, after compatibility normalisation.
pub(super) fn named(character: char) -> Option<Named> {
    if character.is_ascii_uppercase() {
        let at = character as usize - 'A' as usize;
        return Some(Named { letters: &CAPITALS[at..=at], latin: true, bare: true });
    }
    if character.is_ascii() {
        return None;
    }
    FOREIGN_LETTERS.iter().find(|row| row.letter == character).map(|row| Named {
        letters: row.stands_for,
        latin: false,
        bare: row.bare,
    })
}

impl Named {
    /// The options among the first `n_options` that are named.
    pub fn options(self, n_options: usize) -> impl Iterator<Item = usize> {
        let positions = self.letters.bytes().map(|letter| usize::from(letter - b'A'));
        positions.filter(move |option| *option < n_options)
    }
}
