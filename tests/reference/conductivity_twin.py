"""CD as its definitions read, place by place, in plain Python."""

from __future__ import annotations

import math
from typing import NamedTuple


class Place(NamedTuple):
    """One place: outcomes are 1 right, 0 wrong, -1 not asked."""

    continent: int
    kind: int
    source: int
    target: int
    named: int
    ambiguous: bool
    answered: int


class World(NamedTuple):
    places: list[Place]
    continent_named: list[int]
    identical: list[bool]


Z = 1.959963984540054


def wilson(right: int, n: int) -> tuple[float, float]:
    p = right / n
    centre = p + Z * Z / (2 * n)
    half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    return (centre - half) / (1 + Z * Z / n), (centre + half) / (1 + Z * Z / n)


def in_stratum(world: World, place: Place, stratum: str) -> bool:
    if place.kind != 1 or place.source < 0 or place.target < 0:
        return False
    same = world.identical[place.continent]
    if stratum == "all":
        return not place.ambiguous
    if stratum == "with-ambiguous":
        return not same
    return same == (stratum == "identical") and not place.ambiguous


def tested(world: World) -> list[Place]:
    return [p for p in world.places if p.kind == 1 and p.source >= 0 and p.target >= 0]


def majority(world: World) -> float:
    golds = [place.continent for place in tested(world)]
    return max(golds.count(c) for c in set(golds)) / len(golds)


def output_chance(world: World) -> float:
    places = tested(world)
    n = len(places)
    return sum(
        sum(p.answered == c for p in places) / n * sum(p.continent == c for p in places) / n
        for c in range(len(world.identical))
    )


def gate(world: World) -> dict[str, tuple[int, int]]:
    """Right and asked for each figure."""
    places = world.places
    outcomes = {
        "translate": [p.named for p in places] + world.continent_named,
        "source-0": [p.source for p in places if p.kind == 0],
        "source-1": [p.source for p in places if p.kind == 1],
        "target-0": [p.target for p in places if p.kind == 0],
        "continents": world.continent_named,
    }
    return {
        name: (found.count(1), len(found) - found.count(-1)) for name, found in outcomes.items()
    }


def ratio(world: World, stratum: str, chance: str) -> tuple[float, int] | None:
    inside = [place for place in world.places if in_stratum(world, place, stratum)]
    if not inside:
        return None
    n = len(inside)
    a_s = sum(place.source for place in inside) / n
    a_t = sum(place.target for place in inside) / n
    if wilson(sum(place.source for place in inside), n)[0] <= majority(world) + 0.1:
        return None
    expected = {"none": lambda _: 0.0, "majority": majority, "output": output_chance}[chance](world)
    return (a_t - expected) / (a_s - expected), n


def known(world: World, stratum: str) -> list[Place]:
    return [
        place
        for place in world.places
        if in_stratum(world, place, stratum)
        and place.source == 1
        and place.named == 1
        and world.continent_named[place.continent] == 1
    ]


def conduction(world: World, stratum: str) -> tuple[float, float, float, int] | None:
    k = known(world, stratum)
    if len(k) < 30 or majority(world) == 1:
        return None
    right = sum(place.target for place in k)
    low, high = wilson(right, len(k))
    c = majority(world)
    value, low, high = ((x - c) / (1 - c) for x in (right / len(k), low, high))
    return value, low, high, len(k)


def clustered_error(numerators: list[float], denominators: list[float]) -> float:
    total = sum(denominators)
    r = sum(numerators) / total
    g = len(numerators)
    squares = sum((n - r * d) ** 2 for n, d in zip(numerators, denominators, strict=True))
    return math.sqrt(g / (g - 1) * squares) / abs(total)
