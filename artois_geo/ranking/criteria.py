"""Criteria, weights and vetoes, as a planner writes them."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any, Literal

from artois_geo.errors import BadTable, BadValue, UnknownName
from artois_geo.text import comma

TESTS = {"<": "inférieur à", ">": "supérieur à", "=": "égal à", "≠": "différent de", "vide": "inconnu"}


@dataclass(frozen=True)
class Criterion:
    """A column, the two values worth 0 and 1, and a weight.

    ``worst`` may be above ``best``: a cost. Both are fixed by the planner, with a source,
    never read from the sites at hand.
    """

    column: str
    worst: float
    best: float
    weight: float = 1.0
    label: str = ""
    unit: str = ""
    source: str = ""
    axis: str = ""

    @property
    def name(self) -> str:
        """Return the name that a planner reads."""
        return self.label or self.column


def bound_columns(column: str) -> tuple[tuple[str, str], ...]:
    """Name the columns that may hold the low and high bounds of a column: before its unit, or after its name.

    Examples
    --------
    >>> bound_columns("available_ha")
    (('available_low_ha', 'available_high_ha'), ('available_ha_low', 'available_ha_high'))
    """
    stem, _, unit = column.rpartition("_")
    inside = ((f"{stem}_low_{unit}", f"{stem}_high_{unit}"),) if stem else ()
    return (*inside, (f"{column}_low", f"{column}_high"))


@dataclass(frozen=True)
class Veto:
    """A reason to set a site apart, whatever its score: column, test, value."""

    column: str
    test: Literal["<", ">", "=", "≠", "vide"]
    value: float | str | bool | None = None
    label: str = ""

    @property
    def name(self) -> str:
        """Return the sentence that a planner reads."""
        value = "" if self.value is None else f" {_word(self.value)}"
        return self.label or f"{self.column} {TESTS[self.test]}{value}"


KEYS = {
    "colonne": "column",
    "pire": "worst",
    "meilleur": "best",
    "poids": "weight",
    "libelle": "label",
    "unite": "unit",
    "source": "source",
    "axe": "axis",
}
VETO_KEYS = {"colonne": "column", "test": "test", "valeur": "value", "libelle": "label"}


def read_profile(content: str | Mapping[str, Any]) -> tuple[list[Criterion], list[Veto], dict[str, Any]]:
    """Build the criteria, vetoes and settings of a profile, shipped or already read from TOML.

    Parameters
    ----------
    content
        Name of a shipped profile (``sobriete``), or keys ``critere`` (list of tables: colonne, pire,
        meilleur, poids, libelle, unite, source, axe), ``veto`` (colonne, test, valeur, libelle),
        ``methode`` (``additive`` or ``geometrique``), ``comparaisons`` (rows of an AHP matrix, instead of
        weights), ``titre``, ``note``, ``source``.

    Returns
    -------
    (criteria, vetoes, settings)
        ``settings`` keeps ``methode``, ``comparaisons``, ``titre``, ``note`` and ``source``.

    Raises
    ------
    BadTable, BadValue, UnknownName
        No criterion, a key missing or unknown, bounds that are equal, a negative weight.

    Examples
    --------
    >>> from artois_geo.ranking import read_profile
    >>> criteria, vetoes, settings = read_profile(
    ...     {"critere": [{"colonne": "net_ha", "pire": 0, "meilleur": 20, "poids": 2}]}
    ... )
    >>> criteria[0].best, vetoes, settings["methode"]
    (20.0, [], 'additive')
    >>> len(read_profile("sobriete")[0]) > 1
    True
    """
    if not isinstance(content, str | Mapping):
        raise BadTable(
            f"Un profil est attendu (reçu : {type(content).__name__}).\n"
            'Écrire ranking.read_profile("sobriete"), ou ranking.read_profile(tomllib.loads(texte)).'
        )
    content = _shipped(content) if isinstance(content, str) else content
    allowed_keys = {"critere", "veto", "methode", "comparaisons", "titre", "note", "source"}
    for key in content:
        if key not in allowed_keys:
            raise UnknownName("rubrique", key, allowed_keys)
    criteria = [_criterion(entry, number) for number, entry in enumerate(content.get("critere", []), start=1)]
    if not criteria:
        raise BadTable("Profil sans aucun critère. Écrire au moins une rubrique [[critere]].")
    columns = [criterion.column for criterion in criteria]
    repeated = next((column for column in columns if columns.count(column) > 1), None)
    if repeated:
        raise BadTable(f"La colonne « {repeated} » sert à deux critères. N'en garder qu'un.")
    settings = {key: content.get(key, "") for key in ("titre", "note", "source")}
    settings["methode"] = content.get("methode", "additive")
    if settings["methode"] not in ("additive", "geometrique"):
        raise UnknownName("méthode", str(settings["methode"]), ["additive", "geometrique"])
    settings["comparaisons"] = content.get("comparaisons")
    return criteria, [_veto(entry) for entry in content.get("veto", [])], settings


def _shipped(name: str) -> dict[str, Any]:
    """Read a profile that comes with the library, by its name."""
    folder = files("artois_geo.ranking").joinpath("profiles")
    names = {
        path.name.removesuffix(".toml"): path for path in folder.iterdir() if path.name.endswith(".toml")
    }
    if name not in names:
        raise UnknownName("profil", name, names)
    return tomllib.loads(names[name].read_text(encoding="utf-8"))


def weighted(criteria: Sequence[Criterion], weights: Mapping[str, float]) -> list[Criterion]:
    """Replace the weights of criteria, by column, and scale them to sum to 1.

    Examples
    --------
    >>> from artois_geo.ranking import Criterion, weighted
    >>> two = [Criterion("a", 0, 1), Criterion("b", 0, 1)]
    >>> [criterion.weight for criterion in weighted(two, {"a": 3, "b": 1})]
    [0.75, 0.25]
    """
    for column in weights:
        if column not in {criterion.column for criterion in criteria}:
            raise UnknownName("colonne", column, [criterion.column for criterion in criteria])
    chosen_weights = [float(weights.get(criterion.column, criterion.weight)) for criterion in criteria]
    if min(chosen_weights) < 0 or sum(chosen_weights) <= 0:
        raise BadValue("Poids : des nombres positifs ou nuls, dont un au moins n'est pas nul.")
    return [
        replace(criterion, weight=weight / sum(chosen_weights))
        for criterion, weight in zip(criteria, chosen_weights, strict=True)
    ]


def _word(value: float | str | bool) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return value if isinstance(value, str) else comma(f"{value:.15g}")


def _criterion(entry: Mapping[str, Any], number: int) -> Criterion:
    """Check one ``critere`` table of a profile and build its criterion; errors name its number."""
    for key in entry:
        if key not in KEYS:
            raise UnknownName("clé de critère", key, KEYS)
    for key in ("colonne", "pire", "meilleur"):
        if key not in entry:
            raise BadTable(f"critère n° {number} : « {key} » manque.")
    fields = {KEYS[key]: value for key, value in entry.items()}
    for name in ("worst", "best", "weight"):
        if name in fields:
            try:
                fields[name] = float(fields[name])
            except (TypeError, ValueError) as error:
                raise BadValue(
                    f"critère « {entry['colonne']} » : {fields[name]!r} n'est pas un nombre."
                ) from error
    if fields["worst"] == fields["best"]:
        raise BadValue(f"critère « {entry['colonne']} » : pire et meilleur doivent différer.")
    if fields.get("weight", 1.0) < 0:
        raise BadValue(f"critère « {entry['colonne']} » : un poids ne peut pas être négatif.")
    return Criterion(**fields)


def _veto(entry: Mapping[str, Any]) -> Veto:
    for key in entry:
        if key not in VETO_KEYS:
            raise UnknownName("clé de veto", key, VETO_KEYS)
    fields = {VETO_KEYS[key]: value for key, value in entry.items()}
    if "column" not in fields or fields.get("test") not in TESTS:
        raise BadTable(f"veto : donner « colonne », et « test » parmi {', '.join(TESTS)}.")
    return Veto(**fields)
