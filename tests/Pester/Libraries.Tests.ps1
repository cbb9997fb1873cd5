# Another module's SQLite in the same session. Each test is a process of its own, because nothing that is loaded goes away.
Describe 'The libraries of the module' {
    BeforeDiscovery {
        $others = @(@{ Version = '6.0.0' }, @{ Version = '9.0.23' })
    }

    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        . "$PSScriptRoot/Support.Archive.ps1"

        # What another module does with the SQLite that it brings: loads it by its paths and writes a table.
        $theirs = {
            function Use-Theirs([string] $Folder, [string] $File) {
                Add-Type -Path "$Folder/SQLitePCLRaw.core.dll", "$Folder/SQLitePCLRaw.provider.e_sqlite3.dll", "$Folder/Microsoft.Data.Sqlite.dll"
                [SQLitePCL.raw]::SetProvider([SQLitePCL.SQLite3Provider_e_sqlite3]::new())
                $connection = [Microsoft.Data.Sqlite.SqliteConnection]::new("Data Source=$File;Pooling=False")
                $connection.Open()
                $command = $connection.CreateCommand()
                $command.CommandText = 'CREATE TABLE IF NOT EXISTS t (a); INSERT INTO t VALUES (1); SELECT count(*) FROM t'
                $version = [Microsoft.Data.Sqlite.SqliteConnection].Assembly.GetName().Version.ToString(3)
                "theirs: $($command.ExecuteScalar()) with $version, SQLite $($connection.ServerVersion)"
                $connection.Dispose()
            }
        }

        # What a user does with ours: files into an index, and into an archive that runs; queries of both.
        $ours = {
            function Use-Ours([string] $Manifest, [string] $Source, [string] $Folder) {
                Import-Module $Manifest -ErrorAction Stop
                Get-ChildItem $Source -File | Export-DicomIndex "$Folder/ours.sqlite" -ErrorAction Stop
                "index: $(@(Find-DicomInstance -Index "$Folder/ours.sqlite" -ErrorAction Stop).Count)"
                $archive = Start-DicomArchive "$Folder/archive" -Port 0 -ErrorAction Stop
                "imported: $(@(Import-DicomFile $Source -Archive $archive -ErrorAction Stop | Where-Object Success).Count)"
                $found = Find-DicomStudy -HostName 127.0.0.1 -Port $archive.Port -ErrorAction Stop
                $found | Export-DicomIndex "$Folder/studies.sqlite" -ErrorAction Stop
                "archive: $(@($found).Count), their index: $(@(Find-DicomStudy -Index "$Folder/studies.sqlite" -ErrorAction Stop).Count)"
                $archive | Stop-DicomArchive
                Repair-DicomArchive "$Folder/archive" -ErrorAction Stop | ForEach-Object { "repaired: $($_.Indexed)" }
            }
        }

        function Invoke-Beside([string] $Version, [string] $Script) {
            $other = Join-Path $root "out/OtherSqlite/$Version"
            if (-not (Test-Path "$other/Microsoft.Data.Sqlite.dll")) { throw 'Run dotnet build first: it puts the other SQLite into out/OtherSqlite.' }
            $folder = (New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid().ToString('N')))).FullName
            $source = Join-Path $folder 'source'
            $null = New-Instances $source
            $file = Join-Path $folder 'run.ps1'
            Set-Content $file @"
`$ErrorActionPreference = 'Stop'
`$other, `$manifest, `$source, `$folder = '$other', '$root/out/DicomPS/DicomPS.psd1', '$source', '$folder'
$theirs
$ours
$Script
"@
            & $pwsh -NoProfile -NonInteractive -File $file 2>&1 | ForEach-Object { "$_" }
        }

        $used = 'index: 3', 'imported: 3', 'archive: 2, their index: 2', 'repaired: 3'
    }

    It 'work where another module has loaded its SQLite <Version> before, and it goes on with its own' -ForEach $others {
        $lines = Invoke-Beside $Version {
            Use-Theirs $other "$folder/theirs.sqlite"
            Use-Ours $manifest $source $folder
            Use-Theirs $other "$folder/theirs.sqlite"
        }
        $lines | Should -HaveCount 6
        $lines[0] | Should -BeLike "theirs: 1 with $Version, SQLite 3.*"
        $lines[1..4] | Should -Be $used
        $lines[5] | Should -Be ($lines[0] -replace 'theirs: 1', 'theirs: 2')
    }

    It 'leave another module that comes later its SQLite <Version>' -ForEach $others {
        $lines = Invoke-Beside $Version {
            Use-Ours $manifest $source $folder
            Use-Theirs $other "$folder/theirs.sqlite"
            "again: $(@(Find-DicomInstance -Index "$folder/ours.sqlite").Count)"
        }
        $lines | Should -HaveCount 6
        $lines[0..3] | Should -Be $used
        $lines[4] | Should -BeLike "theirs: 1 with $Version, SQLite 3.*"
        $lines[5] | Should -Be 'again: 3'
    }

    It 'read each other''s files, each with its own SQLite' {
        $lines = Invoke-Beside '9.0.23' {
            Use-Theirs $other "$folder/theirs.sqlite"
            Use-Ours $manifest $source $folder
            $connection = [Microsoft.Data.Sqlite.SqliteConnection]::new("Data Source=$folder/ours.sqlite;Pooling=False")
            $connection.Open()
            $command = $connection.CreateCommand()
            $command.CommandText = 'SELECT count(*) FROM instances'
            "read by them: $($command.ExecuteScalar())"
            $connection.Dispose()
            try { Find-DicomStudy -Index "$folder/theirs.sqlite" -ErrorAction Stop } catch { $_.FullyQualifiedErrorId }
        }
        $lines[-2] | Should -Be 'read by them: 3'
        $lines[-1] | Should -BeLike 'DicomIndexUnusable,*'
    }

    It 'are in a context of their own, each once, and not before they are used' {
        $lines = Invoke-Beside '6.0.0' {
            Import-Module $manifest
            $context = { [Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -EQ DicomPS | ForEach-Object { $_.Assemblies.GetName().Name } | Sort-Object }
            "imported: $(& $context)"
            Use-Ours $manifest $source $folder
            Use-Theirs $other "$folder/theirs.sqlite"
            "used: $(& $context)"
            $default = [Runtime.Loader.AssemblyLoadContext]::Default.Assemblies | Where-Object { $_.GetName().Name -match '^DicomPS|Sqlite|SQLitePCLRaw' }
            "default: $(($default | ForEach-Object { $_.GetName().Name + ' ' + (Split-Path -Leaf (Split-Path $_.Location)) } | Sort-Object) -join ', ')"
        }
        $lines[0] | Should -Be 'imported: '
        $lines[-2] | Should -Be 'used: DicomPS.Archive Microsoft.Data.Sqlite SQLitePCLRaw.core SQLitePCLRaw.provider.e_sqlite3'
        $lines[-1] | Should -Be ('default: DicomPS net8.0, DicomPS.Engine net8.0, Microsoft.Data.Sqlite 6.0.0, ' +
            'SQLitePCLRaw.core 6.0.0, SQLitePCLRaw.provider.e_sqlite3 6.0.0')
    }

    It 'are found in a module that is imported again, and in other runspaces' {
        $lines = Invoke-Beside '6.0.0' {
            Import-Module $manifest
            Remove-Module DicomPS
            Use-Theirs $other "$folder/theirs.sqlite"
            Use-Ours $manifest $source $folder
            Remove-Module DicomPS
            Import-Module $manifest
            "again: $(@(Find-DicomInstance -Index "$folder/ours.sqlite").Count)"
            $counts = 1..3 | ForEach-Object -Parallel {
                Import-Module $using:manifest
                @(Find-DicomInstance -Index "$using:folder/ours.sqlite").Count
            }
            "parallel: $counts"
            Start-ThreadJob { Import-Module $using:manifest; Remove-Module DicomPS } | Receive-Job -Wait -AutoRemoveJob
            "still: $(@(Find-DicomInstance -Index "$folder/ours.sqlite").Count)"
        }
        $lines[1..4] | Should -Be $used
        $lines[-3..-1] | Should -Be 'again: 3', 'parallel: 3 3 3', 'still: 3'
    }

    # Each in a copy of the module of its own, as a broken installation would be.
    It 'are not blamed on the disk where <What>' -ForEach @(
        @{ What = 'one is of an older version'; Break = { Copy-Item "$other/SQLitePCLRaw.core.dll" "$libraries/SQLitePCLRaw.core.dll" -Force }; Name = 'sqlite3_malloc' }
        @{ What = 'one is not whole'; Break = { Set-Content "$libraries/DicomPS.Archive.dll" 'cut' }; Name = 'DicomPS.Archive' }
        @{ What = 'one is missing'; Break = { Remove-Item "$libraries/SQLitePCLRaw.core.dll" -Force }; Name = 'SQLitePCLRaw.core' }
    ) {
        $lines = Invoke-Beside '6.0.0' @"
Copy-Item -Recurse '$root/out/DicomPS' "`$folder/DicomPS"
`$libraries = "`$folder/DicomPS/net8.0/dependencies"
$Break
Import-Module "`$folder/DicomPS/DicomPS.psd1"
foreach (`$do in { Get-ChildItem `$source | Export-DicomIndex "`$folder/i.sqlite" }, { Import-DicomFile `$source -Archive "`$folder/a" },
    { Start-DicomArchive "`$folder/a" -Port 0 }, { Repair-DicomArchive "`$folder/a" }, { Find-DicomStudy -Index "`$folder/i.sqlite" }) {
    `$null = New-Item -ItemType Directory -Force "`$folder/a"
    try { `$null = & `$do; 'worked' }
    catch { (`$_.FullyQualifiedErrorId -split ',')[0], `$_.ErrorDetails.Message, `$_.ErrorDetails.RecommendedAction -join '|' }
}
"@
        $lines | Should -HaveCount 5
        foreach ($line in $lines) {
            $line | Should -BeLike "DicomLibraryUnusable|A library of DicomPS could not be loaded: *$Name*|*install it anew*"
        }
    }

    It 'tell which module came first with which version, where there are no contexts' {
        # What Windows PowerShell meets: both versions in one context. The folder of the newer stands for this module's.
        $lines = Invoke-Beside '6.0.0' {
            $module = (New-Item -ItemType Directory "$folder/OtherSql").FullName
            Copy-Item "$other/*" (New-Item -ItemType Directory "$module/lib")
            Set-Content "$module/OtherSql.psd1" '@{}'
            Use-Theirs "$module/lib" "$folder/theirs.sqlite"
            Import-Module $manifest
            $type = [DicomPS.Lifetime.ModuleLifetime].Assembly.GetType('DicomPS.Errors.LibraryConflict')
            [string] $ours = Join-Path (Split-Path $other) '9.0.23'
            $versions = $type.GetMethod('VersionsIn', [Reflection.BindingFlags] 'NonPublic, Static').Invoke($null, [object[]] $ours)
            $method = $type.GetMethods([Reflection.BindingFlags] 'NonPublic, Static') | Where-Object { $_.Name -eq 'Of' -and $_.GetParameters().Count -eq 3 }
            $method.Invoke($null, @([IO.FileLoadException]::new('does not match'), $versions, $ours)).Message
        }
        $lines[1] | Should -BeLike ('Another version of a library of DicomPS is loaded in this session: *Microsoft.Data.Sqlite 6.0.0.0 of the module OtherSql (*), ' +
            'where DicomPS brings 9.0.23.0*(does not match)')
    }
}
