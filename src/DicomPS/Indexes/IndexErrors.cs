using System.Management.Automation;
using DicomPS.Archiving.Databases;

namespace DicomPS.Indexes;

/// <summary>Failures of an index, under an id of their own.</summary>
internal static class IndexErrors
{
    /// <summary>Runs something with an index; what the index cannot do is an <see cref="ErrorIds.IndexUnusable"/>.</summary>
    public static async Task<T> Named<T>(Func<Task<T>> work, string path)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (DicomException e) when (e is not ModuleException)
        {
            throw Of(e, path);
        }
    }

    /// <summary>The failure under its id.</summary>
    /// <param name="failure">What failed.</param>
    /// <param name="target">The index, or the entry that it does not take.</param>
    public static ModuleException Of(DicomException failure, object target) => Of(failure, failure.Message, target);

    /// <summary>What was not written, because of the index and not of what was to be written.</summary>
    /// <param name="problem">What failed.</param>
    /// <param name="path">The index.</param>
    /// <param name="count">How many entries.</param>
    public static Exception NotWritten(Exception problem, string path, int count) => problem is DicomException failure
        ? Of(failure, $"{failure.Message} {count} {(count == 1 ? "entry was" : "entries were")} not written.", path) : problem;

    /// <summary>Whether it is a value of the entry that the index does not take; others may get in.</summary>
    public static bool IsOfValue(Exception problem) => problem is StoreException { IsOfValue: true };

    /// <summary>Whether a server was waited for and has not come back.</summary>
    public static bool IsAway(Exception problem) => problem is StoreException { IsTransient: true };

    private static ModuleException Of(DicomException failure, string message, object target) =>
        new(ErrorIds.IndexUnusable, failure.IsTransient ? ErrorCategory.ResourceBusy : ErrorCategory.OpenError, message, failure.Advice,
            target, failure);
}
