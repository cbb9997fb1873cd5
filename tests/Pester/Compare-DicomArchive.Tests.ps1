# Two archives that differ in every way that there is a word for, of three kinds of peers.
Describe 'Compare-DicomArchive' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        $study = '1.2.826.0.1.3680043.10.999'

        # Instances of one study, from its number and what is not as usual.
        function New-Study([string] $Folder, [int] $Number, [int[]] $Instances = 1, [hashtable] $More = @{}, [int] $Series = 1) {
            foreach ($one in $Instances) {
                $value = @{
                    StudyInstanceUID = "$study.$Number"; SeriesInstanceUID = "$study.$Number.$Series"; SOPInstanceUID = "$study.$Number.$Series.$one"
                    PatientID = "P$Number"; AccessionNumber = "A$Number"; InstanceNumber = "$one"
                }
                foreach ($name in $More.Keys) { $value[$name] = $More[$name] }
                New-StudyFile $Folder $value
            }
        }

        # The same ten studies, but for what the old one has more, fewer and other.
        $old = @(
            New-Study "$TestDrive/old" 1 1, 2
            New-Study "$TestDrive/old" 2 1, 2, 3 @{ StudyDate = '20240103' }
            New-Study "$TestDrive/old" 3 1 @{ StudyDate = '20240103' }
            New-Study "$TestDrive/old" 5 1 @{ StudyDate = '20240105' }
            New-Study "$TestDrive/old" 6 1 @{ StudyDate = '20240106' }
            New-Study "$TestDrive/old" 7 1 @{ StudyDate = '' }
            New-Study "$TestDrive/old" 8 1 @{ StudyDate = '20240108' }
            New-Study "$TestDrive/old" 8 1, 2 @{ StudyDate = '20240108' } -Series 2
        )
        $new = @(
            New-Study "$TestDrive/new" 1 1, 2
            New-Study "$TestDrive/new" 2 1, 3 @{ StudyDate = '20240103' }
            New-Study "$TestDrive/new" 4 1 @{ StudyDate = '20240104' }
            New-Study "$TestDrive/new" 5 1 @{ StudyDate = '20240105'; PatientID = 'OTHER'; PatientName = 'DOE^JOHN^^' }
            New-Study "$TestDrive/new" 6 1 @{ StudyDate = '20240207' }
            New-Study "$TestDrive/new" 8 1 @{ StudyDate = '20240108' }
        )
        $here = Start-DicomArchive "$TestDrive/here" -Port 0 -AETitle HERE
        $there = Start-DicomArchive "$TestDrive/there" -Port 0 -AETitle THERE
        $null = $old | Import-DicomFile -Archive $here -ErrorAction Stop
        $null = $new | Import-DicomFile -Archive $there -ErrorAction Stop
        Set-DicomNode OLD -AETitle HERE -HostName 127.0.0.1 -Port $here.Port
        Set-DicomNode NEW -AETitle THERE -HostName 127.0.0.1 -Port $there.Port
        function Select-Row($Rows) { $Rows | ForEach-Object { "$($_.Difference) $($_.Level) $(($_.SOPInstanceUID, $_.SeriesInstanceUID, $_.StudyInstanceUID -ne $null)[0] -replace [regex]::Escape("$study."))" } | Sort-Object }
    }
    AfterAll {
        $here, $there | Where-Object { $_ } | Stop-DicomArchive
        Remove-Item $env:DICOMPS_CONFIG_HOME -Recurse -ErrorAction Ignore
    }

    It 'gives an object for each difference of studies, and nothing for what is the same' {
        $rows = Compare-DicomArchive OLD NEW -ErrorVariable failed
        $failed | Should -BeNullOrEmpty
        Select-Row $rows | Should -Be @('Different Study 5', 'Different Study 6', 'Extra Study 4', 'Missing Study 3', 'Missing Study 7', 'Partial Study 2', 'Partial Study 8')
        $rows[0].GetType().FullName | Should -Be 'DicomPS.ArchiveDifference'
    }

    It 'says how many instances each has, which keys differ, and where it can be fetched' {
        $rows = Compare-DicomArchive OLD NEW
        $partial = $rows | Where-Object StudyInstanceUID -EQ "$study.2"
        $partial.ReferenceInstances, $partial.DifferenceInstances | Should -Be 3, 2
        $partial.Node.Name | Should -Be OLD
        ($rows | Where-Object StudyInstanceUID -EQ "$study.5").Keys | Should -Be PatientID
        ($rows | Where-Object StudyInstanceUID -EQ "$study.6").Keys | Should -Be StudyDate
        ($rows | Where-Object Difference -EQ Extra).Node.Name | Should -Be NEW
    }
}
