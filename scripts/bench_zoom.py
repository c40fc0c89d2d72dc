"""A step of the zoom of our maps and of plain folium, in turn: same layers, same marks in view, network cut.

    nice python scripts/bench_zoom.py [--counts 0 5000 50000 200000] [--runs 4] [--phone] [--before FOLDER]

``0`` is the map of the shipped layers. ``--before`` names a folder with another state of the project (a
git worktree): its page of the same layers is measured in turn with ours. Each run opens each page anew and
makes 24 steps of half a level; ``step`` is their median, up to the second frame after each (33 ms is the
floor of that method on a screen of 60 Hz), ``cpu`` what the page's own thread works in a step, ``layers``
what the compositor keeps, ``marks`` the marks in the document. The load of the machine is said: ratios hold
on a shared one, times do not.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT), str(ROOT / "tests")]

import bench_maps  # noqa: E402
import folium  # noqa: E402
import geopandas as gpd  # noqa: E402
import parcels  # noqa: E402
from chromium import chromium  # noqa: E402

from artois_geo import layers, maps  # noqa: E402

SHIPPED = 0
STEPS = 24
HEADINGS = "polygons page      MB  ready s  step ms  max ms  cpu ms  layers  marks"
MARKERS = """() => { const map = Object.values(window).find(one => one instanceof L.Map), seen = [];
  map.eachLayer(one => { const node = one instanceof L.Marker && one.getElement();
    if (!node || !node.getClientRects().length) return;
    seen.push([one.getLatLng().lat, one.getLatLng().lng, node.textContent]); });
  return [seen, [map.getCenter().lat, map.getCenter().lng], map.getZoom()]; }"""
ZOOM = """async steps => { const map = Object.values(window).find(one => one instanceof L.Map), times = [];
  const frame = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const first = map.getZoom();
  for (let step = 0; step < steps; step++) { const start = performance.now();
    map.setZoom(first + [0.5, 1, 1.5, 2, 1.5, 1, 0.5, 0][step % 8], {animate: false});
    await frame(); times.push(performance.now() - start); await frame(); }
  return times; }"""
# run by another state of the project: its own page of the same layers
BUILD = """import sys, geopandas as gpd
from artois_geo import layers, maps
source, target = sys.argv[1:]
if source == "shipped":
    catalogue = layers.read_catalogue()
    frames = {name: layers.read(layer) for name, layer in catalogue.items()}
    carte = maps.build(frames, layers=catalogue, title="Offre")
else:
    carte = maps.build({"Parcelles fictives": gpd.read_parquet(source)}, title="Banc")
carte.save(target)
"""


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--counts", type=int, nargs="*", default=[SHIPPED, 5_000, 50_000, 200_000])
    options.add_argument("--runs", type=int, default=4)
    options.add_argument("--phone", action="store_true", help="390 x 844, processor four times slower")
    options.add_argument("--before", type=Path, help="a folder with another state of the project")
    options.add_argument(
        "--folium-most", type=int, default=5_000, help="polygons that folium is asked to draw"
    )
    options_given = options.parse_args()
    bench_maps.one_file.MAX_BYTES = 10**12
    print(f"load {os.getloadavg()[0]:.1f}\n{HEADINGS}")
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        for count in options_given.counts:
            files = pages(Path(folder), count, options_given.before)
            if count <= options_given.folium_most:
                files["folium"] = folium_page(browser, Path(folder), count, files["ours"])
            compare(browser, files, count, options_given.runs, phone=options_given.phone)
    print(f"load {os.getloadavg()[0]:.1f}")


def pages(folder: Path, count: int, before: Path | None) -> dict[str, Path]:
    """Write our page, and that of the other state, from the same layers."""
    source = "shipped"
    if count != SHIPPED:
        source = str(folder / f"{count}.parquet")
        parcels.coverage(count).to_parquet(source)
    states = {"ours": ROOT} | ({"before": before.resolve()} if before else {})
    files = {name: folder / f"{name}-{count}.html" for name in states}
    for name, root in states.items():
        command = [sys.executable, "-c", BUILD, source, str(files[name])]
        subprocess.run(command, env={**os.environ, "PYTHONPATH": str(root)}, cwd=root, check=True)
    return files


def folium_page(browser: Any, folder: Path, count: int, artois_file: Path) -> Path:
    """Write plain folium's page: the layers that ours draws at first, a mark for each that ours shows."""
    file = folder / f"folium-{count}.html"
    if count != SHIPPED:
        file.write_text(bench_maps.plain_folium(parcels.coverage(count)), encoding="utf-8")
        return file
    page = browser.new_page(viewport=dict(zip(("width", "height"), bench_maps.DESKTOP, strict=True)))
    page.goto(artois_file.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    marks, centre, zoom = page.evaluate(MARKERS)
    visible_layers = page.evaluate(
        "[...document.querySelectorAll('#legend [data-layer]:checked')].map(b => b.dataset.layer)"
    )
    page.close()
    carte = folium.Map(centre, zoom_start=zoom, tiles=None, zoom_snap=0.1)
    for name, layer in layers.read_catalogue().items():
        frame: gpd.GeoDataFrame = layers.read(layer)
        located = frame[~frame.geometry.isna()].to_crs(4326)
        if len(located) and (name.replace("_", "-") in visible_layers or layer.kind == "commune_schema"):
            shapes = folium.GeoJson(located[["geometry"]], name=name, marker=folium.CircleMarker(radius=4))
            shapes.add_to(carte)
    for latitude, longitude, text in marks:
        folium.Marker([latitude, longitude], icon=folium.DivIcon(html=f"<b>{text}</b>")).add_to(carte)
    file.write_text(maps.standalone(carte), encoding="utf-8")
    return file


def compare(browser: Any, files: dict[str, Path], count: int, runs: int, *, phone: bool) -> None:
    measures: dict[str, list[dict[str, Any]]] = {name: [] for name in files}
    for _ in range(runs):
        for name, file in files.items():
            measures[name].append(measured(browser, file, phone=phone))
    for name, page_runs in measures.items():
        steps = [step for run in page_runs for step in run["steps"]]
        ready, cpu, layer_count, marks = (
            statistics.median(run[key] for run in page_runs) for key in ("ready", "cpu", "layers", "marks")
        )
        size = files[name].stat().st_size / 1e6
        times = f"{statistics.median(steps):>9.1f}{max(steps):>8.0f}{cpu:>8.1f}"
        what = "shipped" if count == SHIPPED else str(count)
        print(
            f"{what:>8} {name:7}{size:>6.2f}{ready:>9.2f}{times}{layer_count:>8.0f}{marks:>7.0f}", flush=True
        )


def measured(browser: Any, file: Path, *, phone: bool) -> dict[str, Any]:
    width, height = bench_maps.PHONE if phone else bench_maps.DESKTOP
    context = browser.new_context(viewport={"width": width, "height": height}, offline=True, has_touch=phone)
    page = context.new_page()
    page.add_init_script(bench_maps.MARK)
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    layer_counts: list[int] = []
    session.on(
        "LayerTree.layerTreeDidChange", lambda event: layer_counts.append(len(event.get("layers", ())))
    )
    if phone:
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    try:
        page.goto(file.as_uri(), timeout=bench_maps.PATIENCE_MS, wait_until="commit")
        ready = page.evaluate(bench_maps.READY, bench_maps.PATIENCE_MS)
        page.wait_for_timeout(400)
        worked = _work_s(session)
        steps = page.evaluate(ZOOM, STEPS)
        cpu = (_work_s(session) - worked) * 1000 / STEPS
        session.send("LayerTree.enable")
        page.evaluate(ZOOM, 2)  # a picture anew: its layers are told
        page.wait_for_timeout(300)
        marks = page.locator(".leaflet-marker-icon").count()
        return {
            "ready": ready / 1000,
            "steps": steps,
            "cpu": cpu,
            "layers": max(layer_counts, default=0),
            "marks": marks,
        }
    finally:
        context.close()


def _work_s(session: Any) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))


if __name__ == "__main__":
    main()
