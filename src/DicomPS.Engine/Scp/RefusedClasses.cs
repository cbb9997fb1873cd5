using DicomPS.Associations;
using DicomPS.Dictionary;

namespace DicomPS.Scp;

/// <summary>Which SOP classes a caller proposed and cannot use, and why.</summary>
/// <param name="Text">In a sentence.</param>
/// <param name="FirstUid">The first of them.</param>
/// <param name="Advice">What to do about it.</param>
internal sealed record RefusedClasses(string Text, string FirstUid, string? Advice)
{
    // PS3.8 table 9-18: 3 is a SOP class that is not served, 4 one whose transfer syntaxes are not taken.
    private const byte NotServed = 3, NoSyntax = 4;
    private const int MostNames = 4;

    /// <summary>What an association refused; null when each class that was proposed can be used in each way.</summary>
    /// <param name="association">The association.</param>
    /// <param name="forbidden">The SOP classes that are served, and not to this caller.</param>
    /// <param name="options">What the server takes.</param>
    public static RefusedClasses? Of(Association association, IReadOnlyCollection<string> forbidden, DicomServerOptions options)
    {
        var usable = new HashSet<string>(association.AcceptedContexts.Select(context => context.AbstractSyntax), StringComparer.Ordinal);
        var closed = First(context => context.Result == NotServed && forbidden.Contains(context.AbstractSyntax));
        var unserved = First(context => context.Result == NotServed && !forbidden.Contains(context.AbstractSyntax));
        var syntaxes = First(context => context.Result == NoSyntax && !usable.Contains(context.AbstractSyntax));
        var others = First(context => context.Result is not (NotServed or NoSyntax) && !usable.Contains(context.AbstractSyntax));
        List<string> parts = [];
        if (closed.Count > 0)
            parts.Add($"not allowed to this caller: {Names(closed)}");
        if (unserved.Count > 0)
            parts.Add($"not served here: {Names(unserved)}");
        if (syntaxes.Count > 0)
            parts.Add(
                $"proposed only in transfer syntaxes that are not taken here: {Names(syntaxes)} in "
                + $"{string.Join(", ", syntaxes[0].TransferSyntaxes.Take(MostNames).Select(Name))}");
        if (others.Count > 0)
            parts.Add($"with a presentation context that is none: {Names(others)}");
        if (parts.Count == 0)
            return null;
        var classes = association.Request.PresentationContexts.Select(context => context.AbstractSyntax)
            .Distinct(StringComparer.Ordinal).Count();
        var refused = closed.Count + unserved.Count + syntaxes.Count + others.Count;
        var lead = association.AcceptedContexts.Count == 0
            ? "The association was accepted, but the caller can do nothing in it: nothing that it proposed is taken"
            : $"{refused} of the {classes} SOP classes that were proposed cannot be used";
        return new RefusedClasses($"{lead}; {string.Join("; ", parts)}.",
            (closed.Count > 0 ? closed : unserved.Count > 0 ? unserved : syntaxes.Count > 0 ? syntaxes : others)[0].AbstractSyntax,
            closed.Count > 0 ? AdviceFor(association, closed) : AdviceFor(unserved, syntaxes, options));

        List<RefusedContext> First(Func<RefusedContext, bool> isMeant) =>
            [.. association.RefusedContexts.Where(isMeant).GroupBy(context => context.AbstractSyntax, StringComparer.Ordinal)
                .Select(same => same.First())];
    }

    private static string AdviceFor(Association association, List<RefusedContext> closed)
    {
        var services = closed.Select(context => AccessOf.Class(context.AbstractSyntax)).Aggregate((all, one) => all | one);
        return $"If {association.Request.CallingAETitle} is to do that, add {AccessRuleText.Show(services)} to its rule of -Allow.";
    }

    private static string? AdviceFor(List<RefusedContext> unserved, List<RefusedContext> syntaxes, DicomServerOptions options)
    {
        if (unserved.Count > 0 && options.SopClasses is not null)
            return "It takes the classes of -SOPClass alone. If the caller needs it, add it there, or point the caller at a system that "
                + "has it; the rest is not hindered.";
        if (unserved.Exists(context => DicomDictionary.FindUid(context.AbstractSyntax) is null))
            return "A class without a name is private or newer than this version: -AllowUnknownSopClass takes it if it is a storage class.";
        if (unserved.Count > 0)
            return "This server does not offer that service. If the caller needs it, point it at a system that has it; the rest is not "
                + "hindered.";
        if (syntaxes.Count > 0 && options.TransferSyntaxes is not null)
            return "It takes the transfer syntaxes of -TransferSyntax alone. Add the one that was proposed there, or let the caller "
                + "propose one of those.";
        return syntaxes.Count > 0 ? "Let the caller propose Implicit or Explicit VR Little Endian as well."
            : "The caller's request is not what the standard has; its vendor knows why.";
    }

    private static string Names(List<RefusedContext> contexts)
    {
        var names = string.Join(", ", contexts.Take(MostNames).Select(context => Name(context.AbstractSyntax)));
        return contexts.Count > MostNames ? $"{names} and {contexts.Count - MostNames} more" : names;
    }

    // A UID is at most 64 characters, and what comes may be longer.
    private static string Name(string uid) => DicomDictionary.NameOf(uid.Length > 64 ? uid.Substring(0, 64) : uid);
}
