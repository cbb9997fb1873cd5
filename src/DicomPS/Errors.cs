using System.Management.Automation;
using System.Net.Sockets;
using System.Security.Cryptography;
using DicomPS.Scu;
using DicomPS.Transfer;

namespace DicomPS;

/// <summary>The one place where a failure becomes an ErrorRecord: a stable id, a category, a target, and what to do about it.</summary>
internal static class Errors
{
    /// <summary>A registered node that is not there.</summary>
    public const string NodeNotFound = "DicomNodeNotFound";
    /// <summary>A node without a needed part, or with a wrong one.</summary>
    public const string NodeInvalid = "DicomNodeInvalid";
    /// <summary>A node file that cannot be understood.</summary>
    public const string NodeFileBroken = "DicomNodeFileBroken";
    /// <summary>A node file that another session holds.</summary>
    public const string NodeFileBusy = "DicomNodeFileBusy";
    /// <summary>A file or folder that is not there.</summary>
    public const string FileNotFound = "DicomFileNotFound";
    /// <summary>A folder in which nothing could be sent.</summary>
    public const string FolderWithoutDicom = "DicomFolderWithoutDicom";
    /// <summary>A folder that cannot be listed.</summary>
    public const string FolderUnreadable = "DicomFolderUnreadable";
    /// <summary>A folder that cannot be made or written to.</summary>
    public const string FolderNotWritable = "DicomFolderNotWritable";
    /// <summary>A file that is no DICOM, or is cut short.</summary>
    public const string FileUnreadable = "DicomFileUnreadable";
    /// <summary>A text that is no JSON, or JSON that is no dataset.</summary>
    public const string JsonInvalid = "DicomJsonInvalid";
    /// <summary>A running server that is not there.</summary>
    public const string ServerNotFound = "DicomServerNotFound";
    /// <summary>A port that something else listens on.</summary>
    public const string PortInUse = "DicomPortInUse";
    /// <summary>A $using: variable that is not there, or cannot be passed on.</summary>
    public const string UsingVariableInvalid = "DicomUsingVariableInvalid";
    /// <summary>A service without a script block, or a block without a service.</summary>
    public const string ServiceInvalid = "DicomServiceInvalid";
    /// <summary>A certificate that is missing or cannot be used.</summary>
    public const string CertificateInvalid = "DicomCertificateInvalid";

    /// <summary>An index that is not there, or cannot be opened, read or written.</summary>
    public const string IndexUnusable = "DicomIndexUnusable";
    /// <summary>An archive that is open already, here or in another process.</summary>
    public const string ArchiveBusy = "DicomArchiveBusy";
    /// <summary>Files to be imported, and no archive or several to import them into.</summary>
    public const string ArchiveMissing = "DicomArchiveMissing";
    /// <summary>Something that cannot be put into an index.</summary>
    public const string IndexInputUnknown = "DicomIndexInputUnknown";
    /// <summary>Keys of a retrieve that do not make a request.</summary>
    public const string RetrieveKeysInvalid = "DicomRetrieveKeysInvalid";
    /// <summary>A move without a place to go to, or with two.</summary>
    public const string DestinationMissing = "DicomDestinationMissing";
    /// <summary>A move to this machine without a port that is agreed with the peer.</summary>
    public const string LocalPortMissing = "DicomLocalPortMissing";

    /// <summary>Storage commitment without anything to ask for.</summary>
    public const string CommitmentInputUnknown = "DicomCommitmentInputUnknown";
    /// <summary>Instances that a peer does not answer for.</summary>
    public const string NotCommitted = "DicomNotCommitted";

    /// <summary>Makes an ErrorRecord of any failure.</summary>
    public static ErrorRecord From(Exception failure, object? target)
    {
        if (failure is ModuleException known)
            return Make(failure, known.ErrorId, known.Category, target ?? known.Target, known.Message, known.Advice);
        (string id, ErrorCategory category, string? advice) = Classify(failure);
        return Make(failure, id, category, target, Sentence(failure), (failure as DicomException)?.Advice ?? advice);
    }

    /// <summary>Makes an ErrorRecord of an echo that failed.</summary>
    public static ErrorRecord From(EchoResult result)
    {
        Exception failure = result.GetException() ?? new DicomException(result.Failure ?? "The echo failed.") { Stage = result.Stage };
        (string id, ErrorCategory category, string? advice) = Classify(failure);
        return Make(failure, id, category, result.Node, result.Failure ?? failure.Message, result.Advice ?? advice);
    }

    /// <summary>Makes an ErrorRecord of a file that was not stored.</summary>
    public static ErrorRecord From(StoreResult result)
    {
        Exception failure = result.GetException() ?? new DicomException(result.Error ?? result.Status) { Stage = DicomStage.Dimse };
        (string id, ErrorCategory category, string? advice) = Classify(failure);
        string message = result.Error ?? failure.Message;
        if (!message.Contains(result.Path))
            message = $"{result.Path}: {message}";
        return Make(failure, id, category, result.Path, message, result.Advice ?? advice);
    }

    // Says which file, and leaves out which parameter of an inner method it was.
    public static string Sentence(Exception failure)
    {
        if (failure is DicomDataException { Path: { } path } && !failure.Message.Contains(path))
            return $"{path}: {failure.Message}";
        int end = failure is ArgumentException { ParamName: not null } ? failure.Message.LastIndexOf("Parameter", StringComparison.Ordinal) : -1;
        return end > 0 ? failure.Message.Substring(0, end).TrimEnd(' ', '(', '\r', '\n') : failure.Message;
    }

    /// <summary>Makes an ErrorRecord of a retrieve that did not bring everything. What broke on the way has its own id, what the verdict says one of the verdict's.</summary>
    public static ErrorRecord From(RetrieveResult result, string what)
    {
        Exception failure = result.GetException() ?? new DicomException(result.Status) { Stage = DicomStage.Dimse };
        (string id, ErrorCategory category, string? advice) = Classify(failure);
        if (result.StatusCode is not null || result.GetException() is null)
            (id, category) = ($"DicomRetrieve{result.Verdict}", result.Verdict == RetrieveVerdict.Cancelled ? ErrorCategory.OperationStopped : ErrorCategory.InvalidResult);
        string?[] counts =
        [
            result.Completed + result.Warning is { } done ? $"{done} done" : null,
            result.Failed is { } failed ? $"{failed} failed" : null,
            result.Remaining > 0 ? $"{result.Remaining} left" : null,
            result.Received is { } here ? $"{here} arrived here" : null,
        ];
        string said = string.Join(", ", counts.Where(count => count is not null));
        return Make(failure, id, category, what, $"{what}: {failure.Message}{(said.Length > 0 ? $" ({said})" : "")}", result.Advice ?? advice);
    }

    private static ErrorRecord Make(Exception failure, string id, ErrorCategory category, object? target, string message, string? advice) =>
        new(failure, id, category, target) { ErrorDetails = new ErrorDetails(message) { RecommendedAction = advice ?? "" } };

    private static (string Id, ErrorCategory Category, string? Advice) Classify(Exception failure) => failure switch
    {
        DicomTimeoutException timeout => ($"Dicom{Capital(timeout.Name)}Timeout", ErrorCategory.OperationTimeout, null),
        AssociationRejectedException { Result: 2 } => ("DicomAssociationRejected", ErrorCategory.ResourceBusy, null),
        AssociationRejectedException => ("DicomAssociationRejected", ErrorCategory.PermissionDenied, null),
        AssociationAbortedException => ("DicomAssociationAborted", ErrorCategory.ConnectionError, null),
        DicomStatusException => ("DicomStatusFailure", ErrorCategory.InvalidResult, null),
        DicomDataException => (FileUnreadable, ErrorCategory.InvalidData, null),
        Json.DicomJsonException => (JsonInvalid, ErrorCategory.ParserError, "Check the text; PS3.18 F describes the DICOM JSON model."),
        DicomException dicom => ClassifyByStage(dicom),
        FileNotFoundException or DirectoryNotFoundException or System.IO.DriveNotFoundException =>
            (FileNotFound, ErrorCategory.ObjectNotFound, "Check the path."),
        UnauthorizedAccessException =>
            ("DicomAccessDenied", ErrorCategory.PermissionDenied, "Check the permissions of the file or folder."),
        SocketException socket => ClassifySocket(socket),
        IOException => ("DicomReadWriteFailed", ErrorCategory.ReadError, null),
        CryptographicException => (CertificateInvalid, ErrorCategory.SecurityError, null),
        ArgumentException or FormatException => ("DicomArgumentInvalid", ErrorCategory.InvalidArgument, null),
        _ => ("DicomFailure", ErrorCategory.NotSpecified, null),
    };

    private static (string Id, ErrorCategory Category, string? Advice) ClassifyByStage(DicomException failure) => failure.Stage switch
    {
        DicomStage.NameLookup => ("DicomNameLookupFailed", ErrorCategory.ResourceUnavailable, null),
        DicomStage.Tcp when failure.InnerException is SocketException socket => ClassifySocket(socket),
        DicomStage.Tcp => ("DicomConnectionFailed", ErrorCategory.ConnectionError, null),
        // The engine has one exception for the three; its sentences tell them apart.
        DicomStage.Tls when failure.Message.Contains("not trusted") => ("DicomCertificateRejected", ErrorCategory.SecurityError, null),
        DicomStage.Tls when failure.Message.Contains("handshake failed") => ("DicomTlsFailed", ErrorCategory.SecurityError, null),
        DicomStage.Tls => ("DicomTlsMismatch", ErrorCategory.ProtocolError, null),
        DicomStage.Association => ("DicomPeerNotDicom", ErrorCategory.ProtocolError, null),
        DicomStage.PresentationContext => ("DicomPresentationContextRejected", ErrorCategory.NotImplemented, null),
        DicomStage.Dimse => ("DicomStatusFailure", ErrorCategory.InvalidResult, null),
        DicomStage.File when failure.InnerException is { } inner and (IOException or UnauthorizedAccessException) => Classify(inner),
        DicomStage.File => (FileUnreadable, ErrorCategory.InvalidData, null),
        _ => ("DicomFailure", ErrorCategory.NotSpecified, null),
    };

    private static (string Id, ErrorCategory Category, string? Advice) ClassifySocket(SocketException failure) => failure.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => ("DicomConnectionRefused", ErrorCategory.ConnectionError, null),
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain =>
            ("DicomNameLookupFailed", ErrorCategory.ResourceUnavailable, null),
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.NetworkDown =>
            ("DicomHostUnreachable", ErrorCategory.ConnectionError, null),
        SocketError.AddressAlreadyInUse =>
            (PortInUse, ErrorCategory.ResourceBusy, "Choose another -Port, or 0 for any free one; Get-DicomStorageScp and Get-DicomScp show the servers of this session."),
        SocketError.AccessDenied => ("DicomPortDenied", ErrorCategory.PermissionDenied,
            "Ports below 1024 need more rights on most systems: choose a port such as 11112."),
        SocketError.AddressNotAvailable => ("DicomAddressNotAvailable", ErrorCategory.InvalidArgument, "Choose an address of this machine."),
        _ => ("DicomConnectionFailed", ErrorCategory.ConnectionError, null),
    };

    private static string Capital(string name) => name.Length == 0 ? "" : char.ToUpperInvariant(name[0]) + name.Substring(1);
}

/// <summary>A mistake or a lack on this side of the wire that has an id of its own.</summary>
internal sealed class ModuleException(string errorId, ErrorCategory category, string message, string? advice, object? target, Exception? inner = null)
    : DicomException(message, inner)
{
    public string ErrorId { get; } = errorId;

    public ErrorCategory Category { get; } = category;

    public object? Target { get; } = target;

    public new string? Advice { get; } = advice;
}
