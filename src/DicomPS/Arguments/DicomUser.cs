namespace DicomPS.Arguments;

/// <summary>A user of a file of users. What it has of the passcode is shown nowhere.</summary>
public sealed record DicomUser
{
    /// <summary>The name, which is that which callers send.</summary>
    public required string Name { get; init; }

    /// <summary>How often the passcode is hashed: the more, the longer somebody with the file has to guess.</summary>
    public required int Iterations { get; init; }

    /// <summary>The full path of the file.</summary>
    public required string UserFile { get; init; }

    /// <inheritdoc/>
    public override string ToString() => SafeText.Clean(Name);
}
