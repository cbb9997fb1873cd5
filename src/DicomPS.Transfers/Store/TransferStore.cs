using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DicomPS.Associations;

namespace DicomPS.Transfers.Store;

/// <summary>
/// The tables of transfers: queue, state and audit trail in one. All members are for any thread; several processes, with PostgreSQL on
/// several machines, may use the same tables. No transaction stays open between two calls.
/// </summary>
internal sealed partial class TransferStore : IAsyncDisposable
{
    private const int MostConflicts = 20;
    private readonly Dialect _dialect;
    // SQLite has one connection, which one at a time is at; PostgreSQL a pool.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private DbConnection? _kept;

    private TransferStore(StoreAddress address, Dialect dialect)
    {
        Address = address;
        _dialect = dialect;
    }

    /// <summary>Where it is.</summary>
    public StoreAddress Address { get; }

    /// <summary>Opens a store.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="mayCreate">Whether it is made when there is none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="shift">What tests add to the clock.</param>
    /// <param name="laterSteps">What tests add to the steps from version to version.</param>
    /// <exception cref="StoreException">It cannot be used.</exception>
    public static async Task<TransferStore> OpenAsync(StoreAddress address, bool mayCreate, CancellationToken cancellationToken,
        TimeSpan shift = default, IReadOnlyList<string>? laterSteps = null)
    {
        var store = new TransferStore(address, DialectOf(address, shift, laterSteps ?? []));
        await store.GuardedAsync(() => store.PooledAsync(async () =>
        {
            var connection = await store._dialect.ConnectAsync(mayCreate, cancellationToken).ConfigureAwait(false);
            try
            {
                await store._dialect.PrepareAsync(connection, mayCreate, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                connection.Dispose();
                throw;
            }

            if (store._dialect.IsSynchronous)
                store._kept = connection;
            else
                connection.Dispose();
            return true;
        })).ConfigureAwait(false);
        return store;
    }

    /// <summary>Looks whether the tables are still those that are known here.</summary>
    /// <exception cref="StoreException">A newer version of DicomPS has brought them up to its own.</exception>
    public Task CheckVersionAsync(CancellationToken cancellationToken) => ReadAsync(async session =>
    {
        foreach (var version in await session.ReadAsync("SELECT {version}", row => row.GetInt64(0)).ConfigureAwait(false))
            _dialect.CheckVersion(Address.Text, version);
        return true;
    }, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        _kept?.Dispose();
        _kept = null;
        _turn.Release();
    }

    // Methods of their own, so that a library is loaded only where its database is used.
    private static Dialect DialectOf(StoreAddress address, TimeSpan shift, IReadOnlyList<string> steps) =>
        address.Path is { } path ? OfSqlite(path, shift, steps) : OfPostgres(address, shift, steps);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Dialect OfSqlite(string path, TimeSpan shift, IReadOnlyList<string> steps) =>
        new SqliteDialect(path) { Shift = shift, LaterSteps = steps };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Dialect OfPostgres(StoreAddress address, TimeSpan shift, IReadOnlyList<string> steps) =>
        new PostgresDialect(address) { Shift = shift, LaterSteps = steps };

    /// <summary>Runs statements in a transaction of their own; again when they lost against others.</summary>
    private Task<T> WriteAsync<T>(Func<DbSession, Task<T>> work, CancellationToken cancellationToken, bool lasts = true) =>
        UseAsync(connection => WriteAsync(connection, work, lasts, cancellationToken), cancellationToken);

    private async Task<T> WriteAsync<T>(DbConnection connection, Func<DbSession, Task<T>> work, bool lasts,
        CancellationToken cancellationToken)
    {
        for (var conflicts = 0; ; conflicts++)
        {
            using var transaction = await _dialect.BeginAsync(connection, lasts, cancellationToken).ConfigureAwait(false);
            try
            {
                var session = new DbSession(_dialect, connection, transaction, cancellationToken);
                var result = await work(session).ConfigureAwait(false);
                await _dialect.EndAsync(transaction, !session.IsUndone, cancellationToken).ConfigureAwait(false);
                return result;
            }
            catch (Exception problem) when (conflicts < MostConflicts && _dialect.IsConflict(problem))
            {
                await _dialect.EndAsync(transaction, commits: false, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private Task<T> ReadAsync<T>(Func<DbSession, Task<T>> work, CancellationToken cancellationToken) =>
        UseAsync(connection => work(new DbSession(_dialect, connection, null, cancellationToken)), cancellationToken);

    private Task<T> UseAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken) => GuardedAsync(async () =>
    {
        if (!_dialect.IsSynchronous)
        {
            using var own = await _dialect.ConnectAsync(false, cancellationToken).ConfigureAwait(false);
            return await work(own).ConfigureAwait(false);
        }

        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var kept = _kept ?? throw new ObjectDisposedException(nameof(TransferStore));
            return await PooledAsync(() => work(kept)).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    });

    private Task<T> PooledAsync<T>(Func<Task<T>> work) => _dialect.IsSynchronous ? Task.Run(work) : work();

    private async Task<T> GuardedAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception problem) when (_dialect.IsOfStore(problem))
        {
            throw _dialect.Explain(problem);
        }
    }

    /// <summary>
    /// The rows of a statement as they come, over a connection of their own, so that nobody waits for who reads slowly.
    /// </summary>
    private async IAsyncEnumerable<T> StreamAsync<T>(string statement, Func<DbDataReader, T> read, (string Name, object? Value)[] values,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = Channel.CreateBounded<T>(new BoundedChannelOptions(1000) { SingleReader = true, SingleWriter = true });
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = GuardedAsync(() => PooledAsync(() => ReadIntoAsync(rows.Writer, statement, read, values, leaving.Token)));
        try
        {
            while (await rows.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                while (rows.Reader.TryRead(out var row))
                    yield return row;
            }

            await reading.ConfigureAwait(false);
        }
        finally
        {
            leaving.Cancel();
            await reading.ContinueWith(static done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.None,
                TaskScheduler.Default).ConfigureAwait(false);
        }
    }

    private async Task<bool> ReadIntoAsync<T>(ChannelWriter<T> rows, string statement, Func<DbDataReader, T> read,
        (string Name, object? Value)[] values, CancellationToken cancellationToken)
    {
        try
        {
            using var connection = await _dialect.ConnectAsync(false, cancellationToken).ConfigureAwait(false);
            var session = new DbSession(_dialect, connection, null, cancellationToken);
            using var command = session.Bound(statement, values);
            using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                await rows.WriteAsync(read(reader), cancellationToken).ConfigureAwait(false);
            return true;
        }
        finally
        {
            rows.TryComplete();
        }
    }

    private static (string, object?)[] Values(DicomNode node, long throttle) =>
    [
        ("address", node.Address), ("name", node.Name), ("ae_title", node.AETitle), ("host_name", node.HostName), ("port", (long)node.Port),
        ("calling_ae_title", node.CallingAETitle), ("local_port", (long?)node.LocalPort), ("senders", node.From),
        ("character_set", node.CharacterSet), ("tls", node.Tls ? 1L : 0L), ("throttle", throttle),
    ];
}
