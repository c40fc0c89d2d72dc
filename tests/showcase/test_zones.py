"""A pack without any layer of plots shows the business parks themselves, each once."""

from datetime import date

import pandas as pd
import pytest

from artois_geo import layers, meaning, showcase
from artois_geo.packs import offer_view, site_sheets
from artois_geo.studies.sites.catalogue_data import SITES, CatalogueData

DAY = date(2026, 12, 1)


@pytest.fixture(scope="module")
def parks() -> CatalogueData:
    """Hold the shipped sites, and no layer that says what is on offer."""
    frame = layers.read("sites_eco")
    return CatalogueData(layers.read_catalogue(), {"sites_eco": frame}, {SITES: "sites_eco"})


def test_every_whole_park_is_listed_once_with_the_hectares_of_the_layer(
    parks: CatalogueData,
) -> None:
    frame = parks.kind(SITES)
    whole_parks = frame[~meaning.true_rows(frame, meaning.SUB_SITE)]
    view = offer_view.read(parks, DAY, "fr")
    assert sorted(zone.site_id for zone in view.offers) == sorted(whole_parks["site_id"])
    (group,) = view.groups
    assert group.id == showcase.ZONES
    assert group.hectares == pytest.approx(whole_parks["site_surf_brute"].sum())
    assert group.summed == whole_parks["site_surf_brute"].notna().sum()
    areas = [zone.hectares for zone in view.offers if zone.hectares is not None]
    assert areas == sorted(areas, reverse=True)


def test_a_page_draws_the_largest_and_counts_the_others(parks: CatalogueData) -> None:
    view = offer_view.read(parks, DAY, "fr")
    (cards,) = offer_view.card_groups(parks, view, {}, None)
    shown_ids = [zone.site_id for zone in view.shown]
    assert len(cards.cards) == len(shown_ids) == len(offer_view.pins(parks, view)) == 12
    assert cards.note == f"Et {len(view.offers) - 12} autres zones, sur la carte."
    assert sorted(site_sheets.shown_stems(parks)) == sorted(shown_ids)
    assert site_sheets.site_ids(parks, on_offer=True) == []
    assert offer_view.title(view).startswith(cards.sum_text.split(" sur ")[0])


def test_a_park_is_never_called_available_and_an_unknown_state_is_not_written() -> None:
    sites = pd.DataFrame({"site_nom": ["Nord", "Sud"], "site_surf_brute": [3.0, None]})
    north, south = showcase.zones(sites.assign(site_etat=["inconnu", "existant et actif"]))
    assert north.facts == ()
    assert [fact.text for fact in south.facts] == ["existant et actif"]
    assert (south.hectares, south.is_summed, south.missing) == (None, False, ())
