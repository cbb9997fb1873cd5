using System.Globalization;
using DicomPS.Associations;

namespace DicomPS.Tracing;

/// <summary>What a <see cref="WireTrace"/> tells, and to whom. What has no listener is not worked out.</summary>
public sealed record WireTraceOptions
{
    /// <summary>The file that the decoded traffic is appended to, in UTF-8; null writes no file. Its folder must be there.</summary>
    public string? Path { get; init; }

    /// <summary>What is traced, for the heading of the file.</summary>
    public string Title { get; init; } = "";

    /// <summary>Whether the file shows patients' data; by default <see cref="PatientMask"/> hides them.</summary>
    public bool IncludePatientData { get; init; }

    /// <summary>How long the file may grow, in bytes; the trace ends there, and says so. Default 1 GiB.</summary>
    public long MaximumBytes { get; init; } = 1L << 30;

    /// <summary>Told the story of each association line by line: proposed, accepted, refused, ended. Called on any thread.</summary>
    public Action<string>? Story { get; init; }

    /// <summary>Told each command in one line, without patients' data. Called on any thread.</summary>
    public Action<string>? Commands { get; init; }
}

/// <summary>
/// Follows associations and writes down what goes over the wire: PDUs, commands and datasets by name (PS3.7, PS3.8).
/// A trace that cannot be written ends, and the traffic goes on. The file is open only while an association is.
/// </summary>
public sealed class WireTrace
{
    private static int _lastNumber;
    private readonly TraceFile? _file;

    /// <summary>A trace.</summary>
    /// <param name="options">What is told, and to whom.</param>
    public WireTrace(WireTraceOptions options)
    {
        Options = options;
        if (options.Path is { } path)
            _file = new TraceFile(path, options.MaximumBytes, Heading, problem => Failed?.Invoke(problem));
    }

    /// <summary>Told once, on any thread, why the file is not written any more.</summary>
    public event Action<Exception>? Failed;

    internal WireTraceOptions Options { get; }

    internal bool HasFile => _file is { HasEnded: false };

    /// <summary>Makes the file when it is not there, and tries whether it can be written to.</summary>
    /// <exception cref="IOException">It cannot.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not.</exception>
    /// <exception cref="ArgumentException">The path is none.</exception>
    /// <exception cref="NotSupportedException">The path is none.</exception>
    public void Check() => _file?.Check();

    /// <summary>
    /// Follows one connection; the value of <see cref="AssociationOptions.Wire"/>. Associations are numbered through the process, so
    /// that traces can share a file.
    /// </summary>
    /// <param name="peer">Who is at the other end.</param>
    public WireTap? Tap(string peer)
    {
        if (!HasFile && Options.Story is null && Options.Commands is null)
            return null;
        _file?.Open();
        var traced = new TracedAssociation(this, Interlocked.Increment(ref _lastNumber), peer);
        return new WireTap
        {
            Step = traced.Step,
            Bytes = HasFile || Options.Commands is not null ? traced.Bytes : null,
            Closed = traced.Closed,
        };
    }

    internal void Write(string lines) => _file?.Write(lines);

    internal void Release() => _file?.Close();

    internal void End(Exception problem) => _file?.End(problem);

    private string Heading() => string.Format(CultureInfo.InvariantCulture, "# DicomPS: trace{0}, {1:yyyy-MM-dd HH:mm:ss zzz}; {2}",
        Options.Title.Length > 0 ? $" of {Options.Title}" : "", DateTimeOffset.Now,
        Options.IncludePatientData ? "WITH PATIENT DATA" : "patient data masked");
}
