Describe 'Add-DicomTransferItem' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $store = "$TestDrive/a.db"
        function New-Plan([string] $Name) { $null = New-DicomTransfer $store $Name OLD@127.0.0.1:104 NEW@127.0.0.1:105 }
    }

    It 'adds rows of a CSV file once, and says what they say' {
        New-Plan csv
        @'
StudyInstanceUID,PatientID,PatientName,StudyDate,Modalities,Instances
1.2.3,P1,Doe^Jane,2024-01-02,CT,12
1.2.4,P2,,,,
1.2.3,P1,Doe^Jane,2024-01-02,CT,12
'@ | Set-Content "$TestDrive/list.csv"
        (Import-Csv "$TestDrive/list.csv" | Add-DicomTransferItem $store csv).Waiting | Should -Be 2
        (Import-Csv "$TestDrive/list.csv" | Add-DicomTransferItem $store csv).Waiting | Should -Be 2
        $first, $second = Get-DicomTransferItem $store csv
        $first.PatientName, $first.StudyDate, $first.Instances | Should -Be 'Doe^Jane', '2024-01-02', 12
        $second.PatientName, $second.Instances | Should -Be $null, $null
    }

    It 'names rows without a UID and goes on' {
        New-Plan rows
        $rows = [pscustomobject] @{ StudyInstanceUID = '' }, [pscustomobject] @{ StudyInstanceUID = 'abc' }, [pscustomobject] @{ StudyInstanceUID = '1.2.3' }
        ($rows | Add-DicomTransferItem $store rows -ErrorVariable problems -ErrorAction SilentlyContinue).Waiting | Should -Be 1
        $problems.FullyQualifiedErrorId | Should -Be 'DicomRowWithoutKey,DicomPS.Commands.AddDicomTransferItemCommand', 'DicomUidInvalid,DicomPS.Commands.AddDicomTransferItemCommand'
    }

    It 'names rows that have no such column, the kind of them once, and says what to do' {
        New-Plan columns
        $list = "Study,PatientID`n1.2.3,P1`n1.2.4,P2`n1.2.5,P3" | ConvertFrom-Csv
        $other = "Path`nx" | ConvertFrom-Csv
        ($list + $other + '1.2.6' | Add-DicomTransferItem $store columns -ErrorVariable problems -ErrorAction SilentlyContinue).Waiting | Should -Be 1
        $problems.FullyQualifiedErrorId | Sort-Object -Unique | Should -Be 'DicomRowWithoutKey,DicomPS.Commands.AddDicomTransferItemCommand'
        "$($problems[0])" | Should -Be 'A row of the pipeline has the columns Study, PatientID, and none of those that a study is added by: StudyInstanceUID. It was not added.'
        $problems[0].ErrorDetails.RecommendedAction | Should -Be 'Rename the column, or say which it is, such as -StudyInstanceUID { $_.Study }.'
        "$($problems[1])" | Should -BeLike '*the columns Path,*'
        "$($problems[2])" | Should -Be '2 more were not added, for the same reason.'
        ($list | Add-DicomTransferItem $store columns -StudyInstanceUID { $_.Study }).Waiting | Should -Be 4
    }

    It 'says that no study was named' {
        New-Plan none
        $problem = { Add-DicomTransferItem $store none } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomArgumentInvalid,*'
        (@() | Add-DicomTransferItem $store none).Waiting | Should -Be 0
    }

    It 'warns of one study of two patients, in one list and in the next' {
        New-Plan patients
        $rows = "StudyInstanceUID,PatientID`n1.2.3,P1`n1.2.3,P2`n1.2.4,P4`n1.2.4,P4" | ConvertFrom-Csv
        ($rows | Add-DicomTransferItem $store patients -WarningVariable told -WarningAction SilentlyContinue).Waiting | Should -Be 2
        "$told" | Should -BeLike '1 study came with another Patient ID than the transfer has: 1.2.3 (P1, now P2).*'
        [pscustomobject] @{ StudyInstanceUID = '1.2.4'; PatientID = 'P5' } | Add-DicomTransferItem $store patients -WarningVariable told -WarningAction SilentlyContinue | Out-Null
        "$told" | Should -BeLike '1 study came with another Patient ID*1.2.4 (P4, now P5)*'
        (Get-DicomTransferItem $store patients).PatientID | Should -Be 'P1', 'P4'
    }

    It 'keeps the highest number that a list said, whatever came first, and that of a series for none of a study' {
        New-Plan numbers
        $null = '1.2.3' | Add-DicomTransferItem $store numbers
        $rows = "StudyInstanceUID,Instances`n1.2.3,5`n1.2.4,3`n1.2.4,7`n1.2.5,12 `n1.2.6,12.0" | ConvertFrom-Csv
        $null = $rows | Add-DicomTransferItem $store numbers -WarningVariable told
        $told | Should -BeNullOrEmpty
        $null = "StudyInstanceUID,SeriesInstanceUID,Instances`n1.2.7,1.2.7.1,2`n1.2.3,1.2.3.1,9" | ConvertFrom-Csv | Add-DicomTransferItem $store numbers
        $null = [DicomPS.Series] @{ StudyInstanceUID = '1.2.8'; SeriesInstanceUID = '1.2.8.1'; Instances = 4 } | Add-DicomTransferItem $store numbers
        (Get-DicomTransferItem $store numbers).Instances | Should -Be 5, 7, 12, 12, $null, $null
    }

    It 'names numbers of instances that are none' {
        New-Plan numberless
        $rows = '-3', '1,234', 'abc', 12.5, '99999999999', $true, '', $null | ForEach-Object { $at = 0 } { [pscustomobject] @{ StudyInstanceUID = "1.2.$((++$at))"; Instances = $_ } }
        ($rows | Add-DicomTransferItem $store numberless -WarningVariable told -WarningAction SilentlyContinue).Waiting | Should -Be 8
        (Get-DicomTransferItem $store numberless).Instances | Should -Be (@($null) * 8)
        $told | Should -BeLike "6 rows have no number of instances where one is expected: '-3', '1,234', 'abc', ...*Mend the column Instances*"
    }

    It 'says that what failed or was given up stays so' {
        New-Plan stuck
        $null = '1.2.3', '1.2.4' | Add-DicomTransferItem $store stuck
        Stop-DicomTransfer $store stuck -Discard -Confirm:$false
        (Get-DicomTransfer $store stuck).Cancelled | Should -Be 2
        $null = '1.2.3', '1.2.5' | Add-DicomTransferItem $store stuck -WarningVariable told -WarningAction SilentlyContinue
        $told | Should -BeLike '1 of these studies failed, differ or were given up before, and stay so:*Reset-DicomTransferItem*'
    }

    It 'names a node and nothing as what they are' {
        New-Plan strange
        $null = @([DicomPS.Associations.DicomNode] @{ AETitle = 'X'; HostName = 'h'; Port = 1 }) | Add-DicomTransferItem $store strange -ErrorVariable problems -ErrorAction SilentlyContinue
        "$problems" | Should -BeLike 'The node * was piped in: it was not added.'
        $problems[0].ErrorDetails.RecommendedAction | Should -BeLike 'Find-DicomStudy*'
    }

    It 'leaves out what Find did not mean' {
        New-Plan matches
        ([pscustomobject] @{ StudyInstanceUID = '1.2.3'; Matches = $false } | Add-DicomTransferItem $store matches -WarningVariable told -WarningAction SilentlyContinue).Waiting | Should -Be 0
        $told | Should -BeLike '1 answers were left out*'
    }

    It 'gives what waits the higher priority' {
        New-Plan priority
        $null = '1.2.3', '1.2.4' | Add-DicomTransferItem $store priority
        $null = '1.2.4' | Add-DicomTransferItem $store priority -Priority 100
        $null = '1.2.4' | Add-DicomTransferItem $store priority -Priority 5
        (Get-DicomTransferItem $store priority).Priority | Should -Be 0, 100
    }

    It 'takes 5,000 in a stream' {
        New-Plan stream
        (1..5000 | ForEach-Object { "1.2.$_" } | Add-DicomTransferItem $store stream).Waiting | Should -Be 5000
    }

    It 'says which transfer is not there, before it reads' {
        $problem = { '1.2.3' | Add-DicomTransferItem $store nobody -ErrorAction Stop } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomTransferNotFound,*'
    }

    It 'takes the priors of whoever comes tomorrow, as the help has it' {
        . "$PSScriptRoot/Support.Transfers.ps1"
        $two = Start-TwoArchives 5
        $steps = foreach ($row in @('P2', 1), @('P4', 1), @('P5', 3)) {
            [pscustomobject] @{ PatientID = $row[0]; PatientName = "DOE^$($row[0])"; Modality = 'CT'; ScheduledStationAETitle = 'CT1'; AccessionNumber = "NEW$($row[0])"; ScheduledProcedureStepStartDate = (Get-Date).Date.AddDays($row[1]) }
        }
        $ris = $steps | Start-DicomArchive "$($two.Place)/ris" -Port 0 -AETitle RIS
        Set-DicomNode RIS "RIS@127.0.0.1:$($ris.Port)"
        Set-DicomNode OLD $two.Old
        try {
            $null = New-DicomTransfer $two.Store migration $two.Old $two.New -VerifyDelay 1
            $page = Get-Content "$PSScriptRoot/../../docs/en-US/Add-DicomTransferItem.md" | Where-Object { $_ -like 'Find-DicomWorklist RIS*' }
            Push-Location $two.Place
            try { $null = & ([scriptblock]::Create($page)) } finally { Pop-Location }
            $items = Get-DicomTransferItem $two.Store migration | Sort-Object PatientID
            $items.PatientID | Should -Be 'P2', 'P4'
            $items.Priority | Should -Be 100, 100
        }
        finally {
            Remove-DicomNode RIS, OLD
            $two.Servers + $ris | Stop-DicomArchive
        }
    }
}
