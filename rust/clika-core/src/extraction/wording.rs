//! Words around an answer, in the ten languages of the release: the tables of the robust rule.
//!
//! Each language has words of every kind, because a rule that read chat answers better in one
//! language than in another would make an alignment of its own. All are lower case and in
//! compatibility form (NFKC).

/// One language's words.
pub(super) struct Wording {
    /// ISO 639-1 code.
    #[cfg_attr(not(test), allow(dead_code))]
    pub language: &'static str,
    /// What announces an answer: a letter follows, after any fillers and punctuation.
    pub heads: &'static [&'static str],
    /// What may stand between an announcement and its letter.
    pub fillers: &'static [&'static str],
    /// What an option is called. It may open a response ("Option B"), and it may be a filler.
    pub option: &'static [&'static str],
    /// What joins two answers ("A or B").
    pub connectors: &'static [&'static str],
    /// What denies. Beside an option's text it leaves open whether that is the answer.
    pub negations: &'static [&'static str],
}

#[rustfmt::skip]
pub(super) const WORDINGS: [Wording; 10] = [
    Wording {
        language: "en",
        heads: &["answer", "choice"],
        fillers: &["is", "would", "should", "be", "the", "letter"],
        option: &["option"],
        connectors: &["and", "or"],
        // "isn't" ends in the word t.
        negations: &["not", "no", "none", "neither", "nor", "never", "cannot", "t"],
    },
    Wording {
        language: "de",
        heads: &["antwort", "lösung"],
        fillers: &["ist", "lautet", "wäre", "der", "buchstabe"],
        option: &["option"],
        connectors: &["und", "oder"],
        negations: &["nicht", "kein", "keine", "keiner", "keines", "weder"],
    },
    Wording {
        language: "fr",
        heads: &["réponse"],
        fillers: &["correcte", "juste", "est", "serait", "la", "lettre"],
        option: &["option"],
        connectors: &["et", "ou"],
        // "n'est" begins with the word n.
        negations: &["ne", "n", "pas", "aucun", "aucune", "ni"],
    },
    Wording {
        language: "it",
        heads: &["risposta"],
        fillers: &["corretta", "giusta", "esatta", "è", "sarebbe", "la", "lettera"],
        option: &["opzione"],
        connectors: &["e", "ed", "o"],
        negations: &["non", "nessuno", "nessuna", "né"],
    },
    Wording {
        language: "pl",
        heads: &["odpowiedź", "odpowiedzią"],
        fillers: &["to", "jest", "brzmi", "litera"],
        option: &["opcja", "opcją"],
        connectors: &["i", "lub", "albo", "oraz"],
        negations: &["nie", "żaden", "żadna", "ani"],
    },
    Wording {
        language: "ru",
        heads: &["ответ", "ответом"],
        fillers: &["это", "будет", "является", "буква"],
        option: &["вариант"],
        connectors: &["и", "или"],
        negations: &["не", "нет", "ни"],
    },
    Wording {
        language: "ar",
        // Also without article, and without hamza.
        heads: &["الإجابة", "الاجابة", "إجابة", "الجواب"],
        fillers: &["الصحيحة", "الصحيح", "هي", "هو", "الحرف"],
        option: &["الخيار", "خيار"],
        connectors: &["و", "أو"],
        negations: &["ليس", "ليست", "لا", "غير"],
    },
    Wording {
        language: "he",
        heads: &["התשובה", "תשובה"],
        fillers: &["הנכונה", "היא", "הוא", "האות"],
        option: &["אפשרות", "האפשרות"],
        connectors: &["או"],
        negations: &["לא", "אין", "אינו", "אינה"],
    },
    Wording {
        language: "ja",
        heads: &["答え", "回答", "正解"],
        fillers: &["は"],
        option: &["選択肢"],
        connectors: &["と", "または"],
        negations: &["ない", "ません"],
    },
    Wording {
        language: "zh",
        heads: &["答案", "选择"],
        fillers: &["是", "为", "為", "应该"],
        option: &["选项", "選項"],
        connectors: &["和", "或", "与"],
        negations: &["不", "没", "沒", "非"],
    },
];

/// Where a line opens with one of these, the model has begun the next question.
pub(super) const NEXT_QUESTION: [&str; 2] = ["question:", "premise:"];

/// End-of-sequence marks of chat templates: what follows is no part of the answer.
pub(super) const END_MARKS: [&str; 6] =
    ["</s>", "<|endoftext|>", "<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<eos>"];

#[cfg(test)]
mod tests {
    use unicode_normalization::is_nfkc;

    use super::WORDINGS;

    #[test]
    fn every_language_has_words_of_every_kind_in_the_form_that_is_compared() {
        for row in &WORDINGS {
            for kind in [row.heads, row.fillers, row.option, row.connectors, row.negations] {
                assert!(!kind.is_empty(), "{}", row.language);
                for word in kind {
                    assert!(is_nfkc(word) && word.to_lowercase() == **word, "{word}");
                }
            }
        }
    }
}
