"""Other websites, no session, the wrong role, the wrong method: each is turned away, and nothing happens."""

from __future__ import annotations

import json
import socket

import pytest
from websockets.exceptions import InvalidStatus

ELSEWHERE = [
    None,
    "null",
    "https://example.org",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "http://[",
    "http://127.0.0.1:{port}.example.org",
    "http://127.0.0.1:{port}@example.org",
    "http://example.org/127.0.0.1:{port}",
]
API = [
    ("POST", "/staff/api/acknowledge", {"text_id": 1}),
    ("POST", "/staff/api/cases/some/take", None),
    ("POST", "/staff/api/alarms/1/seen", None),
    ("POST", "/staff/api/cases/some/decide", {"outcome": "uphold", "reason": "it was fair"}),
]
READS = ["/staff/api/me", "/staff/api/cases", "/staff/api/cases/some", "/staff/api/overview"]


@pytest.mark.parametrize("origin", ELSEWHERE)
@pytest.mark.parametrize("path", ["/ws/person", "/ws/staff"])
def test_a_socket_of_another_page_is_not_opened(door, path: str, origin: str | None):
    cookie = {"Cookie": f"frontdoor={door.session('advisor')}"}
    with pytest.raises(InvalidStatus) as refused:
        door.line(path, origin=origin and origin.format(port=door.port), **cookie)
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("cookie", [None, "frontdoor=", f"frontdoor={'x' * 43}", "frontdoor=\u00e9"])
def test_a_staff_socket_without_a_session_is_not_opened(door, cookie: str | None):
    with pytest.raises(InvalidStatus) as refused:
        door.line("/ws/staff", **({"Cookie": cookie} if cookie else {}))
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("path", READS)
def test_nothing_of_staff_is_read_without_a_session(door, path: str):
    with door.http() as http:
        answer = http.get(path)
    assert answer.status_code == 401
    assert set(answer.json()) == {"code", "words"}


@pytest.mark.parametrize(("method", "path", "body"), API)
@pytest.mark.parametrize("origin", [None, "https://example.org", "null"])
def test_an_unsafe_method_without_our_origin_does_nothing(door, method: str, path: str, body: object, origin):
    headers = {"Origin": origin} if origin else {}
    with door.http(door.session("moderator")) as http:
        answer = http.request(method, path, json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("origin", [None, "https://example.org"])
def test_signing_in_or_out_from_another_page_does_nothing(door, origin: str | None):
    headers = {"Origin": origin} if origin else {}
    session = door.session("advisor")
    with door.http(session) as http:
        answer = http.post("/staff/sign-in", data={"name": "x", "password": "y"}, headers=headers)
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
        assert http.post("/staff/sign-out", headers=headers).status_code == 403
        assert http.get("/staff/api/me").status_code == 200


ROLES = {
    "advisor": {"/staff/api/cases": 404, "/staff/api/cases/some": 404, "/staff/api/overview": 404},
    "moderator": {"/staff/api/cases": 200, "/staff/api/cases/some": 404, "/staff/api/overview": 404},
    "supervisor": {"/staff/api/cases": 200, "/staff/api/cases/some": 404, "/staff/api/overview": 200},
}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reads_what_is_its_own(door, role: str):
    with door.http(door.session(role)) as http:
        assert {path: http.get(path).status_code for path in ROLES[role]} == ROLES[role]


@pytest.mark.parametrize("role", ["advisor", "supervisor"])
def test_only_moderators_take_and_decide_cases(door, role: str):
    with door.http(door.session(role)) as http:
        for method, path, body in (call for call in API if "/cases/" in call[1]):
            answer = http.request(method, path, json=body, headers={"Origin": door.origin})
            assert answer.status_code in (403, 404), answer.text
            assert answer.json()["words"]


@pytest.mark.parametrize("role", ["advisor", "moderator"])
def test_a_room_of_another_role_leads_to_one_s_own(door, role: str):
    with door.http(door.session(role)) as http:
        for room in ("advisor", "moderator", "supervisor"):
            answer = http.get(f"/staff/{room}")
            assert answer.status_code == (200 if room == role else 303)
            assert room == role or answer.headers["location"] == f"/staff/{role}"


BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'{"text_id": "<script>canary</script>"}',
    b'{"text_id": 1e400}',
    b'{"text_id": 99999999999999999999999999}',
    b'{"text_id": 1, "canary": 2}',
    b"\xff\xfe",
    b"[" * 10_000,
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_body_that_is_not_ours_is_answered_in_words_and_not_repeated(door, body: bytes):
    headers = {"Origin": door.origin, "Content-Type": "application/json"}
    with door.http(door.session("advisor")) as http:
        answer = http.post("/staff/api/acknowledge", content=body, headers=headers)
        assert answer.status_code in (400, 404, 422), answer.text
        assert set(answer.json()) == {"code", "words"}
        assert "canary" not in answer.text
        assert http.get("/staff/api/me").status_code == 200


@pytest.mark.parametrize(
    "body", [b"", b"x" * 100_000, b"name=%00&password=%00", b"name=%ff%fe&password=%ff", b"name=canary&password=canary"]
)
def test_a_wrong_sign_in_is_one_and_the_same_answer(door, body: bytes):
    headers = {"Origin": door.origin, "Content-Type": "application/x-www-form-urlencoded"}
    with door.http() as http:
        answer = http.post("/staff/sign-in", content=body, headers=headers)
        other = http.post("/staff/sign-in", data={"name": "nobody", "password": "at all"}, headers=headers)
    assert answer.status_code == other.status_code == 401
    assert answer.text == other.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/chat/canary", "/embed/canary", "/policy/canary", "/policy/missing/canary/1", "/web/x"]
)
def test_a_page_that_is_not_there_says_so_with_real_numbers(door, path: str):
    with door.http() as http:
        answer = http.get(path)
    assert answer.status_code == 404
    assert "canary" not in answer.text
    assert "999" in answer.text


@pytest.mark.parametrize(
    "path", ["/web/../settings.py", "/web/%2e%2e/settings.py", "/web/chat/chat.html", "/%00", "/.env"]
)
def test_no_file_but_those_of_the_pages_is_served(door, path: str):
    with door.http() as http:
        assert http.get(path).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CANARY"])
@pytest.mark.parametrize("path", ["/", "/chat/missing", "/leave", "/staff/api/cases", "/staff/sign-in"])
def test_methods_that_are_not_ours_are_refused(door, method: str, path: str):
    with door.http() as http:
        answer = http.request(method, path)
    assert answer.status_code == 405
    assert "CANARY" not in answer.text


def test_what_is_no_http_at_all_is_turned_away_and_the_next_one_served(door):
    with socket.create_connection(("127.0.0.1", door.port), timeout=10) as line:
        line.sendall(b"\x16\x03\x01 canary\r\n\r\n")
        answer = line.recv(4_000)
    assert b"canary" not in answer
    with door.http() as http:
        assert http.get("/health").status_code == 200


def test_endless_headers_are_cut_off_and_the_next_one_served(door):
    sent = 0
    with socket.create_connection(("127.0.0.1", door.port), timeout=10) as line:
        try:
            line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ")
            while sent < 50_000_000:  # far more than any buffer on the way
                sent += line.send(b"x" * 65_536)
        except OSError:
            pass
    assert sent < 50_000_000
    with door.http() as http:
        assert http.get("/health").json()["store"] == "here"


def test_no_answer_names_what_it_is_made_of(door):
    with door.http(door.session("supervisor")) as http:
        for path in ("/", "/nothing", "/staff/api/me", "/staff/api/cases/%00", "/health"):
            answer = http.get(path)
            assert "server" not in answer.headers
            assert answer.status_code < 500
            assert "Traceback" not in json.dumps(answer.text)
