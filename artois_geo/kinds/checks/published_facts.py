"""What a standard asks of an inventory, and a published fact cannot give: noted once, never an error.

A row that cites the fact it comes from (``fait``), or whose ``geometrie`` says « schématique », is read by
every analysis; only an export to the standard needs its identifier, its polygon and all its fields.
"""

from collections.abc import Iterable, Iterator

import geopandas as gpd
import numpy as np

from artois_geo import meaning
from artois_geo.formats.findings import Finding
from artois_geo.kinds.schema import Schema
from artois_geo.text import counted

FACT = "fait"
RULE = "hors du standard"
_READ = "lu par les analyses, refusé par un export au standard"
ASKED_BY_THE_STANDARD = frozenset({"champ absent", "valeur absente"})
ASKED_OF_SHAPES = frozenset({"géométrie absente", "type de géométrie"})


def beside_the_standard(
    features: gpd.GeoDataFrame, schema: Schema, findings: Iterable[Finding]
) -> Iterator[Finding]:
    """Gather what the standard alone asks of published facts in one note per field and rule.

    Parameters
    ----------
    features
        Layer that was checked.
    schema
        Its kind; one without extra fields changes nothing.
    findings
        What was found, rows numbered from 1.

    Examples
    --------
    >>> from artois_geo import example
    >>> from artois_geo.kinds.schema import read_kind
    >>> site = example.point(x_km=0, y_km=0, site_id="port", fait="sites.csv, ligne 2")
    >>> wrong = Finding(1, "geometry", "type de géométrie", "erreur", "Point", "type attendu : Polygon")
    >>> [finding.level for finding in beside_the_standard(site, read_kind("site_eco"), [wrong])]
    ['note']
    """
    is_fact = _facts(features)
    if not is_fact.any() or len(schema.standard_fields) == len(schema.fields):
        yield from findings
        return
    absent, gathered = list[str](), dict[tuple[str, str], int]()
    for finding in findings:
        of_facts = is_fact.all() if finding.feature is None else is_fact[finding.feature - 1]
        if not of_facts or not _is_of_the_standard(finding, schema):
            yield finding
        elif finding.feature is None:
            absent.append(finding.field)
        else:
            gathered[finding.field, finding.rule] = gathered.get((finding.field, finding.rule), 0) + 1
    if absent:
        message = f"{counted(len(absent), 'champ')} du standard sans colonne : {_READ}"
        yield Finding(None, "", RULE, "note", ", ".join(absent), message)
    for (name, rule), count in gathered.items():
        yield Finding(None, name, RULE, "note", "", f"{rule} ({counted(count, 'objet')}) : {_READ}")


def _facts(features: gpd.GeoDataFrame) -> np.ndarray:
    cited = np.zeros(len(features), dtype=bool)
    if FACT in features:
        cited = np.array([not meaning.is_missing(value) for value in features[FACT]], dtype=bool)
    return cited | meaning.schematic(features)


def _is_of_the_standard(finding: Finding, schema: Schema) -> bool:
    if finding.rule in ASKED_OF_SHAPES:
        return True
    field = schema.field(finding.field)
    if field is None or field.extra:
        return False
    return finding.rule in ASKED_BY_THE_STANDARD or (
        finding.rule == "format" and (field.name == schema.key or field.name == "site_id")
    )
