"""The lexicon: what screening knows, read once at start from the YAML files beside this module.

A file that is missing, unreadable or wrong makes the whole lexicon unusable, on purpose: a screen with a hole in it
that says "nothing found" is worse than one that says "I can't tell".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from handoff.screening.pattern import Pattern, PatternError, compile_pattern
from handoff.screening.words import Words
from handoff.verdict import ABUSE_CATEGORIES, RISK_CATEGORIES

FOLDER = Path(__file__).parent / "lexicon"
WORD_FILES = ("words.yml", "classes.yml", "folded.yml", "alike.yml")
RULE_FILES = (
    "suicide.yml",
    "self_harm.yml",
    "violence.yml",
    "own_behaviour.yml",
    "children.yml",
    "adults.yml",
    "missing.yml",
    "others.yml",
    "questions.yml",
    "abuse.yml",
    "discrimination.yml",
    "context.yml",
)
Cue = Literal["negation", "not_negation", "past", "now", "hypothetical", "story", "quoting", "idiom", "countering"]


class LexiconError(Exception):
    """The lexicon can't be used; each problem names file, rule and what to mend."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Rule(BaseModel):
    """One thing to listen for. `says` holds a phrase a line; `unless` phrases in the same sentence take it back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    risk: Literal["concern", "immediate"] | None = None
    abuse: Literal["discriminatory", "abusive", "threatening"] | None = None
    cue: Cue | None = None
    answer: Literal["yes", "no", "some"] | None = None  # a question: which answer to it means risk
    category: str = ""
    target: Literal["staff", "machine", "other", "self", "quoted"] | None = None
    services: tuple[str, ...] = ()  # empty: all
    not_services: tuple[str, ...] = ()
    keeps: tuple[Cue, ...] = ()  # contexts that do not take this finding back
    lowered: Literal["none", "concern"] = "none"  # what is left of it when context does take it back
    says: str
    unless: str = ""

    @model_validator(mode="after")
    def _one_kind(self) -> Rule:
        if not (self.risk or self.abuse or self.cue):
            raise ValueError("a rule needs risk, abuse or cue")
        if self.risk and self.category not in RISK_CATEGORIES:
            raise ValueError(f"no risk category {self.category!r}")
        if self.abuse and self.category not in ABUSE_CATEGORIES:
            raise ValueError(f"no abuse category {self.category!r}")
        return self


@dataclass(frozen=True, slots=True)
class Phrase:
    """A pattern and the rule it speaks for."""

    name: str
    rule: Rule
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything screening looks with. `index`: anchor word → phrases to try where it occurs."""

    words: Words
    index: Mapping[str, tuple[Phrase, ...]]
    rules: Mapping[str, Rule]
    alike: Mapping[str, str]  # word → the group of words it may stand for, for the model
    vetoes: Mapping[str, tuple[Pattern, ...]]  # a rule's `unless`, tried only where the rule was found


def _lines(block: str) -> list[str]:
    return [line for raw in block.splitlines() if (line := raw.split(" # ")[0].strip()) and not line.startswith("#")]


def _file(path: Path, problems: list[str]) -> dict[str, Any]:
    try:
        loaded = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        problems.append(f"{path.name}: cannot be read ({type(error).__name__}); put the released file back")
        return {}
    if not isinstance(loaded, dict) or not loaded:
        problems.append(f"{path.name}: empty or not a mapping; put the released file back")
        return {}
    return loaded


def load(folder: Path = FOLDER) -> Lexicon:
    """Read and compile the lexicon. Raises `LexiconError` listing every problem with file and mend."""
    problems: list[str] = []
    words, classes, folded, groups = (_file(folder / name, problems) for name in WORD_FILES)
    phrases: list[Phrase] = []
    rules: dict[str, Rule] = {}
    vetoes: dict[str, tuple[Pattern, ...]] = {}
    for name in RULE_FILES:
        for rule_name, body in _file(folder / name, problems).items():
            try:
                rule = Rule.model_validate(body)
                phrases += [Phrase(rule_name, rule, compile_pattern(line, classes)) for line in _lines(rule.says)]
                vetoes[rule_name] = tuple(compile_pattern(line, classes) for line in _lines(rule.unless))
            except (PatternError, ValidationError) as error:
                problems.append(f"{name}, {rule_name}: {error}")
                continue
            if rule_name in rules:
                problems.append(f"{name}, {rule_name}: the name is used twice")
            rules[rule_name] = rule
    if problems:
        raise LexiconError(problems)
    index: dict[str, list[Phrase]] = {}
    vocabulary: set[str] = set()
    for pattern in (pattern for unless in vetoes.values() for pattern in unless):
        vocabulary |= pattern.words
    for phrase in phrases:
        vocabulary |= phrase.pattern.words
        for anchor in phrase.pattern.anchors:
            index.setdefault(anchor, []).append(phrase)
    try:
        known = _words(words, folded, vocabulary)
        alike = {word: name for name, listed in groups.items() for word in listed.split()}
    except (KeyError, AttributeError, TypeError) as error:
        raise LexiconError([f"words.yml, folded.yml or alike.yml: {type(error).__name__} {error}"]) from error
    filed = {word: tuple(found) for word, found in index.items()}
    return Lexicon(words=known, index=filed, rules=rules, alike=alike, vetoes=vetoes)


def _words(words: dict[str, Any], folded: dict[str, Any], vocabulary: set[str]) -> Words:
    means = {str(typed): tuple(str(meant).split()) for typed, meant in words["means"].items()}
    glued = {phrase.replace(" ", ""): tuple(phrase.split()) for phrase in _lines(words["glued"])}
    return Words(
        vocabulary=vocabulary | set(words["common"].split()),
        means=means,
        folded={key: name for name, keys in folded.items() for key in keys.split()},
        slips=words["slips"].split(),
        protected=words["protected"].split(),
        masked=words["masked"].split(),
        glued=glued,
    )
