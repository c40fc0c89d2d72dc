"""What producers announce since a snapshot was taken, and the live check that dates a definition."""

import re
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from artois_geo.errors import ArtoisGeoError, SourceError
from artois_geo.layers import store
from artois_geo.sources import contours as outlines
from artois_geo.sources import snapshot as frozen
from artois_geo.sources.definition import FOLDER, Source
from artois_geo.sources.making import scope_of_facts
from artois_geo.sources.protocols import BY_NAME
from artois_geo.sources.scope import Scope
from artois_geo.sources.snapshot import Raw, Snapshot
from artois_geo.sources.taking import take
from artois_geo.sources.transport import Client

UP_TO_DATE, NOT_TOLD = "à jour", "édition non annoncée par ce protocole"
_VERIFIED = re.compile(r"^verifie_le = .*\n", re.MULTILINE)
_FIRST_TABLE = re.compile(r"^\[", re.MULTILINE)


def announcement(snapshot: Snapshot, source: Source, client: Client) -> str:
    """Say whether a producer announces another edition than that of a snapshot; nothing is fetched.

    Parameters
    ----------
    snapshot
        What is there.
    source
        Its definition as it is now: one of a later vintage is an announcement too.
    client
        What goes on the network.

    Returns
    -------
    str
        :data:`UP_TO_DATE`, :data:`NOT_TOLD`, a new edition, or why the producer cannot be asked.

    Examples
    --------
    >>> from pathlib import Path
    >>> from artois_geo.sources import Client, Snapshot, announcement
    >>> from artois_geo.sources.definition import source_named
    >>> older = Snapshot(Path("absent"), {"millesime": "2024"})
    >>> announcement(older, source_named("communes"), Client(()))
    'nouvelle édition : 2026'
    """
    protocol, facts = BY_NAME[source.access.protocol], snapshot.facts
    if source.vintage[:1].isdigit() and source.vintage > str(facts["millesime"]):
        return f"nouvelle édition : {source.vintage}"  # that of a later definition
    contours = None
    if facts.get("contours"):
        contours = outlines.read(snapshot.folder / frozen.CONTOURS, snapshot.name)
    scope = outlines.adapted(source, scope_of_facts(facts["territoire"]), contours)
    try:
        with tempfile.TemporaryDirectory() as folder:
            announced = protocol.edition(source, protocol.queries(source, scope), Raw(Path(folder), client))
    except SourceError as error:
        return f"injoignable : {str(error).splitlines()[0]}"
    if not announced:
        return NOT_TOLD
    if not facts.get("edition"):
        return f"annoncée : {announced} ; celle de la prise n'a pas été relevée"
    return UP_TO_DATE if announced == facts["edition"] else f"nouvelle édition : {announced}"


@dataclass(frozen=True)
class Check:
    """What a source really answered for one commune; ``problem`` is empty where its definition is right."""

    source: Source
    objects: int = 0
    requests: int = 0
    received_bytes: int = 0
    problem: str = ""


def live_check(source: Source, scope: Scope, folder: Path, client: Client) -> Check:
    """Take a source for one commune in a folder of its own, and say how it went.

    Parameters
    ----------
    source, scope
        What, and the commune.
    folder
        Where it goes; contours of the commune are read there.
    client
        What goes on the network.

    Examples
    --------
    >>> from pathlib import Path
    >>> from artois_geo.sources import Client, live_check
    >>> from artois_geo.sources.definition import source_named
    >>> from artois_geo.sources.scope import scope_of
    >>> scope = scope_of(communes="62498")
    >>> live_check(source_named("bdtopo_bati"), scope, Path("absent"), Client(())).problem[:40]
    '« bdtopo_bati » se demande par emprise :'
    """
    try:
        fetch = take(source, scope, folder, client=client)
    except ArtoisGeoError as error:
        return Check(source, 0, client.requests, client.received_bytes, str(error).splitlines()[0])
    return Check(source, fetch.snapshot.facts["objets"], client.requests, client.received_bytes)


def write_verified(source: Source, folder: Path, day: date) -> Path:
    """Write the day of a live check in the definition of a source, in the workspace.

    Examples
    --------
    >>> import tempfile
    >>> from datetime import date
    >>> from pathlib import Path
    >>> from artois_geo.sources import write_verified
    >>> from artois_geo.sources.definition import read_source, source_named
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_verified(source_named("communes"), Path(folder), date(2026, 12, 1))
    ...     read_source(path).verified_text
    '01/12/2026'
    """
    text = _VERIFIED.sub("", source.text.decode())
    line = f"verifie_le = {day.isoformat()}\n"
    text = _FIRST_TABLE.sub(f"{line}\n[", text, count=1).replace(f"\n\n{line}", f"\n{line}")
    path = store.make_folder(Path(folder) / FOLDER) / f"{source.id}.toml"
    store.replace(path, text.encode(), within=Path(folder))
    return path
