"""Read the YAML and text files of a service. Every fault becomes a `Problem` with its file, line and mend.

YAML is 1.2: `yes` and `no` are words, and so is 09:00; a number such as 999 must stand in quotes.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from handoff.services.errors import Problem
from handoff.services.model import DirectoryEntry

Path_ = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)
FILE_NAME = re.compile(r"^([1-9][0-9]{0,4})\.([a-z]{2})\.md$")


class DirectoryFile(BaseModel):
    """directory.yml: entries of the service's own, and ids of entries lent by common/directory.yml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_common: tuple[str, ...] = ()
    entries: tuple[DirectoryEntry, ...] = ()


class FrontMatter(BaseModel):
    """The top of a text file, between two lines of ---."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    title: Annotated[str, Field(min_length=1, max_length=80)]
    reviewed: date
    next_review: date
    clauses: Annotated[tuple[Annotated[str, Field(pattern=r"^[MR][0-9]{1,2}$")], ...], Field(min_length=1)]
    options: dict[str, Annotated[str, Field(min_length=1, max_length=80)]] = {}
    again: str = ""
    facts: dict[Annotated[str, Field(pattern=r"^[MR][0-9]{1,2}(\.[a-z_]+)?$")], str] = {}


class _Constructor(RoundTripConstructor):
    """Leaves dates as words, so that a day that doesn't exist is told with its line."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", lambda self, node: self.construct_scalar(node))


@dataclass
class Source:
    """One file as read: its name in reports, and on which line each key and item stands."""

    file: str
    lines: dict[Path_, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, *path: str | int) -> int:
        """The line of a key or item, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def wrong(self, what: str, mend: str, *path: str | int) -> None:
        self.problems.append(Problem(self.file, self.line(*path), what, mend))


@dataclass
class TextFile:
    """A text as read, before it is known to fit its service."""

    source: Source
    kind: str
    version: int
    lang: str
    top: FrontMatter
    body: str
    body_line: int
    sha256: str

    def line_of(self, words: str) -> int:
        """The line of the file on which `words` first stand."""
        before, found, _ = self.body.partition(words)
        return self.body_line + before.count("\n") if found else self.body_line


def read_yaml(path: Path, name: str, model: type[Model]) -> tuple[Model | None, Source]:
    """A YAML file as `model`; None if it cannot be read, with the reasons in the source's problems."""
    source = Source(name)
    text = _read(path, source)
    return (None if text is None else _validated(text, source, model, 1)), source


def read_text(path: Path, name: str) -> tuple[TextFile | None, Source]:
    """One `texts/<kind>/<version>.<lang>.md`."""
    source = Source(name)
    named = FILE_NAME.match(path.name)
    if named is None:
        source.wrong("a file that is not named like a text", "name it <version>.<language>.md, like 1.en.md")
        return None, source
    text = _read(path, source)
    if text is None:
        return None, source
    parts = re.match(r"---\n(.*?\n)---\n(.*)\Z", text, re.DOTALL)
    if parts is None:
        source.wrong("no front matter", "begin the file with ---, the fields, and --- again, then the words")
        return None, source
    top = _validated(parts.group(1), source, FrontMatter, 2)
    if top is None:
        return None, source
    body = parts.group(2)
    body_line = text[: parts.start(2)].count("\n") + 1 + (len(body) - len(body.lstrip("\n")))
    read = TextFile(
        source=source,
        kind=path.parent.name,
        version=int(named.group(1)),
        lang=named.group(2),
        top=top,
        body=body.strip(),
        body_line=body_line,
        sha256=sha256_of(path),
    )
    return read, source


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read(path: Path, source: Source) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        source.wrong("the file is missing", f"make {path.name}; docs/your-service.md says what goes in")
    except (OSError, UnicodeDecodeError) as error:
        source.wrong(f"the file cannot be read ({type(error).__name__})", "make it a readable UTF-8 text file")
    return None


def _validated(text: str, source: Source, model: type[Model], first_line: int) -> Model | None:
    try:
        yaml = YAML(typ="rt", pure=True)
        yaml.Constructor = _Constructor
        data = yaml.load(text)
        plain = _plain(data, source.lines, (), first_line)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + first_line if error.problem_mark else first_line
        what = " ".join(str(error.problem or "unknown fault").split())
        source.problems.append(
            Problem(
                source.file, line, f"not YAML: {what}", "look at this line and the one before: colons, quotes, indents"
            )
        )
        return None
    except (YAMLError, ValueError, IndexError, RecursionError) as error:  # IndexError: `!!int` and nothing after it
        source.wrong(f"not YAML ({type(error).__name__})", "look for odd characters")
        return None
    if not isinstance(plain, dict):
        source.wrong("not a list of fields", "write fields as `name: value`, one a line")
        return None
    try:
        return model.model_validate(plain)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            where = tuple(part for part in fault["loc"] if part != "[key]")
            name = ".".join(str(part) for part in where) or "the file"
            source.wrong(f"{name}: {fault['msg']}", _mend(fault["type"], name), *where)
        return None


def _mend(kind: str, name: str) -> str:
    if kind == "missing":
        return f"add `{name}`"
    if kind == "extra_forbidden":
        return f"take `{name}` out, or mend its spelling"
    if kind == "string_type":
        return "put quotes around it"
    return "write a value of the kind asked for; handoff/services/model.py lists every field"


def _plain(value: Any, lines: dict[Path_, int], path: Path_, first_line: int) -> Any:
    """YAML's own objects as plain ones; notes the line of each key and item on the way."""
    if isinstance(value, CommentedMap):
        for key in value:
            at = (value.lc.data or {}).get(key)  # nothing for a key that came by an alias
            if at is not None:
                lines[(*path, key)] = at[0] + first_line
        return {key: _plain(value[key], lines, (*path, key), first_line) for key in value}
    if isinstance(value, CommentedSeq):
        for n in range(len(value)):
            at = (value.lc.data or {}).get(n)
            if at is not None:
                lines[(*path, n)] = at[0] + first_line
        return [_plain(item, lines, (*path, n), first_line) for n, item in enumerate(value)]
    if isinstance(value, bool) or value is None:
        return value
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value
