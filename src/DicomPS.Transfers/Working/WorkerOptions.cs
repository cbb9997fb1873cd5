using DicomPS.Associations;
using DicomPS.Part10;
using DicomPS.Scp;
using DicomPS.Transfers.Store;

namespace DicomPS.Transfers.Working;

/// <summary>How a worker works.</summary>
internal sealed record WorkerOptions
{
    /// <summary>The transfers by name; null for all of the store.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>How many studies it has under way at the most, 1 to 64; the nodes' limits hold as well.</summary>
    public int Lanes { get; init; } = 4;

    /// <summary>How a node is called: with which certificates and timeouts.</summary>
    public Func<DicomNode, AssociationOptions> Call { get; init; } = AssociationOptions.For;

    /// <summary>Whether it goes on when all is done, for what is added later.</summary>
    public bool GoesOn { get; init; }

    /// <summary>What it moves at the most; it verifies nothing then. Null moves and verifies all.</summary>
    public MoveQuota? Quota { get; init; }

    /// <summary>Whether it moves nothing and verifies what was moved, at once.</summary>
    public bool OnlyVerifies { get; init; }

    /// <summary>
    /// The port of this machine on which nodes call the worker, with what they move here and with reports of storage commitment. Null for
    /// the one that is registered with each node.
    /// </summary>
    public int? LocalPort { get; init; }

    /// <summary>How it listens there: the address, TLS, who writes down what is said.</summary>
    public DicomServerOptions Listen { get; init; } = new();

    /// <summary>How long the report of a storage commitment may take.</summary>
    public TimeSpan CommitmentTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Where fetched instances lie until they are sent or compared; null for the folder of temporary files.</summary>
    public string? SpoolFolder { get; init; }

    /// <summary>How much of that may be in use before another study is begun. Default 10 GB.</summary>
    public SpoolRoom Room { get; init; } = new(10_000_000_000);

    /// <summary>How long a lane waits that found the disk of the spool full.</summary>
    public TimeSpan SpoolPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The disk of the spool; tests have one that fails.</summary>
    public FileSystem SpoolDisk { get; init; } = FileSystem.Private;

    /// <summary>How long a move may be silent.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The clock; tests have their own.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How often it looks at what is asked of it, and into the queue when that was empty.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often it gives a sign of life.</summary>
    public TimeSpan Beat { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Without a sign of life that came through for this long, it gives up what it has under way.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>Told of each try that ended, on any thread.</summary>
    public Action<WorkerNote>? Ended { get; init; }

    /// <summary>Told what else there is to know, on any thread.</summary>
    public Action<string>? Note { get; init; }

    /// <summary>Told what is wrong and is tried again, on any thread.</summary>
    public Action<string>? Warn { get; init; }
}

/// <summary>A try that ended.</summary>
/// <param name="Transfer">The transfer.</param>
/// <param name="StudyUid">The study.</param>
/// <param name="Phase">Move, Forward or Verify.</param>
/// <param name="End">What became of it.</param>
/// <param name="Elapsed">How long it took, with taking it and writing it down.</param>
internal sealed record WorkerNote(string Transfer, string StudyUid, string Phase, AttemptEnd End, TimeSpan Elapsed)
{
    /// <summary>What the study is now.</summary>
    public string State => End.State;

    /// <summary>What failed; null for nothing.</summary>
    public string? Error => End.Error;
}
