using System.Diagnostics;
using System.Globalization;
using System.Text;
using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Pdus;

namespace DicomPS.Tracing;

/// <summary>One association under a trace: puts both directions into the order in which they were seen.</summary>
internal sealed class TracedAssociation
{
    private const int DatasetPrefix = 64 * 1024;
    private const int MaskedHex = 16;
    private const int OpenHex = 64;
    private const string Inner = "    ";

    private readonly object _gate = new();
    private readonly WireTrace _trace;
    private readonly int _number;
    private readonly string _peer;
    private readonly WireStream _sent;
    private readonly WireStream _received;
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly Dictionary<byte, string> _syntaxes = [];
    private AssociateRq? _request;
    private long _messages;
    private bool _isClosed;

    public TracedAssociation(WireTrace trace, int number, string peer)
    {
        _trace = trace;
        _number = number;
        _peer = peer;
        _sent = new WireStream(true, this, Prefix);
        _received = new WireStream(false, this, Prefix);
        if (trace.HasFile)
            Guard(
                () => Write(FormattableString.Invariant($"connection with {TraceText.Clean(peer)}, {DateTime.Now:yyyy-MM-dd}"), "---", []));
    }

    public void Step(AssociationEvent step) => Guard(() =>
    {
        // An address that was given as such was not looked up.
        if (step.Kind == AssociationEventKind.NameResolved && step.Text == $"{step.Address} is {step.Address}")
            return;
        if (_trace.Options.Story is { } story)
        {
            if (step.Pdu is AssociateRq asked)
                _request ??= asked;
            foreach (var line in AssociationStory.Of(step, _request))
                story($"{_peer} #{_number}: {line}");
        }

        // What the PDUs tell themselves is not said twice.
        if (step.Kind is AssociationEventKind.NameResolved or AssociationEventKind.Connected or AssociationEventKind.TlsEstablished
            or AssociationEventKind.Aborted)
            Write(step.Text, "---", []);
    });

    public void Bytes(bool isSent, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            try
            {
                (isSent ? _sent : _received).Append(bytes);
            }
            catch (Exception problem)
            {
                // Whatever it is: a trace may fail, the traffic may not.
                _trace.End(problem);
            }
        }
    }

    public void Closed(Exception? problem)
    {
        Guard(() =>
        {
            if (problem is not null)
            {
                Write($"no connection: {problem.Message}", "---", []);
                _trace.Options.Story?.Invoke($"{_peer} #{_number}: {TraceText.Clean(problem.Message, 500)}");
            }

            foreach (var (isSent, open) in new[] { (true, _sent.Open), (false, _received.Open) })
            {
                if (open is not null)
                    LeftOpen(isSent, open);
            }

            var seconds = (Stopwatch.GetTimestamp() - _began) / (double)Stopwatch.Frequency;
            var (sent, received) = (TraceText.Bytes(_sent.Count), TraceText.Bytes(_received.Count));
            Write(FormattableString.Invariant(
                $"closed after {seconds:0.000} s: {sent} sent, {received} received, {_messages} messages"), "---", []);
        });
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
        }

        _trace.Release();
    }

    /// <summary>A whole PDU that is no P-DATA-TF.</summary>
    public void Pdu(bool isSent, Pdu pdu, int length)
    {
        switch (pdu)
        {
            case AssociateRq request:
                _request = request;
                break;
            case AssociateAc accept:
                foreach (var context in accept.PresentationContexts.Where(context => context.Result == 0))
                    _syntaxes[context.Id] = context.TransferSyntax;
                break;
        }

        if (!_trace.HasFile)
            return;
        var lines = PduLines.Of(pdu, _request).ToArray();
        Write($"{lines[0]}; {TraceText.Bytes(length)}", Arrow(isSent), lines.Skip(1));
    }

    /// <summary>A dataset that is longer than what is kept of it: what is kept is told now, the rest counted.</summary>
    public void Begun(bool isSent, WireMessage message)
    {
        if (!_trace.HasFile || message.IsCommand)
            return;
        Write($"dataset, context {message.ContextId}, its first {TraceText.Bytes(message.Prefix.Length)}", Arrow(isSent),
            Dataset(message, isWhole: false));
        message.IsTold = true;
    }

    /// <summary>A command or dataset that is complete.</summary>
    public void Ended(bool isSent, WireMessage message)
    {
        if (message.IsCommand)
            EndCommand(isSent, message);
        else if (!_trace.HasFile)
            return;
        else if (message.IsTold)
            Write($"dataset, context {message.ContextId}, ends: {message}", Arrow(isSent), []);
        else
            Write($"dataset, context {message.ContextId}: {message}", Arrow(isSent), Dataset(message, isWhole: !message.IsFull));
    }

    /// <summary>A command or dataset that does not end: the connection did, or something else came in between.</summary>
    public void LeftOpen(bool isSent, WireMessage message) =>
        Write($"{(message.IsCommand ? "command" : "dataset")}, context {message.ContextId}, breaks off after {message}", Arrow(isSent), []);

    /// <summary>Bytes that are no PDU; nothing that follows in this direction can be decoded.</summary>
    public void Broken(bool isSent, string problem, ReadOnlySpan<byte> bytes) =>
        Write($"not decodable from here on: {problem}", Arrow(isSent),
            [$"it begins with {TraceText.Hex(bytes, _trace.Options.IncludePatientData ? OpenHex : MaskedHex)}"]);

    private int Prefix(WireMessage message) => message.IsCommand ? CommandReader.MaximumLength : _trace.HasFile ? DatasetPrefix : 0;

    private void EndCommand(bool isSent, WireMessage message)
    {
        _messages++;
        CommandSet? command = null;
        string title;
        try
        {
            command = CommandReader.Decode(message.Prefix.Span);
            title = CommandText.Title(command);
        }
        catch (DicomDataException problem)
        {
            title = $"command that cannot be decoded: {problem.Message}";
        }

        _trace.Options.Commands?.Invoke(
            $"{_peer} #{_number} {Arrow(isSent)} {(command is null ? TraceText.Clean(title) : CommandText.Describe(command))}");
        if (!_trace.HasFile)
            return;
        if (command is { IsResponse: true })
            title += $": {CommandText.Status(command)}";
        Write($"{title}; context {message.ContextId}, command, {message}", Arrow(isSent),
            DatasetLines.Of(message.Prefix, Uids.ImplicitVRLittleEndian, !message.IsFull, _trace.Options.IncludePatientData));
    }

    private IEnumerable<string> Dataset(WireMessage message, bool isWhole)
    {
        if (!_syntaxes.TryGetValue(message.ContextId, out var syntax))
            return ["not decoded: the context was not accepted"];
        return new[] { TraceText.Uid(syntax) }.Concat(DatasetLines.Of(message.Prefix, syntax, isWhole, _trace.Options.IncludePatientData));
    }

    private static string Arrow(bool isSent) => isSent ? "-->" : "<--";

    private void Write(string text, string arrow, IEnumerable<string> lines)
    {
        if (!_trace.HasFile)
            return;
        var number = $"#{_number.ToString(CultureInfo.InvariantCulture)} ";
        var builder = new StringBuilder(number);
        builder.Append(DateTime.Now.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture)).Append(' ').Append(arrow).Append(' ')
            .Append(TraceText.Clean(text, 1000)).Append(Environment.NewLine);
        foreach (var line in lines)
            builder.Append(number).Append(Inner).Append(line).Append(Environment.NewLine);
        _trace.Write(builder.ToString());
    }

    private void Guard(Action write)
    {
        lock (_gate)
        {
            try
            {
                if (!_isClosed)
                    write();
            }
            catch (Exception problem)
            {
                _trace.End(problem);
            }
        }
    }
}
