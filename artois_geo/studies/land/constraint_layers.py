"""The layers that constraints name: which are there, which polygons were mended, which ground is unknown."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import shapely

from artois_geo import land, layers, measure, shapes
from artois_geo.errors import UnknownName
from artois_geo.measure import LAMBERT93, M2_PER_HA
from artois_geo.studies import Assumptions, StudyTable, planner_files
from artois_geo.text import counted, number

if TYPE_CHECKING:
    from artois_geo.layers import Catalogue, Layer

MAX_CHANGE = "reparation_ecart_max"
#: Farther than any ground in Lambert-93.
EVERYWHERE = shapely.box(-1e7, -1e7, 1e7, 1e7)
REPAIR_LABELS = {
    "layer": "Couche",
    "feature": "Objet",
    "message": "Constat",
    "area_before_ha": "Surface avant (ha)",
    "area_after_ha": "Surface après (ha)",
}
LISTED = 5  # repairs that notes name one by one
NO_LAYER = ""
RuleAndAbsent = tuple[land.Rule, list[str]]  # a rule, and the layers that it names and that are not there


@dataclass(frozen=True)
class ConstraintLayers:
    """Hold the layers that constraints name, by that name, with valid polygons, and what was repaired."""

    frames: dict[str, gpd.GeoDataFrame]
    sources: "dict[str, Layer | Path]"
    repairs: pd.DataFrame


@dataclass(frozen=True)
class SurveyedRules:
    """Hold rules that take ground for certain, their layers, where somebody looked, and what is absent."""

    rules: list[land.Rule]
    frames: dict[str, gpd.GeoDataFrame]
    coverage: gpd.GeoDataFrame | None
    absences: list[str]


def names(rules: list[land.Rule], options: land.Options) -> list[str]:
    """List the layers that rules and options name, each once, in the order in which they are read.

    Examples
    --------
    >>> names([land.Rule("Bande", "axes", outside=("bourg",))], land.Options())
    ['axes', 'bourg']
    """
    applied = [rule for rule in rules if not rule.waived]
    listed = [rule.layer for rule in applied] + [rule.coverage for rule in applied if rule.coverage]
    listed += [name for rule in applied for name in rule.outside]
    selections = (options.only_where, options.force_keep, options.roads)
    listed += [selection.layer for selection in selections if selection is not None]
    return list(dict.fromkeys(listed))


def read(
    layer_names: list[str], catalogue: "Catalogue", *, beside: Path | None, on: date
) -> ConstraintLayers:
    """Read layers by path or name, and make their invalid polygons valid.

    Parameters
    ----------
    layer_names
        As the rules write them.
    catalogue, beside
        As for :func:`artois_geo.studies.planner_files.layer`.
    on
        Day whose convention says how much a repair may change a polygon.

    Raises
    ------
    UnknownName, UnreadableFile
        A layer that is not there or cannot be read.
    BadTable
        A repair that would change an area too much.

    Examples
    --------
    >>> from artois_geo import layers
    >>> sites = read(["sites_eco"], layers.read_catalogue(), beside=None, on=date(2026, 12, 8))
    >>> sites.sources["sites_eco"].name, len(sites.repairs)
    ('sites_eco', 0)
    """
    max_change_share = Assumptions(on).value(MAX_CHANGE)
    frames, sources, repairs = {}, {}, []
    for name in layer_names:
        sources[name] = planner_files.source_of(name, catalogue, beside=beside)
        frames[name], mended = sound(sources[name], name, max_change_share)
        repairs.append(mended)
    filled = [mended for mended in repairs if len(mended)]
    return ConstraintLayers(
        frames, sources, pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()
    )


def sound(
    source: "Layer | Path", name: str, max_change_share: float
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Read a layer with valid polygons, and what was repaired: by the reader of files, or here.

    Examples
    --------
    >>> from artois_geo import layers
    >>> len(sound(layers.read_catalogue()["sites_eco"], "sites_eco", 0.001)[1])
    0
    """
    features, findings = layers.read_checked(source)
    measure.require_lambert93(**{name: features})
    if "after_m2" in findings:
        mended = findings[findings["after_m2"].notna()]
        repairs = pd.DataFrame(
            {
                "layer": name,
                "feature": "objet " + mended["feature"].astype(str),
                "message": mended["message"],
                "area_before_ha": mended["before_m2"] / M2_PER_HA,
                "area_after_ha": mended["after_m2"] / M2_PER_HA,
            }
        )
        shapes.require_same_area(repairs, max_change_share=max_change_share)
        return features, repairs
    return shapes.repaired(features, name=name, max_change_share=max_change_share)


def surveyed(
    rules: list[land.Rule], options: land.Options, frames: Mapping[str, gpd.GeoDataFrame]
) -> SurveyedRules:
    """Tell the ground that constraints take from the ground that nobody can judge: a layer is absent.

    Parameters
    ----------
    rules, options
        As the planner wrote them.
    frames
        Layers that are there. Without that of a rule, all ground is unknown; without one of those that
        exempt from it, the ground of its features and setbacks is.

    Raises
    ------
    UnknownName
        A layer of ``options`` is absent: what it selects cannot be guessed.

    Examples
    --------
    >>> rule = land.Rule("Zone inondable", "ppri")
    >>> surveyed([rule], land.Options(absent_unknown=True), {}).absences
    ['Sol inconnu, ni libre ni perdu, faute de couche : ppri (Zone inondable).']
    """
    _require_selections(options, frames)
    cases = [(rule, _absent_layers(rule, frames)) for rule in rules if not rule.waived]
    return SurveyedRules(
        rules=[_certain(rule, absent) for rule, absent in cases],
        frames={**frames, NO_LAYER: _no_ground()[["geometry"]]},
        coverage=_coverage(cases, frames),
        absences=_absences([(rule, absent) for rule, absent in cases if absent]),
    )


def _require_selections(options: land.Options, frames: Mapping[str, gpd.GeoDataFrame]) -> None:
    for selection in (options.only_where, options.force_keep, options.roads):
        if selection is not None and selection.layer not in frames:
            raise UnknownName("couche", selection.layer, frames)


def _absent_layers(rule: land.Rule, frames: Mapping[str, gpd.GeoDataFrame]) -> list[str]:
    needed = [rule.layer, *([rule.coverage] if rule.coverage else []), *rule.outside]
    return [name for name in needed if name not in frames]


def _certain(rule: land.Rule, absent: list[str]) -> land.Rule:
    """Make a rule take what it takes for certain: nothing, where it lacks a layer."""
    if not absent:
        return rule
    return replace(rule, layer=NO_LAYER, where={}, setback_column="", outside=())


def _coverage(cases: list[RuleAndAbsent], frames: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame | None:
    """Draw where each rule that takes ground is known; nothing to draw where all are known everywhere."""
    partial = [(rule, absent) for rule, absent in cases if rule.kept_share != 1 and (absent or rule.coverage)]
    if not partial:
        return None
    parts = [_known_ground(rule, absent, frames) for rule, absent in partial if _is_located(rule, absent)]
    coverage = pd.concat(parts, ignore_index=True) if parts else _no_ground()
    return coverage.astype({"constraint": pd.CategoricalDtype([rule.name for rule, _ in partial])})


def _is_located(rule: land.Rule, absent: list[str]) -> bool:
    """Tell whether the layers of a rule and of its coverage are there: at most exemptions are absent."""
    return not {rule.layer, rule.coverage} & set(absent)


def _known_ground(
    rule: land.Rule, absent: list[str], frames: Mapping[str, gpd.GeoDataFrame]
) -> gpd.GeoDataFrame:
    """Draw the coverage of a rule, less its features and setbacks where an exemption from it is absent."""
    ground = frames[rule.coverage].geometry.to_list() if rule.coverage else [EVERYWHERE]
    if absent:
        unjudged = shapely.union_all(land.bands(rule, frames))
        ground = [shapely.difference(polygon, unjudged) for polygon in ground]
    part = gpd.GeoDataFrame(geometry=[polygon for polygon in ground if not polygon.is_empty])
    return part.set_crs(LAMBERT93).assign(constraint=rule.name)


def _no_ground() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"constraint": []}, geometry=[], crs=LAMBERT93)


def describe_repairs(repairs: pd.DataFrame) -> list[str]:
    """Say which polygons were made valid, with their areas before and after.

    Examples
    --------
    >>> row = {"layer": "ppri", "feature": "objet n° 2", "area_before_ha": 1.0, "area_after_ha": 1.0}
    >>> describe_repairs(pd.DataFrame([row | {"message": "pointe"}]))[0]
    '1 polygone invalide réparé : ppri, objet n° 2 (pointe), 1,0000 ha avant, 1,0000 ha après.'
    """
    if repairs.empty:
        return []
    listed = [
        f"{row['layer']}, {row['feature']} ({row['message']}), {number(row['area_before_ha'], 4)} ha avant,"
        f" {number(row['area_after_ha'], 4)} ha après"
        for row in repairs.head(LISTED).to_dict("records")
    ]
    more = " ; …" if len(repairs) > LISTED else ""
    mended = counted(len(repairs), "polygone invalide réparé", "polygones invalides réparés")
    return [f"{mended} : {' ; '.join(listed)}{more}."]


def repairs_table(repairs: pd.DataFrame) -> StudyTable:
    """Return the findings of the repairs, as a table to be kept: a row per polygon, areas before and after.

    Examples
    --------
    >>> repairs_table(pd.DataFrame()).notes
    ['Aucun polygone invalide.']
    """
    table = repairs if len(repairs) else pd.DataFrame(columns=list(REPAIR_LABELS))
    notes = describe_repairs(repairs) or ["Aucun polygone invalide."]
    return StudyTable(table, title="Polygones réparés", notes=notes, labels=REPAIR_LABELS)


def describe_effects(frames: Mapping[str, gpd.GeoDataFrame]) -> list[str]:
    """Say which objects of layers of constraints take no ground: conditions, and information.

    Examples
    --------
    >>> from artois_geo import example
    >>> zone = example.square(x_km=0, y_km=0, side_km=1, contrainte_effet="conditionne")
    >>> describe_effects({"captages": zone})
    ['captages : 1 objet « conditionne » : sol gardé, à bâtir sous prescriptions.']
    """
    meaning_of_effect = {
        land.CONDITIONED: "sol gardé, à bâtir sous prescriptions",
        land.INFORMATION: "sol gardé, pour mémoire",
    }
    lines = []
    for name, frame in frames.items():
        for effect, meaning in meaning_of_effect.items():
            if count := int((frame["contrainte_effet"] == effect).sum()):
                lines.append(f"{name} : {counted(count, 'objet')} « {effect} » : {meaning}.")
    return lines


def describe_unset(rules: list[land.Rule], frames: Mapping[str, gpd.GeoDataFrame]) -> list[str]:
    """Say how many lines and points have no setback in their column: what they take is not known.

    Examples
    --------
    >>> from artois_geo import example
    >>> rule = land.Rule("Gaz", "conduites", setback_column="recul_m")
    >>> pipe = example.line((0, 0), (1, 0), recul_m=None)
    >>> describe_unset([rule], {"conduites": pipe})[0][:63]
    'Contrainte « Gaz » : 1 objet sans recul (colonne recul_m), non '
    """
    lines = []
    for rule in rules:
        if rule.waived or not rule.setback_column or rule.layer not in frames:
            continue
        selected = land.select(frames[rule.layer], rule.where, name=rule.layer)
        with_setback = land.table([replace(rule, outside=())], frames)
        if unset := len(selected) - len(with_setback):
            plural = unset > 1
            lines.append(
                f"Contrainte « {rule.name} » : {counted(unset, 'objet')} sans recul (colonne"
                f" {rule.setback_column}), non ôté{'s' if plural else ''} : ce qu'il{'s' if plural else ''}"
                f" {'prennent' if plural else 'prend'} est inconnu."
            )
    return lines


def _absences(cases: list[RuleAndAbsent]) -> list[str]:
    """Say which ground is unknown for want of layers: all of it, that of a band, or its prescriptions."""
    heads = {
        "all": "Sol inconnu, ni libre ni perdu, faute de couche",
        "band": "Sol inconnu dans la bande, ni libre ni perdu, faute de couche",
        "conditions": "Prescriptions inconnues, faute de couche",
    }
    listed: dict[str, list[str]] = {key: [] for key in heads}
    for rule, absent in cases:
        band_or_all = "band" if _is_located(rule, absent) else "all"
        key = "conditions" if rule.kept_share == 1 else band_or_all
        listed[key].append(f"{', '.join(absent)} ({rule.name})")
    return [f"{heads[key]} : {' ; '.join(texts)}." for key, texts in listed.items() if texts]
