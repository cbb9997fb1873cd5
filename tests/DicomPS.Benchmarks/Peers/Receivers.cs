namespace DicomPS.Benchmarks.Peers;

/// <summary>storescp writing into a folder, fed by storescu.</summary>
internal sealed class DcmtkReceiver(ChildProcess process, int port, string folder, bool noDelay) : IAsyncDisposable
{
    public static async Task<DcmtkReceiver> StartAsync(string folder, bool noDelay, TimeSpan limit)
    {
        var (process, port) = await Dcmtk.ReceiveAsync(folder, noDelay, limit);
        return new DcmtkReceiver(process, port, folder, noDelay);
    }

    public async Task<(double Seconds, long PeakBytes)> TakeAsync(DataSet set, TimeSpan limit)
    {
        var (seconds, _) = await Dcmtk.SendAsync(port, set, noDelay, limit);
        Arrived.Clear(folder, set);
        return (seconds, process.PeakBytes);
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();
}

/// <summary>DicomPS writing into a folder, fed by storescu.</summary>
internal sealed class EngineReceiver(EngineChild process, int port, string folder, bool noDelay) : IAsyncDisposable
{
    public static async Task<EngineReceiver> StartAsync(string folder, bool noDelay, TimeSpan limit)
    {
        var (process, port) = await EngineChild.ReceiveAsync(folder, limit);
        return new EngineReceiver(process, port, folder, noDelay);
    }

    public async Task<(double Seconds, long PeakBytes)> TakeAsync(DataSet set, TimeSpan limit)
    {
        var (seconds, _) = await Dcmtk.SendAsync(port, set, noDelay, limit);
        Arrived.Clear(folder, set);
        return (seconds, process.PeakBytes);
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();
}

/// <summary>What a receiver wrote.</summary>
internal static class Arrived
{
    /// <summary>
    /// Checks that all of it is there, then empties the files and moves them aside, so that no run overwrites another's.
    /// Deleting them would slow down the next run: ext4 searches long for an inode that was not freed a moment ago.
    /// </summary>
    /// <param name="folder">Where it was written.</param>
    /// <param name="set">What was sent.</param>
    public static void Clear(string folder, DataSet set)
    {
        var files = new DirectoryInfo(folder).GetFiles("*", SearchOption.AllDirectories);
        var bytes = files.Sum(file => file.Length);
        // The file meta information differs by who wrote it; the datasets are the same.
        var slack = 2048L * set.Files.Count;
        if (files.Length != set.Files.Count || Math.Abs(bytes - set.Bytes) > slack)
            throw new BenchmarkException($"{files.Length} files with {bytes:#,0} bytes arrived of {set.Files.Count} with {set.Bytes:#,0}.");
        var aside = Directory.CreateDirectory($"{folder}.{Path.GetRandomFileName()}").FullName;
        for (var i = 0; i < files.Length; i++)
        {
            using (var emptied = files[i].OpenWrite())
                emptied.SetLength(0);
            files[i].MoveTo(Path.Combine(aside, $"{i}"));
        }
    }
}
