"""A snapshot: what one source answered one day for one territory, frozen, with where all of it comes from.

``sources/<id>/<day>-<plan>/`` holds the raw pages, ``source.toml`` as it was, ``couche.geojson`` and, written
last, ``provenance.json``: a folder without it is a fetch that is not over, and may be resumed.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from artois_geo.errors import BadValue, SourceError, UnreadableFile, reason
from artois_geo.layers import history, store
from artois_geo.sources.definition import FOLDER
from artois_geo.sources.transport import Client, Query, Reply

PROVENANCE, DEFINITION, LAYER, PAGES, PLAN = (
    "provenance.json",
    "source.toml",
    "couche.geojson",
    "pages",
    "plan.json",
)
CONTOURS = "contours.geojson"
_REPLY = ".reponse.json"
_NAME = re.compile(r"\d{4}-\d\d-\d\d-[0-9a-f]{8}(-\d+)?")


@dataclass
class Raw:
    """The folder of a fetch: brings each page once, and knows those that were brought before."""

    folder: Path
    client: Client
    replies: dict[str, Reply] = field(default_factory=dict)
    resumed: int = 0
    renewed: set[str] = field(default_factory=set)

    def page(
        self, name: str, query: Query, check: Callable[[Path, Reply], None], *, renew: bool = False
    ) -> Path:
        """Return the file of a page: the one that is there, or what the server answers.

        Parameters
        ----------
        name
            Of the file.
        query
            What brings it.
        check
            Called with the file and what is known of the answer, before it takes its name.
        renew
            Ask for it again even if it is there.
        """
        file = self.folder / PAGES / name
        if name in self.replies and not renew:
            return file
        reply_file = file.with_name(f"{name}{_REPLY}")
        reply = None if renew else self._earlier(file, reply_file, query, check)
        self.renewed |= {name} if renew else set()
        if reply is not None:
            self.resumed += 1
        else:

            def checked(temporary: Path, came: Reply) -> None:
                check(temporary, came)
                store.replace(reply_file, json.dumps(asdict(came)).encode(), within=self.folder)

            store.make_folder(file.parent)
            reply = self.client.fetch(query, file, checked, within=self.folder)
        self.replies[name] = reply
        return file

    def forget(self) -> None:
        """Remove the pages of a fetch that was interrupted: what is announced is no longer the same."""
        for page in (self.folder / PAGES).iterdir():
            if page.name.removesuffix(_REPLY) not in self.renewed:
                page.unlink()

    def drop_if_bare(self) -> None:
        """Remove the folder of a fetch that brought nothing worth resuming."""
        pages = self.folder / PAGES
        names = {path.name.removesuffix(_REPLY) for path in pages.iterdir()} if pages.is_dir() else set()
        if names <= self.renewed:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _earlier(
        self, file: Path, beside: Path, query: Query, check: Callable[[Path, Reply], None]
    ) -> Reply | None:
        if not (file.is_file() and beside.is_file()):
            return None
        try:
            reply = Reply(**json.loads(beside.read_bytes()))
            if reply.requested != query.address or history.checksum(file) != reply.sha256:
                return None
            check(file, reply)
        except (ValueError, TypeError, SourceError):  # it is asked for again
            return None
        return reply


@dataclass(frozen=True)
class Snapshot:
    """A snapshot that is whole."""

    folder: Path
    facts: dict[str, Any]

    @property
    def name(self) -> str:
        """Write ``source/day-plan``, as it is typed."""
        return f"{self.folder.parent.name}/{self.folder.name}"

    @property
    def pages(self) -> list[Path]:
        """List the raw files, in order."""
        return [self.folder / PAGES / page["fichier"] for page in self.facts["pages"]]

    def damages(self) -> list[str]:
        """Say in French which of its files are not what they were."""
        sums = {f"{PAGES}/{page['fichier']}": page["sha256"] for page in self.facts["pages"]}
        sums[DEFINITION] = self.facts["toml_sha256"]
        if self.facts.get("couche_sha256"):
            sums[LAYER] = self.facts["couche_sha256"]
        if self.facts.get("contours"):
            sums[CONTOURS] = self.facts["contours"]["sha256"]
        damages = []
        for name, digest in sums.items():
            file = self.folder / name
            if not file.is_file():
                damages.append(f"{name} manque")
            elif history.checksum(file) != digest:
                damages.append(f"{name} a été changé")
        return damages


def plan_digest(plan: dict[str, Any]) -> str:
    """Sum up what was asked, in eight figures."""
    return hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()[:8]


def open_folder(workspace: Path, name: str, plan: dict[str, Any], day: date) -> Path:
    """Return the folder of a fetch: one of the same plan that is not over, else a new one of that day."""
    home, digest = Path(workspace) / FOLDER / name, plan_digest(plan)
    for folder in sorted(home.glob(f"*-{digest}*")) if home.is_dir() else ():
        if _NAME.fullmatch(folder.name) and not (folder / PROVENANCE).is_file():
            return folder
    folder, number = home / f"{day.isoformat()}-{digest}", 1
    while folder.exists():
        number += 1
        folder = home / f"{day.isoformat()}-{digest}-{number}"
    return store.make_folder(folder)


def same_day(workspace: Path, name: str, plan: dict[str, Any], day: date) -> Snapshot | None:
    """Return the last whole snapshot of that plan made that day."""
    prefix = f"{day.isoformat()}-{plan_digest(plan)}"
    matching = [
        snapshot for snapshot in snapshots(workspace, name) if snapshot.folder.name.startswith(prefix)
    ]
    return matching[-1] if matching else None


def snapshots(workspace: Path, name: str = "") -> list[Snapshot]:
    """Read the whole snapshots of a workspace, or of one of its sources, the oldest first.

    Raises
    ------
    UnreadableFile
        A provenance that is damaged.

    Examples
    --------
    >>> from pathlib import Path
    >>> from artois_geo.sources import snapshots
    >>> snapshots(Path("absent"))
    []
    """
    return [Snapshot(folder, _read_facts(folder)) for folder in _folders(workspace, name)]


def unfinished(workspace: Path) -> list[Path]:
    """List the folders of fetches that are not over.

    Examples
    --------
    >>> from pathlib import Path
    >>> from artois_geo.sources import unfinished
    >>> unfinished(Path("absent"))
    []
    """
    home = Path(workspace) / FOLDER
    folders = sorted(home.glob("*/*")) if home.is_dir() else []
    return [
        folder
        for folder in folders
        if folder.is_dir() and _NAME.fullmatch(folder.name) and not (folder / PROVENANCE).is_file()
    ]


def snapshot_named(workspace: Path, name: str) -> Snapshot:
    """Return the snapshot of a name: ``source/day-plan``, or the last part alone.

    Raises
    ------
    BadValue
        None of that name, or several.
    """
    matching = [each for each in snapshots(workspace) if name in {each.name, each.folder.name}]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise BadValue(f"plusieurs instantanés « {name} » : {', '.join(each.name for each in matching)}.")
    names = [each.name for each in snapshots(workspace)]
    raise BadValue(
        f"instantané introuvable : « {name} ». "
        + (f"Instantanés de l'espace : {', '.join(names[-10:])}." if names else "L'espace n'en a aucun.")
    )


def _folders(workspace: Path, name: str) -> Iterator[Path]:
    home = Path(workspace) / FOLDER
    if home.is_dir():
        for folder in sorted(home.glob(f"{name or '*'}/*")):
            if _NAME.fullmatch(folder.name) and (folder / PROVENANCE).is_file():
                yield folder


def _read_facts(folder: Path) -> dict[str, Any]:
    file = folder / PROVENANCE
    try:
        facts = json.loads(file.read_bytes())
        names = [page["fichier"] for page in facts["pages"]]
    except OSError as error:
        raise UnreadableFile(f"Provenance illisible : {file} ({reason(error)}).") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableFile(f"Provenance illisible : {file}.") from error
    if any(name != Path(name).name for name in names):
        raise UnreadableFile(f"Provenance refusée : {file} nomme un fichier hors de son dossier.")
    return facts


def freeze(folder: Path, facts: dict[str, Any]) -> Snapshot:
    """Write the provenance, last: from there on the snapshot never changes."""
    if (folder / PROVENANCE).exists():
        raise SourceError(f"Instantané déjà figé : {folder.name}.")
    text = json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=False) + "\n"
    store.replace(folder / PROVENANCE, text.encode(), within=folder)
    for reply_file in (folder / PAGES).glob(f"*{_REPLY}"):
        reply_file.unlink()
    (folder / PLAN).unlink(missing_ok=True)
    return Snapshot(folder, facts)
