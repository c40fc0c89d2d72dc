"""The smallest folder of layers that a fair needs: one site, and land on offer there."""

from pathlib import Path

import plain

from artois_geo import layers


def catalogue(folder: Path) -> layers.Catalogue:
    """A catalogue of one site with land on offer, on the plain."""
    folder.mkdir()
    columns = {"epci_sigle": "A", "famille": "autre", "est_sous_site": False, "source": "essai"}
    columns |= {"site_id": "zone", "site_nom": "Zone"}
    site = plain.square(x_km=0, y_km=0, side_km=1, site_surf_brute=9.0, **columns)
    land = {"terr_id": "f", "dispo_statut": "offert", "terr_surf_brute": 4.0}
    layers.write(site, folder / "sites.geojson")
    layers.write(
        plain.square(x_km=0, y_km=0, side_km=1, compte_dans_total=True, **land, **columns),
        folder / "foncier.geojson",
    )
    described = 'title = "T"\nsource = "essai"\nlicence = "libre"\nvintage = "2026"\n'
    (folder / "catalogue.toml").write_text(
        f'[sites]\nfile = "sites.geojson"\nkind = "site_eco"\n{described}'
        f'[foncier]\nfile = "foncier.geojson"\nkind = "terrain_eco"\n{described}',
        encoding="utf-8",
    )
    return layers.read_catalogue(folder)
