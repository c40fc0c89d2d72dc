"""The photo and the documents of a site: what its layer names, and nothing outside their folders."""

import hashlib
from pathlib import Path

import pytest
import raster

from artois_geo.errors import BadValue, UnreadableFile
from artois_geo.showcase import Folders, media

PDF = b"%PDF-1.7\n" + b"0" * 1991


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    for name in ("photos", "documents"):
        (tmp_path / name).mkdir()
    (tmp_path / "photos/zone-a.png").write_bytes(raster.png((9, 9, 9), side=8))
    (tmp_path / "documents/plan.pdf").write_bytes(PDF)
    (tmp_path / "secret.pdf").write_bytes(PDF)
    (tmp_path / "documents/lien.pdf").symlink_to(tmp_path / "secret.pdf")
    (tmp_path / "documents/faux.pdf").write_bytes(b"<html>")
    return Folders.of(tmp_path)


def test_the_folders_of_a_workspace_serve_where_none_is_given(tmp_path: Path, folders: Folders) -> None:
    assert folders == Folders(tmp_path / "photos", tmp_path / "documents")
    assert Folders.of(tmp_path / "rien") == Folders()
    with pytest.raises(UnreadableFile, match="Dossier de photos introuvable"):
        Folders.of(tmp_path, photos=tmp_path / "absent")


def test_a_photo_is_found_by_its_column_else_by_the_name_of_the_sheet(folders: Folders) -> None:
    pytest.importorskip("PIL")
    row = {"photo": "zone-a.png", "photo_credit": "M. Fictif", "photo_date": "2026-05"}
    own = media.read([{}, row], "autre", folders).photo
    assert own is not None
    assert media.credit(own, "fr") == "Photo\u00a0: M. Fictif, 2026-05"
    assert media.credit(own, "en") == "Photo: M. Fictif, 2026-05"
    assert media.read([{}], "zone-a", folders).photo is not None
    assert media.read([{}], "autre", folders) == media.Media()


def test_documents_keep_their_order_titles_and_dates(folders: Folders) -> None:
    row = {
        "documents": "plan.pdf | https://exemple.fr/reglement.pdf",
        "documents_titres": "Plan <masse>",
        "documents_dates": "2026-05|2024",
    }
    plan, rules = media.read([row], "zone-a", Folders(None, folders.documents)).documents
    assert (plan.title, plan.content) == ("Plan <masse>", PDF)
    assert plan.path == f"documents/plan-{hashlib.sha256(PDF).hexdigest()[:8]}.pdf"
    assert (rules.title, rules.address, rules.path) == (
        "reglement.pdf",
        "https://exemple.fr/reglement.pdf",
        "",
    )
    assert media.about(plan, "fr") == "2026-05, PDF, 2\u00a0ko"
    assert media.about(rules, "en") == "2024, online, exemple.fr"


@pytest.mark.parametrize(
    "name",
    [
        "../secret.pdf",
        "/etc/passwd.pdf",
        "documents\\plan.pdf",
        "sous/plan.pdf",
        "lien.pdf",  # leads out of the folder
        "absent.pdf",
        "faux.pdf",  # no PDF
        "plan.exe",
        "..",
        "plan.pdf\x00.html",
        "http://exemple.fr/a.pdf",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)//a.pdf",
        "data:text/html,<script>",
        "file:///etc/passwd",
        "https:///a.pdf",
        "https://[a.pdf",
        'https://exemple.fr/"onclick="x',
        "https://exemple.fr/a b.pdf",
    ],
)
def test_a_document_that_leads_elsewhere_is_refused_by_name(folders: Folders, name: str) -> None:
    with pytest.raises(BadValue, match=r"Document refusé|Fichier (refusé|introuvable)"):
        media.read([{"documents": name}], "zone-b", folders)


def test_a_photo_that_leads_elsewhere_is_refused_by_name(folders: Folders) -> None:
    for name in ("../photos/zone-a.png", "zone-a.svg", "absente.jpg", "https://exemple.fr/a.jpg"):
        with pytest.raises(BadValue, match=r"Fichier (refusé|introuvable)"):
            media.read([{"photo": name}], "zone-b", folders)
