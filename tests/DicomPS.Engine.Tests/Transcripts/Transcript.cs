using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace DicomPS.Engine.Tests.Transcripts;

/// <summary>
/// What one scenario came to: the bytes of each of its connections and the results. It is compared with the file of its name in
/// this folder; with DICOMPS_REWRITE_TRANSCRIPTS set the file is written instead.
/// </summary>
internal sealed class Transcript : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly List<Wire> _wires = [];
    private readonly List<string> _results = [];
    private readonly List<Task> _scripts = [];
    private readonly List<TcpListener> _listeners = [];
    private readonly Normal _normal = new();

    public Transcript() => _normal.Name(Folder.Path, "<folder>");

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>For files of the scenario; named in the transcript.</summary>
    public TempFolder Folder { get; } = new();

    /// <summary>Whether associations run side by side, so that their order says nothing.</summary>
    public bool IsSorted { get; init; }

    /// <summary>Listens for the engine: one script for each connection, in the order in which they come.</summary>
    public int Listen(params Func<ScriptedPeer, Task>[] scripts)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _listeners.Add(listener);
        _scripts.Add(Task.Run(async () =>
        {
            var running = new List<Task>();
            for (var i = 0; i < scripts.Length; i++)
            {
                var socket = await listener.AcceptSocketAsync();
                var wire = Open("the engine calls");
                var script = scripts[i];
                // Of its own, because the next connection may come while this one lasts.
                running.Add(Task.Run(() => RunAsync(ScriptedPeer.Over(socket, wire.Take), wire, script)));
            }

            listener.Stop();
            await Task.WhenAll(running);
        }));
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The node of a <see cref="Listen"/>.</summary>
    public static DicomNode Node(int port) => new() { AETitle = "PEER", HostName = "127.0.0.1", Port = port, CallingAETitle = "OURS" };

    /// <summary>How to call a <see cref="Listen"/>: with no second call when it is silent.</summary>
    public static AssociationOptions Call(int port) => AssociationOptions.For(Node(port)) with { ProbesSilentPort = false };

    /// <summary>Calls a server of the engine and runs a script on the connection, to its end.</summary>
    public async Task CallAsync(int port, Func<ScriptedPeer, Task> script)
    {
        var wire = Open("the peer calls");
        await RunAsync(await ScriptedPeer.ConnectAsync(port, wire.Take), wire, script);
    }

    /// <summary>Writes down a result.</summary>
    public void Add(object result)
    {
        lock (_results)
            _results.AddRange(new ResultText(_normal).Lines(result));
    }

    /// <summary>Writes down something that is no object, such as what a handler was asked.</summary>
    public void Say(string text)
    {
        lock (_results)
            _results.Add(_normal.Text(text));
    }

    /// <summary>Writes down the files of a folder by their elements.</summary>
    public void AddFiles(string folder)
    {
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).OrderBy(path => path, StringComparer.Ordinal).ToList();
        Say($"{files.Count} files");
        foreach (var path in files)
        {
            Say($"file {path}");
            var bytes = File.ReadAllBytes(path);
            // The preamble and DICM (PS3.10 7.1), then elements; that of an archive is in Explicit VR Little Endian throughout.
            var elements = new ElementText(_normal);
            var lines = bytes.Length > 132 ? elements.Lines([.. bytes.Skip(132)], isExplicit: true) : [elements.Value(bytes)];
            // Its value counts the bytes of our version too.
            foreach (var line in lines)
                Say(line.StartsWith("(0002,0000)", StringComparison.Ordinal) ? "  (0002,0000) varies" : $"  {line}");
        }
    }

    /// <summary>Compares with the file of the scenario.</summary>
    public async Task CheckAsync([CallerMemberName] string name = "")
    {
        await Task.WhenAll(_scripts).WaitAsync(Patience, Token);
        var path = Path.Combine(Repository.Root(), "tests", "DicomPS.Engine.Tests", "Transcripts", $"{name}.txt");
        var lines = Lines(name);
        if (Environment.GetEnvironmentVariable("DICOMPS_REWRITE_TRANSCRIPTS") is { Length: > 0 })
            File.WriteAllText(path, string.Join("\n", lines) + "\n");
        var known = File.Exists(path) ? File.ReadAllLines(path) : [];
        if (!known.SequenceEqual(lines, StringComparer.Ordinal))
        {
            Assert.Fail(
                $"{name}.txt differs, - written, + now:\n{string.Join("\n", Difference.Of(known, lines))}\n" +
                $"If that is meant: DICOMPS_REWRITE_TRANSCRIPTS=1 dotnet run --project tests/DicomPS.Engine.Tests -- -method \"*.{name}\"");
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var listener in _listeners)
            listener.Stop();
        Folder.Dispose();
        return default;
    }

    private Wire Open(string title)
    {
        var wire = new Wire(title, _normal);
        lock (_wires)
            _wires.Add(wire);
        return wire;
    }

    private static async Task RunAsync(ScriptedPeer peer, Wire wire, Func<ScriptedPeer, Task> script)
    {
        await using (peer)
        {
            await script(peer);
            try
            {
                await peer.ReadToEndAsync();
                wire.Note("the engine closes");
            }
            catch (ObjectDisposedException)
            {
                wire.Note("the peer closes");
            }
        }
    }

    private List<string> Lines(string name)
    {
        var lines = new List<string> { name.Replace('_', ' ') };
        IEnumerable<Wire> wires = IsSorted ? _wires.OrderBy(wire => string.Join("\n", wire.Lines()), StringComparer.Ordinal) : _wires;
        var number = 0;
        foreach (var wire in wires)
        {
            lines.AddRange(["", $"=== association {++number}: {wire.Title}"]);
            lines.AddRange(wire.Lines());
        }

        lines.AddRange(["", "=== results", .. _results]);
        return lines;
    }
}
