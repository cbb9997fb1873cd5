using System.Collections;
using System.Management.Automation;

namespace DicomPS.Nodes;

/// <summary>Lets a parameter of type DicomNode, or an array of it, take whatever <see cref="NodeArgument"/> understands.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class NodeTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : inputData;
        try
        {
            return value is IList
                ? ((IList)value).Cast<object?>().Select(NodeArgument.Resolve).ToArray()
                : NodeArgument.Resolve(value);
        }
        catch (Exception e) when (e is DicomException or IOException or UnauthorizedAccessException)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }
}
