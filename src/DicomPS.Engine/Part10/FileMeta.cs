using System.Buffers;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Serialization;

namespace DicomPS.Part10;

/// <summary>What a file says about the dataset in it (PS3.10 7.1). A file may lack all of it.</summary>
public sealed record FileMeta
{
    /// <summary>Bytes before the prefix DICM.</summary>
    internal const int PreambleLength = 128;

    /// <summary>The SOP class (0002,0002).</summary>
    public string? MediaStorageSopClassUid { get; init; }

    /// <summary>The SOP instance (0002,0003).</summary>
    public string? MediaStorageSopInstanceUid { get; init; }

    /// <summary>How the dataset is spelt (0002,0010).</summary>
    public string? TransferSyntaxUid { get; init; }

    /// <summary>What wrote the file (0002,0012).</summary>
    public string? ImplementationClassUid { get; init; }

    /// <summary>The version of what wrote the file (0002,0013), up to 16 characters.</summary>
    public string? ImplementationVersionName { get; init; }

    /// <summary>The application that wrote or updated the file (0002,0016).</summary>
    public string? SourceApplicationEntityTitle { get; init; }

    /// <summary>The application that sent the instance over a network (0002,0017).</summary>
    public string? SendingApplicationEntityTitle { get; init; }

    /// <summary>The application that received the instance over a network (0002,0018).</summary>
    public string? ReceivingApplicationEntityTitle { get; init; }

    /// <summary>The meta information for a dataset that this implementation writes.</summary>
    /// <param name="dataset">The dataset, which names its SOP class and instance.</param>
    /// <param name="syntax">How it will be spelt.</param>
    public static FileMeta For(DicomDataset dataset, TransferSyntax syntax)
    {
        if (dataset is null)
            throw new ArgumentNullException(nameof(dataset));

        if (syntax is null)
            throw new ArgumentNullException(nameof(syntax));

        return new FileMeta
        {
            MediaStorageSopClassUid = dataset.GetString(Tags.SOPClassUID),
            MediaStorageSopInstanceUid = dataset.GetString(Tags.SOPInstanceUID),
            TransferSyntaxUid = syntax.Uid,
            ImplementationClassUid = Uid.ImplementationClassUid,
            ImplementationVersionName = Uid.ImplementationVersionName,
        };
    }

    /// <summary>The start of a file: 128 zeros, DICM, and group 0002 in explicit VR little endian with its length (PS3.10 7.1).</summary>
    public byte[] ToArray()
    {
        var group = new DicomDataset
        {
            DicomValue.Create(Tags.FileMetaInformationGroupLength, Vr.UL, new byte[4]),
            DicomValue.Create(Tags.FileMetaInformationVersion, Vr.OB, new byte[] { 0, 1 }),
        };
        Add(Tags.MediaStorageSOPClassUID, Vr.UI, MediaStorageSopClassUid);
        Add(Tags.MediaStorageSOPInstanceUID, Vr.UI, MediaStorageSopInstanceUid);
        Add(Tags.TransferSyntaxUID, Vr.UI, TransferSyntaxUid);
        Add(Tags.ImplementationClassUID, Vr.UI, ImplementationClassUid);
        Add(Tags.ImplementationVersionName, Vr.SH, ImplementationVersionName);
        Add(Tags.SourceApplicationEntityTitle, Vr.AE, SourceApplicationEntityTitle);
        Add(Tags.SendingApplicationEntityTitle, Vr.AE, SendingApplicationEntityTitle);
        Add(Tags.ReceivingApplicationEntityTitle, Vr.AE, ReceivingApplicationEntityTitle);
        var output = new ArrayBufferWriter<byte>(512);
        var start = output.GetSpan(PreambleLength + 4);
        start.Slice(0, PreambleLength).Clear();
        Prefix.CopyTo(start.Slice(PreambleLength));
        output.Advance(PreambleLength + 4);
        DatasetWriter.Write(group, TransferSyntax.ExplicitVRLittleEndian, output);
        return output.WrittenSpan.ToArray();

        void Add(DicomTag tag, Vr vr, string? value)
        {
            if (value is { Length: > 0 })
                group.Set(tag, vr, value);
        }
    }

    internal static ReadOnlySpan<byte> Prefix => "DICM"u8;

    internal static FileMeta From(DicomDataset group) => new()
    {
        MediaStorageSopClassUid = group.GetString(Tags.MediaStorageSOPClassUID),
        MediaStorageSopInstanceUid = group.GetString(Tags.MediaStorageSOPInstanceUID),
        TransferSyntaxUid = group.GetString(Tags.TransferSyntaxUID),
        ImplementationClassUid = group.GetString(Tags.ImplementationClassUID),
        ImplementationVersionName = group.GetString(Tags.ImplementationVersionName),
        SourceApplicationEntityTitle = group.GetString(Tags.SourceApplicationEntityTitle),
        SendingApplicationEntityTitle = group.GetString(Tags.SendingApplicationEntityTitle),
        ReceivingApplicationEntityTitle = group.GetString(Tags.ReceivingApplicationEntityTitle),
    };
}
