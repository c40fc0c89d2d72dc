"""The fields of one offer, in the order of ``records.FIELDS``: only what a source publishes."""

import re
from collections.abc import Mapping
from typing import Any

from artois_geo import languages, meaning
from artois_geo.showcase import writing
from artois_geo.showcase.records import Fact

STATES = {  # folded values of dispo_statut
    "offert": "offered",
    "mutable": "released",
    "commercialisable a l'origine": "remaining",
    "urbanisable": "planned",
    "parcelles annoncees": "announced",
    "reserve": "reserved",
    "vendu": "sold",
    "non commercialise": "unmarketed",
    "non commercialisable": "unmarketed",
}
MODES = {"vente": "for_sale", "bail": "lease", "location": "lease", "occupation temporaire": "temporary"}
STAGE_FOR_SALE = "en vente"
NETWORKS = {"reseau_gaz": "gas", "reseau_fibre_optique": "fibre", "reseau_eau_potable": "water"}
POWER = "puissance_elec_mw"
_CITED = re.compile(r"[^«]*«\s*(?P<quote>.*?)\s*»\s*—\s*(?P<source>.*)", re.DOTALL)

Row = Mapping[str, Any]


def facts(row: Row, lang: str, built_ha: float = 0.0) -> tuple[Fact, ...]:
    """List what is published of an offer, in the order of the fields.

    Parameters
    ----------
    row
        Plot with the columns of its site.
    lang
        Language of the texts.
    built_ha
        Hectares of its site built since the offer was published.

    Examples
    --------
    >>> row = {"terr_surf_brute": 50, "dispo_statut": "commercialisable à l'origine", "date_info": "2018"}
    >>> [fact.text for fact in facts(row, "fr", built_ha=24)]
    ['50\\xa0ha à l’ouverture (2018), dont 24\\xa0ha bâtis depuis', 'Reste à vendre\\xa0: à confirmer']
    """
    candidates = (
        _surface(row, lang, built_ha),
        _state(row, lang),
        _price(row, lang),
        _access(row, lang),
        _networks(row, lang),
        _calendar(row, lang),
        _contact(row, lang),
    )
    return tuple(fact for fact in candidates if fact is not None)


def status(row: Row) -> str:
    """Return the state of an offer as a key of the words (``states``).

    Examples
    --------
    >>> status({"dispo_statut": "offert", "dispo_mode": "occupation temporaire"}), status({})
    ('temporary', 'unknown')
    """
    state = STATES.get(meaning.fold(plain(row, "dispo_statut")), "unknown")
    if state != "offered":
        return state
    if mode := MODES.get(meaning.fold(plain(row, "dispo_mode"))):
        return mode
    stage = meaning.fold(plain(row, "terr_stade_comm"))
    return "for_sale" if stage.startswith(STAGE_FOR_SALE) else state


def number(row: Row, column: str) -> float | None:
    """Read a number of a row; None where there is none or it is negative.

    Examples
    --------
    >>> number({"prix_m2": 45}, "prix_m2"), number({"prix_m2": "sur demande"}, "prix_m2")
    (45.0, None)
    """
    value = row.get(column)
    if meaning.is_missing(value) or isinstance(value, bool):
        return None
    try:
        quantity = float(str(value))
    except ValueError:
        return None
    return quantity if 0 <= quantity < float("inf") else None


def short_surface(row: Row, lang: str, built_ha: float = 0.0) -> str:
    """Say what the hectares of an offer are: of the opening, out of how many; empty where nothing is to say.

    Examples
    --------
    >>> short_surface({"terr_surf_brute": 29, "site_surf_brute": 120, "dispo_statut": "urbanisable"}, "fr")
    'urbanisables sur 120\\xa0ha'
    """
    hectares, site_ha = number(row, "terr_surf_brute"), number(row, "site_surf_brute")
    if hectares is None:
        return _published(row, "lots_publies", lang)
    state, year = status(row), plain(row, "date_info")[:4]
    if state == "remaining":
        origin = "surface.origin_year" if year else "surface.origin"
        parts = [writing.phrase(lang, origin, year=year)]
        if built_ha:
            parts.append(writing.phrase(lang, "surface.built", ha=writing.number(built_ha, lang)))
        return ", ".join(parts)
    if lots := _published(row, "lots_publies", lang):
        return lots
    parts = [writing.phrase(lang, "surface.urbanisable")] if state == "planned" else []
    if site_ha is not None and site_ha > hectares:
        parts.append(writing.phrase(lang, "surface.of_site", ha=writing.number(site_ha, lang)))
    return " ".join(parts)


def missing(row: Row, published: tuple[Fact, ...]) -> tuple[str, ...]:
    """List, as keys of the words, what was looked for and is not published.

    Examples
    --------
    >>> missing({"dispo_statut": "offert", "prix_m2": 30, "reseau_gaz": "oui"}, ())
    ('surface', 'access', 'power', 'fibre', 'water', 'calendar', 'phone')
    """
    state, fields = status(row), {fact.field for fact in published}
    absent = [] if number(row, "terr_surf_brute") else ["surface"]
    if number(row, "prix_m2") is None:
        absent.append("fee" if state == "temporary" else "price")
    if state == "remaining":
        absent.append("remaining")
    absent += [] if "access" in fields else ["access"]
    absent += [] if number(row, POWER) else ["power"]
    absent += [
        key for column, key in NETWORKS.items() if meaning.truth(row.get(column), letters=True) is None
    ]
    absent += [] if "calendar" in fields else ["calendar"]
    if meaning.fold(plain(row, "site_vocadomi")) == "portuaire" and not number(row, "quai_publie_m"):
        absent.append("quay")
    if not (plain(row, "contact_tel") or plain(row, "contact_mail")):
        absent.append("phone")
    return tuple(absent)


def whom(row: Row) -> str:
    """Name whom to ask: the contact that the layer gives, else the operator, an EPCI by its name.

    Examples
    --------
    >>> whom({"contact_nom": None, "site_moa_nom": "CALL / Ports de Lille", "epci_sigle": "CALL",
    ...     "site_epci_nom": "CA de Lens - Liévin"})
    'CA de Lens - Liévin, Ports de Lille'
    """
    return plain(row, "contact_nom") or _operator(row)


def _operator(row: Row) -> str:
    acronym, name = plain(row, "epci_sigle"), plain(row, "site_epci_nom")
    parts = (part.strip() for part in plain(row, "site_moa_nom").split(" / "))
    return ", ".join(name if name and part == acronym else part for part in parts)


def _surface(row: Row, lang: str, built_ha: float) -> Fact | None:
    hectares, rest = number(row, "terr_surf_brute"), short_surface(row, lang, built_ha)
    if hectares is None and not rest:
        return None
    area = (
        writing.phrase(lang, "surface.unpublished") if hectares is None else writing.hectares(hectares, lang)
    )
    comma = ", " if _published(row, "lots_publies", lang) else " "
    sentence = comma.join(part for part in (area, rest) if part)
    return _fact("surface", sentence, row, ("terr_surf_brute",), quote=plain(row, "dispo_source_texte"))


def _state(row: Row, lang: str) -> Fact | None:
    if not plain(row, "dispo_statut"):
        return None
    state = status(row)
    is_known = state != "unknown"
    sentence = writing.phrase(lang, f"states.{state}") if is_known else _published(row, "dispo_statut", lang)
    return _fact("state", sentence, row, ("dispo_statut",), quote=plain(row, "dispo_source_texte"))


def _price(row: Row, lang: str) -> Fact | None:
    price = number(row, "prix_m2")
    if price is None:
        return None
    sentence = writing.phrase(lang, "facts.price", n=writing.number(price, lang, decimals=2))
    return _fact("price", sentence, row, ("prix_m2",))


def _access(row: Row, lang: str) -> Fact | None:
    """Tell the access in the words published; else the distances, the bank and the quay published."""
    columns = ("acces_publie", "dist_echangeur_publiee", "dist_eau_publiee", "bord_eau_publie", "quai_publie")
    if words := _published(row, "acces_publie", lang):
        return _fact("access", writing.capital(words), row, columns[:2])
    parts = []
    for column, key in (("dist_echangeur_publiee_m", "junction"), ("dist_eau_publiee_m", "water")):
        if (metres := number(row, column)) is not None:
            parts.append(writing.phrase(lang, f"facts.{key}", distance=writing.distance(metres, lang)))
    if meaning.fold(plain(row, "site_vocadomi")) == "portuaire":
        parts.append(writing.phrase(lang, "facts.port"))
    elif meaning.is_true(row.get("bord_eau_publie")):
        parts.append(writing.phrase(lang, "facts.bank"))
    if (metres := number(row, "quai_publie_m")) is not None:
        parts.append(writing.phrase(lang, "facts.quay", distance=writing.distance(metres, lang)))
    return _fact("access", writing.capital(", ".join(parts)), row, columns) if parts else None


def _networks(row: Row, lang: str) -> Fact | None:
    parts = [words] if (words := _published(row, "reseaux_publies", lang)) else []
    if not parts and meaning.fold(plain(row, "terr_stade_amngt")).startswith("viabilise"):
        parts.append(writing.phrase(lang, "states.serviced"))
    if power := number(row, POWER):
        parts.append(writing.phrase(lang, "facts.power", n=writing.number(power, lang)))
    present = [key for column, key in NETWORKS.items() if meaning.is_true(row.get(column))]
    keys = {"gas": "facts.gas", "fibre": "facts.fibre", "water": "facts.water_supply"}
    parts += [writing.phrase(lang, keys[key]) for key in present]
    if not parts:
        return None
    columns = ("reseaux_publies", POWER, *NETWORKS, "terr_stade_amngt")
    return _fact("networks", writing.capital(", ".join(parts)), row, columns)


def _calendar(row: Row, lang: str) -> Fact | None:
    parts = [_published(row, "calendrier_publie", lang)]
    if day := plain(row, "date_disponibilite"):
        parts.append(writing.phrase(lang, "facts.available_on", day=writing.day(day, lang)))
    sentence = ", ".join(part for part in parts if part)
    columns = ("calendrier_publie", "date_disponibilite")
    return _fact("calendar", writing.capital(sentence), row, columns) if sentence else None


def _contact(row: Row, lang: str) -> Fact | None:
    reach = [plain(row, column) for column in ("contact_nom", "contact_tel", "contact_mail")]
    if not reach[0] and (operator := _operator(row)):
        reach[0] = f"{operator} ({writing.phrase(lang, 'facts.operator')})"
    parts = [part for part in reach if part]
    return _fact("contact", " · ".join(parts), row, ("contact_nom",)) if parts else None


def _fact(field: str, sentence: str, row: Row, columns: tuple[str, ...], quote: str = "") -> Fact:
    """Give a text its date, source and words: those of its columns, else those of the offer.

    A text of a source of its own has the date of that source, or none: never that of the offer.
    """
    cited = next((words for column in columns if (words := plain(row, f"{column}_source"))), "")
    match = _CITED.fullmatch(cited)
    source = match["source"] if match else cited
    dates = (plain(row, f"{column}_date") for column in columns)
    return Fact(
        field=field,
        text=sentence,
        date=next((date for date in dates if date), "" if cited else plain(row, "date_info")),
        source=source or plain(row, "source"),
        quote=match["quote"] if match else quote,
    )


def plain(row: Row, column: str) -> str:
    """Read a text of a row; empty where there is none.

    Examples
    --------
    >>> plain({"site_nom": " Port "}, "site_nom"), plain({}, "site_nom")
    ('Port', '')
    """
    value = row.get(column)
    return "" if meaning.is_missing(value) else str(value).strip()


def _published(row: Row, column: str, lang: str) -> str:
    """Return a text in a language, in French where the layer does not translate it."""
    own = "" if lang == languages.SOURCE else plain(row, f"{column}_{lang}")
    return writing.unbroken(own or plain(row, column))
