using System.Management.Automation;
using System.Net.Sockets;
using System.Security.Cryptography;
using DicomPS.Associations;
using DicomPS.Querying;
using DicomPS.Retrieving;
using DicomPS.Scu;
using DicomPS.Sending;

namespace DicomPS;

/// <summary>The one place where a failure becomes an ErrorRecord: a stable id, a category, a target, and what to do about it.</summary>
internal static class Errors
{
    /// <summary>A registered node that is not there.</summary>
    public const string NodeNotFound = "DicomNodeNotFound";
    /// <summary>A node without a needed part, or with a wrong one.</summary>
    public const string NodeInvalid = "DicomNodeInvalid";
    /// <summary>An AE title that breaks the rules.</summary>
    public const string AETitleInvalid = "DicomAETitleInvalid";
    /// <summary>A UID that is none.</summary>
    public const string UidInvalid = "DicomUidInvalid";
    /// <summary>A name that is neither a keyword of the dictionary nor a tag.</summary>
    public const string KeywordUnknown = "DicomKeywordUnknown";
    /// <summary>Answers of which -Strict cannot say whether they fit.</summary>
    public const string AnswerNotJudged = "DicomAnswerNotJudged";
    /// <summary>An answer that is not what was asked for, and is not retrieved.</summary>
    public const string AnswerNotMatching = "DicomAnswerNotMatching";
    /// <summary>More answers than can be kept until they are taken.</summary>
    public const string AnswersTooMany = "DicomAnswersTooMany";
    /// <summary>A row of the pipeline whose keys are all empty.</summary>
    public const string RowWithoutKey = "DicomRowWithoutKey";
    /// <summary>A range of time that nothing lies in, or that is said twice.</summary>
    public const string DateRangeInvalid = "DicomDateRangeInvalid";
    /// <summary>A parameter that means nothing beside another one.</summary>
    public const string ParameterWithoutMeaning = "DicomParameterWithoutMeaning";
    /// <summary>A layout that is none.</summary>
    public const string LayoutInvalid = "DicomLayoutInvalid";
    /// <summary>A node file that cannot be understood.</summary>
    public const string NodeFileBroken = "DicomNodeFileBroken";
    /// <summary>A node file that another session holds.</summary>
    public const string NodeFileBusy = "DicomNodeFileBusy";
    /// <summary>A list of nodes that cannot be understood, or a row of it.</summary>
    public const string NodeListInvalid = "DicomNodeListInvalid";
    /// <summary>A node that is registered already, as another one.</summary>
    public const string NodeExists = "DicomNodeExists";
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
    /// <summary>An object that is no worklist item.</summary>
    public const string WorklistItemInvalid = "DicomWorklistItemInvalid";
    /// <summary>A running server that is not there.</summary>
    public const string ServerNotFound = "DicomServerNotFound";
    /// <summary>A running server that stores nothing.</summary>
    public const string ServerWithoutStudies = "DicomServerWithoutStudies";
    /// <summary>A study that was waited for and was not complete.</summary>
    public const string StudyIncomplete = "DicomStudyIncomplete";
    /// <summary>A port that something else listens on.</summary>
    public const string PortInUse = "DicomPortInUse";
    /// <summary>A $using: variable that is not there, or cannot be passed on.</summary>
    public const string UsingVariableInvalid = "DicomUsingVariableInvalid";
    /// <summary>A service without a script block, or a block without a service.</summary>
    public const string ServiceInvalid = "DicomServiceInvalid";
    /// <summary>A certificate that is missing or cannot be used.</summary>
    public const string CertificateInvalid = "DicomCertificateInvalid";

    /// <summary>A trace file that cannot be written.</summary>
    public const string TraceUnusable = "DicomTraceUnusable";
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
    /// <summary>A library that is there in another version, or not whole.</summary>
    public const string LibraryUnusable = "DicomLibraryUnusable";

    /// <summary>A name of a service or an account that is none, or a text that cannot stand in a file of the system.</summary>
    public const string ServiceNameInvalid = "DicomServiceNameInvalid";
    /// <summary>A service that was not registered.</summary>
    public const string ServiceNotFound = "DicomServiceNotFound";
    /// <summary>A service of that name is there already.</summary>
    public const string ServiceExists = "DicomServiceExists";
    /// <summary>A service whose definition cannot be read.</summary>
    public const string ServiceBroken = "DicomServiceBroken";
    /// <summary>A script that cannot be that of a service.</summary>
    public const string ServiceScriptInvalid = "DicomServiceScriptInvalid";
    /// <summary>A service that only an administrator may change.</summary>
    public const string ServiceNotPermitted = "DicomServiceNotPermitted";
    /// <summary>What this system does not know.</summary>
    public const string ServiceUnsupported = "DicomServiceUnsupported";
    /// <summary>The service manager of the system does not answer.</summary>
    public const string ServiceManagerMissing = "DicomServiceManagerMissing";
    /// <summary>The service manager refused, or could not do it.</summary>
    public const string ServiceFailed = "DicomServiceFailed";
    /// <summary>What to do when nothing better is known.</summary>
    public const string LastAdvice = "Run it again with -Verbose to see how far it comes.";

    /// <summary>Makes an ErrorRecord of any failure.</summary>
    public static ErrorRecord From(Exception failure, object? target)
    {
        if (LibraryConflict.Of(failure) is { } conflict)
            return Make(failure, LibraryUnusable, ErrorCategory.ResourceUnavailable, target, conflict.Message, conflict.Advice);
        if (failure is ModuleException known)
            return Make(failure, known.ErrorId, known.Category, known.Target ?? target, known.Message, known.Advice);
        if (failure is KeywordUnknownException unknown)
            return Make(failure, KeywordUnknown, ErrorCategory.InvalidArgument, unknown.Keyword, failure.Message,
                "Check the spelling; Tab completes the keywords of -Property and -Key.");
        var (id, category, advice) = Classify(failure);
        var sentence = Sentence(failure);
        return Make(failure, id, category, target, target is DicomNode node ? Of(node, sentence) : sentence,
            (failure as DicomException)?.Advice ?? advice);
    }

    /// <summary>Makes an ErrorRecord of an echo that failed.</summary>
    public static ErrorRecord From(EchoResult result)
    {
        Exception failure = result.GetException() ?? new DicomException(result.Failure ?? "The echo failed.") { Stage = result.GetStage() };
        var (id, category, advice) = Classify(failure);
        return Make(failure, id, category, result.Node, Of(result.Node, result.Failure ?? failure.Message), result.Advice ?? advice);
    }

    /// <summary>Makes an ErrorRecord of a file that was not stored.</summary>
    public static ErrorRecord From(StoreResult result)
    {
        Exception failure = result.GetException() ?? new DicomException(result.Error ?? result.Status) { Stage = DicomStage.Dimse };
        var (id, category, advice) = Classify(failure);
        var message = result.Error ?? failure.Message;
        if (result.Node is { } node
            && failure is DicomException { Stage: DicomStage.NameLookup or DicomStage.Tcp or DicomStage.Tls or DicomStage.Association })
            message = Of(node, message);
        if (!message.Contains(result.Path))
            message = $"{result.Path}: {message}";
        return Make(failure, id, category, result.Path, message, result.Advice ?? advice);
    }

    /// <summary>Makes an ErrorRecord of what stands behind the first that failed for a reason which all of them share.</summary>
    public static ErrorRecord Further(DicomException failure, string what, DicomNode node, string then, string how = "not sent")
    {
        var (id, category, advice) = Classify(failure);
        return Make(failure, id, category, node, $"{what} {how} for the same reason. {Of(node, failure.Message)}",
            $"{failure.Advice ?? advice} {then}");
    }

    // Of several nodes, which one; where the sentence begins with its bare address, that gives way to the name.
    private static string Of(DicomNode node, string sentence)
    {
        var address = $"{node.HostName}:{node.Port} ";
        return sentence.StartsWith(address, StringComparison.Ordinal) ? $"{node} {sentence.Substring(address.Length)}"
            : sentence.StartsWith($"{node}", StringComparison.Ordinal) ? sentence : $"{node}: {sentence}";
    }

    // Says which file, and leaves out which parameter of an inner method it was.
    public static string Sentence(Exception failure)
    {
        if (failure is DicomDataException { Path: { } path } && !failure.Message.Contains(path))
            return $"{path}: {failure.Message}";
        var end = (failure as ArgumentException ?? failure.InnerException as ArgumentException) is { ParamName: not null }
            ? failure.Message.LastIndexOf("Parameter", StringComparison.Ordinal) : -1;
        return end > 0 ? failure.Message.Substring(0, end).TrimEnd(' ', '(', '\r', '\n') : failure.Message;
    }

    /// <summary>
    /// Makes an ErrorRecord of a retrieve that did not bring everything. What broke on the way has its own id, what the verdict says
    /// one of the verdict's.
    /// </summary>
    public static ErrorRecord From(RetrieveResult result, string what)
    {
        Exception failure = result.GetException() ?? new DicomException(result.Status) { Stage = DicomStage.Dimse };
        var (id, category, advice) = Classify(failure);
        if (result.StatusCode is not null || result.GetException() is null)
            (id, category) = ($"DicomRetrieve{result.Verdict}",
                result.GetVerdict() == RetrieveVerdict.Cancelled ? ErrorCategory.OperationStopped : ErrorCategory.InvalidResult);
        // Of what was never asked for nothing is counted; there the node is what matters.
        var sentence = result is { Status: "NotSent", Node: { } node } ? Of(node, failure.Message) : failure.Message;
        string?[] counts = result.Status == "NotSent" ? [] :
        [
            result.Completed + result.Warning is { } done ? $"{done} done" : null,
            result.Failed is { } failed ? $"{failed} failed" : null,
            result.Remaining > 0 ? $"{result.Remaining} left" : null,
            result.Received is { } here ? $"{here} arrived here" : null,
        ];
        var said = string.Join(", ", counts.Where(count => count is not null));
        return Make(failure, id, category, what, $"{what}: {sentence}{(said.Length > 0 ? $" ({said})" : "")}", result.Advice ?? advice);
    }

    // The words may be a peer's: its Error Comment, its titles, its UIDs. Target and exception keep them as they are.
    private static ErrorRecord Make(Exception failure, string id, ErrorCategory category, object? target, string message, string advice)
    {
        var record = new ErrorRecord(failure, id, category, target)
        {
            ErrorDetails = new ErrorDetails(SafeText.Clean(message)) { RecommendedAction = SafeText.Clean(advice) },
        };
        if (SafeText.Clean(record.CategoryInfo.TargetName) is { } name && name != record.CategoryInfo.TargetName)
            record.CategoryInfo.TargetName = name;
        return record;
    }

    private static (string Id, ErrorCategory Category, string Advice) Other =>
        ("DicomFailure", ErrorCategory.NotSpecified, LastAdvice);

    private static (string Id, ErrorCategory Category, string Advice) Classify(Exception failure) => failure switch
    {
        DicomTimeoutException timeout => ($"Dicom{Capital(timeout.Name)}Timeout", ErrorCategory.OperationTimeout,
            "Try again; give a slow peer more time. Its log says what it was at."),
        DicomNetworkException { Problem: NetworkProblem.ProtocolViolation } =>
            ("DicomProtocolViolation", ErrorCategory.ProtocolError,
                "The peer breaks the rules of DICOM. Its vendor needs to know; a trace of the association shows what it sent."),
        // What broke after the first answers is told with their number; the cause decides.
        DicomNetworkException { Problem: NetworkProblem.None, InnerException: DicomNetworkException cause }
            and not AssociationAbortedException => Classify(cause),
        AssociationRejectedException { Result: 2 } =>
            ("DicomAssociationRejected", ErrorCategory.ResourceBusy, "The refusal is for the moment: try again later."),
        AssociationRejectedException => ("DicomAssociationRejected", ErrorCategory.PermissionDenied,
            "Check both AE titles against the peer's configuration; its log says more."),
        AssociationAbortedException => ("DicomAssociationAborted", ErrorCategory.ConnectionError,
            "Try again; the log of the peer says why the association ended."),
        DicomStatusException => ("DicomStatusFailure", ErrorCategory.InvalidResult,
            "The peer understood the request and refused it; its log says more."),
        AnswerSpoolException => (AnswersTooMany, ErrorCategory.LimitsExceeded, AnswerSpoolException.Remedy),
        DicomDataException => (FileUnreadable, ErrorCategory.InvalidData, "Check that it is a whole DICOM file."),
        Json.DicomJsonException => (JsonInvalid, ErrorCategory.ParserError, "Check the text; PS3.18 F describes the DICOM JSON model."),
        DicomException dicom => ClassifyByStage(dicom),
        FileNotFoundException or DirectoryNotFoundException or System.IO.DriveNotFoundException =>
            (FileNotFound, ErrorCategory.ObjectNotFound, "Check the path."),
        UnauthorizedAccessException =>
            ("DicomAccessDenied", ErrorCategory.PermissionDenied, "Check the permissions of the file or folder."),
        SocketException socket => ClassifySocket(socket),
        IOException => ("DicomReadWriteFailed", ErrorCategory.ReadError, "Check the disk and the file; another program may hold it."),
        CryptographicException => (CertificateInvalid, ErrorCategory.SecurityError,
            "Check the certificate, its private key and its password."),
        ArgumentException or FormatException =>
            ("DicomArgumentInvalid", ErrorCategory.InvalidArgument, "Correct the value; Get-Help tells what the parameter takes."),
        _ => Other,
    };

    private static (string Id, ErrorCategory Category, string Advice) ClassifyByStage(DicomException failure) => failure.Stage switch
    {
        DicomStage.NameLookup => ("DicomNameLookupFailed", ErrorCategory.ResourceUnavailable,
            "Check the spelling of the host name, or use its IP address."),
        DicomStage.Tcp when failure.InnerException is SocketException socket => ClassifySocket(socket),
        DicomStage.Tcp => ("DicomConnectionFailed", ErrorCategory.ConnectionError, "Check host, port and network."),
        DicomStage.Tls or DicomStage.Association => ((failure as DicomNetworkException)?.Problem ?? NetworkProblem.None) switch
        {
            NetworkProblem.CertificateRejected => ("DicomCertificateRejected", ErrorCategory.SecurityError,
                "Trust the certificate's issuer, or name its thumbprint with -TrustedThumbprint."),
            NetworkProblem.TlsHandshake => ("DicomTlsFailed", ErrorCategory.SecurityError,
                "Compare the TLS versions, ciphers and certificates of both sides."),
            NetworkProblem.TlsMismatch => ("DicomTlsMismatch", ErrorCategory.ProtocolError,
                "Call it with or without -Tls; Set-DicomNode NAME -Tls, or -Tls:$false, keeps it for a registered node."),
            NetworkProblem.ForeignProtocol => ("DicomPeerNotDicom", ErrorCategory.ProtocolError, "Check host and port."),
            _ => Other,
        },
        DicomStage.PresentationContext => ("DicomPresentationContextRejected", ErrorCategory.NotImplemented,
            "Ask the peer's administrator to allow this service for this AE title."),
        DicomStage.Dimse => ("DicomStatusFailure", ErrorCategory.InvalidResult,
            "The peer understood the request and refused it; its log says more."),
        DicomStage.File when failure.InnerException is { } inner and (IOException or UnauthorizedAccessException) => Classify(inner),
        DicomStage.File => (FileUnreadable, ErrorCategory.InvalidData, "Check that it is a whole DICOM file."),
        _ => Other,
    };

    private static (string Id, ErrorCategory Category, string Advice) ClassifySocket(
        SocketException failure) => failure.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => ("DicomConnectionRefused", ErrorCategory.ConnectionError,
                "Check the port, and that the DICOM service is running there."),
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain =>
                ("DicomNameLookupFailed", ErrorCategory.ResourceUnavailable, "Check the spelling of the host name, or use its IP address."),
            SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.NetworkDown =>
                ("DicomHostUnreachable", ErrorCategory.ConnectionError, "Check the address, the network and the firewalls between."),
            SocketError.AddressAlreadyInUse =>
                (PortInUse, ErrorCategory.ResourceBusy,
                    "Choose another -Port, or 0 for any free one; Get-DicomStorageScp and Get-DicomScp show the servers of this session."),
            SocketError.AccessDenied => ("DicomPortDenied", ErrorCategory.PermissionDenied,
                "Ports below 1024 need more rights on most systems: choose a port such as 11112."),
            SocketError.AddressNotAvailable => ("DicomAddressNotAvailable", ErrorCategory.InvalidArgument,
                "Choose an address of this machine."),
            _ => ("DicomConnectionFailed", ErrorCategory.ConnectionError, "Check host, port and network."),
        };

    private static string Capital(string name) => name.Length == 0 ? "" : char.ToUpperInvariant(name[0]) + name.Substring(1);
}

/// <summary>A name that is neither a keyword of the dictionary nor a tag.</summary>
internal sealed class KeywordUnknownException(string keyword, string? nearest)
    : ArgumentException($"'{keyword}' is no keyword of the DICOM dictionary and no tag. "
        + (nearest is null ? "Write a keyword such as PatientID, or a tag in quotes such as '0010,0020'." : $"Did you mean {nearest}?"))
{
    public string Keyword { get; } = keyword;
}

/// <summary>A mistake or a lack on this side of the wire that has an id of its own.</summary>
internal sealed class ModuleException(string errorId, ErrorCategory category, string message, string? advice, object? target,
    Exception? inner = null)
    : DicomException(message, inner)
{
    public string ErrorId { get; } = errorId;

    public ErrorCategory Category { get; } = category;

    public object? Target { get; } = target;

    public new string Advice { get; } = advice ?? Errors.LastAdvice;
}
