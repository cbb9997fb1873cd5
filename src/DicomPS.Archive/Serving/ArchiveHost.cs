using DicomPS.Archiving.Storage;
using DicomPS.Serving;

namespace DicomPS.Archiving.Serving;

/// <summary>A running archive for programs: it listens, and <see cref="Served"/> has what came of it. Any thread may use it.</summary>
/// <example>
/// An archive on a free port of this machine, until a line is typed:
/// <code>
/// var options = new ArchiveServerOptions
/// {
///     Folder = "archive",
///     Server = new DicomServerOptions { AETitle = "ARCHIVE", Address = IPAddress.Loopback },
/// };
/// await using var host = await ArchiveHost.StartAsync(options);
/// Console.WriteLine($"{host.AETitle} listens on port {host.Port}.");
/// Console.ReadLine();
/// Console.WriteLine($"{host.Served.Received} instances came, of {host.Served.Studies} studies.");
/// </code>
/// </example>
public sealed class ArchiveHost : RunningServer
{
    private ArchiveHost(ServedArchive served)
        : base(served.Listening.AETitle)
    {
        Served = served;
        served.Happened = Happened;
        served.Failure = problem => LastError = problem;
        Listen(served.Listening, served.Services);
        served.Begin(Port);
        LastError ??= served.UnreadableItem;
    }

    /// <summary>What is served.</summary>
    public ServedArchive Served { get; }

    /// <summary>Opens an archive and serves it; it is closed in good order when this is stopped or disposed of.</summary>
    /// <param name="options">What, where and for whom.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="DicomException">The folder is in use or cannot be written to, or the port cannot be listened on.</exception>
    public static async Task<ArchiveHost> StartAsync(ArchiveServerOptions options, CancellationToken cancellationToken = default)
    {
        var served = await ServedArchive.OpenAsync(options, cancellationToken).ConfigureAwait(false);
        try
        {
            return new ArchiveHost(served);
        }
        catch
        {
            await served.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public override StudyFeed? GetStudyFeed() => Served.Feed;

    /// <inheritdoc/>
    public override string ToString() => $"{AETitle} on port {Port} with {Served.Archive.Folder} ({State})";

    /// <inheritdoc/>
    protected override async Task CloseAsync() => await Served.DisposeAsync().ConfigureAwait(false);
}
