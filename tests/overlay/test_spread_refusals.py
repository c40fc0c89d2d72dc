"""What does not compute on a cluster says so in French, with what to write."""

import pandas as pd
import plain
import pytest

from artois_geo import canal, corridors, land, measure, shapes, zan
from artois_geo.errors import BadTable

dask_geopandas = pytest.importorskip("dask_geopandas")

SITE = plain.square(x_km=0, y_km=0, side_km=1, code_cs="CS1.1.1.1", code_us="US2", nature="ENAF")
SPREAD = dask_geopandas.from_geopandas(SITE, npartitions=1)
MATRIX = pd.DataFrame({"code_cs": ["CS1.1.1.1"], "code_us": ["US2"], "artificial": [1]})
NAMES = pd.DataFrame({"code": ["CS1.1.1.1"], "sealed": ["1"]})


@pytest.mark.parametrize(
    "call",
    [
        lambda: land.losses(SPREAD, {"Crue": SITE}),
        lambda: land.losses(SITE, {"Crue": SPREAD}),
        lambda: land.unknown(SPREAD, SITE),
        lambda: land.soil(SITE, SPREAD, by="nature"),
        lambda: zan.classify(SPREAD, MATRIX, NAMES),
        lambda: zan.stock(SITE.assign(insee="1"), SPREAD, key="insee"),
        lambda: measure.area_ha(SPREAD),
        lambda: shapes.require_valid(sites=SPREAD),
        lambda: corridors.balance(SPREAD, SITE.assign(insee="1"), key="insee", state="nature", snap_m=5),
        lambda: canal.access(SPREAD, SITE, family="nature"),
    ],
)
def test_a_frame_on_a_cluster_is_refused_with_what_to_write(call) -> None:
    with pytest.raises(BadTable, match=r"(?s)réparti sur Dask.*\.compute\(\)"):
        call()
