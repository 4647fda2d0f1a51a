//! The sets of items whose weighted counts the metrics are made of.

use super::answers::Answers;
use super::counting::ItemSet;
use super::metrics::Metric;
use crate::pairs::NOT_ASKED;

/// The answers of one model, language by language.
pub(super) struct Model<'a> {
    pub languages: Vec<Language>,
    pub gold: &'a [i8],
    pub n_options: usize,
}

/// The answers in one language.
pub(super) struct Language {
    pub codes: Vec<i8>,
    all_asked: bool,
    pub all_valid: bool,
}

impl<'a> Model<'a> {
    pub(super) fn new(answers: &Answers<'a>, model: usize) -> Self {
        let language = |codes: Vec<i8>| Language {
            all_asked: codes.iter().all(|code| *code != NOT_ASKED),
            all_valid: codes.iter().all(|code| *code >= 0),
            codes,
        };
        let languages = answers.columns(model).into_iter().map(language).collect();
        Self { languages, gold: answers.gold, n_options: answers.n_options }
    }
}

/// The row that holds the counts of a set; `None`: the set is empty.
pub(super) type Row = Option<usize>;

/// A count that is the difference of two: of a set, less those of it that do not belong here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub all: Row,
    pub less: Row,
}

/// What one language looks like, by option.
#[derive(Clone, Debug)]
pub(super) struct Side {
    /// Right answers by gold option, which is also the option chosen.
    pub right: Vec<Count>,
    /// Answers by option.
    pub letters: Vec<Count>,
    /// Answers by option where the other language is valid too.
    pub letters_valid: Vec<Count>,
    /// Items asked, by gold option.
    pub asked: Vec<Count>,
}

/// What two languages look like, over the items asked in both.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub both_right: Count,
    pub agree: Count,
    pub source: Side,
    pub target: Side,
}

/// Which sets the metrics asked for need.
#[derive(Clone, Copy, Debug)]
pub(super) struct Needs {
    pub agreement: bool,
    pub letters: bool,
    pub letters_valid: bool,
}

impl Needs {
    pub(super) fn of(metrics: &[Metric]) -> Self {
        let letters_valid = metrics.contains(&Metric::KappaValid);
        Self {
            agreement: metrics.iter().any(|metric| metric.needs_agreement()),
            letters: letters_valid || metrics.iter().any(|metric| metric.needs_letters()),
            letters_valid,
        }
    }
}

/// A growing list of sets, those of one language only once.
pub(super) struct Sets<'a> {
    model: &'a Model<'a>,
    needs: Needs,
    pub list: Vec<ItemSet>,
    own: Vec<Option<Side>>,
    /// All items by gold option: what is asked in every language that is asked all.
    gold: Option<Vec<Count>>,
}

impl<'a> Sets<'a> {
    pub(super) fn new(model: &'a Model<'a>, needs: Needs) -> Self {
        let own = model.languages.iter().map(|_| None).collect();
        Self { model, needs, list: Vec::new(), own, gold: None }
    }

    /// The sets of one language.
    pub(super) fn language(&mut self, language: usize) -> Side {
        if let Some(side) = &self.own[language] {
            return side.clone();
        }
        let (gold, Language { codes, all_asked, .. }) =
            (self.model.gold, &self.model.languages[language]);
        let side = Side {
            right: self
                .by_option(true, |item, option| codes[item] == option && gold[item] == option),
            letters: self.by_option(self.needs.letters, |item, option| codes[item] == option),
            letters_valid: Vec::new(),
            asked: if *all_asked {
                self.gold()
            } else {
                self.by_option(true, |item, option| {
                    gold[item] == option && codes[item] != NOT_ASKED
                })
            },
        };
        self.own[language].insert(side).clone()
    }

    /// The sets of two languages.
    pub(super) fn pair(&mut self, source: usize, target: usize) -> Pair {
        let (a, b) = (&self.model.languages[source].codes, &self.model.languages[target].codes);
        let gold = self.model.gold;
        let both_right = self.add(|item| a[item] == gold[item] && b[item] == gold[item]);
        let agree = if self.needs.agreement {
            self.add(|item| a[item] == b[item] && a[item] >= 0)
        } else {
            None
        };
        Pair {
            both_right: Count { all: both_right, less: None },
            agree: Count { all: agree, less: None },
            source: self.beside(source, target),
            target: self.beside(target, source),
        }
    }

    /// A language over the items that are asked in another one.
    fn beside(&mut self, language: usize, other: usize) -> Side {
        let mut side = self.language(language);
        let (codes, gold) = (&self.model.languages[language].codes, self.model.gold);
        let Language { codes: others, all_asked, all_valid } = &self.model.languages[other];
        side.letters_valid.clone_from(&side.letters);
        if self.needs.letters_valid && !all_valid {
            let invalid =
                self.by_option(true, |item, option| codes[item] == option && others[item] < 0);
            subtract(&mut side.letters_valid, &invalid);
        }
        if *all_asked {
            return side;
        }
        let absent = |item: usize| others[item] == NOT_ASKED;
        let asked = self.by_option(true, |item, option| {
            gold[item] == option && codes[item] != NOT_ASKED && absent(item)
        });
        let right = self.by_option(true, |item, option| {
            gold[item] == option && codes[item] == option && absent(item)
        });
        let letters = self
            .by_option(self.needs.letters, |item, option| codes[item] == option && absent(item));
        subtract(&mut side.asked, &asked);
        subtract(&mut side.right, &right);
        subtract(&mut side.letters, &letters);
        side
    }

    fn gold(&mut self) -> Vec<Count> {
        if let Some(gold) = &self.gold {
            return gold.clone();
        }
        let options = self.model.gold;
        let gold = self.by_option(true, |item, option| options[item] == option);
        self.gold.insert(gold).clone()
    }

    /// A set for each option, or none if not `wanted`.
    fn by_option(&mut self, wanted: bool, holds: impl Fn(usize, i8) -> bool) -> Vec<Count> {
        let options = if wanted { 0..self.model.n_options as i8 } else { 0..0 };
        options
            .map(|option| Count { all: self.add(|item| holds(item, option)), less: None })
            .collect()
    }

    fn add(&mut self, holds: impl Fn(usize) -> bool) -> Row {
        let set = ItemSet::of(self.model.gold.len(), holds);
        if set.is_empty() {
            return None;
        }
        self.list.push(set);
        Some(self.list.len() - 1)
    }
}

fn subtract(counts: &mut [Count], less: &[Count]) {
    for (count, less) in counts.iter_mut().zip(less) {
        count.less = less.all;
    }
}
