using System.Management.Automation;

namespace DicomPS.Arguments;

/// <summary>Lets Matches be bound from a CSV row, where it is a text; an empty cell means that it is not known.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class MatchTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override bool TransformNullOptionalParameters => false;

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (value is not string text)
            return inputData;
        if (string.IsNullOrWhiteSpace(text))
            return null;
        return bool.TryParse(text, out var truth) ? truth
            : throw new ArgumentTransformationMetadataException($"'{text}' is neither True nor False.");
    }
}
