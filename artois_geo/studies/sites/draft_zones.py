"""A national first draft of the business parks beside those of the territory: a table and its map."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from artois_geo import layers, meaning, shapes, zae
from artois_geo.errors import BadOptions, BadTable, UnknownName
from artois_geo.studies import Assumptions, StudyTable
from artois_geo.studies.requests import DraftRequest
from artois_geo.studies.result_map import ResultMap
from artois_geo.studies.sites import draft_map
from artois_geo.text import counted
from artois_geo.zae import matching

if TYPE_CHECKING:
    from artois_geo.layers import Layer

KEYS = ("site_id", "zae_id", "cleabs", "fid")  # columns that name a zone where the reader names none
ROW = "objet"
SAME_SHARE, DRAWING_HA = "rapprochement_part_meme", "rapprochement_trace_ha"
LABELS = {
    "draft": "Brouillon",
    "relation": "Relation",
    "own_zone": "Zone d'ici",
    "own_name": "Nom d'ici",
    "draft_zone": "Zone du brouillon",
    "draft_name": "Nom du brouillon",
}


@dataclass(frozen=True)
class DraftStudy:
    """Hold the table of a comparison, and its map."""

    answer: StudyTable
    map: ResultMap


def study(zones: "Layer | Path", request: DraftRequest, *, on: date | None = None) -> DraftStudy:
    """Set own zones beside each draft: the same, overlapping, absent there, absent here; nothing is merged.

    Parameters
    ----------
    zones
        Own zones.
    request
        Drafts, names of columns, share from which two zones are the same.
    on
        Day of the conventions; today without it.

    Raises
    ------
    BadOptions
        No draft, or the zones themselves as their draft.
    BadTable
        A zone is named twice or not at all; a side without any measured outline.
    UnknownName
        A column that no draft has.

    Examples
    --------
    >>> study(Path("zones.geojson"), DraftRequest())
    Traceback (most recent call last):
    artois_geo.errors.BadOptions: Donner au moins un brouillon.
    """
    if not request.brouillons:
        raise BadOptions("Donner au moins un brouillon.")
    assumptions = Assumptions(on or date.today())
    same_share = assumptions.value(SAME_SHARE, given=request.part_meme)
    drawing_ha = assumptions.value(DRAWING_HA)
    if zones in request.brouillons:
        raise BadOptions(f"« {zones.name} » est des deux côtés : donner en --brouillon une autre couche.")
    own, key = _named(layers.read(zones), request.key)
    _require_outlines(own, zones.name)
    frames = {source: layers.read(source) for source in request.brouillons}
    _require_column(list(frames.values()), request.draft_key)
    own_side = draft_map.Side(own, key, _names(own, key), zones)
    tables, drafts = [], []
    for source, frame in frames.items():
        title = source.stem if isinstance(source, Path) else source.title
        draft, draft_key = _named(frame, request.draft_key if request.draft_key in frame else "")
        _require_outlines(draft, source.name)
        table = zae.matched(
            own, draft, key=key, draft_key=draft_key, same_share=same_share, min_common_ha=drawing_ha
        )
        for side, zone_frame, column in (("own", own, key), ("draft", draft, draft_key)):
            name_position = list(table.columns).index(f"{side}_zone") + 1
            table.insert(name_position, f"{side}_name", table[f"{side}_zone"].map(_names(zone_frame, column)))
        table.insert(0, "draft", title)
        tables.append(table)
        drafts.append((draft_map.Side(draft, draft_key, _names(draft, draft_key), source), table))
    joined = pd.concat(tables, ignore_index=True)
    sources = [zones, *request.brouillons]
    notes = [*_counts(joined), _WARNING]
    answer = StudyTable(
        joined,
        title="Zones d'ici et brouillon national",
        sources=sources,
        constants=assumptions.used,
        surface="lambert93",
        notes=notes,
        labels=LABELS,
        brief=_brief(joined if len(tables) > 1 else joined.drop(columns="draft")),
    )
    return DraftStudy(answer, draft_map.drawn(own_side, drafts, answer))


_WARNING = (
    "Rien n'est fusionné : chaque zone d'ici et chaque zone du brouillon a sa ligne. Un brouillon national "
    "ne dit ni la vacance ni le périmètre que la collectivité a retenu."
)


def _named(frame: gpd.GeoDataFrame, key: str) -> tuple[gpd.GeoDataFrame, str]:
    """Return zones and the column that names them: the given one, a usual one, or their rank in the file."""
    frame = frame.reset_index(drop=True)
    if key:
        if key not in frame:
            raise UnknownName("colonne", key, [str(name) for name in frame.columns])
        return frame, key
    column = meaning.first_column(frame, KEYS)
    if column is not None:
        return frame, column
    return frame.assign(**{ROW: [f"objet n° {rank}" for rank in range(1, len(frame) + 1)]}), ROW


def _names(frame: gpd.GeoDataFrame, key: str) -> dict[str, object]:
    """Return the names that people give to zones, by what identifies them; none where that is the name."""
    columns = meaning.site_name_columns("draft")
    column = meaning.first_column(frame, [name for name in columns if name != key])
    if column is None:
        return {}
    return dict(zip(frame[key].astype(str), frame[column], strict=True))


def _brief(table: pd.DataFrame) -> pd.DataFrame:
    """Show a zone by its name alone where each has one of its own, else by what identifies it too."""
    unneeded = []
    for side in ("own", "draft"):
        pairs = table[[f"{side}_zone", f"{side}_name"]].drop_duplicates().dropna(how="all")
        is_named = pairs[f"{side}_name"].notna().all() and pairs[f"{side}_name"].is_unique
        if is_named and len(pairs):
            unneeded.append(f"{side}_zone")
        elif table[f"{side}_name"].isna().all():
            unneeded.append(f"{side}_name")
    return table.drop(columns=unneeded)


def _require_outlines(frame: gpd.GeoDataFrame, name: str) -> None:
    """Refuse a layer of which no zone has a measured outline: a table, points, lines, schematic places."""
    if not (shapes.are_polygons(frame) & ~frame.geometry.is_empty & ~meaning.schematic(frame)).any():
        raise BadTable(
            f"{name} : aucun périmètre mesuré à comparer. Donner une couche de polygones, par exemple "
            "zones_activite ou sites_eco_fusac (sources prendre bdtopo_activite sites_eco)."
        )


def _require_column(frames: list[gpd.GeoDataFrame], column: str) -> None:
    """Refuse a column of drafts that none of them has."""
    if column and not any(column in frame for frame in frames):
        raise UnknownName("colonne", column, {str(name) for frame in frames for name in frame.columns})


def _counts(table: pd.DataFrame) -> list[str]:
    """Say of each draft how many zones stand in each relation."""
    lines = []
    for draft, rows in table.groupby("draft", sort=False):
        counts = rows["relation"].value_counts()
        listed = [
            f"{counted(int(counts[name]), word, f'{word}s')} « {name} »"
            for name, word in _WORDS.items()
            if name in counts
        ]
        lines.append(f"{draft} : {' ; '.join(listed) or 'aucune zone'}.")
    return lines


_WORDS = {
    matching.SAME: "paire",
    matching.OVERLAPS: "paire",
    matching.NOT_IN_DRAFT: "zone",
    matching.NOT_HERE: "zone",
    matching.UNMEASURED: "zone",
}
