"""Which numbers are ages. No model is needed for it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.ages import says_an_age

sys.path.insert(0, str(Path(__file__).parent))
from phrases import NO_AGE

AGES = ["im 15", "i am 15 years old", "15 yo", "15f", "f15", "year 9", "turning 16", "16 in may", "i\u2019m 17", "12",
        "im fifteen", "under 18", "my mum hits me and im 12"]  # fmt: skip


@pytest.mark.parametrize("text", AGES)
def test_an_age_said_as_an_age_is_one(text: str) -> None:
    assert says_an_age(text)


@pytest.mark.parametrize("text", NO_AGE)
def test_any_other_number_is_not(text: str) -> None:
    assert not says_an_age(text)


def test_a_number_alone_is_an_age_only_where_an_age_was_asked() -> None:
    assert [says_an_age(text, asked=True) for text in ("15", " 15.", "fifteen")] == [True] * 3
    assert [says_an_age(text, asked=False) for text in ("15", " 15.", "fifteen")] == [False] * 3


def test_words_without_a_number_are_left_to_the_model() -> None:
    assert says_an_age("im still at school")


def test_no_age_the_model_learnt_from_is_refused() -> None:
    data = YAML(typ="safe").load(Path(__file__).parents[2] / "data" / "nlu" / "answers.yml")["nlu"]
    learnt = [b["examples"] for b in data if b.get("intent") in ("say_under_18", "say_over_18")]
    assert [line for text in learnt for line in text.splitlines() if not says_an_age(line[2:])] == []
