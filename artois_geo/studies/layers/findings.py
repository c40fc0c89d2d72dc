"""What is wrong with a file: its structure, then its layer against a kind."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from artois_geo import layers
from artois_geo.formats.findings import LEVELS
from artois_geo.kinds import readable_findings
from artois_geo.kinds.names.current_names import with_current_names
from artois_geo.layers.reading import with_renamings
from artois_geo.studies import StudyTable
from artois_geo.studies.layers import identity
from artois_geo.studies.layers.requests import ValidationRequest
from artois_geo.tables.layer_labels import LABELS
from artois_geo.text import counted

if TYPE_CHECKING:
    from artois_geo.layers import Layer

ERROR = "erreur"
BRIEF = ["level", "field", "feature", "message", "found", "rule"]


@dataclass(frozen=True)
class Validation:
    """Hold the findings of a file, and the table that says them."""

    findings: pd.DataFrame
    study_table: StudyTable

    @property
    def has_errors(self) -> bool:
        """Tell whether a finding is an error."""
        return bool((self.findings["level"] == ERROR).any())


def study(source: "Layer | Path", request: ValidationRequest, folder: Path | None = None) -> Validation:
    """List the findings of a file, the gravest first.

    Parameters
    ----------
    source
        Layer of a catalogue or file of any format.
    request
        Kind expected, territory, layer of the file, encoding.
    folder
        Folder of data, whose outlines of communes are used where the request gives none.

    Raises
    ------
    UnreadableFile, UnknownName
        A file, a layer or a kind that cannot be read.

    Examples
    --------
    >>> source = layers.read_catalogue()["communes_schema"]
    >>> study(source, ValidationRequest()).has_errors
    False
    """
    path = source if isinstance(source, Path) else source.path
    kind = request.kind or getattr(source, "kind", "") or None
    territory = None if request.territory is None else layers.read(request.territory)
    communes = None if request.communes is None else layers.read(request.communes)
    place_checks = identity.checks(folder, communes, request.commune_m, request.position_m)
    features, structure = layers.read_any(path, layer=request.source_layer, encoding=request.encoding)
    features, renamings = with_current_names(features, kind)
    structure = with_renamings(structure, renamings)
    findings = _merged(structure, layers.validate(features, kind, territory=territory, identity=place_checks))
    condensed = readable_findings.condensed(findings.to_dict("records"))
    study_table = StudyTable(
        layers.summarise(findings) if request.summary else findings,
        title=f"Vérification de {path.name}",
        notes=[_verdict(path, kind, len(features), findings)],
        labels=LABELS,
        brief=None if request.summary else pd.DataFrame(condensed, columns=BRIEF),
    )
    return Validation(findings, study_table)


def _merged(structure: pd.DataFrame, rules: pd.DataFrame) -> pd.DataFrame:
    """Join the findings of a file and of its layer, gravest first; a shape not read is not also absent."""
    unread = structure.loc[structure["level"] == ERROR, "feature"].dropna()
    absent = (rules["rule"] == "géométrie absente") & rules["feature"].isin(unread)
    findings = pd.concat([structure, rules[~absent]], ignore_index=True)
    ordered = readable_findings.gravest_first(findings.to_dict("records"))
    return pd.DataFrame(ordered, columns=findings.columns).astype({"feature": "Int64"})


def _verdict(path: Path, kind: str | None, count: int, findings: pd.DataFrame) -> str:
    levels = findings["level"].value_counts()
    counts = ", ".join(counted(number, level) for level in LEVELS if (number := int(levels.get(level, 0))))
    against = f"type {kind}" if kind else "sans type : géométrie et valeurs seulement"
    return f"{path.name}, {counted(count, 'objet')}, {against} : {counts or 'rien à signaler'}."
