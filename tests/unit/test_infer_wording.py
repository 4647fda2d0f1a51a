"""What a model reads of a line: plain text, or a turn of its own chat."""

from __future__ import annotations

import copy

import pytest
from made_models import byte_tokenizer

from clika.errors import ConfigError
from clika.infer.wording import chat_wording, plain_wording


def test_a_plain_line_ends_where_its_answer_begins() -> None:
    assert plain_wording("Where is it?") == "Where is it?\n"


def test_a_turn_begins_without_the_token_that_is_added_later() -> None:
    tokenizer = copy.deepcopy(byte_tokenizer())
    tokenizer.chat_template = "<s>{{ messages[0]['content'] }} ->"
    assert chat_wording(tokenizer)("Where is it?") == "Where is it? ->"


def test_without_a_template_there_is_no_chat() -> None:
    with pytest.raises(ConfigError, match="no chat template"):
        chat_wording(byte_tokenizer())
