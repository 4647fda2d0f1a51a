//! Properties of the extraction rules that hold for every response.

use clika_core::extraction::{Rule, extract};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_read_without_panic_and_within_the_options(
        response in "\\PC{0,40}|[A-Fa-fАВСЕБ ().:,\\n]{0,20}",
        texts in prop::collection::vec("\\PC{0,12}|[a-c ]{0,4}", 1..27),
    ) {
        for rule in Rule::ALL {
            let extraction = extract(&response, texts.len() as i64, Some(&texts), rule);
            let code = extraction.expect("the texts are as many as the options").code;
            prop_assert!((-1..texts.len() as i8).contains(&code));
        }
    }

    #[test]
    fn surrounding_space_and_case_of_an_option_text_do_not_matter(space in "[ \\t\\n]{0,4}") {
        let texts = ["Straßburg", "Wien"];
        let response = format!("{space}STRASSBURG{space}");
        let extraction = extract(&response, 2, Some(&texts), Rule::Robust).expect("two options");
        prop_assert_eq!((extraction.code, extraction.fired), (0, "option-text"));
    }
}

#[test]
fn every_rule_is_found_by_its_name() {
    for rule in Rule::ALL {
        assert_eq!(rule.to_string().parse::<Rule>().expect("a known name"), rule);
    }
    assert!("best".parse::<Rule>().is_err());
}
