"""A service that is broken or lacks something is refused, with everything that is wrong: file, line and mend."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from handoff.cards import CARDS, POLICY_CARDS
from handoff.services.errors import Problem
from handoff.services.facts import required
from handoff.services.load import BUILT_IN, ServiceBroken, load_service, load_services
from handoff.services.model import Service
from handoff.services.release import release

Edit = Callable[[str, str, str], int]
SERVICES = load_services()
EVERY_SERVICE = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)


def problems(root: Path, service: str = "missing") -> list[Problem]:
    """What is wrong with one service of `root`, leaving out that edited texts were released (its own tests do that)."""
    try:
        load_service(root / service, root / "common")
    except ServiceBroken as broken:
        for problem in broken.problems:
            assert problem.file
            assert problem.line >= 1
            assert len(problem.mend) > 5
            assert str(problem) in str(broken)
        return [p for p in broken.problems if "released" not in p.what]
    return []


def only(found: list[Problem]) -> Problem:
    assert len(found) == 1, [str(p) for p in found]
    return found[0]


def test_the_three_services_load() -> None:
    assert set(SERVICES) == {"missing", "survivors", "phoneline"}
    assert all(service.file.demonstration for service in SERVICES.values())


@EVERY_SERVICE
def test_every_card_has_words_and_every_option_a_label(service: Service) -> None:
    for name, card in CARDS.items():
        text = service.text(name)
        assert text.body
        assert set(text.options) == card.options
        assert bool(text.again) or not card.asks


@EVERY_SERVICE
def test_the_policies_state_every_fact_asked_of_this_service(service: Service) -> None:
    for kind in POLICY_CARDS:
        text = service.text(kind)
        assert set(text.facts) == set(required(kind, service.file))
        assert {fact.split(".")[0] for fact in text.facts} <= set(text.clauses)


def test_each_clause_from_m1_to_m16_is_in_the_code_of_contact() -> None:
    for service in SERVICES.values():
        assert set(service.text("code_of_contact").facts) == {f"M{n}" for n in range(1, 17)}


def test_on_the_phoneline_the_full_notice_comes_before_any_story() -> None:  # R6, R7
    spine = SERVICES["phoneline"].file.spine
    assert spine.index("notice") < spine.index("need")


def test_a_service_may_stand_alone_and_borrow_from_the_program(root: Path) -> None:
    """A charity brings one folder; safety texts and numbers come with the program."""
    shutil.rmtree(root / "common")
    shutil.rmtree(root / "phoneline")
    shutil.rmtree(root / "missing")
    (root / "released.json").unlink()
    release(root)
    assert set(load_services(root)) == {"survivors"}


def test_a_text_of_the_service_wins_over_a_lent_one(root: Path) -> None:
    own = root / "missing/texts/closed/1.en.md"
    own.parent.mkdir()
    lent = (root / "common/texts/closed/1.en.md").read_text(encoding="utf-8")
    own.write_text(lent.replace("No advisor is here now", "Our advisors have gone home"), encoding="utf-8")
    release(root)
    services = load_services(root)
    assert "gone home" in services["missing"].text("closed").body
    assert "gone home" not in services["survivors"].text("closed").body


def test_the_newest_version_is_shown_and_the_older_one_kept(root: Path, edit: Edit) -> None:
    first = root / "missing/texts/greeting/1.en.md"
    shutil.copy(first, first.with_name("2.en.md"))
    edit("missing/texts/greeting/2.en.md", "Hello, you can talk here", "Hello")
    release(root)
    service = load_services(root)["missing"]
    assert service.text("greeting").version == 2
    assert [text.version for text in service.versions("greeting")] == [2, 1]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("  - danger\n", "  - dangr\n", "dangr is not a card of the spine"),
        ("  - danger\n", "  - ending\n", "ending is not a card of the spine"),
        ("  - name\n", "  - age\n", "age is in the spine twice"),
        ("  - name\n", "  - name\n  - language\n", "more than two"),
        ("needs: [missing_self", "needs: [lost", "unknown need lost"),
        ("needs: [missing_self", "needs: [sighting", "names one twice"),
        ("{band: 4,", "{band: 3,", "bands must be 0, 1, 2, 3 and 4"),
        ("timezone: Europe/London", "timezone: Europe/Londres", "unknown timezone"),
        ("always: true", "always: false", "either always: true or a week"),
        ("http://localhost:8000", "http://charity.example.org", "is not an origin"),
        ("http://localhost:8000", "https://charity.example.org/chat", "is not an origin"),
        ("exit_to: https://", "exit_to: http://", "exit_to is not an https address"),
        ('helpline: "116 000"', 'helpline: " "', "reach.helpline is empty"),
        ("id: missing\n", "id: missed\n", "the folder is missing"),
        ("demonstration: true\n", "demonstration: true\ncolour: red\n", "colour"),
        ("after_s: 30,", "after_s: soon,", "after_s"),
        ('helpline: "116 000"', "helpline: 999", "reach.helpline"),
        ("bot_limit_s: 4", "bot_limit_s: 5", "bot_limit_s"),
        ("keep_words_days: 183", "keep_words_days: 365", "keep_words_days"),
        ("serves: [missing]", "serves: []", "serves is not said"),
    ],
)
def test_a_broken_service_yml_is_told_by_line(root: Path, edit: Edit, old: str, new: str, what: str) -> None:
    line = edit("missing/service.yml", old, new)
    found = [p for p in problems(root) if what in p.what and p.file == "missing/service.yml"]
    assert found, [str(p) for p in problems(root)]
    # A fault is told on its own line, or, where something is lacking or doubled, on the list it belongs to.
    assert any(abs(p.line - line) <= 12 for p in found)
    assert all(p.line > 1 for p in found)


def test_several_faults_are_told_at_once(root: Path, edit: Edit) -> None:
    spine = edit("missing/service.yml", "  - danger\n", "  - dangr\n")
    zone = edit("missing/service.yml", "Europe/London", "Nowhere")
    option = edit("missing/texts/need/1.en.md", "  sighting:", "  seen:")
    directory = edit("missing/directory.yml", "  - childline\n", "  - childlin\n")
    found = {(p.file, p.line) for p in problems(root)}
    assert {
        ("missing/service.yml", spine),
        ("missing/service.yml", zone),
        ("missing/texts/need/1.en.md", option),
        ("missing/directory.yml", directory),
    } <= found


@pytest.mark.parametrize(
    ("name", "old", "new", "what"),
    [
        ("missing/texts/greeting/1.en.md", "[[service]]", "[[servce]]", "[[servce]] cannot be filled"),
        ("missing/texts/greeting/1.en.md", "[[hours]]", "[[wait]]", "[[wait]] cannot be filled"),
        ("missing/texts/greeting/1.en.md", "next_review: 2027-11-22", "next_review: 2026-11-22", "not after reviewed"),
        ("missing/texts/greeting/1.en.md", "reviewed: 2026-11-22", "reviewed: last week", "reviewed"),
        ("missing/texts/greeting/1.en.md", "reviewed: 2026-11-22", "reviewed: 2026-02-30", "reviewed"),
        ("missing/texts/greeting/1.en.md", "kind: greeting", "kind: hello", "kind is hello"),
        ("missing/texts/greeting/1.en.md", "clauses: [M1", "clauses: [Z1", "clauses"),
        ("missing/texts/need/1.en.md", "  sighting:", "  seen:", "unknown option seen"),
        ("missing/texts/code_of_contact/1.en.md", "again:", "# again:", "again is missing"),
        ("missing/texts/code_of_contact/1.en.md", "  M9:", "  # M9:", "does not say"),
        ("missing/texts/notice/1.en.md", "Someone stops our service from working for others.", "",
         "the words of R1.interference are not in the text"),
        ("missing/texts/notice/1.en.md", "  R4.family:", "  R7.severe:", "R7.severe is no fact of notice here"),
        ("common/texts/emergency/1.en.md", "Call 999 now if you can.", "Call for help.\n" + "word " * 21,
         "more than 20 words"),
        ("common/texts/emergency_suicide/1.en.md", "[[number:samaritans]]", "[[number:somebody]]",
         "[[number:somebody]] cannot be filled"),
    ],
)  # fmt: skip
def test_a_broken_text_is_told_with_file_and_line(
    root: Path, edit: Edit, name: str, old: str, new: str, what: str
) -> None:
    line = edit(name, old, new)
    found = [p for p in problems(root) if what in p.what]
    assert found, [str(p) for p in problems(root)]
    assert found[0].file == name
    lacking = ("again is missing", "does not say", "R1.interference")  # told where it ought to stand
    assert any(words in what for words in lacking) or abs(found[0].line - line) <= 1


def test_a_notice_that_names_another_version_or_date_than_its_own_is_refused(root: Path) -> None:  # R15
    path = root / "missing/texts/notice/1.en.md"
    words = path.read_text(encoding="utf-8")
    for old, new in (("version 1.", "version 3."), ("on 22 November 2027", "on 23 November 2027")):
        path.write_text(words.replace(old, new), encoding="utf-8")
        assert "the text does not say" in only(problems(root)).what


def test_an_emergency_text_without_999_is_refused(root: Path) -> None:
    path = root / "common/texts/emergency/1.en.md"
    path.write_text(path.read_text(encoding="utf-8").replace("999", "someone"), encoding="utf-8")
    assert "999" in only(problems(root)).what


@pytest.mark.parametrize("kind", sorted(CARDS))
def test_a_card_without_words_is_told_by_name(root: Path, kind: str) -> None:
    for home in ("missing", "common"):
        shutil.rmtree(root / home / "texts" / kind, ignore_errors=True)
    assert f"there is no text for {kind}" in {p.what for p in problems(root)}


def test_a_card_each_service_must_own_is_never_lent(root: Path) -> None:
    shutil.move(root / "missing/texts/greeting", root / "common/texts/greeting")
    told = {p.what for p in problems(root)}
    assert {"there is no text for greeting", "each service must have its own of these"} <= told


@pytest.mark.parametrize("name", ["hello.md", "0.en.md", "1.english.md", "1.en.txt", "01.en.md"])
def test_a_misnamed_text_is_not_overlooked(root: Path, name: str) -> None:
    (root / "missing/texts/greeting" / name).write_text("Hello", encoding="utf-8")
    assert only(problems(root)).file == f"missing/texts/greeting/{name}"


@pytest.mark.parametrize("name", ["texts/hello/1.en.md", "texts/greeting.md", "texts/greeting/old/1.en.md"])
def test_a_misplaced_text_is_not_overlooked(root: Path, name: str) -> None:
    path = root / "missing" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("Hello", encoding="utf-8")
    assert only(problems(root)).file == f"missing/{name}"


def test_a_text_in_a_language_the_service_does_not_have_is_told(root: Path) -> None:
    path = root / "missing/texts/greeting/1.en.md"
    shutil.copy(path, path.with_name("1.cy.md"))
    assert "cy is not a language of the service" in only(problems(root)).what


def test_a_directory_entry_twice_is_told(root: Path, edit: Edit) -> None:
    line = edit("missing/directory.yml", "  - childline\n", "  - childline\n  - childline\n")
    problem = only(problems(root))
    assert (problem.file, problem.line) == ("missing/directory.yml", line + 1)


def test_the_phoneline_may_not_ask_for_the_story_before_the_notice(root: Path, edit: Edit) -> None:  # R6, R7
    edit("phoneline/service.yml", "  - notice\n", "")
    edit("phoneline/service.yml", "  - queue\n", "  - notice\n  - queue\n")
    assert "before any story (R6, R7)" in only(problems(root, "phoneline")).what


def test_nothing_there_is_an_error_and_not_an_empty_door(tmp_path: Path) -> None:
    for root in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ServiceBroken, match="no service here"):
            load_services(root)


def test_a_folder_without_service_yml_is_told(root: Path) -> None:
    (root / "missing/service.yml").unlink()
    with pytest.raises(ServiceBroken, match=r"missing/service\.yml:1: the file is missing"):
        load_services(root)


def test_the_faults_of_every_service_are_told_together(root: Path, edit: Edit) -> None:
    edit("missing/service.yml", "  - danger\n", "  - dangr\n")
    edit("survivors/service.yml", "  - danger\n", "  - dangr\n")
    with pytest.raises(ServiceBroken) as broken:
        load_services(root)
    assert {p.file for p in broken.value.problems} == {"missing/service.yml", "survivors/service.yml"}


def test_words_such_as_yes_and_no_stay_words(root: Path) -> None:
    assert set(load_services(BUILT_IN)["missing"].text("danger").options) >= {"yes", "no"}
