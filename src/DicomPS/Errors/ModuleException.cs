using System.Management.Automation;

namespace DicomPS.Errors;

/// <summary>A mistake or a lack on this side of the wire that has an id of its own.</summary>
internal sealed class ModuleException(string errorId, ErrorCategory category, string message, string? advice, object? target,
    Exception? inner = null)
    : DicomException(message, inner)
{
    public string ErrorId { get; } = errorId;

    public ErrorCategory Category { get; } = category;

    public object? Target { get; } = target;

    public new string Advice { get; } = advice ?? ErrorRecords.LastAdvice;
}
