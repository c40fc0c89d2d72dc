"""Make a workspace whose communes are real outlines, for ``scripts/demarrer --contours``.

The outlines of the communes of the shipped layers are taken from the open source « communes », and stand
before the schematic cells of the shipped map. Without network nothing is written and the exit code is 1.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from artois_geo import layers, sources
from artois_geo.errors import ArtoisGeoError
from artois_geo.layers.catalogue import CATALOGUE_FILE, quoted
from artois_geo.sources import Scope, Snapshot

TOWNS = "communes"


def prepare(folder: Path) -> str:
    """Take the outlines into a workspace, and say in French what came.

    Parameters
    ----------
    folder
        Made if it is absent; an earlier one is renewed once its outlines are no longer valid.

    Raises
    ------
    ArtoisGeoError
        No network, or an answer that is not whole.
    """
    shipped = layers.read_catalogue()
    codes = tuple(sorted(layers.read(shipped[TOWNS])["comm_insee"].astype(str)))
    head = {"territoire": shipped.territory, "region": shipped.region}
    snapshot = (
        _valid(folder) or sources.take(sources.source_named(TOWNS), Scope("communes", codes), folder).snapshot
    )
    catalogue = folder / CATALOGUE_FILE
    text = catalogue.read_text(encoding="utf-8")
    if "territoire =" not in text:
        lines = "".join(f"{key} = {quoted(cell)}\n" for key, cell in head.items())
        catalogue.write_text(lines + text, encoding="utf-8")
    facts = snapshot.facts
    return f"{facts['objets']} contours de communes : {facts['attribution']}, millésime {facts['millesime']}."


def _valid(folder: Path) -> Snapshot | None:
    """Return the outlines of an earlier run that are still valid, so that no network is needed again."""
    snapshots = sources.snapshots(folder, TOWNS)
    if not snapshots or not (folder / f"{TOWNS}.geojson").is_file():
        return None
    age = (datetime.now(UTC) - datetime.fromisoformat(snapshots[-1].facts["pris_le"])).days
    return snapshots[-1] if age <= sources.source_named(TOWNS).valid_days else None


def main(arguments: list[str]) -> int:
    """Prepare the folder that is given; 1 where the outlines did not come."""
    try:
        print(prepare(Path(arguments[0])))
    except ArtoisGeoError as error:
        reason = str(error).splitlines()[0]
        print(f"Sans contours, la carte garde ses cellules schématiques : {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
