# Installe artois-geo dans .venv et fabrique le dossier SIMI a partir des couches livrees (Windows).
# Usage : powershell -ExecutionPolicy Bypass -File scripts\demarrer.ps1 [DOSSIER]
# Sans accents : Windows PowerShell 5 lit un script sans marque d'ordre dans la page de codes du poste.
param([string]$Sortie = "")
$ErrorActionPreference = "Stop"
$racine = Split-Path -Parent $PSScriptRoot
if ($Sortie -eq "") { $Sortie = Join-Path $racine "simi" }
elseif (-not [System.IO.Path]::IsPathRooted($Sortie)) { $Sortie = Join-Path (Get-Location).Path $Sortie }
$env:PYTHONUTF8 = "1"

function Find-Python {
    # Windows PowerShell 5 fait une erreur de ce qu'un programme ecrit sur sa sortie d'erreur redirigee.
    $ErrorActionPreference = "Continue"
    foreach ($essai in @(@("py", "-3.13"), @("py", "-3.12"), @("py", "-3.11"), @("python"), @("python3"))) {
        $programme, $options = $essai[0], @($essai | Select-Object -Skip 1)
        if (-not (Get-Command $programme -ErrorAction SilentlyContinue)) { continue }
        & $programme @options -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>$null
        if ($LASTEXITCODE -eq 0) { return , $essai }
    }
    throw "Python 3.11 ou plus recent est necessaire (Microsoft Store ou winget : Python 3.12)."
}

function Invoke-Step([string]$programme, [string[]]$arguments) {
    & $programme @arguments
    if ($LASTEXITCODE -ne 0) { throw "$programme $($arguments -join ' ') : code $LASTEXITCODE" }
}

$python = Join-Path $racine ".venv\Scripts\python.exe"
if (-not (Test-Path $python)) {
    $trouve = Find-Python
    Invoke-Step $trouve[0] (@($trouve | Select-Object -Skip 1) + @("-m", "venv", (Join-Path $racine ".venv")))
}
Write-Host "Installation d'artois-geo dans .venv ..."
Invoke-Step $python @("-m", "pip", "install", "--quiet", "--disable-pip-version-check", $racine)
$commande = Join-Path $racine ".venv\Scripts\artois-geo.exe"
Invoke-Step $commande @("simi", "--sortie", $Sortie)

Write-Host ""
Write-Host "Ouvrir dans un navigateur, meme sans reseau : $(Join-Path $Sortie 'index.html')"
Write-Host "Autres commandes : $commande --help"
