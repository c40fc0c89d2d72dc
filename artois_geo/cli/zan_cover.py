"""The OCS GE of the ``zan`` commands: counted in its file where it can be, else read whole."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import (
    fictional_inputs,
    options,
    show,
    waiting,
    zan_deductions,
    zan_inputs,
    zan_vintages,
)

if TYPE_CHECKING:
    import geopandas as gpd

    from artois_geo import overlay, zan
    from artois_geo.constants import Constant
    from artois_geo.constants.rules import RuleSet
    from artois_geo.layers import Layer

BATCHED = (".gpkg", ".parquet", ".geoparquet")


@dataclass(frozen=True)
class Treatment:
    """What is asked of an OCS GE beyond its codes, and how it is read."""

    tamis: bool = False
    largeur: bool = False
    parcs: "Layer | Path | None" = None
    photovoltaique: "Layer | Path | None" = None
    copie: Path | None = None
    couche_source: str = ""
    cores: int | None = None

    @property
    def needs_shapes(self) -> bool:
        """Whether the polygons around each polygon have a say."""
        return self.tamis or self.largeur or self.parcs is not None or self.photovoltaique is not None


PLAIN = Treatment()


def treatment(function: Any) -> Any:
    """Add the options of a :class:`Treatment`; the command gets it as ``asked``."""
    added = [
        click.option("--tamis", is_flag=True, help="Applique les seuils du décret (50 m², 2 500 m²)."),
        click.option(
            "--largeur",
            is_flag=True,
            help="Écarte les infrastructures linéaires plus étroites que le décret ne dit (5 m).",
        ),
        click.option(
            "--parcs",
            type=options.layer_file,
            metavar="COUCHE",
            help="Parcs et jardins publics exemptés, avec leur justificatif.",
        ),
        click.option(
            "--photovoltaique",
            type=options.layer_file,
            metavar="COUCHE",
            help="Parcs photovoltaïques à exempter, avec leur justificatif et chaque critère du décret.",
        ),
        click.option(
            "--copie",
            type=click.Path(path_type=Path, file_okay=False),
            metavar="DOSSIER",
            help="Garde dans DOSSIER une copie de travail de l'OCS GE, que les calculs suivants relisent "
            "bien plus vite (.gpkg ou .parquet, complément « rapide »).",
        ),
        click.option(
            "--couche-source", default="", metavar="NOM", help="Couche du GeoPackage, s'il en a plusieurs."
        ),
        options.cores,
    ]

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        held = {name: kwargs.pop(name) for name in Treatment.__dataclass_fields__}
        return function(*args, asked=Treatment(**held), **kwargs)

    for option in reversed(added):
        wrapper = option(wrapper)
    return wrapper


def used(rules: "RuleSet", asked: Treatment) -> "list[Constant]":
    """The thresholds of the decree that a treatment applies, each with its source."""
    names = [
        *("artif_building_m2", "artif_patch_m2") * asked.tamis,
        *("artif_linear_width_m",) * asked.largeur,
        *("park_exemption_min_m2",) * (asked.parcs is not None),
        *("pv_panel_height_m", "pv_row_spacing_m") * (asked.photovoltaique is not None),
    ]
    return [rules.constants[name] for name in names if name in rules.constants]


def classified(
    layer: "Layer | Path",
    rules: "RuleSet",
    asked: Treatment = PLAIN,
    *,
    whole: bool = False,
    step: waiting.Step = waiting.silent,
) -> "tuple[zan.LandCover, list[str]]":
    """An OCS GE with its status, and what to say of it.

    It stays in its file where that gives the same account: a GeoPackage or a GeoParquet in
    Lambert-93, without any treatment that looks around a polygon.
    """
    source = None if whole or asked.needs_shapes else _left_in_file(layer, asked.couche_source)
    if source is not None:
        return _in_file(layer, source, rules, asked, step)
    if asked.copie is not None:
        raise click.UsageError(
            f"--copie ne sert pas ici : {layer.name} est lu en entier. Il faut un .gpkg ou un .parquet en "
            "Lambert-93, sans --tamis, --largeur, --parcs ni --photovoltaique."
        )
    step(f"Lecture de {layer.name}")
    return _whole(layer, rules, asked)


def classified_pair(
    layers: "Sequence[Layer | Path]", rules: "RuleSet", asked: Treatment, *, step: waiting.Step
) -> "tuple[list[zan.LandCover], list[str]]":
    """Two photographs that can be compared: both in their files, or both read whole."""
    from artois_geo import zan

    for whole in (False, True):
        covers, notes = [], []
        for layer in layers:
            cover, said = classified(layer, rules, asked, whole=whole, step=step)
            covers.append(cover)
            notes += [f"{layer.name} : {sentence}" for sentence in said]
        if len(covers) < 2 or zan.comparable(*covers):
            break
    return covers, notes


def _left_in_file(layer: "Layer | Path", name: str) -> "overlay.GeoPackage | overlay.GeoParquet | None":
    """The cover read batch by batch, a GeoPackage in its last saved state."""
    from artois_geo import overlay
    from artois_geo.errors import BadCRS, UnreadableFile
    from artois_geo.formats import journals

    if not isinstance(layer, Path) or layer.suffix.lower() not in BATCHED:
        return None
    try:
        if layer.suffix.lower() == ".gpkg" and layer.is_file():
            layer, _ = click.get_current_context().with_resource(journals.settled(layer))
        return overlay.open_cover(layer, layer=name or None)
    except (BadCRS, UnreadableFile):  # another system, or another coding: read whole, or refused there
        return None


def _in_file(
    layer: "Layer | Path",
    source: "overlay.GeoPackage | overlay.GeoParquet",
    rules: "RuleSet",
    asked: Treatment,
    step: waiting.Step,
) -> "tuple[zan.ClassifiedFile, list[str]]":
    from artois_geo import constants, overlay, zan

    cover: overlay.GeoPackage | overlay.GeoParquet | overlay.WorkingCopy = source
    if asked.copie is not None:
        cover = overlay.working_copy(
            source,
            asked.copie,
            by=zan.file_columns(source.columns),
            cores=asked.cores,
            progress=step(f"Copie de travail de {layer.name}"),
        )
    known = zan.classify_file(cover, constants.table("ocsge_artif"), constants.table("ocsge_nomenclature"))
    notes = [
        f"statut tiré de : {known.artificial_from}.",
        "compté dans le fichier, autour des zones : ailleurs, ni les codes ni les contours ne sont vérifiés.",
    ]
    if not fictional_inputs.says_so(layer):
        notes += zan_vintages.corrected(rules, zan_vintages.of_source(source, layer))
    return known, notes


def _whole(layer: "Layer | Path", rules: "RuleSet", asked: Treatment) -> "tuple[gpd.GeoDataFrame, list[str]]":
    """Every polygon in memory, with thresholds and exemptions applied if asked."""
    from artois_geo import constants, measure, zan

    features = zan_inputs.read_layer(layer, name=asked.couche_source)
    cover = zan.classify(features, constants.table("ocsge_artif"), constants.table("ocsge_nomenclature"))
    notes = [f"statut tiré de : {cover['artificial_from'].iloc[0]}."] if len(cover) else []
    notes += zan_vintages.corrected(rules, zan_vintages.of_frame(features, layer))
    notes += show.schematic(features)
    held = rules.constants
    if asked.largeur:
        width_m = held["artif_linear_width_m"].value
        cover = zan.narrow_strips(cover, linear_width_m=width_m).reset_index(drop=True)
        lost, kept = zan.narrow_effect_m2(cover) / measure.M2_PER_HA
        notes.append(
            f"infrastructures linéaires de moins de {width_m:g} m : {_ha(lost)} prennent l'état non "
            f"artificialisé de leurs abords, {_ha(kept)} restent artificialisés comme leurs abords."
        )
    if asked.tamis:
        before = cover["artificial"]
        untested = " (largeur des infrastructures non testée : --largeur)"
        cover = zan.sieve(
            cover, building_m2=held["artif_building_m2"].value, patch_m2=held["artif_patch_m2"].value
        )
        gained = cover.area[~before & cover["artificial"]].sum() / measure.M2_PER_HA
        lost = cover.area[before & ~cover["artificial"]].sum() / measure.M2_PER_HA
        notes.append(
            f"seuils du décret : {_ha(gained)} devenus artificialisés, {_ha(lost)} "
            f"devenus non artificialisés{'' if asked.largeur else untested}."
        )
    for kind, areas in (("parc", asked.parcs), ("PV", asked.photovoltaique)):
        if areas is not None:
            perimeters = zan_inputs.read_layer(areas)
            if kind == "PV":
                perimeters, said = zan_deductions.eligible_parks(perimeters, rules)
                notes += said
            cover = zan.exempt(
                cover,
                perimeters,
                kind=kind,
                park_min_m2=held["park_exemption_min_m2"].value,
            )
            notes.append(f"exemption appliquée ({kind}), au choix de la collectivité.")
    return cover, notes


def _ha(value: float) -> str:
    return f"{value:.2f} ha".replace(".", ",")
