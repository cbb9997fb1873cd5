using System.Text;
using DicomPS.Compatibility;

namespace DicomPS.Tracing;

/// <summary>The file of a trace: appended to block by block, each handed to the operating system at once.</summary>
internal sealed class TraceFile(string path, long maximumBytes, Func<string> heading, Action<Exception> ended)
{
    // Two traces of one process may share a file: each goes to its end before it writes.
    private static readonly object Gate = new();
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private FileStream? _stream;
    private int _users;
    private bool _hasHeading;
    private volatile bool _hasEnded;

    /// <summary>Whether nothing is written any more.</summary>
    public bool HasEnded => _hasEnded;

    public void Check() => OpenStream().Dispose();

    public void Open()
    {
        lock (Gate)
            _users++;
    }

    /// <summary>Closes the file when nobody else has it open, so that it can be moved or deleted between associations.</summary>
    public void Close()
    {
        lock (Gate)
        {
            if (--_users == 0)
                Drop();
        }
    }

    public void Write(string lines)
    {
        if (_hasEnded)
            return;
        Exception? failure = null;
        lock (Gate)
        {
            try
            {
                _stream ??= OpenStream();
                _stream.Seek(0, SeekOrigin.End);
                var bytes = Utf8.GetBytes(_hasHeading ? lines : heading() + Environment.NewLine + lines);
                _hasHeading = true;
                if (_stream.Position + bytes.Length > maximumBytes)
                {
                    bytes = Utf8.GetBytes($"# The trace ends here: no more than {maximumBytes} bytes are written.{Environment.NewLine}");
                    failure = new DicomException($"The trace file {path} has reached {maximumBytes} bytes; nothing more is written to it.")
                    {
                        Stage = DicomStage.File,
                        Advice = "Move the file away and start anew.",
                    };
                }

                _stream.Write(bytes, 0, bytes.Length);
                _stream.Flush();
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                failure = new DicomException($"The trace file {path} cannot be written to any more: {problem.Message}",
                    problem)
                { Stage = DicomStage.File };
            }
        }

        if (failure is not null)
            End(failure);
    }

    /// <summary>Ends the trace and says why, once.</summary>
    public void End(Exception problem)
    {
        lock (Gate)
        {
            if (_hasEnded)
                return;
            _hasEnded = true;
            Drop();
        }

        ended(problem);
    }

    private FileStream OpenStream() =>
        PrivateFiles.Open(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);

    private void Drop()
    {
        try
        {
            _stream?.Dispose();
        }
        catch (IOException)
        {
            // Everything was flushed before; what failed then has been told.
        }

        _stream = null;
    }
}
