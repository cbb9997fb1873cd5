using System.Text.Json.Serialization;

namespace DicomPS.PesterTests;

/// <summary>A test, or what stands for a block or a file that failed as a whole; as Run.ps1 writes it, one to a line.</summary>
internal sealed record PesterTest
{
    /// <summary>The same for a test in each run, whatever its data are: file and place in it.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string File { get; init; }

    public int Line { get; init; }

    /// <summary>Passed, Failed, Skipped or NotRun; anything else fails.</summary>
    public required string Result { get; init; }

    public DateTimeOffset? Started { get; init; }

    public double Milliseconds { get; init; }

    public string? Message { get; init; }

    public string? Trace { get; init; }
}

/// <summary>A line of Run.ps1: a file that is begun, a test, or the sum of the tests once all have been written.</summary>
internal sealed record PesterLine
{
    public string? Begins { get; init; }

    public PesterTest? Test { get; init; }

    public int? Total { get; init; }
}

[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(PesterLine))]
internal sealed partial class PesterJson : JsonSerializerContext;
