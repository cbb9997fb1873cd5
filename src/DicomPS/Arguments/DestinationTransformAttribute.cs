using System.Management.Automation;
using DicomPS.Associations;

namespace DicomPS.Arguments;

/// <summary>Lets the destination of a move be a node, or the name of a registered one; any other text is the AE title itself.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class DestinationTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : inputData;
        try
        {
            return value switch
            {
                string title => TitleOf(title.Trim()),
                null => "",
                _ => NodeArgument.Resolve(value).AETitle,
            };
        }
        catch (Exception e) when (e is DicomException or IOException or UnauthorizedAccessException)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }

    // What is the title of a registered node is meant as that.
    private static string TitleOf(string text)
    {
        if (text.Contains('@'))
            return NodeArgument.Resolve(text).AETitle;
        var nodes = new NodeStore().Read();
        if (nodes.Any(node => node.AETitle == text))
            return text;
        return nodes.FirstOrDefault(node => string.Equals(node.Name, text, StringComparison.OrdinalIgnoreCase))?.AETitle ?? text;
    }
}
