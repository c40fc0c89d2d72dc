"""Official open data, for any territory of France: dated snapshots that anyone can replay."""

from artois_geo.arguments import guard
from artois_geo.sources.contours import are_needed as needs_contours
from artois_geo.sources.contours import of_scope as contours_of
from artois_geo.sources.definition import Source, read_source, read_sources, source_named, sources_named
from artois_geo.sources.making import Taken
from artois_geo.sources.scope import Scope, scope_of
from artois_geo.sources.snapshot import Snapshot, snapshots, unfinished
from artois_geo.sources.taking import plan, replay, take, take_file, trial, with_vintage
from artois_geo.sources.transport import Client
from artois_geo.sources.watch import Check, announcement, live_check, write_verified

__all__ = [
    "Check",
    "Client",
    "Scope",
    "Snapshot",
    "Source",
    "Taken",
    "announcement",
    "contours_of",
    "live_check",
    "needs_contours",
    "plan",
    "read_source",
    "read_sources",
    "replay",
    "scope_of",
    "snapshots",
    "source_named",
    "sources_named",
    "take",
    "take_file",
    "trial",
    "unfinished",
    "with_vintage",
    "write_verified",
]


guard(__name__)


def __dir__() -> list[str]:
    return sorted(__all__)
