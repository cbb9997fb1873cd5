using System.Collections.ObjectModel;

namespace DicomPS.Scp;

/// <summary>Broken instances at one moment. As text, such as in a cell of a CSV file, their SOP Instance UIDs.</summary>
public sealed class BrokenInstanceList : ReadOnlyCollection<BrokenInstance>
{
    internal BrokenInstanceList(IList<BrokenInstance> instances)
        : base(instances)
    {
    }

    /// <summary>The SOP Instance UIDs, one behind the other with a backslash between them.</summary>
    public override string ToString() => SafeText.Clean(string.Join("\\", this.Select(instance => instance.SOPInstanceUID)));
}
