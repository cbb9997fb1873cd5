using System.Diagnostics;
using System.Globalization;

namespace DicomPS.Benchmarks.Peers;

/// <summary>
/// What an <see cref="EngineChild"/> does: the only file of the benchmark that calls the engine. Clients read "go" from
/// standard input and answer "done COUNT SECONDS"; a receiver prints "port N"; the end of the input ends them.
/// </summary>
internal static class EngineSide
{
    /// <summary>send PORT FOLDER COUNT</summary>
    /// <param name="arguments">As above.</param>
    public static Task<int> SendAsync(string[] arguments)
    {
        var port = int.Parse(arguments[0], CultureInfo.InvariantCulture);
        var files = Directory.GetFiles(arguments[1]).Order(StringComparer.Ordinal).Take(int.Parse(arguments[2], CultureInfo.InvariantCulture)).ToArray();
        return ServeAsync(() => SendAsync(port, files));
    }

    /// <summary>echo PORT COUNT</summary>
    /// <param name="arguments">As above.</param>
    public static Task<int> EchoAsync(string[] arguments)
    {
        var port = int.Parse(arguments[0], CultureInfo.InvariantCulture);
        var count = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        return ServeAsync(() => EchoAsync(port, count));
    }

    /// <summary>receive FOLDER</summary>
    /// <param name="arguments">As above.</param>
    public static Task<int> ReceiveAsync(string[] arguments) => throw new BenchmarkException($"No receiver yet ({arguments[0]}).");

    private static Task<int> SendAsync(int port, string[] files) => throw new BenchmarkException($"No sender yet ({port}, {files.Length}).");

    private static Task<int> EchoAsync(int port, int count) => throw new BenchmarkException($"No echo yet ({port}, {count}).");

    private static async Task<int> ServeAsync(Func<Task<int>> work)
    {
        while (await Console.In.ReadLineAsync() is "go")
        {
            var watch = Stopwatch.StartNew();
            var succeeded = await work();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"done {succeeded} {watch.Elapsed.TotalSeconds:R}"));
        }

        return 0;
    }
}
