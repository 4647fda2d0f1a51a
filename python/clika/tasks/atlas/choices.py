"""What is chosen of the atlas."""

from __future__ import annotations

from dataclasses import dataclass

from clika.errors import ConfigError
from clika.languages import PAPER_LANGUAGES
from clika.tasks.atlas.questions import Form, check_form

__all__ = ["AtlasChoices"]

_FEWEST_OPTIONS = 2
_MOST_OPTIONS = 4


@dataclass(frozen=True)
class AtlasChoices:
    """What is chosen of the atlas.

    Attributes
    ----------
    languages
        Codes of the languages, as :func:`clika.languages.normalise` returns them.
    seed
        Of the wrong options and the options' order.
    options
        Number of options, 2 to 4: most continents have no more regions.
    form
        How questions are put.
    giveaways
        Whether to keep the items whose country's name gives the answer away in some language.

    Raises
    ------
    ConfigError
        No language, one twice, another number of options, or no sentences in a language.
    """

    languages: tuple[str, ...] = PAPER_LANGUAGES
    seed: int = 0
    options: int = _MOST_OPTIONS
    form: Form = "sentence"
    giveaways: bool = False

    def __post_init__(self) -> None:
        if not self.languages or len(set(self.languages)) < len(self.languages):
            raise ConfigError("The atlas needs at least one language, and each of them once.")
        if not _FEWEST_OPTIONS <= self.options <= _MOST_OPTIONS:
            raise ConfigError(
                f"An item of the atlas has {_FEWEST_OPTIONS} to {_MOST_OPTIONS} options, "
                f"not {self.options}."
            )
        check_form(self.form, self.languages)
