BeforeDiscovery {
    $hasOrthanc = Test-Path /etc/orthanc/orthanc.json
    $hasDcmqrscp = Test-Path /etc/dcmtk/dcmqrscp.cfg
}

Describe 'Import-DicomNode' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"

        # What a text brings, each node in one line, and the errors in another.
        function Import-Text([string] $Text, [hashtable] $How = @{}, [string] $Name = 'list') {
            [IO.File]::WriteAllText("$TestDrive/$Name", $Text)
            $folder = (Get-Item $TestDrive).FullName + [IO.Path]::DirectorySeparatorChar
            $nodes = @(Import-DicomNode "$TestDrive/$Name" -PassThru @How -ErrorVariable failed -ErrorAction SilentlyContinue -WarningVariable warned -WarningAction SilentlyContinue)
            [pscustomobject] @{
                Nodes = @($nodes | ForEach-Object { "$($_.Name)=$($_.Address)$(if ($_.Tls) { ' TLS' })$(if ($_.CallingAETitle -ne 'DICOMPS') { " as $($_.CallingAETitle)" })" })
                Problems = @($failed | ForEach-Object { "$_".Replace($folder, '') })
                Errors = @($failed)
                Warnings = @($warned)
            }
        }
    }

    BeforeEach { if (Test-Path $env:DICOMPS_CONFIG_HOME) { Remove-Item -Recurse -Force $env:DICOMPS_CONFIG_HOME } }

    Context 'Orthanc' {
        It 'takes <Case>' -ForEach @(
            @{ Case = 'a list of three'; Text = '"a" : [ "STORESCP", "127.0.0.1", 2000 ]'; Nodes = 'a=STORESCP@127.0.0.1:2000' }
            @{ Case = 'a list of four'; Text = '"a" : [ "A", "10.0.0.1", 104, "GE" ]'; Nodes = 'a=A@10.0.0.1:104' }
            @{ Case = 'a port in quotes'; Text = '"a" : [ "A", "h", "104" ]'; Nodes = 'a=A@h:104' }
            @{ Case = 'an object'; Text = '"a" : { "AET" : "A", "Port" : 104, "Host" : "h", "Manufacturer" : "Generic", "AllowEcho" : false, "UseDicomTls" : false }'; Nodes = 'a=A@h:104' }
            @{ Case = 'TLS, and the title that the peer knows'; Text = '"a" : { "AET" : "A", "Port" : 2762, "Host" : "h", "UseDicomTls" : true, "LocalAet" : "ME" }'; Nodes = 'a=A@h:2762 TLS as ME' }
            @{ Case = 'no LocalAet'; Text = '"a" : { "AET" : "A", "Port" : 104, "Host" : "h", "LocalAet" : "", "Timeout" : 60 }'; Nodes = 'a=A@h:104' }
            @{ Case = 'both kinds, comments and a comma too many'; Text = "// one`n`"a`" : [ `"A`", /* two`nlines */ `"h`", 1 ], `"b`" : { `"AET`" : `"B`", `"Host`" : `"::1`", `"Port`" : 2, }, // three`n"; Nodes = 'a=A@h:1', 'b=B@[::1]:2' }
            @{ Case = 'names as JSON writes them'; Text = '"CT \u00fcber \"1\"" : [ "A", "h", 1 ], "http://x" : [ "B", "h", 2 ]'; Nodes = 'CT über "1"=A@h:1', 'http://x=B@h:2' }
            @{ Case = 'a name twice, the same'; Text = '"a" : [ "A", "h", 1 ], "A" : [ "A", "h", 1 ]'; Nodes = 'a=A@h:1' }
        ) {
            $got = Import-Text "{ `"Name`" : `"x`", `"DicomModalities`" : { $Text }, `"Other`" : [ 1, { } ] }"
            $got.Problems | Should -BeNullOrEmpty
            $got.Nodes | Should -BeExactly $Nodes
        }

        It 'refuses one row, with its line, and takes the others: <Case>' -ForEach @(
            @{ Case = 'two values'; Text = '[ "A", "h" ]'; Words = "'x' is a list of 2 values" }
            @{ Case = 'no list'; Text = '104'; Words = "'x' is neither a list nor an object" }
            @{ Case = 'a number for a title'; Text = '[ 1, "h", 104 ]'; Words = 'is a list of 3 values' }
            @{ Case = 'no port'; Text = '{ "AET" : "A", "Host" : "h" }'; Words = "'x' has no port" }
            @{ Case = 'a null title'; Text = '{ "AET" : null, "Host" : "h", "Port" : 1 }'; Words = "'x' has no AE title" }
            @{ Case = 'no host'; Text = '{ "AET" : "A", "Host" : " ", "Port" : 1 }'; Words = "'x' has no host" }
            @{ Case = 'port 0'; Text = '[ "A", "h", 0 ]'; Words = "the port '0', which is no number from 1 to 65535" }
            @{ Case = 'a port too high'; Text = '[ "A", "h", 65536 ]'; Words = "the port '65536'" }
            @{ Case = 'a broken port'; Text = '[ "A", "h", 1.5 ]'; Words = "the port '1.5'" }
            @{ Case = 'a title too long'; Text = '[ "ABCDEFGHIJKLMNOPQ", "h", 1 ]'; Words = 'has 17 characters; 16 is the most' }
            @{ Case = 'a title with a backslash'; Text = '[ "A\\B", "h", 1 ]'; Words = 'A\B' }
            @{ Case = 'a variable'; Text = '[ "A", "${PACS_HOST}", 1 ]'; Words = 'has ${PACS_HOST}, a variable of the environment' }
            @{ Case = 'a host that is none'; Text = '[ "A", "two words", 1 ]'; Words = "neither a host name nor an address" }
            @{ Case = 'a calling title that is none'; Text = '{ "AET" : "A", "Host" : "h", "Port" : 1, "LocalAet" : "ABCDEFGHIJKLMNOPQ" }'; Words = 'has 17 characters' }
            @{ Case = 'TLS that is neither'; Text = '{ "AET" : "A", "Host" : "h", "Port" : 1, "UseDicomTls" : "perhaps" }'; Words = 'neither true nor false' }
        ) {
            $got = Import-Text "{`n  `"DicomModalities`" : {`n    `"first`" : [ `"F`", `"h`", 1 ],`n    `"x`" : $Text,`n    `"last`" : [ `"L`", `"h`", 2 ]`n  }`n}"
            $got.Nodes | Should -BeExactly 'first=F@h:1', 'last=L@h:2'
            $got.Errors | Should -HaveCount 1
            $got.Problems[0] | Should -BeLike "list, line 4: *$($Words.Replace('[', '`['))*"
            $got.Errors[0].FullyQualifiedErrorId | Should -BeLike 'DicomNodeListInvalid,*'
            $got.Errors[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
            "$($got.Errors[0].TargetObject)" | Should -BeLike '*list:4'
            @(Get-DicomNode).Count | Should -Be 2
        }

        It 'refuses the name <_>' -ForEach 'a@b', 'a*', '[a]', '', ' ' {
            $got = Import-Text (@{ DicomModalities = @{ $_ = @('A', 'h', 1) } } | ConvertTo-Json -Depth 5)
            $got.Errors | Should -HaveCount 1
            Get-DicomNode | Should -BeNullOrEmpty
        }

        It 'lets nobody steer the terminal or spoof a name: <Case>' -ForEach @(
            @{ Case = 'escape sequence'; Text = 'a\u001b[31mred' }
            @{ Case = 'line feed'; Text = 'a\nb' }
            @{ Case = 'override of direction'; Text = 'a\u202egnp' }
            @{ Case = 'half a character'; Text = 'a\ud800' }
            @{ Case = 'NUL'; Text = 'a\u0000' }
        ) {
            foreach ($row in "`"$Text`" : [ `"A`", `"h`", 1 ]", "`"x`" : [ `"A`", `"$Text`", 1 ]", "`"x`" : [ `"$Text`", `"h`", 1 ]") {
                $got = Import-Text "{ `"DicomModalities`" : { $row } }"
                $got.Nodes | Should -BeNullOrEmpty
                $got.Errors | Should -HaveCount 1
                "$($got.Errors[0])" | Should -Not -Match '[\x00-\x1f\u202e]'
            }
        }

        It 'refuses a whole file that is no JSON, with the line: <Case>' -ForEach @(
            @{ Case = 'a comma that is missing'; Text = "{ `"DicomModalities`" : {`n `"a`" : [ `"A`", `"h`", 1 ]`n `"b`" : [ `"B`", `"h`", 2 ] } }"; Words = "line 3: '`"' stands where ',' or '}' is expected" }
            @{ Case = 'cut short'; Text = "{ `"DicomModalities`" : { `"a`" : [ `"A`", `"h`", 1 ],"; Words = 'line 1: The end of the file' }
            @{ Case = 'a comment without end'; Text = "{ /* x"; Words = 'A comment has no end' }
            @{ Case = 'a text without end'; Text = "{ `"DicomModalities`" : { `"a`n"; Words = 'A text is not closed' }
            @{ Case = 'more behind it'; Text = '{ "DicomModalities" : { "a" : [ "A", "h", 1 ] } } x'; Words = "'x' stands behind the end" }
            @{ Case = 'a list of modalities'; Text = '{ "DicomModalities" : [ ] }'; Words = 'DicomModalities is no object' }
            @{ Case = 'no member name'; Text = '{ "DicomModalities" : { a : 1 } }'; Words = "'a' stands where the name of a member should begin" }
            @{ Case = 'a word for a value'; Text = '{ "x" : nul }'; Words = "stands where a value should begin" }
            @{ Case = 'an unknown escape'; Text = '{ "x" : "\q" }'; Words = 'an escape that JSON does not know' }
        ) {
            $got = Import-Text $Text @{ Format = 'Orthanc' }
            $got.Errors | Should -HaveCount 1
            $got.Problems[0] | Should -BeLike "*$($Words.Replace('[', '`['))*"
            Get-DicomNode | Should -BeNullOrEmpty
        }

        It 'is bounded: <Case>' -ForEach @(
            @{ Case = 'depth'; Text = '{ "x" : ' + '[' * 100000; Words = 'more than 64 times' }
            @{ Case = 'values'; Text = '{ "DicomModalities" : { "a" : [' + '0,' * 300000 + '0] } }'; Words = 'more than 200000 values' }
            @{ Case = 'bytes'; Text = '// ' + 'x' * 8388608 + "`n{ }"; Words = 'more than the 8388608' }
        ) {
            $got = Import-Text $Text @{ Format = 'Orthanc' }
            $got.Errors | Should -HaveCount 1
            $got.Problems[0] | Should -BeLike "*$Words*"
        }

        # What takes the square of its length would not come to an end here.
        It 'takes no longer than it is long: <Case>' -ForEach @(
            @{ Case = 'blank lines'; Text = "`n" * 4000000 }
            @{ Case = 'brackets'; Text = "HostTable BEGIN`nx = " + '(' * 4000000 + "`nHostTable END" }
            @{ Case = 'peers'; Text = "HostTable BEGIN`nx = " + '(A, h), ' * 2000 + "`nHostTable END" }
            @{ Case = 'references'; Text = "dn: dicomAETitle=A,dc=org`nobjectClass: dicomNetworkAE`ndicomAETitle: A`n" + "dicomNetworkConnectionReference: cn=x,dc=org`n" * 100000 }
            @{ Case = 'quotes'; Text = "AET,Host,Port`n" + '"""' * 1000000 }
        ) {
            $got = Import-Text $Text
            $got.Nodes | Should -BeNullOrEmpty
            $got.Errors.Count | Should -BeGreaterThan 0
        }

        It 'takes what /modalities?expand answers' {
            (Import-Text '{ "a" : { "AET" : "A", "Host" : "h", "Port" : 104, "Manufacturer" : "Generic" }, "b" : { "AET" : "B", "Host" : "h", "Port" : 105 } }').Nodes |
                Should -BeExactly 'a=A@h:104', 'b=B@h:105'
        }

        It 'says when a file has none, and when Orthanc does not use them' {
            (Import-Text '{ "Name" : "x" }').Warnings | Should -Match 'It has no DicomModalities'
            (Import-Text '{ "DicomModalities" : { } }').Warnings | Should -Match 'is empty'
            $got = Import-Text '{ "DicomModalities" : { "a" : [ "A", "h", 1 ] }, "DicomModalitiesInDatabase" : true }'
            $got.Warnings | Should -Match 'DicomModalitiesInDatabase is true'
            $got.Nodes | Should -BeExactly 'a=A@h:1'
        }

        It 'takes the file of Debian, as it is and with its examples' -Skip:(-not $hasOrthanc) {
            $text = Get-Content -Raw /etc/orthanc/orthanc.json
            (Import-Text $text).Warnings | Should -Match 'commented out'
            $got = Import-Text ($text.Replace('// "sample" : [ "STORESCP", "127.0.0.1", 2000 ]', '"sample" : [ "STORESCP", "127.0.0.1", 2000 ],').
                Replace('// "vitrea" :', '"vitrea" :'))
            $got.Problems | Should -BeNullOrEmpty
            $got.Nodes | Should -BeExactly 'sample=STORESCP@127.0.0.1:2000', 'vitrea=VITREA@192.168.1.1:104'
        }
    }

    Context 'dcmqrscp' {
        It 'takes <Case>' -ForEach @(
            @{ Case = 'a symbolic name'; Text = 'acme1           = (ACME1, acmehost1, 5678)'; Nodes = 'acme1=ACME1@acmehost1:5678' }
            @{ Case = 'no blanks'; Text = 'a=(A,h,1)'; Nodes = 'a=A@h:1' }
            @{ Case = 'tabs and quotes'; Text = "`"Acme CT`"`t=`t(`"A 1`", h, 1)"; Nodes = 'Acme CT=A 1@h:1' }
            @{ Case = 'groups, which are no nodes'; Text = "a = (A, h, 1)`nb = (B, h, 2)`nall = a, b"; Nodes = 'a=A@h:1', 'b=B@h:2' }
            @{ Case = 'several under one name'; Text = 'ct = (CT1, h1, 1), (CT2, h2, 2)'; Nodes = 'ct-CT1=CT1@h1:1', 'ct-CT2=CT2@h2:2' }
            @{ Case = 'a group with one of its own'; Text = "a = (A, h, 1)`nall = a, (B, h, 2)"; Nodes = 'a=A@h:1', 'all-B=B@h:2' }
            @{ Case = 'comments and blank lines'; Text = "# b = (B, h, 2)`n`n   `na = (A, h, 1)"; Nodes = 'a=A@h:1' }
        ) {
            $got = Import-Text "NetworkTCPPort = 104`nHostTable BEGIN`n$Text`nHostTable END`nVendorTable BEGIN`n`"X`" = a`nVendorTable END`nAETable BEGIN`nSTORE /x RW (9, 1024mb) ANY`nAETable END`n"
            $got.Problems | Should -BeNullOrEmpty
            $got.Nodes | Should -BeExactly $Nodes
        }

        It 'refuses one row, with its line, and takes the others: <Text>' -ForEach @(
            @{ Text = 'x = (A, h)'; Words = 'not the AE title, the host and the port' }
            @{ Text = 'x = (A, h, 1, 2)'; Words = 'not the AE title, the host and the port' }
            @{ Text = 'x = (A, h, 1'; Words = 'a bracket or a quote that is not closed' }
            @{ Text = 'x ='; Words = "'x' names nobody" }
            @{ Text = 'x = (A, h, port)'; Words = "the port 'port'" }
            @{ Text = 'x = (, h, 1)'; Words = 'needs an AETitle' }
            @{ Text = 'x = (A, , 1)'; Words = 'has no host' }
        ) {
            $got = Import-Text "HostTable BEGIN`na = (A, h, 1)`n$Text`nb = (B, h, 2)`nHostTable END"
            $got.Nodes | Should -BeExactly 'a=A@h:1', 'b=B@h:2'
            $got.Problems | Should -HaveCount 1
            $got.Problems[0] | Should -BeLike "list, line 3: *$Words*"
        }

        It 'refuses a table that is not whole' {
            (Import-Text "HostTable BEGIN`na = (A, h, 1)`n").Problems | Should -BeLike '*HostTable BEGIN has no HostTable END*'
            (Import-Text "HostTable END`n" @{ Format = 'Dcmqrscp' }).Problems | Should -BeLike '*line 1: HostTable END stands before*'
            (Import-Text "x`n" @{ Format = 'Dcmqrscp' }).Problems | Should -BeLike '*It has no HostTable BEGIN*'
            Get-DicomNode | Should -BeNullOrEmpty
        }

        It 'takes the file of Debian, as it is and with its examples' -Skip:(-not $hasDcmqrscp) {
            $text = Get-Content -Raw /etc/dcmtk/dcmqrscp.cfg
            (Import-Text $text).Warnings | Should -Match 'HostTable is empty'
            (Import-Text ($text -replace '(?m)^#(acme|united)', '$1')).Nodes |
                Should -BeExactly 'acme1=ACME1@acmehost1:5678', 'acme2=ACME2@acmehost2:5678', 'united1=UNITED1@unitedhost1:104', 'united2=UNITED2@unitedhost2:104'
        }
    }

    Context 'dcm4che' {
        BeforeAll {
            $device = 'dicomDeviceName=arc,cn=Devices,cn=DICOM Configuration,dc=dcm4che,dc=org'
            function Get-Connection([string] $Name, [string] $More, [string] $In = $device) { "dn: cn=$Name,$In`nobjectClass: dicomNetworkConnection`ncn: $Name`n$More`n`n" }
            function Get-Title([string] $Name, [string] $More) { "dn: dicomAETitle=$Name,$device`nobjectClass: dicomNetworkAE`nobjectClass: dcmNetworkAE`ndicomAETitle: $Name`n$More`n`n" }
            $plain = Get-Connection 'dicom' "dicomHostname: pacs.example`ndicomPort: 11112"
            $secure = Get-Connection 'dicom-tls' "dicomHostname: pacs.example`ndicomPort: 2762`ndicomTLSCipherSuite: TLS_RSA_WITH_AES_128_CBC_SHA"
        }

        It 'takes a title with its connection, before or behind it' {
            $title = Get-Title 'DCM4CHEE' "dicomNetworkConnectionReference: cn=dicom,$device`ndicomAssociationAcceptor: TRUE"
            (Import-Text "version: 1`n`n$plain$title").Nodes | Should -BeExactly 'DCM4CHEE=DCM4CHEE@pacs.example:11112'
            (Import-Text "# first`n$title$plain" @{ Force = $true }).Nodes | Should -BeExactly 'DCM4CHEE=DCM4CHEE@pacs.example:11112'
        }

        It 'takes several connections: the plain one has the name' {
            $title = Get-Title 'ARC' "dicomNetworkConnectionReference: cn=dicom-tls,$device`ndicomNetworkConnectionReference: cn=dicom,$device"
            (Import-Text "$plain$secure$title").Nodes | Should -BeExactly 'ARC=ARC@pacs.example:11112', 'ARC-dicom-tls=ARC@pacs.example:2762 TLS'
            $title = Get-Title 'SAFE' "dicomNetworkConnectionReference: cn=dicom-tls,$device"
            (Import-Text "$plain$secure$title").Nodes | Should -BeExactly 'SAFE=SAFE@pacs.example:2762 TLS'
        }

        It 'knows a reference in other case, with blanks, escapes, lines that go on and base64' {
            $reference = 'CN=dicom , dicomDeviceName=arc,cn=devices, cn=DICOM Configuration,dc=DCM4CHE,dc=org'
            $folded = $reference.Substring(0, 30) + "`n " + $reference.Substring(30)
            (Import-Text "$plain$(Get-Title 'A' "dicomNetworkConnectionReference: $folded")").Nodes | Should -BeExactly 'A=A@pacs.example:11112'
            $coded = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("cn=dicom,$device"))
            (Import-Text "$plain$(Get-Title 'B' "dicomNetworkConnectionReference:: $coded")").Nodes | Should -BeExactly 'B=B@pacs.example:11112'
            $odd = 'dicomDeviceName=arc\2C one,dc=org'
            $text = (Get-Connection 'dicom' "dicomHostname: h`ndicomPort: 1" $odd) + (Get-Title 'C' 'dicomNetworkConnectionReference: cn=dicom,dicomDeviceName=arc\, one,dc=org')
            (Import-Text $text).Nodes | Should -BeExactly 'C=C@h:1'
        }

        It 'passes over what is no node: other protocols, the registry of titles, what is not installed' {
            $hl7 = Get-Connection 'hl7' "dicomHostname: h`ndicomPort: 2575`ndcmProtocol: HL7"
            $off = Get-Connection 'off' "dicomHostname: h`ndicomPort: 1`ndicomInstalled: FALSE"
            $titles = "dn: dicomAETitle=UNIQUE,cn=Unique AE Titles Registry,dc=org`nobjectClass: dicomUniqueAETitle`ndicomAETitle: UNIQUE`n`n"
            $title = Get-Title 'ARC' "dicomNetworkConnectionReference: cn=hl7,$device`ndicomNetworkConnectionReference: cn=off,$device`ndicomNetworkConnectionReference: cn=dicom,$device"
            $gone = Get-Title 'GONE' "dicomInstalled: FALSE`ndicomNetworkConnectionReference: cn=dicom,$device"
            $got = Import-Text "$plain$hl7$off$titles$title$gone"
            $got.Nodes | Should -BeExactly 'ARC=ARC@pacs.example:11112'
            $got.Problems | Should -BeNullOrEmpty
        }

        It 'refuses a title, with its line, and takes the others: <Case>' -ForEach @(
            @{ Case = 'a reference to nothing'; More = "dicomNetworkConnectionReference: cn=none,dc=org"; Words = 'refers to cn=none,dc=org, which is not in the file' }
            @{ Case = 'no reference'; More = 'dicomDescription: x'; Words = 'no connection with a dicomPort' }
            @{ Case = 'nobody to call'; More = 'dicomAssociationAcceptor: FALSE'; Words = 'takes no associations' }
        ) {
            $got = Import-Text "$plain$(Get-Title 'GOOD' "dicomNetworkConnectionReference: cn=dicom,$device")$(Get-Title 'BAD' $More)"
            $got.Nodes | Should -BeExactly 'GOOD=GOOD@pacs.example:11112'
            $got.Problems | Should -HaveCount 1
            $got.Problems[0] | Should -BeLike "list, line 13: 'BAD' *$Words*"
        }

        It 'refuses a title whose connection has no port or host' {
            $none = Get-Connection 'out' 'dicomHostname: h'
            (Import-Text "$none$(Get-Title 'A' "dicomNetworkConnectionReference: cn=out,$device")").Problems | Should -BeLike "*'A' has no connection with a dicomPort*"
            $none = Get-Connection 'out' 'dicomPort: 1'
            (Import-Text "$none$(Get-Title 'A' "dicomNetworkConnectionReference: cn=out,$device")").Problems | Should -BeLike "*'A' has no host*"
        }

        It 'refuses what is no LDIF: <Case>' -ForEach @(
            @{ Case = 'a line without colon'; Text = "dn: dc=org`nword`n"; Words = 'line 2: A line has no colon' }
            @{ Case = 'no dn'; Text = "version: 1`n`ncn: x`n`ndn: dc=org`n"; Words = "line 3: 'cn' stands where an entry should begin" }
            @{ Case = 'no base64'; Text = "dn: dc=org`ncn:: ***`n"; Words = "line 2: The value of 'cn' is no base64" }
        ) {
            (Import-Text $Text).Problems | Should -BeLike "*$($Words.Replace('*', '`*'))*"
        }
    }

    Context 'CSV' {
        It 'takes the columns <Header>' -ForEach @(
            @{ Header = 'Name,AETitle,HostName,Port'; Row = 'a,A,h,1'; Nodes = 'a=A@h:1' }
            @{ Header = 'Port;Host;AE Title;Node'; Row = '1;h;A;a'; Nodes = 'a=A@h:1' }
            @{ Header = 'AET,IP Address,DICOM Port'; Row = 'A,10.0.0.1,104'; Nodes = 'A=A@10.0.0.1:104' }
            @{ Header = "AE_TITLE`tComputerName`tport number`tName"; Row = "A`th`t1`ta"; Nodes = 'a=A@h:1' }
            @{ Header = '"Station","Called AE","IP-Adresse","Port","Room"'; Row = '"CT, new","A","h","1","R 1"'; Nodes = 'CT, new=A@h:1' }
            @{ Header = 'Name,AETitle,HostName,Port,TLS,Local AE Title'; Row = 'a,A,h,1,yes,ME'; Nodes = 'a=A@h:1 TLS as ME' }
            @{ Header = 'Name,AETitle,HostName,IP,Port'; Row = 'a,A,,10.0.0.1,1'; Nodes = 'a=A@10.0.0.1:1' }
            @{ Header = 'Name,AETitle,HostName,Port'; Row = 'a, A ,[fe80::1],1'; Nodes = 'a=A@[fe80::1]:1' }
        ) {
            $got = Import-Text "$Header`r`n$Row`r`n`r`n"
            $got.Problems | Should -BeNullOrEmpty
            $got.Nodes | Should -BeExactly $Nodes
        }

        It 'refuses one row, with its line, and takes the others: <Row>' -ForEach @(
            @{ Row = 'x,X,h,'; Words = "'x' has no port. " }
            @{ Row = 'x,,h,1'; Words = 'has no AE title' }
            @{ Row = 'x,X,,1'; Words = 'has no host' }
            @{ Row = 'x,X,h'; Words = 'It has 3 fields, and the first line names 4' }
            @{ Row = 'x,X,h,1,2'; Words = 'It has 5 fields' }
            @{ Row = 'x,X,h,104a'; Words = "the port '104a'" }
            @{ Row = 'b,X,h,1'; Words = "'b' is B@h:2 here and X@h:1 in*line 3, which counts"; Line = 4; Nodes = 'a=A@h:1', 'b=X@h:1' }
            @{ Row = 'a@b,X,h,1'; Words = 'cannot be the name' }
            @{ Row = ('n' * 200) + ',X,h,1'; Words = 'has 200 characters' }
        ) {
            $got = Import-Text "Name,AETitle,HostName,Port`na,A,h,1`n$Row`nb,B,h,2"
            $got.Nodes | Should -BeExactly $(if ($Nodes) { $Nodes } else { 'a=A@h:1', 'b=B@h:2' })
            $got.Problems | Should -HaveCount 1
            $got.Problems[0] | Should -BeLike "list, line $(if ($Line) { $Line } else { 3 }): *$($Words.Trim())*"
        }

        It 'refuses a table without the columns' {
            $got = Import-Text "Name,AETitle`na,A" @{ Format = 'Csv' }
            $got.Problems | Should -BeLike '*line 1: The first line names no column for HostName, Port; it has Name, AETitle*'
            (Import-Text '' @{ Format = 'Csv' }).Problems | Should -BeLike '*It is empty*'
            (Import-Text "Name,AETitle,HostName,Port`na,A,h,`"1").Problems | Should -BeLike '*line 2: The file ends inside a quoted field*'
            Get-DicomNode | Should -BeNullOrEmpty
        }

        It 'takes back what Export-Csv wrote, all of it' {
            Set-DicomNode a 'A@host:1' -CharacterSet 'ISO_IR 192' -CallingAETitle ME
            Set-DicomNode b 'B@[fe80::1]:2' -Tls -LocalPort 3 -From 10.0.0.6, gateway.example
            Get-DicomNode | Export-Csv "$TestDrive/nodes.csv"
            $before = Get-DicomNode | ConvertTo-Csv
            Remove-DicomNode *
            Import-DicomNode "$TestDrive/nodes.csv" -ErrorAction Stop | Should -BeNullOrEmpty
            Get-DicomNode | ConvertTo-Csv | Should -Be $before
        }

        It 'takes files of spreadsheets: UTF-16, Latin-1, a mark of the order of bytes' {
            $text = "Name;AETitle;HostName;Port`nRöntgen;A;h;1"
            foreach ($encoding in [Text.Encoding]::Unicode, [Text.Encoding]::GetEncoding(28591), [Text.UTF8Encoding]::new($true)) {
                [IO.File]::WriteAllText("$TestDrive/list.csv", $text, $encoding)
                (Import-DicomNode "$TestDrive/list.csv" -PassThru).Name | Should -Be 'Röntgen'
            }
        }
    }

    It 'leaves registered names as they are, and says so; -Force replaces them, and keeps what the file does not say' {
        Set-DicomNode a 'OLD@old.example:1' -LocalPort 4242 -CharacterSet 'ISO_IR 100'
        $text = "Name,AETitle,HostName,Port`nA,NEW,new.example,2`nb,B,h,3"
        $got = Import-Text $text
        $got.Nodes | Should -BeExactly 'b=B@h:3'
        $got.Errors | Should -HaveCount 1
        $got.Errors[0].FullyQualifiedErrorId | Should -BeLike 'DicomNodeExists,*'
        $got.Problems[0] | Should -BeLike "list, line 2: *registered already, as OLD@old.example:1; the file has NEW@new.example:2*"
        $got.Errors[0].ErrorDetails.RecommendedAction | Should -Match '-Force'
        (Get-DicomNode a).Address | Should -Be 'OLD@old.example:1'

        (Import-Text $text @{ Force = $true }).Problems | Should -BeNullOrEmpty
        $node = Get-DicomNode a
        $node.Name, $node.Address, $node.LocalPort, $node.CharacterSet | Should -Be 'a', 'NEW@new.example:2', 4242, 'ISO_IR 100'
    }

    It 'says nothing about a name that is registered as the file has it, the second time too' {
        $text = '{ "DicomModalities" : { "a" : [ "A", "h", 1 ] } }'
        (Import-Text $text).Nodes | Should -BeExactly 'a=A@h:1'
        Set-DicomNode a -LocalPort 4242
        $got = Import-Text $text
        $got.Problems | Should -BeNullOrEmpty
        $got.Nodes | Should -BeExactly 'a=A@h:1'
        (Get-DicomNode a).LocalPort | Should -Be 4242
    }

    It 'says in which detail a registered node differs' {
        Set-DicomNode a 'A@h:1' -CallingAETitle ME
        (Import-Text '{ "DicomModalities" : { "a" : { "AET" : "A", "Host" : "h", "Port" : 1, "LocalAet" : "OTHER" } } }').Problems | Should -BeLike '*calling as ME*calling as OTHER*'
    }

    It 'knows each format by what is in it, and takes wildcards and the pipeline' {
        $null = New-Item -ItemType Directory "$TestDrive/all"
        Set-Content "$TestDrive/all/1.txt" '/* c */ { "DicomModalities" : { "o" : [ "O", "h", 1 ] } }'
        Set-Content "$TestDrive/all/2.txt" "HostTable BEGIN`nq = (Q, h, 1)`nHostTable END"
        Set-Content "$TestDrive/all/3.txt" "dn: cn=d,dc=org`nobjectclass: dicomnetworkconnection`ndicomhostname: h`ndicomport: 1`n`ndn: dicomAETitle=C,dc=org`nobjectclass: dicomnetworkae`ndicomaetitle: C`ndicomnetworkconnectionreference: cn=d,dc=org"
        Set-Content "$TestDrive/all/4.txt" "AET,Host,Port`nT,h,1"
        Set-Content "$TestDrive/all/5.txt" 'nothing of it'
        Import-DicomNode "$TestDrive/all/*.txt" -ErrorVariable failed -ErrorAction SilentlyContinue
        (Get-DicomNode).Name | Should -Be 'C', 'o', 'q', 'T'
        $failed | Should -HaveCount 1
        "$failed" | Should -Match '5\.txt: It is no list of nodes'
        Remove-DicomNode *
        Get-ChildItem "$TestDrive/all/[12].txt" | Import-DicomNode
        (Get-DicomNode).Name | Should -Be 'o', 'q'
        Import-DicomNode -LiteralPath "$TestDrive/all/3.txt" -PassThru | Should -BeOfType DicomPS.Associations.DicomNode
    }

    It 'registers nothing with -WhatIf' {
        Set-Content "$TestDrive/one.csv" "AET,Host,Port`nT,h,1"
        Import-DicomNode "$TestDrive/one.csv" -WhatIf | Should -BeNullOrEmpty
        Get-DicomNode | Should -BeNullOrEmpty
    }

    It 'registers nothing where the file of nodes is broken' {
        $null = New-Item -ItemType Directory -Force $env:DICOMPS_CONFIG_HOME
        Set-Content (Join-Path $env:DICOMPS_CONFIG_HOME nodes.json) '{ broken'
        Set-Content "$TestDrive/one.csv" "AET,Host,Port`nT,h,1"
        { Import-DicomNode "$TestDrive/one.csv" } | Should -Throw -ErrorId 'DicomNodeFileBroken,*'
        Get-Content (Join-Path $env:DICOMPS_CONFIG_HOME nodes.json) | Should -Be '{ broken'
    }

    It 'says what is no file: <_>' -ForEach 'nowhere.csv', 'no*.csv', '.' {
        Import-DicomNode "$TestDrive/$_" -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId | Should -Match 'DicomFileNotFound|DicomNodeListInvalid'
    }

    It 'registers thousands at once' {
        Set-Content "$TestDrive/many.csv" (@('Name,AETitle,HostName,Port') + (1..3000 | ForEach-Object { "n$_,A$_,h$_.example,$_" }))
        Import-DicomNode "$TestDrive/many.csv"
        (Get-DicomNode).Count | Should -Be 3000
    }

    It 'what it registered can be called' {
        $server = Start-DicomScp -Port 0 -AETitle PACS -OnEcho { }
        try {
            Set-Content "$TestDrive/one.csv" "Name,AETitle,HostName,Port`nmine,PACS,127.0.0.1,$($server.Port)"
            (Import-DicomNode "$TestDrive/one.csv" -PassThru | Test-DicomEcho).Success | Should -BeTrue
        }
        finally { Stop-DicomScp $server -Force }
    }
}
