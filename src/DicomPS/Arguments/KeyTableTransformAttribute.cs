using System.Collections;
using System.Management.Automation;

namespace DicomPS.Arguments;

/// <summary>Lets a <see cref="KeyTable"/> be any hashtable, ordered or not.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class KeyTableTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            null or KeyTable => value,
            IDictionary table => new KeyTable(table),
            _ => throw new ArgumentTransformationMetadataException(
                $"'{value}' is no table of keys: write @{{ PatientName = 'DOE*' }}, with keywords, or tags in quotes, as keys."),
        };
    }
}
