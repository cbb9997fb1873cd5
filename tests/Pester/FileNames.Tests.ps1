# -Include and -Exclude, the same in each cmdlet that takes files.
Describe '-Include and -Exclude' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        $number = 0
        foreach ($name in 'A.dcm', 'b.DCM', 'IM1', 'old.bak', 'sub/C.dcm', 'sub/old.bak', 'bak/D.dcm') {
            $number++
            $made = New-Instance "$TestDrive/source" '1.2.840.99.1' "1.2.840.99.1.1.$number" 'CT' 'P1'
            $null = New-Item -ItemType Directory -Force (Split-Path "$TestDrive/study/$name")
            Move-Item -LiteralPath $made "$TestDrive/study/$name"
        }
        $study = "$TestDrive/study"
        $server = Start-DicomScp -Port 0 -AETitle SCP -OnStore { }
        $node = "SCP@127.0.0.1:$($server.Port)"
        function Get-Name($Results) { @($Results.Path | ForEach-Object { [IO.Path]::GetRelativePath($study, $_).Replace('\', '/') }) }
    }

    AfterAll { Stop-DicomScp -All -Force; Stop-DicomArchive -All -Force }

    It 'takes of a folder what fits: <Case>' -ForEach @(
        @{ Case = 'no * behind the path, no -Recurse'; How = @{ Include = '*.dcm' }; Names = 'A.dcm', 'b.DCM' }
        @{ Case = 'with -Recurse'; How = @{ Include = '*.dcm'; Recurse = $true }; Names = 'A.dcm', 'b.DCM', 'bak/D.dcm', 'sub/C.dcm' }
        @{ Case = 'several patterns'; How = @{ Include = 'im*', 'a.*' }; Names = 'A.dcm', 'IM1' }
        @{ Case = '-Exclude'; How = @{ Exclude = '*.bak'; Recurse = $true }; Names = 'A.dcm', 'b.DCM', 'IM1', 'bak/D.dcm', 'sub/C.dcm' }
        @{ Case = '-Exclude goes before -Include'; How = @{ Include = '*.dcm', '*.bak'; Exclude = '?.dcm'; Recurse = $true }; Names = 'old.bak', 'sub/old.bak' }
        @{ Case = '-Filter, as Get-ChildItem has it'; How = @{ Filter = '[a-b].dcm' }; Names = 'A.dcm', 'b.DCM' }
    ) {
        Get-Name (Get-DicomFile $study @How) | Should -BeExactly $Names
        Get-Name (Send-DicomFile $study $node @How) | Should -BeExactly $Names
    }

    It 'holds for what wildcards find, and not for the folders among it' {
        Get-Name (Get-DicomFile "$study/*" -Exclude *.bak) | Should -BeExactly 'A.dcm', 'b.DCM', 'bak/D.dcm', 'IM1', 'sub/C.dcm'
        Get-Name (Send-DicomFile "$study/*.*" $node -Include a*) | Should -BeExactly 'A.dcm'
    }

    It 'an error says that a wildcard or a folder leaves nothing' {
        Get-DicomFile "$study/*.dcm" -Include *.dcn -ErrorVariable problem -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomFileNotFound,*'
        "$($problem[0])" | Should -Match '-Include and -Exclude leave none'
        Send-DicomFile $study $node -Include *.dcn -ErrorVariable problem -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomFolderWithoutDicom,*'
        $problem[0].ErrorDetails.RecommendedAction | Should -Match '-Include'
    }

    It 'leaves out a file that is named itself too, and a warning says so' {
        Get-Name (Get-DicomFile "$study/A.dcm", "$study/old.bak" -Exclude *.bak -WarningVariable told -WarningAction SilentlyContinue) | Should -BeExactly 'A.dcm'
        $told | Should -HaveCount 1
        "$told" | Should -Match 'old\.bak. is left out.*-Exclude'
        Send-DicomFile -LiteralPath "$study/old.bak" -Node $node -Include *.dcm -WarningVariable told -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        $told | Should -HaveCount 1
    }

    It 'holds for the files of a pipeline, which -Verbose names' {
        $all = @(Get-ChildItem $study -File -Recurse | Send-DicomFile $node -Exclude *.bak -Verbose -WarningVariable told 4>&1)
        Get-Name ($all | Where-Object { $_ -isnot [Management.Automation.VerboseRecord] } | Sort-Object Path) | Should -Be 'A.dcm', 'b.DCM', 'bak/D.dcm', 'IM1', 'sub/C.dcm'
        @($all | Where-Object { "$_" -match 'old\.bak. is left out' }) | Should -HaveCount 2
        $told | Should -BeNullOrEmpty
        Get-Name ("$study/A.dcm", "$study/old.bak" | Get-DicomFile -Exclude *.bak) | Should -BeExactly 'A.dcm'
    }

    It 'says once that a folder whose name is excluded is gone through' {
        Get-Name (Get-DicomFile $study -Recurse -Exclude bak, sub -WarningVariable told -WarningAction SilentlyContinue) | Should -Contain 'bak/D.dcm'
        $told | Should -HaveCount 1
        "$told" | Should -Match 'names of files, not of folders'
    }

    It 'Import-DicomFile, Export-DicomIndex and Get-DicomElement have them' {
        $archive = Start-DicomArchive "$TestDrive/archive" -Port 0
        Get-Name (Import-DicomFile $study -Archive $archive -Recurse -Include *.dcm -Exclude d*) | Should -BeExactly 'A.dcm', 'b.DCM', 'sub/C.dcm'
        Get-Item $study | Export-DicomIndex "$TestDrive/index.db" -Recurse -Exclude *.dcm
        Find-DicomInstance -Index "$TestDrive/index.db" | Should -HaveCount 3
        @(Get-DicomElement $study -Name SOPInstanceUID -Exclude *.bak, im1).Value | Should -Be '1.2.840.99.1.1.1', '1.2.840.99.1.1.2'
        @(ConvertTo-DicomJson $study -Include im*) | Should -HaveCount 1
    }

    It 'refuses a pattern that no name can fit: <_>' -ForEach 'sub/*.dcm', 'sub\*', '[a', ' ', '' {
        $problem = { Get-DicomFile $study -Exclude $_ } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError,*'
        $problem.Exception.Message | Should -Match 'pattern|argument'
    }

    It 'every cmdlet with -Recurse has both' {
        $with = Get-Command -Module DicomPS | Where-Object { $_.Parameters.ContainsKey('Recurse') }
        $with.Count | Should -BeGreaterThan 6
        $with | Where-Object { -not ($_.Parameters.ContainsKey('Include') -and $_.Parameters.ContainsKey('Exclude')) } | Should -BeNullOrEmpty
    }
}
