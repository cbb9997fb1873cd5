Describe 'Get-DicomNode' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        Set-DicomNode pacs 'PACS@pacs.example:104'
        Set-DicomNode 'ct two' 'CT2@ct.example:104'
        Set-DicomNode archive 'ARCHIVE@archive.example:104'
    }

    AfterAll { Remove-Item -Recurse -Force $env:DICOMPS_CONFIG_HOME }

    It 'lists all nodes by name' {
        (Get-DicomNode).Name | Should -Be @('archive', 'ct two', 'pacs')
    }

    It 'gets nodes by name in any case, and by wildcard' {
        (Get-DicomNode PACS).AETitle | Should -Be 'PACS'
        (Get-DicomNode *a*).Name | Should -Be @('archive', 'pacs')
        'pacs', 'archive' | Get-DicomNode | Should -HaveCount 2
    }

    It 'says which name is not registered; a wildcard without match says nothing' {
        Get-DicomNode nobody -ErrorVariable problem -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomNodeNotFound,*'
        $problem[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        Get-DicomNode nobody* -ErrorVariable problem | Should -BeNullOrEmpty
        $problem | Should -BeNullOrEmpty
    }

    It 'completes names, quoted where they need it, wherever a node is wanted' {
        foreach ($command in 'Get-DicomNode ', 'Remove-DicomNode ', 'Test-DicomEcho ', 'Send-DicomFile x.dcm ', 'Send-DicomFile x.dcm -Node ') {
            (TabExpansion2 $command $command.Length).CompletionMatches.CompletionText | Should -Contain 'pacs' -Because $command
        }
        $text = 'Test-DicomEcho ct'
        (TabExpansion2 $text $text.Length).CompletionMatches.CompletionText | Should -Be "'ct two'"
    }

    It 'fits 100 columns and gives CSV one flat row' {
        Measure-Width (Get-DicomNode) | Should -BeLessOrEqual 100
        $csv = Get-DicomNode pacs | ConvertTo-Csv
        $csv | Should -HaveCount 2
        "$csv" | Should -Not -Match 'System\.'
    }
}
