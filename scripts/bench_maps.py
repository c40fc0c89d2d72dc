"""Maps of large layers against plain ``folium.GeoJson``, in one run, in headless Chromium, network cut.

    nice python scripts/bench_maps.py [--counts 5000 50000 200000] [--runs 5] [--folium-most 50000]
    nice python scripts/bench_maps.py --counts --shipped    the map of the property fair alone

Each page is opened from disk. ``ready`` is from navigation to the second frame after the layer is drawn;
``cpu`` is the time that the page's own thread really worked, which holds on a shared machine too; ``zoom``
the slowest of four changes of view; ``pan`` the frame that 95 of 100 keep during a drag. Beyond
``--folium-once`` polygons folium is opened once: it takes a minute. The coverage is made up, from a seed.
``--shipped`` measures the map of the shipped layers, on a desktop and on a phone, the two pages in turn.
"""

import argparse
import statistics
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import folium  # noqa: E402
import parcels  # noqa: E402
from chromium import chromium  # noqa: E402

from artois_geo import layers, maps  # noqa: E402

one_file = import_module("artois_geo.maps.standalone")

BUDGETS = {5_000: (1.5, 2.0), 50_000: (5.0, 3.0), 200_000: (10.0, 6.0)}  # MB, seconds
SHIPPED = (0.7, {False: 1.5, True: 3.0})  # MB; seconds on a desktop, on a phone
PHONE_S = {5_000: 4.0, 50_000: 8.0, 200_000: float("inf")}
FILLS = dict(zip(parcels.USES, ("#56b4e9", "#eeaa22", "#228833", "#8e3a8c", "#661100"), strict=True))
DESKTOP, PHONE = (1280, 800), (390, 844)
PATIENCE_MS = 180_000
# the page of folium does not say when it is drawn: it draws before the load event
MARK = """addEventListener('load', () => requestAnimationFrame(() => requestAnimationFrame(() => {
  window.__drawn = performance.now(); })));"""
FRAMES_FOUND = "() => { const found = window.__frames; window.__frames = null; return found; }"
HEADINGS = "polygons page        MB  build s  ready s  cpu s  zoom ms  pan ms"
READY = """limit => new Promise(done => { const ask = () => {
  const ready = document.querySelector('#list') ? document.documentElement.dataset.ready : window.__drawn;
  ready ? done(Number(ready)) : performance.now() > limit ? done(null) : setTimeout(ask, 30); }; ask(); })"""
ZOOM = """async () => { const map = Object.values(window).find(one => one instanceof L.Map), times = [];
  const frame = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  for (const zoom of [12, 13, 14, 10]) { const start = performance.now();
    map.setView([50.5, 2.7], zoom, {animate: false}); await frame(); times.push(performance.now() - start); }
  return Math.max(...times); }"""
FRAMES = """() => { window.__frames = []; let last = performance.now();
  const note = now => { if (!window.__frames) return;
    window.__frames.push(now - last); last = now; requestAnimationFrame(note); };
  requestAnimationFrame(note); }"""


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--counts", type=int, nargs="*", default=list(BUDGETS))
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--folium-most", type=int, default=50_000)
    options.add_argument("--folium-once", type=int, default=5_000)
    options.add_argument("--phone", action="store_true", help="390 x 844, processor four times slower")
    options.add_argument("--shipped", action="store_true", help="the map of the shipped layers too")
    options_given = options.parse_args()
    one_file.MAX_BYTES = 10**12  # folium's page is measured, however large
    print(HEADINGS)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        if options_given.shipped:
            compare_shipped(browser, Path(folder), options_given.runs)
        for count in options_given.counts:
            for name in ("ours", "folium"):
                if name == "folium" and count > options_given.folium_most:
                    continue
                runs = 1 if name == "folium" and count > options_given.folium_once else options_given.runs
                compare(browser, Path(folder), name, count, runs, phone=options_given.phone)


def compare(browser: Any, folder: Path, name: str, count: int, runs: int, *, phone: bool) -> None:
    frame = parcels.coverage(count)
    start = time.process_time()
    page = {"ours": artois_page, "folium": plain_folium}[name](frame)
    built = time.process_time() - start
    file = folder / f"{name}-{count}.html"
    file.write_text(page, encoding="utf-8")
    size = len(page.encode()) / 1e6
    page_runs = [opened(browser, file, phone=phone) for _ in range(runs)]
    budget = None
    if name == "ours" and count in BUDGETS:
        largest, longest = BUDGETS[count]
        budget = largest, PHONE_S[count] if phone else longest
    tell(str(count), name, size, built, page_runs, budget)


def compare_shipped(browser: Any, folder: Path, runs: int) -> None:
    """The map of the shipped layers and plain folium of the same ones, opened in turn."""
    catalogue = layers.read_catalogue()
    frames = {name: layers.read(layer) for name, layer in catalogue.items()}
    makers = {
        "ours": lambda: maps.standalone(maps.build(frames, layers=catalogue, title="Offre")),
        "folium": lambda: plain_layers(frames),
    }
    pages_made = {}
    for name, maker in makers.items():
        start = time.process_time()
        page = maker()
        pages_made[name] = (
            folder / f"{name}-shipped.html",
            len(page.encode()) / 1e6,
            time.process_time() - start,
        )
        pages_made[name][0].write_text(page, encoding="utf-8")
    largest, longest = SHIPPED
    for phone in (False, True):
        page_runs: dict[str, list[dict[str, float | None]]] = {name: [] for name in pages_made}
        for _ in range(runs):
            for name, (file, _, _) in pages_made.items():
                page_runs[name].append(opened(browser, file, phone=phone))
        for name, (_, size, built) in pages_made.items():
            budget = (largest, longest[phone]) if name == "ours" else None
            tell("phone" if phone else "shipped", name, size, built, page_runs[name], budget)


def tell(
    what: str, name: str, size: float, built: float, page_runs: list[Any], budget: tuple[float, float] | None
) -> None:
    ready, cpu, zoom, pan = (
        median([run[key] for run in page_runs]) for key in ("ready", "cpu", "zoom", "pan")
    )
    verdict = ""
    if budget:
        is_within = size <= budget[0] and ready <= budget[1]
        limits = f"{budget[0]:g} MB, {budget[1]:g} s (runs: {len(page_runs)})"
        verdict = f"  {'within' if is_within else 'OVER'} {limits}"
    times = f"{built:>9.1f}{ready:>9.2f}{cpu:>7.2f}{zoom:>9.0f}{pan:>8.0f}"
    print(f"{what:>8} {name:8}{size:>6.2f}{times}{verdict}", flush=True)


def median(values: list[float | None]) -> float:
    return statistics.median(float("inf") if value is None else value for value in values)


def artois_page(frame: Any) -> str:
    return maps.standalone(maps.build({"Parcelles fictives": frame}, title="Banc d'essai (données fictives)"))


def plain_folium(frame: Any) -> str:
    carte = folium.Map([50.5, 2.7], zoom_start=10, tiles=None)
    tooltip = folium.GeoJsonTooltip(["nom", "commune", "vocation"])
    folium.GeoJson(frame.to_crs(4326), style_function=_style, tooltip=tooltip).add_to(carte)
    return maps.standalone(carte)


def plain_layers(frames: dict[str, Any]) -> str:
    carte = folium.Map([50.5, 2.7], zoom_start=10, tiles=None)
    for name, frame in frames.items():
        located = frame[~frame.geometry.isna()].to_crs(4326)
        properties = (
            located.drop(columns="geometry")
            .astype(object)
            .where(located.drop(columns="geometry").notna(), None)
        )
        if len(located):
            folium.GeoJson(
                located[["geometry"]].join(
                    properties.map(lambda value: value if value is None else str(value))
                ),
                name=name,
                marker=folium.CircleMarker(radius=6),
                tooltip=folium.GeoJsonTooltip(list(properties.columns)[:3]),
            ).add_to(carte)
    folium.LayerControl().add_to(carte)
    return maps.standalone(carte)


def _style(feature: dict[str, Any]) -> dict[str, Any]:
    fill = FILLS[feature["properties"]["vocation"]]
    return {"weight": 0.6, "color": "#fff", "fillOpacity": 0.7, "fillColor": fill}


def opened(browser: Any, file: Path, *, phone: bool) -> dict[str, float | None]:
    width, height = PHONE if phone else DESKTOP
    context = browser.new_context(viewport={"width": width, "height": height}, offline=True, has_touch=phone)
    page = context.new_page()
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda console_message: (
            complaints.append(console_message.text) if console_message.type == "error" else None
        ),
    )
    page.add_init_script(MARK)
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    if phone:
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    try:
        page.goto(file.as_uri(), timeout=PATIENCE_MS, wait_until="commit")
        ready = page.evaluate(READY, PATIENCE_MS)
        metrics = {
            metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]
        }
        moved = usable(page, width, height) if ready else {"zoom": None, "pan": None}
        remote_requests = [url for url in requests if not url.startswith("data:")]
        assert remote_requests == [file.as_uri()], remote_requests
        assert not complaints, complaints
        return {"ready": ready and ready / 1000, "cpu": metrics["TaskDuration"], **moved}
    finally:
        context.close()


def usable(page: Any, width: int, height: int) -> dict[str, float | None]:
    page.evaluate(FRAMES)
    x, y = width * 0.6, height * 0.45
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(24):
        page.mouse.move(x - 8 * step, y + 4 * step)
    page.mouse.up()
    frames = sorted(page.evaluate(FRAMES_FOUND))
    page.wait_for_timeout(300)
    return {"zoom": page.evaluate(ZOOM), "pan": frames[int(len(frames) * 0.95)] if frames else None}


if __name__ == "__main__":
    main()
