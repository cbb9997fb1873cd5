using System.Management.Automation;
using DicomPS.Serving;

namespace DicomPS.Commands;

/// <summary>Gets the storage SCPs that run in this process, whichever runspace started them.</summary>
[Cmdlet(VerbsCommon.Get, "DicomStorageScp")]
[OutputType(typeof(StorageServer))]
public sealed class GetDicomStorageScpCommand : GetServerCmdlet<StorageServer>;
