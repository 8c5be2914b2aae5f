"""No words, from anyone, ever become markup; the little a text may hold is drawn and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

MARKS = [*"<>&\"'*[]()/\\# \na0é😀", "**", "## ", "- ", "\n\n", "\u202e", "&lt;"]
TRICKS = ["<b>", "<script>", "<img src=x onerror=alert(1)>", "javascript:", "//x.test", "(/policy)", "https://x.test"]
PIECES = [*MARKS, *TRICKS, "999", "0808 80 10 800", "116 000"]
ALLOWED = {"P", "UL", "LI", "STRONG", "A", "H3"}
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=15).map("".join)

DRAW = """async texts => {
    const { blocks, inline, el } = await import("/web/shared/text.js");
    return texts.flatMap(text => [blocks(text), inline(text), inline(text, { numbersOnly: true })].map(drawn => {
        const box = el("div", {}, drawn);
        return {
            tags: [...box.querySelectorAll("*")].map(node => node.tagName),
            attributes: [...box.querySelectorAll("*")].flatMap(node => node.getAttributeNames()),
            links: [...box.querySelectorAll("a")].map(node => [node.getAttribute("href"), node.href, node.protocol]),
            words: box.textContent,
        };
    }));
}"""


@pytest.fixture
def drawing(page: Page, server) -> Page:
    page.goto(f"{server.url}/policy/missing")
    return page


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(texts, min_size=1, max_size=40))
def test_any_words_give_only_what_a_text_may_hold(drawing: Page, server, some: list[str]) -> None:
    for drawn in drawing.evaluate(DRAW, [text.encode("utf-8", "ignore").decode() for text in some]):
        assert set(drawn["tags"]) <= ALLOWED
        assert set(drawn["attributes"]) <= {"href", "target"}
        for written, whole, protocol in drawn["links"]:
            if protocol == "tel:":
                assert written[4:].lstrip("+").isdigit()
            else:
                assert written.startswith("/")
                assert whole.startswith(server.url + "/")  # never another site


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(texts, min_size=1, max_size=40))
def test_an_advisors_words_are_shown_as_they_were_written(drawing: Page, server, some: list[str]) -> None:
    sent = [text.encode("utf-8", "ignore").decode() for text in some]
    drawn = drawing.evaluate(DRAW, sent)[2::3]
    assert [one["words"] for one in drawn] == sent


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("call 999 now", ["tel:999"]),
        ("116 000 or 0808 80 10 800.", ["tel:116000", "tel:08088010800"]),
        ("Childline: 0800 1111 (any time)", ["tel:08001111"]),
        ("text 85258, or 08000 121 700", ["tel:08000121700"]),
        ("British Transport Police: 0800 405040", ["tel:0800405040"]),
        ("it was 1999, flat 9990", []),
        ("[the policy](/policy/missing)", ["/policy/missing"]),
        ("[x](https://x.test) [y](//x.test) [z](/\\x.test)", []),
    ],
)
def test_numbers_can_be_called_and_only_our_own_pages_are_links(drawing: Page, text: str, links: list[str]) -> None:
    assert [written for written, _, _ in drawing.evaluate(DRAW, [text])[0]["links"]] == links
