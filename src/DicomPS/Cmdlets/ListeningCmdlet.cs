using System.Management.Automation;
using System.Net;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Compatibility;
using DicomPS.Scp;
using DicomPS.Scripts;
using DicomPS.Serving;

namespace DicomPS.Cmdlets;

/// <summary>The base of the cmdlets that start a server: where it listens, whom it lets in, and what it gets wrong on purpose.</summary>
public abstract class ListeningCmdlet : ConnectionCmdlet
{
    /// <summary>The port to listen on; 0 picks a free one.</summary>
    [Parameter(Position = 1)]
    [ValidateRange(0, 65535)]
    public int Port { get; set; } = DicomNode.DefaultPort;

    /// <summary>The server's own AE title.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AETitleCompleter))]
    public string AETitle { get; set; } = DicomNode.DefaultCallingAETitle;

    /// <summary>The local address to listen on; all of them without it.</summary>
    [Parameter]
    [ValidateNotNull]
    public IPAddress? Address { get; set; }

    /// <summary>
    /// Who may call, and for what: texts (TITLE@ADDRESS:SERVICES) or hashtables. Who fits none is refused; without it anyone may do
    /// everything.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [AllowTransform]
    [ArgumentCompleter(typeof(AllowCompleter))]
    public AccessRule[]? Allow { get; set; }

    /// <summary>The AE titles that may call, for everything: a short form of -Allow; anyone without either.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AETitleCompleter))]
    public string[]? AllowedCallingAETitle { get; set; }

    /// <summary>
    /// Proves users: $true, or the name of the user, lets the caller in; anything else refuses it. Who names none gets in by a rule of
    /// -Allow with User = 'None' alone.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? OnIdentity { get; set; }

    /// <summary>
    /// The file of users, as Set-DicomUser writes it, that names and passcodes are held against. Who names none gets in by a rule of
    /// -Allow with User = 'None' alone.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UserFile { get; set; }

    /// <summary>Refuses peers that do not call the server by its AE title.</summary>
    [Parameter]
    public SwitchParameter RequireCalledAETitle { get; set; }

    /// <summary>
    /// The SOP classes that are taken of those that the server serves, by keyword, name or UID, with wildcards; others are refused in the
    /// association, Verification too.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServedClassCompleter))]
    public string[]? SOPClass { get; set; }

    /// <summary>
    /// The transfer syntaxes that are taken, by keyword, name or UID, with wildcards; contexts without one of them are refused.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(TransferSyntaxCompleter))]
    public string[]? TransferSyntax { get; set; }

    /// <summary>How many associations are served at once; further ones are refused for the moment.</summary>
    [Parameter]
    [ValidateRange(1, 10_000)]
    public int MaximumAssociations { get; set; } = 64;

    /// <summary>The largest dataset taken, in bytes; 2GB and the like work.</summary>
    [Parameter]
    [ValidateRange(1L, long.MaxValue)]
    public long MaximumObjectBytes { get; set; } = long.MaxValue;

    /// <summary>The longest P-DATA-TF PDU taken, in bytes; 0 is no limit.</summary>
    [Parameter]
    public uint MaximumPduLength { get; set; } = AssociationDefaults.MaximumPduLength;

    /// <summary>The longest silence on an association before it is aborted: seconds or a TimeSpan, 0 for no limit.</summary>
    [Parameter]
    [SecondsTransform]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The fewest bytes a second that a message must come with, averaged over a minute; 0 for no limit. However long it takes in all.
    /// </summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long MinimumRate { get; set; } = 500;

    /// <summary>
    /// Mistakes to make on purpose, to test the software that calls: a hashtable with RefuseAssociation, AbortAfter, DelayMilliseconds,
    /// FailEvery, FailStatus or DropAfterBytes.
    /// </summary>
    [Parameter]
    [FaultTransform]
    [ArgumentCompleter(typeof(FaultCompleter))]
    public FaultPlan? Fault { get; set; }

    /// <summary>
    /// Where who stored, asked for, got and was refused what is written down, patients named: a file (.xml for DICOM audit messages,
    /// otherwise lines of JSON), syslog://host, syslog+tcp://host or syslog+tls://host.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Audit { get; set; }

    /// <summary>Stays until Ctrl+C or SIGTERM, and then stops the server in order.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long requests in flight may take when -Wait ends: seconds or a TimeSpan. Then they are aborted.</summary>
    [Parameter]
    [SecondsTransform(KeepZero = true)]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(30);

    // The server goes on when the cmdlet has ended, and nobody could write its lines.
    private protected override bool TellsStory => false;

    private const string OpenAdvice =
        "-Allow says who may do what, -Address 127.0.0.1 keeps it to this machine (about_DicomPS_Security).";

    // Beside the grace: closing the index, and associations that are aborted.
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(15);

    /// <summary>What whoever gets in may do, in words.</summary>
    private protected abstract string CallersMay { get; }

    /// <summary>Where it listens, in words.</summary>
    private protected string Where => Port == 0 ? "a free port" : $"port {Port}";

    /// <summary>The options of the engine.</summary>
    private protected DicomServerOptions Listening()
    {
        NodeArgument.CheckAETitle(AETitle);
        Array.ForEach(AllowedCallingAETitle ?? [], NodeArgument.CheckAETitle);
        var tls = ListenerTls();
        // Whoever asks for a profile of TLS, or for peers that show who they are, is not to have plain DICOM unawares.
        if (tls is null && (TlsProfile != TlsProfile.Compatible || TrustedAuthority is not null || TrustedSubject is not null))
        {
            Terminate(new ModuleException(ErrorIds.CertificateInvalid, ErrorCategory.InvalidArgument,
                "The server would speak plain DICOM: -TlsProfile, -TrustedAuthority and -TrustedSubject need a certificate to show.",
                "Name one, with its private key, with -Certificate or -CertificateThumbprint.", null), MyInvocation.MyCommand.Name);
        }

        CheckRules(tls);
        var (check, closed) = Identity();
        return new DicomServerOptions
        {
            Identity = check,
            Closed = closed,
            AETitle = AETitle,
            Address = Address,
            Port = Port,
            CheckCalledAETitle = RequireCalledAETitle,
            AllowedCallingAETitles = AllowedCallingAETitle,
            Allow = Allow,
            SopClasses = ChosenUids.SopClasses(SOPClass),
            TransferSyntaxes = ChosenUids.TransferSyntaxes(TransferSyntax),
            MaximumAssociations = MaximumAssociations,
            MaximumPduLength = MaximumPduLength,
            IdleTimeout = IdleTimeout,
            LeastRate = MinimumRate,
            Faults = Fault,
            Wire = Trace(),
            Audit = OpenAudit(Audit),
            Tls = Allow?.Any(rule => rule.Thumbprints.Count > 0) == true && !tls!.RequireClientCertificate
                ? tls with { AsksForClientCertificate = true, Validation = TlsValidation.AcceptAny } : tls,
        };
    }

    private void CheckRules(TlsServerOptions? tls)
    {
        if (Allow?.FirstOrDefault(rule => rule.Thumbprints.Count > 0) is { } certified && tls is null)
        {
            Terminate(RuleInvalid($"The rule '{certified}' of -Allow wants a certificate of its callers, and this server speaks plain TCP.",
                "Give the server a certificate with -Certificate or -CertificateThumbprint; then it speaks TLS.", certified), certified);
        }

        if (OnIdentity is null && UserFile is null && Allow?.FirstOrDefault(rule => rule.Users.Count > 0) is { } named)
        {
            Terminate(RuleInvalid($"The rule '{named}' of -Allow names users, and this server checks none.",
                "Give the server -UserFile or -OnIdentity, or leave User out of the rule.", named), named);
        }

        foreach (var title in AllowedCallingAETitle ?? [])
        {
            if (Allow?.FirstOrDefault(rule => rule.Titles.Contains(title)) is { } rule)
                WriteWarning(
                    $"-AllowedCallingAETitle {title} lets {title} do everything from anywhere, so the rule '{rule}' limits nothing.");
        }
    }

    private (IdentityCheck? Check, Func<ValueTask>? Closed) Identity()
    {
        if (OnIdentity is { } written)
        {
            if (UserFile is not null)
                Terminate(new ArgumentException("-OnIdentity and -UserFile both say who a user is: give one of them."), UserFile);
            var values = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
            var block = HandlerBlock.From(nameof(OnIdentity), written, values, name => SessionState.PSVariable.Get(name));
            var identity = new IdentityBlock(block, HandlerSession.Of(this, values));
            return (identity.CheckAsync, identity.CloseAsync);
        }

        if (UserFile is null)
            return (null, null);
        var path = UserFiles.Resolve(this, UserFile);
        var users = new UserFile(path);
        try
        {
            users.Names();
        }
        catch (DicomException e)
        {
            Terminate(UserFiles.Unusable(e, path), path);
        }

        return ((_, identity, token) => users.CheckAsync(identity, token), null);
    }

    private static ModuleException RuleInvalid(string message, string advice, AccessRule rule) =>
        new(ErrorIds.AccessRuleInvalid, ErrorCategory.InvalidArgument, message, advice, rule);

    /// <summary>Writes a server that was started; with -Wait, stays with it until it is to end and stops it then.</summary>
    /// <param name="server">The server.</param>
    /// <param name="then">What else is to be said of the start.</param>
    private protected void Hand(RunningServer server, Action? then = null)
    {
        TellAccess(server);
        if (!Wait)
        {
            WriteObject(server);
            then?.Invoke();
            return;
        }

        using var signals = new EndSignals();
        try
        {
            WriteObject(server);
            then?.Invoke();
            var ends = new[] { StopToken.WaitHandle, signals.Handle };
            while (server.GetState() == ServerState.Running && WaitHandle.WaitAny(ends, Tick) == WaitHandle.WaitTimeout)
                Tell(server);
        }
        finally
        {
            // Also when what takes our output has had enough. SIGTERM is meant for the process, so for all of its servers.
            var all = signals.Came ? RunningServer.All.Append(server).Distinct() : [server];
            Task.WaitAny([Task.WhenAll(all.Select(one => one.StopAsync(StopTimeout)))], Bounded(StopTimeout));
        }

        Tell(server);
        WriteVerbose($"Stopped: {server}, {server.Associations} association(s) in all.");
        if (signals.Came)
            Host.SetShouldExit(0);
    }

    // Whoever types the command at a prompt is warned. A script goes on as it did: it may treat warnings as errors, or read what it is
    // told, and the property Access, -Verbose and the log of a service have it as well.
    private void TellAccess(RunningServer server)
    {
        var access = $"{server} lets in: {server.Access}.";
        if (!server.IsOpenToNetwork)
            WriteVerbose(access);
        else if (IsTyped)
            WriteWarning($"{server} lets in anyone who reaches this machine, to {CallersMay}. {OpenAdvice}");
        else
            WriteVerbose($"{access} {OpenAdvice}");
    }

    private bool IsTyped
    {
        get
        {
            try
            {
                return string.IsNullOrEmpty(MyInvocation.ScriptName) && !Console.IsInputRedirected && !Console.IsOutputRedirected;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }

    private static TimeSpan Bounded(TimeSpan grace) =>
        TimeSpan.FromMilliseconds(Math.Min(grace.TotalMilliseconds + CloseTime.TotalMilliseconds, int.MaxValue));

    // Writes the messages of script blocks that Receive-DicomScp did not take, and for -Verbose the events of the server.
    private void Tell(RunningServer server)
    {
        WriteNotes();
        while (server is ScriptServer scripts && scripts.TryReceive(out var message))
        {
            // What concerns no request is an event, below.
            if (message.Operation is null)
                continue;
            if (message.Level is nameof(ServerMessageLevel.Error) or nameof(ServerMessageLevel.Warning))
                WriteWarning($"{message.CallingAETitle} {message.Operation}: {message.Message}".Trim(' ', ':'));
            else
                WriteVerbose($"{message.CallingAETitle} {message.Operation}: {message.Message}".Trim(' ', ':'));
        }

        if (!Wants("Verbose"))
            return;
        foreach (var happened in server.TakeNewEvents())
            WriteVerbose(happened.Advice is { } advice ? $"{happened} {advice}" : $"{happened}");
    }
}
