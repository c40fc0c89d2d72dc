"""Consumption of ENAF: anomalies of a file, totals and uses by territory, and the passages of a MOS."""

from pathlib import Path

from artois_geo import constants, layers, zan
from artois_geo.errors import BadOptions
from artois_geo.formats.findings import LEVELS
from artois_geo.studies import StudyTable, data_warnings, planner_files
from artois_geo.studies.zan import flows, rules, trajectory
from artois_geo.studies.zan.requests import FlowsRequest, MosRequest, OpenCatalogue, Step, silent
from artois_geo.text import counted

PASSAGES = ("avant", "apres", "compte")  # columns of a matrix
_FINDINGS = {
    "feature": "Objet",
    "field": "Champ",
    "rule": "Règle",
    "level": "Gravité",
    "found": "Trouvé",
    "message": "Message",
}


def check(path: Path) -> StudyTable:
    """List what is wrong in a Cerema file or in an OCS GE layer: codes, sums, units, signs.

    Parameters
    ----------
    path
        Table or layer in any format.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "conso.csv"
    >>> _ = path.write_text("idcom,naf19art20\\n62119,100\\n6211,5\\n")
    >>> check(path).table["rule"].tolist()
    ['code']
    """
    records = planner_files.text_table(path)
    if flows.is_cerema(records):
        findings = zan.cerema_findings(records)
    else:
        findings = zan.land_cover_findings(records, constants.table("ocsge_artif"))
    counts = findings["level"].value_counts()
    levels = [level for level in LEVELS if level in counts]
    total = ", ".join(counted(int(counts[level]), level) for level in levels) or "Aucune anomalie"
    return StudyTable(
        findings,
        title="Contrôle",
        sources=[path],
        notes=[f"{total} sur {counted(len(records), 'ligne')}."],
        labels=_FINDINGS,
    )


def study(
    account: FlowsRequest,
    *,
    years: tuple[int | None, int | None] = (None, None),
    by_year: bool = False,
    catalogue: OpenCatalogue = layers.read_catalogue,
) -> StudyTable:
    """Add up the consumption of ENAF of each territory, in all and by use.

    Parameters
    ----------
    account
        Flows and their grouping.
    years
        First and last flow; by default, for each, that of the reference decade.
    by_year
        One row per territory and year.
    catalogue
        Gives the communes of the pole.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "conso.csv"
    >>> _ = path.write_text("epci;2011;2012\\nA;1,5;2\\n")
    >>> account = FlowsRequest(path, par="epci", cle="epci", unite="ha")
    >>> study(account, years=(None, 2012)).table["consumed_ha"].tolist()
    [3.5]
    """
    rule_set, rule_notes = rules.named_rules(account.rules_name)
    grouped = flows.read(account, catalogue)
    reference, _ = rules.decades(rule_set)
    period = (years[0] or reference[0], years[1] or reference[1])
    if by_year:
        table = zan.consumption(grouped.frame, key=grouped.key, years=period)
    else:
        table = zan.summary(
            grouped.frame,
            key=grouped.key,
            years=period,
            area_ha=grouped.area_ha,
            population=grouped.population,
        )
        table = trajectory.with_names(table, grouped)
    return StudyTable(
        table,
        title=f"Consommation d'ENAF, flux {period[0]} à {period[1]}",
        surface=grouped.surface,
        notes=[*grouped.notes, *rule_notes],
        labels=trajectory.labels_of(grouped.key),
    )


def mos_study(request: MosRequest, *, cores: int | None = None, on_progress: Step = silent) -> StudyTable:
    """Compute the consumption of ENAF of zones from a land-use map, with the user's matrix of passages.

    Parameters
    ----------
    request
        Map, its two dates, matrix, zones.
    cores
        Cores to use; all by default.
    on_progress
        Told the step and how far it is.

    Examples
    --------
    >>> from artois_geo import example
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> square = example.square(x_km=0, y_km=0, side_km=1, insee="62498", c10="A", c21="Ue")
    >>> square.to_file(folder / "mos.gpkg")
    >>> _ = (folder / "passages.csv").write_text("avant;apres;compte\\nA;Ue;consommation\\n")
    >>> layer, matrix = folder / "mos.gpkg", folder / "passages.csv"
    >>> request = MosRequest(layer, "c10", "c21", matrix, 2011, 2020, layer, "insee")
    >>> mos_study(request).table["consumed_ha"].tolist()
    [100.0]
    """
    if request.avant == request.apres:
        raise BadOptions(
            f"--avant et --apres nomment la même colonne « {request.avant} » : une classe par date."
        )
    zones, features = layers.read(request.zones), layers.read(request.couche)
    table = zan.mos_flows(
        features,
        planner_files.text_table(request.passages, wanted=PASSAGES),
        zones=zones,
        key=request.cle,
        period=zan.MosPeriod(request.avant, request.apres, (request.first_year, request.last_year)),
        cores=cores,
        progress=on_progress("Passages du MOS"),
    )
    return StudyTable(
        table,
        title=f"Consommation d'ENAF d'après un MOS, flux {request.first_year} à {request.last_year}",
        sources=[request.couche, request.zones],
        surface="lambert93",
        notes=[
            f"Matrice de passage : {request.passages.name}, donnée par l'utilisateur.",
            "Un MOS et le fichier du Cerema ne se mélangent pas dans une même série.",
            *data_warnings.warnings(features),
        ],
    )
