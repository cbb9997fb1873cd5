# Sessions that are not like ours: strict mode, a home that cannot be written or is not there, a prefix, a constrained language.
Describe 'Surroundings' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $module = "$root/out/DicomPS/DicomPS.psd1"
        $archive = Start-DicomArchive "$TestDrive/archive" -Port 0 -AETitle BOX
        $node = "BOX@127.0.0.1:$($archive.Port)"
        # In a process of its own, with its environment: everything that it says.
        function Invoke-Fresh([string] $Script, [hashtable] $Environment = @{}) {
            $before = @{}
            foreach ($name in $Environment.Keys) {
                $before[$name] = [Environment]::GetEnvironmentVariable($name)
                [Environment]::SetEnvironmentVariable($name, $Environment[$name])
            }

            try { (& $pwsh -NoProfile -NonInteractive -Command $Script 2>&1 | Out-String).Trim() }
            finally { foreach ($name in $before.Keys) { [Environment]::SetEnvironmentVariable($name, $before[$name]) } }
        }
    }

    AfterAll { Stop-DicomArchive -All -Force }

    It 'works in strict mode, with views and lists' {
        $said = Invoke-Fresh "Set-StrictMode -Version Latest; `$ErrorActionPreference = 'Stop'; Import-Module '$module'; Test-DicomEcho $node; Test-DicomEcho $node | Format-List; Find-DicomStudy $node -Property InstitutionName | Format-List; (Find-DicomStudy $node | Measure-Object).Count; 'DONE'"
        $said | Should -Match 'DONE$'
        $said | Should -Not -Match 'cannot be retrieved|cannot be found'
    }

    It 'works with a prefix' {
        $said = Invoke-Fresh "Import-Module '$module' -Prefix Our; (Test-OurDicomEcho $node).Success; Find-OurDicomStudy $node; (Get-Command -Module DicomPS).Count; Get-Command Test-DicomEcho -ErrorAction Ignore"
        $said | Should -Match '(?m)^True'
        $said | Should -Match '(?m)^\d{2,}\s*$'
        $said | Should -Not -Match 'not recognized|Exception'
    }

    It 'sends and finds without a home, and says why no name can be kept' -Skip:($env:OS -eq 'Windows_NT') {
        $nowhere = @{ HOME = '/nowhere/at/all'; XDG_CONFIG_HOME = '/proc/nowhere'; DICOMPS_CONFIG_HOME = $null }
        $said = Invoke-Fresh "Import-Module '$module'; (Test-DicomEcho $node).Success; @(Get-DicomNode).Count; try { Set-DicomNode x X@h:1 -ErrorAction Stop } catch { `$_.FullyQualifiedErrorId; `"`$_`" }" $nowhere
        $said | Should -Match '(?m)^True'
        $said | Should -Match '(?m)^0'
        $said | Should -Match 'Dicom\w+,'
        $said | Should -Match 'nowhere'
    }

    It 'reads names that cannot be written, and says that they cannot' -Skip:($env:OS -eq 'Windows_NT') {
        # A file where the folder should be stops root as well as anybody else.
        $blocked = "$TestDrive/blocked"
        Set-Content $blocked 'no folder'
        $said = Invoke-Fresh "Import-Module '$module'; (Test-DicomEcho $node).Success; try { Set-DicomNode x X@h:1 -ErrorAction Stop } catch { `$_.FullyQualifiedErrorId; `"`$_`"; `$_.ErrorDetails.RecommendedAction }" @{ DICOMPS_CONFIG_HOME = $blocked }
        $said | Should -Match '(?m)^True'
        $said | Should -Match 'Dicom\w+,'
        $said | Should -Match 'blocked'
    }

    It 'works in constrained language, or says why' {
        $said = Invoke-Fresh "Import-Module '$module'; `$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'; `$echo = Test-DicomEcho $node; `$echo.Success; `$echo | Out-String; Find-DicomStudy $node -Property InstitutionName | Format-List; (Get-DicomArchive | Measure-Object).Count; try { Start-DicomScp -Port 0 -OnEcho { 0 } -ErrorAction Stop | Out-Null; 'STARTED' } catch { `"SAYS: `$_`" }"
        $said | Should -Match '(?m)^True'
        $said | Should -Match 'STARTED|SAYS: \S+'
        $said | Should -Not -Match 'MethodInvocationNotSupportedInConstrainedLanguage'
    }
}
