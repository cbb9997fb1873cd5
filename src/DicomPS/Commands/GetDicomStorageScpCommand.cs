using System.Management.Automation;
using DicomPS.Serving;
using DicomPS.Services;

namespace DicomPS.Commands;

/// <summary>Gets the storage SCPs that run in this process, whichever runspace started them.</summary>
[Cmdlet(VerbsCommon.Get, "DicomStorageScp")]
[OutputType(typeof(StorageServer), typeof(RegisteredService))]
public sealed class GetDicomStorageScpCommand : GetServerCmdlet<StorageServer>;
