"""How the model is learnt: from files that say what is wrong with them, the same every time, and only from today's."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from handoff.screening import Screener
from handoff.screening.model import ARRAYS, FILE, Model, ModelError
from handoff.screening.training import learn, sentences
from handoff.screening.training.typing import typed
from handoff.verdict import Abuse, Risk, Target


def _written(folder: Path, text: str) -> list[sentences.Sentence]:
    path = folder / "some.txt"
    path.write_text(text, encoding="utf-8")
    return list(sentences.read([path]))


def test_the_model_is_of_these_sentences() -> None:
    """Whoever changes a sentence runs `make train`, and commits what it made."""
    assert Model.load().meta["made_of"] == learn.inputs()


def test_every_sentence_can_be_read_and_half_of_them_are_harmless() -> None:
    labels = [sentence.label for sentence in sentences.all_of()]
    harmless = sum(not label.risk and not label.abuse for label in labels)
    assert len(labels) > 40_000
    assert harmless / len(labels) > 0.5


def test_the_same_sentences_make_the_same_model() -> None:
    some = random.Random(3).sample(sentences.all_of(), 1_000)
    one, other = (learn.fit(learn.examples(some)) for _ in range(2))
    assert one.meta == other.meta
    for name in ARRAYS:
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


def test_choices_and_turns_are_read(tmp_path: Path) -> None:
    written = _written(
        tmp_path, "# why\n== immediate violence abusive insult\nhe{'s|s| is} in\n== none\nbot: A? || b\n"
    )
    assert sorted(text for text, _ in written[0].spoken(5)) == ["he is in", "he's in", "hes in"]
    assert written[0].spoken(2) == written[0].spoken(2) and len(written[0].spoken(2)) == 2
    assert (written[0].label.risk, written[0].label.abuse) == (Risk.IMMEDIATE, Abuse.ABUSIVE)
    ((text, (turn,)),) = written[1].spoken(1)
    assert (text, turn.author, turn.text) == ("b", "bot", "A?")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hello\n", "some.txt:1: a sentence before"),
        ("== none\nhi\n== imediate violence\n", "some.txt:3: 'imediate'"),
        ("== immediate\nx\n", "a risk needs a category"),
        ("== abusive\nx\n", "abuse needs a category"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(sentences.SentencesError, match=says.split(":")[0]) as told:
        _written(tmp_path, text)
    assert says in str(told.value)


def test_harsh_words_at_others_are_marked(tmp_path: Path) -> None:
    (sentence,) = _written(tmp_path, "== none quoted\nhe calls me useless\n")
    assert sentence.label.target is Target.QUOTED


def test_typing_keeps_most_of_the_words() -> None:
    chance = random.Random(1)
    for _ in range(200):
        other = typed("he has got a knife and i am locked in the bathroom", chance)
        assert len(other) > 30


@pytest.mark.parametrize("harm", ["missing", "empty", "garbage", "cut"])
def test_without_its_model_every_message_is_uncertain_and_the_phrases_still_speak(harm: str, tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    whole = FILE.read_bytes()
    if harm != "missing":
        path.write_bytes({"empty": b"", "garbage": b"not a model" * 50, "cut": whole[: len(whole) // 2]}[harm])
    with pytest.raises(ModelError, match="make train"):
        Model.load(path)
    screener = Screener.load(file=path)
    assert any("make train" in problem for problem in screener.problems)
    verdict = screener.screen("he has got a knife", service="survivors")
    assert verdict.uncertain and verdict.risk is Risk.IMMEDIATE
