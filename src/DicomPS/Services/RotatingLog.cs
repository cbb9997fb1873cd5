using System.Globalization;
using System.Text;
using DicomPS.Compatibility;

namespace DicomPS.Services;

/// <summary>
/// A log of lines that begin with an ISO 8601 time stamp, in a bounded number of files of a bounded size: name.log is the newest, then
/// name.1.log and so on. Writing never throws and never waits: what a full disk does not take is lost, told once to whom it
/// concerns, and counted in the log when there is room again. Any thread may use it.
/// </summary>
public sealed class RotatingLog : IDisposable
{
    /// <summary>10 MiB.</summary>
    public const long DefaultBytes = 10 << 20;

    /// <summary>Five.</summary>
    public const int DefaultFiles = 5;

    // A row of a table may be long; a line of a log ends somewhere.
    private const int LongestLine = 8192;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    private readonly object _lock = new();
    private readonly string _path;
    private readonly long _bytes;
    private readonly int _files;
    private readonly Action<string> _tell;
    private readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private FileStream? _stream;
    private DateTime _next;
    private string? _reason;
    private long _lost;
    private bool _isTold;

    /// <summary>Prepares a log; the file is opened with the first line.</summary>
    /// <param name="path">The newest file.</param>
    /// <param name="bytes">How many bytes a file has at most.</param>
    /// <param name="files">How many files there are at most, the newest among them.</param>
    /// <param name="tell">Told once when it cannot be written.</param>
    public RotatingLog(string path, long bytes, int files, Action<string> tell)
    {
        _path = path;
        _bytes = Math.Max(bytes, LongestLine * 4L);
        _files = Math.Max(files, 1);
        _tell = tell;
    }

    /// <summary>How many lines were lost so far and are not accounted for in the log.</summary>
    public long Lost
    {
        get
        {
            lock (_lock)
                return _lost;
        }
    }

    /// <summary>Writes one line; what would break it or steer a terminal is taken out.</summary>
    /// <param name="level">A word such as INFO.</param>
    /// <param name="text">The text.</param>
    public void Write(string level, string text)
    {
        lock (_lock)
        {
            var now = DateTime.UtcNow;
            if (_reason is not null && now < _next && now > _next - Again - Again)
            {
                _lost++;
                return;
            }

            try
            {
                if (_lost > 0)
                {
                    Append(Entry("WARNING", $"{_lost} line(s) before this one could not be written: {_reason}"));
                    _lost = 0;
                }

                Append(Entry(level, text));
                _reason = null;
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or NotSupportedException
                or System.Security.SecurityException)
            {
                Close();
                _lost++;
                _reason = problem.Message;
                _next = now + Again;
                if (!_isTold)
                    _tell($"The log {_path} cannot be written, and nothing waits for it: {problem.Message}");
                _isTold = true;
            }
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        lock (_lock)
            Close();
    }

    /// <summary>The file that is so many turns old.</summary>
    internal string Older(int turns) => turns == 0 ? _path
        : Path.ChangeExtension(_path, $".{turns.ToString(CultureInfo.InvariantCulture)}{Path.GetExtension(_path)}");

    private void Close()
    {
        try
        {
            _stream?.Dispose();
        }
        catch (IOException)
        {
            // Nothing is buffered here.
        }

        _stream = null;
    }

    private byte[] Entry(string level, string text)
    {
        var clean = SafeText.Clean(text);
        if (clean.Length > LongestLine)
            clean = $"{clean.Substring(0, char.IsHighSurrogate(clean[LongestLine - 1]) ? LongestLine - 1 : LongestLine)}...";
        return _utf8.GetBytes(
            $"{DateTimeOffset.Now.ToString("yyyy-MM-ddTHH:mm:ss.fffzzz", CultureInfo.InvariantCulture)} {level} {clean}\n");
    }

    private void Append(byte[] line)
    {
        var stream = _stream ??= Open();
        if (stream.Length > 0 && stream.Length + line.Length > _bytes)
        {
            Rotate();
            stream = _stream = Open();
        }

        var before = stream.Length;
        try
        {
            stream.Write(line, 0, line.Length);
            stream.Flush();
        }
        catch
        {
            // No half line: what a full disk took of it goes again.
            TryCut(stream, before);
            throw;
        }
    }

    private static void TryCut(FileStream stream, long length)
    {
        try
        {
            stream.SetLength(length);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // The line stays broken.
        }
    }

    // No buffer: a line is in the file when it was written.
    private FileStream Open()
    {
        if (Path.GetDirectoryName(_path) is { Length: > 0 } folder)
            Directory.CreateDirectory(folder);
        var stream = PrivateFiles.Append(_path);
        if (stream.Length <= _bytes)
            return stream;
        // Of an earlier start with other limits.
        stream.Dispose();
        Rotate();
        return PrivateFiles.Append(_path);
    }

    private void Rotate()
    {
        Close();
        if (File.Exists(Older(_files - 1)))
            File.Delete(Older(_files - 1));
        for (var turns = _files - 1; turns > 0; turns--)
        {
            if (File.Exists(Older(turns - 1)))
                File.Move(Older(turns - 1), Older(turns));
        }
    }
}
