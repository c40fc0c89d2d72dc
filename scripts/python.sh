# Trouve un Python ≥ 3.11 et prépare un environnement : sourcé par demarrer et test.

trouver_python() {
    local nom
    # PYTHON_VOULU : une seule version est demandée, par exemple python3.11.
    for nom in ${PYTHON_VOULU:-python3.13 python3.12 python3.11 python3}; do
        if command -v "$nom" >/dev/null && "$nom" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$nom"
            return
        fi
    done
    echo "${PYTHON_VOULU:-Python 3.11 ou plus récent} est nécessaire (Debian : apt install python3 python3-venv)." >&2
    return 1
}

# Sous Debian, python3 existe souvent sans venv : l'installer quand c'est permis, sinon le dire.
environnement() {
    local dossier=$1 python
    [ -x "$dossier/bin/python" ] && "$dossier/bin/python" -m pip --version >/dev/null 2>&1 && return
    python=$(trouver_python)
    rm -rf "$dossier"
    if ! "$python" -m venv "$dossier" >/dev/null 2>&1; then
        rm -rf "$dossier"
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
            "$python" -m venv "$dossier"
        else
            echo "Le module venv manque : apt install python3-venv, puis relancer." >&2
            return 1
        fi
    fi
}
