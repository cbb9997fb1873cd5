namespace DicomPS.PesterTests;

/// <summary>What Pester says of a failed test, with the lines of the script in place of a stack of .NET.</summary>
internal sealed class PesterFailure(string message, string? trace) : Exception(message)
{
    public override string? StackTrace => trace;

    public override string ToString() => $"{Message}\n{trace}";
}
