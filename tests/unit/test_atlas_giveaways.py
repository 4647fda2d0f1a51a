"""Names of countries that give the answer away, in scripts of every kind."""

from __future__ import annotations

import pytest

from clika.tasks.atlas.giveaways import gives_away


@pytest.mark.parametrize(
    ("country", "answer"),
    [
        ("Peru", "Peruvian Sol"),
        ("Polen", "Polnischer Złoty"),
        ("Perù", "sol peruviano"),
        ("Uingereza", "Kiingereza"),
        ("Япония", "японская иена"),
        ("اليابان", "ين ياباني"),
        ("יפן", "ין יפני"),
        ("日本", "日本語"),
        ("美国", "美元"),
        ("中非共和国", "中部非洲"),
        ("アイスランド", "アイスランド語"),
        ("ญี่ปุ่น", "เยนญี่ปุ่น"),
    ],
)
def test_a_name_that_tells_the_answer_is_found(country: str, answer: str) -> None:
    assert gives_away(country, answer)


@pytest.mark.parametrize(
    ("country", "answer"),
    [
        ("Brazil", "Portuguese"),
        ("Togo", "West African CFA Franc"),
        ("Österreich", "Euro"),
        ("Бразилия", "португальский"),
        ("البرازيل", "البرتغالية"),
        ("ברזיל", "פורטוגזית"),
        ("エルサルバドル", "米ドル"),
        ("巴西", "葡萄牙语"),
        ("印度尼西亚", "东南亚"),
        ("ال", "ال"),
        ("", ""),
    ],
)
def test_names_that_share_little_pass(country: str, answer: str) -> None:
    assert not gives_away(country, answer)
