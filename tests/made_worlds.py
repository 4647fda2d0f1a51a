"""Plans of worlds, drawn by hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from clika.languages import PAPER_LANGUAGES
from clika.tasks.worlds.world import WorldPlan

INVENTED = ("qaa", "qab", "qac", "qad", "qae", "qaf", "qag", "qah", "qai", "qaj", "qtz")


@st.composite
def plans(draw: st.DrawFn) -> WorldPlan:
    codes = st.sampled_from((*PAPER_LANGUAGES, *INVENTED))
    continents = draw(st.integers(2, 9))
    return WorldPlan(
        languages=tuple(draw(st.lists(codes, min_size=2, max_size=5, unique=True))),
        seed=draw(st.integers(-(2**70), 2**70)),
        places=draw(st.integers(2 * continents, 60)),
        continents=continents,
        shared_places=draw(st.sampled_from((0.0, 0.1, 0.25, 0.5, 0.9, 1.0))),
        shared_continents=draw(st.booleans()),
        people=draw(st.one_of(st.just(0), st.integers(2 * continents, 30))),
    )
