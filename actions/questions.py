"""Questions that open something of the person's own: a complaint (M14), their record (M12)."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.receipt import Command, ReceiptAction


class OpenComplaint(ReceiptAction):
    action = "action_open_complaint"

    def commands(self, tracker: Tracker) -> list[Command]:
        return [{"do": "open_complaint"}]


class OpenRecordRequest(ReceiptAction):
    action = "action_open_record_request"

    def commands(self, tracker: Tracker) -> list[Command]:
        return [{"do": "open_record_request"}]
