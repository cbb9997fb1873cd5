using System.Collections;
using System.Management.Automation;

namespace DicomPS.Arguments;

/// <summary>Lets a parameter of type DicomNode, or an array of it, take whatever <see cref="NodeArgument"/> understands.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class NodeTransformAttribute : ArgumentTransformationAttribute
{
    /// <summary>Whether it is a node to register: a word that is no node then is most likely the first of its parts.</summary>
    public bool IsRegistering { get; set; }

    /// <summary>Whether a row may say nothing here, as an answer of an index does: then the cmdlet looks for the node elsewhere.</summary>
    public bool IsOptional { get; set; }

    /// <summary>What is said where a text names no node: what the parameter is, and what may be meant.</summary>
    public string? Hint { get; set; }

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : inputData;
        if (IsOptional && (value is null || (value is string text && string.IsNullOrWhiteSpace(text))))
            return null;

        try
        {
            return value is IList
                ? ((IList)value).Cast<object?>().Select(NodeArgument.Resolve).ToArray()
                : NodeArgument.Resolve(value);
        }
        catch (ModuleException e) when (IsRegistering && e.ErrorId == ErrorIds.NodeNotFound)
        {
            throw new ArgumentTransformationMetadataException(
                $"'{value}' is no whole node. Set-DicomNode takes a name and AETITLE@host:port, such as "
                + "Set-DicomNode pacs DCMQR@localhost:11112, or a name and the parts by theirs, such as Set-DicomNode pacs -AETitle DCMQR "
                + "-HostName localhost -Port 11112.", e);
        }
        catch (Exception e) when (e is DicomException or IOException or UnauthorizedAccessException)
        {
            throw new ArgumentTransformationMetadataException(Hint is null ? e.Message : $"{e.Message} {Hint}", e);
        }
    }
}
