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

namespace DicomPS.Scripts;

/// <summary>What blocks write, understood.</summary>
internal static class Answers
{
    private static readonly string[] StatusNames = ["Status", "ErrorComment", "OffendingElement"];

    // Both spellings: that of the results here, and the keywords of the standard.
    private static readonly string[] Completed = ["Completed", "NumberOfCompletedSuboperations"],
        Failed = ["Failed", "NumberOfFailedSuboperations"], Warnings = ["Warning", "NumberOfWarningSuboperations"],
        Remaining = ["Remaining", "NumberOfRemainingSuboperations"], FailedUids = ["FailedSOPInstanceUID", "FailedSOPInstanceUIDList"];

    /// <summary>The response to C-ECHO and C-STORE: Success for nothing, otherwise the status that was written.</summary>
    public static CommandSet Response(CommandSet request, StatusTable statusTable, IReadOnlyList<PSObject> written)
    {
        if (written.Count == 0)
            return request.Respond(Statuses.Success);
        if (written.Count > 1)
            throw new ServiceException(ServerStatuses.NoStatus,
                $"The block wrote {written.Count} objects; a status is one, and nothing is Success");
        if (StatusOf(written[0], statusTable) is { } refusal)
            return request.Respond(refusal.Status) with
            {
                ErrorComment = refusal.Message.Length > 0 ? refusal.Message : null,
                OffendingElements = refusal.OffendingElements
            };
        return request.Respond(Code(written[0].BaseObject, statusTable));
    }

    /// <summary>
    /// The status with which an object ends a C-FIND, C-MOVE or C-GET; null for an answer. An object that says nothing but a status is
    /// one. A row that also says something else is an answer, and what its column Status has is its own affair, unless it is a
    /// number of DICOM: a pending one goes with the answer, any other ends the request.
    /// </summary>
    /// <param name="answer">The object, and the status before it.</param>
    /// <param name="statusTable">The service, as the tables name it.</param>
    /// <param name="block">The parameter of the block.</param>
    /// <param name="pending">The status that goes with an answer.</param>
    /// <exception cref="HandlerException">A pending status has no answer with it.</exception>
    public static ServiceException? Status(Written answer, StatusTable statusTable, string block, out ushort pending)
    {
        pending = answer.Status ?? FindMatch.Pending;
        if (answer.Status is { } paired && DimseStatus.CategoryOf(paired) != DimseStatusCategory.Pending)
        {
            return new ServiceException(paired, answer.Value is { } more ? Get(more, "ErrorComment")?.ToString() ?? "" : "")
            {
                Counts = answer.Value is { } counted ? Counts(counted) : null,
            };
        }

        if (answer.Value is not { } written)
            throw Alone(pending, block);
        if (written.BaseObject is DicomDataset or DicomFile or string)
            return null;
        // A bare number is what it is for -OnStore, where the service has it as a failure or warning; 0 and 1 come from methods that
        // give one back by accident.
        if (written.BaseObject is ValueType && Number(written) is > 0xFF and { } bare && DimseStatus.IsListed(statusTable, bare)
            && DimseStatus.CategoryOf(bare) != DimseStatusCategory.Pending)
            return new ServiceException(bare, "");
        if (Get(written, "Status") is not { } status)
            return null;
        if (!HasContent(written))
        {
            var end = StatusOf(written, statusTable);
            return end is null || DimseStatus.CategoryOf(end.Status) != DimseStatusCategory.Pending ? end : throw Alone(end.Status, block);
        }

        if (Number(status) is not { } number)
            return null;
        switch (DimseStatus.CategoryOf(number))
        {
            case DimseStatusCategory.Pending:
                pending = number;
                return null;
            case DimseStatusCategory.Success:
                return null;
            default:
                return !IsFile(written) && number > 0xFF && DimseStatus.IsListed(statusTable, number)
                    ? StatusOf(written, statusTable) : null;
        }
    }

    private static HandlerException Alone(ushort pending, string block) =>
        new($"-{block} wrote the status {pending:X4}, which says that an answer comes with it, and no answer.");

    /// <summary>
    /// The counts of a C-MOVE or C-GET that an object gives with a pending status and no instance; null when it is something else.
    /// </summary>
    /// <param name="written">The object.</param>
    public static SubOperationCounts? Said(PSObject written) =>
        written.BaseObject is not (DicomDataset or DicomFile or string or ValueType) && Get(written, "Status") is { } status
            && Number(status) is { } number && DimseStatus.CategoryOf(number) == DimseStatusCategory.Pending && !HasContent(written)
            ? Counts(written) : null;

    // Null where the object has none of them.
    private static SubOperationCounts? Counts(PSObject written)
    {
        var failed = written.BaseObject is DicomDataset dataset
            ? [.. dataset.GetStrings(Tags.FailedSOPInstanceUIDList)]
            : Texts(FailedUids.Select(name => Get(written, name)).FirstOrDefault(value => value is not null));
        var counts = new SubOperationCounts(Count(written, Completed), Count(written, Failed), Count(written, Warnings))
        {
            Remaining = Count(written, Remaining),
            FailedSopInstanceUids = failed,
        };
        return counts is { Completed: null, Failed: null, Warning: null, Remaining: null, FailedSopInstanceUids.Count: 0 } ? null : counts;
    }

    private static string[] Texts(object? value) => LanguagePrimitives.GetEnumerable(value) is { } several
        ? [.. several.Cast<object?>().Select(each => each?.ToString()).OfType<string>().Where(each => each.Length > 0)]
        : value?.ToString() is { Length: > 0 } one ? [one] : [];

    // Four US elements (PS3.7 9.1.4.1): what is no such number is a mistake of the block, and nothing is made up for it.
    private static int? Count(PSObject written, string[] names)
    {
        if (written.BaseObject is DicomDataset
            || names.Select(name => Get(written, name)).FirstOrDefault(value => value is not null) is not { } value)
            return null;
        return LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out int count) && count >= 0 ? count
            : throw new HandlerException($"'{names[0]}' of a status is no number of sub-operations: '{value}'");
    }

    private static bool IsFile(PSObject written) =>
        written.BaseObject is FileSystemInfo || (Get(written, "FullName") ?? Get(written, "Path")) is string;

    // Whether it says more than a status: a file, or an attribute by its keyword or tag.
    private static bool HasContent(PSObject written) => written.BaseObject switch
    {
        IDictionary table => IsFile(written) || table.Keys.OfType<string>().Any(IsAttribute),
        _ => IsFile(written) || written.Properties.Any(property => IsAttribute(property.Name)),
    };

    // Status, Error Comment and Offending Element are elements too, of group 0000.
    private static bool IsAttribute(string name) => !FailedUids.Contains(name, StringComparer.OrdinalIgnoreCase)
        && (DicomTag.TryParse(name, out var tag) ? tag.Group != 0 : IsKeyword(name));

    private static bool IsKeyword(string name) => DicomDictionary.All.Any(
        known => known.Tag.Group != 0 && string.Equals(known.Keyword, name, StringComparison.OrdinalIgnoreCase));

    private static ServiceException? StatusOf(PSObject written, StatusTable statusTable)
    {
        if (written.BaseObject is DicomDataset || Get(written, "Status") is not { } status || written.BaseObject is string)
            return null;
        var offending = Get(written, "OffendingElement");
        var elements = offending is null ? [] : offending is IList list ? list.Cast<object?>() : [offending];
        return new ServiceException(Code(status, statusTable), Get(written, "ErrorComment")?.ToString() ?? "")
        {
            OffendingElements = offending is null ? null : [.. elements.Select(element => TagOf(element).Value)],
            Counts = Counts(written),
        };
    }

    /// <summary>A match: a dataset, a table or an object with values by keyword.</summary>
    public static DicomDataset Dataset(PSObject written, string block)
    {
        var dataset = written.BaseObject switch
        {
            DicomDataset ready => ready,
            QueryResult answer when answer.GetDataset() is { } found => found,
            DicomFile file => file.Dataset,
            IDictionary table => QueryKeyTable.DatasetOf((IDictionary)WithoutStatus(table)),
            string or ValueType or FileSystemInfo => throw Unusable(written, block, "a dataset, a hashtable or an object with keywords"),
            _ => QueryKeyTable.DatasetOf(WithoutStatus(written)) is { Count: > 0 } found ? found
                : throw Unusable(written, block, "a dataset, a hashtable or an object with keywords"),
        };
        if (dataset.Contains(Tags.SpecificCharacterSet))
            dataset.SetCharacterSet(dataset.GetStrings(Tags.SpecificCharacterSet));
        else if (HasText(dataset))
            dataset.SetCharacterSet("ISO_IR 192");
        return dataset;
    }

    private static Hashtable WithoutStatus(IDictionary table)
    {
        var rest = new Hashtable();
        foreach (System.Collections.DictionaryEntry entry in table)
        {
            if (entry.Key is not string name || !IsOfStatus(name))
                rest[entry.Key] = entry.Value;
        }

        return rest;
    }

    private static PSObject WithoutStatus(PSObject row)
    {
        if (!row.Properties.Any(property => IsOfStatus(property.Name)))
            return row;
        var rest = new PSObject();
        foreach (var property in row.Properties.Where(property => !IsOfStatus(property.Name)))
            rest.Properties.Add(new PSNoteProperty(property.Name, property.Value));
        return rest;
    }

    private static bool IsOfStatus(string name) => StatusNames.Contains(name, StringComparer.OrdinalIgnoreCase);

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
        var value = written.BaseObject;
        var path = value is string text ? text : (Get(written, "FullName") ?? Get(written, "Path")) as string;
        var isTemporary = path is null || value is DicomDataset or DicomFile;
        if (isTemporary)
        {
            path = Path.Combine(Path.GetTempPath(), $"dicomps-{Guid.NewGuid():N}.dcm");
            var file = value as DicomFile ?? new DicomFile(Dataset(written, block), TransferSyntax.ExplicitVRLittleEndian);
            await file.SaveAsync(path, cancellationToken).ConfigureAwait(false);
        }

        var probed = DicomFileProbe.Read(path!);
        return new StoredInstance(path!, probed.SopClassUid, probed.SopInstanceUid,
            probed.TransferSyntax.Uid)
        { IsTemporary = isTemporary };
    }

    private static ushort Code(object? status, StatusTable statusTable)
    {
        var value = status is PSObject wrapped ? wrapped.BaseObject : status;
        if (value is string text)
            return DimseStatus.TryParse(statusTable, text, out var code) ? code : throw Bad(value);
        return Number(value) ?? throw Bad(value);
    }

    /// <summary>A status as a number, or as four hexadecimal digits; null for everything else, 1.5 and 'Success' among it.</summary>
    public static ushort? Number(object? status)
    {
        var value = status is PSObject wrapped ? wrapped.BaseObject : status;
        if (value is string text)
        {
            text = text.Trim();
            text = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text.Substring(2) : text.TrimEnd('h', 'H');
            return text.Length == 4 && ushort.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                out var digits) ? digits : null;
        }

        return value is (sbyte or byte or short or ushort or int or uint or long or ulong or float or double or decimal or Enum)
            && LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out double number)
            && number is >= 0 and <= 0xFFFF && Math.Floor(number) == number
            ? (ushort)number : null;
    }

    // What the block wrote may be anything, and is told here alone.
    private static ServiceException Bad(object? value) =>
        new(ServerStatuses.NoStatus, "The handler answered with something that is no status")
        {
            Detail = $"'{value}' is no status: the block writes nothing, a number, a name, or an object with Status",
        };

    private static DicomTag TagOf(object? element)
    {
        var value = element is PSObject wrapped ? wrapped.BaseObject : element;
        return value switch
        {
            DicomTag tag => tag,
            string name => QueryKeyTable.TagOf(name),
            _ => new DicomTag(LanguagePrimitives.ConvertTo<uint>(value)),
        };
    }

    /// <summary>The value of a property, or of an entry whatever its case; null where there is none.</summary>
    public static object? Get(PSObject written, string name)
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
        foreach (var element in dataset)
        {
            if (element is DicomSequence sequence ? sequence.Items.Any(HasText)
                : dataset.GetStrings(element.Tag).Any(text => text.Any(c => c >= 0x80)))
                return true;
        }

        return false;
    }

    private static HandlerException Unusable(PSObject written, string block, string wanted) =>
        new($"-{block} wrote a {written.BaseObject.GetType().Name} ('{written}'), not {wanted}");
}
