"""A script as a planner writes it: read, measure, rank, draw, write. mypy reads it, nothing runs it."""

from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd

from artois_geo import (
    canal,
    charts,
    constants,
    corridors,
    example,
    land,
    layers,
    network,
    offer,
    overlay,
    ranking,
    tables,
    territory,
    zan,
)

ON = date(2026, 11, 30)
FOLDER = Path("resultats")

# layers, by name, from a catalogue and from a file
catalogue = layers.read_catalogue()
communes: gpd.GeoDataFrame = layers.read("communes")
sites: gpd.GeoDataFrame = catalogue.read("sites_eco")
received = layers.receive("zones.gpkg", "site_eco", complete=layers.complete(communes), incomplete=True)
zones: gpd.GeoDataFrame = received.features
findings: pd.DataFrame = received.table
cover = overlay.open_cover("ocsge.gpkg", layer="sol")

# net land, its losses, its nature
flood = example.square(x_km=0, y_km=0, side_km=1)
lines = example.line((0, 0), (1, 1))
left = land.available(zones, {"Crue": flood, "Lignes": (lines, 20.0)}, skip_unmeasured=True)
losses = land.losses(zones, {"Crue": flood, "Lignes": (lines, 20.0)}, left=left)
soil = land.soil(left, flood, by="nature")
sums: pd.Series = land.totals(zones, left)
words: str = land.sentence(losses.loc["A"], left=left.loc["A"])
pieces = territory.split(zones, communes, key="comm_insee")
surfaces = overlay.area_table(communes, cover, by="code_cs", key="comm_insee")

# the account of the law
rules = zan.rules("loi-2023-630", on=ON)
flows = pd.DataFrame({"epci": "A", "year": range(2011, 2024), "consumed_ha": 2.0})
trajectory = zan.trajectory(flows, key="epci", rules=rules)
half = zan.trajectory(flows, key="epci", rules=rules, reduction_share=0.5)
rate: float = float(constants.get("reduction_2021_2030", on=ON))

# the canal and the greenways
thresholds = canal.Thresholds(**canal.defaults(on=ON))
graph = network.build(lines, snap_m=5.0)
missing = corridors.gaps(graph, max_gap_m=1000.0, count=20)

# ranking and offer
criteria, vetoes, settings = ranking.read_profile("sobriete")
ranked = ranking.rank(left, [ranking.Criterion("available_ha", worst=0, best=20)], vetoes=vetoes)
available_offer = offer.offer(sites, by="famille")

# show and write
chart = charts.waterfall(left, losses, site="A", title="Les Hauts")
chart.save(FOLDER / "cascade.svg")
charts.trajectory_chart(trajectory, flows, of="A", budget_years=(2021, 2030)).save("trajectoire.png")
shown = tables.show(left, sources=[catalogue["sites_eco"], "zones.gpkg"], surface="lambert93")
text: str = str(shown)
layers.write(left, "reste.geojson")
layers.write_geopackage(left, FOLDER / "reste.gpkg", layer="reste")
