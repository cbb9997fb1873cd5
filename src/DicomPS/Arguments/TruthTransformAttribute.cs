using System.Management.Automation;

namespace DicomPS.Arguments;

/// <summary>Lets a switch be bound from a CSV row, where true and false are texts.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class TruthTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (value is not string text)
            return inputData;
        if (text.Length == 0)
            return false;
        return bool.TryParse(text, out var truth) ? truth
            : throw new ArgumentTransformationMetadataException($"'{text}' is neither True nor False.");
    }
}
