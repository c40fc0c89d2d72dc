"""The map of own zones beside national first drafts: each zone in its relation, with the ground in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from artois_geo import meaning
from artois_geo.maps import Amount, Step
from artois_geo.maps.results.records import START
from artois_geo.measure import M2_PER_HA
from artois_geo.studies.result_map import ResultLayer, ResultMap
from artois_geo.studies.results import places, words
from artois_geo.studies.results.words import Texts
from artois_geo.studies.study_table import StudyTable
from artois_geo.zae import matching

if TYPE_CHECKING:
    from artois_geo.layers import Layer

OWN = {  # relation of an own zone -> its words, and the kind of its drawing; the first that it has counts
    matching.SAME: ("same", "zone_meme"),
    matching.OVERLAPS: ("overlaps", "zone_recouvre"),
    matching.NOT_IN_DRAFT: ("not_in_draft", "zone_ici"),
    matching.UNMEASURED: ("unmeasured", "zone_non_comparable"),
}


@dataclass(frozen=True)
class Side:
    """Hold zones of one side, the column that names each, its name for people, and where they come from."""

    zones: gpd.GeoDataFrame
    key: str
    names: Mapping[str, object]
    source: "Layer | Path"

    @property
    def title(self) -> str:
        """Return what the layer is called."""
        return self.source.stem if isinstance(self.source, Path) else self.source.title

    def called(self, zones: gpd.GeoDataFrame) -> list[object]:
        """List the names of some zones, what identifies them where they have none."""
        keys = zones[self.key].astype(str)
        return [key if meaning.is_missing(name := self.names.get(key)) else name for key in keys]


def drawn(own: Side, drafts: Sequence[tuple[Side, pd.DataFrame]], answer: StudyTable) -> ResultMap:
    """Draw own zones by relation, the zones that only a draft has, and the outlines of its others.

    Parameters
    ----------
    own
        Own zones.
    drafts
        Each draft, with its rows of ``zae.matched``.
    answer
        The table that says it.
    """
    joined = pd.concat([table for _, table in drafts], ignore_index=True)
    layers = [*_own_layers(own, joined)]
    for draft, table in drafts:
        layers += _draft_layers(draft, table)
    counts = [
        words.phrase(f"drafts.count_{name}", n=len(layer.features))
        for layer in layers
        if (name := COUNTED.get(layer.kind))
    ]
    title = words.phrase("drafts.title", counts=words.joined(counts, ", "))
    subtitle = words.phrase("drafts.subtitle", drafts=" + ".join(draft.title for draft, _ in drafts))
    sources = [own.source, *(draft.source for draft, _ in drafts)]
    return ResultMap(
        layers,
        title,
        subtitle,
        sources,
        convention=words.phrase("area.convention"),
        notes=list(answer.notes),
    )


COUNTED = {kind: name for name, kind in OWN.values()} | {"zone_absente": "not_here"}


def _own_layers(own: Side, table: pd.DataFrame) -> list[ResultLayer]:
    """Split own zones by relation."""
    rank = {relation: position for position, relation in enumerate(OWN)}
    known = table[table["own_zone"].notna()]
    best = known["relation"].map(rank).groupby(known["own_zone"].astype(str)).min()
    relation = own.zones[own.key].astype(str).map(best)
    layers = []
    for position, (name, kind) in enumerate(OWN.values()):
        zones = own.zones[relation == position]
        if len(zones):
            title = words.phrase(f"drafts.{name}", n=len(zones), ha=_hectares(zones))
            amounts = [_amount(zone, known, own.key) for _, zone in zones.iterrows()]
            frame = places.named(zones, names=own.called(zones))
            layers.append(ResultLayer(frame, kind, title, amounts, sources=[own.source]))
    return layers


def _amount(zone: pd.Series, table: pd.DataFrame, key: str) -> Amount:
    """Write the hectares of a zone, and what it has in common with each zone of a draft."""
    rows = table[(table["own_zone"].astype(str) == str(zone[key])) & table["common_ha"].notna()]
    text = words.hectares(float(zone.geometry.area) / M2_PER_HA if zone.geometry else float("nan"))
    steps = [
        Step(
            words.same(str(row["draft_zone"] if pd.isna(row["draft_name"]) else row["draft_name"])),
            words.phrase("drafts.common", ha=words.hectares(float(row["common_ha"]))),
            START,
        )
        for _, row in rows.iterrows()
        if row["common_ha"] > 0
    ]
    return Amount(text, order=float(zone.geometry.area) if zone.geometry else -1.0, steps=steps)


def _draft_layers(draft: Side, table: pd.DataFrame) -> list[ResultLayer]:
    """Split the zones of a draft: those that no own zone meets, and the others."""
    keys = draft.zones[draft.key].astype(str)
    absent = keys.isin(table.loc[table["relation"] == matching.NOT_HERE, "draft_zone"].astype(str))
    layers = []
    for name, kind, zones in (
        ("not_here", "zone_absente", draft.zones[absent]),
        ("draft", "zone_brouillon", draft.zones[~absent]),
    ):
        if len(zones):
            title = words.phrase(f"drafts.{name}", n=len(zones), ha=_hectares(zones), draft=draft.title)
            amounts = [_plain(zone) for zone in zones.geometry]
            frame = places.named(zones, names=draft.called(zones))
            layers.append(ResultLayer(frame, kind, title, amounts, sources=[draft.source]))
    return layers


def _plain(shape: object) -> Amount:
    area_ha = getattr(shape, "area", 0.0) / M2_PER_HA
    return Amount(words.hectares(area_ha or float("nan")), order=area_ha)


def _hectares(zones: gpd.GeoDataFrame) -> Texts:
    """Write the hectares of zones, ground that two hold counted once."""
    area_ha = zones.geometry.union_all().area / M2_PER_HA
    return words.hectares(area_ha or float("nan"), 1)
