using System.Runtime.CompilerServices;
using DicomPS.Archiving.Databases;
using DicomPS.Associations;
using DicomPS.Transfers.Planning;
using DicomPS.Transfers.Reporting;
using DicomPS.Transfers.Store;
using DicomPS.Transfers.Working;

namespace DicomPS.Transfers;

/// <summary>
/// A store of transfers as the cmdlets use it. Cmdlets name no type of the project behind it, not even in a field, so that importing the
/// module loads neither SQLite nor Npgsql.
/// </summary>
internal sealed class TransferFile
{
    private readonly TransferStore _store;
    private readonly StorePatience? _patience;

    private TransferFile(TransferStore store, StorePatience? patience) => (_store, _patience) = (store, patience);

    /// <summary>Where it is, as it is shown.</summary>
    public string Address => _store.Address.Text;

    /// <summary>Opens a store.</summary>
    /// <param name="text">Where it is, as the user wrote it.</param>
    /// <param name="credential">Who logs in.</param>
    /// <param name="resolve">Makes a path whole.</param>
    /// <param name="mayCreate">Whether it is made when there is none.</param>
    /// <param name="waits">Told that it cannot be reached and is waited for; null when that is an error.</param>
    /// <param name="token">Gives up.</param>
    public static Task<TransferFile> OpenAsync(string text, System.Net.NetworkCredential? credential, Func<string, string> resolve,
        bool mayCreate, Action<string>? waits, CancellationToken token) => TransferErrors.Named(async () =>
        {
            var address = StoreAddress.Parse(text, resolve) with { Credential = credential };
            var patience = waits is null ? null : new StorePatience(TimeProvider.System, waits);
            Task<TransferStore> Open(CancellationToken stop) => TransferStore.OpenAsync(address, mayCreate, stop);
            return new TransferFile(await (patience?.KeepAtAsync(Open, token) ?? Open(token)).ConfigureAwait(false), patience);
            // What may hold a password is no target of an error.
        }, text.IndexOf('@') >= 0 || text.IndexOf('=') >= 0 ? "-Store" : text);

    public async Task CloseAsync() => await _store.DisposeAsync().ConfigureAwait(false);

    /// <summary>Makes a transfer.</summary>
    public Task<string> AddAsync(TransferPlan plan, CancellationToken token) => NamedAsync(async () =>
    {
        try
        {
            var made = await _store.AddTransferAsync(new TransferRow
            {
                Id = 0,
                Name = plan.Name,
                Source = new NodeRow { Id = 0, Node = plan.Source, Throttle = ThrottleOf(plan.Source) },
                Destination = new NodeRow { Id = 0, Node = plan.Destination, Throttle = ThrottleOf(plan.Destination) },
                Method = plan.Method,
                Verify = plan.Verify,
                VerifySample = plan.VerifySample,
                VerifyDelay = plan.VerifyDelay,
                State = "Active",
                CreatedBy = $"{Environment.UserName}@{Environment.MachineName}",
            }, token).ConfigureAwait(false);
            return made.Name;
        }
        catch (StoreException taken) when (taken.IsName)
        {
            throw new ModuleException(ErrorIds.TransferExists, System.Management.Automation.ErrorCategory.ResourceExists, taken.Message,
                taken.Advice, plan.Name, taken);
        }
    });

    /// <summary>A comparison of two archives that is kept here.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="what">What is compared.</param>
    /// <param name="restarts">Whether what is there is forgotten.</param>
    /// <param name="token">Gives up.</param>
    public async Task<Comparing.ComparisonJournal> CompareAsync(string name, string what, bool restarts, CancellationToken token) =>
        await ComparisonFile.OpenAsync(_store, Address, name, what, restarts, token).ConfigureAwait(false);

    /// <summary>The names of the transfers.</summary>
    public Task<IReadOnlyList<string>> NamesAsync(CancellationToken token) => ReadAsync<IReadOnlyList<string>>(async () =>
        [.. (await _store.TransfersAsync(null, token).ConfigureAwait(false)).Select(transfer => transfer.Name)], token);

    /// <summary>How a transfer stands.</summary>
    public Task<Transfer> StatusAsync(string name, CancellationToken token) => NamedAsync(async () =>
    {
        var transfer = await RowAsync(name, token).ConfigureAwait(false);
        var counts = await _store.CountsAsync(transfer.Id, token).ConfigureAwait(false);
        var rate = await _store.RateAsync(transfer.Id, token).ConfigureAwait(false);
        var workers = await _store.WorkersAsync(token).ConfigureAwait(false);
        return TransferViews.Status(transfer, counts, rate, workers.Count, Address);
    });

    /// <summary>Adds studies.</summary>
    /// <param name="name">The transfer.</param>
    /// <param name="studies">The studies.</param>
    /// <param name="clash">Takes a study, the patient that the transfer has it of, and the other one that it came with.</param>
    /// <param name="token">Gives up.</param>
    /// <returns>How many were added or wait again, and how many failed, differ or were given up before, and stay so.</returns>
    public Task<(int Added, long Stuck)> AddItemsAsync(string name, IReadOnlyList<TransferStudy> studies,
        Action<string, string, string> clash, CancellationToken token) => NamedAsync(async () =>
        {
            var stuck = 0L;
            var transfer = await RowAsync(name, token).ConfigureAwait(false);
            List<NewItem> items = [.. studies.Select(TransferViews.New)];
            var added = await _store.AddItemsAsync(transfer.Id, items, token).ConfigureAwait(false);
            if (added < items.Count)
            {
                foreach (var other in await _store.OtherPatientsAsync(transfer.Id, items, token).ConfigureAwait(false))
                    clash(other.StudyUid, other.Known, other.Given);
                stuck = await _store.StuckAsync(transfer.Id, items, token).ConfigureAwait(false);
            }

            return (added, stuck);
        });

    /// <summary>The studies.</summary>
    public async IAsyncEnumerable<TransferItem> ItemsAsync(string name, IReadOnlyList<string?> states, string? study,
        [EnumeratorCancellation] CancellationToken token)
    {
        var transfer = await NamedAsync(() => RowAsync(name, token)).ConfigureAwait(false);
        foreach (var state in states)
        {
            var rows = study is null ? _store.ItemsAsync(transfer.Id, state, token) : _store.ItemAsync(transfer.Id, study, token);
            await foreach (var row in rows.ConfigureAwait(false))
            {
                if (state is null || row.State == state)
                    yield return TransferViews.Item(row, name, Address);
            }
        }
    }

    /// <summary>Makes it Active, Suspended or Stopped.</summary>
    public Task<bool> SetStateAsync(string name, string state, bool cancels, CancellationToken token) => NamedAsync(async () =>
    {
        var transfer = await RowAsync(name, token).ConfigureAwait(false);
        var changed = await _store.SetStateAsync(transfer.Id, state, token).ConfigureAwait(false);
        if (cancels)
            await _store.CancelAsync(transfer.Id, token).ConfigureAwait(false);
        return changed;
    });

    /// <summary>Whether a worker has a study of it.</summary>
    public Task<bool> IsRunningAsync(string name, CancellationToken token) => NamedAsync(async () =>
        (await _store.CountsAsync((await RowAsync(name, token).ConfigureAwait(false)).Id, token).ConfigureAwait(false)).Running > 0);

    /// <summary>Has studies moved again.</summary>
    public Task<int> ResetAsync(string name, IReadOnlyList<string> states, string? study, CancellationToken token) => NamedAsync(async () =>
    {
        var transfer = await RowAsync(name, token).ConfigureAwait(false);
        var count = 0;
        foreach (var state in states)
            count += await _store.ResetAsync(transfer.Id, state, study, token).ConfigureAwait(false);
        return count;
    });

    /// <summary>Takes it out.</summary>
    public Task<bool> RemoveAsync(string name, CancellationToken token) => NamedAsync(async () =>
        await _store.RemoveAsync((await RowAsync(name, token).ConfigureAwait(false)).Id, token).ConfigureAwait(false));

    /// <summary>The nodes.</summary>
    public Task<IReadOnlyList<TransferNode>> NodesAsync(CancellationToken token) => ReadAsync<IReadOnlyList<TransferNode>>(async () =>
        [.. (await _store.NodesAsync(token).ConfigureAwait(false)).Select(node => TransferViews.Node(node, Address))], token);

    /// <summary>The workers, in words.</summary>
    public Task<IReadOnlyList<(string Name, string Text)>> WorkersAsync(CancellationToken token) =>
        NamedAsync<IReadOnlyList<(string, string)>>(async () => [.. (await _store.WorkersAsync(token).ConfigureAwait(false))
            .Select(worker => ($"{worker.Host}, process {worker.Process}", $"{worker.Running} running, last sign of life "
                + $"{Math.Max(0, worker.Silent.TotalSeconds):0} s ago"))]);

    /// <summary>Sets the limits of a node; what is null stays.</summary>
    public Task<TransferNode> SetNodeAsync(TransferLimits limits, CancellationToken token) => NamedAsync(async () =>
    {
        var known = (await _store.NodesAsync(token).ConfigureAwait(false)).FirstOrDefault(node => node.Node.Address == limits.Node.Address)
            ?? new NodeRow { Id = 0, Node = limits.Node, Throttle = ThrottleOf(limits.Node), OpenUntil = NodeWindows.Never };
        var set = known with
        {
            Throttle = limits.Throttle ?? known.Throttle,
            PerHour = limits.PerHour is { } hour ? (hour == 0 ? null : hour) : known.PerHour,
            BytesPerSecond = limits.BytesPerSecond is { } bytes ? (bytes == 0 ? null : bytes) : known.BytesPerSecond,
            RetrieveBy = limits.RetrieveBy ?? known.RetrieveBy,
            Windows = limits.Between is null ? known.Windows : limits.Between.Length == 0 ? null : limits.Between,
            TimeZone = limits.Between is null ? known.TimeZone : limits.Between.Length == 0 ? null
                : limits.TimeZone ?? TimeZoneInfo.Local.Id,
        };
        var now = known.Now > 0 ? known.Now : (long)(DateTime.UtcNow - new DateTime(1970, 1, 1)).TotalMilliseconds;
        try
        {
            var (from, until) = set.Windows is null ? (0, NodeWindows.Never) : NodeWindows.Parse(set.Windows, set.TimeZone).Around(now);
            set = set with { OpenFrom = from, OpenUntil = until };
        }
        catch (FormatException wrong)
        {
            throw new ModuleException(ErrorIds.TransferWindowInvalid, System.Management.Automation.ErrorCategory.InvalidArgument,
                wrong.Message, "Get-Help Set-DicomTransferNode shows how windows and time zones are written.", limits.Between, wrong);
        }

        return TransferViews.Node(await _store.SetNodeAsync(set, token).ConfigureAwait(false), Address);
    });

    /// <summary>A worker of this process.</summary>
    public TransferRun NewRun(TransferRunOptions options) => new(_store, options, Address);

    /// <summary>A measurement of a transfer.</summary>
    public Task<TransferMeasuring> NewMeasuringAsync(string name, TransferRunOptions options, CancellationToken token) =>
        NamedAsync(async () => new TransferMeasuring(_store, await RowAsync(name, token).ConfigureAwait(false), options, Address));

    /// <summary>Measures.</summary>
    public Task<TransferMeasure> MeasureAsync(TransferMeasuring measuring, long studies, TimeSpan time, CancellationToken token) =>
        NamedAsync(() => measuring.RunAsync(studies, time, token));

    /// <summary>Whether the tries are whole, and how the transfer stands.</summary>
    public Task<TransferTest> TestAsync(string name, CancellationToken token) => NamedAsync(async () =>
    {
        var transfer = await RowAsync(name, token).ConfigureAwait(false);
        var counts = await _store.CountsAsync(transfer.Id, token).ConfigureAwait(false);
        return TransferViews.Test(transfer, counts, await _store.ProveAsync(name, token).ConfigureAwait(false), Address);
    });

    /// <summary>Writes a report, and says of how many studies.</summary>
    public Task<long> WriteReportAsync(string name, string path, bool isCsv, CancellationToken token) => NamedAsync(async () =>
        await new TransferReport(_store, await RowAsync(name, token).ConfigureAwait(false)).WriteAsync(path, isCsv, token)
            .ConfigureAwait(false));

    private async Task<TransferRow> RowAsync(string name, CancellationToken token) =>
        await _store.TransfersAsync(name, token).ConfigureAwait(false) is [var row] ? row : throw TransferErrors.NotFound(name, Address);

    // What is read before the work begins; a store that is waited for may be away again.
    private Task<T> ReadAsync<T>(Func<Task<T>> work, CancellationToken token) =>
        NamedAsync(() => _patience?.KeepAtAsync(_ => work(), token) ?? work());

    private Task<T> NamedAsync<T>(Func<Task<T>> work) => TransferErrors.Named(work, Address);

    private static long ThrottleOf(DicomNode node) =>
        int.TryParse(node.Associations, out var count) ? count : 2;
}
