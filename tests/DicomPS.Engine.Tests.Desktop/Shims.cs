// What the tests use of newer runtimes and .NET Framework 4.7.2 does not have, under its own names.
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace DicomPS.Engine.Tests;

internal sealed class TaskCompletionSource(TaskCreationOptions options = TaskCreationOptions.None) : TaskCompletionSource<bool>(options)
{
    public void SetResult() => SetResult(true);

    public bool TrySetResult() => TrySetResult(true);
}

internal static class Shims
{
    private static readonly Stopwatch Clock = Stopwatch.StartNew();

    extension(Array)
    {
        public static void Fill<T>(T[] array, T value) => array.AsSpan().Fill(value);
    }

    extension(Convert)
    {
        public static byte[] FromHexString(string text) =>
            [.. Enumerable.Range(0, text.Length / 2).Select(at => Convert.ToByte(text.Substring(2 * at, 2), 16))];

        public static string ToHexString(params ReadOnlySpan<byte> bytes) => BitConverter.ToString(bytes.ToArray()).Replace("-", "");

        public static string ToHexStringLower(params ReadOnlySpan<byte> bytes) => Shims.ToHexString(bytes).ToLowerInvariant();
    }

    extension(Directory)
    {
        public static DirectoryInfo CreateTempSubdirectory(string prefix) =>
            Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), prefix + Guid.NewGuid().ToString("N")));
    }

    extension(double)
    {
        public static bool TryParse(string text, IFormatProvider provider, out double value) =>
            double.TryParse(text, System.Globalization.NumberStyles.Float | System.Globalization.NumberStyles.AllowThousands,
                provider, out value);
    }

    extension(System.IO.Compression.CompressionLevel)
    {
        public static System.IO.Compression.CompressionLevel SmallestSize => System.IO.Compression.CompressionLevel.Optimal;
    }

    extension(Encoding)
    {
        public static Encoding Latin1 => Encoding.GetEncoding(28591);
    }

    extension(Enum)
    {
        public static T[] GetValues<T>() => (T[])Enum.GetValues(typeof(T));
    }

    extension(Environment)
    {
        public static long TickCount64 => Clock.ElapsedMilliseconds;
    }

    extension(File)
    {
        public static Task<byte[]> ReadAllBytesAsync(string path, CancellationToken cancellationToken) =>
            Task.Run(() => File.ReadAllBytes(path), cancellationToken);

        public static Task<string[]> ReadAllLinesAsync(string path, CancellationToken cancellationToken) =>
            Task.Run(() => File.ReadAllLines(path), cancellationToken);

        public static Task WriteAllBytesAsync(string path, byte[] bytes, CancellationToken cancellationToken) =>
            Task.Run(() => File.WriteAllBytes(path, bytes), cancellationToken);

        public static Task WriteAllTextAsync(string path, string text, CancellationToken cancellationToken) =>
            Task.Run(() => File.WriteAllText(path, text), cancellationToken);
    }

    extension(GC)
    {
        public static long GetAllocatedBytesForCurrentThread() =>
            typeof(GC).GetMethod("GetAllocatedBytesForCurrentThread") is { } method ? (long)method.Invoke(null, null)! : CannotCount();

        public static long GetTotalAllocatedBytes(bool precise = false) => CannotCount();
    }

    extension(OperatingSystem)
    {
        public static bool IsLinux() => RuntimeInformation.IsOSPlatform(OSPlatform.Linux);

        public static bool IsWindows() => RuntimeInformation.IsOSPlatform(OSPlatform.Windows);
    }

    extension(Path)
    {
        public static string GetRelativePath(string folder, string path) => path.Substring(folder.TrimEnd('/').Length + 1);
    }

    extension(RandomNumberGenerator)
    {
        public static byte[] GetBytes(int count)
        {
            var bytes = new byte[count];
            using var random = RandomNumberGenerator.Create();
            random.GetBytes(bytes);
            return bytes;
        }
    }

    extension(SHA256)
    {
        public static byte[] HashData(ReadOnlySpan<byte> bytes)
        {
            using var hash = SHA256.Create();
            return hash.ComputeHash(bytes.ToArray());
        }
    }

    extension(string)
    {
        public static string Join<T>(char separator, IEnumerable<T> values) => string.Join(separator.ToString(), values);
    }

    extension(StringSplitOptions)
    {
        public static StringSplitOptions TrimEntries => (StringSplitOptions)2;
    }

    extension(TimeSpan)
    {
        public static TimeSpan operator *(int factor, TimeSpan time) => new(factor * time.Ticks);
    }

    extension(ValueTask)
    {
        public static ValueTask CompletedTask => default;
    }

    public static string Replace(this string text, string old, string by, StringComparison comparison) =>
        comparison == StringComparison.Ordinal ? text.Replace(old, by) : throw new NotSupportedException();

    public static bool Contains(this string text, string part, StringComparison comparison) => text.IndexOf(part, comparison) >= 0;

    public static string ReplaceLineEndings(this string text, string by) => text.Replace("\r\n", "\n").Replace("\n", by);

    public static string[] Split(this string text, char separator, StringSplitOptions options)
    {
        var parts = text.Split(separator).Select(part => options.HasFlag((StringSplitOptions)2) ? part.Trim() : part);
        return [.. parts.Where(part => part.Length > 0 || !options.HasFlag(StringSplitOptions.RemoveEmptyEntries))];
    }

    public static IOrderedEnumerable<T> Order<T>(this IEnumerable<T> values, IComparer<T>? comparer = null) =>
        values.OrderBy(value => value, comparer);

    public static IEnumerable<T[]> Chunk<T>(this IEnumerable<T> values, int size) =>
        values.Select((value, at) => (value, at)).GroupBy(pair => pair.at / size, (_, pairs) => pairs.Select(pair => pair.value).ToArray());

    public static IEnumerable<T> SkipLast<T>(this IReadOnlyCollection<T> values, int count) => values.Take(values.Count - count);

    public static void AddRange<T>(this List<T> list, ReadOnlySpan<T> values) => list.AddRange(values.ToArray());

    public static void Deconstruct<TKey, TValue>(this KeyValuePair<TKey, TValue> pair, out TKey key, out TValue value) =>
        (key, value) = (pair.Key, pair.Value);

    public static TValue GetValueOrDefault<TKey, TValue>(this Dictionary<TKey, TValue> dictionary, TKey key, TValue otherwise) =>
        dictionary.TryGetValue(key, out var value) ? value : otherwise;

    public static bool Remove<TKey, TValue>(this Dictionary<TKey, TValue> dictionary, TKey key, out TValue value) =>
        dictionary.TryGetValue(key, out value) && dictionary.Remove(key);

    public static Span<T> AsSpan<T>(this T[] array, Range range)
    {
        var start = range.Start.GetOffset(array.Length);
        return array.AsSpan(start, range.End.GetOffset(array.Length) - start);
    }

    public static string GetCertHashString(this X509Certificate2 certificate, HashAlgorithmName algorithm) =>
        algorithm == HashAlgorithmName.SHA256 ? Shims.ToHexString(Shims.HashData(certificate.RawData)) : throw new NotSupportedException();

    public static Task CancelAsync(this CancellationTokenSource source) => Task.Run(source.Cancel);

    public static async Task WaitAsync(this Task task, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (await Task.WhenAny(task, Task.Delay(limit, cancellationToken)) != task)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException();
        }

        await task;
    }

    public static Task WaitAsync(this Task task, CancellationToken cancellationToken) =>
        task.WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken);

    public static async Task<T> WaitAsync<T>(this Task<T> task, TimeSpan limit, CancellationToken cancellationToken)
    {
        await ((Task)task).WaitAsync(limit, cancellationToken);
        return await task;
    }

    public static async Task CopyToAsync(this Stream stream, Stream target, CancellationToken cancellationToken) =>
        await stream.CopyToAsync(target, 81920, cancellationToken);

    private static long CannotCount()
    {
        Assert.Skip("This runtime does not count what it allocates.");
        return 0;
    }
}
