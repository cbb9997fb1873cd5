using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DicomPS.Transfers.Store;

/// <summary>
/// The hash of a try, made of all that is kept of it and of the hash of the try before: who changes or takes out a row changes all
/// hashes behind it, and the last one, which stands in the transfer. SHA-256 as lower-case hexadecimal digits. It is no secret
/// how they are made: who changes all of them together is not seen.
/// </summary>
internal static class AttemptChain
{
    // Stands before the hash of a try that the promise is part of; the first tries of this program had none.
    private const string Mark = "2:";

    /// <summary>Whether a hash is one of a try with the promise of its transfer.</summary>
    public static bool HoldsPromise(string hash) => hash.StartsWith(Mark, StringComparison.Ordinal);

    /// <summary>The hash of a try.</summary>
    /// <param name="before">The hash of the one before; empty for the first.</param>
    /// <param name="row">The try.</param>
    /// <param name="promise">What the transfer is: its name, nodes, method and verification. Null as in tries without it.</param>
    public static string Next(string before, AttemptRow row, IReadOnlyList<object?>? promise)
    {
        // Length before each value: no two rows make the same text.
        var text = new StringBuilder(before);
        object?[] values = [row.Link, row.Item, row.StudyUid, row.Number, row.Phase, row.Worker, row.Started,
            row.Finished, row.State, row.Kind, row.Status, row.StatusCode, row.Completed, row.Failed, row.Warning, row.Bytes,
            row.SourceInstances, row.DestinationInstances, row.Error, .. promise ?? []];
        foreach (var value in values)
        {
            var written = value is null ? "-" : Convert.ToString(value, CultureInfo.InvariantCulture)!;
            text.Append('\n').Append(value is null ? -1 : written.Length).Append(':').Append(written);
        }

        using var sha = SHA256.Create();
        var hash = sha.ComputeHash(Encoding.UTF8.GetBytes(text.ToString()));
        return (promise is null ? "" : Mark) + string.Concat(hash.Select(part => part.ToString("x2", CultureInfo.InvariantCulture)));
    }
}
