using System.Management.Automation;
using System.Security.Cryptography.X509Certificates;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Auditing;
using DicomPS.Compatibility;
using DicomPS.Tracing;

namespace DicomPS.Cmdlets;

/// <summary>
/// The base of the cmdlets that speak DICOM, as a caller or as a listener: the certificate of this side and those of its peers, and
/// where the traffic is written down.
/// </summary>
public abstract class ConnectionCmdlet : DicomCmdlet
{
    private WireTrace? _trace;
    private X509Certificate2? _own;
    private bool _isDecided, _hasLooked;

    /// <summary>
    /// The certificate of this side, with its private key: what a listener shows, and what a caller shows when it is asked.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public X509Certificate2? Certificate { get; set; }

    /// <summary>The thumbprint of such a certificate in the certificate store of the user or the machine.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CertificateThumbprint { get; set; }

    /// <summary>Thumbprints of the certificates of peers that are taken, and no others. Peers of a listener must show one then.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? TrustedThumbprint { get; set; }

    /// <summary>
    /// Certificates of authorities, or files of them: what one of them issued to a peer is taken, whatever the system trusts. Peers of a
    /// listener must show one then. Revocation is not looked up.
    /// </summary>
    [Parameter]
    [CertificateTransform]
    [ValidateNotNullOrEmpty]
    public X509Certificate2[]? TrustedAuthority { get; set; }

    /// <summary>
    /// Of the certificates that an authority vouches for, those that are taken: subjects, common names or DNS names, with wildcards. Peers
    /// of a listener must show one then.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? TrustedSubject { get; set; }

    /// <summary>Which versions and cipher suites of TLS are spoken; those of the system unless told.</summary>
    [Parameter]
    public TlsProfile TlsProfile { get; set; }

    /// <summary>The file that the decoded traffic is appended to.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TracePath { get; set; }

    /// <summary>Shows patients' data in the trace.</summary>
    [Parameter]
    public SwitchParameter IncludePatientData { get; set; }

    /// <summary>The certificate of this side; null when none is named.</summary>
    private protected X509Certificate2? OwnCertificate()
    {
        if (_hasLooked)
            return _own;
        _own = Certificates.Find(Certificate, CertificateThumbprint);
        _hasLooked = true;
        foreach (var problem in _own is null ? [] : CertificateHealth.Problems(_own, DateTimeOffset.Now))
            WriteWarning(problem);
        return _own;
    }

    /// <summary>Whether peers must be vouched for by more than the system.</summary>
    private protected bool NamesTrusted => TrustedThumbprint is not null || TrustedAuthority is not null || TrustedSubject is not null;

    /// <summary>
    /// What a call to a node that speaks TLS is changed to: it shows the certificate of this side, and takes those of the trusted peers
    /// alone.
    /// </summary>
    private protected Func<AssociationOptions, AssociationOptions> CallSettings()
    {
        var own = OwnCertificate();
        var (trusted, authorities, subjects, profile) = (TrustedThumbprint, TrustedAuthority, TrustedSubject, TlsProfile);
        return call => call.Tls is not { } tls ? call : call with
        {
            Tls = tls with
            {
                ClientCertificates = own is null ? tls.ClientCertificates : [own],
                PinnedThumbprints = trusted ?? tls.PinnedThumbprints,
                Authorities = authorities ?? tls.Authorities,
                Subjects = subjects ?? tls.Subjects,
                Validation = trusted is null ? tls.Validation : TlsValidation.Pinned,
                Profile = profile,
            },
        };
    }

    /// <summary>How a listener speaks TLS; null when no certificate is named.</summary>
    private protected TlsServerOptions? ListenerTls()
    {
        if (OwnCertificate() is not { } own)
            return null;
        return new TlsServerOptions
        {
            Certificate = own,
            RequireClientCertificate = NamesTrusted,
            Validation = TrustedThumbprint is null ? TlsValidation.System : TlsValidation.Pinned,
            PinnedThumbprints = TrustedThumbprint ?? [],
            Authorities = TrustedAuthority ?? [],
            Subjects = TrustedSubject ?? [],
            Profile = TlsProfile,
        };
    }

    /// <summary>How a listener speaks TLS on which peers call back; a certificate must be named.</summary>
    private protected TlsServerOptions? CallbackTls()
    {
        if (ListenerTls() is { } tls)
            return tls;
        Terminate(new ModuleException(ErrorIds.CertificateInvalid, ErrorCategory.InvalidArgument,
            "-LocalTls needs a certificate to show to the peer that calls back, and none was named.",
            "Name one, with its private key, with -Certificate or -CertificateThumbprint.", null), MyInvocation.MyCommand.Name);
        return null;
    }

    /// <summary>
    /// The audit trail that was asked for; null for none. Whoever gets it disposes of it. On the pipeline thread.
    /// </summary>
    /// <param name="target">What was written.</param>
    private protected AuditTrail? OpenAudit(string? target)
    {
        if (target is null || IsWhatIf)
            return null;
        try
        {
            var isSyslog = target.StartsWith("syslog", StringComparison.OrdinalIgnoreCase) && target.Contains("://");
            var parsed = AuditTarget.Parse(isSyslog ? target : SessionState.Path.GetUnresolvedProviderPathFromPSPath(target));
            if (parsed.Transport == AuditTransport.File)
            {
                TellIfOpen(parsed.Place);
                // What cannot be written at all is known at once; what stops being written later stops nothing.
                PrivateFiles.Open(parsed.Place, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete).Dispose();
            }

            return new AuditTrail(parsed);
        }
        catch (Exception problem) when (problem is ArgumentException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            Terminate(new ModuleException(ErrorIds.AuditUnusable,
                problem is ArgumentException ? ErrorCategory.InvalidArgument : ErrorCategory.OpenError,
                $"The audit trail '{target}' cannot be used: {problem.Message}",
                "Name a file in a folder that exists, or syslog://HOST, syslog+tcp://HOST or syslog+tls://HOST.", target, problem), target);
            return null;
        }
    }

    /// <summary>Whether the associations end before the cmdlet does, so that -Verbose and -Debug can tell of them.</summary>
    private protected virtual bool TellsStory => true;

    /// <summary>The trace that was asked for, made and checked when it is first needed; null for none. On the pipeline thread.</summary>
    private protected WireTrace? Trace()
    {
        if (_isDecided)
            return _trace;
        _isDecided = true;
        if (IncludePatientData && TracePath is null)
            WriteWarning("-IncludePatientData does nothing without -TracePath.");
        var options = new WireTraceOptions
        {
            Path = TracePath is null || IsWhatIf ? null : TraceFile(TracePath),
            Title = MyInvocation.MyCommand.Name,
            IncludePatientData = IncludePatientData,
            Story = TellsStory && Wants("Verbose") ? Note : null,
            Commands = TellsStory && Wants("Debug") ? NoteDebug : null,
        };
        if (options.Path is null && options.Story is null && options.Commands is null)
            return null;
        var made = new WireTrace(options);
        made.Failed += problem => NoteWarning(problem.Message);
        if (options.Path is { } file)
            TellIfOpen(file);
        try
        {
            made.Check();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            var isFolder = Directory.Exists(options.Path);
            Terminate(Unusable(isFolder ? $"The trace file '{options.Path}' is a folder."
                : $"The trace file '{options.Path}' cannot be written: {e.Message}",
                isFolder || e is not UnauthorizedAccessException ? ErrorCategory.OpenError : ErrorCategory.PermissionDenied,
                isFolder ? "Name a file in it." : "Nothing was sent. Name a file in a folder that exists and may be written to.", e),
                options.Path);
        }

        return _trace = made;
    }

    private string TraceFile(string path)
    {
        var file = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
        if (provider.Name != "FileSystem")
            Terminate(Unusable($"The trace file '{path}' is not in the file system.", ErrorCategory.InvalidArgument, "Name a file.", null),
                path);
        return file;
    }

    private static ModuleException Unusable(string message, ErrorCategory category, string advice, Exception? inner) =>
        new(ErrorIds.TraceUnusable, category, message, advice, null, inner);
}
