# Runs tests/Pester against the module that dotnet build left in out/DicomPS.
# -Probe only answers "yes" when there is a Pester that can run these files.
param([switch] $Probe)

$pester = Get-Module -ListAvailable Pester | Where-Object Version -ge '5.0.0' | Sort-Object Version -Descending | Select-Object -First 1
if ($Probe) {
    if ($pester) { 'yes' } else { 'no' }
    exit 0
}

Import-Module $pester.Path
$root = Split-Path -Parent $PSScriptRoot
$files = Join-Path $root 'tests/Pester'
if (-not (Get-ChildItem -Path $files -Filter *.Tests.ps1 -Recurse -ErrorAction Ignore)) {
    'Pester: 0 passed, 0 failed, 0 skipped'
    exit 0
}

$configuration = New-PesterConfiguration
$configuration.Run.Path = $files
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
$result = Invoke-Pester -Configuration $configuration
# A file that does not load has no failed test, but it has failed.
$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
'Pester: {0} passed, {1} failed, {2} skipped' -f $result.PassedCount, $failed, ($result.SkippedCount + $result.NotRunCount)
if ($failed -or $result.Result -ne 'Passed') { exit 1 }
exit 0
