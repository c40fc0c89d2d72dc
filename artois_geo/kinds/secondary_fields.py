"""A wrong value of a secondary field costs the value, never the object: a finding keeps it."""

from collections.abc import Iterable
from dataclasses import replace

import geopandas as gpd

from artois_geo.formats.findings import Finding
from artois_geo.formats.raw_table import series
from artois_geo.kinds.schema import Schema
from artois_geo.meaning import is_null

RULE = "valeur retirée"
_FAULTS_OF_A_VALUE = frozenset({"type", "liste de valeurs", "format", "minimum", "maximum", "nombre infini"})


def without_faults(
    frame: gpd.GeoDataFrame, schema: Schema, findings: Iterable[Finding], *, mandatory: bool = False
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Remove the wrong values of fields that are neither the key, nor unique.

    A mandatory field loses a value outside its list, to be completed; another fault in it stays an error.

    Parameters
    ----------
    frame
        Features of a delivery, one row per feature of the file.
    schema
        Kind of the layer; a column outside it is secondary too.
    findings
        What was found in the frame, numbered from 1.
    mandatory
        Blank any wrong value of a mandatory field as well.

    Returns
    -------
    tuple
        The features, and the findings: the error of each blanked value is an alert under
        :data:`RULE` that keeps the value as it was delivered.

    Examples
    --------
    >>> from artois_geo import example
    >>> from artois_geo.layers import read_kind
    >>> friche = example.point(x_km=0, y_km=0, proprio_type="G1a X1a")
    >>> fault = Finding(1, "proprio_type", "format", "erreur", "G1a X1a", "ne suit pas la forme attendue")
    >>> blanked, findings = without_faults(friche, read_kind("friche"), [fault])
    >>> blanked["proprio_type"].tolist(), findings[0].level, findings[0].found
    ([None], 'alerte', 'G1a X1a')
    """
    columns: dict[str, list[object]] = {}
    revised: list[Finding] = []
    for finding in findings:
        if not _costs_a_value_only(finding, schema, mandatory) or finding.field not in frame.columns:
            revised.append(finding)
            continue
        cells = columns.setdefault(finding.field, frame[finding.field].tolist())
        cells[(finding.feature or 0) - 1] = None
        field = schema.field(finding.field)
        lacking = ", champ obligatoire à compléter" if field is not None and field.required else ""
        message = f"{finding.message} ; valeur retirée, l'objet est gardé{lacking}"
        revised.append(replace(finding, rule=RULE, level="alerte", message=message))
    if not columns:
        return frame, revised
    blanked = frame.assign(
        **{
            name: series([None if is_null(cell) else cell for cell in cells], frame.index)
            for name, cells in columns.items()
        }
    )
    blanked.attrs = dict(frame.attrs)
    return blanked, revised


def _costs_a_value_only(finding: Finding, schema: Schema, mandatory: bool) -> bool:
    if finding.level != "erreur" or finding.feature is None or finding.rule not in _FAULTS_OF_A_VALUE:
        return False
    field = schema.field(finding.field)
    if field is None:
        return True
    # a value cut at its comma shifts the columns after it: the whole row is in doubt
    is_outside_list = finding.rule == "liste de valeurs" and not field.is_cut(finding.found)
    is_bound = field.required and not mandatory and not is_outside_list
    return not (field.unique or field.name == schema.key or is_bound)
