BeforeDiscovery {
    $hasDcmtk = [bool] (Get-Command dcmqrscp -ErrorAction Ignore)
}

Describe 'Receive-DicomStudy' -Skip:(-not $hasDcmtk) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        $archive = Start-MovingArchive
        $node = "ARCHIVE@127.0.0.1:$($archive.Node.Port)"
    }

    AfterAll { Stop-Peer $archive.Process }

    It 'gets a study into a folder, over one association and without a port of ours' {
        $result = Receive-DicomStudy $node -StudyInstanceUID 1.2.840.99.1 -Path "$TestDrive/get"
        $result | Should -BeOfType DicomPS.Retrieving.RetrieveResult
        "$($result.Verdict)", $result.Status, $result.Completed, $result.Received | Should -Be 'Complete', 'Success', 2, 2
        $result.Path | Should -Be (Join-Path "$TestDrive/get" '1.2.840.99.1')
        $result.Destination | Should -BeNullOrEmpty
        Get-ChildItem $result.Path -File | Should -HaveCount 2
    }

    It 'brings the bytes that were sent' {
        $null = Receive-DicomStudy $node -StudyInstanceUID 1.2.840.99.1 -Path "$TestDrive/same" -Layout Flat
        foreach ($file in $archive.Files | Where-Object { $_ -match '99\.1\.1\.\d\.dcm$' }) {
            $sent = [DicomPS.Part10.DicomFileProbe]::Read($file, $null)
            $got = [DicomPS.Part10.DicomFileProbe]::Read((Join-Path "$TestDrive/same" (Split-Path -Leaf $file)), $null)
            $got.TransferSyntax.Uid | Should -Be $sent.TransferSyntax.Uid
            $got.SopInstanceUid | Should -Be $sent.SopInstanceUid
        }
    }

    It 'takes keys from the pipeline: <Level>' -ForEach @(
        @{ Keys = @{ PatientID = 'P1' }; Level = 'Patient'; Count = 2 }
        @{ Keys = @{ StudyInstanceUID = '1.2.840.99.1'; SeriesInstanceUID = '1.2.840.99.1.1' }; Level = 'Series'; Count = 2 }
        @{ Keys = @{ StudyInstanceUID = '1.2.840.99.1'; SeriesInstanceUID = '1.2.840.99.1.1'; SOPInstanceUID = '1.2.840.99.1.1.2'; SOPClassUID = '1.2.840.10008.5.1.4.1.1.2' }; Level = 'Image'; Count = 1 }
    ) {
        $result = [pscustomobject] ($Keys + @{ Node = $node }) | Receive-DicomStudy -Path "$TestDrive/keys"
        "$($result.Verdict) $($result.Level) $($result.Received)" | Should -Be "Complete $Level $Count"
    }

    It 'takes CSV rows and writes a table of the same columns' {
        'StudyInstanceUID', '1.2.840.99.1', '1.2.840.99.2' | Set-Content "$TestDrive/list.csv"
        Import-Csv "$TestDrive/list.csv" | Receive-DicomStudy $node -Path "$TestDrive/csv" | Export-Csv "$TestDrive/done.csv"
        $done = Import-Csv "$TestDrive/done.csv"
        $done.Verdict | Should -Be 'Complete', 'Complete'
        $done.StudyInstanceUID | Should -Be '1.2.840.99.1', '1.2.840.99.2'
    }

    It 'takes what Find-DicomStudy and Find-DicomInstance found, and exports' {
        Find-DicomStudy $node -PatientName 'DOE*' | Receive-DicomStudy -Path "$TestDrive/found" | Export-Csv "$TestDrive/found.csv"
        $rows = Import-Csv "$TestDrive/found.csv"
        $rows | Should -HaveCount 2
        $rows.Verdict | Should -Be 'Complete', 'Complete'
        ($rows.Received | Measure-Object -Sum).Sum | Should -Be 3
        $one = Find-DicomInstance $node -StudyInstanceUID 1.2.840.99.1 -SeriesInstanceUID 1.2.840.99.1.1 | Select-Object -First 1 | Receive-DicomStudy -Path "$TestDrive/found"
        "$($one.Verdict) $($one.Level) $($one.Received)" | Should -Be 'Complete Image 1'
    }

    It 'keeps what is here when told so' {
        $where = @{ Node = $node; StudyInstanceUID = '1.2.840.99.1'; Path = "$TestDrive/keep" }
        $null = Receive-DicomStudy @where
        $result = Receive-DicomStudy @where -Duplicate Reject
        "$($result.Verdict)", $result.Received | Should -Be 'Complete', 0
        $result.Advice | Should -Match 'had been here before'
    }

    It 'warns when there was nothing' {
        $result = Receive-DicomStudy $node -StudyInstanceUID 9.9.9 -Path "$TestDrive/nothing" -WarningVariable warning -WarningAction SilentlyContinue
        "$($result.Verdict)" | Should -Be 'Suspect'
        "$warning" | Should -Match 'counts nothing at all'
    }

    It 'says that a peer does not serve the model, and what to do' {
        $result = Receive-DicomStudy $node -SOPInstanceUID 1.2.840.99.1.1.1 -Path "$TestDrive/bulk" -WithoutBulkData -ErrorVariable problem -ErrorAction SilentlyContinue
        "$($result.Verdict) $($result.Model) $($result.Status)" | Should -Be 'Failed WithoutBulkData NotSent'
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomPresentationContextRejected,*'
        $problem[0].ErrorDetails.RecommendedAction | Should -Match 'C-MOVE'
    }

    It 'needs the key of the model that is asked for' {
        Receive-DicomStudy $node -StudyInstanceUID 1.2 -WithoutBulkData -Path "$TestDrive/x" -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomRetrieveKeysInvalid,*'
        "$($problem[0])" | Should -Match 'needs SOPInstanceUID'
    }

    It 'makes a peer that is not there a result and an error for each request' {
        $dead = "NOBODY@127.0.0.1:$(Get-FreePort)"
        $result = Receive-DicomStudy $dead -StudyInstanceUID 1.2 -Path "$TestDrive/dead" -RetryCount 0 -ErrorVariable problem -ErrorAction SilentlyContinue
        "$($result.Verdict) $($result.Status)" | Should -Be 'Failed NotSent'
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomConnectionRefused,*'
        $problem[0].TargetObject | Should -Be 'Study 1.2'
    }

    It 'refuses a folder that cannot be written to' {
        Set-Content "$TestDrive/file" 'no folder'
        { Receive-DicomStudy $node -StudyInstanceUID 1.2 -Path "$TestDrive/file" } | Should -Throw -ErrorId 'DicomFolderNotWritable,*'
    }

    It 'does nothing with -WhatIf' {
        Receive-DicomStudy $node -StudyInstanceUID 1.2.840.99.1 -Path "$TestDrive/whatif" -WhatIf | Should -BeNullOrEmpty
        Test-Path "$TestDrive/whatif" | Should -BeFalse
    }

    It 'stops at once while a peer keeps silent' {
        $silent = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $silent.Start()
        try {
            $stopped = Stop-Midway "Receive-DicomStudy 'SILENT@127.0.0.1:$($silent.LocalEndpoint.Port)' -StudyInstanceUID 1.2 -Path '$TestDrive/silent'"
            $stopped.State | Should -Be 'Stopped'
            $stopped.Milliseconds | Should -BeLessThan 20000
        }
        finally { $silent.Stop() }
    }

    It 'fits into 100 columns' {
        Measure-Width (Receive-DicomStudy $node -PatientID P1, P2 -Path "$TestDrive/width") | Should -BeLessOrEqual 100
    }

    It 'has one result for each study, also of one that is not there' {
        $result = Receive-DicomStudy $node -StudyInstanceUID 1.2.840.99.2, 1.2.840.99.999, 1.2.840.99.1 -Path "$TestDrive/each" -WarningAction SilentlyContinue -ErrorAction SilentlyContinue
        $result.StudyInstanceUID | Should -Be '1.2.840.99.2', '1.2.840.99.999', '1.2.840.99.1'
        "$($result.Verdict)" | Should -Match '^Complete (Suspect|Failed) Complete$'
        $result.Received | Should -Be 1, 0, 2
    }

    It 'completes layouts, models and levels' {
        (TabExpansion2 'Receive-DicomStudy -Layout ' -cursorColumn 27).CompletionMatches.CompletionText | Should -Contain 'Study'
        (TabExpansion2 'Receive-DicomStudy -Model ' -cursorColumn 26).CompletionMatches.CompletionText | Should -Contain 'CompositeInstanceRoot'
        (TabExpansion2 'Move-DicomStudy -Level ' -cursorColumn 23).CompletionMatches.CompletionText | Should -Contain 'Series'
    }

    It 'calls a study that was not asked for no success' {
        . "$PSScriptRoot/Support.Query.ps1"
        $file = New-StudyFile "$TestDrive/other" @{ StudyInstanceUID = '1.2.99' }
        $server = Start-DicomScp -Port 0 -AETitle MIXED -OnGet { $using:file }
        try { $result = Receive-DicomStudy "MIXED@127.0.0.1:$($server.Port)" -StudyInstanceUID 1.2.3 -Path "$TestDrive/mixed" -ErrorVariable problem -ErrorAction SilentlyContinue }
        finally { Stop-DicomScp -InputObject $server -Force }
        "$($result.Verdict)", $result.Completed, $result.Received, $result.NotAskedFor | Should -Be 'Failed', 1, 0, 1
        $problem[0].ErrorDetails.RecommendedAction | Should -Match 'not asked for was set aside in the folder not-asked-for, of study 1\.2\.99'
        Get-ChildItem "$TestDrive/mixed" -File -Recurse | ForEach-Object DirectoryName | Should -Be (Join-Path "$TestDrive/mixed" 'not-asked-for' '1.2.99')
    }

}
