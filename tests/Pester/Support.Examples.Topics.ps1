# Dot-sourced by Examples.Tests.ps1: the commands in the about_ topics, which stand four columns in.

# The commands of a topic in their order. With a prompt one line is a command, and what is below it is printed (Output, as the lines
# First to Last); without, the block is a script that says nothing of what it prints. Tables, with wide gaps in their lines, are no commands.
function Read-Topic([string] $Path) {
    $name = [IO.Path]::GetFileNameWithoutExtension($Path)
    $lines = [IO.File]::ReadAllLines($Path)
    $number = 0
    for ($i = 0; $i -lt $lines.Count; $i++) {
        if ($lines[$i] -notmatch '^    \S') { continue }
        $start = $i
        while ($i + 1 -lt $lines.Count -and ($lines[$i + 1] -match '^    ' -or -not $lines[$i + 1])) { $i++ }
        $end = $i
        while (-not $lines[$end]) { $end-- }
        # Below a table a prompt begins anew.
        $prompt = [array]::FindIndex($lines, $start, $end - $start + 1, [Predicate[string]] { $args[0] -match '^    PS> ' })
        if ($prompt -gt $start) { $start = $prompt }
        $block = @($lines[$start..$end] | ForEach-Object { $_ -replace '^    ' })
        if ($block[0] -match '^PS> ') {
            for ($j = 0; $j -lt $block.Count; $j++) {
                if ($block[$j] -notmatch '^PS> ') { continue }
                $code = $block[$j] -replace '^PS> '
                $first = $j + 1
                while ($j + 1 -lt $block.Count -and $block[$j + 1] -notmatch '^PS> ') { $j++ }
                $number++
                $output = if ($first -le $j) { $block[$first..$j] -join "`n" } else { '' }
                [pscustomobject] @{ Page = $name; Number = $number; Title = $code; Code = $code; Output = $output; First = $start + $first; Last = $start + $j }
            }
        }
        elseif (-not ($block -match '\S {3,}\S')) {
            $number++
            [pscustomobject] @{ Page = $name; Number = $number; Title = $block[0]; Code = $block -join "`n"; Output = $null; First = 0; Last = 0 }
        }
    }
}

# Lines are wrapped and indented in a topic, so blanks do not count; and moments are written in more ways than in pages.
function Format-Topic([AllowNull()] [string] $Text) {
    (Format-Printed $Text) -replace '\s+' -replace '\d{4}-\d\d-\d\d(\d\d:\d\d|T\d\d:\d\d:\d\dZ)', 'MOMENT'
}

# As Update-Examples, for topics.
function Update-Topic([string] $Path, $Commands, [hashtable] $Printed) {
    $lines = [Collections.Generic.List[string]] [IO.File]::ReadAllLines($Path)
    foreach ($command in $Commands | Where-Object { $null -ne $_.Output } | Sort-Object First -Descending) {
        $text = $Printed[$command.Number]
        if ((Format-Topic $text) -ceq (Format-Topic $command.Output)) { continue }
        if ($command.Last -ge $command.First) { $lines.RemoveRange($command.First, $command.Last - $command.First + 1) }
        if (-not $text.Trim()) { continue }
        $block = @(($text -split "`r?`n" | ForEach-Object TrimEnd) -join "`n" -replace "`n{3,}", "`n`n").Trim("`n") -split "`n" | ForEach-Object { if ($_) { "    $_" } else { '' } }
        $lines.InsertRange($command.First, [string[]] (@('') + $block + @('')))
    }
    [IO.File]::WriteAllText($Path, (($lines -join "`n") -replace "`n{3,}", "`n`n").TrimEnd() + "`n")
}
