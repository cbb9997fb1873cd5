using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using DicomPS.Compatibility;

namespace DicomPS.Auditing;

/// <summary>Writes the records of a trail to its target. One thread at a time.</summary>
/// <param name="target">The target.</param>
internal sealed class AuditSink(AuditTarget target) : IDisposable
{
    /// <summary>A file that is longer is put aside, under a name with the moment. An audit trail is deleted by nobody here.</summary>
    public const long MaximumFileBytes = 100L * 1024 * 1024;

    // Facility 10, security and authorization; 5, notice, and 4, warning (RFC 5424 6.2.1; PS3.15 A.6).
    private const int Notice = (10 * 8) + 5, Warning = (10 * 8) + 4;
    private const int ConnectTime = 10_000, MostDatagram = 65_000;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private FileStream? _file;
    private TcpClient? _connection;
    private Stream? _stream;
    private UdpClient? _udp;

    /// <summary>Writes a record; what throws has written none of it, as far as that can be known.</summary>
    /// <exception cref="IOException">It cannot be written now.</exception>
    public async Task WriteAsync(AuditRecord record)
    {
        try
        {
            switch (target.Transport)
            {
                case AuditTransport.File:
                    Append(Utf8.GetBytes((target.IsXml ? AuditText.Xml(record) : AuditText.Json(record)) + "\n"));
                    break;
                case AuditTransport.SyslogUdp:
                    var packet = Message(record);
                    _udp ??= new UdpClient(target.Place, target.Port);
                    await _udp.SendAsync(packet, Math.Min(packet.Length, MostDatagram)).ConfigureAwait(false);
                    break;
                default:
                    await SendAsync(Message(record)).ConfigureAwait(false);
                    break;
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or SocketException or ObjectDisposedException
            or System.Security.Authentication.AuthenticationException or NotSupportedException or System.Security.SecurityException)
        {
            Dispose();
            throw new IOException(problem.Message, problem);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _file?.Dispose();
            _stream?.Dispose();
            _connection?.Dispose();
            _udp?.Dispose();
        }
        catch (IOException)
        {
            // What could not be written is told by the write.
        }

        (_file, _stream, _connection, _udp) = (null, null, null, null);
    }

    private void Append(byte[] line)
    {
        // Somebody may have moved it away, which is how it is archived.
        if (_file is { } && !File.Exists(target.Place))
            Dispose();
        _file ??= PrivateFiles.Open(target.Place, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 1);
        if (_file.Length > 0 && _file.Length + line.Length > MaximumFileBytes)
        {
            Dispose();
            var aside = $"{target.Place}.{DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture)}";
            File.Move(target.Place, aside);
            _file = PrivateFiles.Open(target.Place, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 1);
        }

        var before = _file.Length;
        try
        {
            _file.Write(line, 0, line.Length);
            _file.Flush();
        }
        catch (IOException)
        {
            // No half line: what a full disk took of it goes again.
            _file.SetLength(before);
            throw;
        }
    }

    private async Task SendAsync(byte[] message)
    {
        if (_stream is null)
        {
            _connection = new TcpClient();
            await InTimeAsync(_connection.ConnectAsync(target.Place, target.Port), $"No connection in {ConnectTime / 1000} s.")
                .ConfigureAwait(false);
            _connection.SendTimeout = ConnectTime;
            _stream = _connection.GetStream();
            if (target.Transport == AuditTransport.SyslogTls)
            {
                var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
                _stream = tls;
                await InTimeAsync(tls.AuthenticateAsClientAsync(target.Place), $"No TLS handshake in {ConnectTime / 1000} s.")
                    .ConfigureAwait(false);
            }
        }

        // A server that has closed is noticed by the second write only: what it sends is nothing, so a read that ends says so before.
        if (_connection!.Client.Poll(0, SelectMode.SelectRead) && _connection.Client.Available == 0)
            throw new IOException("The syslog server closed the connection.");
        // The length in octets, a blank, the message (RFC 6587 3.4.1, RFC 5425 4.3).
        byte[] frame = [.. Encoding.ASCII.GetBytes($"{message.Length.ToString(CultureInfo.InvariantCulture)} "), .. message];
        await InTimeAsync(_stream.WriteAsync(frame, 0, frame.Length), $"The syslog server took nothing for {ConnectTime / 1000} s.")
            .ConfigureAwait(false);
    }

    // The timer goes at once: one for each record would be thousands that wait.
    private static async Task InTimeAsync(Task work, string late)
    {
        using var clock = new CancellationTokenSource();
        var first = await Task.WhenAny(work, Task.Delay(ConnectTime, clock.Token)).ConfigureAwait(false);
        clock.Cancel();
        if (first != work)
        {
            _ = work.ContinueWith(static task => task.Exception, TaskScheduler.Default);
            throw new IOException(late);
        }

        await work.ConfigureAwait(false);
    }

    // RFC 5424 6: header, no structured data, the message in UTF-8 with its mark; the message id is that of PS3.15 A.6.
    private static byte[] Message(AuditRecord record)
    {
        var time = record.Time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var host = new string([.. Dns.GetHostName().Where(letter => letter is > ' ' and < '\u007f')]);
        var head = $"<{(record.Outcome == 0 ? Notice : Warning)}>1 {time} {(host.Length == 0 ? "-" : host)} DicomPS "
            + $"{System.Diagnostics.Process.GetCurrentProcess().Id} DICOM+RFC3881 - ";
        return [.. Encoding.ASCII.GetBytes(head), .. Encoding.UTF8.GetPreamble(), .. Utf8.GetBytes(AuditText.Xml(record))];
    }
}
