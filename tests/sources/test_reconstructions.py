"""Each shipped source reads the answer that was rebuilt from its documentation: the form, not the figures."""

from pathlib import Path

import pytest

from artois_geo import layers, sources

ANSWERS = [
    ("gpu_sup", "gpu/apicarto_assiette_sup_s.json", 1),
    ("gpu_documents", "gpu/apicarto_document.json", 1),
    ("gpu_communes", "gpu/apicarto_municipality.json", 1),
    ("risques_procedures", "georisques/gaspar_pprm.json", 1),
    ("ocs2d_call", "regional/arcgis_query.geojson", 1),
    ("cadastre_parcelles", "cadastre/cadastre-62498-parcelles.json.gz", 2),
    ("cadastre_batiments", "cadastre/cadastre-62498-batiments.json.gz", 1),
    ("conso_enaf", "cerema/conso-com_extrait.csv", None),
    ("risques_icpe", "georisques/icpe.json", 1),
    ("risques_casias", "georisques/ssp_casias.json", 1),
    ("risques_sis", "georisques/ssp_conclusions_sis.json", 1),
    ("risques_cavites", "georisques/cavites.json", 1),
    ("bdtopo_bati", "bdtopo/wfs_batiment.json", 2),
    ("bdtopo_activite", "bdtopo/wfs_zai.json", 1),
    ("bdtopo_eau", "bdtopo/wfs_troncon_hydrographique.json", 1),
    ("velo_itineraires", "bdtopo/wfs_itineraire_autre.json", 1),
    ("velo_amenagements", "mobilite/bnac_extrait.geojson", 1),
    ("sitadel", "entreprises/dido_rows.json", None),
    ("dvf", "entreprises/dvf_62498.csv", None),
]


@pytest.mark.parametrize(("name", "answer", "count"), ANSWERS, ids=[row[0] for row in ANSWERS])
def test_the_form_of_an_answer_is_read(
    shared: Path, tmp_path: Path, name: str, answer: str, count: int | None
) -> None:
    source = sources.source_named(name)
    fetch = sources.take_file(source, shared / "data/sources" / answer, tmp_path)
    assert fetch.version == 1
    layer = layers.read(layers.read_catalogue(tmp_path)[fetch.layer])
    assert count is None or len(layer) == count
    assert set(source.target.columns) <= set(layer.columns)
    assert sources.replay(tmp_path, fetch.snapshot.name).is_same
