"""A catalogue, a layer and a delivery say what they are, in a notebook and as text."""

from pathlib import Path

import plain
import pytest

from artois_geo import layers
from artois_geo.errors import UnknownName, UnreadableFile

HOSTILE = "<script>alert(1)</script>\u202e"


def test_a_shipped_layer_is_read_by_its_name() -> None:
    catalogue = layers.read_catalogue()
    by_layer = layers.read(catalogue["communes"])
    assert layers.read("communes").equals(by_layer)
    assert catalogue.read("communes").equals(by_layer)


def test_a_name_that_is_neither_a_file_nor_a_layer_says_so() -> None:
    with pytest.raises(UnreadableFile, match=r"Ni fichier ni couche livrée.*Noms proches : communes"):
        layers.read("comunes")
    with pytest.raises(UnknownName, match="Noms proches : communes"):
        layers.read_catalogue().read("comunes")
    with pytest.raises(UnreadableFile, match="Fichier introuvable"):
        layers.read("absent.geojson")


def test_a_file_goes_before_a_layer_of_the_same_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "communes").write_text("pas une couche", encoding="utf-8")
    with pytest.raises(UnreadableFile):
        layers.read("communes")


def test_a_catalogue_lists_its_layers() -> None:
    catalogue = layers.read_catalogue()
    assert catalogue.table["name"].tolist() == list(catalogue)
    lines = repr(catalogue).splitlines()
    assert lines[2].split()[:3] == ["Nom", "Titre", "Type"]
    assert "<td" in catalogue._repr_html_()
    assert "millésime" in repr(catalogue["sites_eco"])
    assert "Millésime" in catalogue["sites_eco"]._repr_html_()


def test_a_hostile_title_runs_nowhere(tmp_path: Path) -> None:
    layer = layers.Layer("a", tmp_path / "a.geojson", "libre", HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    catalogue = layers.Catalogue(tmp_path, {"a": layer}, left_out={HOSTILE: HOSTILE})
    for page in (layer._repr_html_(), catalogue._repr_html_()):
        assert "<script" not in page
    assert "\u202e" not in repr(layer) + repr(catalogue)


@pytest.fixture
def delivered(tmp_path: Path) -> layers.Delivery:
    """A zone that has nothing but a name, and one of a hostile name."""
    file = tmp_path / "zones.geojson"
    zone = plain.square(x_km=0, y_km=0, side_km=0.1, site_nom=HOSTILE)
    layers.write(zone, file)
    return layers.receive(file, "site_eco")


def test_a_delivery_says_what_became_of_it(delivered: layers.Delivery) -> None:
    assert delivered.outcome == "reject"
    levels = delivered.table["level"].value_counts()
    assert repr(delivered).startswith(
        "<Delivery zones.geojson (site_eco) : refusé ; 1 objet lu, 0 gardé, 0 mis"
    )
    assert f"{levels['erreur']} erreur" in repr(delivered)
    assert len(delivered.table) == len(delivered.findings)
    page = delivered._repr_html_()
    assert "Constat" in page
    assert "<script" not in page


def test_a_delivery_is_completed_from_its_shapes(tmp_path: Path) -> None:
    file = tmp_path / "zones.geojson"
    layers.write(plain.square(x_km=0, y_km=0, side_km=0.2, site_nom="Les Hauts", site_comm_nom="Dite"), file)
    communes = plain.square(x_km=0, y_km=0, side_km=1, comm_insee="62498", comm_nom="Lens")
    complete = layers.complete(communes)
    features = layers.receive(file, "site_eco", complete=complete, incomplete=True).features
    # given values stay, empty ones are those of the shape: 200 m by 200 m are 4 ha
    assert features[["site_comm_insee", "site_comm_nom"]].to_numpy().tolist() == [["62498", "Dite"]]
    assert features["site_surf_brute"].tolist() == pytest.approx([4.0], abs=1e-3)
    assert features["site_id"].tolist() == ["62498_SITE-ECO_00001"]
    earlier = features.assign(site_id="62498_SITE-ECO_00007")
    again = layers.receive(
        file, "site_eco", complete=layers.complete(communes, earlier=[earlier]), incomplete=True
    )
    assert again.features["site_id"].tolist() == ["62498_SITE-ECO_00007"]
