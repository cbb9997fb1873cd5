# Dot-sourced after Support.ps1, Support.Query.ps1 and Support.Retrieve.ps1 by the Seeds files: what their servers and peers have in common.

# A program of DCMTK with its debug log as lines.
function Invoke-Dcmtk([string] $Program, [string[]] $Arguments) {
    @(& $Program -d @Arguments 2>&1 | ForEach-Object { "$_" })
}

# The statuses of the responses in such a log, as a person reads them in the standard.
function Get-Status([string[]] $Log) {
    foreach ($line in $Log) {
        if ($line -match 'DIMSE Status +: 0x([0-9a-fA-F]{4})') { $Matches[1].ToUpperInvariant() }
        elseif ($line -match 'Unknown Status: 0x([0-9a-fA-F]+)') { $Matches[1].PadLeft(4, '0').ToUpperInvariant() }
        elseif ($line -match 'Received Echo Response \(Success\)') { '0000' }
    }
}

# findscu, movescu or getscu with keys; -S, -P or -O name the model.
function Invoke-Query([string] $Program, $Server, [string] $Model, [string[]] $Keys, [string[]] $More = @()) {
    $all = @('-aec', $Server.AETitle, $Model) + @($Keys | ForEach-Object { '-k'; $_ }) + $More + @('127.0.0.1', "$($Server.Port)")
    Invoke-Dcmtk $Program $all
}

# A request of one of the other services by the engine's own SCU: the statuses of its responses.
function Invoke-Find($Server, [string] $SopClass, [hashtable] $Keys) {
    $context = [DicomPS.Associations.PresentationContextProposal]::new($SopClass, [string[]] '1.2.840.10008.1.2.1')
    $options = [DicomPS.Associations.AssociationOptions] @{ Host = '127.0.0.1'; Port = $Server.Port; PresentationContexts = [DicomPS.Associations.PresentationContextProposal[]] $context }
    $identifier = [DicomPS.Data.DicomDataset]::new()
    foreach ($name in $Keys.Keys) { [DicomPS.Dictionary.DatasetDictionaryExtensions]::Set($identifier, [DicomPS.Dictionary.DicomDictionary]::Find([string] $name).Tag, [string[]] $Keys[$name]) }
    $none = [Threading.CancellationToken]::None
    $scu = [DicomPS.Scu.QueryScu]::ConnectAsync($options, [timespan]::FromSeconds(60), $none).GetAwaiter().GetResult()
    try {
        $responses = $scu.FindAsync($scu.ContextFor($SopClass), $identifier, $null, 'Medium', $none).GetAsyncEnumerator($none)
        while ($responses.MoveNextAsync().AsTask().GetAwaiter().GetResult()) { $responses.Current }
    }
    finally { $null = $scu.DisposeAsync().AsTask().GetAwaiter().GetResult() }
}

function Get-SeedNode($Server) { "$($Server.AETitle)@127.0.0.1:$($Server.Port)" }

# The first message of the server's blocks that fits; it may come a moment after the answer.
function Wait-SeedMessage($Server, [string] $Like) {
    for ($i = 0; $i -lt 600; $i++) {
        $found = Receive-DicomScp $Server -Timeout 0.1 | Where-Object Message -Like $Like
        if ($found) { return @($found)[0] }
    }
}

# A request written byte by byte, for what no program sends: its dataset as these bytes. Gives the status of the response.
function Invoke-Raw($Server, [string] $SopClass, [int] $Field, [byte[]] $Dataset) {
    $ascii = [Text.Encoding]::ASCII
    function Item([byte] $Type, [byte[]] $Body) { [byte[]] (@($Type, 0, ($Body.Length -shr 8), ($Body.Length -band 255)) + $Body) }
    function Pdu([byte] $Type, [byte[]] $Body) { $n = $Body.Length; [byte[]] (@($Type, 0, ($n -shr 24), (($n -shr 16) -band 255), (($n -shr 8) -band 255), ($n -band 255)) + $Body) }
    function Pdv([byte] $Header, [byte[]] $Body) { $n = $Body.Length + 2; Pdu 4 ([byte[]] (@(0, 0, ($n -shr 8), ($n -band 255), 1, $Header) + $Body)) }
    function Element([int] $Number, [byte[]] $Value) { [byte[]] (@(0, 0, ($Number -band 255), ($Number -shr 8), $Value.Length, 0, 0, 0) + $Value) }
    function Uid([string] $Text) { $bytes = $ascii.GetBytes($Text); if ($bytes.Length % 2) { $bytes += 0 }; [byte[]] $bytes }
    $context = @(1, 0, 0, 0) + @(Item 0x30 $ascii.GetBytes($SopClass)) + @(Item 0x40 $ascii.GetBytes('1.2.840.10008.1.2'))
    $body = @(0, 1, 0, 0) + $ascii.GetBytes($Server.AETitle.PadRight(16) + 'RAW'.PadRight(16)) + @(0) * 32 + @(Item 0x10 $ascii.GetBytes('1.2.840.10008.3.1.1.1')) +
        @(Item 0x20 ([byte[]] $context)) + @(Item 0x50 ([byte[]] (Item 0x51 ([byte[]] (0, 0, 0x40, 0)))))
    $elements = @(Element 0x0002 (Uid $SopClass)) + @(Element 0x0100 ([BitConverter]::GetBytes([uint16] $Field))) + @(Element 0x0110 ([byte[]] (1, 0))) +
        @(Element 0x0700 ([byte[]] (0, 0))) + @(Element 0x0800 ([byte[]] (1, 0))) + $(if ($Field -eq 1) { @(Element 0x1000 (Uid '1.2.3.4')) })
    $command = @(Element 0x0000 ([BitConverter]::GetBytes([int] $elements.Count))) + $elements
    $client = [Net.Sockets.TcpClient]::new('127.0.0.1', $Server.Port)
    try {
        $client.ReceiveTimeout = 60000
        $stream = $client.GetStream()
        function Next {
            $head = [byte[]]::new(6); $stream.ReadExactly($head)
            $rest = [byte[]]::new(([int] $head[2] -shl 24) + ([int] $head[3] -shl 16) + ([int] $head[4] -shl 8) + $head[5]); $stream.ReadExactly($rest)
            , [byte[]] ($head + $rest)
        }
        $bytes = [byte[]] (Pdu 1 ([byte[]] $body)); $stream.Write($bytes, 0, $bytes.Length)
        $answer = Next
        if ($answer[0] -ne 2) { return "PDU $($answer[0])" }
        $bytes = [byte[]] (Pdv 3 ([byte[]] $command)); $stream.Write($bytes, 0, $bytes.Length)
        $bytes = [byte[]] (Pdv 2 $Dataset); $stream.Write($bytes, 0, $bytes.Length)
        $answer = Next
        if ($answer[0] -ne 4) { return "PDU $($answer[0])" }
        for ($at = 12; $at -lt $answer.Length; $at += 8 + $length) {
            $length = [BitConverter]::ToInt32($answer, $at + 4)
            if ([BitConverter]::ToUInt16($answer, $at + 2) -eq 0x0900) { return '{0:X4}' -f [BitConverter]::ToUInt16($answer, $at + 8) }
        }
    }
    finally { $client.Dispose() }
}

# An element that says it is longer than what follows: no reader can take it.
$brokenDataset = [byte[]] (0x10, 0, 0x20, 0, 0xF0, 0xFF, 0, 0, 0x41, 0x42)
