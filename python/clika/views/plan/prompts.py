"""How much there is to ask: prompts and tokens, by task."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from clika.store.shard_queries import TextSize
    from clika.study import Study
    from clika.views.plan.assumptions import Assumptions

__all__ = ["Prompts", "added", "read_prompts"]


class Prompts(NamedTuple):
    """What a model is asked of a task, or of several.

    Attributes
    ----------
    prompts
        Items times languages; ``None`` where nobody says how many items there are.
    tokens
        Of all of them; ``None`` likewise.
    is_measured
        Whether the texts were at hand; else the tokens are assumed.
    """

    prompts: int | None
    tokens: float | None
    is_measured: bool


def read_prompts(
    study: Study, texts: Sequence[TextSize], sizes: Mapping[str, int], assumed: Assumptions
) -> dict[str, Prompts]:
    """Return what one model is asked, by task.

    Parameters
    ----------
    study
        The study.
    texts
        What its items shard has to ask; none where that is not there.
    sizes
        Items of each task, as far as anyone says.
    assumed
        What tokens are counted by.
    """
    bytes_of: dict[str, int] = {}
    prompts_of: dict[str, int] = {}
    for size in texts:
        if size.language in study.languages:
            bytes_of[size.task] = bytes_of.get(size.task, 0) + size.n_bytes
            prompts_of[size.task] = prompts_of.get(size.task, 0) + size.n_items
    found = {}
    for task in study.tasks:
        count = prompts_of.get(task.name)
        if count:
            size_in_bytes = bytes_of[task.name] + count * assumed.wording_bytes
            found[task.name] = Prompts(
                count, size_in_bytes / assumed.bytes_per_token, is_measured=True
            )
            continue
        known = sizes.get(task.name)
        count = None if known is None else known * len(study.languages)
        tokens = None if count is None else count * assumed.prompt_tokens
        found[task.name] = Prompts(count, tokens, is_measured=False)
    return found


def added(several: Iterable[Prompts]) -> Prompts:
    """Return several tasks' prompts together; unknown where one of them is."""
    prompts, tokens, measured = 0, 0.0, True
    for one in several:
        if one.prompts is None or one.tokens is None:
            return Prompts(None, None, is_measured=False)
        prompts, tokens = prompts + one.prompts, tokens + one.tokens
        measured = measured and one.is_measured
    return Prompts(prompts, tokens, measured)
