"""The OCS GE of an account: counted in its file where it can be, else read whole."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import geopandas as gpd

from artois_geo import constants, layers, overlay, text, zan
from artois_geo.constants import Constant
from artois_geo.constants.rules import RuleSet
from artois_geo.errors import BadCRS, BadOptions, UnreadableFile
from artois_geo.formats import journals
from artois_geo.layers import Layer
from artois_geo.measure import M2_PER_HA
from artois_geo.studies import data_warnings
from artois_geo.studies.zan import deductions, rules, vintages
from artois_geo.studies.zan.requests import Step, Treatment, silent

_BATCHED = (".gpkg", ".parquet", ".geoparquet")

CoverFile: TypeAlias = overlay.GeoPackage | overlay.GeoParquet


@dataclass(frozen=True)
class Covers:
    """Hold the classified land covers of one or two dates, and what to say of them."""

    covers: "list[zan.LandCover]"
    notes: list[str]


def constants_of(rule_set: RuleSet, treatment: Treatment) -> list[Constant]:
    """Return the thresholds of the decree that a treatment applies, each with its source.

    Examples
    --------
    >>> from artois_geo.constants import rules
    >>> [constant.value for constant in constants_of(rules.read(), Treatment(tamis=True))]
    [50, 2500]
    """
    names = [
        *("artif_building_m2", "artif_patch_m2") * treatment.tamis,
        *("artif_linear_width_m",) * treatment.largeur,
        *("park_exemption_min_m2",) * (treatment.parcs is not None),
        *("pv_panel_height_m", "pv_row_spacing_m") * (treatment.photovoltaique is not None),
    ]
    return rules.used(rule_set, *names)


def classified(
    layer: Layer | Path,
    rule_set: RuleSet,
    treatment: Treatment,
    *,
    open_files: ExitStack,
    whole: bool = False,
    step: Step = silent,
) -> tuple[zan.LandCover, list[str]]:
    """Give an OCS GE its status, and what to say of it.

    It stays in its file where that gives the same account: a GeoPackage or a GeoParquet in
    Lambert-93, without any treatment that looks around a polygon.

    Parameters
    ----------
    layer, rule_set, treatment
        Land cover, thresholds, and those to apply.
    open_files
        Closed by the caller when the account is made: until then a file with pending edits is a copy.
    whole
        Read it whole all the same.
    step
        Told what is being read.

    Raises
    ------
    BadOptions
        A working copy of a cover that is read whole.

    Examples
    --------
    >>> from artois_geo import example
    >>> import tempfile
    >>> from artois_geo.constants import rules
    >>> path = Path(tempfile.mkdtemp()) / "ocsge.gpkg"
    >>> example.square(x_km=0, y_km=0, side_km=1, code_cs="CS1.1.1.1", code_us="US2").to_file(path)
    >>> with ExitStack() as open_files:
    ...     cover, notes = classified(path, rules.read(), Treatment(), open_files=open_files)
    >>> notes[0]
    'statut tiré de : matrice CS × US (repli).'
    """
    source = None if whole or treatment.needs_shapes else _cover_file(layer, treatment, open_files)
    if source is not None:
        return _in_file(layer, source, rule_set, treatment, step)
    if treatment.copie is not None:
        raise BadOptions(
            f"--copie ne sert pas ici : {layer.name} est lu en entier. Il faut un .gpkg ou un .parquet en "
            "Lambert-93, sans --tamis, --largeur, --parcs ni --photovoltaique."
        )
    step(f"Lecture de {layer.name}")
    return _read_whole(layer, rule_set, treatment)


def classified_pair(
    photographs: Sequence[Layer | Path],
    rule_set: RuleSet,
    treatment: Treatment,
    *,
    open_files: ExitStack,
    step: Step = silent,
) -> Covers:
    """Classify photographs that can be compared: all in their files, or all read whole.

    Examples
    --------
    >>> from artois_geo.constants import rules
    >>> with ExitStack() as open_files:
    ...     classified_pair([], rules.read(), Treatment(), open_files=open_files)
    Covers(covers=[], notes=[])
    """
    for is_read_whole in (False, True):
        covers, notes = [], []
        for layer in photographs:
            cover, cover_notes = classified(
                layer, rule_set, treatment, open_files=open_files, whole=is_read_whole, step=step
            )
            covers.append(cover)
            notes += [f"{layer.name} : {sentence}" for sentence in cover_notes]
        if len(covers) < 2 or zan.comparable(*covers):
            break
    return Covers(covers, notes)


def _cover_file(layer: Layer | Path, treatment: Treatment, open_files: ExitStack) -> CoverFile | None:
    """Open a cover to be read batch by batch, a GeoPackage in its last saved state."""
    if not isinstance(layer, Path) or layer.suffix.lower() not in _BATCHED:
        return None
    try:
        if layer.suffix.lower() == ".gpkg" and layer.is_file():
            layer, _ = open_files.enter_context(journals.settled(layer))
        return overlay.open_cover(layer, layer=treatment.couche_source or None)
    except (BadCRS, UnreadableFile):  # another system, or another coding: read whole, or refused there
        return None


def _in_file(
    layer: Layer | Path, source: CoverFile, rule_set: RuleSet, treatment: Treatment, step: Step
) -> tuple[zan.ClassifiedFile, list[str]]:
    """Classify a cover that stays in its file, or in a working copy of it."""
    cover: CoverFile | overlay.WorkingCopy = source
    if treatment.copie is not None:
        cover = overlay.working_copy(
            source,
            treatment.copie,
            by=zan.file_columns(source.columns),
            cores=treatment.cores,
            progress=step(f"Copie de travail de {layer.name}"),
        )
    in_file = zan.classify_file(cover, constants.table("ocsge_artif"), constants.table("ocsge_nomenclature"))
    notes = [
        f"statut tiré de : {in_file.artificial_from}.",
        "compté dans le fichier, autour des zones : ailleurs, ni les codes ni les contours ne sont vérifiés.",
    ]
    if not data_warnings.says_fictional(layer):
        notes += vintages.corrected(rule_set, vintages.of_source(source, layer))
    return in_file, notes


def _read_whole(
    layer: Layer | Path, rule_set: RuleSet, treatment: Treatment
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Read every polygon, and apply thresholds and exemptions if asked."""
    inside = treatment.couche_source
    layer_source = Path(f"{layer}{layers.IN_FILE}{inside}") if inside and isinstance(layer, Path) else layer
    features = layers.read(layer_source)
    cover = zan.classify(features, constants.table("ocsge_artif"), constants.table("ocsge_nomenclature"))
    notes = [f"statut tiré de : {cover['artificial_from'].iloc[0]}."] if len(cover) else []
    notes += vintages.corrected(rule_set, vintages.of_frame(features, layer))
    notes += data_warnings.schematic(features)
    if treatment.largeur:
        cover, width_note = _without_narrow_strips(cover, rule_set)
        notes.append(width_note)
    if treatment.tamis:
        cover, sieve_note = _sieved(cover, rule_set, treatment)
        notes.append(sieve_note)
    for kind, areas in (("parc", treatment.parcs), ("PV", treatment.photovoltaique)):
        if areas is not None:
            cover, exemption_notes = _exempted(cover, layers.read(areas), kind, rule_set)
            notes += exemption_notes
    return cover, notes


def _without_narrow_strips(cover: gpd.GeoDataFrame, rule_set: RuleSet) -> tuple[gpd.GeoDataFrame, str]:
    """Apply the width of the decree, and say how much ground it changes."""
    width_m = rule_set.constants["artif_linear_width_m"].value
    cover = zan.narrow_strips(cover, linear_width_m=width_m).reset_index(drop=True)
    narrow_m2, unchanged = zan.narrow_effect_m2(cover)
    return cover, (
        f"infrastructures linéaires de moins de {width_m:g} m : {_hectares(narrow_m2)} prennent l'état non "
        f"artificialisé de leurs abords, {_hectares(unchanged)} restent artificialisés comme leurs abords."
    )


def _sieved(cover: gpd.GeoDataFrame, rule_set: RuleSet, treatment: Treatment) -> tuple[gpd.GeoDataFrame, str]:
    """Apply the thresholds of the decree, and say how much ground they change."""
    was_artificial = cover["artificial"]
    untested = "" if treatment.largeur else " (largeur des infrastructures non testée : --largeur)"
    sieved = zan.sieve(
        cover,
        building_m2=rule_set.constants["artif_building_m2"].value,
        patch_m2=rule_set.constants["artif_patch_m2"].value,
    )
    gained = sieved.area[~was_artificial & sieved["artificial"]].sum()
    lost_m2 = sieved.area[was_artificial & ~sieved["artificial"]].sum()
    return sieved, (
        f"seuils du décret : {_hectares(gained)} devenus artificialisés, {_hectares(lost_m2)} "
        f"devenus non artificialisés{untested}."
    )


def _exempted(
    cover: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, kind: str, rule_set: RuleSet
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Apply an exemption that the collectivité chose, and say which perimeters do not qualify."""
    notes = list[str]()
    if kind == "PV":
        areas, notes = deductions.examined_parks(areas, rule_set)
    park_min_m2 = rule_set.constants["park_exemption_min_m2"].value
    cover = zan.exempt(cover, areas, kind=kind, park_min_m2=park_min_m2)
    return cover, [*notes, f"exemption appliquée ({kind}), au choix de la collectivité."]


def _hectares(area_m2: float) -> str:
    return f"{text.number(area_m2 / M2_PER_HA, 2)} ha"
