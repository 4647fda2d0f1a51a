"""A token for each of the first characters, and one for all others."""

from __future__ import annotations

from transformers import PreTrainedTokenizer


class FusedTokenizer(PreTrainedTokenizer):
    model_input_names = ("input_ids", "attention_mask")

    def __init__(self, characters=128, **others):
        self.characters = characters
        super().__init__(
            **{"unk_token": chr(0), "eos_token": chr(1), **others}, characters=characters
        )

    @property
    def vocab_size(self):
        return self.characters

    def get_vocab(self):
        return {chr(at): at for at in range(self.characters)}

    def _tokenize(self, text, **others):
        return list(text)

    def _convert_token_to_id(self, token):
        return ord(token) if len(token) == 1 and ord(token) < self.characters else 0

    def _convert_id_to_token(self, index):
        return chr(index)

    def convert_tokens_to_string(self, tokens):
        return "".join(tokens)

    def save_vocabulary(self, save_directory, filename_prefix=None):
        return ()
