using System.Threading.Channels;
using DicomPS.Associations;
using DicomPS.Dimse;

namespace DicomPS.Scp;

/// <summary>The request of one association whose handler runs beside the reading, if there is one.</summary>
internal sealed class RunningService(Association association, CancellationToken idling, CancellationToken aborting)
{
    private CancellationTokenSource? _cancel;
    private Task _task = Task.CompletedTask;
    private ushort _messageId;
    private CancellationTokenRegistration _wake;

    // Without an operations window a handler awaits one response at a time; more are the peer's mistake and are forgotten.
    private readonly Channel<CommandSet> _responses = Channel.CreateBounded<CommandSet>(
        new BoundedChannelOptions(16) { FullMode = BoundedChannelFullMode.DropOldest });

    public bool IsRunning => !_task.IsCompleted;

    public ChannelReader<CommandSet> Responses => _responses.Reader;

    public void Deliver(CommandSet response)
    {
        if (IsRunning)
            _responses.Writer.TryWrite(response);
    }

    public void Start(ushort messageId, Func<CancellationToken, Task> run)
    {
        var cancel = _cancel = CancellationTokenSource.CreateLinkedTokenSource(aborting);
        _messageId = messageId;
        association.BeginService();
        _task = Task.Run(async () =>
        {
            try
            {
                await run(cancel.Token).ConfigureAwait(false);
            }
            finally
            {
                association.EndService();
            }

            // The reading waits without an eye on the stop while a request is served; so this wakes it.
            _wake = idling.Register(() => _ = association.AbortAsync());
        }, CancellationToken.None);
    }

    public void Cancel(ushort messageId)
    {
        if (IsRunning && messageId == _messageId)
            _cancel!.Cancel();
    }

    /// <summary>Waits for the handler; what it throws is thrown here.</summary>
    public async Task FinishAsync()
    {
        await _task.ConfigureAwait(false);
        _wake.Dispose();
        _cancel?.Dispose();
        _cancel = null;
    }

    /// <summary>The association is over: the handler is cancelled and waited for, whatever becomes of it.</summary>
    public async Task EndAsync()
    {
        _cancel?.Cancel();
        _responses.Writer.TryComplete();
        try
        {
            await FinishAsync().ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is OperationCanceledException or DicomException)
        {
            // There is nobody left to answer; the reading side has told already why the association ended.
        }
    }
}
