namespace DicomPS.NodeLists;

/// <summary>Which program a list of nodes was written for.</summary>
public enum NodeListFormat
{
    /// <summary>What the file looks like.</summary>
    Auto,

    /// <summary>The configuration of Orthanc: JSON with comments, and DicomModalities in it.</summary>
    Orthanc,

    /// <summary>The configuration of DCMTK's dcmqrscp, and its HostTable.</summary>
    Dcmqrscp,

    /// <summary>An LDIF of the configuration of dcm4che, as PS3.15 H has it.</summary>
    Dcm4che,

    /// <summary>A table with a line of names: Name, AETitle, HostName, Port.</summary>
    Csv,
}
