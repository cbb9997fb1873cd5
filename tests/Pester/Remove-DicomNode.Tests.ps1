Describe 'Remove-DicomNode' {
    BeforeAll { . "$PSScriptRoot/Support.ps1" }

    BeforeEach { 'a', 'b', 'c' | ForEach-Object { Set-DicomNode $_ "X@$_.example:104" } }

    AfterAll { Remove-Item -Recurse -Force $env:DICOMPS_CONFIG_HOME }

    It 'removes nodes by name, by wildcard and from the pipeline' {
        Remove-DicomNode A | Should -BeNullOrEmpty
        (Get-DicomNode).Name | Should -Be @('b', 'c')
        Get-DicomNode b | Remove-DicomNode
        (Get-DicomNode).Name | Should -Be 'c'
        Remove-DicomNode *
        Get-DicomNode | Should -BeNullOrEmpty
    }

    It 'removes nothing with -WhatIf' {
        Remove-DicomNode * -WhatIf
        Get-DicomNode | Should -HaveCount 3
    }

    It 'says which name is not registered, and goes on' {
        Remove-DicomNode nobody, b -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomNodeNotFound,*'
        (Get-DicomNode).Name | Should -Be @('a', 'c')
    }
}
