using System.Diagnostics.CodeAnalysis;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Scp;

/// <summary>Where received instances go.</summary>
internal sealed record InstanceReceiverOptions
{
    /// <summary>The folder that everything stays in, full path; temporary files lie in it too, so that renaming never copies.</summary>
    public required string Folder { get; init; }

    /// <summary>The full path for an instance, from its first elements and the association that brings it.</summary>
    public required Func<DicomDataset, AssociationTitles, string> PathFor { get; init; }

    /// <summary>The highest tag that <see cref="PathFor"/> needs.</summary>
    public required DicomTag LastTag { get; init; }

    /// <summary>
    /// Which elements a placer gets of each instance, sequences too; those that identify it must be among them. Null, the default, gives
    /// those up to <see cref="LastTag"/> and no sequences.
    /// </summary>
    public Func<DicomTag, bool>? Wanted { get; init; }

    /// <summary>
    /// Waited for before an instance is put in its place, with its first elements; what it throws refuses the instance. Null waits for
    /// nothing.
    /// </summary>
    public Func<DicomDataset, AssociationTitles, CancellationToken, Task>? Placing { get; init; }

    /// <summary>
    /// Puts a whole file in its place instead of <see cref="PathFor"/> and <see cref="Duplicates"/>; null leaves it to them.
    /// </summary>
    public InstancePlacer? Place { get; init; }

    /// <summary>Whether each instance has a number for its bytes, by which it is known when it comes again. Default false.</summary>
    internal bool Digests { get; init; }

    /// <summary>What happens to an instance that is there already.</summary>
    public DuplicatePolicy Duplicates { get; init; }

    /// <summary>The largest dataset taken, in bytes. Default no limit but the disk.</summary>
    public long MaximumObjectBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// Where an instance is set aside that is broken or is another than its request says, instead of being deleted; null deletes it.
    /// Its sender hears the same failure.
    /// </summary>
    public string? BrokenFolder { get; init; }

    /// <summary>Told of each instance that was set aside. Null tells nobody.</summary>
    public Action<BrokenInstance>? Broken { get; init; }

    /// <summary>
    /// Whether Success waits until the disk itself has the file. Default false: the operating system has it, which outlives this
    /// process but no power cut.
    /// </summary>
    public bool FlushToDisk { get; init; }

    /// <summary>The disk.</summary>
    internal FileSystem Files { get; init; } = FileSystem.Default;
}
