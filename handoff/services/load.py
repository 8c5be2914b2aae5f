"""Read the folders of services into checked `Service`s, or say everything that is wrong with them.

    <root>/<service>/service.yml · directory.yml · texts/<kind>/<version>.<lang>.md
    <root>/common/directory.yml · texts/…        lent to services that lack their own (cards marked `own` excepted)
    <root>/released.json                          see release.py

Without a `common` of its own, or where it lacks something, a root borrows from the one that comes with the program.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from handoff.cards import CARDS
from handoff.services.errors import Problem, ServiceBroken
from handoff.services.model import DirectoryEntry, Service, ServiceFile, Text
from handoff.services.read import DirectoryFile, Source, TextFile, read_text, read_yaml
from handoff.services.release import check_released
from handoff.services.rules import check_against, check_service, check_text

BUILT_IN = Path(__file__).parent
COMMON = "common"

__all__ = ["BUILT_IN", "Problem", "ServiceBroken", "load_service", "load_services"]


def load_services(root: Path | None = None) -> dict[str, Service]:
    """Every service under `root` (those that come with the program, if None), by id. Raises ServiceBroken."""
    root = (root or BUILT_IN).resolve()
    commons = _commons(root)
    services: dict[str, Service] = {}
    problems: list[Problem] = []
    for folder in _folders(root):
        try:
            services[folder.name] = load_service(folder, *commons)
        except ServiceBroken as broken:
            problems += broken.problems
    if not services and not problems:
        problems.append(
            Problem(
                root.name, 1, "there is no service here", "make a folder with a service.yml; see docs/your-service.md"
            )
        )
    if problems:
        raise ServiceBroken(problems)
    return services


def load_service(folder: Path, *commons: Path) -> Service:
    """The service of one folder. `commons` lend texts and directory entries, the first that has one wins."""
    folder = folder.resolve()
    loader = _Loader()
    service = loader.service(folder, [c.resolve() for c in commons])
    problems = loader.problems()
    if problems or service is None:
        raise ServiceBroken(problems)
    return service


def _commons(root: Path) -> list[Path]:
    return [c for c in dict.fromkeys((root / COMMON, BUILT_IN / COMMON)) if c.is_dir()]


def _folders(root: Path) -> Iterator[Path]:
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        is_service = any((folder / part).exists() for part in ("service.yml", "directory.yml", "texts"))
        if folder.name != COMMON and folder.is_dir() and is_service:
            yield folder


class _Loader:
    """One reading of one service: collects the problems of every file it touches."""

    def __init__(self) -> None:
        self._sources: list[Source] = []
        self._found: list[Problem] = []

    def problems(self) -> list[Problem]:
        return [*self._found, *(p for source in self._sources for p in source.problems)]

    def service(self, folder: Path, commons: Sequence[Path]) -> Service | None:
        file, source = read_yaml(folder / "service.yml", f"{folder.name}/service.yml", ServiceFile)
        self._sources.append(source)
        if file is not None:
            check_service(file, source, folder.name)
        texts = self._texts(folder, file)
        for common in commons:
            have = {text.kind for text in texts}
            texts += [t for t in self._texts(common, None) if t.kind not in have and not CARDS[t.kind].own]
        directory = self._directory(folder, commons)
        for home in (folder, *commons):
            self._found += check_released(home.parent, home.name)
        if file is None:
            return None
        service = Service(
            file=file,
            texts={(t.kind, t.version, t.lang): _text(t, file.id) for t in texts},
            directory=directory,
        )
        for text in texts:
            check_against(text, service)
        self._missing_texts(folder, file, texts)
        return service

    def _texts(self, folder: Path, file: ServiceFile | None) -> list[TextFile]:
        read: list[TextFile] = []
        for path in sorted((folder / "texts").glob("**/*")):
            if path.is_dir() or path.name.startswith("."):
                continue
            name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
            if path.parent.parent.name != "texts":
                self._found.append(Problem(name, 1, "a text in the wrong place", "put it in texts/<card>/"))
                continue
            if path.parent.name not in CARDS:
                self._found.append(Problem(name, 1, "there is no such card", f"use: {', '.join(sorted(CARDS))}"))
                continue
            if file is None and folder.name == COMMON and CARDS[path.parent.name].own:
                self._found.append(
                    Problem(name, 1, "each service must have its own of these", "move it to the service")
                )
                continue
            text, source = read_text(path, name)
            self._sources.append(source)
            if text is not None:
                check_text(text, file)
                read.append(text)
        return read

    def _missing_texts(self, folder: Path, file: ServiceFile, texts: list[TextFile]) -> None:
        first = file.languages[0] if file.languages else "en"
        have = {text.kind for text in texts if text.lang == first}
        for kind in sorted(CARDS.keys() - have):
            mend = "write it" if CARDS[kind].own else "write it, or let common lend it"
            name = f"{folder.name}/texts/{kind}/1.{first}.md"
            self._found.append(Problem(name, 1, f"there is no text for {kind}", mend))

    def _directory(self, folder: Path, commons: Sequence[Path]) -> tuple[DirectoryEntry, ...]:
        name = f"{folder.name}/directory.yml"
        own, source = read_yaml(folder / "directory.yml", name, DirectoryFile)
        self._sources.append(source)
        lent: dict[str, DirectoryEntry] = {}
        for common in reversed(commons):
            path = common / "directory.yml"
            if path.exists():
                shared, shared_source = read_yaml(path, f"{common.name}/directory.yml", DirectoryFile)
                self._sources.append(shared_source)
                _no_doubles(shared, shared_source)
                lent |= {entry.id: entry for entry in shared.entries} if shared else {}
        if own is None:
            return ()
        _no_doubles(own, source)
        for n, borrowed in enumerate(own.from_common):
            if borrowed not in lent:
                source.wrong(
                    f"common has no entry {borrowed}", "mend the id, or write the entry here", "from_common", n
                )
        return (*(lent[i] for i in own.from_common if i in lent), *own.entries)


def _no_doubles(directory: DirectoryFile | None, source: Source) -> None:
    seen: set[str] = set()
    if directory is None:
        return
    ids = [("from_common", n, i) for n, i in enumerate(directory.from_common)]
    ids += [("entries", n, entry.id) for n, entry in enumerate(directory.entries)]
    for part, n, entry_id in ids:
        if entry_id in seen:
            source.wrong(f"two entries have the id {entry_id}", "give each its own id", part, n)
        seen.add(entry_id)


def _text(read: TextFile, service: str) -> Text:
    top = read.top
    return Text(
        service=service,
        kind=read.kind,
        version=read.version,
        lang=read.lang,
        title=top.title,
        body=read.body,
        options=dict(top.options),
        again=top.again,
        reviewed=top.reviewed,
        next_review=top.next_review,
        clauses=top.clauses,
        sha256=read.sha256,
        facts=dict(top.facts),
    )
