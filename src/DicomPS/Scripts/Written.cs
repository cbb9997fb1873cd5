using System.Collections;
using System.Management.Automation;
using System.Net;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;

namespace DicomPS.Scripts;

/// <summary>
/// One answer of a block: an object, and the status that was written before it in a pair, such as (0xFF00, $dataset).
/// </summary>
/// <param name="Value">The object; null where the pair has none.</param>
/// <param name="Status">The status of the pair; null for what is written without one.</param>
internal readonly record struct Written(PSObject? Value, ushort? Status)
{
    /// <summary>
    /// Puts pairs together. A pair is an array or a tuple of a status and an answer, as handlers of pynetdicom have it; written without
    /// a comma before it, the pipeline takes it apart, so that a pending status stands before its answer.
    /// </summary>
    /// <param name="outputs">What the block writes.</param>
    /// <param name="zeroEnds">
    /// Whether a 0 that is the last thing is Success, as a handler of pynetdicom returns it: alone, or with None, which the pipeline drops.
    /// One before others comes from a method that gives it back by accident, such as ArrayList.Add, and must not cut the answer.
    /// </param>
    public static async IAsyncEnumerable<Written> PairAsync(IAsyncEnumerable<PSObject> outputs, bool zeroEnds = false)
    {
        ushort? waiting = null;
        PSObject? zero = null;
        await foreach (var output in outputs.ConfigureAwait(false))
        {
            if (zero is { } early)
                yield return new Written(early, null);
            zero = null;
            if (zeroEnds && waiting is null && output.BaseObject is ValueType && Answers.Number(output) is 0)
            {
                zero = output;
                continue;
            }

            if (TryPair(output, out var first, out var second) && StatusOf(first) is { } status)
            {
                if (waiting is { } alone)
                    yield return new Written(null, alone);
                waiting = null;
                yield return new Written(second is null ? null : PSObject.AsPSObject(second), status);
            }
            else if (output.BaseObject is ValueType && Answers.Number(output) is { } number
                && DimseStatus.CategoryOf(number) == DimseStatusCategory.Pending)
            {
                if (waiting is { } alone)
                    yield return new Written(null, alone);
                waiting = number;
            }
            else
            {
                yield return new Written(output, waiting);
                waiting = null;
            }
        }

        if (waiting is { } last)
            yield return new Written(null, last);
        if (zero is { })
            yield return new Written(null, Statuses.Success);
    }

    /// <summary>The parts of an array or tuple of two.</summary>
    public static bool TryPair(PSObject? written, out object? first, out object? second)
    {
        (first, second) = (null, null);
        switch (written?.BaseObject)
        {
            case DicomDataset or IDictionary:
                return false;
            case IList { Count: 2 } list:
                (first, second) = (Bare(list[0]), Bare(list[1]));
                return true;
            case { } value when value.GetType() is { IsGenericType: true } type
                && (type.GetGenericTypeDefinition() == typeof(Tuple<,>) || type.GetGenericTypeDefinition() == typeof(ValueTuple<,>)):
                (first, second) = (Bare(written.Properties["Item1"]?.Value), Bare(written.Properties["Item2"]?.Value));
                return true;
            default:
                return false;
        }
    }

    /// <summary>A host and a port as a move destination, which has the title that was asked for.</summary>
    /// <param name="host">A host name or an address.</param>
    /// <param name="port">Its port.</param>
    /// <param name="title">The move destination of the request.</param>
    public static DicomNode? Node(object? host, object? port, string? title)
    {
        if (Host(host) is not { } name || Answers.Number(port) is not (> 0 and { } number))
            return null;
        return NodeArgument.Create(null, title, name, number, null, null, null, tls: false);
    }

    /// <summary>Whether it is a host without its port, which follows: a text that is neither a node nor the name of one.</summary>
    public static bool IsHost(PSObject written) => written.BaseObject is IPAddress
        || (written.BaseObject is string text && Host(text) is { } && !text.Contains('@') && !NodeArgument.IsRegistered(text));

    // A small number is no status of DICOM but 0.
    private static ushort? StatusOf(object? value) => value is ValueType && Answers.Number(value) is { } number && (number is 0 or > 0xFF)
        ? number : null;

    private static string? Host(object? value) => value switch
    {
        IPAddress address => address.ToString(),
        string text when Uri.CheckHostName(text.Trim()) != UriHostNameType.Unknown => text.Trim(),
        _ => null,
    };

    private static object? Bare(object? value) => value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
}
