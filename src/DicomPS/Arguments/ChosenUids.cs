using System.Management.Automation;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Serialization;

namespace DicomPS.Arguments;

/// <summary>What -SOPClass and -TransferSyntax name: keywords, names or UIDs, with wildcards, to UIDs.</summary>
internal static class ChosenUids
{
    // A UID has several spellings of its name: the tables of the services, the registry of PS3.6, and its title there.
    private sealed record Known(string Uid, string[] Names);

    private static readonly Lazy<Known[]> Classes = new(() =>
        [.. Enum.GetValues(typeof(SopClassService)).Cast<SopClassService>().SelectMany(DicomDictionary.SopClasses)
            .Select(row => Of(row.Uid, row.Keyword))]);

    private static readonly Lazy<Known[]> Syntaxes = new(() => [.. TransferSyntax.All.Select(syntax => Of(syntax.Uid, null))]);

    /// <summary>The SOP classes that are meant, null when nothing is given.</summary>
    /// <exception cref="ModuleException">A name stands for none.</exception>
    public static IReadOnlyCollection<string>? SopClasses(string[]? given) =>
        given is null ? null : Resolve(given, Classes.Value, "SOPClass", "SOP class", "CTImageStorage, Verification or *Find");

    /// <summary>The transfer syntaxes that are meant, null when nothing is given.</summary>
    /// <exception cref="ModuleException">A name stands for none.</exception>
    public static IReadOnlyList<string>? TransferSyntaxes(string[]? given) =>
        given is null ? null : Resolve(given, Syntaxes.Value, "TransferSyntax", "transfer syntax", "ExplicitVRLittleEndian or JPEG2000*");

    private static Known Of(string uid, string? keyword)
    {
        var entry = DicomDictionary.FindUid(uid);
        return new Known(uid, [.. new[] { keyword, entry?.Keyword, entry?.Name, uid }.OfType<string>().Where(name => name.Length > 0)]);
    }

    private static List<string> Resolve(string[] given, Known[] known, string parameter, string what, string such)
    {
        var found = new List<string>();
        foreach (var text in given.Select(text => text.Trim()))
        {
            var pattern = WildcardPattern.Get(text, WildcardOptions.IgnoreCase);
            var isPattern = WildcardPattern.ContainsWildcardCharacters(text);
            var fits = known.Where(row => row.Names.Any(name => isPattern ? pattern.IsMatch(name)
                : string.Equals(name, text, StringComparison.OrdinalIgnoreCase))).Select(row => row.Uid).ToList();
            // What the standard does not list can be named by its UID.
            if (fits.Count == 0 && !isPattern && text.IndexOf('.') > 0 && Uid.IsUsable(text))
                fits.Add(text);
            if (fits.Count == 0)
            {
                var near = Spelling.Nearest(text, known.SelectMany(row => row.Names));
                throw new ModuleException(ErrorIds.UidInvalid, ErrorCategory.InvalidArgument,
                    $"-{parameter} '{text}' names no {what}.",
                    $"{(near is null ? "" : $"Is '{near}' meant? ")}Give a keyword, a name or a UID, with wildcards if need be, such as "
                    + $"{such}; Tab completes.", text);
            }

            found.AddRange(fits.Where(uid => !found.Contains(uid)));
        }

        return found;
    }
}

/// <summary>Completes the SOP classes that a server can serve, by keyword.</summary>
public sealed class ServedClassCompleter : Completer
{
    private static readonly SopClassService[] Served =
    [
        SopClassService.Verification, SopClassService.Storage, SopClassService.NonPatientObject, SopClassService.Qr,
        SopClassService.BasicWorklist, SopClassService.StorageCommitment, SopClassService.RelevantPatientQuery,
        SopClassService.SubstanceAdministration, SopClassService.HangingProtocol, SopClassService.DefinedProcedure,
        SopClassService.ColorPalette, SopClassService.ImplantTemplate, SopClassService.ProtocolApproval, SopClassService.Inventory,
        SopClassService.ProcedureStep, SopClassService.InstanceAvailability,
    ];

    private protected override IEnumerable<(string Text, string ToolTip)> Candidates() =>
        Served.SelectMany(DicomDictionary.SopClasses).OrderBy(row => row.Keyword, StringComparer.OrdinalIgnoreCase)
            .Select(row => (row.Keyword, $"{DicomDictionary.NameOf(row.Uid)}, {row.Uid}"));
}

/// <summary>Completes transfer syntaxes, by keyword.</summary>
public sealed class TransferSyntaxCompleter : Completer
{
    private protected override IEnumerable<(string Text, string ToolTip)> Candidates() =>
        TransferSyntax.All.Select(syntax => (DicomDictionary.FindUid(syntax.Uid)?.Keyword ?? syntax.Uid, $"{syntax.Name}, {syntax.Uid}"))
            .OrderBy(row => row.Item1, StringComparer.OrdinalIgnoreCase);
}
