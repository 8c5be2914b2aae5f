"""The promises of screening, for any words at all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handoff.screening import STEPS, Screener, Step, screen, shared
from handoff.screening.lexicon import FOLDER, RULE_FILES, WORD_FILES, Lexicon
from handoff.screening.message import Message
from handoff.verdict import Abuse, Risk, Turn

CORE = (
    "i want to kill myself",
    "i am going to end my life tonight",
    "he is outside my door again",
    "he has got a knife",
    "my husband strangled me last night",
    "i have taken an overdose",
    "i just hit my wife",
    "my dad is hitting my mum right now",
)
HARMLESS = (
    "hello",
    "thank you for reading",
    "it is raining here.",
    "I have been meaning to write.",
    "sorry for the spelling",
    "the bus was late this morning.",
    "my sister says hi.",
    "ok",
)
LOOK_ALIKES = {"a": "а", "e": "е", "o": "о", "i": "і", "c": "с", "p": "р", "y": "у", "x": "х", "s": "ѕ"}
any_text = st.text(st.characters(), max_size=300)  # surrogates, NUL and all


@settings(max_examples=300, deadline=None)
@given(any_text, st.lists(any_text, max_size=3))
def test_it_never_raises_and_its_spans_lie_inside_the_text(text: str, before: list[str]) -> None:
    history = [Turn(author="person" if at % 2 else "bot", text=words) for at, words in enumerate(before)]
    verdict = screen(text, service="survivors", history=history)
    assert not verdict.uncertain, verdict.reason
    assert all(0 <= span.start < span.end <= len(text) for span in verdict.spans)
    assert verdict == screen(text, service="survivors", history=history)


@pytest.mark.parametrize(
    "text",
    ["", "\x00", "\ud800", "a" * 20_000, "k i " * 5_000, "! " * 9_000, '"' * 5_000, "kill " * 2_000],
)
def test_odd_and_very_long_texts_are_screened(text: str) -> None:
    assert not screen(text, service="survivors").uncertain


def test_what_is_longer_than_it_reads_is_uncertain() -> None:
    assert screen("a " * 20_000, service="survivors").uncertain


def test_no_phrase_can_look_further_than_it_is_long() -> None:
    """Nothing in a compiled phrase repeats without a bound, so the cost is linear in the message."""
    phrases = {phrase.pattern for found in _lexicon().index.values() for phrase in found}
    vetoes = {pattern for patterns in _lexicon().vetoes.values() for pattern in patterns}
    for pattern in phrases | vetoes:
        unbounded = pattern.expression.pattern.replace("[^ .]+ ", "")
        assert "*" not in unbounded and "+" not in unbounded, pattern.source


@pytest.mark.parametrize("wrong", [None, 7, b"bytes", ["list"]])
def test_what_is_no_text_at_all_is_uncertain_and_not_an_error(wrong: object) -> None:
    assert screen(wrong, service="survivors").uncertain  # type: ignore[arg-type]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(CORE), st.sampled_from(HARMLESS), st.sampled_from(HARMLESS))
def test_harmless_words_around_a_disclosure_never_clear_it(core: str, before: str, after: str) -> None:
    assert screen(f"{before} {core}. {after}", service="survivors").risk is Risk.IMMEDIATE
    assert screen(f"{before}\n{core}\n{after}", service="survivors").risk is Risk.IMMEDIATE


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(CORE), st.randoms(use_true_random=False))
def test_case_and_look_alikes_and_invisible_letters_do_not_change_a_disclosure(core: str, random: object) -> None:
    typed = "".join(
        random.choice([letter, letter.upper(), LOOK_ALIKES.get(letter, letter), letter + "\u200b"])  # type: ignore[attr-defined]
        for letter in core
    )
    assert screen(typed, service="survivors").risk is Risk.IMMEDIATE, typed


@pytest.mark.parametrize("core", CORE)
def test_spacing_out_does_not_change_a_disclosure(core: str) -> None:
    for gap, between in ((" ", "   "), (".", "  "), ("-", "   ")):
        spaced = between.join(gap.join(word) for word in core.split())
        assert screen(spaced, service="survivors").risk is Risk.IMMEDIATE, spaced


@pytest.mark.parametrize(
    "typed",
    [
        "i want to killl myslef",
        "i wanna die",
        "i want to k1ll mys3lf",
        "i want to kill my self",
        "iwanttokillmyself",
        "im gonna end my life 2nite",
        "he strangeld me last night",
        "my husbnad strangled me last night",
        "ive taken an ovredose",
        "ive taken an overdsoe",
        "i feel suicdal",
        "i am sui cidal",
        "hes got a nife",
        "he's smashng the window to get in",
    ],
)
def test_slips_and_text_speak_do_not_hide_a_disclosure(typed: str) -> None:
    assert screen(typed, service="survivors").risk is Risk.IMMEDIATE


def test_a_negation_lowers_its_own_phrase_and_hides_no_other() -> None:
    assert screen("im not suicidal", service="survivors").risk is Risk.NONE
    assert screen("I'm not suicidal but I've got the tablets here", service="survivors").risk is Risk.IMMEDIATE
    assert screen("hes not here i want to die", service="survivors").risk is Risk.IMMEDIATE
    assert screen("no he hit me last night", service="survivors").risk is Risk.IMMEDIATE


def test_risk_and_abuse_are_both_told_when_both_are_there() -> None:
    verdict = screen("fuck off you useless cow, hes outside my door again", service="survivors")
    assert (verdict.risk, verdict.abuse) == (Risk.IMMEDIATE, Abuse.ABUSIVE)


def test_spans_point_at_the_text_as_typed() -> None:
    text = "ok so… i wаnt to k i l l  m y s e l f ok"
    spans = screen(text, service="survivors").spans
    assert any("k i l l  m y s e l f" in text[span.start : span.end] for span in spans)


def _lexicon() -> Lexicon:
    lexicon = shared().lexicon
    assert lexicon is not None
    return lexicon


def _breaks(message: Message) -> None:
    raise RuntimeError(message.text)


def test_a_step_that_raises_makes_it_uncertain_and_the_others_still_speak() -> None:
    screener = Screener(_lexicon(), shared().model, steps=(*STEPS, Step("broken", _breaks)))
    verdict = screener.screen("i want to kill myself", service="survivors")
    assert verdict.uncertain and verdict.risk is Risk.IMMEDIATE
    assert "broken" in verdict.reason and "myself" not in verdict.reason


@pytest.mark.parametrize("name", [*WORD_FILES, *RULE_FILES])
def test_a_missing_or_broken_lexicon_file_makes_every_message_uncertain(name: str, tmp_path: Path) -> None:
    for harm in ("missing", "empty", "broken"):
        folder = tmp_path / harm
        shutil.copytree(FOLDER, folder)
        if harm == "missing":
            (folder / name).unlink()
        else:
            (folder / name).write_text("" if harm == "empty" else "a: [", encoding="utf-8")
        screener = Screener.load(folder)
        assert any(name in problem for problem in screener.problems)
        assert screener.screen("hello", service="survivors").uncertain


SCRAPS = "you|ya|with|unfortunately|naturally|nobody|girl|your name|you are|are you|because of you|hahaha|india"


@pytest.mark.parametrize("text", [*"abcdefghijklmnopqrstuvwxyz0123456789", *SCRAPS.split("|")])
def test_a_scrap_that_says_nothing_is_nothing(text: str) -> None:
    """Too few words to go by must not sound like whatever they are most often part of."""
    verdict = screen(text, service="survivors")
    assert (verdict.risk, verdict.abuse) == (Risk.NONE, Abuse.NONE)
