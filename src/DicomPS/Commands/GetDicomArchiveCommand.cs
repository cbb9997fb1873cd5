using System.Management.Automation;
using DicomPS.Archives;
using DicomPS.Servers;

namespace DicomPS.Commands;

/// <summary>Gets the archives that run in this process, whichever runspace started them.</summary>
[Cmdlet(VerbsCommon.Get, "DicomArchive")]
[OutputType(typeof(ArchiveServer))]
public sealed class GetDicomArchiveCommand : GetServerCmdlet<ArchiveServer>;
