# Dot-sourced by every file here: the module as dotnet build left it, a node registry of its own, and real peers.
$root = Split-Path -Parent (Split-Path -Parent $PSScriptRoot)
Import-Module (Join-Path $root 'out/DicomPS/DicomPS.psd1') -ErrorAction Stop
$env:DICOMPS_CONFIG_HOME = Join-Path ([IO.Path]::GetTempPath()) "dicomps-$([guid]::NewGuid().ToString('N'))"

# The pwsh on the PATH, for what needs a process of its own. (The path of this process is that of dotnet where pwsh is a dotnet tool.)
$pwsh = (Get-Command pwsh -CommandType Application -ErrorAction Stop)[0].Source

# Debian's python3-pydicom brings these; without it the tests that need them skip.
$samples = '/usr/lib/python3/dist-packages/pydicom/data/test_files'

# A port that is used later: none of those that systems give to whoever asks for any (32768 and more on Linux), since other tests run
# beside these and would get it meanwhile, and none twice. Nor a number that the pages show.
function Get-FreePort {
    if (-not $global:DicomPSTestPorts) { $global:DicomPSTestPorts = [Collections.Generic.HashSet[int]]::new() }
    foreach ($try in 1..500) {
        $port = Get-Random -Minimum 17000 -Maximum 20000
        if (-not $global:DicomPSTestPorts.Add($port)) { continue }
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Any, $port)
        try { $listener.Start(); return $port } catch { } finally { $listener.Stop() }
    }
    throw 'There is no free port from 17000 to 19999.'
}

# Waits for what comes at its own time, a minute at most: a busy machine may take long. Whether it came.
function Wait-Until([scriptblock] $Condition, [int] $Seconds = 60) {
    $waited = [Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Condition)) {
        if ($waited.Elapsed.TotalSeconds -gt $Seconds) { return $false }
        Start-Sleep -Milliseconds 50
    }
    $true
}

# Runs something with a folder for temporary files of its own: in that of the machine those of other tests come and go.
function Use-TemporaryFolder([string] $Folder, [scriptblock] $Do) {
    $null = New-Item -ItemType Directory -Force $Folder
    $before = @{}
    foreach ($name in 'TMPDIR', 'TMP', 'TEMP') {
        $before[$name] = [Environment]::GetEnvironmentVariable($name)
        Set-Item "env:$name" $Folder
    }
    try { & $Do } finally { foreach ($name in @($before.Keys)) { Set-Item "env:$name" $before[$name] } }
}

# Starts a program of DCMTK and waits until its port is open. Stop it with Stop-Peer.
function Start-Peer([string] $Program, [int] $Port, [string[]] $Arguments) {
    # /tmp directories of Pester have no spaces; Start-Process joins the arguments as they are.
    $log = Join-Path $TestDrive "$Program-$Port"
    $process = Start-Process -FilePath $Program -ArgumentList $Arguments -PassThru -RedirectStandardOutput "$log.out" -RedirectStandardError "$log.err"
    for ($i = 0; $i -lt 1200; $i++) {
        $client = [Net.Sockets.TcpClient]::new()
        try { $client.Connect('127.0.0.1', $Port); return $process } catch { Start-Sleep -Milliseconds 50 } finally { $client.Dispose() }
        if ($process.HasExited) { break }
    }
    throw "$Program did not open port $Port. $(Get-Content -Raw "$log.err")"
}

function Stop-Peer($Process) {
    if ($Process -and -not $Process.HasExited) {
        Stop-Process -Id $Process.Id
        $Process.WaitForExit()
    }
}

# Runs a script in a runspace of its own and stops it, as Ctrl+C does; gives the time that the stop took and what came before. It is stopped
# after a while, or once -Until is so, which gets the output up to then.
function Stop-Midway([string] $Script, [int] $AfterMilliseconds = 800, [scriptblock] $Until) {
    $shell = [powershell]::Create()
    try {
        $manifest = Join-Path $root 'out/DicomPS/DicomPS.psd1'
        $output = [Management.Automation.PSDataCollection[psobject]]::new()
        # Otherwise who looks through it waits for its end.
        $output.EnumeratorNeverBlocks = $true
        $null = $shell.AddScript("Import-Module '$manifest'; $Script")
        $null = $shell.BeginInvoke([Management.Automation.PSDataCollection[psobject]]::new(), $output)
        if ($Until) { if (-not (Wait-Until { & $Until $output })) { throw "It was not so within a minute: $Until" } }
        else { Start-Sleep -Milliseconds $AfterMilliseconds }
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $shell.Stop()
        [pscustomobject]@{ Milliseconds = $clock.ElapsedMilliseconds; State = [string] $shell.InvocationStateInfo.State; Output = @($output) }
    }
    finally { $shell.Dispose() }
}

# The progress records and the output of a script.
function Invoke-Recorded([string] $Script) {
    $shell = [powershell]::Create()
    try {
        $manifest = Join-Path $root 'out/DicomPS/DicomPS.psd1'
        $output = $shell.AddScript("Import-Module '$manifest'; $Script").Invoke()
        [pscustomobject]@{ Output = @($output); Progress = @($shell.Streams.Progress | Where-Object Activity -Match 'Sending|Echo|Stopping|Get from|Move from|Instances|Querying|Importing|Reading headers'); Verbose = @($shell.Streams.Verbose) }
    }
    finally { $shell.Dispose() }
}

# No line of the default output may be longer than this.
function Measure-Width($InputObject) {
    $lines = ($InputObject | Out-String -Width 100) -split "`n" | ForEach-Object { ($_ -replace "`e\[[0-9;]*m").TrimEnd() }
    ($lines | Measure-Object -Property Length -Maximum).Maximum
}

# A self-signed certificate with its key, of today.
function New-Certificate([switch] $WithoutKey) {
    $rsa = [Security.Cryptography.RSA]::Create(2048)
    $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=localhost', $rsa,
        [Security.Cryptography.HashAlgorithmName]::SHA256, [Security.Cryptography.RSASignaturePadding]::Pkcs1)
    $made = $request.CreateSelfSigned([datetimeoffset]::Now.AddDays(-1), [datetimeoffset]::Now.AddDays(90))
    if ($WithoutKey) { [Security.Cryptography.X509Certificates.X509Certificate2]::new($made.RawData) } else { $made }
}
