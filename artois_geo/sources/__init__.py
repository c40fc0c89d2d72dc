"""Official open data, for any territory of France: dated snapshots that anyone can replay."""

from artois_geo.sources.definition import Source, read_source, read_sources, source_named
from artois_geo.sources.scope import Scope, scope_of
from artois_geo.sources.snapshot import Snapshot, snapshots, unfinished
from artois_geo.sources.taking import Taken, plan, replay, take, take_file, trial, with_vintage
from artois_geo.sources.transport import Client

__all__ = [
    "Client",
    "Scope",
    "Snapshot",
    "Source",
    "Taken",
    "plan",
    "read_source",
    "read_sources",
    "replay",
    "scope_of",
    "snapshots",
    "source_named",
    "take",
    "take_file",
    "trial",
    "unfinished",
    "with_vintage",
]


def __dir__() -> list[str]:
    return sorted(__all__)
