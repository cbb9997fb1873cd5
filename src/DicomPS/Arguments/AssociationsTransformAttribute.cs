using System.Management.Automation;

namespace DicomPS.Arguments;

/// <summary>Lets a parameter take how many associations work side by side: a number, or Auto.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class AssociationsTransformAttribute : ArgumentTransformationAttribute
{
    /// <summary>Whether null and an empty text take back what is registered.</summary>
    public bool AllowsNone { get; set; }

    /// <inheritdoc/>
    public override bool TransformNullOptionalParameters => AllowsNone;

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (AllowsNone && value is null or "")
            return null;
        return AssociationCount.Normalize(value)
            ?? throw new ArgumentTransformationMetadataException($"'{value}' is no number of associations: {AssociationCount.Words}.");
    }
}
