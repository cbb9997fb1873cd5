# One meaning of each property of results, over all cmdlets: what about_DicomPS says of them, held against the types.
Describe 'Properties of results' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $words = @{
            Status = [string]; StatusCode = [Nullable[uint16]]; Verdict = [string]; Success = [bool]; Error = [string]; ErrorComment = [string]
            Started = [datetime]; Finished = [datetime]; Duration = [timespan]; Node = [DicomPS.Associations.DicomNode]
        }
        # All that a cmdlet says it gives, and that is the module's own.
        $types = Get-Command -Module DicomPS | ForEach-Object OutputType | ForEach-Object { $_.Type ?? ($_.Name -as [type]) } | Where-Object { $_ -and $_.FullName -like 'DicomPS.*' } | Sort-Object FullName -Unique
        $topic = Get-Content "$root/docs/en-US/about_DicomPS.md" -Raw
    }

    It 'there are results to look at' {
        $types.Count | Should -BeGreaterThan 15
        $types.Name | Should -Contain 'StoreResult'
        $types.Name | Should -Contain 'RetrieveResult'
    }

    It '<_> has one type wherever it is, and a line in about_DicomPS' -ForEach Status, StatusCode, Verdict, Success, Error, ErrorComment, Started, Finished, Duration, Node {
        $topic | Should -Match "(?m)^    $_ +\S"
        foreach ($type in $types) {
            $property = $type.GetProperty($_)
            if (-not $property) { continue }
            $is = [Nullable]::GetUnderlyingType($property.PropertyType) ?? $property.PropertyType
            $wanted = [Nullable]::GetUnderlyingType($words[$_]) ?? $words[$_]
            $is | Should -Be $wanted -Because "$($type.Name).$_ is what $_ is elsewhere"
        }
    }

    It 'what the peer may not have said can be absent: StatusCode of <_>' -ForEach StoreResult, RetrieveResult, EchoResult {
        $name = $_
        [Nullable]::GetUnderlyingType((($types | Where-Object Name -EQ $name).GetProperty('StatusCode')).PropertyType) | Should -Be ([uint16])
    }

    It 'a result with Started has Finished and Duration too' {
        foreach ($type in $types | Where-Object { $_.GetProperty('Finished') }) {
            $type.GetProperty('Started') | Should -Not -BeNullOrEmpty -Because $type.Name
            $type.GetProperty('Duration') | Should -Not -BeNullOrEmpty -Because $type.Name
        }
    }
}
