using DicomPS.Archiving.Index;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Part10;

namespace DicomPS.Archiving.Storage;

/// <summary>A file of an archive, read as far as the index needs.</summary>
internal sealed record ArchivedFile(string Path, string SopInstanceUid, IndexEntry Entry)
{
    /// <summary>The lock that whoever stores the instance takes.</summary>
    public string Key { get; } = $"{Entry.Rows[1]!.Uid}\n{Entry.Rows[2]!.Uid}\n{Entry.Rows[3]!.Uid}";

    /// <summary>The study.</summary>
    public string StudyUid => Entry.Rows[1]!.Uid!;

    public static ArchivedFile Read(Archive archive, string path, string? source)
    {
        // The time before the content: a file that changes meanwhile differs from the index, and is read again.
        var (size, time) = SizeAndTime(archive, path);
        archive.CountReading();
        var probed = archive.Files.Probe(path, IndexEntry.StopAt, IndexEntry.IsWanted);
        Complete(probed);
        var file = new IndexedFile(archive.IndexPath(path), size, time, probed.TransferSyntax.Uid);
        return new ArchivedFile(path, probed.SopInstanceUid, IndexEntry.ForInstance(probed.Header, file, source));
    }

    /// <summary>A file whose header was read while it was written.</summary>
    public static ArchivedFile Of(Archive archive, string path, DicomDataset header, string transferSyntaxUid, string? source)
    {
        var (size, time) = SizeAndTime(archive, path);
        var file = new IndexedFile(archive.IndexPath(path), size, time, transferSyntaxUid);
        return new ArchivedFile(path, header.GetString(Tags.SOPInstanceUID)!, IndexEntry.ForInstance(header, file, source));
    }

    private static (long Size, DateTime Time) SizeAndTime(Archive archive, string path)
    {
        var info = archive.Files.Look(path);
        return (info.Exists ? info.Length : 0, info.LastWriteTimeUtc);
    }

    /// <summary>Where the dataset does not repeat what the file's meta information says.</summary>
    public static void Complete(ProbedFile probed)
    {
        if (probed.Header.GetString(Tags.SOPInstanceUID) is null)
            probed.Header.Set(Tags.SOPInstanceUID, Vr.UI, probed.SopInstanceUid);
        if (probed.Header.GetString(Tags.SOPClassUID) is null)
            probed.Header.Set(Tags.SOPClassUID, Vr.UI, probed.SopClassUid);
    }

    /// <summary>The same under another name.</summary>
    public ArchivedFile At(string path, string indexed) => this with { Path = path, Entry = Entry.In(Entry.File! with { Path = indexed }) };
}
