"""Who is needed: a person, or nobody for now."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.receipt import Command, ReceiptAction


class RequestAdvisor(ReceiptAction):
    action = "action_request_advisor"

    def commands(self, tracker: Tracker) -> list[Command]:
        return [{"do": "request_advisor"}]


class RequestAdvisorNow(ReceiptAction):
    """Asked as something that can't wait: handoff puts the person nearer the front."""

    action = "action_request_advisor_now"

    def commands(self, tracker: Tracker) -> list[Command]:
        return [{"do": "request_advisor", "urgent": True}]


class Unclear(ReceiptAction):
    """Not understood. The second time in a row the rules ask for a person instead."""

    action = "action_unclear"

    def commands(self, tracker: Tracker) -> list[Command]:
        return [{"do": "unclear"}]


class OfferEnd(ReceiptAction):
    """“Bye” only asks whether the person wants to end; their own press ends."""

    action = "action_offer_end"

    def commands(self, tracker: Tracker) -> list[Command]:
        return [{"do": "offer_end"}]
