using DicomPS.Benchmarks;
using DicomPS.Benchmarks.Peers;

try
{
    return args switch
    {
        ["peers", .. var rest] => await PeersBenchmark.RunAsync(rest),
        ["import", .. var rest] => await ImportBenchmark.RunAsync(rest),
        ["soak", .. var rest] => await SoakBenchmark.RunAsync(rest),
        ["transfers", .. { Length: > 0 } rest] => await TransferBenchmark.RunAsync(rest),
        ["worker", .. var rest] => await WorkerBenchmark.RunAsync(rest),
        ["cancel", .. var rest] => await CancelBenchmark.RunAsync(rest),
        ["compare", .. var rest] => await CompareBenchmark.RunAsync(rest),
        // The benchmark starts itself with these, so that either side is measured in a process of its own.
        ["send", .. var rest] => await EngineSide.SendAsync(rest),
        ["receive", .. var rest] => await EngineSide.ReceiveAsync(rest),
        ["crowd"] => await CrowdSide.RunAsync(),
        ["sink"] => await EngineSide.SinkAsync(),
        ["serve-cancel", var target] => await CancelBenchmark.ServeAsync(target),
        ["store-on", .. var rest] => await CancelBenchmark.StoreAsync(rest),
        ["compare-on", .. var rest] => await CompareBenchmark.CompareAsync(rest),
        ["serve-days", .. var rest] => await CompareBenchmark.ServeAsync(rest),
        ["echo", .. var rest] => await EngineSide.EchoAsync(rest),
        ["find", .. var rest] => await FindSide.FindAsync(rest),
        ["serve-find", .. var rest] => await FindSide.ServeAsync(rest),
        ["fetch", .. var rest] => await MoveSide.FetchAsync(rest),
        ["move", .. var rest] => await MoveSide.MoveAsync(rest),
        ["archive", .. var rest] => await ArchiveSide.ServeAsync(rest),
        ["store", .. var rest] => await ArchiveSide.StoreAsync(rest),
        ["ask"] => await ArchiveSide.AskAsync(),
        _ => Usage(),
    };
}
catch (Exception failure) when (failure is BenchmarkException or DicomPS.DicomException)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}

static int Usage()
{
    Console.Error.WriteLine(
        """
        dotnet run -c Release --project tests/DicomPS.Benchmarks -- peers [--quick] [--runs N] [--only NAME,NAME] [--readme FILE]

        Measures DicomPS beside DCMTK and Orthanc on loopback and prints a Markdown table. Names: send-ct, send-small, send-large,
        receive-ct, receive-small, receive-large, sink-ct, sink-small, echo, find, million, move, nagle-send, nagle-receive,
        nagle-echo, archive-store-ct, archive-store-small, archive-store-flushed, archive-find, line-studies, line-split, line-ahead,
        line-narrow, line-get, line-move, many, or their beginnings. archive-find fills its archives in the temporary folder when it
        is first run, which takes minutes. --readme README.md puts the tables there.

        dotnet run -c Release --project tests/DicomPS.Benchmarks -- import [--runs N] [--module FOLDER]...

        Measures what Import-Module and the first commands take in a fresh pwsh; of several modules in turn, with ratios to the
        first.

        dotnet run -c Release --project tests/DicomPS.Benchmarks -- cancel [--runs N] [--associations N] [--one]

        Measures how soon a server sees C-CANCEL while others store; --one has all of it in one process.

        dotnet run -c Release --project tests/DicomPS.Benchmarks -- soak [--minutes N] [--module FOLDER] [--undrained]

        Has an archive and a storage SCP in pwsh under a mixed load for an hour, or N minutes (1440 for a day), and says whether its
        memory, its threads and its open files go on growing.

        dotnet run -c Release --project tests/DicomPS.Benchmarks -- compare [--studies N] [--all]

        Compares two archives of 100,000 studies; --all asks for what has no date too.

        dotnet run -c Release --project tests/DicomPS.Benchmarks -- transfers STORE [ROWS]

        Measures a store of transfers, a file or postgresql://..., with 1,000,000 studies: adding, claims of 40 workers, how it stands.

        dotnet run -c Release --project tests/DicomPS.Benchmarks -- worker [--studies N] [--instances N] [--small] [--runs N]
            [--store STORE]

        Moves 2,000 studies of 20 CT slices by a worker and, in turn, by C-MOVE alone, between the same archives. 21 GB, and as much again.
        """);
    return 2;
}
