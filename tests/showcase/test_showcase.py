"""What a visitor sees of an offer: the group, the order, the sums, only what is published."""

import re
from datetime import date

import pandas as pd
import pytest

from artois_geo import constants, languages, layers, showcase
from artois_geo.kinds.schema import kinds, read_kind

EDITION = date(2026, 12, 1)


@pytest.fixture(scope="module")
def shipped() -> tuple[showcase.Offer, ...]:
    catalogue = layers.read_catalogue()
    land, sites = (layers.read(catalogue[name]) for name in ("foncier_disponible", "sites_eco"))
    return showcase.offers(land, on=EDITION, sites=sites)


def plots(**columns: object) -> pd.DataFrame:
    return pd.DataFrame(
        {"terr_id": ["a"], "terr_surf_brute": [5.0], "dispo_statut": ["offert"], "compte_dans_total": [True]}
        | {name: [value] for name, value in columns.items()}
    )


@pytest.mark.parametrize(
    ("published", "group"),
    [
        ("2026-11-30", "available"),
        ("2024-12-02", "available"),  # 23 months and 29 days
        ("2024-12-01", "published"),
        ("2025", "available"),
        ("2024", "published"),  # perhaps of January
        ("2027-01", "published"),  # not of a day to come
        ("été 2026", "published"),
        (None, "published"),
    ],
)
def test_today_is_what_a_source_said_less_than_24_months_ago(published: str | None, group: str) -> None:
    assert constants.get("offre_disponible_mois", on=EDITION).value == 24
    assert showcase.offers(plots(date_info=published), on=EDITION)[0].group == group


def test_what_is_not_counted_is_to_come_however_recent() -> None:
    offer = showcase.offers(plots(date_info="2026-11", compte_dans_total=False), on=EDITION)[0]
    assert offer.group == showcase.LATER


def test_the_sum_of_a_group_is_that_of_its_rows_whose_remainder_is_known(
    shipped: tuple[showcase.Offer, ...],
) -> None:
    groups = showcase.groups(shipped)
    assert [(group.title, len(group.offers), group.hectares) for group in groups] == [
        ("Publié comme disponible", 2, pytest.approx(10 + 4.1556)),
        ("À venir ou à confirmer", 4, 29 + 11),  # not the 50 ha of 2018, of which 24 are built
    ]
    assert groups[1].sum_text == "40\u00a0ha annoncés sur 2 sites"
    assert [offer.number for group in groups for offer in group.offers] == [1, 2, 3, 4, 5, 6]


def test_the_numbers_are_the_same_in_every_language(shipped: tuple[showcase.Offer, ...]) -> None:
    catalogue = layers.read_catalogue()
    english = showcase.offers(layers.read(catalogue["foncier_disponible"]), on=EDITION, lang="en")
    assert [(offer.number, offer.id) for offer in english] == [(offer.number, offer.id) for offer in shipped]
    assert "Available" not in showcase.groups(shipped, "en")[0].title


def test_fields_come_in_the_order_of_an_investor_and_a_published_distance_wins(
    shipped: tuple[showcase.Offer, ...],
) -> None:
    for offer in shipped:
        ranks = [showcase.FIELDS.index(fact.field) for fact in offer.facts]
        assert ranks == sorted(ranks)
    access = {offer.site_id: fact.text for offer in shipped if (fact := offer.fact("access"))}
    assert access["logisterra26"] == "Échangeur A26 n°\xa06.1 à 500\xa0m"
    surface = next(offer for offer in shipped if offer.site_id == "logisterra26").fact("surface")
    assert surface is not None
    assert surface.text.endswith("(2018), dont 24\u00a0ha bâtis depuis")


def test_what_is_published_is_no_longer_missing() -> None:
    bare, full = (
        showcase.offers(plots(**more), on=EDITION)[0]
        for more in (
            {},
            {
                "prix_m2": 45,
                "puissance_elec_mw": 12.5,
                "reseau_gaz": "oui",
                "reseau_fibre_optique": "non",
                "reseau_eau_potable": "oui",
                "acces_publie": "au bord de la RN43",
                "date_disponibilite": "2027-01-31",
                "contact_tel": "03 00 00 00 00",
            },
        )
    )
    assert bare.missing == ("price", "access", "power", "gas", "fibre", "water", "calendar", "phone")
    assert showcase.not_published(full) == ""
    assert [fact.text for fact in full.facts[2:6]] == [
        "45\u00a0€/m²",
        "Au bord de la RN43",
        "12,5\u00a0MW, gaz, eau",
        "Disponible le 31/01/2027",
    ]


def test_a_value_has_its_own_source_and_date_where_they_differ() -> None:
    own = {"prix_m2": 45, "prix_m2_source": "délibération", "prix_m2_date": "2026", "source": "presse"}
    offer = showcase.offers(plots(**own, date_info="2022"), on=EDITION)[0]
    facts = {fact.field: (fact.source, fact.date) for fact in offer.facts}
    assert facts == {
        "surface": ("presse", "2022"),
        "state": ("presse", "2022"),
        "price": ("délibération", "2026"),
    }


def test_no_value_is_made_up_where_the_layer_says_nothing() -> None:
    offer = showcase.offers(pd.DataFrame({"terr_id": ["x"], "contact_tel": [None]}), on=EDITION)[0]
    assert (offer.facts, offer.hectares, offer.is_summed, offer.ask) == ((), None, False, "")
    assert showcase.groups((offer,))[0].sum_text == "surface non publiée"


CODES = re.compile(r"[A-Z0-9][A-Z0-9 .+]*|[A-Z]{1,3}[a-z]?|[A-Z]{2}\d(\.\d)*|[IV]+[ab]?")  # no words


def test_every_closed_list_of_the_kinds_is_said_in_english() -> None:
    words = {
        text: f"{kind}.{field.name}"
        for kind in kinds()
        for field in read_kind(kind).fields
        for text in field.enum
        if not CODES.fullmatch(text) and text not in {"PLUI", "ZCa", "ZnC"}
    }
    assert len(words) > 180
    listed = {
        entry["fr"]: entry["en"] for entry in languages.read("showcase", "values.toml")["listed"].values()
    }
    missing = {text: where for text, where in words.items() if text not in listed}
    assert missing == {}
    same_in_both = {
        "bimodal",
        "canal",
        "commune",
        "infrastructure",
        "international",
        "local",
        "national",
        "trimodal",
    }
    assert {text for text in words if listed[text] == text} <= same_in_both | {
        "extension",
        "renaturation",
        "vacant",
    }
