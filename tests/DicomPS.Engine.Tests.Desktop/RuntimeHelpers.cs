namespace System.Runtime.CompilerServices;

/// <summary>What the compiler calls for a slice of an array.</summary>
internal static class RuntimeHelpers
{
    public static T[] GetSubArray<T>(T[] array, Range range)
    {
        var start = range.Start.GetOffset(array.Length);
        return array.AsSpan(start, range.End.GetOffset(array.Length) - start).ToArray();
    }
}
