using DicomPS.Associations;

namespace DicomPS.Scp;

/// <summary>The request of one association whose handler runs beside the reading, if there is one.</summary>
internal sealed class RunningService(Association association, CancellationToken idling, CancellationToken aborting)
{
    private CancellationTokenSource? _cancel;
    private Task _task = Task.CompletedTask;
    private ushort _messageId;
    private CancellationTokenRegistration _wake;

    public bool IsRunning => !_task.IsCompleted;

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
