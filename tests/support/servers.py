"""The servers that the front door can stand on, as the system's packages bring them: PostgreSQL and Redis.

Each runs on a free port in a temporary folder of its own, as an unprivileged user even where the tests are root's, and
dies with the test run, however that ends.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg import sql
from running import LOOPBACK, free_port
from sqlalchemy import URL, make_url

from handoff.tether import tethered

LONG = 60.0  # seconds after which a server has hung
PASSWORD = "canary-password-of-the-database"  # nothing we print or log may hold it
MISSING = "{name} is not installed, and these tests need it. Debian and Ubuntu: apt-get install postgresql redis-server"


def program(name: str, *elsewhere: str) -> str:
    """Where it is; Debian keeps PostgreSQL's programs off the PATH."""
    for pattern in elsewhere:
        if found := sorted(Path("/").glob(pattern.format(name=name)), reverse=True):
            return str(found[0])
    found_on_path = shutil.which(name)
    assert found_on_path, MISSING.format(name=name)
    return found_on_path


def postgres_program(name: str) -> str:
    return program(name, "usr/lib/postgresql/*/bin/{name}")


class Server:
    """One program in a folder of its own."""

    name = "server"

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="frontdoor-test-"))
        self.port = free_port()
        self.log = self.folder / "log"
        self._user = _unprivileged()
        if self._user is not None:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        self._process: subprocess.Popen[bytes] | None = None

    def as_user(self, command: Sequence[str]) -> list[str]:
        if self._user is None:
            return list(command)
        who = [f"--reuid={self._user.pw_uid}", f"--regid={self._user.pw_gid}", "--clear-groups"]
        return [program("setpriv"), *who, "--pdeathsig=KILL", *command]

    def launch(self, command: Sequence[str]) -> None:
        command = self.as_user(command) if self._user is not None else tethered(command)
        with self.log.open("ab") as said:
            self._process = subprocess.Popen(
                command, cwd="/", stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            )  # fmt: skip
        give_up = time.monotonic() + LONG
        while not self.answers():
            alive = self._process.poll() is None
            assert alive and time.monotonic() < give_up, self.log.read_text(errors="replace")[-3000:]
            time.sleep(0.02)  # another process's readiness is no event of ours

    def answers(self) -> bool:
        raise NotImplementedError

    def end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, how)
            self._process.wait(LONG)

    def remove(self) -> None:
        """It is gone, and nothing is left of it."""
        self.end(signal.SIGINT)
        shutil.rmtree(self.folder, ignore_errors=True)


class Postgres(Server):
    """A PostgreSQL of our own. `lasting`: with what makes it slow, and keeps a commit through a power cut."""

    name = "PostgreSQL"

    def __init__(self, *, lasting: bool = False) -> None:
        super().__init__()
        secret = self.folder / "secret"
        secret.write_text(PASSWORD)
        if self._user is not None:
            os.chown(secret, self._user.pw_uid, self._user.pw_gid)
        self._data = self.folder / "data"
        made = subprocess.run(
            self.as_user(
                [postgres_program("initdb"), "-D", str(self._data), "-U", "frontdoor", "-A", "scram-sha-256",
                 f"--pwfile={secret}", "-E", "UTF8", "--locale=C", "--no-sync"]
            ),
            cwd="/", capture_output=True, text=True, check=False, env={"PATH": os.environ.get("PATH", "")},
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        self._quick = [] if lasting else ["-c", "fsync=off", "-c", "full_page_writes=off"]
        self.start()

    def start(self) -> None:
        self.launch(
            [postgres_program("postgres"), "-D", str(self._data), "-p", str(self.port), "-h", LOOPBACK,
             "-k", str(self.folder), "-c", "max_connections=300", "-c", "wal_level=minimal", "-c", "max_wal_senders=0",
             "-c", "log_statement=all", *self._quick]
        )  # fmt: skip

    def answers(self) -> bool:
        try:
            self.admin().close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """As an operator would: connections are cut, what was committed stays."""
        self.end(signal.SIGINT)

    def kill(self) -> None:
        """As if the machine's memory had run out."""
        self.end(signal.SIGKILL)
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def url(self, database: str) -> str:
        made = URL.create("postgresql", "frontdoor", PASSWORD, LOOPBACK, self.port, database)
        return made.render_as_string(hide_password=False)

    def admin(self, database: str = "postgres") -> psycopg.Connection:
        """A plain connection, as any other program would have."""
        return psycopg.connect(self.url(database), autocommit=True, connect_timeout=5)

    def create(self, database: str, template: str = "template0") -> str:
        with self.admin() as admin:
            admin.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(database), sql.Identifier(template))
            )
        return self.url(database)

    def drop(self, url: str) -> None:
        name = make_url(url).database
        assert name
        with self.admin() as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


class Redis(Server):
    """A Redis of our own, which writes nothing to disk."""

    name = "Redis"

    def __init__(self) -> None:
        super().__init__()
        self.start()

    @property
    def url(self) -> str:
        return f"redis://:{PASSWORD}@{LOOPBACK}:{self.port}/0"

    def start(self) -> None:
        settings = {"bind": LOOPBACK, "port": self.port, "dir": self.folder, "save": "", "appendonly": "no",
                    "requirepass": PASSWORD}  # fmt: skip
        self.launch(
            [program("redis-server"), *(word for name, value in settings.items() for word in (f"--{name}", str(value)))]
        )

    def answers(self) -> bool:
        import redis

        try:
            with redis.Redis.from_url(self.url, socket_connect_timeout=2) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False

    def stop(self) -> None:
        self.end(signal.SIGTERM)

    def kill(self) -> None:
        self.end(signal.SIGKILL)


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom to be instead of root: PostgreSQL refuses to be root. None: we are nobody special."""
    if os.geteuid() != 0:
        return None
    assert sys.platform == "linux", "Please don't run the tests as root here."
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise AssertionError("There is no user to run a database as.")
