"""The map of what constraints leave of each site, and that of what each of them takes."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artois_geo import land
from artois_geo.land.losses import UNSURVEYED
from artois_geo.maps import Amount, Step
from artois_geo.maps.results.records import LESS, MORE, START, TOTAL
from artois_geo.studies.land.maps import causes
from artois_geo.studies.land.maps.causes import Losses
from artois_geo.studies.result_map import ResultLayer, ResultMap
from artois_geo.studies.results import calculation, places, words
from artois_geo.studies.results.calculation import TOTAL_DECIMALS
from artois_geo.studies.results.words import Texts
from artois_geo.studies.sites.site_land import Constraints
from artois_geo.studies.study_table import StudyTable

TOGETHER_HA = 0.05  # sites that share less ground than a figure shows are apart


@dataclass(frozen=True)
class NetLand:
    """Hold what the maps of land draw: sites, what remains, what was taken off, the table that says it.

    ``unknown`` is from :func:`artois_geo.land.unknown`, None where all ground was looked at.
    """

    sites: gpd.GeoDataFrame
    remaining: gpd.GeoDataFrame
    constraints: Constraints
    study_table: StudyTable
    unknown: gpd.GeoDataFrame | None = None
    waterfall: pd.DataFrame | None = None

    @property
    def sums(self) -> pd.Series:
        """Return what the sites make together (:func:`artois_geo.land.totals`)."""
        return land.totals(self.sites, self.remaining)


def available_map(net: NetLand) -> ResultMap:
    """Draw what remains of each site, what is not known, and what each constraint takes.

    Examples
    --------
    >>> from artois_geo import example
    >>> from artois_geo.studies.sites import site_land
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> flood = example.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1, constraint="Crue")
    >>> rules = Constraints(flood)
    >>> net = NetLand(site, site_land.remaining_land(site, rules), rules, StudyTable(site))
    >>> available_map(net).title["fr"]
    '1 site : 75,0 ha disponibles sur 100,0 ha bruts'
    """
    site_losses = _losses(net)
    balance = _balance(net, site_losses)
    title = "title" if len(net.sites) > 1 else "title_one"
    return ResultMap(
        [*_ground_layers(net, site_losses), *_cause_layers(net, site_losses, balance)],
        words.phrase(
            f"land.{title}", n=len(net.sites), available=_available(net.sums), gross=_gross(net.sums)
        ),
        words.phrase("land.subtitle"),
        net.study_table.sources,
        balance,
        convention(net),
        list(net.study_table.notes),
    )


def losses_map(net: NetLand) -> ResultMap:
    """Draw what each constraint takes, the sites that lose most first.

    Examples
    --------
    >>> from artois_geo import example
    >>> from artois_geo.studies.sites import site_land
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> flood = example.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1, constraint="Crue")
    >>> rules = Constraints(flood)
    >>> net = NetLand(site, site_land.remaining_land(site, rules), rules, StudyTable(site))
    >>> losses_map(net).title["fr"]
    '25,0 ha perdus sur 100,0 ha bruts, dont Crue : 25,0 ha'
    """
    site_losses = _losses(net)
    balance = _balance(net, site_losses)
    lost_steps = [step for step in balance if step.sign == LESS]
    largest = max(site_losses.causes, key=site_losses.united_ha, default="")
    lost_ha = sum(map(site_losses.united_ha, site_losses.causes))
    texts = {"lost": words.hectares(lost_ha, TOTAL_DECIMALS), "gross": _gross(net.sums)}
    title = words.phrase("losses.title", **texts)
    if lost_steps:
        printed = _printed(balance)[largest]
        title = words.phrase("losses.title_first", **texts, name=causes.cause_label(largest), ha=printed)
    return ResultMap(
        [
            _lost_layer(site_losses, texts["lost"]),
            *_cause_layers(net, site_losses, balance),
            *_ground_layers(net, site_losses, kind="foncier_reste"),
        ],
        title,
        words.phrase("losses.subtitle"),
        net.study_table.sources,
        balance,
        convention(net),
        list(net.study_table.notes),
    )


def convention(net: NetLand) -> Texts:
    """Say how the hectares of the map are measured and counted.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> left = land.available(site, site.iloc[:0])
    >>> convention(NetLand(site, left, Constraints(site), StudyTable(site)))["fr"][:45]
    'Surfaces planes en Lambert-93 (EPSG:2154). Le'
    """
    sentences = [*(words.phrase(f"area.{name}") for name in ("convention", "cascade", "rounded"))]
    if net.sums["repeated_ha"] > TOGETHER_HA:
        sentences.append(words.phrase("area.once"))
    if net.remaining["schematic"].any():
        sentences.append(words.phrase("area.sketches"))
    return words.joined(sentences)


def _losses(net: NetLand) -> Losses:
    return causes.losses(
        net.sites, net.remaining, net.constraints, waterfall=net.waterfall, unknown=net.unknown
    )


def _gross(sums: pd.Series) -> Texts:
    return words.hectares(sums["united_ha"], TOTAL_DECIMALS)


def _available(sums: pd.Series) -> Texts:
    """Write the available hectares of all sites, as the note of the table does."""
    return words.total(sums["available_low_ha"], sums["available_high_ha"])


def _balance(net: NetLand, site_losses: Losses) -> list[Step]:
    """Compute the whole: what is measured, less each cause, then the sites that are not measured."""
    if not len(site_losses.sites):
        return []
    sums = land.totals(site_losses.sites, site_losses.remaining)
    causes_ha = [(causes.cause_label(name), site_losses.united_ha(name)) for name in site_losses.causes]
    unknown_ha = float(sums["unknown_high_ha"])
    softened = bool(
        (site_losses.remaining["net_ha"] < site_losses.remaining["available_ha"] - causes.CRUMB_HA).any()
    )
    net_ha = float(site_losses.remaining["net_ha"].sum()) if softened else float(sums["available_low_ha"])
    residue = float(sums["united_ha"]) - sum(ha for _, ha in causes_ha) - unknown_ha - net_ha
    parts = [*causes_ha, (causes.cause_label(UNSURVEYED), unknown_ha)]
    if residue > TOGETHER_HA:  # pieces that count on one site and not on the other that shares their ground
        parts.append((words.phrase("land.repeated"), residue))
    label = words.phrase("land.weighed" if softened else "land.net")
    subtraction = calculation.Subtraction(float(sums["united_ha"]), parts, net_ha, label)
    lines = calculation.steps(subtraction, decimals=TOTAL_DECIMALS)
    if len(site_losses.sites) == len(net.sites):
        return lines
    sketched_totals = land.totals(
        *(frame[net.remaining["schematic"].astype(bool)] for frame in (net.sites, net.remaining))
    )
    return [
        *lines,
        Step(words.phrase("land.sketched"), _available(sketched_totals), MORE),
        Step(words.phrase("land.total"), _available(net.sums), START),
    ]


def _printed(balance: Sequence[Step]) -> dict[str, Texts]:
    """Return the hectares that the balance prints for each cause: the legend prints the same."""
    labels = {causes.cause_label(name)["fr"]: name for name in (*causes.OURS,)}
    return {
        labels.get(step.label["fr"], step.label["fr"]): step.amount for step in balance if step.sign == LESS
    }


def _cause_layers(net: NetLand, site_losses: Losses, balance: Sequence[Step]) -> list[ResultLayer]:
    return causes.constraint_layers(site_losses, net.constraints, _printed(balance))


def _ground_layers(net: NetLand, site_losses: Losses, kind: str = "foncier_libre") -> list[ResultLayer]:
    """Draw the outlines of the sites, what is available on them, what is not known, what is not measured."""
    remaining = site_losses.remaining
    amounts = [calculation.amount(site_losses.subtraction(label)) for label in remaining.index]
    outlines = places.named(net.sites)
    title = words.phrase("land.outlines", ha=_gross(net.sums))
    drawn_layers = [ResultLayer(outlines, "perimetre_site", title)]
    if len(remaining):
        free_ha = land.totals(site_losses.sites, remaining)["available_low_ha"]
        title = words.phrase("land.available", ha=words.hectares(free_ha, TOTAL_DECIMALS))
        free = places.named(site_losses.sites, remaining.geometry.to_numpy())
        has_ground = (~remaining.geometry.is_empty).to_numpy()
        drawn_layers.append(_chosen(free, kind, title, amounts, has_ground))
        if not has_ground.all():  # drawn by its outline: a site without a shape would be « sans position »
            title = words.phrase("land.nothing", n=int((~has_ground).sum()))
            outlined = places.named(site_losses.sites)
            drawn_layers.append(_chosen(outlined, "foncier_epuise", title, amounts, ~has_ground))
    if net.unknown is not None:
        drawn_layers += _unknown_layer(net.unknown.loc[remaining.index])
    return [*drawn_layers, *_unmeasured_layer(net)]


def _chosen(
    frame: gpd.GeoDataFrame,
    kind: str,
    title: Texts,
    amounts: Sequence[Amount],
    rows: NDArray[np.bool_],
) -> ResultLayer:
    """Keep some places of a layer, with their amounts."""
    return ResultLayer(
        frame[rows], kind, title, [amount for amount, is_kept in zip(amounts, rows, strict=True) if is_kept]
    )


def _unknown_layer(unknown: gpd.GeoDataFrame) -> list[ResultLayer]:
    part = unknown[~unknown.geometry.is_empty]
    if part.empty:
        return []
    total = words.hectares(causes.hectares_of(part), TOTAL_DECIMALS)
    amounts = [calculation.area_amount(ha) for ha in part["unknown_ha"]]
    title = words.phrase("land.unknown", ha=total)
    return [ResultLayer(places.named(part), "foncier_inconnu", title, amounts)]


def _unmeasured_layer(net: NetLand) -> list[ResultLayer]:
    """Draw the sites whose shape only stands for the place: an interval, or unknown."""
    sketched = net.remaining["schematic"].astype(bool)
    sites, remaining = net.sites[sketched], net.remaining[sketched]
    if sites.empty:
        return []
    amounts = [_interval(row) for _, row in remaining.iterrows()]
    total = _available(land.totals(sites, remaining))
    has_interval = remaining["available_low_ha"].notna().any()
    title = (
        words.phrase("land.unmeasured", ha=total) if has_interval else words.phrase("land.unmeasured_bare")
    )
    return [ResultLayer(places.named(sites), "foncier_schema", title, amounts)]


def _interval(row: pd.Series) -> Amount:
    """Give the amount of a site that is not measured, from what its source publishes."""
    low_ha, high_ha = row["available_low_ha"], row["available_high_ha"]
    text = words.interval(low_ha, high_ha)
    published = row.get("gross_origin") == "publiée"
    gross = Step(
        words.phrase("land.gross_published" if published else "land.gross"),
        words.interval(row["gross_ha"], row["gross_ha"]),
    )
    net = Step(words.phrase("land.net"), text, TOTAL)
    return Amount(text, order=high_ha if high_ha == high_ha else -1.0, steps=[gross, net])


def _lost_layer(site_losses: Losses, total: Texts) -> ResultLayer:
    """List what each measured site loses, the most first."""
    amounts = []
    for label in site_losses.sites.index:
        subtraction = site_losses.subtraction(label)
        lost_ha = sum(ha for _, ha in subtraction.parts)
        steps = calculation.shares(subtraction.parts, lost_ha, words.phrase("losses.lost"))
        amounts.append(Amount(words.hectares(lost_ha), order=lost_ha, steps=steps))
    frame = places.named(site_losses.sites)
    return ResultLayer(frame, "foncier_perdu", words.phrase("losses.sites", ha=total), amounts)
