using DicomPS.Interop.Tests.Support;

namespace DicomPS.Benchmarks.Peers;

/// <summary>The DCMTK side: its programs with the options that make it fastest.</summary>
internal static class Dcmtk
{
    private static readonly string[] MaxPdu = ["--max-pdu", "131072"];

    /// <summary>How storescp is started where it writes.</summary>
    public static string ReceiverFlags => string.Join(' ', ["--bit-preserving", "--output-directory FOLDER", .. MaxPdu]);

    public static bool IsThere => Find("storescp") is not null && Find("storescu") is not null && Find("echoscu") is not null;

    /// <summary>Starts storescp; with a folder it writes there bit by bit, without one it throws away what it gets.</summary>
    /// <param name="folder">Where to write, or null.</param>
    /// <param name="noDelay">Whether Nagle's algorithm is off.</param>
    /// <param name="limit">When it is killed.</param>
    /// <param name="more">A further option, or null.</param>
    public static async Task<(ChildProcess Server, int Port)> ReceiveAsync(string? folder, bool noDelay, TimeSpan limit,
        string? more = null)
    {
        var port = FreePort.Next();
        string[] target = folder is null ? ["--ignore"] : ["--bit-preserving", "--output-directory", folder];
        if (more is { })
            target = [.. target, more];
        var server = ChildProcess.Start(Find("storescp")!, [.. target, .. MaxPdu, $"{port}"], noDelay, interactive: false, limit);
        await server.ListensOnAsync(port);
        return (server, port);
    }

    /// <summary>Runs storescu to its end.</summary>
    /// <param name="port">The receiver's.</param>
    /// <param name="data">What to send.</param>
    /// <param name="noDelay">Whether Nagle's algorithm is off.</param>
    /// <param name="limit">When it is killed.</param>
    /// <param name="called">Whom it calls.</param>
    public static async Task<(double Seconds, long PeakBytes)> SendAsync(int port, DataSet data, bool noDelay, TimeSpan limit,
        string called = "ANY-SCP")
    {
        await using var client = ChildProcess.Start(
            Find("storescu")!, [.. MaxPdu, "-aec", called, "127.0.0.1", $"{port}", .. data.Files], noDelay, interactive: false, limit);
        return (await client.FinishAsync(), client.PeakBytes);
    }

    /// <summary>Runs echoscu to its end: all echoes on one association.</summary>
    /// <param name="port">The receiver's.</param>
    /// <param name="count">How many.</param>
    /// <param name="noDelay">Whether Nagle's algorithm is off.</param>
    /// <param name="limit">When it is killed.</param>
    public static async Task<(double Seconds, long PeakBytes)> EchoAsync(int port, int count, bool noDelay, TimeSpan limit)
    {
        await using var client = ChildProcess.Start(
            Find("echoscu")!, [.. MaxPdu, "--repeat", $"{count}", "127.0.0.1", $"{port}"], noDelay, interactive: false, limit);
        return (await client.FinishAsync(), client.PeakBytes);
    }

    /// <summary>Runs findscu to its end; it prints nothing, which makes it faster.</summary>
    /// <param name="port">The server's.</param>
    /// <param name="keys">The return keys, as gggg,eeee.</param>
    /// <param name="limit">When it is killed.</param>
    public static async Task<(double Seconds, long PeakBytes)> QueryAsync(int port, IEnumerable<string> keys, TimeSpan limit)
    {
        await using var client = ChildProcess.Start(
            Find("findscu")!, ["-q", "-S", .. MaxPdu, "-k", "QueryRetrieveLevel=STUDY", .. keys.SelectMany(key => new[] { "-k", key }),
                "127.0.0.1", $"{port}"],
            noDelay: true, interactive: false, limit);
        return (await client.FinishAsync(), client.PeakBytes);
    }

    /// <summary>Runs movescu to its end.</summary>
    /// <param name="port">The archive's.</param>
    /// <param name="study">Study Instance UID.</param>
    /// <param name="limit">When it is killed.</param>
    public static async Task<(double Seconds, long PeakBytes)> MoveAsync(int port, string study, TimeSpan limit)
    {
        string[] arguments =
        [
            "-S", .. MaxPdu, "-aec", DcmtkArchive.AETitle, "-aem", DcmtkArchive.TheirAETitle,
            "-k", "QueryRetrieveLevel=STUDY", "-k", $"StudyInstanceUID={study}", "127.0.0.1", $"{port}",
        ];
        await using var client = Start("movescu", limit, arguments);
        return (await client.FinishAsync(), client.PeakBytes);
    }

    /// <summary>Retrieves studies into a folder with getscu, or with movescu, which receives too; all of their files must arrive.</summary>
    /// <param name="isMove">Whether with movescu.</param>
    /// <param name="port">The archive's.</param>
    /// <param name="ownPort">The port that movescu listens on.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="studies">Study Instance UIDs.</param>
    /// <param name="expected">How many files.</param>
    /// <param name="limit">When it is killed.</param>
    public static async Task<double> RetrieveAsync(bool isMove, int port, int ownPort, string folder, string[] studies, int expected,
        TimeSpan limit)
    {
        string[] arguments =
        [
            "-S", .. MaxPdu, "-aec", ArchiveSide.AETitle, "-aet", DcmtkArchive.TheirAETitle, "-od", folder,
            .. isMove ? new[] { "-aem", DcmtkArchive.TheirAETitle, "--port", $"{ownPort}" } : [],
            "-k", "QueryRetrieveLevel=STUDY", "-k", $@"StudyInstanceUID={string.Join(@"\", studies)}", "127.0.0.1", $"{port}",
        ];
        await using var client = Start(isMove ? "movescu" : "getscu", limit, arguments);
        var seconds = await client.FinishAsync();
        var arrived = Directory.GetFiles(folder).Length;
        return arrived == expected ? seconds : throw new BenchmarkException($"{arrived} files arrived at DCMTK instead of {expected}.");
    }

    /// <summary>Starts one of its programs, without Nagle's algorithm.</summary>
    /// <param name="program">Which.</param>
    /// <param name="limit">When it is killed.</param>
    /// <param name="arguments">Its arguments.</param>
    public static ChildProcess Start(string program, TimeSpan limit, params string[] arguments) =>
        ChildProcess.Start(Find(program) ?? throw new BenchmarkException($"{program} was not found on the PATH."), arguments, noDelay: true,
            interactive: false, limit);

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? program + ".exe" : program))
            .FirstOrDefault(File.Exists);
}
