"""The map of what can still be built on land units, the largest remainders first."""

import geopandas as gpd
import pandas as pd

from artois_geo import meaning
from artois_geo.maps import Amount, Step
from artois_geo.maps.results.records import START
from artois_geo.studies.result_map import ResultLayer, ResultMap
from artois_geo.studies.results import places, words
from artois_geo.studies.study_table import StudyTable

READINGS = ("theoretical", "mobilisable")  # of the same ground, never added


def densified_map(study_table: StudyTable) -> ResultMap:
    """Draw the remainders of land units; two readings of the same ground, never added.

    Parameters
    ----------
    study_table
        From :func:`artois_geo.studies.land.densification.study`, one row by unit: owners are not shown.

    Examples
    --------
    >>> from artois_geo import example
    >>> figures = {"theoretical_ha": 1.0, "mobilisable_ha": 0.5}
    >>> unit = example.square(x_km=0, y_km=0, side_km=0.1, unit_id="A", **figures)
    >>> densified_map(StudyTable(unit)).title["fr"]
    '1 unité foncière avec un reliquat : 1,0 ha théoriques, 0,5 ha mobilisables'
    """
    units = gpd.GeoDataFrame(study_table.table)
    units = units[units["theoretical_ha"] > 0]
    totals = {name: words.hectares(float(units[f"{name}_ha"].sum()), 1) for name in READINGS}
    frame = places.named(units, names=units["unit_id"].astype(str))
    amounts = [_amount(row) for _, row in units.iterrows()]
    layer = ResultLayer(frame, "foncier_libre", words.phrase("densified.layer", **totals), amounts)
    return ResultMap(
        [layer],
        words.phrase(f"densified.title{'_one' if len(units) == 1 else ''}", n=len(units), **totals),
        words.phrase("densified.subtitle"),
        study_table.sources,
        convention=words.joined([words.phrase("area.convention"), words.phrase("densified.convention")]),
        notes=list(study_table.notes),
    )


def _amount(row: pd.Series) -> Amount:
    """Write both readings of a unit; what is not known is said unknown."""
    texts = {name: words.hectares(float(row[f"{name}_ha"])) for name in READINGS}
    steps = [Step(words.phrase(f"densified.{name}"), text, START) for name, text in texts.items()]
    state = row.get("state")
    if not meaning.is_null(state):
        steps.append(Step(words.phrase("densified.state"), words.same(str(state)), START))
    return Amount(texts[READINGS[0]], order=float(row["theoretical_ha"]), steps=steps)
