using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Scp;
using DicomPS.Serialization;

namespace DicomPS.Transfers.Verifying;

/// <summary>
/// Compares two copies of an instance, element by element. How they are spelt (byte order, explicit or implicit, defined or undefined
/// lengths, padding, character set) does not count; what they say does.
/// </summary>
internal static class InstanceComparer
{
    private static readonly char[] NameEnds = ['^', '=', ' '];

    /// <summary>Compares two copies.</summary>
    /// <param name="here">That of the source.</param>
    /// <param name="there">That of the destination.</param>
    /// <param name="withBytes">Whether pixel data and other bulk data are compared as well; that they are there is in any case.</param>
    public static InstanceDifference Compare(DicomFile here, DicomFile there, bool withBytes)
    {
        var found = new InstanceDifference();
        Datasets(new Sides(here.TransferSyntax, there.TransferSyntax, withBytes, found), here.Dataset, there.Dataset, "");
        return found;
    }

    private static void Datasets(Sides sides, DicomDataset here, DicomDataset there, string path)
    {
        foreach (var one in here)
        {
            if (LegalChanges.IsFree(one.Tag))
                continue;
            var name = InstanceDifference.PathOf(path, one.Tag, here);
            if (there.Find(one.Tag) is { } other)
                Elements(sides, (here, one), (there, other), name, path.Length == 0);
            else
                sides.Found.Add(name, Show(here, one), null);
        }

        foreach (var other in there)
        {
            if (!LegalChanges.MayBeAdded(other.Tag) && here.Find(other.Tag) is null)
                sides.Found.Add(InstanceDifference.PathOf(path, other.Tag, there), null, Show(there, other));
        }
    }

    private static void Elements(Sides sides, (DicomDataset Set, DicomElement Element) here, (DicomDataset Set, DicomElement Element) there,
        string name, bool isOutermost)
    {
        if (IsBulk(here.Element.Tag, isOutermost) || here.Element is DicomFragments || there.Element is DicomFragments)
        {
            if (sides.WithBytes)
                Bulk(sides, here.Element, there.Element, name);
            return;
        }

        switch (here.Element, there.Element)
        {
            case (DicomSequence one, DicomSequence other) when one.Items.Count == other.Items.Count:
                for (var i = 0; i < one.Items.Count; i++)
                    Datasets(sides, one.Items[i], other.Items[i], $"{name}[{i + 1}]");
                break;
            case (DicomValue one, DicomValue other) when IsAlike(here.Set, one, there.Set, other):
                break;
            case (DicomSequence, DicomValue { Vr: Vr.UN }) or (DicomValue { Vr: Vr.UN }, DicomSequence):
                // One side sent it without saying that it is a sequence (PS3.5 6.2.2).
                sides.Found.Unknown.Add($"{name} came as a sequence from one side, and as unknown bytes from the other.");
                break;
            default:
                sides.Found.Add(name, Show(here.Set, here.Element), Show(there.Set, there.Element));
                break;
        }
    }

    private static bool IsBulk(DicomTag tag, bool isOutermost) =>
        tag == Tags.WaveformData || (isOutermost && BulkData.IsBulk(tag));

    private static void Bulk(Sides sides, DicomElement here, DicomElement there, string name)
    {
        switch (here, there)
        {
            case (DicomValue one, DicomValue other):
                if (!ValueBytes.AreAlike(one, other))
                    sides.Found.Add(name, $"{one.Length} bytes", $"{other.Length} bytes");
                break;
            case (DicomFragments one, DicomFragments other) when sides.Here.Uid == sides.There.Uid:
                if (!ValueBytes.AreAlike(one.Fragments, other.Fragments))
                    sides.Found.Add(name, $"{one.Fragments.Count} fragments", $"{other.Fragments.Count} fragments");
                break;
            default:
                sides.Found.Unknown.Add($"{name} is {sides.Here.Name} at the source and {sides.There.Name} at the destination, and was not "
                    + "compared.");
                break;
        }
    }

    private static bool IsAlike(DicomDataset here, DicomValue one, DicomDataset there, DicomValue other)
    {
        if (one.Length == 0 || other.Length == 0)
            return one.Length == other.Length;
        if (!one.Vr.IsString() && !other.Vr.IsString())
            return ValueBytes.AreAlike(one, other);
        // What one side sent as unknown bytes is text where the other says so.
        var (mine, theirs) = (here.GetStrings(one.Tag), there.GetStrings(other.Tag));
        if (mine.Length == 0 || mine.Length != theirs.Length)
            return ValueBytes.AreAlike(one, other);
        var isName = one.Vr == Vr.PN || other.Vr == Vr.PN;
        for (var i = 0; i < mine.Length; i++)
        {
            if (!string.Equals(Plain(mine[i], isName), Plain(theirs[i], isName), StringComparison.Ordinal))
                return false;
        }

        return true;
    }

    // Padding says nothing, and neither do the delimiters at the end of a name (PS3.5 6.2, 6.2.1.1).
    private static string Plain(string text, bool isName) => isName
        ? string.Join("=", text.Split('=').Select(group => group.TrimEnd(NameEnds))).TrimEnd(NameEnds).Trim()
        : text.Trim(' ', '\0');

    private static string Show(DicomDataset dataset, DicomElement element) => element switch
    {
        DicomSequence sequence => $"{sequence.Items.Count} items",
        DicomFragments fragments => $"{fragments.Fragments.Count} fragments",
        DicomValue { Length: 0 } => "",
        DicomValue { Length: <= 1024 } value when dataset.GetStrings(value.Tag) is { Length: > 0 } texts => string.Join("\\", texts),
        DicomValue value => $"{value.Length} bytes",
        _ => "",
    };

    private sealed record Sides(TransferSyntax Here, TransferSyntax There, bool WithBytes, InstanceDifference Found);
}
