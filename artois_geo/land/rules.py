"""The table of constraints that a planner writes: ``contraintes.toml``, or the same as CSV or JSON.

::

    [options]
    combinaison = "min"            # ou "produit"
    piece_min_ha = 0.1
    largeur_min_m = 20

    [seulement]                    # facultatif : hors de là, rien n'est disponible
    couche = "zonage.geojson"
    filtre = { typezone = ["U", "AUc"] }

    [[contrainte]]
    nom = "Zone inondable"
    couche = "ppri.geojson"
    filtre = { zone = ["rouge"] }
    recul_m = 0
    part_conservee = 0.0           # 0 : exclu ; 0.5 : compte pour moitié
    couverture = "ppri_perimetre.geojson"
    ne_coupe_pas = false           # true : les morceaux de part et d'autre comptent ensemble
    hors_de = ["espaces_urbanises.gpkg"]  # sol où la contrainte ne s'applique pas
    sans_objet = ""                # un motif : la contrainte n'est pas appliquée, les notes le disent
    article = "L.562-1 du code de l'environnement"
    source = "PPRI de la Lawe, 2021"
"""

import csv
import io
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from artois_geo import meaning
from artois_geo.errors import BadTable, BadValue, UnknownName, UnreadableFile, toml_place, why
from artois_geo.shapes import PieceDemands
from artois_geo.text import decimal_point, share

Where = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Selection:
    """Features of a layer: all of them, or those whose columns hold one of the values."""

    layer: str
    where: Where = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """One constraint: which features, how far around them, what share of the ground still counts.

    Parameters
    ----------
    name, layer, where
        Its name, the layer that draws it, and which of its features.
    setback_m, setback_column
        Metres around each feature; or the column of the layer that holds them, null for none.
    kept_share
        Part of the ground (0 to 1) that counts under the constraint.
    coverage
        Layer of where somebody looked: elsewhere the ground is unknown.
    bridged
        Whether the pieces on both sides count together: the constraint takes ground and splits nothing.
    outside
        Layers whose polygons the constraint, setback included, does not concern.
    waived
        Why the constraint is not applied; empty where it is.
    expected
        What the layer should draw, for whoever looks for it.
    article, certainty, source
        Text that founds it, how sure that is, and where its features come from.
    """

    name: str
    layer: str
    where: Where = field(default_factory=dict)
    setback_m: float = 0.0
    kept_share: float = 0.0
    coverage: str = ""
    source: str = ""
    setback_column: str = ""
    bridged: bool = False
    outside: tuple[str, ...] = ()
    waived: str = ""
    expected: str = ""
    article: str = ""
    certainty: str = ""


@dataclass(frozen=True)
class Options:
    """Everything else a run depends on; ``absent_unknown``: a layer that is not there is unknown ground."""

    combine: str = "min"
    absent_unknown: bool = False
    min_piece_ha: float = 0.0
    min_width_m: float = 0.0
    min_compactness: float = 0.0
    min_circle_m: float = 0.0
    min_rectangle_m: tuple[float, float] | None = None
    max_road_m: float = 0.0
    min_frontage_m: float = 0.0
    only_where: Selection | None = None
    force_keep: Selection | None = None
    roads: Selection | None = None

    @property
    def pieces(self) -> PieceDemands:
        """Return the demands on the pieces that remain."""
        return PieceDemands(**{demand.name: getattr(self, demand.name) for demand in fields(PieceDemands)})


RULE_KEYS = {
    "nom": "name",
    "couche": "layer",
    "filtre": "where",
    "recul_m": "setback_m",
    "part_conservee": "kept_share",
    "couverture": "coverage",
    "source": "source",
    "recul_colonne": "setback_column",
    "ne_coupe_pas": "bridged",
    "hors_de": "outside",
    "sans_objet": "waived",
    "type": "expected",
    "article": "article",
    "certitude": "certainty",
}
OPTION_KEYS = {
    "combinaison": "combine",
    "couche_absente": "absent_unknown",
    "piece_min_ha": "min_piece_ha",
    "largeur_min_m": "min_width_m",
    "compacite_min": "min_compactness",
    "cercle_min_m": "min_circle_m",
    "rectangle_min_m": "min_rectangle_m",
    "voie_max_m": "max_road_m",
    "facade_min_m": "min_frontage_m",
}
SELECTION_KEYS = {"seulement": "only_where", "garder": "force_keep", "voies": "roads"}
COMBINE = {"min": "min", "produit": "product"}
ABSENT = {"refuser": False, "inconnu": True}
HEADINGS = {  # heading of a spreadsheet, folded -> key
    "contrainte": "nom",
    "recul": "recul_m",
    "part conservee": "part_conservee",
    "ne coupe pas": "ne_coupe_pas",
    "hors de": "hors_de",
    "sans objet": "sans_objet",
    "colonne du recul": "recul_colonne",
}


def read_rules(text: str, *, form: str = "toml") -> tuple[list[Rule], Options]:
    """Read the constraints and options that a planner wrote, or that the output of an earlier run holds.

    Parameters
    ----------
    text
        The content of the file.
    form
        ``"toml"``; ``"csv"`` (the keys of TOML, or headings as « Contrainte », « Recul (m) », « Part
        conservée »; the filter as ``zone=rouge|bleu``, several layers as ``a.gpkg|b.gpkg``);
        ``"json"``: rules as :func:`as_record` gives them, alone or under the key ``regles`` of an output.

    Raises
    ------
    UnreadableFile
        Not the announced format.
    UnknownName
        An unknown key; the message offers the nearest ones.
    BadTable, BadValue
        No constraint, a name used twice, a number that is not one or makes no sense.

    Examples
    --------
    >>> from artois_geo.land import read_rules
    >>> rules, options = read_rules('''
    ... [options]
    ... largeur_min_m = 20
    ... [[contrainte]]
    ... nom = "Ligne électrique"
    ... couche = "lignes.geojson"
    ... recul_m = 50
    ... ''')
    >>> rules[0].setback_m, options.min_width_m
    (50.0, 20.0)
    """
    try:
        content = _content(text, form)
    except (ValueError, csv.Error) as error:
        fault = toml_place(error, text) if form == "toml" else why(error)
        raise UnreadableFile(f"Table de contraintes illisible ({form}) : {fault}.") from error
    unknown_sections = set(content) - {"contrainte", "options", *SELECTION_KEYS}
    if unknown_sections:
        raise UnknownName("rubrique", sorted(unknown_sections)[0], ["contrainte", "options", *SELECTION_KEYS])
    rules = [_rule(entry, number) for number, entry in enumerate(content.get("contrainte", []), start=1)]
    if not rules:
        raise BadTable(
            "Table de contraintes sans aucune contrainte. Écrire au moins une rubrique [[contrainte]]."
        )
    names = [rule.name for rule in rules]
    repeated_name = next((name for name in names if names.count(name) > 1), None)
    if repeated_name is not None:
        raise BadTable(f"Deux contraintes s'appellent « {repeated_name} ». Donner à chacune son nom.")
    return rules, _options(content)


def as_record(rules: Sequence[Rule], options: Options) -> dict[str, Any]:
    """Convert rules and options to plain values, to save with the result: ``read_rules`` reads them back.

    Examples
    --------
    >>> import json
    >>> from artois_geo.land import Options, Rule, as_record, read_rules
    >>> rules = [Rule("Terril", "terrils.geojson", setback_m=30.0)]
    >>> read_rules(json.dumps(as_record(rules, Options())), form="json") == (rules, Options())
    True
    """
    default_rule, default_options = Rule("", ""), Options()
    entries = [
        {
            key: _plain(getattr(rule, name))
            for key, name in RULE_KEYS.items()
            if getattr(rule, name) != getattr(default_rule, name)
        }
        for rule in rules
    ]
    record: dict[str, Any] = {
        "options": {
            key: _plain(getattr(options, name))
            for key, name in OPTION_KEYS.items()
            if getattr(options, name) != getattr(default_options, name)
        }
    }
    if "combinaison" in record["options"]:
        record["options"]["combinaison"] = "produit"
    if "couche_absente" in record["options"]:
        record["options"]["couche_absente"] = "inconnu"
    for key, name in SELECTION_KEYS.items():
        selection = getattr(options, name)
        if selection is not None:
            record[key] = {"couche": selection.layer, "filtre": _plain(selection.where)}
    return record | {"contrainte": entries}


def _content(text: str, form: str) -> dict[str, Any]:
    """Parse a table of constraints into its sections, as TOML names them."""
    if form == "toml":
        return tomllib.loads(text)
    if form == "json":
        content = json.loads(text)
        if not isinstance(content, dict):
            raise ValueError("un objet JSON est attendu")
        return content.get("regles", content)
    if form == "csv":
        lines = text.lstrip("\ufeff")
        separator = ";" if ";" in lines.partition("\n")[0] else ","
        rows = csv.DictReader(io.StringIO(lines), delimiter=separator, strict=True)
        return {"contrainte": [_csv_entry(row) for row in rows]}
    raise UnknownName("format", form, ["toml", "csv", "json"])


def _csv_entry(row: dict[str, str]) -> dict[str, Any]:
    """Convert a line of CSV to the constraint that TOML would give: points in numbers, a parsed filter."""
    entry: dict[str, Any] = {
        rule_key(heading): value.strip()
        for heading, value in row.items()
        if heading and value and value.strip()
    }
    if "recul_m" in entry:
        entry["recul_m"] = decimal_point(entry["recul_m"])
    if "part_conservee" in entry:
        kept_share = share(entry["part_conservee"])
        entry["part_conservee"] = entry["part_conservee"] if kept_share is None else kept_share
    if "ne_coupe_pas" in entry:
        entry["ne_coupe_pas"] = meaning.is_true(entry["ne_coupe_pas"])
    if "hors_de" in entry:
        entry["hors_de"] = [layer.strip() for layer in entry["hors_de"].split("|")]
    if "filtre" in entry:
        clauses = [clause.partition("=") for clause in entry["filtre"].split("&")]
        entry["filtre"] = {column.strip(): values.split("|") for column, _, values in clauses}
    return entry


def rule_key(heading: str) -> str:
    """Return the key that a heading of a spreadsheet stands for; what is unknown stays as it is.

    Examples
    --------
    >>> from artois_geo.land import rule_key
    >>> rule_key("Recul (m)"), rule_key("Part conservée"), rule_key("piste")
    ('recul_m', 'part_conservee', 'piste')
    """
    words = meaning.words(heading.partition("(")[0])
    key = HEADINGS.get(words, words.replace(" ", "_"))
    return key if key in RULE_KEYS else heading.strip()


def _rule(entry: Mapping[str, Any], number: int) -> Rule:
    """Check one constraint and build its rule; the messages name it by number and name."""
    subject = f"contrainte n° {number}" + (f" (« {entry['nom']} »)" if "nom" in entry else "")
    fields = _renamed(entry, RULE_KEYS)
    for key, name in (("nom", "name"), ("couche", "layer")):
        if name == "layer" and fields.get("waived"):
            continue
        if not fields.get(name):
            raise BadTable(f"{subject} : « {key} » manque.")
    fields["where"] = _where(fields.get("where", {}), subject)
    for key, name in (("recul_m", "setback_m"), ("part_conservee", "kept_share")):
        fields[name] = _number(fields.get(name, 0.0), key, subject)
    if not isinstance(fields.get("bridged", False), bool):
        raise BadValue(f"{subject} : ne_coupe_pas s'écrit true ou false.")
    outside = fields.pop("outside", [])
    layers = [outside] if isinstance(outside, str) else list(outside)
    fields = {"layer": ""} | fields | {"outside": tuple(str(layer) for layer in layers)}
    if not 0 <= fields["kept_share"] <= 1:
        raise BadValue(
            f"{subject} : part_conservee doit être entre 0 et 1 (trouvé : {fields['kept_share']:g})."
        )
    return Rule(**fields)


def _options(content: Mapping[str, Any]) -> Options:
    """Check the options and the selections of layers, and build the record of them."""
    fields = _renamed(content.get("options", {}), OPTION_KEYS)
    for key, name in OPTION_KEYS.items():
        if name not in fields or name in ("combine", "min_rectangle_m", "absent_unknown"):
            continue
        fields[name] = _number(fields[name], key, "options")
    if "combine" in fields:
        if fields["combine"] not in COMBINE:
            raise UnknownName("mode de combinaison", str(fields["combine"]), COMBINE)
        fields["combine"] = COMBINE[fields["combine"]]
    if "absent_unknown" in fields:
        if fields["absent_unknown"] not in ABSENT:
            raise UnknownName("conduite devant une couche absente", str(fields["absent_unknown"]), ABSENT)
        fields["absent_unknown"] = ABSENT[fields["absent_unknown"]]
    if "min_rectangle_m" in fields:
        sides = fields["min_rectangle_m"]
        if not isinstance(sides, list) or len(sides) != 2:
            raise BadValue("options : rectangle_min_m attend [longueur, largeur] en mètres.")
        fields["min_rectangle_m"] = tuple(_number(side, "rectangle_min_m", "options") for side in sides)
    for key, name in SELECTION_KEYS.items():
        if key in content:
            entry = _renamed(content[key], {"couche": "layer", "filtre": "where"})
            if not entry.get("layer"):
                raise BadTable(f"[{key}] : « couche » manque.")
            fields[name] = Selection(entry["layer"], _where(entry.get("where", {}), key))
    return Options(**fields)


def _renamed(entry: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, Any]:
    for key in entry:
        if key not in keys:
            raise UnknownName("clé", key, keys)
    return {keys[key]: value for key, value in entry.items()}


def _where(column_values: Any, subject: str) -> dict[str, list[str]]:
    if not isinstance(column_values, Mapping):
        raise BadValue(f'{subject} : filtre attend {{ colonne = ["valeur"] }}.')
    return {
        str(column): [str(value) for value in (values if isinstance(values, list) else [values])]
        for column, values in column_values.items()
    }


def _number(value: Any, key: str, subject: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if not 0 <= number < float("inf"):
        raise BadValue(f"{subject} : {key} doit être un nombre positif ou nul (trouvé : {value!r}).")
    return number


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return {key: list(values) for key, values in value.items()} if isinstance(value, Mapping) else value
