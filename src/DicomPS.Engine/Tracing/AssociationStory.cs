using System.Globalization;
using DicomPS.Associations;
using DicomPS.Pdus;

namespace DicomPS.Tracing;

/// <summary>
/// Steps of an association in words, with what was proposed, accepted and refused by name; a hundred contexts stay a few lines.
/// </summary>
internal static class AssociationStory
{
    private const int MostNames = 6;
    private const int MostGroups = 6;

    /// <summary>The lines of a step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="request">The request, once there was one.</param>
    public static IEnumerable<string> Of(AssociationEvent step, AssociateRq? request)
    {
        yield return string.Format(CultureInfo.InvariantCulture, "{0} ({1:0.0} ms)", TraceText.Clean(step.Text, 500),
            step.Elapsed.TotalMilliseconds);
        foreach (var line in step.Pdu switch
        {
            AssociateRq rq => Proposed(rq),
            AssociateAc ac when request is not null => Answered(ac, request),
            _ => [],
        })
            yield return line;
    }

    private static IEnumerable<string> Proposed(AssociateRq rq) => Grouped(
        rq.PresentationContexts.Select(context => (string.Join(" or ", context.TransferSyntaxes.Take(MostNames).Select(TraceText.Name)),
            TraceText.Name(context.AbstractSyntax))),
        syntaxes => $"proposed in {syntaxes}");

    private static IEnumerable<string> Answered(AssociateAc ac, AssociateRq request)
    {
        var classes = new Dictionary<byte, string>();
        foreach (var context in request.PresentationContexts)
            classes[context.Id] = TraceText.Name(context.AbstractSyntax);
        var answers = ac.PresentationContexts.Where(context => classes.ContainsKey(context.Id)).ToArray();
        return Grouped(answers.Where(context => context.Result == 0)
            .Select(context => (TraceText.Name(context.TransferSyntax), classes[context.Id])), syntax => $"accepted in {syntax}")
            .Concat(Grouped(answers.Where(context => context.Result != 0)
                .Select(context => (PduNames.ContextResult(context.Result), classes[context.Id])),
                reason => reason.StartsWith("refused", StringComparison.Ordinal) ? reason : $"refused, {reason}"));
    }

    private static IEnumerable<string> Grouped(IEnumerable<(string Key, string Name)> contexts, Func<string, string> head)
    {
        var groups = contexts.GroupBy(context => context.Key).ToArray();
        foreach (var group in groups.Take(MostGroups))
            yield return $"{head(group.Key)}: {Names(group.Select(context => context.Name).Distinct().ToArray())}";
        if (groups.Length > MostGroups)
            yield return $"and {groups.Skip(MostGroups).Sum(group => group.Count())} contexts more; a trace lists all";
    }

    private static string Names(string[] names) => names.Length <= MostNames ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(MostNames))} and {names.Length - MostNames} more";
}
