using System.Diagnostics.CodeAnalysis;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using DicomPS.Pdus;
using DicomPS.Scp;

namespace DicomPS.Scripts;

/// <summary>
/// The block of -OnIdentity: $true lets the user in that the caller names, a text lets it in under that name, anything else, an error too,
/// refuses it.
/// </summary>
/// <param name="block">The block.</param>
/// <param name="session">What its runspaces are made of.</param>
[SuppressMessage("Design", "CA1001", Justification = "CloseAsync closes what it holds, with its server.")]
internal sealed class IdentityBlock(HandlerBlock block, InitialSessionState session)
{
    private const int AtOnce = 4;
    private readonly RunspaceSet _runspaces = new(session, AtOnce);

    /// <summary>Closes the runspaces, with the server.</summary>
    public ValueTask CloseAsync() => _runspaces.DisposeAsync();

    /// <summary>Asks the block.</summary>
    public async ValueTask<string?> CheckAsync(Caller caller, UserIdentityRq identity, CancellationToken cancellationToken)
    {
        var asked = new DicomIdentity(caller, identity);
        var runspace = await _runspaces.RentAsync(cancellationToken).ConfigureAwait(false);
        var shell = PowerShell.Create();
        shell.Runspace = runspace;
        shell.AddScript(block.Script, useLocalScope: true).AddArgument(asked).AddArgument(Array.Empty<object>());
        var isUsable = true;
        var work = Task.Factory.FromAsync(shell.BeginInvoke(), shell.EndInvoke);
        try
        {
            // A block that does not end is left alone, and nobody waits for it.
            if (await Task.WhenAny(work, Task.Delay(Timeout.Infinite, cancellationToken)).ConfigureAwait(false) != work)
            {
                isUsable = false;
                shell.BeginStop(null, null);
                throw new DicomException("-OnIdentity did not answer in time.");
            }

            var answers = await work.ConfigureAwait(false);
            if (shell.Streams.Error.Count > 0)
                throw new DicomException($"-OnIdentity: {shell.Streams.Error[0]}", shell.Streams.Error[0].Exception);
            return Answer(answers.LastOrDefault()?.BaseObject, asked);
        }
        catch (RuntimeException thrown)
        {
            throw new DicomException($"-OnIdentity failed: {thrown.ErrorRecord?.ToString() ?? thrown.Message}", thrown);
        }
        finally
        {
            _runspaces.Return(runspace, isUsable && (!block.LeavesTraces || RunspaceSet.Reset(runspace)));
            _ = EndAsync(work, shell, isUsable ? null : runspace);
        }
    }

    private static async Task EndAsync(Task work, PowerShell shell, Runspace? unusable)
    {
        await Task.WhenAny(work).ConfigureAwait(false);
        shell.Dispose();
        if (unusable is { })
            RunspaceSet.Discard(unusable);
    }

    // Only what says yes is yes: a table, a number or a text that is empty is none.
    private static string? Answer(object? answer, DicomIdentity asked) => answer switch
    {
        true => asked.UserName ?? asked.Kind,
        string { Length: > 0 } name => name,
        _ => null,
    };
}
