"""The messages of the package, the calls that provoke them, and those that do what they advise."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Advice:
    """A message, the call that provokes it, and the calls that follow what it says."""

    function: str
    words: str
    call: str
    follow: tuple[str, ...]
    ends: str = ""  # the other message on which a follow-up ends, where it cannot succeed


def advice(function: str, words: str, call: str, *follow: str, ends: str = "") -> Advice:
    """A row; a follow-up that begins with ``+`` is the call with more words."""
    return Advice(
        function,
        words,
        call,
        tuple(each.replace("+", call, 1) if each[:1] == "+" else each for each in follow),
        ends,
    )


WATER = "--voies eau.geojson --lieux lieux.geojson"
IMPORT = "--donnees espace couches importer"
FREE = "--type libre --vers zones"
FORM = "couches types site_eco"
MERGE = "--donnees espace couches fusionner sites.geojson sites_apres.geojson --nom zae"
OWN = "--cle commune --unite ha"
ACCOUNT = f"zan trajectoire conso.csv {OWN}"
SOIL = "zan artificialisation --zones contours.geojson --cle comm_insee"
PAIR = "--avant ocsge.geojson --apres ocsge.geojson"
REPORT = f"zan rapport conso.csv {OWN} --territoire 62001 --sortie r.html"
BY_EPCI = f"zan rapport conso.csv {OWN} --territoires epci.csv --par epci --territoire E --sortie r.html"
NORM = "--sortie d --norme cnig-sites-economiques"
SPLIT = "--territoires epci.csv --par epci --garantie garantie.csv"
SURVEY = "--etablissements etablissements.csv"
GUARANTEE = f"{ACCOUNT} --territoires epci.csv --pression epci --garantie"
MOS = (
    "zan mos mos.geojson --passages passages.csv --de 2011 --a 2012 --zones contours.geojson --cle comm_insee"
)
NATURES = "foncier disponible sites.geojson --regles regles.toml --sol zonage.geojson --nature zone"
NEAR = "foncier disponible sites.geojson --regles regles.toml --pres-de"
BARE = "--donnees petit --sans-livrees"
PEOPLE = "trame desserte points.geojson --population population.geojson --compter habitants"
THEME = "carte communes_schema --sans-analyses --sortie c.html --aplats communes_schema:pop_totale/surface_ha"
PACK = "--donnees pays fiche"

CANAL = [
    advice(
        "waters",
        "",
        "canal desserte sites.geojson --voies points.geojson --lieux lieux.geojson",
        f"canal desserte sites.geojson {WATER}",
    ),
    advice(
        "places",
        "",
        f"canal desserte sites.geojson {WATER} --porter x",
        f"canal desserte sites.geojson {WATER} --porter profondeur",
    ),
    advice(
        "layers_or_default|_from_catalogue",
        "--voies",
        "--donnees petit --sans-livrees canal desserte sites",
        f"--donnees petit --sans-livrees canal desserte sites {WATER}",
        "--donnees petit canal desserte sites",
    ),
    advice(
        "layers_or_default|_from_catalogue",
        "--lieux",
        "--donnees petit --sans-livrees canal desserte sites --voies eau.geojson",
        f"--donnees petit --sans-livrees canal desserte sites {WATER}",
        "--donnees petit canal desserte sites --voies eau.geojson",
    ),
    advice(
        "WATERWAYS_ADVICE",
        "",
        f"canal desserte sites.geojson {WATER} --ajout-voies points.geojson",
        f"canal desserte sites.geojson {WATER} --ajout-voies eau.geojson",
    ),
    advice("NO_SECTOR", "", f"canal schema sites.geojson --dossier d {WATER}", "+ --filieres filieres.csv"),
    advice(
        "fret",
        "",
        "canal fret",
        "+ --flux flux.csv",
        "+ --filieres filieres.csv",
        "+ --entonnoir",
        "+ --tonnes 1 --route-km 2 --eau-km 3",
    ),
    advice(
        "of_front",
        "",
        f"canal desserte sites.geojson {WATER}",
        "+ --precision-sites 5 --precision-axes 5 --precision-lieux 5",
    ),
    advice(
        "of_front",
        "",
        f"canal schema sites.geojson --dossier d {WATER}",
        "+ --precision-sites 5 --precision-axes 5 --precision-lieux 5",
    ),
]
MAPS = [
    advice(
        "refuse_existing",
        "",
        "theme creer --sortie regles.toml",
        "theme creer --sortie agence.toml",
    ),
    advice(
        "INSTEAD",
        "",
        "carte sites.geojson --sans-analyses --sortie c.pdf",
        "carte sites.geojson --sans-analyses --image c.svg",
    ),
    advice(
        "_refuse_page_options",
        "",
        "carte sites.geojson --sans-analyses --image c.svg --kiosque",
        "+ --sortie c.html",
    ),
    advice(
        "_parts", "", "carte communes_schema --sans-analyses --sortie c.html --aplats communes_schema", THEME
    ),
    advice(
        "_parts",
        "",
        "carte communes_schema --sans-analyses --sortie c.html --cercles communes_schema",
        "carte communes_schema --sans-analyses --sortie c.html --cercles communes_schema:pop_totale",
    ),
    advice(
        "_parts",
        "",
        "carte sites_eco --sans-analyses --sortie c.html --couleur sites_eco",
        "carte sites_eco --sans-analyses --sortie c.html --couleur sites_eco:famille",
    ),
    advice(
        "_vintages",
        "",
        "carte sites.geojson --sans-analyses --sortie c.html --millesimes",
        "carte sites.geojson sites_apres.geojson --sans-analyses --sortie c.html --millesimes",
    ),
    advice("_bounds", "", f"{THEME} --bornes a;b", f"{THEME} --bornes 0;10;40"),
    advice(
        "wrapper",
        "au moins un site",
        "carte sites.geojson --sans-analyses --sortie c.html --visite ,",
        "carte sites.geojson --sans-analyses --sortie c.html --visite Nord",
    ),
    advice(
        "wrapper",
        "au moins un site",
        "simi --visite ,",
    ),
    advice(
        "_refuse_large_themes",
        "",
        "carte beaucoup.geojson --sans-analyses --image c.svg --aplats beaucoup.geojson:taux",
        "carte beaucoup.geojson --sans-analyses --sortie c.html --aplats beaucoup.geojson:taux",
    ),
    advice(
        "require_shapes",
        "",
        "foncier classer anonymes.csv --tirages 50 --criteres criteres.toml --cle code --carte c.html",
        "foncier disponible sites.geojson --regles regles.toml --format geojson --sortie d.geojson",
        "foncier classer d.geojson --tirages 50 --criteres criteres.toml --cle site_id --carte c.html",
    ),
]
SHEETS = [
    advice(
        "_require_one_subject",
        "Donner un SITE",
        PACK,
        "+ --tous --sans-analyses --sortie fiches",
        "+ --offre --sans-analyses --sortie fiches",
        "+ --commune 99001 --sans-analyses --sortie fiches",
        "+ --epci 999000011 --sans-analyses --sortie fiches",
        ends="dont une source publie du foncier disponible",
    ),
    advice(
        "fiche",
        "fiches pour un seul",
        f"{PACK} --tous --sans-analyses --sortie f.html",
        f"{PACK} --tous --sans-analyses --sortie fiches",
        f"{PACK} --commune 99001 --sans-analyses --sortie f.pdf",
    ),
    advice(
        "_budgets",
        "--objectifs demande",
        "--donnees petit fiche Nord --objectifs sraddet-hdf",
        "+ --consommation pays/consommation.csv --sortie f.html",
        ends="Région des territoires inconnue",
    ),
    advice("_budgets", "zan trajectoire", "--donnees petit fiche Nord --consommation conso.csv", ACCOUNT),
]
LAND = [
    advice(
        "_require_one_profile",
        "--graphique demande",
        "foncier classer anonymes.csv --tirages 50 --profil renaturation --graphique g.svg",
        "foncier classer anonymes.csv --tirages 50 --cle code --profil sobriete --site A --graphique g.svg",
    ),
    advice(
        "_require_one_profile",
        "--carte dessine",
        "foncier classer d.geojson --tirages 50 --profil sobriete --carte c.html",
        "foncier classer sites.geojson --tirages 50 --criteres criteres.toml --cle site_id --carte c.html",
    ),
    advice(
        "_require_one_profile",
        "Donner --profil",
        "foncier classer anonymes.csv --tirages 50 --cle code",
        "+ --profil renaturation",
        "+ --criteres criteres.toml",
    ),
    advice(
        "_keyed",
        "Aucune colonne",
        "foncier classer anonymes.csv --tirages 50 --criteres criteres.toml",
        "+ --cle code",
    ),
    advice(
        "_keyed",
        "Deux lignes",
        "foncier classer homonymes.csv --tirages 50 --criteres criteres.toml",
        "+ --cle code",
    ),
    advice(
        "_natures",
        "--nature-de",
        f"{NATURES} --nature-de U",
        f"{NATURES} --nature-de U=urbanisé --nature-de A=ENAF",
    ),
    advice(
        "_recognised",
        "",
        "foncier disponible sites.geojson --regles regles.toml --sol zonage.geojson",
        f"{NATURES} --nature-de U=urbanisé --nature-de A=ENAF",
        "+ --nomenclature zones.toml",
    ),
    advice(
        "_constraint_layers",
        "",
        f"{BARE} foncier disponible sites",
        f"{BARE} foncier disponible sites --regles regles.toml",
        "foncier contraintes --copier contraintes.toml",
        f"{BARE} foncier disponible sites --regles contraintes.toml",
    ),
    advice(
        "layer_rules",
        "",
        "foncier disponible sites.geojson --regles inondable.geojson",
        "foncier contraintes --copier contraintes.toml",
        "foncier disponible sites.geojson --regles regles.toml",
    ),
    advice(
        "near_sites",
        "Aucun site",
        f"{NEAR} points.geojson --distance 10",
        f"{NEAR} points.geojson --distance 5000",
    ),
    advice(
        "near_sites",
        "Aucune voie",
        f"{BARE} {NEAR} canal --distance 5000",
        f"{BARE} {NEAR} eau.geojson --distance 5000",
        f"--donnees petit {NEAR} canal --distance 50000",
    ),
    advice(
        "_notes",
        "Sans --proprietaire",
        "foncier densifier parcelles_sans_idu.geojson batiments.geojson --cle numero",
        "+ --proprietaire numero",
    ),
    advice(
        "_unlisted",
        "--format csv",
        "foncier densifier parcelles_sans_idu.geojson bati_plein.geojson --cle numero",
        "+ --format csv",
        "+ --format json",
        "+ --format xlsx --sortie u.xlsx",
    ),
    advice(
        "parcel_key", "", "foncier densifier parcelles_sans_idu.geojson batiments.geojson", "+ --cle numero"
    ),
    advice("_names", "", "foncier densifier parcelles.geojson batiments.geojson", "+ --cle numero"),
    advice(
        "require_columns",
        "Donner avec --",
        "foncier densifier parcelles.geojson batiments.geojson --cle numero --garder x",
        "foncier densifier parcelles.geojson batiments.geojson --cle numero --garder idu",
    ),
    advice(
        "require_columns",
        "Donner avec --",
        "foncier densifier parcelles.geojson batiments.geojson --cle x",
        "foncier densifier parcelles.geojson batiments.geojson --cle numero",
    ),
    advice(
        "require_columns",
        "Donner avec --",
        "foncier densifier parcelles.geojson batiments.geojson --cle numero --proprietaire x",
        "foncier densifier parcelles.geojson batiments.geojson --cle numero --proprietaire idu",
    ),
    advice(
        "require_columns",
        "Donner avec --",
        "foncier densifier parcelles.geojson batiments.geojson --cle numero --sites zonage.geojson",
        "+ --cle-site zone",
    ),
]
GREEN = [
    advice(
        "OBSTACLES_ADVICE",
        "",
        "trame taches sites.geojson --obstacles points.geojson",
        "trame taches sites.geojson --obstacles voies.geojson",
    ),
    advice(
        "ZONES_ADVICE",
        "",
        "trame bilan voies.geojson --etat statut --territoires points.geojson --par nom",
        "trame bilan voies.geojson --etat statut --territoires contours.geojson --par comm_insee",
    ),
    advice("_state_notes", "", "trame bilan voies.geojson", "+ --etat statut"),
    advice("_cleaning_note", "", "trame maillage voies.geojson", "+ --constats"),
    advice(
        "desserte",
        "",
        f"{PEOPLE} --ajout-rues voies.geojson",
        "+ --rues voies.geojson",
    ),
    advice("_joint_note", "", "trame manques voies.geojson", "+ --a-verifier"),
]
ZAE = [
    advice(
        "require_columns",
        "Donner avec --",
        f"zae vacance unites_nues.csv {SURVEY}",
        "+ --zae secteur",
    ),
    advice(
        "require_columns",
        "Donner avec --",
        f"zae inventaire unites_nues.csv {SURVEY} --type-proprietaire proprio --occupant enseigne",
        "+ --zae secteur",
    ),
    advice(
        "require_columns",
        "Donner avec --",
        f"zae inventaire unites_nues.csv {SURVEY} --zae secteur --occupant enseigne",
        "+ --type-proprietaire proprio",
    ),
    advice(
        "require_columns",
        "Donner avec --",
        f"zae inventaire unites.csv --zae zae {SURVEY}",
        "+ --occupant enseigne",
    ),
    advice(
        "_in_form|inventory|vacancy",
        "",
        f"zae inventaire unites.csv --zae zae {SURVEY} --occupant enseigne",
        "+ --publiable",
    ),
    advice(
        "_progress",
        "",
        f"--donnees espace zae inventaire unites.csv --zae zae {SURVEY} --occupant enseigne --avancement",
        "+ --declarees 5",
    ),
    advice(
        "_answers",
        "Accepter",
        "zae vacance unites.csv --zae zae --etablissements de_2024.csv",
        "+ --rattacher",
    ),
    advice(
        "_answers",
        "Mettre dans",
        "zae vacance unites.csv --zae zae --etablissements inconnus.csv",
        "zae vacance unites.csv --zae zae --etablissements corriges.csv --rattacher",
    ),
]
ZAN = [
    advice("study", "", f"zan simuler conso.csv {OWN}", "+ --projets projets.csv", "+ --offre offre.csv"),
    advice(
        "_scenarios",
        "",
        f"zan simuler conso.csv {OWN} --projets projets.csv --scenario P1",
        f"zan simuler conso.csv {OWN} --projets projets.csv --scenario bas=P1",
    ),
    advice(
        "_by_commune",
        "se compte par EPCI",
        f"{ACCOUNT} --pression commune",
        f"{ACCOUNT} --territoires epci.csv --pression epci",
    ),
    advice(
        "_by_commune",
        "demandent --territoires",
        f"{ACCOUNT} --par pma --pression epci",
        "+ --territoires pole.csv",
    ),
    advice(
        "_by_commune",
        "totaux",
        "zan trajectoire conso_epci.csv --cle epci --unite ha --par epci --pression epci",
        f"{ACCOUNT} --territoires epci.csv --pression epci",
    ),
    advice(
        "_weighed",
        "pas de colonne",
        f"{ACCOUNT} --territoires territoires.csv --pression epci",
        f"{ACCOUNT} --territoires epci.csv --pression epci",
    ),
    advice(
        "_weighed",
        "garantie à mettre",
        f"{GUARANTEE} garantie.csv --mutualiser 62003",
        f"{GUARANTEE} garantie_complete.csv --mutualiser 62003",
        f"{GUARANTEE} garantie.csv",
    ),
    advice(
        "floors",
        "",
        f"{ACCOUNT} --territoires epci.csv --par epci --garantie garantie.csv",
        f"{ACCOUNT} --territoires epci.csv --par commune --garantie garantie.csv",
        f"{GUARANTEE} garantie.csv",
    ),
    advice(
        "floors",
        "",
        f"zan simuler conso.csv {OWN} {SPLIT} --projets projets.csv",
        f"zan simuler conso.csv {OWN} --par commune --garantie garantie.csv --projets projets.csv",
    ),
    advice(
        "floors",
        "",
        f"{BY_EPCI} --garantie garantie.csv",
        f"{REPORT} --par commune --garantie garantie.csv",
    ),
    advice(
        "classified",
        "",
        "zan stock ocsge.geojson --zones contours.geojson --cle comm_insee --copie copie",
        "zan stock ocsge.gpkg --zones contours.geojson --cle comm_insee --copie copie",
    ),
    advice(
        "_sieved",
        "",
        "zan stock ocsge.geojson --zones contours.geojson --cle comm_insee --tamis",
        "+ --largeur",
    ),
    advice("_sieved", "", f"{SOIL} {PAIR} --tamis", "+ --largeur"),
    advice(
        "_minima",
        "",
        f"zan simuler conso.csv {OWN} --projets parc_pv.csv --regles loi-2021-1104",
        f"zan simuler conso.csv {OWN} --projets parc_pv.csv --regles loi-2023-630",
    ),
    advice("_drawn_territory", "--graphique dessine", f"{ACCOUNT} --graphique g.svg", "+ --sur 62001"),
    advice(
        "_of_cerema",
        "--colonnes ne sert pas",
        "zan trajectoire pays/consommation.csv --colonnes x",
        "zan trajectoire pays/consommation.csv",
    ),
    *(
        advice("_of_own_table", "n'est pas le fichier", call.replace(OWN, ""), call)
        for call in (
            ACCOUNT,
            f"zan consommation conso.csv {OWN}",
            f"zan simuler conso.csv {OWN} --offre offre.csv",
            REPORT,
        )
    ),
    advice("mos_study", "", f"{MOS} --avant avant --apres avant", f"{MOS} --avant avant --apres apres"),
    advice("_membership", "", f"{ACCOUNT} --par epci", "+ --territoires epci.csv"),
    advice("_refuse_errors", "", "zan consommation cerema_faux.csv", "zan controle cerema_faux.csv"),
    advice(
        "require_known_target",
        "est inconnu",
        f"zan trajectoire conso_deux.csv {OWN} --objectifs sraddet-hdf --graphique g.svg --sur 35001",
        f"zan trajectoire conso_deux.csv {OWN} --taux 0.5 --graphique g.svg --sur 35001",
        f"zan trajectoire conso_deux.csv {OWN} --objectifs objectifs_53.csv --graphique g.svg --sur 35001",
    ),
    advice(
        "with_regions",
        "",
        "zan trajectoire cerema_84.csv --region 32 --objectifs sraddet-hdf",
        "zan trajectoire cerema_84.csv --region 84 --objectifs sraddet-hdf",
        ends="région 84",
    ),
    advice(
        "_communes",
        "pas de colonne comm_insee",
        f"{REPORT} {PAIR} --contours contours_sans_code.geojson",
        f"{REPORT} {PAIR} --contours contours.geojson",
    ),
    advice(
        "_communes",
        "qui dirait",
        f"{BY_EPCI} {PAIR} --contours contours.geojson",
        f"{BY_EPCI} {PAIR} --contours contours_epci.geojson",
    ),
    advice(
        "_communes",
        "aucune commune",
        f"{REPORT} {PAIR} --contours zonage_insee.geojson",
        f"{REPORT} {PAIR} --contours contours.geojson",
    ),
    advice("flux_study", "", SOIL, f"+ {PAIR}", "+ --diff diff.geojson"),
    advice("_per_year", "Rythme", f"{SOIL} {PAIR}", "+ --date-avant 2018-01-01 --date-apres 2021-01-01"),
    advice(
        "_per_year",
        "doit suivre",
        f"{SOIL} {PAIR} --date-avant 2021-01-01 --date-apres 2018-01-01",
        f"{SOIL} {PAIR} --date-avant 2018-01-01 --date-apres 2021-01-01",
    ),
    advice("OFFICIAL", "", f"{SOIL} {PAIR}", f"{SOIL} --diff diff.geojson"),
    advice(
        "_flow_column",
        "absente",
        f"zan trajectoire longue.csv {OWN} --colonnes x",
        f"zan trajectoire longue.csv {OWN} --colonnes enaf",
        f"{ACCOUNT} --colonnes 'conso_{{annee}}'",
    ),
    advice(
        "_flow_column",
        "ne dit pas l'année",
        f"zan trajectoire sans_annee.csv {OWN} --colonnes enaf",
        f"{ACCOUNT} --colonnes 'conso_{{annee}}'",
    ),
    advice("_flow_years", "rien ne dit", f"zan trajectoire enaf.csv {OWN}", "+ --colonnes 'enaf_{annee}'"),
    advice(
        "_flow_years",
        "Aucune année",
        f"zan trajectoire sans_annee.csv {OWN}",
        f"zan trajectoire enaf.csv {OWN} --colonnes 'enaf_{{annee}}'",
    ),
]
LAYERS = [
    advice(
        "_territories",
        "Rien ne dit",
        "couches exporter points.geojson --par epci --sortie p.gpkg",
        "couches exporter points.geojson --par nom --sortie p.gpkg",
    ),
    advice(
        "_tell",
        "--publiable",
        "couches exporter contacts.geojson --type etablissement --sortie c.gpkg",
        "+ --publiable",
    ),
    advice("read_gpx", "", f"{IMPORT} mixte.gpx {FREE}", "+ --couche-source waypoints"),
    advice(
        "exporter",
        "",
        "couches exporter sites.geojson --sortie s.csv --siren 246200364",
        f"--donnees pays couches exporter sites_eco {NORM} --siren 246200364",
    ),
    advice(
        "conforming",
        "",
        f"couches exporter pays/sites_eco.geojson {NORM}",
        "+ --type site_eco --siren 246200364",
    ),
    advice(
        "_file_name",
        "",
        f"--donnees pays couches exporter sites_eco {NORM}",
        "+ --siren 246200364",
    ),
    advice(
        "_schema",
        "",
        f"{IMPORT} sites.geojson",
        "+ --type libre",
        "--donnees espace couches types",
        f"{IMPORT} sites.geojson --type libre --vers zones --recette r.toml",
        f"{IMPORT} sites.geojson --recette r.toml",
    ),
    advice(
        "_pairs",
        "--correspondance",
        f"{IMPORT} sites.geojson --type terrain.toml --vers zones --correspondance terr_id",
        f"{IMPORT} sites.geojson --type terrain.toml --vers zones --correspondance terr_id=site_id",
    ),
    advice("compare", "", "couches comparer parcelles.geojson parcelles_sans_idu.geojson", "+ --cle numero"),
    advice(
        "_renumbering",
        "",
        "couches comparer sites.geojson renumerotes.geojson --cle site_id",
        "couches comparer sites.geojson renumerotes.geojson --cle site_nom",
    ),
    advice(
        "_positions",
        "",
        "couches comparer sites.geojson sites_apres.geojson --cle x",
        "couches comparer sites.geojson sites_apres.geojson --cle site_id",
    ),
    advice(
        "_refuse_lost_zeros",
        "",
        "couches comparer zeros.geojson sites.geojson --cle lots",
        "couches comparer zeros.geojson sites.geojson --cle site_id",
    ),
    advice("_format", "", "couches lister --format xlsx", "+ --sortie l.xlsx"),
    advice(
        "contradiction",
        "",
        "couches lister --format csv --sortie l.xlsx",
        "couches lister --format csv",
        "couches lister --sortie l.xlsx",
    ),
    advice(
        "_save_with_sources", "", "couches lister --sortie noms.csv", "couches lister --sortie couches.csv"
    ),
    advice("copier", "", "couches copier communes", "--donnees petit couches copier communes"),
    advice(
        "copy_shipped",
        "",
        "--donnees petit couches copier logistique --nom sites",
        "--donnees petit couches copier logistique --nom ports",
    ),
    advice("refuse_filled", "déjà un espace", "espace creer petit", "--donnees petit couches lister"),
    advice(
        "without_shipped",
        "",
        "--sans-livrees couches lister",
        "--donnees petit --sans-livrees couches lister",
    ),
    advice(
        "_read", "Vérifier --donnees", "--donnees absent couches lister", "--donnees petit couches lister"
    ),
    advice("invoke", "se place avant", "couches lister --donnees petit", "--donnees petit couches lister"),
]

READING = [
    advice(
        "_choices", "Sans territoire", f"{IMPORT} degres.csv {FREE} --territoire monde", "+ --crs EPSG:4326"
    ),
    advice(
        "_choices",
        "Aucune lecture",
        f"{IMPORT} marseille.csv {FREE} --territoire 2,50,3,51",
        f"{IMPORT} marseille.csv {FREE} --territoire france",
        f"{IMPORT} marseille.csv {FREE} --territoire monde --crs EPSG:2154",
        ends="Lectures possibles",
    ),
    advice(
        "_choices", "Une seule lecture", f"{IMPORT} degres.csv {FREE}", "+ --crs auto", "+ --crs EPSG:4326"
    ),
    advice(
        "_choices", "Une seule lecture", f"{IMPORT} lambert2.csv {FREE}", "+ --crs auto", "+ --crs EPSG:27572"
    ),
    advice(
        "_choices",
        "Une seule lecture",
        f"{IMPORT} axes.csv {FREE}",
        "+ --crs auto",
        "+ --crs EPSG:4326-inverse",
    ),
    advice("_choices", "{} (--crs {})", f"{IMPORT} utm.csv {FREE} --territoire france", "+ --crs EPSG:32631"),
    advice(
        "_choices",
        "{} (--crs {})",
        "trame taches utm.csv",
        f"{IMPORT} utm.csv --type libre --crs EPSG:32631",
        "--donnees espace trame taches libre",
    ),
    advice(
        "transformer_to_plane",
        "",
        f"{IMPORT} datum.shp {FREE} --crs '+proj=lcc +lat_1=49 +lat_2=44 +lat_0=46.5 +lon_0=3 "
        "+x_0=700000 +y_0=6600000 +ellps=intl'",
        f"{IMPORT} datum.shp {FREE} --crs EPSG:2154",
    ),
    advice(
        "_reading",
        "",
        f"{IMPORT} degres.csv {FREE} --crs EPSG:999999",
        f"{IMPORT} degres.csv {FREE} --crs EPSG:4326",
        f"{IMPORT} cc50.csv {FREE} --crs EPSG:3950",
    ),
    advice("parse", "", "trame taches crs_lien.geojson", f"{IMPORT} crs_lien.geojson {FREE} --crs EPSG:2154"),
    advice("parse", "", "trame taches crs_faux.geojson", f"{IMPORT} crs_faux.geojson {FREE} --crs EPSG:2154"),
    advice(
        "beyond_degrees",
        "",
        "couches valider metres.geojson --format json",
        f"{IMPORT} metres.geojson {FREE} --crs EPSG:2154",
    ),
    advice(
        "beyond_degrees", "", "trame taches metres.geojson", f"{IMPORT} metres.geojson {FREE} --crs EPSG:2154"
    ),
    advice(
        "read",
        "Voir toutes les erreurs",
        "trame taches metres.geojson",
        "couches valider metres.geojson --format csv",
        ends="en mètres",
    ),
    advice(
        "_doubtful_system",
        "",
        "couches valider datum.shp --format json",
        f"{IMPORT} datum.shp {FREE} --crs auto",
        f"{IMPORT} datum.shp {FREE} --crs EPSG:2154",
    ),
    advice("_bad_encoding", "", f"{IMPORT} latin1.geojson {FREE}", "+ --encodage cp1252"),
    advice("_bad_encoding", "", "couches valider latin1.geojson", "+ --encodage cp1252"),
    advice(
        "_bad_encoding",
        "",
        "trame taches latin1.geojson",
        f"{IMPORT} latin1.geojson --type libre --encodage cp1252",
        "--donnees espace trame taches libre",
    ),
    advice("_guess_findings", "", f"{IMPORT} sans_cpg.shp {FREE}", "+ --encodage cp1252"),
    advice(
        "_cut_names",
        "",
        f"{IMPORT} coupe.shp --type terrain.toml --vers zones",
        "+ --correspondance surface_m2=surface_to",
    ),
    advice(
        "_decoded",
        "",
        f"{IMPORT} accents.csv {FREE} --encodage ascii",
        f"{IMPORT} accents.csv {FREE} --encodage cp1252",
    ),
    advice(
        "_decoded",
        "",
        "couches valider accents.csv --encodage ascii",
        "couches valider accents.csv --encodage cp1252",
    ),
    advice(
        "_malformed",
        "",
        f"{IMPORT} guillemets.csv {FREE} --separateur ,",
        f"{IMPORT} guillemets.csv {FREE} --separateur ';'",
    ),
    advice(
        "_no_column",
        "",
        f"{IMPORT} barres.csv {FREE} --colonne-geometrie geom --separateur ';'",
        f"{IMPORT} barres.csv {FREE} --colonne-geometrie geom --separateur barre --crs auto",
    ),
    advice(
        "_no_column",
        "",
        f"{IMPORT} tabule.csv {FREE} --colonne-geometrie geom --separateur ';'",
        f"{IMPORT} tabule.csv {FREE} --colonne-geometrie geom --separateur tabulation --crs auto",
    ),
    *(
        advice(
            function, "", f"{IMPORT} {file} {FREE}", f"+ --couche-source {name}", f"+ --couche-source {name}"
        )
        for function, file, name in (
            ("_chosen", "plusieurs.gpkg", "zae"),
            ("_undecided", "feuilles.xlsx", "A"),
            ("_child", "plusieurs.kml", "zae"),
            ("_several", "plusieurs.zip", "zae.geojson"),
            ("opened_raw", "base.zip", "plusieurs.gpkg/zae"),
        )
    ),
    *(
        advice(function, "", f"couches valider {file}", f"+ --couche-source {name}")
        for function, file, name in (
            ("_chosen", "plusieurs.gpkg", "zae"),
            ("_undecided", "feuilles.xlsx", "A"),
            ("_child", "plusieurs.kml", "zae"),
            ("_several", "plusieurs.zip", "zae.geojson"),
            ("opened_raw", "base.zip", "plusieurs.gpkg/zae"),
        )
    ),
    *(
        advice(
            function,
            "",
            f"trame taches {file}",
            f"trame taches '{file}|layername={name}'",
        )
        for function, file, name in (
            ("_child", "plusieurs.kml", "zae"),
            ("_several", "plusieurs.zip", "zae.geojson"),
            ("opened_raw", "base.zip", "plusieurs.gpkg/zae"),
        )
    ),
    advice(
        "_chosen",
        "couches",
        "trame taches plusieurs.gpkg",
        "trame taches 'plusieurs.gpkg|layername=zae'",
        f"{IMPORT} plusieurs.gpkg --type libre --couche-source zae",
        "--donnees espace trame taches libre",
    ),
    advice(
        "_undecided",
        "feuilles",
        f"zae vacance feuilles.xlsx {SURVEY}",
        f"zae vacance 'feuilles.xlsx|layername=A' {SURVEY}",
        ends="unit_id",
    ),
    advice(
        "_unread_files",
        "",
        f"{IMPORT} avec_table.zip {FREE} --format json",
        "+ --couche-source flux.csv",
        ends="géométrie",
    ),
    advice(
        "_advice",
        "",
        "trame taches degres.shp",
        f"{IMPORT} degres.shp --type libre --crs auto",
        "--donnees espace trame taches libre",
    ),
    advice("_inflate", "gonfle", f"{IMPORT} bombe.json.gz {FREE}", "+ --ratio-max 100000"),
    advice(
        "_inflate",
        "gonfle",
        "couches valider bombe.json.gz",
        f"{IMPORT} bombe.json.gz {FREE} --ratio-max 100000",
    ),
    advice(
        "_inflate",
        "gonfle",
        "trame taches bombe.json.gz",
        f"{IMPORT} bombe.json.gz {FREE} --ratio-max 100000",
    ),
    advice(
        "_inflate",
        "une fois décompressé",
        f"{IMPORT} gros.json.gz {FREE} --taille-max 1",
        f"{IMPORT} gros.json.gz {FREE} --taille-max 9",
    ),
    advice(
        "_layer_file",
        "",
        f"{IMPORT} gros.geojson {FREE} --taille-max 1",
        f"{IMPORT} gros.geojson {FREE} --taille-max 9",
    ),
    advice(
        "refused", "--ecarter", f"{IMPORT} doublons.geojson --type terrain.toml --vers zones", "+ --ecarter"
    ),
    advice(
        "refused",
        "--correspondance",
        f"{IMPORT} points.geojson --type terrain.toml --vers zones",
        "+ --correspondance terr_id=nom",
    ),
    advice(
        "refused",
        "--incomplet",
        f"{IMPORT} points.geojson --type quai --vers zones",
        "+ --incomplet --completer",
    ),
    advice(
        "refused", "--completer", f"{IMPORT} points.geojson --type terrain.toml --vers zones", "+ --completer"
    ),
    advice(
        "_communes",
        "",
        f"{IMPORT} sites.geojson {FREE} --communes absentes.geojson",
        f"{IMPORT} sites.geojson {FREE} --communes contours.geojson",
    ),
    advice(
        "_head",
        "Tous les champs",
        f"{IMPORT} sites.geojson --type site_eco --proposer",
        "couches types site_eco",
    ),
    advice(
        "proposed",
        "",
        "couches importer sites.geojson --type site_eco --proposer --sortie r.toml",
        f"{IMPORT} sites.geojson --recette r.toml --essai",
        ends="import refusé",
    ),
    advice(
        "_head",
        "CETTE_RECETTE",
        f"{IMPORT} sites.geojson --type site_eco --proposer",
        f"{IMPORT} sites.geojson --type site_eco --proposer --sortie r.toml",
        f"{IMPORT} sites.geojson --recette r.toml --essai",
        ends="import refusé",
    ),
    advice(
        "about_recipe",
        "",
        "--donnees reprise couches importer sites.geojson",
        "--donnees reprise couches importer sites.geojson --sans-recette --type libre --vers zones",
    ),
    advice("_fields", "--modele", "couches types site_eco", "+ --modele formulaire.xlsx"),
    advice("form", "demande un TYPE", "couches types --modele x.xlsx", f"{FORM} --modele formulaire.xlsx"),
    advice("_key", "ou le type : --type TYPE", MERGE, "+ --cle site_id"),
    advice("_require_key", "", f"{MERGE} --cle x", f"{MERGE} --cle site_id"),
    advice("_findings", "les donne toutes", f"{IMPORT} croises.geojson {FREE}", "+ --format json"),
    advice("_findings", "sans conséquence", f"{IMPORT} sites.geojson {FREE}", "+ --format json"),
    advice(
        "_followed",
        "",
        "--donnees lie couches importer sites.geojson --type libre --vers zones",
        "--donnees autre couches importer sites.geojson --type libre --vers zones",
    ),
    advice(
        "_note",
        "",
        "trame taches croises.gpkg",
        "couches valider croises.gpkg",
        ends="croise",
    ),
]
BY_HAND = "sources prendre conso_enaf --depuis conso_ouverte.csv"
OPEN_DATA = [
    advice(
        "scope_of",
        "",
        f"--donnees neuf {BY_HAND} --epci 200000001 --departement 62",
        f"--donnees neuf {BY_HAND} --departement 62",
    ),
    advice("require_free", "", f"--donnees ouvert {BY_HAND}", "+ --vers conso_cerema"),
    advice("_workspace", "sources", "sources etat", f"--donnees neuf {BY_HAND}"),
]
TABLE = [*CANAL, *OPEN_DATA, *MAPS, *SHEETS, *LAND, *GREEN, *ZAE, *ZAN, *LAYERS, *READING]

ALONE = "le nom d'une option, que « require_columns » met dans sa phrase"
RULE = "une liste d'options pour « options.agree », dont chaque paire est essayée"
NO_ADVICE = {  # sentences that name an option or a command and advise nothing, by function -> reason
    "ARGUMENTS": "les arguments de Python pour ces options : tests/library/test_arguments.py",
    "wrapper --afficher": ALONE,
    "_next": "tests/cli/test_first_hour.py lance ces commandes dans l'espace rempli",
    "NATIONAL --nationaux": "une prise par le réseau : tests/cli/test_first_hour.py l'essaie",
    "_OTHER_VINTAGE": "une prise par le réseau : tests/cli/test_first_hour.py l'essaie",
    "advice --donnees": "un espace rempli : tests/cli/test_first_hour.py importe ainsi ses zones",
    "_only_one": "une feuille masquée : tests/formats/test_sheets_as_shown.py l'essaie",
    "_say_aside": "un espace rempli : tests/cli/test_first_hour.py y nomme une couche",
    "option --{}": "l'option d'un territoire, que « require_of » met dans sa phrase",
    "require_of": "une prise par le réseau : tests/sources/test_contours.py l'essaie",
    "require_reader": "un paquet absent : tests/formats/test_seven_zip.py l'essaie",
    "_hidden": "des colonnes sans place sur un écran étroit : tests/cli/test_commands.py l'essaie",
    "PEOPLE_ADVICE": "une couche sans aucune forme ; tests/studies/test_corridors.py l'essaie",
    "REPAIR": "une phrase que « shapes » met dans la sienne ; sa suite est essayée avec elle",
    "study --colonne-filiere": ALONE,
    "ONE_FLOW": RULE,
    "analysis_options": RULE,
    "photographs": RULE,
    "FILES": "une liste d'options, que les commandes qui dessinent mettent dans leurs phrases",
    "OF_THE_PAGE": "une liste d'options, que « carte » met dans sa phrase",
    "_require_columns --garder": ALONE,
    "_perimeters --cle-site": ALONE,
    "_by_epci --cle-epci « --cle-epci": ALONE,
    "_territories --par « --par": ALONE,
    "_units --proprietaire « --proprietaire": ALONE,
    "_require_columns": ALONE,
    "inventory --zae": ALONE,
    "inventory --type-proprietaire": ALONE,
    "inventory --occupant": ALONE,
    "opened_raw --couche-source « --couche": "cherche l'option dans un message, n'en écrit pas",
    "_without_options": "cherche l'option dans un message, n'en écrit pas",
    "NAMES_THE_IMPORT": "cherche la commande dans un message, n'en écrit pas",
    "_README": "le LISEZMOI d'un espace : tests/cli/test_espace.py essaie ses commandes",
    "template --theme": "l'en-tête d'un fichier à compléter : tests/cli/test_espace.py le relit",
    "form --completer": "une phrase du classeur à remplir, hors du terminal",
    "css": "des variables de feuille de style",
    "OPTION --zoom-max-fond": "le nom d'une option, dans des phrases que tests/maps/test_tiles.py provoque",
    "_said": "un défaut de l'outil, que nul fichier ne provoque : tests/cli/test_cli.py le simule",
    "folder": "ne se dit que d'un outil installé, dont le dossier livré n'est pas à écrire",
}
