# Dot-sourced by tests that need a pwsh in a process of its own that a signal reaches. The pwsh of a dotnet tool is a program that
# starts another one and hands no signal on; what it starts is started here.
$ownPwsh = if ((Split-Path -Leaf ([Environment]::ProcessPath)) -like 'dotnet*') { [Environment]::ProcessPath, (Join-Path $PSHOME 'pwsh.dll') } else { , [Environment]::ProcessPath }

# Starts it with a script; its output goes to files in $TestDrive. End it with Stop-Pwsh or a signal.
function Start-Pwsh([string] $Script, [string] $Name = "pwsh-$([guid]::NewGuid().ToString('N').Substring(0, 8))", [string[]] $Arguments) {
    $start = [Diagnostics.ProcessStartInfo]::new($ownPwsh[0])
    if (-not $Arguments) { $Arguments = '-NoProfile', '-NonInteractive', '-Command', "Import-Module '$root/out/DicomPS/DicomPS.psd1'; $Script" }
    foreach ($argument in @($ownPwsh | Select-Object -Skip 1) + $Arguments) { $start.ArgumentList.Add($argument) }
    $start.RedirectStandardOutput = $start.RedirectStandardError = $start.RedirectStandardInput = $true
    $start.Environment['NO_COLOR'] = '1'
    $process = [Diagnostics.Process]::Start($start)
    $process.StandardInput.Close()
    [pscustomobject]@{ Process = $process; Output = $process.StandardOutput.ReadToEndAsync(); Errors = $process.StandardError.ReadToEndAsync() }
}

function Wait-Port([int] $Port, $Process) {
    for ($i = 0; $i -lt 2400; $i++) {
        $client = [Net.Sockets.TcpClient]::new()
        try { $client.Connect('127.0.0.1', $Port); return } catch { Start-Sleep -Milliseconds 50 } finally { $client.Dispose() }
        if ($Process.Process.HasExited) { throw "It ended: $($Process.Output.Result) $($Process.Errors.Result)" }
    }
    throw "Port $Port was not opened."
}

# Sends SIGTERM and gives the exit code.
function Send-Term($Process, [int] $Seconds = 60) {
    & /bin/kill -TERM $Process.Process.Id
    if (-not $Process.Process.WaitForExit($Seconds * 1000)) { throw "It goes on $Seconds s after SIGTERM." }
    $Process.Process.ExitCode
}

function Stop-Pwsh($Process) {
    if ($Process -and -not $Process.Process.HasExited) { $Process.Process.Kill(); $Process.Process.WaitForExit() }
}
