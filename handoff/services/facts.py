"""What the two policy texts of a service must state, and why: PRACTICE "The notice holds", as a table.

A text names its facts in the front matter, `facts: {R1.consent: "you ask us to"}`; the loader checks that each fact
asked for is there and that its words really stand in the body. The part before the dot is the clause.
"""

from __future__ import annotations

from collections.abc import Mapping

from handoff.services.model import ServiceFile

CODE: Mapping[str, str] = {
    "M1": "we speak with respect, in clear words",
    "M2": "the person decides, and has a say",
    "M3": "we don't judge or tell people what to do",
    "M4": "we give attention and patience, and telling may take time",
    "M5": "asked, we give our best advice within what we can do",
    "M6": "if we can't help, we explain the reason",
    "M7": "each situation is its own: we listen and ask what is needed",
    "M8": "confidential, unless sharing keeps someone safe; we try to tell",
    "M9": "nothing about ourselves, no private contact, no meeting",
    "M10": "we may ask colleagues, with respect",
    "M11": "notes are professional, factual and respectful",
    "M12": "only what is needed is recorded, kept safely; the person may see it",
    "M13": "open to anyone, without discrimination",
    "M14": "how to complain, or call",
    "M15": "no discriminatory behaviour; if it happens we speak to you about it",
    "M16": "abusive to our people: we will not go on supporting you",
}

NOTICE: Mapping[str, str] = {
    "M8": "what you tell us is confidential, within limits",
    "M10": "we may talk with colleagues",
    "R14": "the whole policy is public",
    "R1.consent": "exception: the person asks or agrees",
    "R1.harm": "exception: a child or an adult at risk may come to harm",
    "R1.terrorism": "exception: terrorism or bomb warnings",
    "R1.threats": "exception: our staff are threatened or attacked with words",
    "R1.interference": "exception: the service is interfered with",
    "R1.threshold": "how serious it must be before we share",
    "R1.recipients": "with whom we may share",
    "R8": "we try to tell the person first, if it is safe",
    "R11": "words are kept for six months, then destroyed",
    "R12": "documents we write are kept for two months, then destroyed",
    "R2.observed": "a manager sometimes reads along, for quality and training",
    "R2.checked": "a computer checks messages; people decide",
    "R3": "nothing identifies the person, so we can't find them",
    "M12.name": "no name is needed",
    "M12.record": "the person may ask to see their record",
    "M14": "how to complain",
    "M14.regulator": "the regulator",
    "R15": "version, when it was reviewed, when the next review is",
    "R4": "nobody is told, whoever asks, if somebody has been in touch",
}

NOTICE_OF: Mapping[str, Mapping[str, str]] = {
    "missing": {
        "R4.family": "family and others are not told without the person's say, within the exceptions",
        "M1.child": "a plain part for children",
    },
    "survivors": {
        "R4.perpetrator": "complete confidentiality from the one who did the harm",
        "R5": "steps for a child or adult at risk are taken alongside the person, or at least they are told",
    },
    "own_behaviour": {
        "R6.details": "contact details are not passed on",
        "R6.duty": "where someone is unsafe, there is a duty not to keep it confidential",
        "R7.children": "Social Services, to protect children",
        "R7.severe": "the police and the (ex-)partner, when the risk is immediate and severe",
    },
    "others": {},
}


def required(kind: str, service: ServiceFile) -> dict[str, str]:
    """Fact id → what it says, for a text of `kind` in this service; empty for texts that are no policy."""
    if kind == "code_of_contact":
        return dict(CODE)
    if kind != "notice":
        return {}
    facts = dict(NOTICE)
    for whom in service.serves:
        facts |= NOTICE_OF[whom]
    return facts
