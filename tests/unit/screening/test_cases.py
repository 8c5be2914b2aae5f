"""What screening hears: every sentence of the seen parts comes out as its heading says; the blind part is measured."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from handoff.screening import screen
from handoff.verdict import Abuse, Risk, Target, Verdict

CASES = Path(__file__).parent / "cases"


def _lines(name: str) -> list[tuple[str, str]]:
    loaded = YAML(typ="safe").load((CASES / name).read_text(encoding="utf-8"))
    return [(heading, text) for heading, texts in loaded.items() for text in texts]


def _is(heading: str, verdict: Verdict) -> bool:
    match heading:
        case "immediate" | "concern":
            return verdict.risk is Risk.of(heading)
        case "none":
            return verdict.risk is Risk.NONE and verdict.abuse is Abuse.NONE
        case "abuse_staff":
            return verdict.abuse is Abuse.ABUSIVE and verdict.target is Target.STAFF
        case "abuse_machine":
            return verdict.abuse is Abuse.ABUSIVE and verdict.target is Target.MACHINE
        case "threatening":
            return verdict.abuse is Abuse.THREATENING
        case "discriminatory":
            return bool(verdict.abuse_categories - {"insult", "sexual", "threat"})
        case "not_abuse":
            return verdict.abuse is Abuse.NONE
    raise AssertionError(f"no heading {heading!r}")


@pytest.mark.parametrize(("heading", "text"), _lines("heard.yml") + _lines("heard_more.yml"))
def test_a_sentence_it_was_written_for_comes_out_as_its_heading_says(heading: str, text: str) -> None:
    verdict = screen(text, service="survivors")
    assert not verdict.uncertain, verdict.reason
    assert _is(heading, verdict), verdict


@pytest.mark.parametrize(
    ("heading", "at_least"),
    # The figures of docs/screening.md: never worse than what is said there.
    [("immediate", 6), ("concern", 2), ("none", 22), ("not_abuse", 10)],
)
def test_the_blind_part_never_gets_worse_than_the_documentation_says(heading: str, at_least: int) -> None:
    texts = [text for name, text in _lines("blind_2.yml") if name == heading]
    assert sum(_is(heading, screen(text, service="survivors")) for text in texts) >= at_least
