# Dot-sourced by tests of services: everything below a folder of their own, and a systemctl that is asked instead of the real one, so
# that no test touches what the machine has. It keeps the state of all units in one file and writes down what it was asked.
function Use-ServiceFolder([string] $Folder, [switch] $WithoutSystemd) {
    $null = New-Item -ItemType Directory -Force "$Folder/bin"
    $script:serviceBefore = @{ PATH = $env:PATH; XDG_CONFIG_HOME = $env:XDG_CONFIG_HOME; XDG_STATE_HOME = $env:XDG_STATE_HOME; DICOMPS_CONFIG_HOME = $env:DICOMPS_CONFIG_HOME }
    $env:XDG_CONFIG_HOME = "$Folder/config"
    $env:XDG_STATE_HOME = "$Folder/state"
    $env:DICOMPS_CONFIG_HOME = "$Folder/dicomps"
    $answer = if ($WithoutSystemd) { 'echo "System has not been booted with systemd as init system (PID 1). Can''t operate." >&2; exit 1' }
    else {
        @"
echo "`$@" >> '$Folder/asked'
case " `$* " in
    *" show --property=Version "*) echo Version=252 ;;
    *" show "*) printf 'LoadState=loaded\nActiveState=%s\nUnitFileState=enabled\nResult=%s\nExecMainStatus=%s\n' "`$(cat '$Folder/active' 2>/dev/null || echo inactive)" "`$(cat '$Folder/result' 2>/dev/null || echo success)" 1 ;;
    *" start "*) if [ -e '$Folder/refuse' ]; then echo 'Job failed. See "journalctl -xe".' >&2; exit 1; fi; echo active > '$Folder/active' ;;
    *" stop "* | *" disable "*) echo inactive > '$Folder/active' ;;
esac
"@
    }
    Set-Content "$Folder/bin/systemctl" "#!/bin/sh`n$answer`n"
    & /bin/chmod +x "$Folder/bin/systemctl"
    $env:PATH = "$Folder/bin$([IO.Path]::PathSeparator)$env:PATH"
}

function Reset-ServiceFolder {
    foreach ($name in @($serviceBefore.Keys)) { Set-Item "env:$name" $serviceBefore[$name] }
}
