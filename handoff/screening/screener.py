"""From a message to a verdict. Pure, total and deterministic; what fails becomes `uncertain`, never "nothing found"."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from handoff.screening.document import LONGEST as LONGEST_TEXT
from handoff.screening.history import LONGEST
from handoff.screening.lexicon import FOLDER, Lexicon, LexiconError
from handoff.screening.lexicon import load as load_lexicon
from handoff.screening.message import Finding, Message
from handoff.screening.model import FILE, Model, ModelError
from handoff.screening.steps import STEPS, Step
from handoff.verdict import Abuse, Risk, Target, Turn, Verdict

_TARGETS = (Target.STAFF, Target.MACHINE, Target.QUOTED, Target.OTHER, Target.SELF)  # which one a verdict names


class Screener:
    """A loaded lexicon and its steps. Load once at start, and say `problems` loudly if there are any:
    every message then comes back uncertain and goes to a person (promise 2)."""

    def __init__(
        self,
        lexicon: Lexicon | None,
        model: Model | None,
        problems: Sequence[str] = (),
        steps: Sequence[Step] = STEPS,
    ) -> None:
        self.lexicon = lexicon
        self.model = model
        self.problems = tuple(problems)
        self.steps = tuple(steps)

    @classmethod
    def load(cls, folder: Path = FOLDER, file: Path = FILE) -> Screener:
        """Read lexicon and model. Never raises: look at `problems`, each naming file, rule and mend."""
        try:
            return cls(load_lexicon(folder), Model.load(file))
        except LexiconError as error:
            return cls(None, None, error.problems)
        except ModelError as error:  # the phrases still speak, and every message is uncertain
            return cls(load_lexicon(folder), None, [str(error)])
        except Exception as error:  # whatever it is, the start-up must hear of it and messages must reach a person
            return cls(None, None, [f"screening could not be loaded: {type(error).__name__}"])

    def add(self, step: Step) -> None:
        """One more step, after the others: it may raise what they found, never lower it."""
        self.steps = (*self.steps, step)

    def lacks(self, name: str, problem: str) -> None:
        """A step that should be there is not: said at start, and every message is uncertain until it's mended."""

        def run(message: Message) -> None:
            raise LookupError(name)

        self.problems = (*self.problems, problem)
        self.add(Step(name, run))

    def screen(self, text: str, *, service: str, history: Sequence[Turn] = ()) -> Verdict:
        """Screen one message. `history`: the entries before it, oldest first; only the last 20 are read."""
        if self.lexicon is None:
            return Verdict(uncertain=True, reason="the lexicon is not loaded: mend it and restart")
        failed: list[str] = []
        try:
            message = Message(
                text=text, service=service, history=tuple(history)[-LONGEST:], lexicon=self.lexicon, model=self.model
            )
            for step in self.steps:
                try:
                    step.run(message)
                except Exception as error:  # the other steps still speak; the words stay out of the reason
                    failed.append(f"step {step.name} failed: {type(error).__name__}")
            if len(text) > LONGEST_TEXT:
                failed.append(f"longer than {LONGEST_TEXT} characters: the rest was not read")
            return verdict(message.findings, "; ".join(failed))
        except Exception as error:
            return Verdict(uncertain=True, reason=f"screening failed: {type(error).__name__}")


def verdict(findings: Sequence[Finding], failed: str = "") -> Verdict:
    """The worst of what was found. With a failure it is uncertain as well, and keeps what was found."""
    counted = [f for f in findings if f.risk or f.abuse or f.target is Target.QUOTED]
    risk = max((f.risk for f in counted), default=Risk.NONE)
    abuse = max((f.abuse for f in counted), default=Abuse.NONE)
    targets = {f.target for f in counted if f.abuse or not abuse} - {None}
    if Target.MACHINE in targets and all(f.category == "insult" for f in counted if f.abuse):
        targets.discard(Target.STAFF)  # "fuck off you stupid bot": plainly at the program
    spans = sorted({f.span for f in counted}, key=lambda span: (span.start, -span.end, span.label))
    return Verdict(
        risk=risk,
        risk_categories=frozenset(f.category for f in counted if f.risk),
        abuse=abuse,
        abuse_categories=frozenset(f.category for f in counted if f.abuse),
        target=next((target for target in _TARGETS if target in targets), None),
        spans=tuple(spans),
        uncertain=bool(failed),
        reason=failed,
    )


@cache
def shared() -> Screener:
    """The process's own screener, loaded at first use; the gateway loads it at start to hear of problems."""
    return Screener.load()


def screen(text: str, *, service: str, history: Sequence[Turn] = ()) -> Verdict:
    """Screen one message with the process's screener. Never raises; a failure is `Verdict(uncertain=True)`."""
    return shared().screen(text, service=service, history=history)
