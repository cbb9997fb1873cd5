namespace DicomPS.Arguments;

/// <summary>Completes why a procedure step was given up.</summary>
public sealed class DiscontinuationCompleter : Completer
{
    private protected override IEnumerable<(string Text, string ToolTip)> Candidates() =>
        DiscontinuationReason.All.Select(reason => (reason.Meaning, reason.Code));
}
