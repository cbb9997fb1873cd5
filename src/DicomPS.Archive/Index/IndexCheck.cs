using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace DicomPS.Archiving.Index;

/// <summary>SQLite's own look through a whole file: whether its pages, trees and rows are sound.</summary>
internal static class IndexCheck
{
    private const int MostProblems = 3;

    // A failure is told while somebody waits for it, and again and again: one look, not without end, and no second one soon.
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(30), Fresh = TimeSpan.FromMinutes(10);

    /// <summary>What is damaged, in SQLite's words; null when the file is sound or is not there.</summary>
    /// <param name="path">The index.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static Task<string?> RunAsync(string path, CancellationToken cancellationToken) =>
        File.Exists(path) ? Task.Run(() => Run(new SqliteDatabase(path), cancellationToken), cancellationToken)
            : Task.FromResult<string?>(null);

    private static string? Run(SqliteDatabase database, CancellationToken cancellationToken)
    {
        const int interrupted = 9;
        try
        {
            using var connection = (SqliteConnection)database.Connect(mayCreate: false);
            using var registration = cancellationToken.Register(() => SQLitePCL.raw.sqlite3_interrupt(connection.Handle));
            using var command = connection.CreateCommand();
            // A look through a large file takes as long as reading it.
            command.CommandTimeout = 0;
            command.CommandText = $"PRAGMA quick_check({MostProblems})";
            using var rows = command.ExecuteReader();
            var problems = new List<string>();
            while (rows.Read())
                problems.Add(Plain(rows.GetString(0)));

            return problems is ["ok"] ? null : string.Join("; ", problems);
        }
        catch (SqliteException problem) when (problem.SqliteErrorCode is 11 or 26)
        {
            return problem.SqliteErrorCode == 26 ? "it is no SQLite database" : "its pages cannot be read";
        }
        catch (SqliteException problem) when (problem.SqliteErrorCode == interrupted && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (SqliteException)
        {
            // It cannot be looked at now (held, no rights, a disk that is away); that says nothing of what is in it.
            return null;
        }
    }

    // The names in it come from the file.
    private static string Plain(string text) => new([.. text.Select(letter => char.IsControl(letter) ? ' ' : letter)]);

    /// <summary>Looks at one index after its failures, now and then. Any thread may use it.</summary>
    internal sealed class AfterFailures(SqliteDatabase database)
    {
        private readonly object _looking = new();
        private readonly Stopwatch _since = new();
        private string? _found;

        /// <summary>What is damaged; null when nothing was found in time.</summary>
        public string? FindDamage()
        {
            lock (_looking)
            {
                if (_since.IsRunning && _since.Elapsed < Fresh)
                    return _found;
                using var limit = new CancellationTokenSource(LongestLook);
                try
                {
                    _found = Run(database, limit.Token);
                }
                catch (OperationCanceledException)
                {
                    _found = null;
                }

                _since.Restart();
                return _found;
            }
        }
    }
}
