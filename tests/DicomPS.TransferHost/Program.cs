// A worker in a process of its own, for tests that kill or stop it: STORE LANES BEAT-SECONDS.
using System.Globalization;
using DicomPS.Archiving.Databases;
using DicomPS.Transfers.Store;
using DicomPS.Transfers.Working;

var address = StoreAddress.Parse(args[0], path => path);
var beat = double.Parse(args[2], CultureInfo.InvariantCulture);
await using var store = await TransferStore.OpenAsync(address, mayCreate: false, CancellationToken.None);
var worker = new TransferWorker(store, new WorkerOptions
{
    Lanes = int.Parse(args[1], CultureInfo.InvariantCulture),
    Beat = TimeSpan.FromSeconds(beat),
    Deadline = TimeSpan.FromSeconds(beat * 3),
    Tick = TimeSpan.FromMilliseconds(100),
    Ended = note => Console.WriteLine($"{note.StudyUid} {note.Phase} {note.State} {note.Error}"),
    Warn = Console.WriteLine,
});
Console.WriteLine($"clock {DateTime.UtcNow:O}");
await worker.RunAsync(CancellationToken.None);
Console.WriteLine("ended");
