# Dot-sourced by every file here: the module as dotnet build left it, a node registry of its own, and real peers.
$root = Split-Path -Parent (Split-Path -Parent $PSScriptRoot)
Import-Module (Join-Path $root 'out/DicomPS/DicomPS.psd1') -ErrorAction Stop
$env:DICOMPS_CONFIG_HOME = Join-Path ([IO.Path]::GetTempPath()) "dicomps-$([guid]::NewGuid().ToString('N'))"

# The pwsh on the PATH, for what needs a process of its own. (The path of this process is that of dotnet where pwsh is a dotnet tool.)
$pwsh = (Get-Command pwsh -CommandType Application -ErrorAction Stop)[0].Source

# Debian's python3-pydicom brings these; without it the tests that need them skip.
$samples = '/usr/lib/python3/dist-packages/pydicom/data/test_files'

function Get-FreePort {
    $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $listener.Start()
    $listener.LocalEndpoint.Port
    $listener.Stop()
}

# Starts a program of DCMTK and waits until its port is open. Stop it with Stop-Peer.
function Start-Peer([string] $Program, [int] $Port, [string[]] $Arguments) {
    # /tmp directories of Pester have no spaces; Start-Process joins the arguments as they are.
    $log = Join-Path $TestDrive "$Program-$Port"
    $process = Start-Process -FilePath $Program -ArgumentList $Arguments -PassThru -RedirectStandardOutput "$log.out" -RedirectStandardError "$log.err"
    for ($i = 0; $i -lt 100; $i++) {
        $client = [Net.Sockets.TcpClient]::new()
        try { $client.Connect('127.0.0.1', $Port); return $process } catch { Start-Sleep -Milliseconds 50 } finally { $client.Dispose() }
    }
    throw "$Program did not open port $Port."
}

function Stop-Peer($Process) {
    if ($Process -and -not $Process.HasExited) {
        Stop-Process -Id $Process.Id
        $Process.WaitForExit()
    }
}

# Runs a script in a runspace of its own and stops it, as Ctrl+C does; gives the time that the stop took and what came before.
function Stop-Midway([string] $Script, [int] $AfterMilliseconds = 800) {
    $shell = [powershell]::Create()
    try {
        $manifest = Join-Path $root 'out/DicomPS/DicomPS.psd1'
        $output = [Management.Automation.PSDataCollection[psobject]]::new()
        $null = $shell.AddScript("Import-Module '$manifest'; $Script")
        $null = $shell.BeginInvoke([Management.Automation.PSDataCollection[psobject]]::new(), $output)
        Start-Sleep -Milliseconds $AfterMilliseconds
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
