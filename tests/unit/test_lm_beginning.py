"""What a tokenizer puts before a text."""

from __future__ import annotations

from made_models import byte_tokenizer

from clika.lm.beginning import beginning


def test_it_is_the_token_that_texts_begin_with() -> None:
    tokenizer = byte_tokenizer()
    assert beginning(tokenizer) == (tokenizer.bos_token_id,)


def test_a_token_that_is_known_and_not_used_is_none() -> None:
    assert beginning(byte_tokenizer(begins=False)) == ()


def test_a_tokenizer_without_such_a_token_has_none() -> None:
    class Letters:
        bos_token_id = None

        def __call__(self, text: str) -> dict[str, list[int]]:
            return {"input_ids": [*map(ord, text)]}

    assert beginning(Letters()) == ()
