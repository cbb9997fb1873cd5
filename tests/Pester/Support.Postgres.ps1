# A PostgreSQL of our own: a folder that goes away with the test, a free port, an ordinary user, a password.

function Find-Postgres { Get-ChildItem /usr/lib/postgresql -ErrorAction Ignore | Sort-Object { [int] $_.Name } -Bottom 1 | ForEach-Object { "$_/bin" } }

function Start-Postgres([string] $Folder, [string] $Password) {
    # It refuses to run as root; nobody has this number on every Linux.
    $as = if ((id -u) -eq '0') { 'setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups' } else { 'env' }
    $port = Get-FreePort
    $null = New-Item -ItemType Directory $Folder -Force
    Set-Content "$Folder/password" $Password
    if ((id -u) -eq '0') { chown -R 65534 $Folder }
    $server = [pscustomobject]@{ Port = $port; As = $as; Bin = Find-Postgres; Data = "$Folder/data" }
    Invoke-Postgres $server initdb -D $server.Data -U dicomps -A scram-sha-256 --pwfile "$Folder/password" -E UTF8 --no-locale -N
    Invoke-Postgres $server pg_ctl -D $server.Data -w -t 60 -l "$Folder/log" -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off" start
    $server
}

function Stop-Postgres($Server) { if ($Server) { Invoke-Postgres $Server pg_ctl -D $Server.Data -w -m immediate stop } }

# Its output goes nowhere: the server inherits it, and a reader would wait for the server's end.
function Invoke-Postgres($Server, [string] $Program) {
    $words = @($Server.As) + "$($Server.Bin)/$Program" + $args
    Push-Location /
    try {
        & sh -c 'exec "$0" "$@" >/dev/null 2>&1 </dev/null' @words
        if ($LASTEXITCODE) { throw "$Program ended with exit code $LASTEXITCODE." }
    }
    finally { Pop-Location }
}
