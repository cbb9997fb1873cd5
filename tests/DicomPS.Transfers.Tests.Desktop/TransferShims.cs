using System.Runtime.InteropServices;

namespace DicomPS.Transfers.Tests;

/// <summary>What the tests of transfers use and .NET Framework and Mono lack.</summary>
internal static class TransferShims
{
    extension(Environment)
    {
        public static bool IsPrivilegedProcess => UserId() == 0;
    }

    public static async Task<List<T>> ToListAsync<T>(this IAsyncEnumerable<T> values, CancellationToken cancellationToken)
    {
        var list = new List<T>();
        await foreach (var value in values.WithCancellation(cancellationToken))
            list.Add(value);
        return list;
    }

    [DllImport("libc", EntryPoint = "geteuid")]
    private static extern uint UserId();
}
