using System.Collections;
using System.Globalization;
using System.Management.Automation;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Part10;
using DicomPS.Queries;
using DicomPS.Scp;
using DicomPS.Serialization;
using DicomPS.Text;
using DicomPS.Transfer;

namespace DicomPS.Scripts;

/// <summary>What blocks write, understood.</summary>
internal static class Answers
{
    // What people return by mistake in place of a status: pynetdicom answers C002H too.
    private const ushort BadStatus = 0xC002;

    /// <summary>The response to C-ECHO and C-STORE: Success for nothing, otherwise the status that was written.</summary>
    public static CommandSet Response(CommandSet request, string statusTable, IReadOnlyList<PSObject> written)
    {
        if (written.Count == 0)
            return request.Respond(DimseStatus.Success);
        if (written.Count > 1)
            throw new ServiceException(BadStatus, $"The block wrote {written.Count} objects; a status is one, and nothing is Success");
        if (Status(written[0], statusTable) is { } refusal)
            return request.Respond(refusal.Status) with { ErrorComment = refusal.Message.Length > 0 ? refusal.Message : null, OffendingElements = refusal.OffendingElements };
        return request.Respond(Code(written[0].BaseObject, statusTable));
    }

    /// <summary>The status that an object with a property or key of that name carries; null for any other object.</summary>
    public static ServiceException? Status(PSObject written, string statusTable)
    {
        if (written.BaseObject is DicomDataset || Get(written, "Status") is not { } status || written.BaseObject is string)
            return null;
        object? offending = Get(written, "OffendingElement");
        IEnumerable<object?> elements = offending is null ? [] : offending is IList list ? list.Cast<object?>() : [offending];
        return new ServiceException(Code(status, statusTable), Get(written, "ErrorComment")?.ToString() ?? "")
        {
            OffendingElements = offending is null ? null : [.. elements.Select(element => TagOf(element).Value)],
        };
    }

    /// <summary>A match: a dataset, a table or an object with values by keyword.</summary>
    public static DicomDataset Dataset(PSObject written, string block)
    {
        DicomDataset dataset = written.BaseObject switch
        {
            DicomDataset ready => ready,
            QueryResult { Dataset: { } found } => found,
            DicomFile file => file.Dataset,
            IDictionary table => QueryKeyTable.DatasetOf(table),
            string or ValueType or FileSystemInfo => throw Unusable(written, block, "a dataset, a hashtable or an object with keywords"),
            _ => QueryKeyTable.DatasetOf(written) is { Count: > 0 } found ? found : throw Unusable(written, block, "a dataset, a hashtable or an object with keywords"),
        };
        if (dataset.Contains(Tags.SpecificCharacterSet))
            dataset.SetCharacterSet(dataset.GetStrings(Tags.SpecificCharacterSet));
        else if (HasText(dataset))
            dataset.SetCharacterSet("ISO_IR 192");
        return dataset;
    }

    /// <summary>A dataset of its elements.</summary>
    public static PSObject Joined(IEnumerable<DicomElement> elements)
    {
        var dataset = new DicomDataset(elements);
        if (dataset.Contains(Tags.SpecificCharacterSet))
            dataset.Text = SpecificCharacterSet.Parse(dataset.GetStrings(Tags.SpecificCharacterSet), out _);
        return new PSObject(dataset);
    }

    /// <summary>An instance to send: a file by path, FileInfo, or any object with FullName or Path; or a dataset.</summary>
    public static async Task<StoredInstance> InstanceAsync(PSObject written, string block, CancellationToken cancellationToken)
    {
        object value = written.BaseObject;
        string? path = value is string text ? text : (Get(written, "FullName") ?? Get(written, "Path")) as string;
        bool isTemporary = path is null || value is DicomDataset or DicomFile;
        if (isTemporary)
        {
            path = Path.Combine(Path.GetTempPath(), $"dicomps-{Guid.NewGuid():N}.dcm");
            DicomFile file = value as DicomFile ?? new DicomFile(Dataset(written, block), TransferSyntax.ExplicitVRLittleEndian);
            await file.SaveAsync(path, cancellationToken).ConfigureAwait(false);
        }

        ProbedFile probed = DicomFileProbe.Read(path!);
        return new StoredInstance(path!, probed.SopClassUid, probed.SopInstanceUid, probed.TransferSyntax.Uid) { IsTemporary = isTemporary };
    }

    private static ushort Code(object? status, string statusTable)
    {
        object? value = status is PSObject wrapped ? wrapped.BaseObject : status;
        if (value is string text)
            return DimseStatus.TryParse(statusTable, text, out ushort code) ? code : throw Bad(value);
        return value is not bool && value is IConvertible and not DateTime && LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out int number) && number is >= 0 and <= 0xFFFF
            ? (ushort)number : throw Bad(value);
    }

    private static ServiceException Bad(object? value) => new(BadStatus, $"'{value}' is no status: the block writes nothing, a number, a name, or an object with Status");

    private static DicomTag TagOf(object? element)
    {
        object? value = element is PSObject wrapped ? wrapped.BaseObject : element;
        return value switch
        {
            DicomTag tag => tag,
            string name => QueryKeyTable.TagOf(name),
            _ => new DicomTag(LanguagePrimitives.ConvertTo<uint>(value)),
        };
    }

    private static object? Get(PSObject written, string name)
    {
        if (written.BaseObject is not IDictionary table)
            return written.Properties[name]?.Value;
        foreach (System.Collections.DictionaryEntry entry in table)
        {
            if (entry.Key is string key && string.Equals(key, name, StringComparison.OrdinalIgnoreCase))
                return entry.Value;
        }

        return null;
    }

    private static bool HasText(DicomDataset dataset)
    {
        foreach (DicomElement element in dataset)
        {
            if (element is DicomSequence sequence ? sequence.Items.Any(HasText) : dataset.GetStrings(element.Tag).Any(text => text.Any(c => c >= 0x80)))
                return true;
        }

        return false;
    }

    private static HandlerException Unusable(PSObject written, string block, string wanted) =>
        new($"-{block} wrote a {written.BaseObject.GetType().Name} ('{written}'), not {wanted}");
}
