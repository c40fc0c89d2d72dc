"""The local report in a real browser: hostile texts run nothing, even without the policy of the page."""

import re
from pathlib import Path
from typing import Any

import hostile_texts as hostile
import pandas as pd
import plain
import pytest
from chromium import DESKTOP, Opened

from artois_geo import sheets
from artois_geo.constants import rules

pytestmark = pytest.mark.browser


def hostile_report() -> sheets.LocalReport:
    """Every text that comes from outside: names of communes, documents, sources, notes."""
    texts = hostile.TEXTS
    map_names = texts[:30]  # beyond, the map writes no names
    communes = pd.concat(
        [
            plain.square(x_km=index % 6, y_km=index // 6, side_km=1, comm_insee=text, comm_nom=text)
            for index, text in enumerate(map_names)
        ],
        ignore_index=True,
    )
    table = pd.DataFrame({"comm_insee": texts, "artificialised_ha": 1.0, "renatured_ha": 0.0})
    table = table.assign(net_artificialised_ha=1.0, newly_sealed_ha=1.0, unsealed_ha=0.0, net_sealed_ha=1.0)
    stock = pd.DataFrame({"comm_insee": texts, "artificial_ha": 1.0, "sealed_ha": 1.0, "undescribed_ha": 0.0})
    stock = stock.assign(artificial_share=0.1, sealed_share=0.1)
    budget = {"allowed_ha": 5.0, "used_ha": 1.0, "projected_ha": 9.0, "observed_years": 1}
    return sheets.local_report(
        name=texts[0],
        flows=pd.DataFrame({"year": [2020, 2021], "consumed_ha": [1.0, 1.0], "provisional": False}),
        trajectory=pd.Series({**budget, "target_document": texts[2], "status": texts[3]}),
        area_ha=100.0,
        rules=rules.read(),
        stocks=pd.concat([stock, stock], keys=["avant", "après"], names=["date", None]),
        flux=table,
        communes=communes,
        sources=texts,
        notes=texts,
    )


def test_hostile_texts_are_shown_and_never_run_even_without_the_policy(browser: Any, tmp_path: Path) -> None:
    html = sheets.local_report_html(hostile_report())
    html, removed = re.subn(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
    assert removed == 1
    file = tmp_path / "rapport.html"
    file.write_text(html, encoding="utf-8")
    # script is allowed: what could run would run
    view = Opened(browser, size=DESKTOP, script=True)
    view.page.goto(file.resolve().as_uri())
    view.page.mouse.move(300, 300)
    view.page.emulate_media(media="print")
    view.page.wait_for_timeout(300)
    ran = view.page.evaluate("[typeof window.PWN, document.title]")
    outside = "script, img, iframe, object, embed, a, textarea, math, foreignObject, [onload], [onerror]"
    markup = view.page.locator(outside).count()
    list_items = view.page.locator("li").all_text_contents()
    cells = view.page.locator("td").all_text_contents()
    name = view.page.locator("p.name").text_content()
    requests, complaints = view.requests, view.complaints
    assert ran == ["undefined", f"{sheets.report.TITLE} – {hostile.TEXTS[0]}"]
    assert markup == 0
    assert name == hostile.TEXTS[0]
    assert requests == [file.resolve().as_uri()]
    assert complaints == []
    # white space apart, each text is read where it was written
    readable = {" ".join(text.split()) for text in hostile.TEXTS if text.isprintable()}
    for where in (list_items, cells):
        shown_texts = [" ".join(text.split()) for text in where]  # a commune's name stands before its code
        assert {text for text in readable if not any(text in shown for shown in shown_texts)} == set()
