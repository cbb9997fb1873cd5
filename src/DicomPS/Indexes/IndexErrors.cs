using System.Management.Automation;

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
    public static ModuleException Of(DicomException failure, string path) =>
        new(ErrorIds.IndexUnusable, failure.IsTransient ? ErrorCategory.ResourceBusy : ErrorCategory.OpenError, failure.Message,
            failure.Advice, path, failure);
}
