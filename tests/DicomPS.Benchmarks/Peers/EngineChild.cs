using System.Globalization;

namespace DicomPS.Benchmarks.Peers;

/// <summary>The DicomPS side: this same program, started again as a sender, a receiver or an echo client.</summary>
internal sealed class EngineChild : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private EngineChild(ChildProcess process) => _process = process;

    public long PeakBytes => _process.PeakBytes;

    /// <summary>Starts a client that waits for <see cref="GoAsync"/>.</summary>
    /// <param name="limit">When it is killed.</param>
    /// <param name="arguments">send or echo and its arguments.</param>
    public static EngineChild Start(TimeSpan limit, params IEnumerable<string> arguments)
    {
        var program = Environment.ProcessPath ?? throw new BenchmarkException("This program does not know its own path.");
        string[] host = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(EngineChild).Assembly.Location] : [];
        return new EngineChild(ChildProcess.Start(program, [.. host, .. arguments], noDelay: true, interactive: true, limit));
    }

    /// <summary>Starts a receiver and waits until it listens.</summary>
    /// <param name="folder">Where it writes.</param>
    /// <param name="limit">When it is killed.</param>
    public static Task<(EngineChild Server, int Port)> ReceiveAsync(string folder, TimeSpan limit) => ListenAsync(limit, "receive", folder);

    /// <summary>Starts a receiver that writes nothing, and waits until it listens.</summary>
    /// <param name="limit">When it is killed.</param>
    public static Task<(EngineChild Server, int Port)> SinkAsync(TimeSpan limit) => ListenAsync(limit, "sink");

    /// <summary>The next line that it prints by itself.</summary>
    public Task<string> ReadLineAsync() => _process.ReadLineAsync();

    /// <summary>Starts a server, and waits until it says its port.</summary>
    /// <param name="limit">When it is killed.</param>
    /// <param name="arguments">What it is, and its arguments.</param>
    public static async Task<(EngineChild Server, int Port)> ListenAsync(TimeSpan limit, params string[] arguments)
    {
        var child = Start(limit, arguments);
        var line = await child._process.ReadLineAsync();
        return (child, int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Starts a server of ours that answers queries, and waits until it listens.</summary>
    /// <param name="answers">How many answers each query has.</param>
    /// <param name="limit">When it is killed.</param>
    public static Task<(EngineChild Server, int Port)> AnswerAsync(int answers, TimeSpan limit) =>
        ListenAsync(limit, "serve-find", $"{answers}");

    /// <summary>A whole process for one run: the seconds from its start to its exit.</summary>
    /// <param name="limit">When it is killed.</param>
    /// <param name="expected">How many files or echoes must have succeeded.</param>
    /// <param name="arguments">send or echo and its arguments.</param>
    public static async Task<(double Seconds, long PeakBytes)> RunOnceAsync(TimeSpan limit, int expected,
        params IEnumerable<string> arguments)
    {
        await using var child = Start(limit, arguments);
        await child.GoAsync(expected);
        child._process.CloseInput();
        return (await child._process.FinishAsync(), child.PeakBytes);
    }

    /// <summary>One run in a process that is already there: the seconds that the work took, association included.</summary>
    /// <param name="expected">How many files or echoes must have succeeded.</param>
    /// <param name="arguments">What the client is told with it.</param>
    public async Task<double> GoAsync(int expected, string arguments = "")
    {
        var line = await AskAsync($"go {arguments}".TrimEnd());
        var words = line.Split(' ', 3);
        if (words[0] != "done" || int.Parse(words[1], CultureInfo.InvariantCulture) != expected)
            throw new BenchmarkException($"DicomPS said: {string.Join(' ', words)}; {expected} were to succeed. {_process.Errors}");
        return double.Parse(words[2], CultureInfo.InvariantCulture);
    }

    /// <summary>Sends a line and waits for one.</summary>
    /// <param name="line">The line.</param>
    public async Task<string> AskAsync(string line)
    {
        await _process.WriteLineAsync(line);
        return await _process.ReadLineAsync();
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
