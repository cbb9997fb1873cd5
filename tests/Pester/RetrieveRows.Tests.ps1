# Each row that is to be retrieved has its result, and what is said of a failure fits what else happened in the run.
Describe 'Rows that are retrieved' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        $file = New-StudyFile "$TestDrive/there" @{ StudyInstanceUID = '1.2.1' }
        $box = Start-DicomStorageScp "$TestDrive/box" -Port 0 -AETitle BOXC
        $port = $box.Port
        # As Orthanc: what it does not have, and a destination that it does not know, are both C000.
        $server = Start-DicomScp -Port 0 -AETitle ORTH -OnMove {
            if ($_.Keys.StudyInstanceUID -ne '1.2.1' -or $_.MoveDestination -ne 'BOXC') { return @{ Status = 0xC000 } }
            "BOXC@127.0.0.1:$using:port"
            "$using:file"
        } -OnGet { "$using:file" }
        $node = "ORTH@127.0.0.1:$($server.Port)"
    }

    AfterAll {
        $server | Stop-DicomScp
        $box | Stop-DicomStorageScp
    }

    It 'gives a row with a UID that is none its result' {
        $rows = 'StudyInstanceUID,PatientID', '1.2.1,P1', 'not-a-uid,P2', '1.2.1,P3' | ConvertFrom-Csv
        $move = $rows | Move-DicomStudy $node -Destination BOXC -Model StudyRoot -ErrorVariable failed -ErrorAction SilentlyContinue
        $get = $rows | Receive-DicomStudy $node -Path "$TestDrive/get" -Model StudyRoot -ErrorAction SilentlyContinue
        foreach ($results in $move, $get) {
            $results | Should -HaveCount 3
            $bad = $results | Where-Object StudyInstanceUID -EQ 'not-a-uid'
            $bad.Verdict, $bad.Status, $bad.PatientID, $bad.Level | Should -Be 'Failed', 'NotSent', 'P2', 'Study'
            $bad.Advice | Should -Match "'not-a-uid' is no UID"
            "$($bad.Node)" | Should -Be $node
            ($results | Where-Object StudyInstanceUID -EQ '1.2.1').Verdict | Should -Be 'Complete', 'Complete'
        }

        $failed | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId | Should -Match '^DicomRetrieveKeysInvalid,'
        $rows | Move-DicomStudy $node -Destination BOXC -WhatIf -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
    }

    It 'does not take a row without its study for all of the patient' {
        $rows = 'StudyInstanceUID,PatientID', ',P2', '1.2.1,P1' | ConvertFrom-Csv
        $results = $rows | Move-DicomStudy $node -Destination BOXC -Model PatientRoot -ErrorVariable failed -ErrorAction SilentlyContinue
        $results | Should -HaveCount 2
        $bad = $results | Where-Object PatientID -EQ P2
        $bad.Verdict, $bad.Status | Should -Be 'Failed', 'NotSent'
        $failed[0] | Should -Match 'no UID in it.*patient P2'
        $whole = $rows[0] | Move-DicomStudy $node -Destination BOXC -Level Patient -ErrorAction SilentlyContinue
        $whole.Status, $whole.Level | Should -Be 'Failure: Unable to Process', 'Patient'
    }

    It 'retrieves the others of a list' {
        $results = Move-DicomStudy $node -StudyInstanceUID 1.2.x, 1.2.1, 1.2.y -Destination BOXC -ErrorAction SilentlyContinue
        $results | Should -HaveCount 3
        ($results | Sort-Object StudyInstanceUID).Verdict | Should -Be 'Complete', 'Failed', 'Failed'
        $alone = Move-DicomStudy $node -StudyInstanceUID 1.2.x -Destination BOXC -ErrorAction SilentlyContinue
        $alone.Verdict | Should -Be 'Failed'
    }

    It 'says both causes of C000, and does not blame a destination that others have reached' {
        $unknown = Move-DicomStudy $node -StudyInstanceUID 1.2.1 -Destination NOBODY -ErrorAction SilentlyContinue
        $unknown.Advice | Should -Match 'do not have what was asked for.*holds the AE title NOBODY'
        $results = '1.2.1', '1.2.9' | Move-DicomStudy $node -Destination BOXC -ErrorAction SilentlyContinue
        $results.Verdict | Should -Be 'Complete', 'Failed'
        $results[1].Advice | Should -Match 'others to BOXC in this run.*do not have what was asked for'
        $results[1].Advice | Should -Not -Match 'holds the AE title'
    }

    It 'takes a status of -OnMove and -OnFind for one' {
        $refusing = Start-DicomScp -Port 0 -AETitle NO -OnMove { 0xA801 } -OnFind { 0xA700 }
        try {
            $no = "NO@127.0.0.1:$($refusing.Port)"
            (Move-DicomStudy $no -StudyInstanceUID 1.2.1 -Destination BOXC -ErrorAction SilentlyContinue).StatusCode | Should -Be 0xA801
            { Find-DicomStudy $no -ErrorAction Stop } | Should -Throw '*A700*'
        }
        finally { $refusing | Stop-DicomScp }
        # What a method gives back by accident is none.
        $careless = Start-DicomScp -Port 0 -AETitle NO -OnMove { [Collections.ArrayList]::new().Add(1) }
        try {
            $null = Move-DicomStudy "NO@127.0.0.1:$($careless.Port)" -StudyInstanceUID 1.2.1 -Destination BOXC -ErrorAction SilentlyContinue
            "$($careless.LastError)" | Should -Match 'wrote no destination first.*@\{ Status = 0xA801 \}'
        }
        finally { $careless | Stop-DicomScp }
    }

    It 'says one class of a refused caller, or none of many' {
        $strict = Start-DicomStorageScp "$TestDrive/strict" -Port 0 -AETitle STRICT -AllowedCallingAETitle CT1
        try {
            $address = "STRICT@127.0.0.1:$($strict.Port)"
            $null = Receive-DicomStudy $address -StudyInstanceUID 1.2.1 -Path "$TestDrive/none" -CallingAETitle MANY -RetryCount 0 -ErrorAction SilentlyContinue
            $null = Test-DicomEcho $address -CallingAETitle ONE -Quiet -ErrorAction SilentlyContinue
            $events = Get-DicomScpEvent -Kind Refused
            ($events | Where-Object CallingAETitle -EQ MANY)[0].SOPClass | Should -BeNullOrEmpty
            ($events | Where-Object CallingAETitle -EQ ONE)[0].SOPClass | Should -Match 'Verification'
        }
        finally { $strict | Stop-DicomStorageScp }
    }

    It 'moves to one node by its parts' {
        $archive = Start-DicomArchive "$TestDrive/archive" -Port 0 -AETitle ARCH -Destination @{ aetitle = 'BOXC'; HostName = '127.0.0.1'; Port = $port }
        try {
            $null = Import-DicomFile $file -Archive $archive
            (Move-DicomStudy "ARCH@127.0.0.1:$($archive.Port)" -StudyInstanceUID 1.2.1 -Destination BOXC).Verdict | Should -Be 'Complete'
        }
        finally { $archive | Stop-DicomArchive }
    }

    It 'says of an object that is no worklist item which it is and in what' {
        $rows = 'PatientID,Modality,ScheduledDate', 'P1,CT,20240102', 'P2,CT,tomorrow' | ConvertFrom-Csv
        $archive = $rows | Start-DicomArchive "$TestDrive/worklist" -Port 0 -ErrorVariable failed -ErrorAction SilentlyContinue
        $archive | Stop-DicomArchive
        "$($failed[0])" | Should -Match "^Item 2 .*ScheduledDate: 'tomorrow' is no date"
    }

    It 'names a layout once' {
        { Receive-DicomStudy $node -StudyInstanceUID 1.2 -Path "$TestDrive/in" -Layout '{PatientID}/x' } |
            Should -Throw -ErrorId 'DicomLayoutInvalid,*' -ExpectedMessage "The layout '{PatientID}/x' has no {SOPInstanceUID}*"
        { Receive-DicomStudy $node -StudyInstanceUID 1.2 -Path "$TestDrive/in" -Layout '../{SOPInstanceUID}' } | Should -Throw -ExpectedMessage "The layout*'../{SOPInstanceUID}'*"
    }
}
