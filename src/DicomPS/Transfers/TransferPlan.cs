using DicomPS.Associations;
using DicomPS.Scp;

namespace DicomPS.Transfers;

/// <summary>A transfer to make.</summary>
internal sealed record TransferPlan(string Name, DicomNode Source, DicomNode Destination, string Method, string Verify, long VerifySample,
    TimeSpan VerifyDelay);

/// <summary>A study to add.</summary>
internal sealed record TransferStudy(string StudyInstanceUID)
{
    public string? PatientID { get; init; }

    public string? PatientName { get; init; }

    public string? StudyDate { get; init; }

    public string? AccessionNumber { get; init; }

    public string? Modalities { get; init; }

    public string? StudyDescription { get; init; }

    public long? Instances { get; init; }

    public long Priority { get; init; }

    public bool Lacks { get; init; }
}

/// <summary>The limits of a node; null leaves what there is, 0 and an empty text take it away.</summary>
internal sealed record TransferLimits(DicomNode Node)
{
    public long? Throttle { get; init; }

    public long? PerHour { get; init; }

    public long? BytesPerSecond { get; init; }

    public string? Between { get; init; }

    public string? TimeZone { get; init; }

    public string? RetrieveBy { get; init; }
}

/// <summary>How a worker of this process works.</summary>
internal sealed record TransferRunOptions
{
    public IReadOnlyList<string>? Names { get; init; }

    public int Lanes { get; init; }

    public Func<DicomNode, AssociationOptions> Call { get; init; } = AssociationOptions.For;

    public bool GoesOn { get; init; }

    public bool OnlyVerifies { get; init; }

    public string? SpoolFolder { get; init; }

    public long SpoolLimit { get; init; } = 10_000_000_000;

    public TimeSpan? Silence { get; init; }

    public int? LocalPort { get; init; }

    public DicomServerOptions Listen { get; init; } = new();

    public TimeSpan CommitmentTimeout { get; init; } = TimeSpan.FromMinutes(5);

    public Action<string>? Note { get; init; }

    public Action<string>? Warn { get; init; }
}
