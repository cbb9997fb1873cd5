using System.Management.Automation;
using System.Net.Sockets;
using System.Security.Cryptography;
using DicomPS.Associations;
using DicomPS.Querying;
using DicomPS.Retrieving;
using DicomPS.Scu;
using DicomPS.Sending;

namespace DicomPS.Errors;

/// <summary>The one place where a failure becomes an ErrorRecord: a stable id, a category, a target, and what to do about it.</summary>
internal static class ErrorRecords
{
    /// <summary>What to do when nothing better is known.</summary>
    public const string LastAdvice = "Run it again with -Verbose to see how far it comes.";

    /// <summary>Makes an ErrorRecord of any failure.</summary>
    public static ErrorRecord From(Exception failure, object? target)
    {
        if (LibraryConflict.Of(failure) is { } conflict)
            return Make(failure, ErrorIds.LibraryUnusable, ErrorCategory.ResourceUnavailable, target, conflict.Message, conflict.Advice);
        if (failure is ModuleException known)
            return Make(failure, known.ErrorId, known.Category, known.Target ?? target, known.Message, known.Advice);
        if (failure is KeywordUnknownException unknown)
            return Make(failure, ErrorIds.KeywordUnknown, ErrorCategory.InvalidArgument, unknown.Keyword, failure.Message,
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
        // A request that was never sent has no counts; there the node matters.
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
        (ErrorIds.Failure, ErrorCategory.NotSpecified, LastAdvice);

    private static (string Id, ErrorCategory Category, string Advice) Classify(Exception failure) => failure switch
    {
        DicomTimeoutException timeout => ($"Dicom{Capital(timeout.Name)}Timeout", ErrorCategory.OperationTimeout,
            "Try again; give a slow peer more time. Its log says what it was at."),
        DicomNetworkException { Problem: NetworkProblem.ProtocolViolation } =>
            (ErrorIds.ProtocolViolation, ErrorCategory.ProtocolError,
                "The peer breaks the rules of DICOM. Its vendor needs to know; a trace of the association shows what it sent."),
        // What broke after the first answers is told with their number; the cause decides.
        DicomNetworkException { Problem: NetworkProblem.None, InnerException: DicomNetworkException cause }
            and not AssociationAbortedException => Classify(cause),
        AssociationRejectedException { Result: 2 } =>
            (ErrorIds.AssociationRejected, ErrorCategory.ResourceBusy, "The refusal is for the moment: try again later."),
        AssociationRejectedException => (ErrorIds.AssociationRejected, ErrorCategory.PermissionDenied,
            "Check both AE titles against the peer's configuration; its log says more."),
        AssociationAbortedException => (ErrorIds.AssociationAborted, ErrorCategory.ConnectionError,
            "Try again; the log of the peer says why the association ended."),
        DicomStatusException => (ErrorIds.StatusFailure, ErrorCategory.InvalidResult,
            "The peer understood the request and refused it; its log says more."),
        AnswerSpoolException => (ErrorIds.AnswersTooMany, ErrorCategory.LimitsExceeded, AnswerSpoolException.Remedy),
        DicomDataException => (ErrorIds.FileUnreadable, ErrorCategory.InvalidData, "Check that it is a whole DICOM file."),
        Json.DicomJsonException =>
            (ErrorIds.JsonInvalid, ErrorCategory.ParserError, "Check the text; PS3.18 F describes the DICOM JSON model."),
        DicomException dicom => ClassifyByStage(dicom),
        FileNotFoundException or DirectoryNotFoundException or System.IO.DriveNotFoundException =>
            (ErrorIds.FileNotFound, ErrorCategory.ObjectNotFound, "Check the path."),
        UnauthorizedAccessException =>
            (ErrorIds.AccessDenied, ErrorCategory.PermissionDenied, "Check the permissions of the file or folder."),
        SocketException socket => ClassifySocket(socket),
        IOException => (ErrorIds.ReadWriteFailed, ErrorCategory.ReadError, "Check the disk and the file; another program may hold it."),
        CryptographicException => (ErrorIds.CertificateInvalid, ErrorCategory.SecurityError,
            "Check the certificate, its private key and its password."),
        ArgumentException or FormatException =>
            (ErrorIds.ArgumentInvalid, ErrorCategory.InvalidArgument, "Correct the value; Get-Help tells what the parameter takes."),
        _ => Other,
    };

    private static (string Id, ErrorCategory Category, string Advice) ClassifyByStage(DicomException failure) => failure.Stage switch
    {
        DicomStage.NameLookup => (ErrorIds.NameLookupFailed, ErrorCategory.ResourceUnavailable,
            "Check the spelling of the host name, or use its IP address."),
        DicomStage.Tcp when failure.InnerException is SocketException socket => ClassifySocket(socket),
        DicomStage.Tcp => (ErrorIds.ConnectionFailed, ErrorCategory.ConnectionError, "Check host, port and network."),
        DicomStage.Tls or DicomStage.Association => ((failure as DicomNetworkException)?.Problem ?? NetworkProblem.None) switch
        {
            NetworkProblem.CertificateRejected => (ErrorIds.CertificateRejected, ErrorCategory.SecurityError,
                "Trust the certificate's issuer, or name its thumbprint with -TrustedThumbprint."),
            NetworkProblem.TlsHandshake => (ErrorIds.TlsFailed, ErrorCategory.SecurityError,
                "Compare the TLS versions, ciphers and certificates of both sides."),
            NetworkProblem.TlsMismatch => (ErrorIds.TlsMismatch, ErrorCategory.ProtocolError,
                "Call it with or without -Tls; Set-DicomNode NAME -Tls, or -Tls:$false, keeps it for a registered node."),
            NetworkProblem.ForeignProtocol => (ErrorIds.PeerNotDicom, ErrorCategory.ProtocolError, "Check host and port."),
            _ => Other,
        },
        DicomStage.PresentationContext => (ErrorIds.PresentationContextRejected, ErrorCategory.NotImplemented,
            "Ask the peer's administrator to allow this service for this AE title."),
        DicomStage.Dimse => (ErrorIds.StatusFailure, ErrorCategory.InvalidResult,
            "The peer understood the request and refused it; its log says more."),
        DicomStage.File when failure.InnerException is { } inner and (IOException or UnauthorizedAccessException) => Classify(inner),
        DicomStage.File => (ErrorIds.FileUnreadable, ErrorCategory.InvalidData, "Check that it is a whole DICOM file."),
        _ => Other,
    };

    private static (string Id, ErrorCategory Category, string Advice) ClassifySocket(
        SocketException failure) => failure.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => (ErrorIds.ConnectionRefused, ErrorCategory.ConnectionError,
                "Check the port, and that the DICOM service is running there."),
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain =>
                (ErrorIds.NameLookupFailed, ErrorCategory.ResourceUnavailable,
                    "Check the spelling of the host name, or use its IP address."),
            SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.NetworkDown =>
                (ErrorIds.HostUnreachable, ErrorCategory.ConnectionError, "Check the address, the network and the firewalls between."),
            SocketError.AddressAlreadyInUse =>
                (ErrorIds.PortInUse, ErrorCategory.ResourceBusy,
                    "Choose another -Port, or 0 for any free one; Get-DicomStorageScp and Get-DicomScp show the servers of this session."),
            SocketError.AccessDenied => (ErrorIds.PortDenied, ErrorCategory.PermissionDenied,
                "Ports below 1024 need more rights on most systems: choose a port such as 11112."),
            SocketError.AddressNotAvailable => (ErrorIds.AddressNotAvailable, ErrorCategory.InvalidArgument,
                "Choose an address of this machine."),
            _ => (ErrorIds.ConnectionFailed, ErrorCategory.ConnectionError, "Check host, port and network."),
        };

    private static string Capital(string name) => name.Length == 0 ? "" : char.ToUpperInvariant(name[0]) + name.Substring(1);
}
