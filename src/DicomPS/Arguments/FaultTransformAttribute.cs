using System.Collections;
using System.Globalization;
using System.Management.Automation;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scp;

namespace DicomPS.Arguments;

/// <summary>Lets a FaultPlan parameter take a hashtable.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class FaultTransformAttribute : ArgumentTransformationAttribute
{
    /// <summary>The keys, each with an example and what it does.</summary>
    internal static readonly (string Key, string Example, string Meaning)[] Keys =
    [
        ("RefuseAssociation", "$true", "refuses every association for good; a number refuses so many for the moment"),
        ("AbortAfter", "1", "aborts each association after so many responses"),
        ("DelayMilliseconds", "500", "serves each request that much later"),
        ("FailEvery", "2", "fails every so many requests"),
        ("FailStatus", "'A700'", "the status that FailEvery fails with"),
        ("DropAfterBytes", "20000", "cuts the connection after so many bytes"),
    ];

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (value is FaultPlan ready)
            return ready;
        if (value is not IDictionary table)
            throw Wrong($"'{value}' is no hashtable.");
        var plan = new FaultPlan();
        foreach (System.Collections.DictionaryEntry entry in table)
            plan = With(plan, $"{entry.Key}", entry.Value is PSObject inner ? inner.BaseObject : entry.Value);
        try
        {
            plan.Check();
        }
        catch (ArgumentException e)
        {
            throw Wrong(ErrorRecords.Sentence(e).Split('\n')[0].Trim(), e);
        }

        return plan;
    }

    private static FaultPlan With(FaultPlan plan, string key, object? value) => key.ToUpperInvariant() switch
    {
        "REFUSEASSOCIATION" => plan with { RefuseAssociation = value is bool all ? (all ? int.MaxValue : 0) : Number<int>(key, value) },
        "ABORTAFTER" => plan with { AbortAfter = Number<int>(key, value) },
        "DELAYMILLISECONDS" => plan with { DelayMilliseconds = Number<int>(key, value) },
        "FAILEVERY" => plan with { FailEvery = Number<int>(key, value) },
        "FAILSTATUS" or "STATUS" => plan with { FailStatus = Status(value) },
        "DROPAFTERBYTES" => plan with { DropAfterBytes = Number<long>(key, value) },
        _ => throw Wrong($"'{key}' is no fault."),
    };

    private static T Number<T>(string key, object? value) =>
        value is not (null or bool) && LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out T number)
            ? number : throw Wrong($"{key} is a number, not '{value}'.");

    private static ushort Status(object? value)
    {
        if (value is string text)
            return DimseStatus.TryParse(StatusTable.Storage, text, out var code) || DimseStatus.TryParse(StatusTable.QrFind, text, out code)
                || DimseStatus.TryParse(StatusTable.QrMove, text, out code)
                ? code : throw Wrong($"'{text}' is no status: write A700, 0xA700 or 'Out of Resources'.");
        return value is not (null or bool) && LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out ushort number)
            ? number : throw Wrong($"'{value}' is no status: write A700, 0xA700 or 'Out of Resources'.");
    }

    private static ArgumentTransformationMetadataException Wrong(string what, Exception? inner = null) =>
        new(
            $"{what} -Fault takes a hashtable with {string.Join(", ", Keys.Select(key => key.Key))}, such as @{{ FailEvery = 2; "
            + $"FailStatus = 'A700' }}.", inner);
}
