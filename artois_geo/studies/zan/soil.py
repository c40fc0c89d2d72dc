"""What a land cover says: stock and flows of artificialised land, and what projects would add to it."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from artois_geo import constants, kinds, layers, text, zan
from artois_geo.constants.rules import RuleSet
from artois_geo.errors import BadOptions
from artois_geo.layers import Layer
from artois_geo.studies import StudyTable, data_warnings
from artois_geo.studies.zan import land_cover, rules, vintages
from artois_geo.studies.zan.land_cover import Covers
from artois_geo.studies.zan.requests import (
    CLASSES,
    EffectRequest,
    Photographs,
    SoilRequest,
    Step,
    Treatment,
    silent,
)
from artois_geo.zan.land_cover.flux import DAYS_PER_YEAR

LABELS = {
    "code_cs": "Couverture",
    "code_us": "Usage",
    "category": "Catégorie du décret",
    "code_cs_before": "Couverture avant",
    "code_cs_after": "Couverture après",
    "code_us_before": "Usage avant",
    "code_us_after": "Usage après",
    "category_before": "Catégorie avant",
    "category_after": "Catégorie après",
}
_MOST_GAPS = 3  # beyond, zones are counted
_TOLERANCES = ("artif_stock_gap_ha", "sealed_stock_gap_ha")


def _key_label(zones: gpd.GeoDataFrame, key: str) -> dict[str, str]:
    """Return the heading of the key of zones, that of the field of their kind; none for a key of no kind."""
    label = kinds.field_labels(kinds.kind_of(map(str, zones.columns))).get(key)
    return {key: label} if label else {}


@dataclass(frozen=True)
class ZoneAccount:
    """Hold the zones of an account of the soil, their rules, and how it is counted."""

    zones: gpd.GeoDataFrame
    key: str
    rule_set: RuleSet
    cores: int | None = None
    step: Step = silent


@dataclass(frozen=True)
class SoilFlux:
    """Hold the stocks of each date, the flows between them, and what the control says."""

    stocks: list[pd.DataFrame]
    table: pd.DataFrame
    notes: list[str]


def stock_study(
    ocsge: Layer | Path, request: SoilRequest, treatment: Treatment, *, on_progress: Step = silent
) -> StudyTable:
    """Compute the artificialised and sealed land of each zone at one date.

    Parameters
    ----------
    ocsge
        Land cover.
    request
        Zones, detail, rules.
    treatment
        Thresholds and exemptions to apply, and how the cover is read.
    on_progress
        Told the step and how far it is.

    Examples
    --------
    >>> from artois_geo import example
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "ocsge.gpkg"
    >>> square = example.square(x_km=0, y_km=0, side_km=1, code_cs="CS1.1.1.1", code_us="US2", insee="1")
    >>> square.to_file(path)
    >>> stock_study(path, SoilRequest(path, "insee"), Treatment()).table["artificial_ha"].tolist()
    [100.0]
    """
    rule_set, rule_notes = rules.named_rules(request.rules_name)
    zones = layers.read(request.zones)
    account = ZoneAccount(zones, request.cle, rule_set, treatment.cores, on_progress)
    with ExitStack() as open_files:
        cover, notes = land_cover.classified(
            ocsge, rule_set, treatment, open_files=open_files, step=on_progress
        )
        table = _stock(account, cover, request.par, f"Surfaces de {ocsge.name}")
    return StudyTable(
        table,
        title="Stock artificialisé et imperméabilisé",
        sources=[ocsge, request.zones],
        constants=land_cover.constants_of(rule_set, treatment),
        surface="lambert93",
        notes=[*rule_notes, *notes, *data_warnings.warnings(zones)],
        labels=LABELS | _key_label(zones, request.cle),
    )


def effect_study(request: EffectRequest, treatment: Treatment, *, on_progress: Step = silent) -> StudyTable:
    """Compute what building over the ground of each project would add to artificialised land.

    Parameters
    ----------
    request
        Projects, land cover, detail, rules.
    treatment
        Thresholds and exemptions to apply, and how the cover is read.
    on_progress
        Told the step and how far it is.

    Examples
    --------
    >>> from artois_geo import example
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "ocsge.gpkg"
    >>> wood = example.square(x_km=0, y_km=0, side_km=1, code_cs="CS2.1.1.1", code_us="US1.2", projet_id="P")
    >>> wood.to_file(path)
    >>> effect_study(EffectRequest(path, path), Treatment()).table["would_artificialise_ha"].tolist()
    [100.0]
    """
    rule_set, rule_notes = rules.named_rules(request.rules_name)
    projects = layers.read(request.projets)
    account = ZoneAccount(projects, request.cle, rule_set, treatment.cores, on_progress)
    with ExitStack() as open_files:
        cover, notes = land_cover.classified(
            request.ocsge, rule_set, treatment, open_files=open_files, step=on_progress
        )
        if request.par:
            table = _stock(account, cover, request.par, "Effet des projets")
        else:
            progress = on_progress("Effet des projets")
            table = zan.project_effect(
                projects, cover, key=request.cle, cores=treatment.cores, progress=progress
            )
    return StudyTable(
        table,
        title="Effet des projets sur l'artificialisation",
        sources=[request.projets, request.ocsge],
        constants=land_cover.constants_of(rule_set, treatment),
        surface="lambert93",
        notes=[*rule_notes, *notes, *data_warnings.warnings(projects)],
        labels=LABELS | {request.cle: "Projet"},
    )


def flux_study(
    photographs: Photographs,
    request: SoilRequest,
    treatment: Treatment,
    *,
    diff: Layer | Path | None = None,
    on_progress: Step = silent,
) -> StudyTable:
    """Compute what was artificialised and renatured in each zone between two dates.

    Parameters
    ----------
    photographs
        Land covers of two dates; none where ``diff`` stands alone.
    request
        Zones, detail, rules.
    treatment
        Thresholds and exemptions to apply, and how the covers are read.
    diff
        Official difference of IGN: it comes first, and is set against the stocks of the photographs.
    on_progress
        Told the step and how far it is.

    Raises
    ------
    BadOptions
        Neither photographs nor difference, or days in the wrong order.
    BadTable
        The photographs do not cover the same ground of a zone.

    Examples
    --------
    >>> from artois_geo import example
    >>> import tempfile
    >>> before, after = (Path(tempfile.mkdtemp()) / f"{name}.gpkg" for name in ("2018", "2021"))
    >>> square = example.square(x_km=0, y_km=0, side_km=1, code_us="US2", insee="1")
    >>> square.assign(code_cs="CS2.1.1.1").to_file(before)
    >>> square.assign(code_cs="CS1.1.1.1").to_file(after)
    >>> answer = flux_study(Photographs(before, after), SoilRequest(before, "insee"), Treatment())
    >>> answer.table["net_artificialised_ha"].tolist()
    [100.0]
    """
    if diff is None and photographs.avant is None:
        raise BadOptions("Donner --avant et --apres, ou --diff.")
    rule_set, rule_notes = rules.named_rules(request.rules_name)
    account = ZoneAccount(layers.read(request.zones), request.cle, rule_set, treatment.cores, on_progress)
    constants_used = land_cover.constants_of(rule_set, treatment)
    with ExitStack() as open_files:
        pair = land_cover.classified_pair(
            photographs.layers, rule_set, treatment, open_files=open_files, step=on_progress
        )
        if request.par:
            table, notes = _transitions(pair, account, request.par), list[str]()
        else:
            official, origin_notes = _official(diff, account)
            flux = checked_flux(photographs, pair, account, official=official)
            table, notes = flux.table, [*origin_notes, *flux.notes]
            constants_used += rules.used(rule_set, *_TOLERANCES) if len(flux.stocks) == 2 else []
    return StudyTable(
        table,
        title="Artificialisation nette et imperméabilisation",
        sources=[*photographs.layers, *([] if diff is None else [diff]), request.zones],
        constants=constants_used,
        surface="lambert93",
        notes=[*rule_notes, *pair.notes, *notes, *data_warnings.warnings(account.zones)],
        labels=LABELS | _key_label(account.zones, request.cle),
    )


def checked_flux(
    photographs: Photographs,
    pair: Covers,
    account: ZoneAccount,
    *,
    official: gpd.GeoDataFrame | None = None,
) -> SoilFlux:
    """Compute stocks and flows of zones, and set the net flow against the difference of the stocks.

    Parameters
    ----------
    photographs, pair
        Land covers of two dates and their days; none where ``official`` stands alone.
    account
        Zones, rules, cores.
    official
        Difference of IGN, from which the flows then come.

    Examples
    --------
    >>> from artois_geo import example
    >>> from artois_geo.constants import rules
    >>> commune = example.square(x_km=0, y_km=0, side_km=1, insee="1")
    >>> field = example.square(x_km=0, y_km=0, side_km=1, artificial=False, sealed=False)
    >>> pair = Covers([field, field.assign(artificial=True)], [])
    >>> photographs = Photographs(Path("2018.gpkg"), Path("2021.gpkg"))
    >>> flux = checked_flux(photographs, pair, ZoneAccount(commune, "insee", rules.read()))
    >>> flux.table["net_artificialised_ha"].tolist(), flux.notes[0].split(" : ")[0]
    ([100.0], 'Contrôle')
    """
    zones, key, cores = account.zones, account.key, account.cores
    stocks = [
        _stock(account, cover, None, f"Surfaces de {layer.name}")
        for layer, cover in zip(photographs.layers, pair.covers, strict=True)
    ]
    if official is not None:
        matrix, names = constants.table("ocsge_artif"), constants.table("ocsge_nomenclature")
        sealed = list(names.loc[names["sealed"] == "1", "code"])
        table = zan.flux_from_diff(official, zones=zones, key=key, matrix=matrix, sealed=sealed, cores=cores)
    else:
        coverage = zan.Coverage(stocks=(stocks[0], stocks[1]))
        progress = account.step("Changements")
        table = zan.flux(
            *pair.covers, zones=zones, key=key, coverage=coverage, cores=cores, progress=progress
        )
    gap_notes = _gap_notes(stocks, table, account) if len(stocks) == 2 else []
    table, rate_notes = _per_year(table, photographs)
    return SoilFlux(stocks, table, [*gap_notes, *rate_notes])


def _stock(account: ZoneAccount, cover: zan.LandCover, detail: str | None, label: str) -> pd.DataFrame:
    """Compute the stock of each zone, or its detail by cover, use or category."""
    zones, key, cores, progress = account.zones, account.key, account.cores, account.step(label)
    if detail:
        return zan.stock_by(zones, cover, key=key, by=CLASSES[detail], cores=cores, progress=progress)
    return zan.stock(zones, cover, key=key, cores=cores, progress=progress)


def _transitions(pair: Covers, account: ZoneAccount, detail: str) -> pd.DataFrame:
    return zan.flux_by(
        *pair.covers,
        zones=account.zones,
        key=account.key,
        by=CLASSES[detail],
        cores=account.cores,
        progress=account.step("Changements"),
    )


def _official(diff: Layer | Path | None, account: ZoneAccount) -> tuple[gpd.GeoDataFrame | None, list[str]]:
    """Read the official difference, and say where the flows come from."""
    if diff is None:
        return None, [vintages.OFFICIAL]
    account.step(f"Lecture de {diff.name}")
    official = layers.read(diff)
    return official, vintages.corrected(account.rule_set, vintages.of_frame(official, diff))


def _gap_notes(stocks: Sequence[pd.DataFrame], table: pd.DataFrame, account: ZoneAccount) -> list[str]:
    """Say where the net flow leaves the difference of the stocks by more than the rules admit."""
    artificial, sealed = (account.rule_set.constants[name].value for name in _TOLERANCES)
    first_stock, last_stock = stocks
    gaps = zan.stock_gaps(
        first_stock,
        last_stock,
        table,
        key=account.key,
        artificial_tolerance_ha=artificial,
        sealed_tolerance_ha=sealed,
    )
    if gaps.empty:
        return [
            "Contrôle : le solde des flux vaut la différence des stocks dans "
            "chaque zone, à la tolérance près."
        ]
    failures = [f"Contrôle non tenu, {row.feature} : {row.message}" for row in gaps.itertuples()]
    if (zones := gaps["feature"].nunique()) > _MOST_GAPS:
        example = failures[0].partition(", ")[2]
        failures = [f"Contrôle non tenu dans {zones} zones, par exemple {example}"]
    return failures + vintages.possible_correction(account.rule_set)


def _per_year(table: pd.DataFrame, photographs: Photographs) -> tuple[pd.DataFrame, list[str]]:
    """Add the yearly rate between the days of two photographs, and say what these days allow."""
    first, last = photographs.date_avant, photographs.date_apres
    if first is None or last is None:
        return table, [
            "Rythme annuel non calculé : --date-avant et --date-apres disent le jour des photographies."
        ]
    if last <= first:
        raise BadOptions("--date-apres doit suivre --date-avant.")
    years = (last - first).days / DAYS_PER_YEAR
    return table.assign(net_artificialised_ha_per_year=table["net_artificialised_ha"] / years), [
        f"Photographies du {first:%d/%m/%Y} et du {last:%d/%m/%Y}, {text.number(years, 2)} ans. Les dates "
        "diffèrent d'un département à l'autre : ne pas additionner."
    ]
