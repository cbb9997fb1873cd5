# Dot-sourced after Support.ps1: peers that do one thing wrong. Each listens on a free loopback port and plays its script for every connection.

# What the scripts may call. A script gets the connection as $stream; what it has not read when it ends is left unread.
$peerWords = {
    # The next PDU, whole, or nothing when the other side has closed.
    function Read-Pdu {
        $head = Read-Bytes 6
        if (-not $head) { return }
        $length = ([int] $head[2] -shl 24) + ([int] $head[3] -shl 16) + ([int] $head[4] -shl 8) + $head[5]
        , [byte[]] ($head + @(Read-Bytes $length))
    }
    function Read-Bytes([int] $Count) {
        $bytes = [byte[]]::new($Count)
        for ($at = 0; $at -lt $Count; $at += $read) {
            $read = $stream.Read($bytes, $at, $Count - $at)
            if ($read -eq 0) { return }
        }
        $bytes
    }
    # Takes whatever comes and says nothing, until the other side has closed.
    function Read-ToEnd { $taken = [byte[]]::new(4096); while ($stream.Read($taken, 0, 4096)) { } }
    function Send-Bytes([byte[]] $Bytes) { $stream.Write($Bytes, 0, $Bytes.Length); $stream.Flush() }
    function Send-Text([string] $Text) { Send-Bytes ([Text.Encoding]::ASCII.GetBytes($Text)) }
    function Send-Pdu([byte] $Type, [byte[]] $Body) {
        $n = $Body.Length
        Send-Bytes ([byte[]] (@($Type, 0, ($n -shr 24), (($n -shr 16) -band 255), (($n -shr 8) -band 255), ($n -band 255)) + $Body))
    }
    # A-ASSOCIATE-AC (PS3.8 9.3.3) out of the request: every context with its first transfer syntax and this result.
    function Send-Accept([byte[]] $Request, [byte] $Result = 0) {
        $body = [Collections.Generic.List[byte]] [byte[]] $Request[6..73]
        for ($at = 74; $at -lt $Request.Length; $at += 4 + $length) {
            $length = ([int] $Request[$at + 2] -shl 8) + $Request[$at + 3]
            $item = $Request[$at..($at + 3 + $length)]
            if ($item[0] -eq 0x20) {
                $abstract = 4 + ([int] $item[10] -shl 8) + $item[11]
                $transfer = 8 + $abstract
                $size = 4 + ([int] $item[$transfer + 2] -shl 8) + $item[$transfer + 3]
                $item = @(0x21, 0, 0, (4 + $size), $item[4], 0, $Result, 0) + $item[$transfer..($transfer + $size - 1)]
            }
            $body.AddRange([byte[]] $item)
        }
        Send-Pdu 2 $body.ToArray()
    }
    # The next message to its end: its command set (PS3.7 6.3.1, implicit VR) as tag such as 00000700 to bytes, with Context, and the
    # dataset as Dataset; nothing when something else than P-DATA-TF came.
    function Read-Message {
        $command = [Collections.Generic.List[byte]]::new()
        $dataset = [Collections.Generic.List[byte]]::new()
        $message = $null
        while (-not $message -or $message.Awaited) {
            $pdu = Read-Pdu
            if (-not $pdu -or $pdu[0] -ne 4) { return }
            for ($at = 6; $at -lt $pdu.Length; $at += 4 + $length) {
                $length = ([int] $pdu[$at + 1] -shl 16) + ([int] $pdu[$at + 2] -shl 8) + $pdu[$at + 3]
                $part = [byte[]] $pdu[($at + 6)..($at + 3 + $length)]
                if ($pdu[$at + 5] -band 1) { $command.AddRange($part) } else { $dataset.AddRange($part) }
                if ($pdu[$at + 5] -eq 3) {
                    $message = @{ Context = $pdu[$at + 4]; Awaited = $false }
                    $bytes = $command.ToArray()
                    for ($i = 0; $i -lt $bytes.Length; $i += 8 + $size) {
                        $size = [BitConverter]::ToInt32($bytes, $i + 4)
                        $tag = '{0:X4}{1:X4}' -f [BitConverter]::ToUInt16($bytes, $i), [BitConverter]::ToUInt16($bytes, $i + 2)
                        $message[$tag] = [byte[]] @(if ($size) { $bytes[($i + 8)..($i + 7 + $size)] })
                    }
                    $message.Awaited = [BitConverter]::ToUInt16($message['00000800'], 0) -ne 0x0101
                }
                elseif ($pdu[$at + 5] -eq 2) { $message.Awaited = $false }
            }
        }
        $message.Dataset = $dataset.ToArray()
        $message
    }
    # A response without a dataset in one PDV: command field, message responded to, status or none (PS3.7 9.3).
    function Send-Response([byte] $Context, [int] $Field, [int] $MessageId, $Status) {
        $elements = foreach ($pair in @(0x0100, $Field), @(0x0120, $MessageId), @(0x0800, 0x0101), @(0x0900, $Status)) {
            if ($null -eq $pair[1]) { continue }
            0, 0, ($pair[0] -band 255), ($pair[0] -shr 8), 2, 0, 0, 0, ($pair[1] -band 255), ($pair[1] -shr 8)
        }
        $command = @(0, 0, 0, 0, 4, 0, 0, 0, $elements.Count, 0, 0, 0) + $elements
        Send-Pdu 4 ([byte[]] (@(0, 0, 0, ($command.Count + 2), $Context, 3) + $command))
    }
}

function Start-FaultyPeer([scriptblock] $Script) {
    $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $listener.Start()
    $shell = [powershell]::Create()
    $null = $shell.AddScript({
        param($listener, $words, $script)
        . ([scriptblock]::Create($words))
        $play = [scriptblock]::Create($script)
        while ($true) {
            try { $client = $listener.AcceptTcpClient() } catch { return }
            $client.NoDelay = $true
            $client.ReceiveTimeout = 60000
            $stream = $client.GetStream()
            try { . $play } catch { } finally { $client.Dispose() }
        }
    }).AddArgument($listener).AddArgument("$peerWords").AddArgument("$Script")
    $null = $shell.BeginInvoke()
    [pscustomobject]@{ Node = "FAULTY@127.0.0.1:$($listener.LocalEndpoint.Port)"; Port = $listener.LocalEndpoint.Port; Listener = $listener; Shell = $shell }
}

function Stop-FaultyPeer($Peer) {
    $Peer.Listener.Stop()
    # The script ends by itself: now, or after its read timeout. Stopped while it ends, PowerShell 7.6 may take the process down.
}
