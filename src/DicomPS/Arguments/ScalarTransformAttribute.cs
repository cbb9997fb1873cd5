using System.Collections;
using System.Management.Automation;

namespace DicomPS.Arguments;

/// <summary>
/// Lets a parameter for ids take texts and numbers from the pipeline, and leaves objects to the parameters that take their properties:
/// PowerShell would turn a row into the text @{...} otherwise.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class ScalarTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        var isPlain = value is null or string or IConvertible
            || (value is IEnumerable list and not IDictionary
                && list.Cast<object?>().All(one => (one is PSObject inner ? inner.BaseObject : one) is null or string or IConvertible));
        // Of this kind PowerShell does not complain, but looks at the properties of the object.
        return isPlain ? inputData! : throw new ArgumentTransformationMetadataException("It is an object and no id.",
            new PSInvalidCastException("It is an object and no id."));
    }
}
