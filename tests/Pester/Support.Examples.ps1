# Dot-sourced by Examples.Tests.ps1: reads the examples of a page, runs them as a console would, and compares or rewrites what they print.

# What a page prints as /data/me is a folder of as many characters, so that tables keep their columns.
$pageRoot = '/data/me'

# The examples of a page. Output is $null where a page has no such block; Last is the index of the line behind which one goes.
function Read-Examples([string] $Path) {
    $lines = [IO.File]::ReadAllLines($Path)
    $examples = [Collections.Generic.List[object]]::new()
    $isInside = $false
    for ($i = 0; $i -lt $lines.Count; $i++) {
        if ($lines[$i] -match '^## ') { $isInside = $lines[$i] -eq '## EXAMPLES' }
        if (-not $isInside) { continue }
        if ($lines[$i] -match '^### Example (\d+): (.*)$') {
            $examples.Add([pscustomobject] @{ Page = [IO.Path]::GetFileNameWithoutExtension($Path); Number = [int] $Matches[1]; Title = $Matches[2]; Code = $null; Output = $null; Last = 0; First = 0 })
        }
        elseif ($lines[$i] -match '^```(powershell|output)$') {
            $kind = $Matches[1]
            $start = ++$i
            while ($lines[$i] -ne '```') { $i++ }
            $text = $lines[$start..($i - 1)] -join "`n"
            $example = $examples[$examples.Count - 1]
            if ($kind -eq 'powershell') { $example.Code = $text } else { $example.Output = $text; $example.First = $start - 1 }
            $example.Last = $i
        }
    }
    $examples
}

# What must differ from run to run, and nothing else.
function Format-Printed([AllowNull()] [string] $Text) {
    $lines = ($Text -replace "`r") -split "`n" | ForEach-Object {
        $line = $_.TrimEnd()
        # Durations and times of day; blanks before a right-aligned one belong to it. Dates have no seconds in our tables.
        $line = [regex]::Replace($line, ' *\b\d[\d,]*\.\d (ms|s|min)\b', ' DURATION')
        $line = [regex]::Replace($line, '(?<!\d\d )\b\d\d:\d\d:\d\d\b(?!:)', 'TIME')
        $line = [regex]::Replace($line, '(?<=last arrival )\d{4}-\d\d-\d\d \d\d:\d\d\b', 'MOMENT')
        # The moment of something that just happened, and the UID that it was given.
        $line = [regex]::Replace($line, '\b\d\d-\d\d TIME|\b\d\d-\d\d \d\d:\d\d:\d\d\b|\b20(2[6-9]|[3-9]\d)-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(?!\d)', 'MOMENT')
        $line = [regex]::Replace($line, '\b2\.25\.\d{30,}', 'UID')
        # The port that a client was given.
        [regex]::Replace($line, '(?<=\b127\.0\.0\.1:)(3[2-9]|[45]\d|6[0-5])\d{3}\b', 'PORT')
    }
    # Tables of servers move to the right where ids are long.
    $isServers = $false
    $lines = foreach ($line in $lines) {
        $isServers = $line -match '^ *Id AETitle' -or ($isServers -and $line)
        if ($isServers) { $line.TrimStart() } else { $line }
    }
    (($lines -join "`n") -replace "`n{3,}", "`n`n").Trim("`n")
}

# Ids of servers as a user's session counts them, from 1; here all pages share a process.
function Format-Id([string] $Text, [int] $Before) {
    $isServers = $false
    $lines = foreach ($line in $Text -split "`n") {
        $isServers = $line -match '^ *Id AETitle' -or ($isServers -and $line.Trim())
        if ($isServers -and $line -match '^ *(\d+)(?= )') { "$([int] $Matches[1] - $Before)".PadLeft($Matches[0].Length) + $line.Substring($Matches[0].Length) } else { $line }
    }
    $lines -join "`n"
}

# A session in a console that shows 100 columns (the last one of a console stays free), and that keeps what is written to it: tables, warnings, errors and WhatIf, in their order.
function Initialize-ExampleHost {
    if ('DicomPSTests.ExampleHost' -as [type]) { return }
    Add-Type -TypeDefinition @'
using System; using System.Collections.Generic; using System.Collections.ObjectModel; using System.Globalization;
using System.Management.Automation; using System.Management.Automation.Host; using System.Security; using System.Text;
namespace DicomPSTests {
    public sealed class ExampleRawUI : PSHostRawUserInterface {
        public override ConsoleColor BackgroundColor { get; set; } public override ConsoleColor ForegroundColor { get; set; }
        public override Size BufferSize { get { return new Size(101, 5000); } set { } } public override Coordinates CursorPosition { get; set; }
        public override int CursorSize { get; set; } public override bool KeyAvailable { get { return false; } }
        public override Size MaxPhysicalWindowSize { get { return BufferSize; } } public override Size MaxWindowSize { get { return BufferSize; } }
        public override Coordinates WindowPosition { get; set; } public override Size WindowSize { get { return BufferSize; } set { } }
        public override string WindowTitle { get; set; }
        public override int LengthInBufferCells(char c) { return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFF00 && c <= 0xFF60) ? 2 : 1; }
        public override int LengthInBufferCells(string text) { int cells = 0; foreach (char c in text) cells += LengthInBufferCells(c); return cells; }
        public override int LengthInBufferCells(string text, int offset) { return LengthInBufferCells(text.Substring(offset)); }
        public override void FlushInputBuffer() { } public override KeyInfo ReadKey(ReadKeyOptions options) { throw new NotSupportedException(); }
        public override BufferCell[,] GetBufferContents(Rectangle rectangle) { throw new NotSupportedException(); }
        public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) { }
        public override void SetBufferContents(Rectangle rectangle, BufferCell fill) { } public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) { }
    }
    public sealed class ExampleUI : PSHostUserInterface {
        private readonly ExampleRawUI raw = new ExampleRawUI();
        public readonly StringBuilder Text = new StringBuilder();
        public override PSHostRawUserInterface RawUI { get { return raw; } }
        // Colours are for consoles that show them.
        public override void Write(string value) { lock (Text) Text.Append(System.Text.RegularExpressions.Regex.Replace(value, "\x1b\\[[0-9;]*m", "")); }
        public override void Write(ConsoleColor foreground, ConsoleColor background, string value) { Write(value); }
        public override void WriteLine(string value) { Write(value + "\n"); }
        public override void WriteErrorLine(string value) { WriteLine(value); }
        public override void WriteDebugLine(string message) { WriteLine("DEBUG: " + message); }
        public override void WriteVerboseLine(string message) { WriteLine("VERBOSE: " + message); }
        public override void WriteWarningLine(string message) { WriteLine("WARNING: " + message); }
        public override void WriteProgress(long sourceId, ProgressRecord record) { }
        public override string ReadLine() { throw new NotSupportedException(); } public override SecureString ReadLineAsSecureString() { throw new NotSupportedException(); }
        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) { throw new NotSupportedException(); }
        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) { return defaultChoice; }
        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) { throw new NotSupportedException(); }
        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes types, PSCredentialUIOptions options) { throw new NotSupportedException(); }
    }
    public sealed class ExampleHost : PSHost {
        private readonly ExampleUI ui = new ExampleUI(); private readonly Guid id = Guid.NewGuid();
        public override CultureInfo CurrentCulture { get { return CultureInfo.InvariantCulture; } } public override CultureInfo CurrentUICulture { get { return CultureInfo.InvariantCulture; } }
        public override Guid InstanceId { get { return id; } } public override string Name { get { return "Examples"; } } public override Version Version { get { return new Version(1, 0); } }
        public override PSHostUserInterface UI { get { return ui; } }
        public override void EnterNestedPrompt() { } public override void ExitNestedPrompt() { } public override void NotifyBeginApplication() { } public override void NotifyEndApplication() { } public override void SetShouldExit(int exitCode) { }
    }
}
'@
}

function New-ExampleSession([string] $Root) {
    Initialize-ExampleHost
    $hosting = [DicomPSTests.ExampleHost]::new()
    $runspace = [runspacefactory]::CreateRunspace($hosting)
    $runspace.ThreadOptions = 'ReuseThread'
    $runspace.Open()
    $session = [pscustomobject] @{ Runspace = $runspace; Text = $hosting.UI.Text; Root = $Root; Ports = @{}; Free = 0; IdsBefore = 0; Instead = @{} }
    $manifest = Join-Path (Split-Path -Parent (Split-Path -Parent $PSScriptRoot)) 'out/DicomPS/DicomPS.psd1'
    $null = Invoke-Example $session "Import-Module '$manifest'; Set-Location '$Root'; `$ProgressPreference = 'SilentlyContinue'; [Threading.Thread]::CurrentThread.CurrentCulture = [cultureinfo]::InvariantCulture"
    $session
}

# The commands of a text, as they would be typed one after the other.
function Split-Example([string] $Code) {
    [Management.Automation.Language.Parser]::ParseInput($Code, [ref] $null, [ref] $null).EndBlock.Statements | ForEach-Object { $_.Extent.Text }
}

# What a page says, as it is run here: with the folder and the ports of this run, and what else is different in a test.
function Convert-Example($Session, [string] $Code) {
    $real = $Code.Replace($pageRoot, $Session.Root)
    foreach ($said in $Session.Instead.Keys) { $real = $real.Replace($said, $Session.Instead[$said]) }
    foreach ($port in $Session.Ports.Keys) { $real = $real.Replace($port, $Session.Ports[$port]) }
    $real = [regex]::Replace($real, '(?<=-Id |\b[A-Z][a-z]+-Dicom(Scp|StorageScp|Archive) )\d+\b', { "$([int] $args[0].Value + $Session.IdsBefore)" })
    # The port that a server picks itself is chosen here, so that it has a name: 30001, 30002, ...
    [regex]::Replace($real, '-Port 0\b', {
            $free = "$(Get-FreePort)"
            $Session.Free++
            $Session.Ports["$(30000 + $Session.Free)"] = $free
            "-Port $free"
        })
}

# Runs a text as if it was typed, and gives what the console shows. Folder and ports are put in before and taken out afterwards.
# With -Until it is stopped as Ctrl+C does, as soon as that is so; -Meanwhile is typed in a second session.
function Invoke-Example($Session, [string] $Code, [int] $Seconds = 180, [scriptblock] $Until, [string] $Meanwhile) {
    $real = Convert-Example $Session $Code
    $null = $Session.Text.Clear()
    $shell = [powershell]::Create()
    try {
        $shell.Runspace = $Session.Runspace
        $null = $shell.AddScript($real).AddCommand('Out-Default')
        $shell.Commands.Commands[0].MergeMyResults('Error', 'Output')
        $running = $shell.BeginInvoke()
        if ($Meanwhile) { Invoke-Elsewhere $Session $Meanwhile }
        $end = (Get-Date).AddSeconds($Seconds)
        while (-not $running.AsyncWaitHandle.WaitOne($(if ($Until) { 50 } else { $Seconds * 1000 }))) {
            $isDone = $Until -and (& $Until (Read-Printed $Session))
            if (-not $isDone -and (Get-Date) -lt $end) { continue }
            $shell.Stop()
            if ($isDone) { return Read-Printed $Session }
            return "It did not end within $Seconds seconds. So far:`n$(Read-Printed $Session)"
        }
        try { $null = $shell.EndInvoke($running) }
        catch {
            # A terminating error, as the console shows it.
            $problem = if ($_.Exception.InnerException.ErrorRecord) { $_.Exception.InnerException.ErrorRecord } else { $_ }
            $null = $Session.Text.AppendLine(($problem | Out-String -Width 100))
        }
    }
    finally { $shell.Dispose() }
    Read-Printed $Session
}

# What the console shows by now, with the folder, ports and ids of the page.
function Read-Printed($Session) {
    [Threading.Monitor]::Enter($Session.Text)
    try { $printed = $Session.Text.ToString() } finally { [Threading.Monitor]::Exit($Session.Text) }
    $printed = $printed.Replace($Session.Root, $pageRoot)
    # A table may have cut the folder off at its left.
    foreach ($length in 7..1) { $printed = $printed.Replace("$([char] 0x2026)$($Session.Root.Substring(8 - $length))/", "$([char] 0x2026)$($pageRoot.Substring(8 - $length))/") }
    foreach ($port in $Session.Ports.Keys) { $printed = $printed -replace "\b$($Session.Ports[$port])\b", $port }
    Format-Id $printed $Session.IdsBefore
}

# What a sender does while an example waits for it.
function Invoke-Elsewhere($Session, [string] $Code) {
    $manifest = Join-Path (Split-Path -Parent (Split-Path -Parent $PSScriptRoot)) 'out/DicomPS/DicomPS.psd1'
    $shell = [powershell]::Create()
    try {
        $null = $shell.AddScript("`$ErrorActionPreference = 'Stop'; Import-Module '$manifest'; Set-Location '$($Session.Root)'
            function Send-WhenReady(`$Path, `$Node) {
                for (`$i = 0; `$i -lt 1200 -and -not (Test-DicomEcho `$Node -Quiet); `$i++) { Start-Sleep -Milliseconds 50 }
                `$null = Send-DicomFile `$Path `$Node -Recurse
            }
            $(Convert-Example $Session $Code)").Invoke()
    }
    finally { $shell.Dispose() }
}

# A folder of eight characters, as long as the one of the pages.
function New-ExampleRoot {
    foreach ($try in 1..50) {
        $root = '/tmp/' + -join (1..3 | ForEach-Object { 'abcdefghijklmnopqrstuvwxyz0123456789'[(Get-Random 36)] })
        if (-not (Test-Path $root)) { return (New-Item -ItemType Directory $root -ErrorAction Stop).FullName }
    }
    throw 'There is no free name for a folder.'
}

# Puts what was really printed into a page; what is printed differently now, by the rules above, replaces its block.
function Update-Examples([string] $Path, $Examples, [hashtable] $Printed) {
    $lines = [Collections.Generic.List[string]] [IO.File]::ReadAllLines($Path)
    foreach ($example in $Examples | Sort-Object Last -Descending) {
        if (-not $Printed.ContainsKey($example.Number)) { continue }
        $text = $Printed[$example.Number]
        if ((Format-Printed $text) -ceq (Format-Printed $example.Output)) { continue }
        if ($null -ne $example.Output) {
            $lines.RemoveRange($example.First, $example.Last - $example.First + 1)
            $at = $example.First
        }
        else { $at = $example.Last + 1; if ($text.Trim()) { $lines.Insert($at++, '') } }
        if (-not $text.Trim()) { if ($null -ne $example.Output) { $lines.RemoveAt($at - 1) }; continue }
        $block = @('```output') + (((($text -split "`r?`n" | ForEach-Object TrimEnd) -join "`n") -replace "`n{3,}", "`n`n").Trim("`n") -split "`n") + @('```')
        $lines.InsertRange($at, [string[]] $block)
    }
    [IO.File]::WriteAllText($Path, ($lines -join "`n") + "`n")
}
