using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DicomPS.Transfers.Store;

/// <summary>
/// The hash of a try, made of all that is kept of it and of the hash of the try before: who changes or takes out a row changes all
/// hashes behind it, and the last one, which stands in the transfer. SHA-256 as lower-case hexadecimal digits.
/// </summary>
internal static class AttemptChain
{
    /// <summary>The hash of a try.</summary>
    /// <param name="before">The hash of the one before; empty for the first.</param>
    /// <param name="row">The try.</param>
    public static string Next(string before, AttemptRow row)
    {
        // Length before each value: no two rows make the same text.
        var text = new StringBuilder(before);
        foreach (var value in new object?[] { row.Link, row.Item, row.StudyUid, row.Number, row.Phase, row.Worker, row.Started,
            row.Finished, row.State, row.Kind, row.Status, row.StatusCode, row.Completed, row.Failed, row.Warning, row.Bytes,
            row.SourceInstances, row.DestinationInstances, row.Error })
        {
            var written = value is null ? "-" : Convert.ToString(value, CultureInfo.InvariantCulture)!;
            text.Append('\n').Append(value is null ? -1 : written.Length).Append(':').Append(written);
        }

        using var sha = SHA256.Create();
        var hash = sha.ComputeHash(Encoding.UTF8.GetBytes(text.ToString()));
        return string.Concat(hash.Select(part => part.ToString("x2", CultureInfo.InvariantCulture)));
    }
}
