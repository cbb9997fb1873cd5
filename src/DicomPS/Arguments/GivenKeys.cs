using System.Collections;
using System.Management.Automation;
using DicomPS.Associations;

namespace DicomPS.Arguments;

/// <summary>Keys as they stand on a command line.</summary>
internal static class GivenKeys
{
    /// <summary>
    /// The error for a key that is written and empty, as a variable that was never set is: taken for no key it would ask for
    /// everything. Null when there is none.
    /// </summary>
    /// <param name="bound">The parameters of the command line.</param>
    /// <param name="keys">Which of them are keys.</param>
    /// <param name="instead">What to do when that is meant.</param>
    public static ModuleException? Empty(IDictionary<string, object> bound, IEnumerable<string> keys, string instead)
    {
        foreach (var key in keys)
        {
            if (bound.TryGetValue(key, out var value) && IsEmpty(value))
            {
                return new ModuleException(ErrorIds.KeyEmpty, ErrorCategory.InvalidArgument,
                    $"-{key} is given and is empty: nothing was asked for.",
                    $"Look where its value comes from. {instead}", key);
            }
        }

        return null;
    }

    private static bool IsEmpty(object? given)
    {
        var value = given is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : given;
        return value switch
        {
            null => true,
            string text => string.IsNullOrWhiteSpace(text),
            IEnumerable list and not IDictionary => list.Cast<object?>().All(IsEmpty),
            _ => false,
        };
    }
}
