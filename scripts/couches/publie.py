"""What the facts publish about the service of a site: quay, distances, bank; each with its words.

A published value wins over a computed one. Nothing is worked out here: a value stands in the words of
the facts, and the column ``…_source`` quotes them.
"""

import re

from couches.lecture import Fact, plain_text

Row = dict[str, object]

# Rules on the words, folded (small letters, no accent). The first number is the one that is kept: « 450 m
# (330 + 120) ou 550 m selon les sources » gives 450, and the quotation shows the rest.
_QUAY = re.compile(r"\bquais? (\d[\d ]*) m\b|\b(\d[\d ]*) m de quais?\b|\bquais?_m=(\d+)")
_JUNCTION = re.compile(r"\bechangeurs?\b[^;]*? a (\d[\d ]*(?:,\d+)?) (m|km)\b")
_WATER = re.compile(
    r"\b(?:canal|deule|lys|rivage|voie d'eau)\b[^;]*? a (\d[\d ]*(?:,\d+)?) (m|km)\b"
    r"|\ba (\d[\d ]*(?:,\d+)?) (m|km) (?:du canal|de la deule|de la lys|de la voie d'eau)\b"
)
_BANK = re.compile(
    r"\bau bord (?:du canal|de la deule|de la lys|de l'eau)\b|\bborde\b[^;]*\bcanal\b|\bm de quais?\b"
)
_PORT = re.compile(r"^port (?:fluvial )?de\b")
PORT_TYPES = ("port fluvial", "quai", "terminal rail-route-fluvial")
NOT_BUILT = ("a l'etude", "en projet", "en construction")


def columns(row: Fact) -> Row:
    """The published columns of a site or of a logistic object; null where the facts are silent."""
    quay, quay_words = _number(row, _QUAY)
    junction, junction_words = _number(row, _JUNCTION)
    water, water_words = _number(row, _WATER)
    bank_words = _bank(row)
    return {
        "quai_publie_m": quay,
        "quai_publie_source": _quoted(row, quay_words),
        "dist_echangeur_publiee_m": junction,
        "dist_echangeur_publiee_source": _quoted(row, junction_words),
        "dist_eau_publiee_m": water,
        "dist_eau_publiee_source": _quoted(row, water_words),
        "bord_eau_publie": True if bank_words else None,
        "bord_eau_publie_source": _quoted(row, bank_words),
    }


def _statements(row: Fact) -> list[tuple[str, str]]:
    """What the facts say of the object: the column, and one statement of it at a time."""
    statements = row.get("note") or row.get("attributs") or ""
    column = "note" if "note" in row else "attributs"
    return [(column, part.strip()) for part in re.split(r" ?; ?", statements) if part.strip()]


def _number(row: Fact, rule: re.Pattern[str]) -> tuple[int | None, tuple[str, str] | None]:
    for column, statement in _statements(row):
        if match := rule.search(plain_text(statement)):
            value, *unit = [group for group in match.groups() if group]
            metres = float(value.replace(" ", "").replace(",", ".")) * (1000 if unit == ["km"] else 1)
            return round(metres), (column, statement)
    return None, None


def _bank(row: Fact) -> tuple[str, str] | None:
    """The words that put an object on the bank, or make it a port; a quay only studied is neither."""
    if plain_text(row["etat"]) in NOT_BUILT:
        return None
    for column, statement in _statements(row):
        if _BANK.search(plain_text(statement)):
            return column, statement
    if _PORT.search(plain_text(row["nom"])):
        return "nom", row["nom"]
    if row.get("vocation") == "portuaire":
        return "vocation", row["vocation"]
    return ("type", row["type"]) if row.get("type") in PORT_TYPES else None


def _quoted(row: Fact, words: tuple[str, str] | None) -> str | None:
    return f"{words[0]} : « {words[1]} » — {row['source']}" if words else None
