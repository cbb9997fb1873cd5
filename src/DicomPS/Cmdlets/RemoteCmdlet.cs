using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Pdus;
using DicomPS.Scp;

namespace DicomPS.Cmdlets;

/// <summary>The base of the cmdlets that call a peer: who it is, how long to wait, and how to speak TLS.</summary>
public abstract class RemoteCmdlet : ConnectionCmdlet
{
    private readonly Dictionary<DicomNode, AssociationOptions> _options = [];
    private bool _hasWarned;

    /// <summary>The parameter set in which -Node names the peer.</summary>
    private protected const string ByNode = "Node";

    /// <summary>The parameter set in which -HostName names the peer.</summary>
    private protected const string ByHost = "HostName";

    /// <summary>The peer's host name or address.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByHost)]
    [Alias("ComputerName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(HostNameCompleter))]
    public virtual string HostName { get; set; } = "";

    /// <summary>The peer's port.</summary>
    [Parameter(ParameterSetName = ByHost)]
    [ValidateRange(1, 65535)]
    public virtual int Port { get; set; } = DicomNode.DefaultPort;

    /// <summary>The AE title that the peer knows itself by.</summary>
    [Parameter(ParameterSetName = ByHost)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AETitleCompleter))]
    [Alias("AETitle", "RemoteAETitle")]
    public virtual string CalledAETitle { get; set; } = "ANY-SCP";

    /// <summary>The AE title that the peer knows us by. Goes before the node's own.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AETitleCompleter))]
    [Alias("LocalAETitle")]
    public string? CallingAETitle { get; set; }

    /// <summary>The longest wait for each of name lookup, TCP connection and TLS handshake.</summary>
    [Parameter]
    [SecondsTransform]
    public TimeSpan ConnectTimeout { get; set; }

    /// <summary>The longest wait for the answer to the association request.</summary>
    [Parameter]
    [SecondsTransform]
    public TimeSpan AssociationTimeout { get; set; }

    /// <summary>The longest silence while an answer is owed.</summary>
    [Parameter]
    [SecondsTransform]
    public TimeSpan ResponseTimeout { get; set; }

    /// <summary>
    /// The longest wait for each of connection, association and answer, of a retrieve for each answer; -ConnectTimeout and its kin go
    /// before it.
    /// </summary>
    [Parameter]
    [SecondsTransform]
    public virtual TimeSpan Timeout { get; set; }

    /// <summary>Speaks TLS, also when the node does not say so.</summary>
    [Parameter]
    [Alias("UseTLS")]
    public SwitchParameter Tls { get; set; }

    /// <summary>
    /// Takes any certificate of the peer: encrypted, but anyone may sit in the middle. With -TrustedThumbprint, -TrustedAuthority or
    /// -TrustedSubject it means nothing.
    /// </summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>The user name and passcode that the peer is told (PS3.7 D.3.3.7). Use it with TLS: the passcode travels as it is.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>What -Timeout says for all waits; null where it was not given, or means something else.</summary>
    private protected virtual TimeSpan? AllWaits => Given(nameof(Timeout)) ? Timeout : null;

    /// <summary>The node that -HostName and its companions describe.</summary>
    private protected DicomNode NodeFromHost() =>
        NodeArgument.Create(null, CalledAETitle, HostName, Port, CallingAETitle, null, null, Tls);

    /// <summary>The node with what the command line says over what the registry says.</summary>
    private protected DicomNode WithOverrides(DicomNode node)
    {
        if (Tls || UsesTlsParameters)
            node = node with { Tls = true };
        if (CallingAETitle is null)
            return node;
        NodeArgument.CheckAETitle(CallingAETitle);
        return node with { CallingAETitle = CallingAETitle };
    }

    /// <summary>
    /// The options of an association with a node; made once, since a store of certificates may be looked through for them.
    /// </summary>
    private protected AssociationOptions OptionsFor(DicomNode node) =>
        _options.TryGetValue(node, out var known) ? known : _options[node] = MakeOptions(node);

    private AssociationOptions MakeOptions(DicomNode node)
    {
        var options = AssociationOptions.For(node);
        options = options with
        {
            ConnectTimeout = Given(nameof(ConnectTimeout)) ? ConnectTimeout : AllWaits ?? options.ConnectTimeout,
            AssociationTimeout = Given(nameof(AssociationTimeout)) ? AssociationTimeout : AllWaits ?? options.AssociationTimeout,
            ResponseTimeout = Given(nameof(ResponseTimeout)) ? ResponseTimeout : AllWaits ?? options.ResponseTimeout,
            Wire = Trace() is { } trace ? _ => trace.Tap(node.ToString()) : null,
        };
        options = CallSettings()(options);
        // Who names a certificate wants that one: a default value in $PSDefaultParameterValues must not undo it.
        if (SkipCertificateCheck && !NamesTrusted && options.Tls is { } tls)
            options = options with { Tls = tls with { Validation = TlsValidation.AcceptAny } };
        if (Credential is not null && options.Tls is null && !_hasWarned)
        {
            _hasWarned = true;
            WriteWarning($"The user name and passcode of -Credential travel to {node} as they are, without TLS: whoever is on the way "
                + "reads them. -Tls encrypts them.");
        }

        if (Credential is { } credential)
            options =
                options with { UserIdentity = UserIdentityRq.ForUser(credential.UserName, credential.GetNetworkCredential().Password) };
        return options;
    }

    /// <summary>How this side listens on a port that a peer calls back.</summary>
    /// <param name="node">The peer.</param>
    /// <param name="port">The port.</param>
    /// <param name="isTls">Whether it speaks TLS, as -LocalTls says.</param>
    /// <param name="allow">Who may call; null for anyone.</param>
    /// <param name="senders">Hosts beside that of the peer, for the rule <see cref="CallbackRules.Node"/>.</param>
    private protected DicomServerOptions CallbackServer(DicomNode node, int port, bool isTls, IReadOnlyList<AccessRule>? allow,
        IReadOnlyList<string> senders)
    {
        var tls = isTls ? CallbackTls() : null;
        if (allow is not null && CallbackRules.Mistake(allow, tls is not null) is { } mistake)
            Terminate(mistake, mistake.Target);
        return new DicomServerOptions
        {
            AETitle = node.CallingAETitle,
            Port = port,
            Tls = allow?.Any(rule => rule.Thumbprints.Count > 0) == true && !tls!.RequireClientCertificate
                ? tls with { AsksForClientCertificate = true, Validation = TlsValidation.AcceptAny } : tls,
            Wire = Trace(),
            Allow = allow is null ? null : Wait(token => CallbackRules.ResolveAsync(allow, [node.HostName, .. senders], token)),
        };
    }

    /// <summary>Whether a parameter was written on the command line or bound from the pipeline.</summary>
    private protected bool Given(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    private bool UsesTlsParameters => SkipCertificateCheck || Certificate is not null || CertificateThumbprint is not null
        || NamesTrusted || TlsProfile != TlsProfile.Compatible;
}
