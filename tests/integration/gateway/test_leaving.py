"""Three leavings are three things to staff: quick exit, a closed tab, a lost line. And coming back is seen."""

from __future__ import annotations

import socket

import pytest


def row_of(desk, contact: str, **match) -> dict:
    while True:
        for row in desk.until("queue")["rows"]:
            if row["contact"] == contact and match.items() <= row.items():
                return row


def quick_exit(page) -> None:
    page.send(t="leave", how="exit")
    page.line.close()


def closed_tab(page) -> None:
    page.line.close(1001)


def lost_line(page) -> None:
    page.line.socket.shutdown(socket.SHUT_RDWR)  # no goodbye


@pytest.mark.parametrize(("leaves", "left"), [(quick_exit, "exit"), (closed_tab, "closed"), (lost_line, "lost")])
def test_staff_see_which_way_somebody_left(door, leaves, left):
    with door.desk() as ash:
        page = door.page()
        page.ask(t="person")
        ash.send(t="watch")
        here = row_of(ash, page.contact, here=True)
        assert (here["left"], here["left_at"], here["back_at"]) == (None, None, None)
        leaves(page)
        gone = row_of(ash, page.contact, here=False, left=left)
        assert gone["left_at"] is not None
        assert (gone["state"], gone["back_at"]) == ("waiting", None)  # promise 6: nobody loses their place by it


def test_coming_back_is_seen_with_when_they_had_left(door):
    with door.desk() as ash:
        page = door.page()
        page.ask(t="person")
        ash.send(t="watch")
        lost_line(page)
        gone = row_of(ash, page.contact, left="lost")
        with door.page(token=page.token) as again:
            assert again.contact == page.contact
            back = row_of(ash, page.contact, here=True, left=None)
            assert back["left_at"] == gone["left_at"]
            assert back["back_at"] is not None


@pytest.mark.parametrize(("leaves", "reopened"), [(closed_tab, True), (lost_line, False)])
def test_a_page_closed_and_opened_again_at_once_is_one_thing(door, leaves, reopened):
    with door.desk() as ash:
        page = door.page()
        page.ask(t="person")
        ash.send(t="watch")
        leaves(page)
        assert row_of(ash, page.contact, here=False)["reopened"] is False
        with door.page(token=page.token) as again:
            assert row_of(ash, page.contact, here=True, left=None)["reopened"] is reopened
            ash.ask(t="claim", contact=again.contact)
            assert ash.until("summary", contact=again.contact, here=True)["reopened"] is reopened


def test_after_a_quick_exit_nobody_comes_back_to_the_same_chat(door):
    page = door.page()
    page.ask(t="person")
    quick_exit(page)
    with door.page(token=page.token) as again:
        assert again.contact != page.contact


def test_who_holds_somebody_sees_how_they_went(door):
    with door.desk() as ash:
        page = door.page()
        page.ask(t="person")
        ash.ask(t="claim", contact=page.contact)
        closed_tab(page)
        ash.until("summary", contact=page.contact, here=False, left="closed")
