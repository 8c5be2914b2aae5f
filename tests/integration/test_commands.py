"""What an operator types: each command does what it says, and where it can't, names the file, the line and the mend."""

from __future__ import annotations

import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import Databases
from servers import PASSWORD as SERVER_PASSWORD
from servers import Redis
from typer.testing import CliRunner, Result

from handoff import run
from handoff.cli import app
from handoff.services.load import BUILT_IN
from handoff.settings import Settings

LONG = 60.0  # seconds after which a test has hung


class Operator:
    """Somebody at a terminal in an empty folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in Settings.model_fields:
            monkeypatch.delenv(f"FRONTDOOR_{name.upper()}", raising=False)
        monkeypatch.setenv("COLUMNS", "200")
        with socket.socket() as probe:  # nobody is there, whatever else runs on this machine
            probe.bind(("127.0.0.1", 0))
            monkeypatch.setenv("FRONTDOOR_BOT_PORT", str(probe.getsockname()[1]))
        monkeypatch.chdir(folder)
        monkeypatch.setattr("handoff.logs.configure", lambda: None)  # meant for a whole process
        self.set = monkeypatch.setenv
        self.database = folder / "var" / "frontdoor.db"

    def types(self, *words: str, answers: str | None = None) -> Result:
        return CliRunner().invoke(app, list(words), input=answers)

    def fails(self, *words: str, answers: str | None = None) -> str:
        """What is said by a command that cannot do its work: words, never a traceback."""
        result = self.types(*words, answers=answers)
        assert result.exit_code == 1, result.output
        assert isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result.output

    def does(self, *words: str, answers: str | None = None) -> str:
        result = self.types(*words, answers=answers)
        assert result.exit_code == 0, result.output
        return result.output


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    return Operator(tmp_path, monkeypatch)


@pytest.fixture
def migrated_operator(operator: Operator) -> Operator:
    operator.does("migrate")
    return operator


def test_help_names_every_command_with_a_line_about_it(operator: Operator):
    said = operator.does("--help")
    for name in ("run", "serve", "migrate", "demo", "page", "staff", "services", "notices", "doctor", "audit"):
        assert re.search(rf"^\W*{name}\s+\S.{{10,}}", said, re.MULTILINE), name


def test_the_version_is_said(operator: Operator):
    assert re.fullmatch(r"frontdoor \d+\.\d+\.\d+\n", operator.does("--version"))


def test_migrating_twice_changes_nothing_the_second_time(operator: Operator):
    operator.does("migrate")
    with sqlite3.connect(operator.database) as raw:
        before = list(raw.iterdump())
    operator.does("migrate")
    with sqlite3.connect(operator.database) as raw:
        assert list(raw.iterdump()) == before
    assert operator.database.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("command", [["staff", "list"], ["demo"], ["audit", "verify"], ["serve"]])
def test_without_a_database_the_mend_is_named_and_nothing_is_made(operator: Operator, command: list[str]):
    assert "frontdoor migrate" in operator.fails(*command)
    assert not operator.database.exists()


@pytest.mark.parametrize("command", [["staff", "list"], ["serve"], ["migrate"]])
def test_a_database_of_a_newer_version_is_left_alone_and_said(migrated_operator: Operator, command: list[str]):
    with sqlite3.connect(migrated_operator.database) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    said = migrated_operator.fails(*command)
    assert "frontdoor migrate" in said or "newer version" in said
    with sqlite3.connect(migrated_operator.database) as raw:
        assert raw.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)


def test_a_file_that_is_no_database_is_said(operator: Operator):
    operator.database.parent.mkdir()
    operator.database.write_bytes(b"these are not the tables you look for " * 100)
    assert "not a database" in operator.fails("staff", "list")
    assert "not a database" in operator.fails("migrate")


# ── staff ────────────────────────────────────────────────────────────────────────────────────────────────────────────

PASSWORD = "correct horse battery"


def add(operator: Operator, name: str = "Robin", role: str = "advisor") -> str:
    return operator.does("staff", "add", name, "--role", role, answers=f"{PASSWORD}\n{PASSWORD}\n")


def test_staff_are_added_listed_given_a_password_and_disabled(migrated_operator: Operator):
    operator = migrated_operator
    assert PASSWORD not in add(operator)
    assert re.search(r"Robin\W+advisor\W+yes", operator.does("staff", "list"))
    new = "another good one"
    assert new not in operator.does("staff", "password", "Robin", answers=f"{new}\n{new}\n")
    operator.does("staff", "disable", "Robin")
    assert re.search(r"Robin\W+advisor\W+no", operator.does("staff", "list"))
    assert PASSWORD.encode() not in operator.database.read_bytes()


def test_what_cannot_be_added_is_said(migrated_operator: Operator):
    operator = migrated_operator
    add(operator)
    both = f"{PASSWORD}\n{PASSWORD}\n"
    assert "already" in operator.fails("staff", "add", "Robin", "--role", "advisor", answers=both)
    assert "advisor, moderator, supervisor" in operator.fails("staff", "add", "Kim", "--role", "boss", answers=both)
    assert "10 characters" in operator.fails("staff", "add", "Kim", "--role", "advisor", answers="short\nshort\n")
    assert "working name" in operator.fails("staff", "add", " ", "--role", "advisor", answers=both)
    for command in (["staff", "disable", "Kim"], ["staff", "password", "Kim"]):
        assert "frontdoor staff list" in operator.fails(*command, answers=both)
    assert "Kim" not in operator.does("staff", "list")


# ── services and notices ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def services(tmp_path: Path) -> Path:
    """A copy of the services that ship, to be broken."""
    folder = tmp_path / "services"
    data = ("service.yml", "directory.yml", "*.md", "released.json")
    for pattern in data:
        for path in BUILT_IN.rglob(pattern):
            copy = folder / path.relative_to(BUILT_IN)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    return folder


def test_whole_services_are_named(operator: Operator, services: Path):
    for said in (operator.does("services", "check"), operator.does("services", "check", "--folder", str(services))):
        assert [line.split()[1] for line in said.splitlines() if line.startswith("whole")] == [
            "missing:",
            "phoneline:",
            "survivors:",
        ]


def test_a_broken_service_is_said_with_file_line_and_mend(migrated_operator: Operator, services: Path):
    path = services / "missing" / "service.yml"
    lines = path.read_text().splitlines()
    n = next(n for n, line in enumerate(lines, 1) if line.startswith("queue:"))
    lines[n - 1] = "queue: [what]"
    path.write_text("\n".join(lines))
    migrated_operator.set("FRONTDOOR_SERVICES", str(services))
    for command in (["services", "check"], ["serve"], ["staff", "list"], ["notices", "list"]):
        said = migrated_operator.fails(*command)
        assert f"missing/service.yml:{n}" in said, said
        assert "mend" in said.lower()


def test_a_released_text_that_was_edited_is_said(migrated_operator: Operator, services: Path):
    path = services / "missing" / "texts" / "notice" / "1.en.md"
    path.write_text(path.read_text() + "\nA line more.\n")
    said = migrated_operator.fails("services", "check", "--folder", str(services))
    assert "missing/texts/notice/1.en.md" in said
    assert "2.en.md" in said


def test_every_policy_is_listed_with_its_review_date(operator: Operator):
    """R15."""
    said = operator.does("notices", "list")
    for service in ("missing", "phoneline", "survivors"):
        for policy in ("code_of_contact", "notice"):
            assert re.search(rf"{service}\W+{policy}\W+1\W+en\W+\d{{4}}-\d\d-\d\d\W+\d{{4}}-\d\d-\d\d", said), said


# ── audit, demonstration, doctor ─────────────────────────────────────────────────────────────────────────────────────


def test_a_whole_audit_is_said_and_a_broken_one_names_the_link(migrated_operator: Operator):
    add(migrated_operator)
    assert "whole" in migrated_operator.does("audit", "verify")
    with sqlite3.connect(migrated_operator.database) as raw:
        raw.execute("DROP TRIGGER audit_no_update")
        raw.execute("UPDATE audit SET actor = 'nobody' WHERE n = 3")
    assert "broken at link 3" in migrated_operator.fails("audit", "verify")


def test_the_demonstration_says_its_passwords_once(migrated_operator: Operator):
    first = migrated_operator.does("demo")
    passwords = re.findall(r"Demo [\w ]+?\W+(?:advisor|moderator|supervisor)\W+([\w-]{12})(?=\s)", first)
    assert len(set(passwords)) == 4, first
    second = migrated_operator.does("demo")
    assert not [password for password in passwords if password in second]
    assert "frontdoor staff password" in second
    with sqlite3.connect(migrated_operator.database) as raw:
        assert raw.execute("SELECT count(*) FROM staff").fetchone() == (4,)
    assert not [p for p in passwords if p.encode() in migrated_operator.database.read_bytes()]


def test_the_doctor_says_what_is_unfit_and_the_mend(operator: Operator):
    said = operator.fails("doctor")
    assert re.search(r"unfit +database\W+mend: .*frontdoor migrate", said)
    assert re.search(r"fit +services: missing, phoneline, survivors", said)
    operator.does("migrate")
    said = operator.fails("doctor")  # no bot is here
    assert re.search(r"^fit +database \(SQLite\) and audit chain", said, re.MULTILINE)
    assert re.search(r"unfit +bot at .*\n\W+mend: .*frontdoor run", said)


def test_the_doctor_sees_a_key_ring_that_others_can_read(migrated_operator: Operator):
    keys = migrated_operator.database.parent / "keys"
    keys.mkdir(exist_ok=True)
    keys.chmod(0o755)
    assert re.search(r"unfit +key ring\W+mend: .*chmod 700", migrated_operator.fails("doctor"))
    assert "chmod 700" in migrated_operator.fails("staff", "list")


def test_the_doctor_finds_that_nobody_would_be_called_and_a_program_that_is_not_there(
    migrated_operator: Operator, tmp_path: Path
):
    """PRACTICE, "Closed": no on-call contact is an error outside the demonstration."""
    shutil.copytree(BUILT_IN, tmp_path / "ours", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    file = tmp_path / "ours" / "missing" / "service.yml"
    file.write_text(file.read_text().replace("demonstration: true", "demonstration: false").replace("http:", "https:"))
    assert "on-call" not in migrated_operator.fails("doctor")  # the demonstration
    migrated_operator.set("FRONTDOOR_SERVICES", str(tmp_path / "ours"))
    assert re.search(r"unfit +on-call contact\W+mend: .*FRONTDOOR_ON_CALL", migrated_operator.fails("doctor"))
    migrated_operator.set("FRONTDOOR_ON_CALL_COMMAND", "no-such-program --now")
    assert re.search(r"unfit +on-call contact: there is no program no-such-program", migrated_operator.fails("doctor"))
    migrated_operator.set("FRONTDOOR_ON_CALL_COMMAND", f"{sys.executable} -c pass")
    assert re.search(r"^fit +on-call contact", migrated_operator.fails("doctor"), re.MULTILINE)


def test_a_test_page_says_whether_it_was_handed_over(migrated_operator: Operator, tmp_path: Path):
    assert "FRONTDOOR_ON_CALL_COMMAND" in migrated_operator.fails("page")
    migrated_operator.set("FRONTDOOR_ON_CALL_COMMAND", f"tee {tmp_path / 'page'}")
    assert "handed over" in migrated_operator.does("page")
    assert "this is a test" in (tmp_path / "page").read_text()
    migrated_operator.set("FRONTDOOR_ON_CALL_COMMAND", "false")
    assert "exit code" in migrated_operator.fails("page")
    migrated_operator.set("FRONTDOOR_ON_CALL_COMMAND", "'never closed")
    assert "FRONTDOOR_ON_CALL_COMMAND" in migrated_operator.fails("page")


# ── what stands in the way ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_taken_port_is_said_with_the_setting(migrated_operator: Operator):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        migrated_operator.set("FRONTDOOR_PORT", str(holder.getsockname()[1]))
        done = subprocess.run(
            [sys.executable, "-m", "handoff.cli", "serve"], capture_output=True, text=True, timeout=LONG
        )
    assert done.returncode == 1
    assert "FRONTDOOR_PORT" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "many"), ("DEMONSTRATION", "perhaps"), ("SIGN_IN_HOURS", "1.5"), ("BOT_PORT", "-")]
)
def test_a_setting_that_makes_no_sense_is_named(operator: Operator, name: str, value: str):
    operator.set(f"FRONTDOOR_{name}", value)
    assert f"FRONTDOOR_{name}" in operator.fails("migrate")


def test_make_run_names_a_setting_that_makes_no_sense(operator: Operator, capfd: pytest.CaptureFixture[str]):
    operator.set("FRONTDOOR_PORT", "many")
    assert run.main() == 1
    assert "FRONTDOOR_PORT" in capfd.readouterr().err


def test_a_secret_that_makes_no_sense_is_not_repeated(operator: Operator):
    operator.set("FRONTDOOR_PORT", "zqxcanary")
    assert "zqxcanary" not in operator.fails("migrate")


@pytest.mark.parametrize("url", ["mysql://somewhere/frontdoor", "sqlite://", "not an address"])
def test_a_database_that_there_is_no_store_for_is_said(operator: Operator, url: str):
    operator.set("FRONTDOOR_DATABASE", url)
    assert "FRONTDOOR_DATABASE" in operator.fails("migrate")
    assert "FRONTDOOR_DATABASE" in operator.fails("staff", "list")


def test_a_file_where_the_folder_should_be_is_said(operator: Operator, tmp_path: Path):
    (tmp_path / "var").write_text("in the way")
    for command in (["migrate"], ["staff", "list"]):
        assert "var" in operator.fails(*command)


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def on_postgresql(operator: Operator, databases: Databases) -> Iterator[Operator]:
    """The same operator, with an empty database on a server that asks for a password."""
    url = databases.postgres.create("operator")
    operator.set("FRONTDOOR_DATABASE", url)
    yield operator
    databases.drop(url)


def test_every_command_works_on_postgresql_and_says_no_password(on_postgresql: Operator):
    said = on_postgresql.fails("demo")
    assert "frontdoor migrate" in said
    for words in (("migrate",), ("migrate",), ("demo",), ("demo",), ("staff", "list"), ("audit", "verify")):
        said += on_postgresql.does(*words)
    assert "Demo Supervisor" in said
    assert "audit chain is whole" in said
    assert SERVER_PASSWORD not in said
    assert not on_postgresql.database.exists()


def test_the_doctor_says_that_a_server_would_lose_what_was_acknowledged(on_postgresql: Operator):
    on_postgresql.does("migrate")
    said = on_postgresql.fails("doctor")
    assert re.search(r"^fit    database \(PostgreSQL at 127\.0\.0\.1\)", said, re.MULTILINE)
    assert "fsync = on" in said, "the tests' own server is quick, not safe"
    assert "sslmode" not in said, "it is this machine"
    assert SERVER_PASSWORD not in said


@pytest.mark.parametrize("command", ["migrate", "demo", "doctor", "serve"])
def test_a_server_that_is_away_is_said_by_every_command_without_the_password(operator: Operator, command: str):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    operator.set("FRONTDOOR_DATABASE", f"postgresql://frontdoor:{SERVER_PASSWORD}@127.0.0.1:{port}/frontdoor")
    said = operator.fails(command)
    assert "The database server cannot be reached. Mend: " in said
    assert SERVER_PASSWORD not in said


@pytest.mark.parametrize(
    "url",
    [f"nonsense {SERVER_PASSWORD}", f"mysql://u:{SERVER_PASSWORD}@h/d", f"postgresql://u:{SERVER_PASSWORD}@h:x/d"],
)
def test_an_address_that_is_none_is_said_without_repeating_it(operator: Operator, url: str):
    operator.set("FRONTDOOR_DATABASE", url)
    said = operator.fails("migrate")
    assert "FRONTDOOR_DATABASE" in said and "Mend: " in said
    assert SERVER_PASSWORD not in said


def test_the_doctor_looks_at_redis_where_one_is_set(operator: Operator, redis_server: Redis):
    operator.does("migrate")
    assert "Redis" not in operator.fails("doctor")
    operator.set("FRONTDOOR_REDIS_URL", redis_server.url)
    assert re.search(r"^fit +hints through Redis", operator.fails("doctor"), re.MULTILINE)
    operator.set("FRONTDOOR_REDIS_URL", redis_server.url.replace(SERVER_PASSWORD, f"{SERVER_PASSWORD}-not"))
    said = operator.fails("doctor")
    assert re.search(r"^unfit +hints through Redis\W+mend: ", said, re.MULTILINE)
    assert SERVER_PASSWORD not in said


def test_a_redis_address_that_is_none_is_said_without_repeating_it(operator: Operator):
    operator.does("migrate")
    operator.set("FRONTDOOR_REDIS_URL", f"http://:{SERVER_PASSWORD}@localhost")
    said = operator.fails("serve")
    assert "FRONTDOOR_REDIS_URL" in said and "Mend: " in said
    assert SERVER_PASSWORD not in said
