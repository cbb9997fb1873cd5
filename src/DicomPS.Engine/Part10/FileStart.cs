using System.Buffers.Binary;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Serialization;

namespace DicomPS.Part10;

/// <summary>
/// Everything before the dataset of a file (PS3.10 7.1). The preamble, the prefix, the whole group 0002 and its length
/// may each be missing or wrong.
/// </summary>
internal static class FileStart
{
    private static readonly DatasetForm MetaForm = DatasetForm.ExplicitLittleEndian;

    /// <summary>Reads up to the dataset, so that the source stands at its first byte.</summary>
    /// <param name="source">The file from its start.</param>
    /// <returns>The meta information, and the transfer syntax that it names or, when it names none, that the dataset shows.</returns>
    /// <exception cref="DicomDataException">This is no DICOM file.</exception>
    public static (FileMeta Meta, TransferSyntax Syntax) Read(ByteSource source) => Read(source, out _);

    /// <summary>Reads up to the dataset, and gives group 0002 as the file has it.</summary>
    /// <param name="source">The file from its start.</param>
    /// <param name="group">The elements of group 0002.</param>
    public static (FileMeta Meta, TransferSyntax Syntax) Read(ByteSource source, out DicomDataset group)
    {
        var isMarked = SkipPreamble(source);
        group = ReadGroup(source);
        var meta = FileMeta.From(group);
        var start = source.Peek(ElementHeader.MaxSize);
        if (meta.TransferSyntaxUid is { } uid)
            return (meta, TransferSyntax.Find(uid));

        if (!isMarked && group.Count == 0 && !DatasetForm.LooksLikeDataset(start))
            throw source.Error("The file names no transfer syntax and its dataset cannot be recognised", source.Position);

        return (meta, DatasetForm.Detect(start, DatasetForm.ImplicitLittleEndian).ToTransferSyntax());
    }

    /// <returns>Whether there was the prefix DICM or a meta group where it should be.</returns>
    private static bool SkipPreamble(ByteSource source)
    {
        var start = source.Peek(FileMeta.PreambleLength + 4 + ElementHeader.MaxSize);
        if (start.Length >= FileMeta.PreambleLength + 4 && start.Slice(FileMeta.PreambleLength, 4).SequenceEqual(FileMeta.Prefix))
            return source.TrySkip(FileMeta.PreambleLength + 4);

        if (start.Length >= 4 && start.Slice(0, 4).SequenceEqual(FileMeta.Prefix))
            return source.TrySkip(4);

        if (start.Length > FileMeta.PreambleLength && !IsGroup2(start) && IsGroup2(start.Slice(FileMeta.PreambleLength)))
            return source.TrySkip(FileMeta.PreambleLength);

        return DatasetForm.LooksLikeDataset(start)
            ? false
            : throw source.Error("This is no DICOM file: it has neither the prefix DICM nor a data element at its start", 0);
    }

    /// <summary>Reads elements while they are of group 0002; its length is believed only where an element ends (PS3.10 7.1).</summary>
    private static DicomDataset ReadGroup(ByteSource source)
    {
        var elements = new List<DicomElement>();
        var declaredEnd = long.MaxValue;
        var isImplicit = false;
        while (true)
        {
            var position = source.Position;
            var bytes = source.Peek(ElementHeader.MaxSize);
            if (!IsGroup2(bytes) || (position == declaredEnd && !LooksLikeMeta(bytes, isImplicit)))
                return new DicomDataset(elements);

            var result = ElementHeader.TryRead(bytes, MetaForm, source.End - position, out var header);
            if (result == HeaderResult.Garbage || header.IsUndefined)
                throw source.Error("The meta information is broken", position);

            if (result == HeaderResult.NeedsMore || !source.TrySkip(header.Size) || !source.TryRead(header.Length, out var value))
                throw source.Error("The file ends inside its meta information", position);

            isImplicit = header.IsImplicit;
            var vr = header.Vr is Vr.None or Vr.UN ? DicomDictionary.VrOf(header.Tag) : header.Vr;
            if (header.Tag.IsGroupLength)
            {
                declaredEnd = value.Length == 4 && value.IsInMemory
                    ? source.Position + BinaryPrimitives.ReadUInt32LittleEndian(value.Memory.Span)
                    : long.MaxValue;
            }

            elements.Add(DicomValue.Create(header.Tag, vr is Vr.None or Vr.SQ ? Vr.UN : vr, value));
        }
    }

    private static bool IsGroup2(ReadOnlySpan<byte> bytes) => bytes.Length >= 8 && bytes[0] == 2 && bytes[1] == 0;

    /// <summary>
    /// After the declared end only what is surely an element of the group belongs to it: a deflated dataset may begin with any bytes.
    /// </summary>
    private static bool LooksLikeMeta(ReadOnlySpan<byte> bytes, bool isImplicit) =>
        DicomDictionary.VrOf(ElementHeader.ReadTag(bytes, false)) is var known and not Vr.None
        && ((VrExtensions.TryParse(bytes[4], bytes[5], out var vr) && vr == known) || (isImplicit && bytes[6] == 0 && bytes[7] == 0));
}
